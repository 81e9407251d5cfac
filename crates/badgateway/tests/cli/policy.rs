//! `[policy]`: what a team states holds everywhere, or is said, or is not known; never passed over.

use serde_json::Value;

use crate::run::{Answer, Folder, POOL, answer, nginx, program, system};

fn run_in(folder: &Folder, command: &str, args: &[&str]) -> Answer {
    let mut program = program();
    program
        .current_dir(folder.path())
        .args([command, "."])
        .args(args);
    answer(&mut program)
}

/// nginx waits 60s by default; FPM ends at 40s.
fn stated(policy: &str, inside: &str, php_ini: &str) -> Folder {
    let folder = system(inside, POOL, php_ini);
    folder.write("badgateway.toml", format!("[policy]\n{policy}\n"));
    folder
}

/// Statement, directive, php.ini, what the finding says; nothing when it holds.
const CASES: &[[&str; 4]] = &[
    ["read-timeout = \">= terminate-timeout + 10s\"", "", "", ""],
    ["read-timeout = \">= terminate + 20s\"", "", "", ""],
    [
        "read-timeout = \">= terminate-timeout + 10s\"",
        "fastcgi_read_timeout 45s;",
        "",
        "`read-timeout >= terminate-timeout + 10s`, but `fastcgi_read_timeout` is 45s and \
             `request_terminate_timeout` is 40s",
    ],
    ["read-timeout = \"<= 1m\"", "", "", ""],
    [
        "read-timeout = \"< 1m\"",
        "",
        "",
        "`fastcgi_read_timeout` is 60s, which nobody has set",
    ],
    [
        "read-timeout = \"== 1m\"",
        "fastcgi_read_timeout 60;",
        "",
        "",
    ],
    [
        "read-timeout = \"> 500ms\"",
        "fastcgi_read_timeout 500ms;",
        "",
        "is 0.5s",
    ],
    [
        "read = \"required\"",
        "",
        "",
        "`read-timeout required`, but",
    ],
    [
        "read = \"required and <= 60s\"",
        "fastcgi_read_timeout 60s;",
        "",
        "",
    ],
    [
        "read-timeout = \">= 1s\"",
        "fastcgi_read_timeout 0;",
        "",
        "is 0s",
    ],
    [
        "request_terminate_timeout = \"required and <= 40s\"",
        "",
        "",
        "",
    ],
    ["terminate-timeout = \"<= 39s\"", "", "", "in pool `www`"],
    [
        "upload-max-filesize = \"<= 64m\"",
        "",
        "upload_max_filesize = 64M",
        "",
    ],
    [
        "upload-max-filesize = \"<= 64m\"",
        "",
        "upload_max_filesize = 1G",
        "`upload_max_filesize` is 1G",
    ],
    [
        "upload-max-filesize = \"<= 64m\"",
        "fastcgi_param PHP_VALUE \"upload_max_filesize=65M\";",
        "",
        "`upload_max_filesize` is 65M",
    ],
    [
        "client-max-body-size = \">= post-max-size\"",
        "client_max_body_size 7m;",
        "",
        "`client_max_body_size` is 7M and `post_max_size` is 8M",
    ],
    // No limit is more than any.
    [
        "client-max-body-size = \">= 1g\"",
        "client_max_body_size 0;",
        "",
        "",
    ],
    [
        "client-max-body-size = \"<= 1g\"",
        "client_max_body_size 0;",
        "",
        "`client_max_body_size` is off (no limit)",
    ],
    [
        "memory-limit = \"<= 256m\"",
        "",
        "memory_limit = -1",
        "off (no limit)",
    ],
    [
        "max-execution-time = \"<= 30s\"",
        "",
        "max_execution_time = 0",
        "off (no limit)",
    ],
    ["max-children = \"<= 5\"", "", "", ""],
    ["max-children = \">= 6\"", "", "", "`pm.max_children` is 5"],
    [
        "max-requests = \"<= 1000\"",
        "",
        "",
        "`pm.max_requests` is off",
    ],
];

#[test]
fn statements_hold_or_are_broken_with_both_values() {
    for [policy, inside, php_ini, said] in CASES {
        let folder = stated(policy, inside, php_ini);
        let found = run_in(&folder, "check", &["--rule", "policy"]);
        let shown = run_in(&folder, "policy", &[]);
        if said.is_empty() {
            assert_eq!(
                (found.code, shown.code),
                (0, 0),
                "{policy}: {found:#?} {shown:#?}"
            );
            continue;
        }
        assert_eq!(
            (found.code, shown.code),
            (1, 1),
            "{policy}: {found:#?} {shown:#?}"
        );
        let flat = found.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("error[policy]"), "{policy}: {flat}");
        assert!(flat.contains(said), "{policy}: {said}\n{flat}");
        assert!(
            flat.contains("badgateway.toml:2 states it"),
            "{policy}: {flat}"
        );
        assert!(shown.out.contains("broken 1"), "{policy}: {}", shown.out);
    }
}

#[test]
fn no_limit_is_above_every_limit() {
    let folder = system("", &POOL.replace("= 40s", "= 0"), "");
    for policy in [
        "terminate-timeout = \"<= 120s\"",
        "terminate-timeout = \"required\"",
    ] {
        folder.write("badgateway.toml", format!("[policy]\n{policy}\n"));
        run_in(&folder, "check", &["--rule", "policy"])
            .exits(1)
            .says("`request_terminate_timeout` is off (no limit)");
    }
    let above = "[policy]\nread-timeout = \">= terminate-timeout + 10s\"\n";
    folder.write("badgateway.toml", above);
    run_in(&folder, "policy", &[]).exits(1).says("broken");
}

