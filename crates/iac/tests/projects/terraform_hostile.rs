//! Configurations of Terraform that nobody should write: bounded time, clear words, no panic.

use std::time::{Duration, Instant};

use crate::project::Project;

/// More than any of these takes, in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Words that make a file one of ours.
const OURS: &str = "# nginx with fastcgi_pass\n";

fn said(text: &str) -> String {
    said_of(&[("main.tf", text)])
}

fn said_of(files: &[(&str, &str)]) -> String {
    let begin = Instant::now();
    let ours: Vec<(&str, String)> = files
        .iter()
        .map(|(name, text)| match name.ends_with(".tf") {
            true => (*name, format!("{OURS}{text}")),
            false => (*name, (*text).to_owned()),
        })
        .collect();
    let ours: Vec<(&str, &str)> = ours
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let said = Project::of(&ours).said();
    assert!(begin.elapsed() < LONGEST, "it took {:?}", begin.elapsed());
    said
}

fn has(out: &str, words: &str) {
    assert!(
        out.contains(words),
        "no `{words}` in:\n{}",
        &out[..out.len().min(3000)]
    );
}

#[test]
fn what_has_no_end() {
    has(
        &said("a = <<EOF\nserver {\n"),
        "main.tf:2: this heredoc has no end: no line is `EOF`",
    );
    has(
        &said("a = <<EOF\nx\nEOF"),
        "main.tf:2: this heredoc has no end",
    );
    has(
        &said("a = \"x\n"),
        "main.tf:2: this string has no end in its line",
    );
    has(
        &said("resource \"a\" \"b\" {\n"),
        "main.tf:2: this block has no end",
    );
    has(&said("a = \"${b\"\n"), "main.tf:2:");
    has(
        &said("a = \"%{ if true }x\"\n"),
        "main.tf:2: this has no end",
    );
    has(
        &said("a = \"%{ endif }\"\n"),
        "main.tf:2: this ends nothing",
    );
    has(&said("/* a"), "main.tf:2: this comment has no end");
    has(&said("a = \"\\q\"\n"), "main.tf:2: this escape");
    has(&said("a = [1, 2\n"), "main.tf:");
}

#[test]
fn what_lies_deep() {
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{a=", "}"),
        ("\"${", "}\""),
        ("f(", ")"),
        ("-", ""),
        ("!", ""),
    ] {
        let text = format!(
            "locals {{\n  a = {}1{}\n}}\n",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        has(&said(&text), "more than 60 levels");
    }
    let blocks = format!("{}{}", "a {\n".repeat(100_000), "}\n".repeat(100_000));
    has(&said(&blocks), "more than 60 levels");
    for (first, more) in [
        ("a", ".b"),
        ("a", "[0]"),
        ("1", "+1"),
        ("true", "?1:true"),
        ("a", "[*]"),
    ] {
        let text = format!("locals {{\n  a = {first}{}\n}}\n", more.repeat(100_000));
        let out = said(&text);
        assert!(
            out.contains("goes on for too long") || out.contains("more than 60 levels"),
            "{more}: {out}"
        );
    }
    let directives = "%{ if true }".repeat(100_000);
    has(
        &said(&format!("locals {{\n  a = \"{directives}\"\n}}\n")),
        "main.tf:",
    );
    let template = [
        (
            "main.tf",
            "resource \"local_file\" \"a\" {\n  filename = \"nginx.conf\"\n  content = templatefile(\"a.tftpl\", {})\n}\n",
        ),
        ("a.tftpl", directives.as_str()),
    ];
    has(&said_of(&template), "a.tftpl:1: more than 20 levels");
}

#[test]
fn circles() {
    let out = said(
        "locals {\n  a = local.b\n  b = local.a\n}\nresource \"local_file\" \"x\" {\n  filename = local.a\n  content = local.b\n}\n",
    );
    has(&out, "main.tf:4: `local.a` needs itself");
    let module = "module \"a\" {\n  source = \"../b\"\n}\n";
    let other = "module \"b\" {\n  source = \"../a\"\n}\n";
    let out = said_of(&[("a/main.tf", module), ("b/main.tf", other)]);
    has(&out, "more than 200 modules, or 20 in each other");
    let out = said("module \"a\" {\n  source = \"./\"\n}\n");
    has(&out, "more than 200 modules, or 20 in each other");
    let out = said("module \"a\" {\n  source = \"./a\"\n  x = module.a.y\n}\n");
    assert!(!out.contains("panic"), "{out}");
    let chain: String = (0..10_000)
        .map(|n| format!("  l{n} = \"${{local.l{}}}x\"\n", n + 1))
        .collect();
    let out = said(&format!(
        "locals {{\n{chain}}}\nresource \"local_file\" \"x\" {{\n  filename = local.l0\n  content = local.l0\n}}\n"
    ));
    has(&out, "values that go through more than 90 others");
    let lists: String = (1..400)
        .map(|n| format!("  l{n} = [local.l{}]\n", n - 1))
        .collect();
    let asked: String = (0..400).map(|n| format!("resource \"local_file\" \"x{n}\" {{\n  filename = \"a\"\n  content = local.l{n}\n}}\n")).collect();
    said(&format!("locals {{\n  l0 = 1\n{lists}}}\n{asked}"));
}

