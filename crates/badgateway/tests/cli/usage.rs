//! Exit codes, help, colours, closed pipes.

use std::process::{Command, Stdio};

use crate::run::{POOL, answer, example, nginx, of, program, run, system};

const BAD: &str = "fastcgi_read_timeout 20s;";

#[test]
fn zero_is_for_sound_and_fully_read() {
    let sound = system("", POOL, "max_execution_time = 30\n");
    let root = sound.at("");
    run(&["check", "--root", &root])
        .exits(0)
        .says("1 route and 1 pool");
    // Checking is what it does when nothing else is asked for.
    run(&["--root", &root]).exits(0);
}

#[test]
fn one_is_for_findings_from_a_severity_on() {
    let bad = system(BAD, POOL, "max_execution_time = 30\n");
    let root = bad.at("");
    run(&["check", "--root", &root])
        .exits(1)
        .says("error[read-timeout-below-terminate]");
    run(&["check", "--root", &root, "--fail-on", "never"]).exits(0);
    let warning = system("", POOL, "max_execution_time = 0\n");
    let root = warning.at("");
    run(&["check", "--root", &root])
        .exits(1)
        .says("warning[max-execution-time-off]");
    run(&["check", "--root", &root, "--fail-on", "error"]).exits(0);
}

/// What `cargo xtask release` adds is looked at in the lab.
#[test]
fn a_program_without_the_page_says_so() {
    run(&["sandbox"]).exits(2).says("--out");
    run(&["sandbox", "--out", "-"])
        .exits(2)
        .says("without the page")
        .says("cargo xtask release");
}

#[test]
fn notes_are_asked_for() {
    let off = system("", &POOL.replace("40s", "0"), "max_execution_time = 30\n");
    let root = off.at("");
    let quiet = run(&["check", "--root", &root]).exits(0).says("--strict");
    assert!(!quiet.out.contains("info["), "{}", quiet.out);
    run(&["check", "--root", &root, "--strict"])
        .exits(0)
        .says("info[");
    run(&["check", "--root", &root, "--strict", "--fail-on", "info"]).exits(1);
}

#[test]
fn two_is_for_what_could_not_be_read_whatever_was_found() {
    let bad = system(BAD, POOL, "max_execution_time = 30\n");
    bad.write(
        "etc/nginx/nginx.conf",
        nginx(BAD).replace("http {", "http {\n    include missing.conf;"),
    );
    run(&["check", "--root", &bad.at("")])
        .exits(2)
        .says("missing.conf")
        .says("read-timeout-below-terminate");
    run(&["check", "--root", &bad.at(""), "--fail-on", "never"]).exits(2);
}

#[test]
fn two_is_for_wrong_arguments() {
    run(&["check", "--no-such-option"]).exits(2);
    run(&["check", "/no/such/file"])
        .exits(2)
        .says("/no/such/file");
    run(&["check", "--rule", "no-such-rule"])
        .exits(2)
        .says("no-such-rule");
    run(&["explain", "no-such-rule"]).exits(2);
}

#[test]
fn a_wrong_name_gets_the_nearest() {
    run(&["explain", "read-timeout-zer"])
        .exits(2)
        .says("read-timeout-zero");
}

#[test]
fn the_nearest_of_many() {
    for (wrong, near) in [
        ("READ-TIMEOUT-ZERO", "read-timeout-zero"),
        ("sockt-without-pool", "socket-without-pool"),
        ("terminate", "terminate-timeout-off"),
    ] {
        let hint = format!("did you mean `{near}`?");
        run(&["explain", wrong]).exits(2).says(&hint);
        run(&["check", "--rule", wrong]).exits(2).says(&hint);
    }
    run(&["explain", "xyzzy"])
        .exits(2)
        .says("`badgateway rules`");
    run(&["chekc"]).exits(2).says("it is no command either");
}

#[test]
fn nothing_came_through_a_pipe() {
    let nothing = std::fs::File::open("/dev/null").expect("it is there");
    answer(program().args(["check", "-"]).stdin(nothing))
        .exits(2)
        .says("standard input is empty")
        .says("2>&1");
}

