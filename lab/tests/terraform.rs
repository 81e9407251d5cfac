//! What is read of Terraform's files, byte for byte against HCL's own parser (in the package
//! `@cdktf/hcl2json`), and against Terraform itself where it is installed.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use base::{FilePath, SortedMap};
use intake::Gather;
use lab::live::test_fpm;
use lab::npm::package;
use lab::program::run;
use lab::random::Random;
use lab::scratch::Scratch;
use model::{Files as _, MemoryFiles};

const CASES: usize = 3000;

/// Text of a template. `is_literal`: without anything that is worked out.
fn soup(random: &mut Random, is_quoted: bool, is_literal: bool) -> String {
    let plain = [
        " ",
        "  ",
        "\t",
        "a",
        "server {",
        "}",
        "$",
        "$x",
        "%",
        "$${a}",
        "%%{b}",
        "é",
        "~",
        "#c",
        "\\\\.php$",
        "1.5",
    ];
    let lines = ["\n", "\n\n", "\n  ", "\n    ", "\n \n", "\n\t"];
    let values = [
        "${var.n}",
        "${ var.s }",
        "${~ var.s}",
        "${var.s ~}",
        "${~var.n~}",
        "${local.text}",
        "${1 + 2 * 3}",
        "${true ? \"y\" : \"n\"}",
        "${\"in${var.n}ner\"}",
        "${upper(var.s)}",
        "${join(\",\", [\"a\", \"b\"])}",
    ];
    let mut out = String::new();
    let mut open: Vec<&str> = Vec::new();
    for _ in 0..random.below(14) {
        // A sign before a brace would be an escape.
        if out.ends_with(['$', '%']) && !is_literal {
            out.push('x');
        }
        match random.below(if is_literal { 6 } else { 10 }) {
            0..=2 => {
                let piece = random.pick(&plain);
                // Outside of quotes a backslash is one.
                out += &if is_quoted {
                    piece.to_owned()
                } else {
                    piece.replace("\\\\", "\\")
                };
            }
            3..=5 if is_quoted => {
                out += random.pick(&["\\n", "\\t", "\\\"", "\\\\", "\\u0041", "x"])
            }
            3..=5 => out += random.pick(&lines),
            6 | 7 => out += random.pick(&values),
            8 if open.len() < 3 => {
                let (begin, end) = [
                    ("%{ if var.n > 1 }", "%{ endif }"),
                    ("%{~ if var.n == 60 ~}", "%{~ else ~}z%{ endif ~}"),
                    ("%{ for i in [1, 2] ~}", "${i}%{ endfor ~}"),
                    ("%{ for k, v in { b = 2, a = 1 } }", "${k}=${v}%{~ endfor }"),
                ][random.below(4)];
                out += begin;
                open.push(end);
            }
            _ => out += open.pop().unwrap_or("-"),
        }
    }
    while let Some(end) = open.pop() {
        if out.ends_with(['$', '%']) {
            out.push('x');
        }
        out += end;
    }
    out
}

/// An expression around a soup.
fn expression(random: &mut Random, is_literal: bool) -> String {
    let is_quoted = random.one_in(3);
    let text = soup(random, is_quoted, is_literal);
    if is_quoted {
        return format!("\"{text}\"");
    }
    let mark = random.pick(&["<<EOF", "<<-EOF", "<<-EOF"]);
    let indent = random.pick(&["", "  ", "    "]);
    let begin = random.pick(&["", "    ", "  ", "      "]);
    format!("{mark}\n{begin}{text}\n{indent}EOF")
}

/// What is made of a file.
fn ours(text: &str, others: &[(&str, &str)]) -> SortedMap<String, Result<String, String>> {
    let mut tree = MemoryFiles::default();
    tree.insert("/repo/main.tf", text.as_bytes());
    for (name, text) in others {
        tree.insert(format!("/repo/{name}"), text.as_bytes());
    }
    iac::terraform::outputs(&tree, "/repo")
}

