//! The files in manifests, taken out and given to the real servers: before an edit in place and
//! after it.

use std::path::Path;

use base::{FilePath, SortedMap};
use intake::{Asked, Gather, Given, Judged, judge};
use lab::scratch::Scratch;
use model::{Files, MemoryFiles};

/// A project of the room that reads manifests.
fn project(name: &str) -> MemoryFiles {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/iac/fixtures/kubernetes");
    let mut files = MemoryFiles::default();
    let mut open = vec![dir.join(name)];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).expect("a fixture") {
            let path = entry.expect("a fixture").path();
            match path.is_dir() {
                true => open.push(path),
                false if path.extension().is_some_and(|end| end == "yaml") => {
                    let file = path
                        .file_name()
                        .expect("a fixture")
                        .to_str()
                        .expect("a fixture");
                    files.insert(
                        format!("/p/{file}"),
                        std::fs::read(&path).expect("a fixture"),
                    );
                }
                false => {}
            }
        }
    }
    files
}

fn given(files: &MemoryFiles) -> Given {
    let mut gather = Gather::new(files).with_machines(Some(iac::machines));
    gather.folder(&FilePath::new("/p"));
    Given {
        found: gather.finish(),
        ..Given::default()
    }
}

fn judged(files: &MemoryFiles) -> Judged {
    let given = given(files);
    let model = given.model(files, &nothing_stored());
    judge(model, given.found.problems, Asked::everything(false))
}

/// The store of edits, whose type this package need not know.
fn nothing_stored<T: Default>() -> T {
    T::default()
}

/// With all edits of one finding done in place.
fn edited(files: &MemoryFiles, rule: &str) -> MemoryFiles {
    let judged = judged(files);
    let finding = judged.findings.iter().find(|one| one.rule == rule);
    let mut edits = finding
        .and_then(|one| one.fix.clone())
        .expect("a fix")
        .edits;
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.file, edit.span.start)));
    let mut out = files.clone();
    for edit in edits {
        let path = judged.model.sources.get(edit.span.file).path.clone();
        let mut bytes = out.read(&path).expect("a fixture").to_vec();
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        bytes.splice(start..end, edit.text.iter().copied());
        out.insert(path.as_bytes(), bytes);
    }
    out
}

/// What a container has and this machine has not: its users, its names, its root.
fn at_home(text: &str, root: &Path) -> String {
    let mut text = text.to_owned();
    for (from, to) in [
        ("user nginx;", "user www-data;"),
        ("user = app", "user = www-data"),
        ("group = app", "group = www-data"),
        ("group = nginx", "group = www-data"),
        ("server php:80;", "server 127.0.0.1:80;"),
        ("=etc/", "= /usr/local/etc/"),
    ] {
        text = text.replace(from, to);
    }
    for dir in ["/etc/nginx", "/usr/local/etc"] {
        text = text.replace(dir, &format!("{}{dir}", root.display()));
    }
    text
}

/// Gives the files of every machine to the real servers; which of them took theirs.
fn verdicts(files: &MemoryFiles) -> SortedMap<String, String> {
    let found = given(files).found;
    let mut out = SortedMap::new();
    let lay = |files: &MemoryFiles| {
        let scratch = Scratch::new("kubernetes");
        for (path, bytes, _) in files.iter() {
            let text = String::from_utf8_lossy(bytes);
            let name = path.to_string();
            scratch.write(name.trim_start_matches('/'), at_home(&text, scratch.path()));
        }
        scratch
    };
    for (main, files, via) in &found.nginx_dumps {
        let scratch = lay(files);
        let main = main.to_string();
        let verdict = lab::nginx::test(&scratch, main.trim_start_matches('/'));
        assert!(verdict.ok, "{via}: {}", verdict.output);
        out.insert(format!("nginx of {via}"), verdict.output);
    }
    for (input, files, via) in &found.fpm_dumps {
        let scratch = lay(files);
        let main = input.files[0].to_string();
        let main = scratch.path().join(main.trim_start_matches('/'));
        let verdict = lab::php::test_fpm(&main, "-t");
        assert!(
            verdict.ok,
            "{via}: {}",
            String::from_utf8_lossy(&verdict.output)
        );
        out.insert(format!("fpm of {via}"), String::new());
    }
    out
}

#[test]
fn the_real_servers_take_what_is_in_manifests_before_and_after_an_edit() {
    for name in [
        "sidecar-socket",
        "two-deployments",
        "helm-output",
        "multi-pool",
    ] {
        let files = project(name);
        let before = verdicts(&files);
        assert!(before.len() >= 2, "{name}: {before:?}");
        let after = edited(&files, "read-timeout-below-terminate");
        let machines = |all: &SortedMap<String, String>| all.keys().cloned().collect::<Vec<_>>();
        assert_eq!(machines(&verdicts(&after)), machines(&before), "{name}");
        let left = judged(&after);
        let is_gone = left
            .findings
            .iter()
            .all(|one| one.rule != "read-timeout-below-terminate");
        assert!(is_gone, "{name}");
    }
}
