//! The bridges to checkov and to OPA fail closed, with the real checkov and a Rego engine.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lab::pip::Packages;
use lab::program::badgateway;
use lab::scratch::Scratch;

fn bridges() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci")
}

const TASKS: &str = "- hosts: all\n  tasks:\n    - name: nginx\n      ansible.builtin.template:\n        \
                     src: nginx.conf.j2\n        dest: /etc/nginx/nginx.conf\n";
const NGINX: &str = "events {}\nhttp {\n    server {\n        listen 80;\n        location / {\n            \
                     root @ROOT@;\n        }\n    }\n}\n";

fn packages() -> Packages {
    Packages::of("checkov", &["checkov==3.3.30"], "import checkov.main")
}

/// Runs the gate on a folder; `checks` are those of the repository or others.
fn gate(packages: &Packages, folder: &Path, program: &str, checks: &Path) -> Output {
    let checkov = "python3 -m checkov.main";
    let mut python = packages.python();
    python
        .arg(bridges().join("checkov/gate.py"))
        .args(["-d", ".", "--compact", "--quiet"])
        .current_dir(folder)
        .env("CHECKOV", checkov)
        .env("BADGATEWAY", program)
        .env("BADGATEWAY_CHECKS", checks)
        .output()
        .expect("python runs")
}

fn exits(output: &Output, code: i32) {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
}

#[test]
fn checkov_fails_closed() {
    let packages = packages();
    let checks = bridges().join("checkov/checks");
    let program = badgateway().display().to_string();
    let scratch = Scratch::new("checkov");
    scratch.write("play.yml", TASKS);
    // What badgateway says is what checkov says.
    scratch.write("nginx.conf.j2", NGINX.replace("@ROOT@", "/srv/shop"));
    let sound = gate(&packages, scratch.path(), &program, &checks);
    exits(&sound, 0);
    assert!(
        String::from_utf8_lossy(&sound.stdout).contains("Passed checks: 1"),
        "{sound:?}"
    );
    scratch.write("nginx.conf.j2", NGINX.replace("@ROOT@", "/"));
    exits(&gate(&packages, scratch.path(), &program, &checks), 1);
    // A program that is not there, one that dies, and a configuration that cannot be read.
    exits(
        &gate(&packages, scratch.path(), "/nowhere/badgateway", &checks),
        1,
    );
    exits(&gate(&packages, scratch.path(), "false", &checks), 1);
    scratch.write(
        "nginx.conf.j2",
        NGINX.replace("root @ROOT@", "include missing.conf"),
    );
    exits(&gate(&packages, scratch.path(), &program, &checks), 1);
    // A check that cannot be imported: the class that a well-known article names is not there.
    let check = checks.join("badgateway_chain.py");
    let check = std::fs::read_to_string(check).expect("the check");
    let broken = Scratch::new("checks");
    broken.write("checks/__init__.py", "");
    let wrong = check.replace("base_ansible_task_check", "base_ansible_check");
    broken.write("checks/badgateway_chain.py", wrong);
    let checks = broken.path().join("checks");
    exits(&gate(&packages, scratch.path(), &program, &checks), 2);
    exits(
        &gate(&packages, scratch.path(), &program, Path::new("/nowhere")),
        2,
    );
    // That is why there is a gate around it: checkov alone passes.
    let mut alone = packages.python();
    let alone = alone
        .args([
            "-m",
            "checkov.main",
            "--skip-download",
            "--framework",
            "ansible",
        ])
        .args([
            "--check",
            "CKV_BADGATEWAY_1",
            "-d",
            ".",
            "--external-checks-dir",
        ])
        .arg(&checks)
        .current_dir(scratch.path())
        .output();
    exits(&alone.expect("python runs"), 0);
}

/// What the policy says of a document: how many denials.
fn denials(packages: &Packages, document: &str) -> usize {
    const ASK: &str = "import sys\nfrom regopy import Interpreter\n\
                       rego = Interpreter()\n\
                       rego.add_module('badgateway.rego', open(sys.argv[1]).read())\n\
                       rego.set_input_term(sys.argv[2])\n\
                       print(rego.query('data.main.deny'))";
    let mut python = packages.python();
    let output = python
        .args(["-c", ASK])
        .arg(bridges().join("opa/badgateway.rego"))
        .arg(document)
        .output()
        .expect("python runs");
    let out = String::from_utf8_lossy(&output.stdout);
    let said: serde_json::Value = serde_json::from_str(&out)
        .unwrap_or_else(|_| panic!("{out}{}", String::from_utf8_lossy(&output.stderr)));
    let denied = said["expressions"][0].as_array();
    denied.unwrap_or_else(|| panic!("{out}")).len()
}

#[test]
fn the_policy_for_opa_denies_what_it_cannot_read() {
    let packages = Packages::of("rego", &["regopy==1.5.2"], "import regopy");
    let report = |root: &str| {
        let scratch = Scratch::new("opa");
        scratch.write("nginx.conf", NGINX.replace("@ROOT@", root));
        let output = Command::new(badgateway())
            .args(["check", "nginx.conf", "--format", "json"])
            .current_dir(scratch.path())
            .output();
        String::from_utf8(output.expect("it runs").stdout).expect("JSON")
    };
    let sound = report("/srv/shop");
    assert_eq!(denials(&packages, &sound), 0, "{sound}");
    assert!(denials(&packages, &report("/")) > 0);
    let incomplete = sound.replace("\"complete\": true", "\"complete\": false");
    assert_ne!(incomplete, sound);
    assert_eq!(denials(&packages, &incomplete), 1);
    let newer = sound.replace("\"schema_version\": 1", "\"schema_version\": 2");
    assert_ne!(newer, sound);
    for document in ["{}", "null", "[]", "\"\"", newer.as_str()] {
        assert_eq!(denials(&packages, document), 1, "{document}");
    }
    let unheard = "{\"schema_version\": 1, \"complete\": true, \"problems\": [], \
                   \"findings\": [{\"rule\": \"a\", \"severity\": \"fatal\", \"message\": \"m\"}]}";
    assert_eq!(denials(&packages, unheard), 1);
}
