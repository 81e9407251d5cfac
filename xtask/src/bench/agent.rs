//! What the agent costs: beside fifty pools, and by lines of logs, against mtail.
//!
//! No exporter of PHP-FPM's status is in a package registry, so that part has no rival: it is held
//! to the goal alone.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{measure, quiet, word};
use crate::run::find_program;

const POOLS: usize = 50;
const LINES: u64 = 1_000_000;
/// Each so manieth line is of a request that failed.
const FAILED: u64 = 200;
const SCRAPES: u32 = 200;
/// Goal for memory, in bytes.
const MOST_MEMORY: u64 = 30 << 20;

/// Measures and judges.
pub(super) fn bench(program: &Path, runs: usize) -> Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("badgateway-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let met = pools(program, &folder).and_then(|pools| Ok(logs(program, &folder, runs)? && pools));
    fs::remove_dir_all(&folder)?;
    Ok(if met? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A child that is ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let term = Command::new("kill").arg(self.0.id().to_string()).status();
        if term.is_err() {
            let _killed = self.0.kill();
        }
        let _reaped = self.0.wait();
    }
}

fn start_agent(program: &Path, args: &[&str]) -> Result<(Running, u16)> {
    let mut child = Command::new(program)
        .args(["agent", "--listen", "127.0.0.1:0"])
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let err = child.stderr.take().context("it is piped")?;
    let running = Running(child);
    let mut lines = BufReader::new(err).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let port = line.split("http://127.0.0.1:").nth(1)?;
        port.trim_end_matches('/').parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    Ok((running, port.context("the agent did not come up")?))
}

