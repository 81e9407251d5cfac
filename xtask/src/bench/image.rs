//! What `check --image` costs, measured against `tar -t` of the same layer in the same run.
//!
//! Whoever reads a packed layer has to unpack it: `tar` does that and prints names, `check` does it,
//! holds the layer against its digest, and judges what is in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, ensure};
use sha2::{Digest as _, Sha256};

use super::measure::{self, Cost};
use super::{quiet, word};

/// CPU time of `check` over that of `tar`, with what it unpacks by.
const CPU_GOAL: f64 = 1.0;
/// Peak memory of `check`, whatever the size of the image.
const MEMORY_GOAL: u64 = 64 << 20;
const FILE: usize = 1 << 20;

const NGINX: &str = "events {}\nhttp {\n  server {\n    listen 80;\n    location / {\n      \
                     fastcgi_read_timeout 20s;\n      fastcgi_pass unix:/run/php.sock;\n    }\n  }\n}\n";
const FPM: &str = "[www]\nlisten = /run/php.sock\npm = static\npm.max_children = 5\n\
                   request_terminate_timeout = 40s\n";

/// Writes an archive of one packed layer of so many bytes, and measures both programs in turn.
///
/// # Errors
/// When a program is missing or fails. A missed goal is an exit code, not an error.
pub(super) fn bench(checker: &Path, runs: usize, size: u64) -> Result<ExitCode> {
    let dir = super::target().join("bench-image");
    let _stale = fs::remove_dir_all(&dir);
    let made = make(&dir, size).and_then(|archive| measured(checker, &dir, &archive, runs));
    fs::remove_dir_all(&dir)?;
    let (theirs, own) = made?;
    let cpu = own.cpu.as_secs_f64() / theirs.cpu.as_secs_f64();
    println!(
        "\nan image of {} MB, medians of {runs} runs each, in turn\n",
        size >> 20
    );
    println!("                            CPU time   user       system     peak memory");
    println!("  tar -t (and gzip -d)      {theirs}");
    println!("  badgateway check --image  {own}");
    println!("  ratio                     {cpu:.2}\n");
    let (fast, small) = (cpu <= CPU_GOAL, own.peak <= MEMORY_GOAL);
    println!("  CPU time at most {CPU_GOAL:.1} x tar -t: {}", word(fast));
    println!(
        "  peak memory at most {} MB: {}",
        MEMORY_GOAL >> 20,
        word(small)
    );
    Ok(match fast && small {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn measured(checker: &Path, dir: &Path, archive: &Path, runs: usize) -> Result<(Cost, Cost)> {
    let mut judge = Command::new("tar");
    judge.arg("-tzf").arg(dir.join("layer.tar"));
    quiet(&mut judge);
    let mut ours = Command::new(checker);
    ours.args(["check", "--format", "concise", "--image"])
        .arg(archive);
    quiet(&mut ours);
    ensure!(judge.status()?.success(), "`tar` cannot read the layer");
    let said = ours.stdout(Stdio::piped()).output()?;
    ours.stdout(Stdio::null());
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    ensure!(
        said.status.code() == Some(1) && text.contains("read-timeout-below-terminate"),
        "`badgateway check --image` did not find the planted fault: {text}"
    );
    let (mut theirs, mut own) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        theirs.push(measure::run(&mut judge)?);
        own.push(measure::run(&mut ours)?);
    }
    Ok((Cost::median(&theirs), Cost::median(&own)))
}

/// Files that pack to about a half, as programs do.
fn make(dir: &Path, size: u64) -> Result<PathBuf> {
    let root = dir.join("root");
    for (path, text) in [("etc/nginx/nginx.conf", NGINX), ("etc/php-fpm.conf", FPM)] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&root))?;
        fs::write(path, text)?;
    }
    let mut state = 1_u64;
    let mut bytes = vec![0; FILE];
    for number in 0..size / FILE as u64 {
        for byte in &mut bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = b'a' + u8::try_from(state % 16).unwrap_or(0);
        }
        fs::create_dir_all(root.join("srv"))?;
        fs::File::create(root.join(format!("srv/{number}")))?.write_all(&bytes)?;
    }
    let tar = |args: &[&str]| -> Result<()> {
        let status = Command::new("tar").args(args).current_dir(dir).status()?;
        ensure!(status.success(), "`tar {}` fails", args.join(" "));
        Ok(())
    };
    tar(&["-czf", "layer.tar", "-C", "root", "etc", "srv"])?;
    fs::remove_dir_all(&root)?;
    // `docker save` has no digests of what is packed; a layout has.
    let mut digest = Sha256::new();
    std::io::copy(
        &mut fs::File::open(dir.join("layer.tar"))?,
        &mut Writing(&mut digest),
    )?;
    let blobs = dir.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let blob = |bytes: &[u8]| -> Result<String> {
        let hex = hex(&Sha256::digest(bytes));
        fs::write(blobs.join(&hex), bytes)?;
        Ok(format!("{{\"digest\":\"sha256:{hex}\"}}"))
    };
    let layer = hex(&digest.finalize());
    fs::hard_link(dir.join("layer.tar"), blobs.join(&layer))?;
    let config = blob(b"{}")?;
    let manifest =
        format!("{{\"config\":{config},\"layers\":[{{\"digest\":\"sha256:{layer}\"}}]}}");
    let manifest = blob(manifest.as_bytes())?;
    fs::write(
        dir.join("index.json"),
        format!("{{\"manifests\":[{manifest}]}}"),
    )?;
    tar(&["-cf", "image.tar", "index.json", "blobs"])?;
    Ok(dir.join("image.tar"))
}

struct Writing<'d>(&'d mut Sha256);

impl Write for Writing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
