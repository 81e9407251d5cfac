//! The site can be made, and it is whole: `cargo xtask docs` writes nothing that has a fault. What
//! it looks like in a browser is seen in the lab.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn docs(out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["docs", "--out"])
        .arg(out)
        .output()
        .expect("xtask was built for this test")
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _absent = fs::remove_dir_all(&folder);
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_rule_and_cause_has_its_page() {
    let out = folder("site");
    for _again in 0..2 {
        let done = docs(&out);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
    }
    assert_eq!(names(&out), ["causes", "index.html", "rules"]);
    for (folder, modules) in [
        (
            "rules",
            &["crates/rules/src/rules", "crates/prometheus/src/rules"][..],
        ),
        ("causes", &["crates/diagnose/src/causes"]),
    ] {
        // One source file for each, two levels deep or one.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let modules = modules.iter().map(|module| root.join(module));
        let mut wanted: Vec<String> = modules.flat_map(|module| sources(&module)).collect();
        wanted.sort();
        assert_eq!(names(&out.join(folder)), wanted);
    }
    for name in names(&out.join("causes")) {
        let page = fs::read_to_string(out.join("causes").join(&name)).expect("a page");
        // A rule may have the same name.
        assert!(page.contains("<p>cause · "), "{name}");
    }
    let page = fs::read_to_string(out.join("rules/read-timeout-zero.html")).expect("a page");
    for part in [
        "<h1>read-timeout-zero</h1>",
        "timeouts · error · fix: safe",
        "<h2 id=\"why-it-matters\">",
        "<b>error[read-timeout-zero]: ",
        "<a href=\"https://nginx.org/en/docs/",
    ] {
        assert!(page.contains(part), "no `{part}` in\n{page}");
    }
}

fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        match name.strip_suffix(".rs") {
            _ if path.is_dir() => found.extend(sources(&path)),
            Some("mod") | None => {}
            Some(stem) => found.push(format!("{}.html", stem.replace('_', "-"))),
        }
    }
    found
}

#[test]
fn what_is_not_ours_stays() {
    let out = folder("not-ours");
    fs::create_dir_all(&out).expect("it can be made");
    fs::write(out.join("index.html"), "<p>mine</p>").expect("it can be written");
    assert!(!docs(&out).status.success());
    assert_eq!(names(&out), ["index.html"]);
}
