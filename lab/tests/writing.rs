//! Writing several files: killed at any system call, refused by any, the tree is wholly old or
//! wholly new after `--recover`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lab::program::badgateway;
use lab::scratch::Scratch;

const PARAM: &str = "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;";

/// A stack of which `fix` changes three files.
fn stack(label: &str) -> Scratch {
    let scratch = Scratch::new(label);
    let server = |n: u32| {
        format!(
            "server {{ listen 127.0.0.1:1804{n}; root /srv; location ~ \\.php$ {{\n    {PARAM}\n    \
             fastcgi_read_timeout 30s;\n    fastcgi_pass unix:/run/www.sock;\n}} }}\n"
        )
    };
    scratch.write("conf/nginx.conf", "events {}\nhttp { include sites/*; }\n");
    scratch.write("conf/sites/a", server(1));
    scratch.write("conf/sites/b", server(2));
    scratch.write("conf/sites/c", server(3));
    let pool = "[www]\nuser = www-data\nlisten = /run/www.sock\npm = static\npm.max_children = 2\n\
                request_terminate_timeout = 60s\n";
    scratch.write("conf/php-fpm.conf", pool);
    scratch
}

fn arguments(scratch: &Scratch) -> Vec<String> {
    let file = |name: &str| scratch.path().join(name).display().to_string();
    let words = ["fix", "--write", "--no-verify"].map(str::to_owned);
    let files = [file("conf/nginx.conf"), file("conf/php-fpm.conf")];
    words.into_iter().chain(files).collect()
}

fn command(scratch: &Scratch, injected: &[&str]) -> Command {
    let mut command = match injected {
        [] => Command::new(badgateway()),
        _ => {
            let mut strace = Command::new("strace");
            strace
                .args(["-qq", "-f", "-o", "/dev/null"])
                .args(injected)
                .arg(badgateway());
            strace
        }
    };
    command
        // A test's own environment makes the dynamic loader open dozens of files first.
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("BADGATEWAY_STATE", scratch.path().join("state"))
        .stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .expect("strace IS MISSING? Install it: apt-get install -y strace")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The three files.
fn contents(scratch: &Scratch) -> Vec<Vec<u8>> {
    let read = |name: &str| fs::read(scratch.path().join("conf/sites").join(name));
    ["a", "b", "c"]
        .map(|name| read(name).expect("it is there"))
        .to_vec()
}

/// Everything in the folder with the files, hidden ones too.
fn names(scratch: &Scratch) -> Vec<String> {
    let entries = fs::read_dir(scratch.path().join("conf/sites")).expect("it is there");
    let names = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut out: Vec<String> = names.collect();
    out.sort();
    out
}

/// Old and new contents of an undisturbed run.
fn expected() -> [Vec<Vec<u8>>; 2] {
    let scratch = stack("write-plain");
    let old = contents(&scratch);
    let output = run(command(&scratch, &[]).args(arguments(&scratch)));
    assert!(output.status.success(), "{}", said(&output));
    let new = contents(&scratch);
    assert!(
        old.iter().zip(&new).all(|(old, new)| old != new),
        "all three change"
    );
    [old, new]
}

#[derive(Default, Debug)]
struct Ends {
    old: usize,
    new: usize,
    unharmed: usize,
}

/// Disturbs a run at each call of each kind and looks at the tree behind it.
fn disturb(label: &str, kinds: &[(&str, usize)], how: &str) -> Ends {
    let [old, new] = expected();
    let mut ends = Ends::default();
    for (call, most) in kinds {
        for n in 1..=*most {
            let scratch = stack(label);
            let inject = format!("inject={call}:{how}:when={n}");
            let trace = format!("trace={call}");
            let mut traced = command(&scratch, &["-e", &trace, "-e", &inject]);
            let output = run(traced.args(arguments(&scratch)));
            let is_done = output.status.success();
            let recovered = run(command(&scratch, &[]).args(["fix", "--recover"]));
            let place = format!("{call} {n}: {}{}", said(&output), said(&recovered));
            assert!(recovered.status.success(), "{place}");
            let now = contents(&scratch);
            assert!(now == old || now == new, "half written: {place}");
            assert_eq!(names(&scratch), ["a", "b", "c"], "{place}");
            assert!(!scratch.path().join("state/journal").exists(), "{place}");
            assert!(!is_done || now == new, "it said it was done: {place}");
            match (is_done, now == new) {
                (true, _) => ends.unharmed += 1,
                (false, true) => ends.new += 1,
                (false, false) => ends.old += 1,
            }
            // What is left can be fixed as if nothing had happened.
            let again = run(command(&scratch, &[]).args(arguments(&scratch)));
            assert!(
                again.status.success() && contents(&scratch) == new,
                "{place}"
            );
        }
    }
    ends
}

#[test]
fn killed_at_any_call() {
    let kinds = [
        ("fsync", 12),
        ("rename", 4),
        ("pwrite64", 2),
        ("write", 9),
        ("unlink", 6),
        ("openat", 60),
        ("fchmod", 3),
        ("mkdir", 2),
    ];
    let ends = disturb("killed", &kinds, "signal=KILL");
    assert!(ends.old > 10 && ends.new > 4, "{ends:?}");
}

#[test]
fn the_disk_is_full() {
    let ends = disturb(
        "full",
        &[("write", 9), ("pwrite64", 2), ("fsync", 12)],
        "error=ENOSPC",
    );
    assert!(ends.old > 5, "{ends:?}");
}

#[test]
fn the_file_system_is_read_only() {
    let kinds = [("openat", 60), ("rename", 4), ("mkdir", 2), ("unlink", 5)];
    let ends = disturb("read-only", &kinds, "error=EROFS");
    assert!(ends.old > 2 && ends.new > 0, "{ends:?}");
}

/// A second run waits for nobody: it says what to do.
#[test]
fn an_interrupted_run_must_be_recovered_first() {
    let scratch = stack("interrupted");
    let inject = [
        "-e",
        "trace=rename",
        "-e",
        "inject=rename:signal=KILL:when=2",
    ];
    let output = run(command(&scratch, &inject).args(arguments(&scratch)));
    assert!(!output.status.success());
    let second = run(command(&scratch, &[]).args(arguments(&scratch)));
    assert_eq!(second.status.code(), Some(2));
    assert!(said(&second).contains("--recover"), "{}", said(&second));
    let recovered = run(command(&scratch, &[]).args(["fix", "--recover"]));
    assert!(
        said(&recovered).contains("finished: 3 files written"),
        "{}",
        said(&recovered)
    );
    let nothing = run(command(&scratch, &[]).args(["fix", "--recover"]));
    assert!(said(&nothing).contains("no run was interrupted"));
}

/// Mode, owner, extended attributes and links are as before.
#[test]
fn what_belongs_to_a_file_stays() {
    let scratch = stack("belongings");
    let sites = scratch.path().join("conf/sites");
    let real = scratch.write(
        "conf/available/a",
        fs::read(sites.join("a")).expect("it is there"),
    );
    fs::remove_file(sites.join("a")).expect("ours");
    symlink("../available/a", sites.join("a")).expect("a link can be made");
    let mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    };
    mode(&real, 0o640);
    mode(&sites.join("b"), 0o4755);
    let owner = fs::metadata("/etc/passwd").expect("it is there").uid();
    let is_root = fs::metadata(&real).expect("ours").uid() == owner;
    if is_root {
        std::os::unix::fs::chown(&real, Some(33), Some(33)).expect("root may");
    }
    let mark = Command::new("setfattr")
        .args(["-n", "user.note", "-v", "kept"])
        .arg(&real)
        .status();
    let has_marks = mark.is_ok_and(|status| status.success());
    let output = run(command(&scratch, &[]).args(arguments(&scratch)));
    assert!(output.status.success(), "{}", said(&output));
    let meta = fs::symlink_metadata(sites.join("a")).expect("it is there");
    assert!(meta.file_type().is_symlink(), "the link stays a link");
    let meta = fs::metadata(&real).expect("it is there");
    assert_eq!(meta.mode() & 0o7777, 0o640);
    assert!(!is_root || (meta.uid(), meta.gid()) == (33, 33));
    assert_eq!(
        fs::metadata(sites.join("b")).expect("it is there").mode() & 0o7777,
        0o4755
    );
    assert!(
        fs::read_to_string(&real)
            .expect("text")
            .contains("fastcgi_read_timeout 85s;")
    );
    if has_marks {
        let output = Command::new("getfattr")
            .args(["--only-values", "-n", "user.note"])
            .arg(&real)
            .output();
        assert_eq!(output.expect("getfattr runs").stdout, b"kept");
    }
}