#[test]
fn literals_as_hcl_itself_reads_them() {
    let package = package("hcl2json", "@cdktf/hcl2json@0.21.0");
    let mut random = Random::new(20_261_129);
    let mut text = String::new();
    for number in 0..CASES {
        let value = expression(&mut random, true);
        writeln!(text, "output \"c{number}\" {{\n  value = {value}\n}}").expect("a text takes it");
    }
    let scratch = Scratch::new("hcl2json");
    scratch.write("main.tf", &text);
    let script = format!(
        "const {{parse}} = require('{}'); const fs = require('fs');\
         parse('main.tf', fs.readFileSync('main.tf', 'utf8')).then(r => console.log(JSON.stringify(r)), \
         e => {{ console.error(String(e)); process.exit(1); }});",
        package.display()
    );
    let mut node = Command::new("node");
    node.args(["-e", &script]).current_dir(scratch.path());
    let output = node.output().expect("node runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it writes JSON");
    let ours = ours(&text, &[]);
    for number in 0..CASES {
        let name = format!("c{number}");
        let theirs = theirs["output"][&name][0]["value"]
            .as_str()
            .expect("a text");
        let ours = ours[&name].as_ref().expect("nothing in it is unknown");
        // It writes templates, in which these are escaped.
        let ours = ours.replace("${", "$${").replace("%{", "%%{");
        assert_eq!(ours, theirs, "{name} of\n{text}");
    }
}

/// Terraform, where there is one. No registry of packages that is asked here has it.
fn terraform() -> Option<Command> {
    let mut command = Command::new("terraform");
    command
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1");
    let is_there = Command::new("terraform")
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    is_there
        .is_ok_and(|status| status.success())
        .then_some(command)
}

/// What is done with a text, which `@` stands for.
const WRAPS: &[&str] = &[
    "@",
    "@",
    "@",
    "indent(4, @)",
    "trimspace(@)",
    "chomp(@)",
    "replace(@, \"a\", \"bb\")",
    "jsonencode({ k = @ })",
    "jsonencode([1, true, null, @])",
    "base64decode(base64encode(@))",
    "base64encode(@)",
    "format(\"%s-%d\", @, 3)",
    "join(\"|\", [@, \"x\"])",
    "join(\";\", split(\"\\n\", @))",
    "upper(@)",
    "lookup({ a = @ }, \"a\", \"\")",
    "merge({ a = \"1\" }, { a = @ })[\"a\"]",
    "element([@, \"b\"], 2)",
    "[for s in [@] : \"<${s}>\"][0]",
    "length(@) > 3 ? \"long\" : \"short\"",
    "trimprefix(@, \"a\")",
    "try(@, \"\")",
];

#[test]
fn texts_as_terraform_itself_makes_them() {
    if terraform().is_none() {
        eprintln!("there is no terraform: its texts were compared with HCL's parser only");
        return;
    }
    let mut random = Random::new(1_129);
    let head = "variable \"n\" {\n  default = 60\n}\nvariable \"s\" {\n  default = \"sock\"\n}\n\
                locals {\n  text = \"one\\n  two\\n\"\n}\n";
    let mut text = head.to_owned();
    let mut files: Vec<(String, String)> = Vec::new();
    for number in 0..CASES {
        let value = match random.one_in(5) {
            true => {
                let name = format!("t{number}.tftpl");
                let soup = soup(&mut random, false, false)
                    .replace("var.", "")
                    .replace("local.", "");
                files.push((name.clone(), soup));
                format!(
                    "templatefile(\"${{path.module}}/{name}\", {{ n = var.n, s = var.s, text = local.text }})"
                )
            }
            false => format!("local.c{number}"),
        };
        let wrap = random.pick(WRAPS).replace('@', &value);
        let inner = expression(&mut random, false);
        write!(
            text,
            "locals {{\n  c{number} = {inner}\n}}\noutput \"c{number}\" {{\n  value = {wrap}\n}}\n"
        )
        .expect("a text takes it");
    }
    let scratch = Scratch::new("terraform");
    scratch.write("main.tf", &text);
    for (name, text) in &files {
        scratch.write(name, text);
    }
    let go = |arguments: &[&str]| {
        let mut command = terraform().expect("it was there");
        let output = command
            .args(arguments)
            .current_dir(scratch.path())
            .output()
            .expect("terraform runs");
        assert!(
            output.status.success(),
            "{}\n{text}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    go(&["init", "-no-color", "-input=false"]);
    go(&["plan", "-no-color", "-input=false", "-out=plan"]);
    let theirs: serde_json::Value =
        serde_json::from_slice(&go(&["show", "-json", "plan"])).expect("it writes JSON");
    let others: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let ours = ours(&text, &others);
    assert!(!ours.contains_key("problem"), "{:?}", ours["problem"]);
    for number in 0..CASES {
        let name = format!("c{number}");
        let theirs = match &theirs["planned_values"]["outputs"][&name]["value"] {
            serde_json::Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let shown = text
            .split(&format!("c{number} = "))
            .nth(1)
            .and_then(|rest| rest.split("locals {").next());
        assert_eq!(
            ours[&name],
            Ok(theirs),
            "{name}: {}",
            shown.unwrap_or_default()
        );
    }
}

/// The machine of a fixture, with its files below a folder of this machine.
fn machine(name: &str) -> (MemoryFiles, FilePath) {
    let root =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/iac/fixtures/terraform");
    let mut tree = MemoryFiles::default();
    let mut open = vec![root.join(name)];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir)
            .expect("the fixture is there")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let plain = path
                .strip_prefix(root.join(name))
                .expect("it lies there")
                .display()
                .to_string();
            tree.insert(
                format!("/repo/{plain}"),
                std::fs::read(&path).expect("it can be read"),
            );
        }
    }
    let mut gather = Gather::new(&tree).with_machines(Some(iac::machines));
    gather.folder(&FilePath::new("/repo"));
    let mut found = gather.finish();
    let (main, files, _) = found.nginx_dumps.remove(0);
    (files, main)
}

