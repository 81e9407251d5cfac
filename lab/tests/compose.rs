//! Compose projects on the real servers. Two addresses of the loopback stand for two machines: what
//! listens at 127.0.0.1 is out of reach for who asks 127.0.0.2, as it is in another container.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base::FilePath;
use intake::{Found, Gather};
use lab::live::{Stack, Texts, test_fpm};
use lab::nginx::{free_port, test};
use lab::program::run;
use lab::scratch::Scratch;
use model::{Files as _, MemoryFiles};

const RULE: &str = "loopback-listen-other-container";

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../crates/iac/fixtures/compose").join(name)
}

/// A copy of a project, to be changed.
fn copied(name: &str) -> Scratch {
    let scratch = Scratch::new("compose");
    let from = fixture(name);
    for entry in fs::read_dir(&from).expect("the fixture is there").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        scratch.write(&name, fs::read(entry.path()).expect("it can be read"));
    }
    scratch
}

/// The machines of a project in one folder.
fn machines(dir: &Path) -> Found {
    let mut files = MemoryFiles::default();
    for entry in fs::read_dir(dir).expect("it is there").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        let bytes = fs::read(entry.path()).expect("it can be read");
        files.insert(format!("/repo/{name}"), bytes);
    }
    let mut gather = Gather::new(&files).with_machines(Some(iac::machines));
    gather.folder(&FilePath::new("/repo"));
    gather.finish()
}

/// nginx's and FPM's main files, as the containers have them, at ports of this machine.
fn texts(dir: &Path, port: u16) -> Texts {
    let found = machines(dir);
    let (nginx, files, _) = &found.nginx_dumps[0];
    let nginx = files.read(nginx).expect("it is known");
    let nginx = String::from_utf8_lossy(&nginx).into_owned();
    let (fpm, files, _) = &found.fpm_dumps[0];
    let fpm = files.read(&fpm.files[0]).expect("it is known");
    let fpm = String::from_utf8_lossy(&fpm).into_owned();
    let ini = files.read(&FilePath::new("/usr/local/etc/php/php.ini"));
    let http = nginx.trim().strip_prefix("events {}\nhttp {");
    let http = http.and_then(|rest| rest.strip_suffix('}'));
    Texts {
        http: http
            .expect("the form of the fixtures")
            .replace("listen 80;", "listen 127.0.0.1:@PORT@;")
            .replace("/srv/shop", "@DIR@/www")
            // The service's name leads to another machine.
            .replace("php:9000", &format!("127.0.0.2:{port}")),
        fpm: fpm
            .trim_start()
            .replace("9000", &port.to_string())
            .replace("/var/log/php-slow.log", "@DIR@/slow.log"),
        php_ini: String::from_utf8_lossy(&ini.expect("it is mounted")).into_owned(),
        ..Texts::default()
    }
}

fn fixed(dir: &Path) {
    let dir = dir.display().to_string();
    let out = run(&["fix", &dir, "--unsafe", "--rule", RULE, "--write"]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let more = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{said}{more}");
}

/// What the program says before and after its own edit, and what a client gets.
fn refused_and_then_answered(name: &str) {
    let project = copied(name);
    for name in ["compose.yaml", "nginx.conf"] {
        // What else the fixture is about would keep `fix` from this edit.
        if let Ok(text) = fs::read_to_string(project.path().join(name)) {
            project.write(name, text.replace("read_timeout 20s", "read_timeout 60s"));
        }
    }
    let dir = project.path().display().to_string();
    let out = run(&["check", &dir]);
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(said.contains(RULE), "{said}");

    let port = free_port();
    let before = texts(project.path(), port);
    let stack = Stack::start(&before);
    let response = stack.get("/ok.php");
    assert_eq!(response.status, 502, "{}", stack.nginx.error_log());
    let patience = Duration::from_secs(5);
    let refused = "connect() failed (111: Connection refused)";
    assert!(stack.nginx.wait_for_log(refused, patience));
    drop(stack);

    fixed(project.path());
    let out = run(&["check", &dir]);
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(!said.contains(RULE), "{said}");
    let after = texts(project.path(), port);
    assert_ne!(before.fpm, after.fpm);
    assert_eq!(before.http, after.http);

    let written = after.write("compose-t");
    let verdict = test(&written, "nginx.conf");
    assert!(verdict.ok, "{}", verdict.output);
    let (ok, said) = test_fpm(written.path(), "-t");
    assert!(ok, "{said}");
    let stack = Stack::start(&after);
    let response = stack.get("/ok.php");
    assert_eq!(response.status, 200, "{}", stack.nginx.error_log());
}

#[test]
fn a_mounted_pool_that_nobody_reaches() {
    refused_and_then_answered("loopback");
}

#[test]
fn a_pool_inside_the_compose_file_that_nobody_reaches() {
    refused_and_then_answered("inline");
}

/// The program on a project with pipes where files should be: it ends, and says what they are.
#[test]
fn pipes_as_mounts() {
    let project = copied("two-mounts");
    let at = |name: &str| project.path().join(name);
    for name in ["nginx.conf", "php.ini", ".env"] {
        let _gone = fs::remove_file(at(name));
        let made = Command::new("mkfifo").arg(at(name)).status();
        assert!(made.expect("mkfifo runs").success());
    }
    let begin = Instant::now();
    let out = run(&["check", &project.path().display().to_string()]);
    assert!(begin.elapsed() < Duration::from_secs(20));
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert_eq!(out.status.code(), Some(2), "{said}");
    for name in ["nginx.conf", "php.ini", ".env"] {
        assert!(said.contains(&format!("{name}: ")), "{said}");
    }
}

/// Every project of the fixtures, through the program: the same findings as in its file.
#[test]
fn the_program_says_what_the_fixtures_say() {
    let mut wrong = BTreeMap::new();
    let folder = fixture("");
    for entry in fs::read_dir(&folder).expect("it is there").flatten() {
        let path = entry.path();
        if !path.is_dir() {
            continue;
        }
        let expected = fs::read_to_string(path.with_extension("expected")).unwrap_or_default();
        let count = |what: &str| {
            expected
                .lines()
                .filter(|line| line.starts_with(what))
                .count()
        };
        let out = run(&["check", &path.display().to_string(), "--format", "json"]);
        let json: serde_json::Value =
            serde_json::from_slice(&out.stdout).expect("the program writes JSON");
        let found = |what: &str| json[what].as_array().map_or(0, Vec::len);
        let (findings, problems) = (count("finding "), count("problem "));
        if (found("findings"), found("problems")) != (findings, problems) {
            wrong.insert(path, (found("findings"), found("problems"), expected));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
