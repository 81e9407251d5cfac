//! Files that nobody should write: nothing hangs, nothing panics, and nothing grows without bounds.

use std::time::{Duration, Instant};

use model::MemoryFiles;
use proptest::prelude::*;

use crate::{judged, told};

/// What is said of one manifest, and that it does not take long. Tests are not optimised.
fn said(text: &[u8]) -> String {
    let mut files = MemoryFiles::default();
    files.insert("/p/a.yaml", text);
    let start = Instant::now();
    let told = told(&judged(&files));
    let took = start.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
    told
}

const POOL: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.conf: |\n    \
                    [www]\n    listen = 9000\n    pm.max_children = 2\n";

#[test]
fn broken_manifests_are_said_when_they_matter() {
    for (text, wanted) in [
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: {fastcgi_pass: [\n",
            "Syntax: a.yaml:4: this is no YAML",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: &a {fastcgi_pass: *a}\n",
            "Syntax: a.yaml:3: this alias",
        ),
        (
            "apiVersion: v1\nkind: A\nkind: B\nx: fastcgi_pass\n",
            "`kind` stands here twice",
        ),
        (
            "apiVersion: {{ x }}\nkind: a\nx: {{ fastcgi_pass\n",
            "is a template",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: [\n",
            "no nginx, PHP-FPM or php.ini file",
        ),
    ] {
        let told = said(text.as_bytes());
        assert!(told.contains(wanted), "{text}: {told}");
    }
}

#[test]
fn a_million_documents() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n".repeat(40_000) + POOL;
    assert!(said(text.as_bytes()).contains("no pool") || text.len() > 1_000_000);
    let empty = "---\n".repeat(1_000_000) + POOL;
    said(empty.as_bytes());
}

#[test]
fn ten_megabytes_in_one_value() {
    let line = "    ; nothing happens in this line\n";
    let text = POOL.to_owned() + &line.repeat(10_000_000 / line.len());
    said(text.as_bytes());
}

#[test]
fn a_container_that_is_named_a_million_times() {
    let names = "*c, ".repeat(300_000);
    let text = format!(
        "{POOL}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  volumes: [{{name: v, \
         configMap: {{name: a}}}}]\n  containers: [&c {{name: c, image: x, volumeMounts: [{{name: v, \
         mountPath: /usr/local/etc/php-fpm.d}}]}}, {names}]\n"
    );
    assert!(said(text.as_bytes()).contains("not all were looked at"));
}

#[test]
fn a_list_in_a_list_in_a_list() {
    let open = "{apiVersion: v1, kind: List, items: [".repeat(45);
    let text = format!("{open}{}", "]}".repeat(45));
    said(format!("{text}\n---\n{POOL}").as_bytes());
}

#[test]
fn environments_without_end() {
    let mut files = MemoryFiles::default();
    for number in 0..300 {
        files.insert(format!("/p/e{number}/a.yaml"), POOL.as_bytes());
    }
    let start = Instant::now();
    let told = told(&judged(&files));
    assert!(told.contains("not all were looked at"), "{told}");
    assert!(start.elapsed() < Duration::from_secs(60));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is cut out of a manifest or put into it, the answer is some text.
    #[test]
    fn anything(
        from in 0_usize..2000,
        len in 0_usize..40,
        new in "([a-z]{0,4}|[\\{\\}\\[\\]:&*!|>'\"%@`#,-]|\n *| ){0,6}",
        which in 0_usize..13,
    ) {
        let dirs = crate::fixtures();
        let mut files = crate::project(&dirs[which % dirs.len()]);
        let paths: Vec<_> = files.iter().map(|(path, ..)| path.clone()).collect();
        for path in paths {
            let mut bytes = model::Files::read(&files, &path).unwrap().to_vec();
            let start = from.min(bytes.len());
            let end = (start + len).min(bytes.len());
            bytes.splice(start..end, new.bytes());
            files.insert(path.as_bytes(), bytes);
        }
        let judged = judged(&files);
        for finding in &judged.findings {
            let source = judged.model.sources.get(finding.primary.span.file);
            prop_assert!(finding.primary.span.end as usize <= source.bytes.len());
        }
        prop_assert!(!told(&judged).is_empty());
    }
}
