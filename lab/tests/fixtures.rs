//! The fixtures of the rules are real configurations: the real nginx and php-fpm take them, or
//! refuse them with the words that we expect.

use std::fs;
use std::path::{Path, PathBuf};

use base::FilePath;
use lab::differential::assert_agreement;
use lab::live::Disk;
use lab::php::test_fpm;
use lab::scratch::Scratch;
use model::Loader;
use model::php::{self, FpmInput, Stage};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rules/fixtures")
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a fixture folder can be listed");
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.is_dir()).collect()
}

/// Every folder with a case: `<group>/<rule>/<case>`.
fn cases() -> Vec<PathBuf> {
    let mut groups = subfolders(&fixtures());
    groups.retain(|group| !group.ends_with("sound"));
    let rules = groups.iter().flat_map(|group| subfolders(group));
    rules.flat_map(|rule| subfolders(&rule)).collect()
}

/// Puts everything below the scratch folder that a case puts below `/`.
fn moved(text: &str, dir: &str) -> String {
    let mut out = text.replace("user nginx", "user www-data");
    for top in ["/run/php/", "/srv/", "/var/log/"] {
        out = out.replace(top, &format!("{dir}{top}"));
    }
    out
}

fn file(case: &Path, name: &str) -> String {
    fs::read_to_string(case.join(name))
        .or_else(|_| fs::read_to_string(fixtures().join("sound").join(name)))
        .expect("the sound stack has it")
}

fn write_tree(case: &Path, scratch: &Scratch, dir: &str) {
    let snippets = case.join("root/etc/nginx/snippets");
    for entry in fs::read_dir(snippets).into_iter().flatten().flatten() {
        let text = fs::read_to_string(entry.path()).expect("a fixture is text");
        let name = format!("snippets/{}", entry.file_name().to_string_lossy());
        scratch.write(&name, moved(&text, dir));
    }
    for folder in ["run/php", "srv/shop", "var/log"] {
        scratch.write(&format!("{folder}/.keep"), "");
    }
}

fn nginx_takes(case: &Path, scratch: &Scratch, dir: &str) -> Option<String> {
    scratch.write("nginx.conf", moved(&file(case, "nginx.conf"), dir));
    let verdict = lab::nginx::test(scratch, "nginx.conf");
    // A service name of a container network is unknown here.
    let is_fine = verdict.ok || verdict.syntax_ok || verdict.said().contains("host not found");
    (!is_fine).then(|| format!("nginx: {}", verdict.output))
}

fn fpm_agrees(case: &Path, scratch: &Scratch, dir: &str) -> Option<String> {
    let text = moved(&file(case, "php-fpm.conf"), dir);
    let text = match text.strip_prefix("[global]\n") {
        Some(rest) => format!("[global]\nerror_log = {dir}/fpm.log\n{rest}"),
        None => format!("[global]\nerror_log = {dir}/fpm.log\n{text}"),
    };
    let path = scratch.write("php-fpm.conf", text);
    let verdict = test_fpm(&path, "-t");
    let mut loader = Loader::new(&Disk);
    let input = FpmInput::main(FilePath::new(path.display().to_string()));
    let fpm = php::load(&mut loader, &input);
    let mut refusals = fpm.refusals.iter().filter(|r| r.stage == Stage::Test);
    let ours = refusals.next().map(|r| r.message.clone());
    let theirs = (!verdict.ok).then(|| base::source::printable(&verdict.message));
    (ours != theirs).then(|| format!("php-fpm: {theirs:?}, we: {ours:?}"))
}

#[test]
fn the_real_servers_take_them() {
    let cases = cases();
    assert!(cases.len() > 80, "only {} cases", cases.len());
    assert_agreement("fixtures", &cases, |_, case| {
        let scratch = Scratch::new("fixture");
        let dir = scratch.path().display().to_string();
        write_tree(case, &scratch, &dir);
        let nginx = nginx_takes(case, &scratch, &dir);
        let why = nginx.or_else(|| fpm_agrees(case, &scratch, &dir))?;
        Some(format!("{}: {why}", case.display()))
    });
}
