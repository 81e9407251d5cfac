//! Debian's own files as installed: no false alarm, and a right chain.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use lab::php::fpm_version;
use lab::program;
use lab::scratch::Scratch;
use serde_json::Value;

/// A system with Debian's files of nginx and PHP, links kept.
fn installed(label: &str) -> Scratch {
    let root = Scratch::new(label);
    for part in ["etc/nginx", "etc/php"] {
        let from = Path::new("/").join(part);
        assert!(
            from.is_dir(),
            "{part} IS MISSING. Install: apt-get install -y nginx-core php-fpm"
        );
        let to = root.path().join("etc");
        fs::create_dir_all(&to).expect("a folder can be made");
        let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
        assert!(copied.expect("cp runs").success());
    }
    // Where the links of modules-enabled lead, when any module is installed.
    let modules = Path::new("/usr/share/nginx/modules-available");
    for entry in fs::read_dir(modules).into_iter().flatten().flatten() {
        let text = fs::read(entry.path()).expect("it can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        root.write(&format!("usr/share/nginx/modules-available/{name}"), text);
    }
    for name in ["passwd", "group"] {
        let text = fs::read(Path::new("/etc").join(name)).expect("every system has it");
        root.write(&format!("etc/{name}"), text);
    }
    root
}

/// The default site with its PHP location uncommented.
fn enable_php(root: &Scratch, socket: &str) {
    let site = root.path().join("etc/nginx/sites-available/default");
    let text = fs::read_to_string(&site).expect("Debian's default site");
    let begin = text
        .find("#location ~ \\.php$ {")
        .expect("its PHP location");
    let len = text[begin..].find("#}").expect("its end") + 2;
    let location: String = text[begin..begin + len]
        .lines()
        .map(|line| line.trim_start().strip_prefix('#').unwrap_or(line))
        .filter(|line| !line.contains("127.0.0.1"))
        .map(|line| match line.contains("fastcgi_pass unix:") {
            true => format!("fastcgi_pass unix:{socket};\n"),
            false => format!("{line}\n"),
        })
        .collect();
    let enabled = format!("{}{location}{}", &text[..begin], &text[begin + len..]);
    fs::write(site, enabled).expect("a copy can be written");
}

fn json(args: &[&str]) -> (i32, Value) {
    let output = program::run(args);
    let text = String::from_utf8(output.stdout).expect("JSON is text");
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (output.status.code().unwrap_or(-1), json)
}

#[test]
fn as_installed_nothing_is_wrong() {
    let root = installed("debian");
    let dir = root.path().display().to_string();
    let (code, report) = json(&["check", "--root", &dir, "--strict", "--format", "json"]);
    let alarms: Vec<_> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["severity"] != "info")
        .collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(code, 0);
    let output = program::run(&["check", "--root", &dir]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !said.contains("clean") && said.contains("no route"),
        "{said}"
    );
}

/// What the packages set: nothing, so the defaults of nginx, FPM and Debian's php.ini.
fn assert_chain(root: &Scratch) {
    let dir = root.path().display().to_string();
    let (code, chain) = json(&["chain", "--root", &dir, "--format", "json"]);
    assert_eq!(code, 0, "{chain:#}");
    let ladders = chain["ladders"].as_array().expect("ladders");
    let [ladder] = ladders.as_slice() else {
        panic!("one route, not {}", ladders.len());
    };
    assert_eq!(ladder["pool"], "www");
    let rung = |name: &str| {
        let rungs = ladder["rungs"].as_array().expect("rungs");
        let found = rungs.iter().find(|rung| rung["name"] == name);
        found.unwrap_or_else(|| panic!("no {name}"))["limit"].clone()
    };
    assert_eq!(rung("fastcgi_read_timeout")["ms"], 60_000);
    assert_eq!(rung("request_terminate_timeout")["kind"], "off");
    assert_eq!(rung("max_execution_time")["ms"], 30_000);
    let (code, report) = json(&["check", "--root", &dir, "--format", "json"]);
    let loud: Vec<_> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| (finding["rule"].clone(), finding["severity"].clone()))
        .collect();
    // The defaults are no fault that anybody made: nothing louder than a warning.
    assert!(
        loud.iter().all(|(_, severity)| severity != "error"),
        "{loud:?}"
    );
    assert!(code <= 1, "{report:#}");
}

#[test]
fn with_php_enabled_the_chain_is_right() {
    let root = installed("debian-php");
    enable_php(&root, &format!("/run/php/php{}-fpm.sock", fpm_version()));
    assert_chain(&root);
}

/// Debian's alternatives: `/run/php/php-fpm.sock` leads to the socket of the chosen version.
#[test]
fn through_the_alternatives() {
    let root = installed("debian-alternatives");
    let socket = format!("/run/php/php{}-fpm.sock", fpm_version());
    enable_php(&root, "/run/php/php-fpm.sock");
    for dir in ["run/php", "etc/alternatives"] {
        fs::create_dir_all(root.path().join(dir)).expect("a folder can be made");
    }
    let link = |target: &str, name: &str| {
        symlink(target, root.path().join(name)).expect("a link can be made");
    };
    link("/etc/alternatives/php-fpm.sock", "run/php/php-fpm.sock");
    link(&socket, "etc/alternatives/php-fpm.sock");
    assert_chain(&root);
}

/// The dumps of both servers say the same as their files.
#[test]
fn dumps_of_the_real_servers() {
    let scratch = Scratch::new("debian-dumps");
    let nginx = Command::new(lab::nginx::binary()).arg("-T").output();
    let nginx = nginx.expect("nginx runs");
    assert!(
        nginx.status.success(),
        "{}",
        String::from_utf8_lossy(&nginx.stderr)
    );
    let fpm = Command::new(lab::php::fpm_binary()).arg("-tt").output();
    let fpm = fpm.expect("php-fpm runs");
    assert!(
        fpm.status.success(),
        "{}",
        String::from_utf8_lossy(&fpm.stderr)
    );
    let one = scratch.write("nginx.txt", [nginx.stderr, nginx.stdout].concat());
    let two = scratch.write("fpm.txt", fpm.stderr);
    let (one, two) = (one.display().to_string(), two.display().to_string());
    let (code, report) = json(&["check", &one, &two, "--format", "json"]);
    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["summary"]["pools"], 1, "{report:#}");
}
