//! What is left out of a folder is what git leaves out: random trees and patterns, held against
//! git itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base::{FilePath, SortedMap};
use intake::{Found, Gather, Installed, Tree};
use lab::random::Random;
use lab::scratch::Scratch;
use model::MemoryFiles;

const NAMES: [&str; 14] = [
    "a", "b", "c", "ab", "abc", "foo", "foo.conf", "a.conf", "B", "a b", "[a]", "a-b", "x]",
    "ba\\r",
];

const PARTS: [&str; 34] = [
    "a",
    "b",
    "c",
    "ab",
    "foo",
    "foo",
    ".conf",
    "*",
    "*",
    "**",
    "**",
    "**/",
    "/**",
    "/",
    "/",
    "?",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[a-]",
    "[]a]",
    "[[:alpha:]]",
    "[[:upper:]x]",
    "[[:nope:]]",
    "[a",
    "\\",
    "\\*",
    "\\ ",
    " ",
    "-",
    "#",
    "!",
    "***",
];

/// The files that are looked at, told by whoever is asked about them.
fn seen(_: &dyn Tree, files: &[FilePath], _: &SortedMap<String, String>) -> Installed {
    let nothing: Arc<[u8]> = Arc::from(&b""[..]);
    let others = files.iter().map(|path| (path.clone(), nothing.clone()));
    Installed {
        found: Found {
            others: others.collect(),
            ..Found::default()
        },
        ..Installed::default()
    }
}

fn ours(files: &MemoryFiles, folder: &str) -> BTreeSet<String> {
    let mut gather = Gather::new(files).with_machines(Some(seen));
    gather.folder(&FilePath::new(folder));
    let others = gather.finish().others.into_iter();
    let shown = others.map(|(path, _)| path.to_string());
    shown.collect()
}

fn git(dir: &Path, words: &[&str]) -> Vec<u8> {
    let out = Command::new("git")
        .args(words)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", dir)
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .expect("git is installed");
    assert!(out.status.success(), "git {words:?}: {out:?}");
    out.stdout
}

fn theirs(dir: &Path) -> BTreeSet<String> {
    let out = git(dir, &["ls-files", "-z", "--others", "--exclude-standard"]);
    let paths = out.split(|&b| b == 0).filter(|path| !path.is_empty());
    let paths = paths.map(|path| format!("/repo/{}", String::from_utf8_lossy(path)));
    // Files of git itself are passed over.
    paths.filter(|path| !path.contains("/.git")).collect()
}

fn pattern(random: &mut Random) -> String {
    let mut text = String::new();
    if random.one_in(4) {
        text.push('!');
    }
    for _ in 0..1 + random.below(4) {
        text.push_str(random.pick(&PARTS));
    }
    text
}

fn patterns(random: &mut Random) -> String {
    let mut text = String::new();
    if random.one_in(20) {
        text.push('\u{feff}');
    }
    for _ in 0..1 + random.below(5) {
        text += &pattern(random);
        text += if random.one_in(10) { "\r\n" } else { "\n" };
    }
    if random.one_in(10) {
        text += &pattern(random);
    }
    text
}

/// A tree with `.gitignore` files here and there, both on the disk and in memory.
fn tree(random: &mut Random, dir: &Path) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    let mut put = |path: &str, text: &str| {
        let real = dir.join(path);
        fs::create_dir_all(real.parent().expect("it lies in the tree")).expect("a folder");
        // A name may be that of a folder by now.
        if !real.is_dir() {
            fs::write(&real, text).expect("a file");
            files.insert(format!("/repo/{path}"), text.as_bytes());
        }
    };
    put(".git/HEAD", "ref: refs/heads/main\n");
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut folders: Vec<String> = vec![String::new()];
    for _ in 0..random.below(6) {
        let parent = folders[random.below(folders.len())].clone();
        let name = random.pick(&NAMES);
        let path = format!("{parent}{name}/");
        if taken.insert(path.clone()) {
            folders.push(path);
        }
    }
    for folder in &folders {
        for _ in 0..1 + random.below(5) {
            let path = format!("{folder}{}", random.pick(&NAMES));
            if !taken.contains(&format!("{path}/")) {
                put(&path, "x\n");
            }
        }
    }
    let count = 1 + random.below(3);
    for at in 0..count {
        let folder = &folders[if at == 0 {
            0
        } else {
            random.below(folders.len())
        }];
        put(&format!("{folder}.gitignore"), &patterns(random));
    }
    if random.one_in(3) {
        put(".git/info/exclude", &patterns(random));
    }
    files
}

#[test]
fn random_trees() {
    let mut random = Random::new(20_261_129);
    let (mut left_out, mut kept) = (0, 0);
    for round in 0..400 {
        let scratch = Scratch::new("gitignore");
        git(scratch.path(), &["init", "--quiet", "--template="]);
        let files = tree(&mut random, scratch.path());
        let (own, real) = (ours(&files, "/repo"), theirs(scratch.path()));
        let ignores: Vec<String> = files
            .paths()
            .into_iter()
            .filter(|path| {
                path.to_string().contains("ignore") || path.to_string().contains("exclude")
            })
            .map(|path| {
                let bytes = model::Files::read(&files, &path).expect("it is there");
                format!("{path}: {:?}", String::from_utf8_lossy(&bytes))
            })
            .collect();
        assert_eq!(own, real, "round {round}: ours and git's; {ignores:#?}");
        kept += real.len();
        left_out += files.paths().len() - real.len();
    }
    // Neither side may be empty: then nothing was compared.
    assert!(left_out > 500 && kept > 500, "{left_out} {kept}");
}