#[test]
fn what_is_not_known_is_no_pass() {
    // The pool is not among the files.
    let folder = Folder::new();
    folder.write("nginx.conf", nginx(""));
    folder.write(
        "badgateway.toml",
        "[policy]\nread-timeout = \">= terminate-timeout + 10s\"\n",
    );
    run_in(&folder, "check", &[])
        .exits(2)
        .says("whether the policy `read-timeout >= terminate-timeout + 10s` (badgateway.toml:2)")
        .says("is unknown");
    run_in(&folder, "policy", &[]).exits(2).says("unknown 1");
    // A template fills the value.
    let folder = stated(
        "read-timeout = \"<= 60s\"",
        "fastcgi_read_timeout {{ timeout }};",
        "",
    );
    run_in(&folder, "check", &[]).exits(2).says("is unknown");
    run_in(&folder, "policy", &[]).exits(2);
    // There is nothing that it is about.
    let folder = Folder::new();
    folder.write("php-fpm.conf", format!("[global]\n{POOL}"));
    folder.write("badgateway.toml", "[policy]\nread-timeout = \"<= 60s\"\n");
    run_in(&folder, "check", &[])
        .exits(2)
        .says("no route was found that it is about");
    // A pool that no route reaches is asked, too.
    folder.write(
        "badgateway.toml",
        "[policy]\nmax-children = \"<= 4\"\nmemory-limit = \"<= 1m\"\n",
    );
    let answer = run_in(&folder, "policy", &[]);
    assert_ne!(answer.code, 0, "{answer:#?}");
    answer.says("broken www: pm.max_children is 5");
}

#[test]
fn a_policy_that_does_not_load_is_an_error() {
    let cases = [
        (
            "red-timeout = \"<= 1s\"",
            "line 2: [policy]: there is no `red-timeout`",
        ),
        (
            "\nread-timeout = \"<= 1 fortnight\"",
            "line 3: [policy]: `1 fortnight` is no time",
        ),
        ("read-timeout = \"<= 1y\"", "is no time"),
        ("upload-max-filesize = \"<= 10s\"", "`10s` is no size"),
        ("upload-max-filesize = \"<= 10MB\"", "`10MB` is no size"),
        ("max-children = \"<= -1\"", "`-1` is no number"),
        (
            "read-timeout = \"10s\"",
            "`10s` is neither `required` nor begins with",
        ),
        ("read-timeout = \"=< 10s\"", "is neither `required`"),
        ("read-timeout = \"<= \"", "is no time"),
        ("read-timeout = \"\"", "is neither `required`"),
        (
            "read-timeout = \">= memory-limit\"",
            "`read-timeout` is a time and `memory-limit` is a size",
        ),
        (
            "read-timeout = \">= teminate + 10s\"",
            "there is no `teminate`",
        ),
        ("read-timeout = \">= terminate + \"", "is no time"),
        ("read-timeout = \">= terminate - 10s\"", "is no time"),
        (
            "read-timeout = \"<= 1s\"\nread = \"<= 2s\"",
            "line 3: [policy]: `read-timeout` is there already",
        ),
        ("read-timeout = 10", "expected a string"),
    ];
    for (policy, words) in cases {
        let folder = stated(policy, "", "");
        for command in ["check", "policy"] {
            let answer = run_in(&folder, command, &[]);
            assert_eq!(answer.code, 2, "{policy}: {answer:#?}");
            assert!(
                answer.err.contains(words),
                "{policy}: {words}\n{}",
                answer.err
            );
        }
        let mut check = program();
        check.current_dir(folder.path()).args(["config", "check"]);
        answer(&mut check).exits(2);
    }
    // None at all is none that holds.
    let folder = system("", POOL, "");
    run_in(&folder, "policy", &[])
        .exits(2)
        .says("states no policy");
    folder.write("badgateway.toml", "[policy]\n");
    run_in(&folder, "policy", &[])
        .exits(2)
        .says("states no policy");
}

#[test]
fn levels_and_comments_hold_for_it() {
    let folder = stated("read-timeout = \"<= 30s\"", "", "");
    let said = std::fs::read_to_string(folder.at("badgateway.toml")).expect("ours");
    folder.write(
        "badgateway.toml",
        format!("{said}[levels]\npolicy = \"warning\"\n"),
    );
    run_in(&folder, "check", &[])
        .exits(1)
        .says("warning[policy]");
    folder.write("badgateway.toml", said);
    let allowed = "# badgateway: allow(policy) the importer is slow\n            \
                   fastcgi_read_timeout 60s;";
    folder.write("etc/nginx/nginx.conf", nginx(allowed));
    run_in(&folder, "check", &[]).exits(0);
}

#[test]
fn the_table_counts_routes_and_pools() {
    let folder = stated(
        "read-timeout = \">= terminate-timeout + 10s\"\nmax-children = \"<= 4\"",
        "",
        "",
    );
    let answer = run_in(&folder, "policy", &[]).exits(1);
    insta::assert_snapshot!(answer.out, @r"
    read-timeout >= terminate-timeout + 10s  (badgateway.toml:2)
        routes 1, pools 0: holds 1, broken 0, unknown 0
    max-children <= 4  (badgateway.toml:3)
        routes 0, pools 1: holds 0, broken 1, unknown 0
        broken www: pm.max_children is 5 (./etc/php/8.2/fpm/php-fpm.conf:9)
    ");
    let answer = run_in(&folder, "policy", &["--format", "json"]).exits(1);
    let json: Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!(json["statements"][0]["holds"], 1);
    assert_eq!(json["statements"][1]["broken"], 1);
    assert_eq!(
        json["statements"][1]["answers"][0]["values"][0]["value"],
        "5"
    );
    assert_eq!(json["is_whole"], true);
}