fn get(port: u16) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// The sum of the series that hold these parts.
fn value(text: &str, parts: &[&str]) -> f64 {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let fitting = lines.filter(|line| parts.iter().all(|part| line.contains(part)));
    fitting
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// Memory in bytes and processor time in seconds of a process, as the agent itself tells.
fn own(text: &str) -> (f64, f64) {
    (
        value(text, &["process_resident_memory_bytes "]),
        value(text, &["process_cpu_seconds_total "]),
    )
}

fn pools(program: &Path, folder: &Path) -> Result<bool> {
    let dir = folder.display();
    let fpm = ["php-fpm8.4", "php-fpm8.3", "php-fpm8.2", "php-fpm"];
    let fpm = fpm
        .iter()
        .find_map(|name| find_program(name))
        .context("php-fpm is not installed")?;
    let mut text = format!("[global]\nerror_log = {dir}/fpm.log\ndaemonize = no\n");
    for pool in 0..POOLS {
        let _infallible = write!(
            text,
            "[p{pool}]\nuser = www-data\nlisten = {dir}/p{pool}.sock\npm = static\npm.max_children = 1\n\
             pm.status_path = /status\n"
        );
    }
    let conf = folder.join("php-fpm.conf");
    fs::write(&conf, text)?;
    let mut command = Command::new(fpm);
    quiet(command.args(["-F", "-R", "-y"]).arg(&conf));
    let fpm = Running(command.spawn()?);
    let begin = Instant::now();
    while !fs::read_to_string(folder.join("fpm.log"))
        .is_ok_and(|log| log.contains("ready to handle"))
    {
        ensure!(
            begin.elapsed() < Duration::from_secs(20),
            "php-fpm did not come up"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let conf = conf.display().to_string();
    let (agent, port) = start_agent(program, &[&conf, "--no-state", "--interval", "1s"])?;
    let begin = Instant::now();
    #[expect(clippy::cast_precision_loss, reason = "fifty")]
    while value(&get(port)?, &["phpfpm_up{"]) < POOLS as f64 {
        if begin.elapsed() > Duration::from_secs(20) {
            bail!("not all pools answer");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let idle = (Instant::now(), own(&get(port)?).1);
    std::thread::sleep(Duration::from_secs(20));
    let (_, cpu) = own(&get(port)?);
    let looks = idle.0.elapsed().as_secs_f64();
    let per_look = (cpu - idle.1) / looks;
    let before = cpu;
    for _ in 0..SCRAPES {
        get(port)?;
    }
    let (memory, after) = own(&get(port)?);
    // What the looks meanwhile cost is small beside this, and counted with it.
    let per_scrape = (after - before) / f64::from(SCRAPES);
    drop(agent);
    drop(fpm);
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let met = memory < MOST_MEMORY as f64;
    println!(
        "agent beside {POOLS} pools: {:.1} MB of memory (goal: below {} MB: {}), {:.1} ms of processor \
         time to ask all pools and the kernel once, {:.1} ms for a scrape",
        memory / f64::from(1 << 20),
        MOST_MEMORY >> 20,
        word(met),
        per_look * 1000.0,
        per_scrape * 1000.0
    );
    Ok(met)
}

fn logs(program: &Path, folder: &Path, runs: usize) -> Result<bool> {
    let mtail = find_program("mtail");
    write_logs(folder)?;
    let ours: Vec<f64> = (0..runs)
        .map(|_| read_ours(program, folder))
        .collect::<Result<_>>()?;
    let ours = median(ours);
    let per_thousand = |seconds: f64| {
        #[expect(clippy::cast_precision_loss, reason = "a million")]
        let thousands = (LINES + LINES / FAILED) as f64 / 1000.0;
        seconds * 1000.0 / thousands
    };
    println!(
        "agent: {:.3} ms of processor time for 1,000 lines, of which each {FAILED}th request failed, \
         causes counted",
        per_thousand(ours)
    );
    let Some(mtail) = mtail else {
        println!("NOT COMPARED: mtail is not installed (Debian's package `mtail`)");
        return Ok(false);
    };
    let theirs: Vec<f64> = (0..runs)
        .map(|_| read_mtail(&mtail, folder))
        .collect::<Result<_>>()?;
    let theirs = median(theirs);
    let met = ours <= theirs;
    println!(
        "mtail: {:.3} ms for the same lines, statuses counted: the agent takes {:.2} of it (goal: at \
         most 1: {})",
        per_thousand(theirs),
        ours / theirs,
        word(met)
    );
    Ok(met)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn write_logs(folder: &Path) -> Result<()> {
    let (mut access, mut error) = (String::new(), String::new());
    for n in 0..LINES {
        let (second, minute) = (n / 2_000 % 60, n / 120_000 % 60);
        let failed = n % FAILED == 0;
        let status = if failed { 502 } else { 200 };
        let _infallible = writeln!(
            access,
            "10.0.0.{} - - [22/Nov/2026:10:{minute:02}:{second:02} +0000] \"GET /p/{n}?a=1 HTTP/1.1\" \
             {status} 157 \"https://shop.example/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
            n % 250
        );
        if failed {
            let _infallible = writeln!(
                error,
                "2026/11/22 10:{minute:02}:{second:02} [error] 7#7: *{n} connect() to unix:/run/a.sock failed \
                 (2: No such file or directory) while connecting to upstream, client: 10.0.0.{}, server: h, \
                 request: \"GET /p/{n}?a=1 HTTP/1.1\", upstream: \"fastcgi://unix:/run/a.sock:\", host: \
                 \"h\"",
                n % 250
            );
        }
    }
    fs::write(folder.join("access.log"), access)?;
    fs::write(folder.join("error.log"), error)?;
    let dir = folder.display();
    let conf = format!(
        "error_log {dir}/error.log; events {{}} http {{ access_log {dir}/access.log; server {{ server_name h; \
         location / {{ fastcgi_pass unix:/run/a.sock; }} }} }}"
    );
    fs::write(folder.join("nginx.conf"), conf)?;
    fs::create_dir_all(folder.join("progs"))?;
    let counts = "counter http_responses_total by code\n/\" (?P<code>\\d{3}) \\d+ \"/ {\n  \
                  http_responses_total[$code]++\n}\ncounter connect_failures_total\n/connect\\(\\) to .* \
                  failed/ {\n  connect_failures_total++\n}\n";
    fs::write(folder.join("progs/nginx.mtail"), counts)?;
    Ok(())
}

/// Processor time in seconds until every line is read and every incident counted.
fn read_ours(program: &Path, folder: &Path) -> Result<f64> {
    let conf = folder.join("nginx.conf").display().to_string();
    let state = folder.join("state.json");
    let _gone = fs::remove_file(&state);
    let state = state.display().to_string();
    let args = [
        conf.as_str(),
        "--from-start",
        "--settle",
        "1s",
        "--state",
        &state,
    ];
    let (agent, port) = start_agent(program, &args)?;
    let begin = Instant::now();
    #[expect(clippy::cast_precision_loss, reason = "a million")]
    let wanted = (LINES + LINES / FAILED, (LINES / FAILED) as f64);
    #[expect(clippy::cast_precision_loss, reason = "a million")]
    let all = wanted.0 as f64;
    let cpu = loop {
        let text = get(port)?;
        let lines = value(&text, &["badgateway_log_lines_total{"]);
        if lines >= all && value(&text, &["badgateway_cause_incidents_total{"]) >= wanted.1 {
            break own(&text).1;
        }
        ensure!(
            begin.elapsed() < Duration::from_secs(120),
            "not read:\n{text}"
        );
        std::thread::sleep(Duration::from_millis(200));
    };
    drop(agent);
    Ok(cpu)
}

fn read_mtail(mtail: &PathBuf, folder: &Path) -> Result<f64> {
    let mut command = Command::new(mtail);
    quiet(
        command
            .arg("--one_shot")
            .arg("--progs")
            .arg(folder.join("progs"))
            .arg("--logs")
            .arg(folder.join("access.log"))
            .arg("--logs")
            .arg(folder.join("error.log")),
    );
    Ok(measure::run(&mut command)?.cpu.as_secs_f64())
}
