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

/// What is said of several files, and that it does not take long.
fn said_of(all: &[(String, String)]) -> String {
    let mut files = MemoryFiles::default();
    for (path, text) in all {
        files.insert(format!("/p/{path}"), text.as_bytes());
    }
    let start = Instant::now();
    let told = told(&judged(&files));
    let took = start.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
    told
}

#[test]
fn values_that_never_end() {
    let mut text = "x0: &x0 {a: {}}\n".to_owned();
    for at in 1..40 {
        let before = at - 1;
        text += &format!("x{at}: &x{at} {{a: *x{before}, b: *x{before}}}\n");
    }
    text += "serverBlock: |\n  server {\n    fastcgi_pass 127.0.0.1:9000;\n  }\n";
    let told = said_of(&[("values.yaml".to_owned(), text)]);
    assert!(told.contains("more than 100000 values"), "{told}");
}

#[test]
fn kustomizations_that_never_end() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    // Two that name each other have no end, and nobody asks for them.
    said_of(&[
        file("a/kustomization.yaml", "resources: [../b]\n"),
        file("b/kustomization.yaml", "resources: [../a]\n"),
        file("b/pool.yaml", POOL),
    ]);
    let round = said_of(&[
        file("kustomization.yaml", "resources: [a, pool.yaml]\n"),
        file("a/kustomization.yaml", "resources: [../b]\n"),
        file("b/kustomization.yaml", "resources: [../a]\n"),
        file("pool.yaml", POOL),
    ]);
    assert!(round.contains("it names itself"), "{round}");
    // Each takes the next one twice: a million of the last.
    let mut all: Vec<(String, String)> = (0..20)
        .map(|at| {
            let text = format!("resources: [../{0}, ./../{0}]\n", at + 1);
            (format!("{at}/kustomization.yaml"), text)
        })
        .collect();
    all.push(file("20/kustomization.yaml", "resources: [pool.yaml]\n"));
    all.push(file("20/pool.yaml", POOL));
    let wide = said_of(&all);
    assert!(wide.contains("more than 1000000 values"), "{wide}");
    // Aliases of aliases.
    let mut text = "x0: &x0 [fastcgi_pass, a, a, a, a, a, a, a]\n".to_owned();
    for at in 1..12 {
        let before = format!("*x{}, ", at - 1).repeat(8);
        text += &format!("x{at}: &x{at} [{before}]\n");
    }
    text += "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let bomb = said_of(&[
        file("kustomization.yaml", "resources: [a.yaml]\n"),
        file("a.yaml", &text),
    ]);
    assert!(bomb.contains("more than 1000000 values"), "{bomb}");
    // Operations that make what they reach deeper and deeper.
    let mut text =
        "resources: [pool.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n".to_owned();
    for at in 0..2000 {
        let path = "/a".repeat(at);
        text +=
            &format!("    - {{\"op\": \"add\", \"path\": \"/data{path}/a\", \"value\": {{}}}}\n");
    }
    let deep = said_of(&[file("kustomization.yaml", &text), file("pool.yaml", POOL)]);
    assert!(deep.contains("of a patch cannot be done"), "{deep}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_kustomization(parts in proptest::collection::vec(0_usize..24, 0..30)) {
        const PARTS: [&str; 24] = [
            "resources: [pool.yaml, b]\n", "resources:\n- pool.yaml\n", "patches:\n- path: pool.yaml\n",
            "- patch: |\n    - {op: add, path: /data/x, value: [a]}\n  target: {kind: '('}\n",
            "configMapGenerator:\n- name: a\n  files: [x=pool.yaml, y=gone]\n",
            "  literals: ['k=\"v\"', x, '=', 'a=']\n", "  envs: [pool.yaml]\n", "  behavior: merge\n",
            "  behavior: replace\n", "secretGenerator: [{name: a, files: [pool.yaml]}]\n",
            "namePrefix: é-\n", "nameSuffix: {a: b}\n", "namespace: [x]\n", "images: [{name: a, newTag: 1}]\n",
            "bases: [.]\n", "components: [b]\n", "patchesStrategicMerge: [pool.yaml, 'a: b']\n",
            "patchesJson6902: [{path: pool.yaml, target: {name: a}}]\n", "kind: Component\n", "\n", "- ",
            "apiVersion: v1\n", "vars: []\n", "metadata: {name: a}\n",
        ];
        let text: String = parts.iter().map(|part| PARTS[*part]).collect();
        let pool = POOL.to_owned();
        said_of(&[
            ("kustomization.yaml".to_owned(), text.clone()),
            ("b/kustomization.yaml".to_owned(), text),
            ("pool.yaml".to_owned(), pool),
        ]);
    }
}