#[test]
fn what_multiplies() {
    let out = said(
        "resource \"local_file\" \"x\" {\n  count = 1000000\n  filename = \"nginx.conf\"\n  content = \"server {}\"\n}\n",
    );
    has(&out, "main.tf:3: more than 500 copies");
    let out = said(
        "resource \"local_file\" \"x\" {\n  for_each = toset([for a in range(9000) : tostring(a)])\n  filename = each.key\n  content = \"server {}\"\n}\n",
    );
    has(&out, "main.tf:3: more than 500 copies");
    let doubles: String = (1..60)
        .map(|n| {
            format!(
                "  l{n} = \"${{local.l{}}}${{local.l{}}}\\n\"\n",
                n - 1,
                n - 1
            )
        })
        .collect();
    let out = said(&format!(
        "locals {{\n  l0 = \"server {{}}\\n\"\n{doubles}}}\nresource \"local_file\" \"x\" {{\n  filename = \"nginx.conf\"\n  content = local.l59\n}}\n"
    ));
    has(&out, "more text than a configuration has");
    let out = said(
        "locals {\n  a = [for x in range(5000) : [for y in range(5000) : \"${x}${y}\"]]\n}\nresource \"local_file\" \"x\" {\n  filename = \"a\"\n  content = jsonencode(local.a)\n}\n",
    );
    has(&out, "more text than a configuration has");
    let modules: String = (0..400)
        .map(|n| format!("module \"m{n}\" {{\n  source = \"./m\"\n}}\n"))
        .collect();
    let out = said_of(&[("main.tf", &modules), ("m/main.tf", "")]);
    has(&out, "more than 200 modules");
}

#[test]
fn what_is_large() {
    let out = said(&format!(
        "locals {{\n  a = \"{}\"\n}}\n",
        "\\n".repeat(5_000_000)
    ));
    has(
        &out,
        "cannot read main.tf: it is larger than any configuration",
    );
    let text = format!(
        "locals {{\n  a = \"{}\"\n}}\nresource \"local_file\" \"x\" {{\n  filename = \"nginx.conf\"\n  content = local.a\n}}\n",
        "\\n$x".repeat(500_000)
    );
    said(&text);
    let lines = "server {\n".repeat(300_000);
    said(&format!(
        "resource \"local_file\" \"x\" {{\n  filename = \"nginx.conf\"\n  content = <<-EOF\n{lines}EOF\n}}\n"
    ));
}

#[test]
fn what_is_secret_is_not_said() {
    let out = said(
        "variable \"password\" {\n  default = \"hunter2-hunter2\"\n}\nresource \"aws_instance\" \"a\" {\n  user_data = <<-EOF\n    #cloud-config\n    write_files:\n      - path: /etc/nginx/nginx.conf\n        content: ${var.password}\n        encoding: hunter2-${var.password}\n  EOF\n}\nresource \"aws_instance\" \"b\" {\n  user_data = lookup({ a = 1 }, \"hunter2-hunter2\")\n}\n",
    );
    assert!(
        !out.replace("packed as `hunter2-hunter2-hunter2`", "")
            .contains("hunter2"),
        "{out}"
    );
}

#[test]
fn a_name_cannot_reach_the_terminal() {
    let out = said(
        "resource \"aws_instance\" \"a\\u001b[31m\" {\n  for_each = toset([\"\\u001b[2J\"])\n  user_data = data.x.y\n}\n",
    );
    assert!(!out.contains('\u{1b}'), "{out}");
    let out = said(
        "resource \"aws_instance\" \"a\u{1b}[31m\" {\n  for_each = toset([\"\\u001b[2J\"])\n  user_data = data.x.y\n}\n",
    );
    assert!(!out.contains('\u{1b}'), "{out}");
}

#[test]
fn plans_of_every_wrong_kind() {
    for text in [
        "{\"format_version\":\"1\",\"terraform_version\":\"1\"}",
        "{\"format_version\":\"1\",\"terraform_version\":\"1\",\"planned_values\":[]}",
        "{\"format_version\":\"1\",\"terraform_version\":\"1\",\"resource_changes\":{\"a\":1}}",
        "{\"format_version\":\"1\",\"terraform_version\":\"1\",\"planned_values\":{\"root_module\":{\"resources\":[1,{\"type\":\"aws_instance\",\"address\":\"a\",\"values\":{\"user_data\":\"#cloud-config\\n[\"}}]}}}",
        "{\"format_version\":\"1\",\"terraform_version\":\"1\",",
    ] {
        said_of(&[("plan.json", text)]);
    }
    let deep = format!(
        "{{\"format_version\":\"1\",\"terraform_version\":\"1\",\"fastcgi_pass\":{}",
        "[".repeat(100_000)
    );
    has(
        &said_of(&[("plan.json", &deep)]),
        "this plan cannot be read",
    );
}

#[test]
fn what_is_not_ours_is_not_spoken_of() {
    let files = [
        (
            "main.tf",
            "resource \"aws_s3_bucket\" \"b\" {\n  bucket = var.name\n}\nresource \"aws_instance\" \"x\" {\n  user_data = data.a.b\n}\nbroken = = \n",
        ),
        (
            "app/main.tf",
            "module \"x\" {\n  source = \"git::https://example.com/x\"\n}\n",
        ),
    ];
    let words = "problem /repo: no nginx, PHP-FPM or php.ini file in this directory\n";
    assert_eq!(Project::of(&files).said(), words);
}