#[test]
fn an_output_that_cannot_be_written() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let full = full.expect("every Linux has it");
    answer(program().arg("rules").stdout(full))
        .exits(2)
        .says("cannot write the output");
    let mut child = program()
        .args(["explain", "nonsense"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // Nobody listens to its messages.
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
}

#[test]
fn one_rule_alone() {
    let root = example().display().to_string();
    let answer = run(&["check", "--root", &root, "--rule", "terminate-timeout-off"]).exits(1);
    assert!(answer.out.contains("[terminate-timeout-off]"));
    assert!(!answer.out.contains("error["), "{}", answer.out);
}

#[test]
fn every_rule_has_its_page() {
    let list = run(&["rules", "--format", "json"]).exits(0);
    let list: serde_json::Value = serde_json::from_str(&list.out).expect("it is JSON");
    let rules = list["rules"].as_array().expect("a list of rules");
    assert!(rules.len() >= 33);
    let table = run(&["rules"]).exits(0);
    for rule in rules {
        let id = rule["id"].as_str().expect("an id");
        assert!(table.out.contains(id), "{id} is not in the table");
        run(&["explain", id])
            .exits(0)
            .says(id)
            .says("Why it matters")
            .says("References");
    }
}

#[test]
fn every_bad_example_has_its_report() {
    let list = run(&["rules", "--format", "json"]).exits(0);
    let list: serde_json::Value = serde_json::from_str(&list.out).expect("it is JSON");
    for rule in list["rules"].as_array().expect("a list of rules") {
        let id = rule["id"].as_str().expect("an id");
        let report = run(&["explain", id, "--report"]).exits(0);
        let one = report.out.matches(&format!("[{id}]: ")).count();
        assert_eq!(one, 1, "{id}: {}", report.out);
    }
    run(&["explain", "worker-oom-killed", "--report"])
        .exits(2)
        .says("is a cause");
    run(&["explain", "xyzzy", "--report"]).exits(2);
}

/// One name may be a rule's and a cause's.
#[test]
fn both_of_one_name_are_explained() {
    let both = run(&["explain", "protocol-mixup"]).exits(0).out;
    let rule = run(&["explain", "rule:protocol-mixup"]).exits(0).out;
    let cause = run(&["explain", "cause:protocol-mixup"]).exits(0).out;
    assert!(rule.contains("sockets · error") && cause.contains("cause · "));
    assert_eq!(both, format!("{rule}\n{cause}"));
    run(&["explain", "cause:read-timeout-zero"]).exits(2);
    run(&["explain", "cause:protocol-mixup", "--report"]).exits(2);
}

#[test]
fn one_group_of_rules() {
    let all = run(&["rules"]).exits(0).out;
    let timeouts = run(&["rules", "--group", "timeouts"]).exits(0).out;
    assert!(all.contains("socket-without-pool"));
    assert!(timeouts.contains("read-timeout-zero"));
    assert!(!timeouts.contains("socket-without-pool"), "{timeouts}");
    let args = ["rules", "--group", "sockets", "--format", "json"];
    let list = run(&args).exits(0).out;
    let list: serde_json::Value = serde_json::from_str(&list).expect("it is JSON");
    let rules = list["rules"].as_array().expect("a list of rules");
    assert!(rules.len() >= 9 && rules.iter().all(|rule| rule["group"] == "sockets"));
    run(&["rules", "--group", "timeout"])
        .exits(2)
        .says("the groups are ")
        .says("timeouts");
}

#[test]
fn causes_as_json() {
    let list = run(&["causes", "--format", "json"]).exits(0);
    let list: serde_json::Value = serde_json::from_str(&list.out).expect("it is JSON");
    let schema = include_str!("../../../report/schema/report.schema.json");
    let schema = serde_json::from_str(schema).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    assert!(schema.is_valid(&list), "{list:#}");
    let causes = list["causes"].as_array().expect("a list of causes");
    assert!(causes.len() >= 38);
    let table = run(&["causes"]).exits(0).out;
    assert_eq!(table.lines().count(), causes.len());
    for cause in causes {
        let id = cause["id"].as_str().expect("an id");
        assert!(table.contains(id), "{id} is not in the table");
        for rule in cause["rules"].as_array().expect("a list") {
            run(&["explain", rule.as_str().expect("an id")]).exits(0);
        }
    }
}

#[test]
fn help_names_the_exit_codes() {
    for args in [&["--help"][..], &["check", "--help"], &["chain", "--help"]] {
        run(args).exits(0).says("Exit codes");
    }
    run(&["--version"]).exits(0).says(env!("CARGO_PKG_VERSION"));
    run(&["man"]).exits(0).says(".TH");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        run(&["completions", shell]).exits(0).says("badgateway");
    }
}

#[test]
fn colours_only_for_a_terminal_or_when_asked() {
    let root = example().display().to_string();
    let plain = run(&["check", "--root", &root]);
    assert!(!plain.out.contains('\u{1b}'));
    let always = run(&["check", "--root", &root, "--color", "always"]);
    assert!(always.out.contains('\u{1b}'));
    let asked = answer(
        program()
            .env("NO_COLOR", "1")
            .args(["check", "--root", &root, "--color", "always"]),
    );
    assert!(
        asked.out.contains('\u{1b}'),
        "an option is nearer than the environment"
    );
    for command in ["check", "chain", "fix"] {
        for args in [&["--color", "auto"][..], &["--color", "never"]] {
            let args = [&[command, "--root", root.as_str()], args].concat();
            assert!(!run(&args).all().contains('\u{1b}'), "{args:?}");
        }
    }
}

/// On a terminal there are colours, and `NO_COLOR` takes them away.
#[test]
fn colours_on_a_terminal() {
    let root = example().display().to_string();
    let on_terminal = |variable: &str| {
        let shell = format!(
            "{variable} {} check --root {root}",
            env!("CARGO_BIN_EXE_badgateway")
        );
        let mut script = Command::new("script");
        let output = script
            .args(["--quiet", "--return", "--command", &shell, "/dev/null"])
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .output();
        of(&output.expect("script IS MISSING. Install: apt-get install -y bsdutils")).exits(1)
    };
    assert!(on_terminal("NO_COLOR=").out.contains('\u{1b}'));
    assert!(!on_terminal("NO_COLOR=1").out.contains('\u{1b}'));
}

#[test]
fn a_reader_may_leave() {
    for args in [&["rules"][..], &["man"], &["explain", "read-timeout-zero"]] {
        let mut child = program()
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        drop(child.stdout.take());
        let answer = of(&child.wait_with_output().expect("it ends"));
        assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{args:?}");
    }
}
