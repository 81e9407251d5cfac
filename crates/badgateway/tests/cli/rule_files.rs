//! Rule files of Prometheus: how they reach `check`, alone and beside configuration.

use std::process::Stdio;

use crate::run::{Folder, POOL, nginx, program, run, system};

const SELECTOR: &str = "prometheus-selector-matches-nothing";
const RATIO: &str = "prometheus-ratio-not-aggregated";

/// One alert with this expression.
fn rules(expression: &str) -> String {
    format!(
        "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: |\n          {expression}\n        \
         annotations:\n          summary: \"{{{{ $labels.instance }}}}\"\n"
    )
}

fn bad() -> String {
    rules(
        "rate(phpfpm_accepted_connections{status=\"500\"}[5m]) / rate(phpfpm_accepted_connections[5m])",
    )
}

#[test]
fn files_streams_and_folders() {
    let folder = Folder::new();
    let file = folder.write("alerts.yml", bad());
    let answer = run(&["check", &file]).says(SELECTOR).says(RATIO);
    assert_eq!(answer.code, 1, "{answer:#?}");
    let good = folder.write("good.yml", rules("phpfpm_listen_queue > 0"));
    assert_eq!(run(&["check", &good]).code, 0);
    let answer = run(&["check", &folder.at("")]).says("alerts.yml:6:");
    assert_eq!(answer.code, 1, "{answer:#?}");
    run(&["check", &file, &file]).says("1 file read");
}

#[test]
fn standard_input() {
    let mut child = program();
    let child = child.args(["check", "-"]).stdin(Stdio::piped());
    let mut child = child
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, bad().as_bytes()).expect("it reads");
    drop(input);
    let done = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(
        text.contains(SELECTOR) && text.contains("standard input:6"),
        "{text}"
    );
}

/// One report, and one exit code, for a stack and the alerts on it.
#[test]
fn beside_configuration() {
    let system = system(
        "fastcgi_read_timeout 20s;",
        POOL,
        "max_execution_time = 10\n",
    );
    system.write("etc/prometheus/rules.yml", bad());
    let answer = run(&["check", &system.at("etc")]);
    let answer = answer.says("read-timeout-below-terminate").says(RATIO);
    assert_eq!(answer.code, 1, "{answer:#?}");
    let nginx_conf = system.write("nginx.conf", nginx(""));
    run(&["check", &nginx_conf, &system.at("etc/prometheus/rules.yml")]).says(RATIO);
}

#[test]
fn the_main_file_names_rule_files() {
    let folder = Folder::new();
    folder.write("rules/a.yml", bad());
    let main = folder.write(
        "prometheus.yml",
        "rule_files:\n  - rules/*.yml\n  - 'none*.yml'\n",
    );
    let answer = run(&["check", &main]).says(RATIO).says("rules/a.yml:6");
    assert_eq!(answer.code, 1, "{answer:#?}");
    let main = folder.write("other.yml", "rule_files: [rules/a.yml, gone.yml]\n");
    let answer = run(&["check", &main]).says(RATIO).says("gone.yml, which ");
    assert_eq!(answer.code, 2, "{answer:#?}");
}

#[test]
fn what_cannot_be_read_is_not_clean() {
    let folder = Folder::new();
    for (text, words) in [
        (rules("sum(up"), "the expression ends where `)` must stand"),
        (bad().replace("expr: |", "expr: ["), "this is no YAML"),
        (bad().replace("groups:", "groups:\0"), "a control character"),
    ] {
        let file = folder.write("alerts.yml", text);
        let answer = run(&["check", &file]).says(words).says("alerts.yml:");
        assert_eq!(answer.code, 2, "{answer:#?}");
    }
    // What is YAML and no rule file is refused as it was.
    let file = folder.write("values.yml", "groups:\n- wheel\n");
    let answer = run(&["check", &file]).says("this is no nginx, PHP-FPM or php.ini file");
    assert_eq!(answer.code, 2, "{answer:#?}");
}

#[test]
fn comments_levels_and_choices() {
    let folder = Folder::new();
    let allowed = bad().replace(
        "        expr: |",
        &format!(
            "        # badgateway: allow({SELECTOR}, {RATIO}) it is meant so\n        expr: |"
        ),
    );
    let file = folder.write("alerts.yml", &allowed);
    assert_eq!(run(&["check", &file]).code, 0);
    let inside = bad().replace(
        "          rate(",
        &format!("          # badgateway: allow({RATIO}) a test\n          rate("),
    );
    let file = folder.write("alerts.yml", inside);
    let answer = run(&["check", &file]).says(SELECTOR);
    assert!(!answer.out.contains(RATIO), "{answer:#?}");
    let unused = folder.write("unused.yml", allowed.replace("{status=\"500\"}", ""));
    run(&["check", &unused])
        .says("unused-allow")
        .says("nothing on its line");
    let file = folder.write("alerts.yml", bad());
    let answer = run(&[
        "check",
        &file,
        "--group",
        "prometheus",
        "--ignore",
        SELECTOR,
    ])
    .says(RATIO);
    assert!(!answer.out.contains(SELECTOR), "{answer:#?}");
    let settings = folder.write(
        "badgateway.toml",
        format!("[levels]\n{SELECTOR} = \"off\"\n{RATIO} = \"warning\"\n"),
    );
    let answer = run(&["check", "--settings", &settings, &file]).says(&format!("warning[{RATIO}]"));
    assert!(!answer.out.contains(SELECTOR), "{answer:#?}");
}

#[test]
fn pages_and_lists() {
    run(&["rules"]).says(SELECTOR);
    run(&["rules", "--group", "prometheus", "--format", "json"]).says(RATIO);
    run(&["explain", RATIO]).says("## Why it matters");
    run(&["explain", &format!("rule:{SELECTOR}")]).says("prometheus · error · fix: none");
    run(&["explain", SELECTOR, "--report"]).says("has no label `status`");
}