#[test]
fn a_backup_is_kept_away_from_includes() {
    let scratch = stack("backup");
    let old = contents(&scratch);
    let output = run(command(&scratch, &[])
        .args(arguments(&scratch))
        .arg("--backup"));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(names(&scratch), ["a", "b", "c"]);
    let backups: Vec<PathBuf> = fs::read_dir(scratch.path().join("state/backups"))
        .expect("a backup was made")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    let [dir] = backups.as_slice() else {
        panic!("one backup, not {backups:?}");
    };
    let inside = scratch.path().strip_prefix("/").expect("absolute");
    let copy = fs::read(dir.join(inside).join("conf/sites/a")).expect("the copy is there");
    assert_eq!(copy, old[0]);
}

/// Somebody edits a file between our reading and our writing.
#[test]
fn a_file_that_changed_meanwhile_is_not_overwritten() {
    let scratch = stack("meanwhile");
    // Slows the first rename's preparation down: the journal is there, the neighbours are not.
    let inject = [
        "-e",
        "trace=fsync",
        "-e",
        "inject=fsync:delay_enter=1500000:when=1",
    ];
    let child = command(&scratch, &inject)
        .args(arguments(&scratch))
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("strace runs");
    let journal = scratch.path().join("state/journal");
    let begin = std::time::Instant::now();
    while !journal.exists() && begin.elapsed().as_secs() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let theirs = b"# edited by hand\n".to_vec();
    scratch.write("conf/sites/b", &theirs);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        said(&output).contains("was changed by somebody else"),
        "{}",
        said(&output)
    );
    assert_eq!(contents(&scratch)[1], theirs);
    assert_eq!(names(&scratch), ["a", "b", "c"]);
}