/// What comes out is what the servers read without complaint.
#[test]
fn the_servers_take_the_files() {
    for (name, nginx, pool) in [
        (
            "cloud-config",
            "/etc/nginx/sites-enabled/default",
            "/etc/php/8.2/fpm/pool.d/www.conf",
        ),
        (
            "script",
            "/etc/nginx/conf.d/blog.conf",
            "/etc/php/8.2/fpm/pool.d/zz-limits.conf",
        ),
        (
            "template",
            "/etc/nginx/nginx.conf",
            "/etc/php/8.2/fpm/pool.d/shop.conf",
        ),
        (
            "multipart",
            "/etc/nginx/conf.d/app.conf",
            "/etc/php/8.2/fpm/pool.d/www.conf",
        ),
        ("docker", "/etc/nginx/conf.d/default.conf", ""),
    ] {
        let (files, _) = machine(name);
        let read = |path: &str| {
            let bytes = files
                .read(&FilePath::new(path))
                .unwrap_or_else(|error| panic!("{name} {path}: {error}"));
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let scratch = Scratch::new("terraform-files");
        for path in ["fastcgi.conf", "fastcgi_params"] {
            scratch.write(
                path,
                "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n",
            );
        }
        let text = read(nginx).replace("php:9000", "127.0.0.1:9000");
        let text = match text.contains("http {") {
            true => text,
            false => format!("events {{}}\nhttp {{\n{text}}}\n"),
        };
        let text = text.replace("listen 80", "listen 127.0.0.1:8999");
        scratch.write(
            "nginx.conf",
            format!("pid {}/nginx.pid;\n{text}", scratch.path().display()),
        );
        let main = scratch.path().join("nginx.conf").display().to_string();
        let prefix = scratch.path().display().to_string();
        let mut command = Command::new("nginx");
        command.args(["-t", "-p", &prefix, "-e", "stderr", "-c", &main]);
        let output = command.output().expect("nginx runs");
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        if pool.is_empty() {
            continue;
        }
        let mut pool = read(pool);
        if !pool.contains("listen =") {
            pool += "listen = /run/x.sock\nuser = www-data\npm = static\npm.max_children = 1\n";
        }
        scratch.write(
            "php-fpm.conf",
            format!("[global]\nerror_log = {prefix}/fpm.log\n{pool}"),
        );
        scratch.write("php.ini", "");
        let (is_fine, said) = test_fpm(scratch.path(), "-t");
        assert!(is_fine, "{name}: {said}");
    }
}

#[test]
fn the_program_says_what_the_library_says() {
    let root =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/iac/fixtures/terraform");
    let output = run(&["check", &root.join("cloud-config").display().to_string()]);
    let text = format!("{output:?}");
    assert!(text.contains("read-timeout-below-terminate"), "{text}");
    assert!(text.contains("main.tf:27"), "{text}");
}
