//! The fixtures of the rules are real configurations: the real nginx and php-fpm take them, or
//! refuse them with the words that the case's file `refused` expects.

use std::fs;
use std::path::{Path, PathBuf};

use base::FilePath;
use lab::differential::assert_agreement;
use lab::live::Disk;
use lab::scratch::Scratch;
use model::Loader;
use model::php::{self, FpmInput, Stage};

/// Where the two servers' files lie, below the scratch folder as below `/`.
const NGINX: &str = "etc/nginx";
const FPM: &str = "etc/php/8.2/fpm";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rules/fixtures")
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut out: Vec<_> = entries.map(|entry| entry.path()).collect();
    out.sort();
    out
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let mut out = children(folder);
    out.retain(|path| path.is_dir());
    out
}

/// Every folder with a case: `<group>/<rule>/<case>`.
fn cases() -> Vec<PathBuf> {
    let mut groups = subfolders(&fixtures());
    groups.retain(|group| !group.ends_with("sound"));
    let rules = groups.iter().flat_map(|group| subfolders(group));
    rules.flat_map(|rule| subfolders(&rule)).collect()
}

/// Puts below the scratch folder what a case puts below `/`, and takes a user that exists.
fn moved(text: &str, dir: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let tops = ["/etc/", "/run/", "/srv/", "/var/"];
        if tops.iter().any(|top| text[at..].starts_with(top)) && begins_path(&text[..at]) {
            out.push_str(dir);
        }
        out.push(c);
    }
    out.replace("user nginx", "user www-data")
}

/// A slash inside a path (`/var/run/`), behind a variable or in a regex begins no path.
fn begins_path(before: &str) -> bool {
    let last = before.chars().next_back();
    last.is_none_or(|c| c.is_whitespace() || matches!(c, ':' | '=' | '"' | '\''))
}

/// Writes the whole stack: the case's files, and the sound stack's where the case has none.
fn write_stack(case: &Path, scratch: &Scratch, dir: &str) {
    for folder in ["run/php", "var/run/php", "var/log", "srv/shop"] {
        scratch.write(&format!("{folder}/.keep"), "");
    }
    for from in [fixtures().join("sound"), case.to_owned()] {
        for (name, to) in [
            ("nginx.conf", NGINX),
            ("php-fpm.conf", FPM),
            ("php.ini", FPM),
        ] {
            if let Ok(text) = fs::read_to_string(from.join(name)) {
                scratch.write(&format!("{to}/{name}"), moved(&text, dir));
            }
        }
        write_tree(&from.join("root"), "", scratch, dir);
    }
    // The log that is compiled in belongs to the machine.
    let file = scratch.path().join(FPM).join("php-fpm.conf");
    let text = fs::read_to_string(file).expect("just written");
    let text = format!("[global]\nerror_log = {dir}/{FPM}/fpm.log\n{text}");
    scratch.write(&format!("{FPM}/php-fpm.conf"), text);
}

fn write_tree(from: &Path, below: &str, scratch: &Scratch, dir: &str) {
    for path in children(from) {
        let name = path.file_name().expect("a listed file has a name");
        let to = format!("{below}{}", name.to_string_lossy());
        if path.is_dir() {
            write_tree(&path, &format!("{to}/"), scratch, dir);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a fixture is text");
        scratch.write(&to, moved(&text, dir));
    }
}

/// What a server must say: `nginx: WORDS` or `php-fpm: WORDS` in the case's file `refused`.
fn refusal(case: &Path, server: &str) -> Option<String> {
    let text = fs::read_to_string(case.join("refused")).ok()?;
    let mut lines = text.lines();
    let words = lines.find_map(|line| line.strip_prefix(server)?.strip_prefix(": "));
    words.map(str::to_owned)
}

/// Compares what a server said with what the case expects of it.
fn judge(case: &Path, server: &str, took: bool, output: &str) -> Option<String> {
    match refusal(case, server) {
        None => (!took).then(|| format!("{server} refuses it: {output}")),
        Some(words) if took => Some(format!("{server} takes it, expected: {words}")),
        Some(words) => (!output.contains(&words))
            .then(|| format!("{server} refuses it without `{words}`: {output}")),
    }
}

fn nginx_says(case: &Path, scratch: &Scratch) -> Option<String> {
    let verdict = lab::nginx::test(scratch, &format!("{NGINX}/nginx.conf"));
    // Behind the syntax, nginx binds ports that others on this machine may hold.
    let took = verdict.ok || verdict.syntax_ok;
    judge(case, "nginx", took, &verdict.output)
}

fn fpm_says(case: &Path, scratch: &Scratch) -> Option<String> {
    let (took, output) = lab::live::test_fpm(&scratch.path().join(FPM), "-t");
    judge(case, "php-fpm", took, &output)
}

/// The model must know of the refusal too, in FPM's own words.
fn model_agrees(scratch: &Scratch) -> Option<String> {
    let path = scratch.path().join(FPM).join("php-fpm.conf");
    let verdict = lab::php::test_fpm(&path, "-t");
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
        write_stack(case, &scratch, &dir);
        let why = nginx_says(case, &scratch)
            .or_else(|| fpm_says(case, &scratch))
            .or_else(|| model_agrees(&scratch))?;
        Some(format!("{}: {why}", case.display()))
    });
}

/// Fixed with the program itself, which asks the real servers before it writes: they take the
/// result, also where they refused what was there.
#[test]
fn the_real_servers_take_what_was_fixed() {
    let is_fixable = |case: &PathBuf| {
        let name = case
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        // What cannot be read is not written either.
        name.starts_with("bad") && !case.join("problems").exists()
    };
    let cases: Vec<_> = cases().into_iter().filter(is_fixable).collect();
    assert!(cases.len() > 60, "only {} cases", cases.len());
    let written = std::sync::atomic::AtomicUsize::new(0);
    assert_agreement("fixed", &cases, |_, case| {
        let scratch = Scratch::new("fixed");
        let dir = scratch.path().display().to_string();
        write_stack(case, &scratch, &dir);
        let file = |name: &str| format!("{dir}/{name}");
        let (nginx, fpm) = (
            file("etc/nginx/nginx.conf"),
            file("etc/php/8.2/fpm/php-fpm.conf"),
        );
        let output = std::process::Command::new(lab::program::badgateway())
            .args(["fix", "--write", "--unsafe", &nginx, &fpm])
            .env("BADGATEWAY_STATE", file("state"))
            .output()
            .expect("badgateway runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_unproven =
            said.contains("refuses the files as they are") || said.contains("unknown:");
        if !said.contains("; reload nginx") {
            let is_right = is_unproven || said.contains("nothing to edit");
            return (!is_right).then(|| format!("{}: {said}", case.display()));
        }
        written.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let nginx = lab::nginx::test(&scratch, &format!("{NGINX}/nginx.conf"));
        let (took, fpm) = lab::live::test_fpm(&scratch.path().join(FPM), "-t");
        let is_taken = (nginx.ok || nginx.syntax_ok) && took;
        (!is_taken).then(|| format!("{}: {}{fpm}", case.display(), nginx.output))
    });
    let written = written.into_inner();
    assert!(written > 50, "only {written} stacks were written");
}
