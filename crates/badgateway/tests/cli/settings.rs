//! What a team says of its own stack: facts, badgateway.toml, a baseline, rules to choose.

use serde_json::Value;

use crate::run::{Answer, Folder, POOL, program, run, system};

/// Checks a system from inside of its folder, so that its badgateway.toml is found.
fn check_in(folder: &Folder, args: &[&str]) -> Answer {
    let mut command = program();
    command
        .current_dir(folder.path())
        .args(["check", "--root", "."])
        .args(args);
    crate::run::answer(&mut command)
}

/// A system with one warning and notes.
fn warned() -> Folder {
    system(
        "",
        &format!("{POOL}emergency_restart_threshold = 0\n").replace(
            "emergency_restart_threshold = 0\n",
            "catch_workers_output = no\nlisten.backlog = 16\n",
        ),
        "",
    )
}

#[test]
fn levels_change_what_is_said() {
    let folder = warned();
    check_in(&folder, &[])
        .exits(1)
        .says("warning[backlog-too-small]");
    folder.write(
        "badgateway.toml",
        "[levels]\nbacklog-too-small = \"error\"\n",
    );
    check_in(&folder, &[])
        .exits(1)
        .says("error[backlog-too-small]");
    folder.write(
        "badgateway.toml",
        "[levels]\nbacklog-too-small = \"info\"\n",
    );
    check_in(&folder, &[]).exits(0);
    folder.write(
        "badgateway.toml",
        "strict = true\nfail_on = \"info\"\n[levels]\nbacklog-too-small = \"off\"\n",
    );
    let answer = check_in(&folder, &[])
        .exits(1)
        .says("info[workers-output-lost]");
    assert!(!answer.out.contains("backlog-too-small"), "{}", answer.out);
    folder.write("badgateway.toml", "fail_on = \"never\"\n");
    check_in(&folder, &[]).exits(0);
    check_in(&folder, &["--fail-on", "warning"]).exits(1);
    check_in(&folder, &["--settings", "none"]).exits(1);
}

#[test]
fn a_wrong_file_is_said_with_its_line() {
    let folder = warned();
    for (text, words) in [
        ("levles = 1\n", "line 1: unknown field `levles`"),
        (
            "\n[levels]\nno-such-rule = \"off\"\n",
            "line 3: a level for what is no rule",
        ),
        ("facts = \"missing.toml\"\n", "missing.toml"),
        (
            "[[route]]\nname = \"x\"\nmay_take = \"soon\"\n",
            "line 3: `may_take` cannot be `soon`",
        ),
    ] {
        folder.write("badgateway.toml", text);
        check_in(&folder, &[]).exits(2).says(words);
    }
    folder.write("badgateway.toml", [b'a', 0xff]);
    check_in(&folder, &[]).exits(2).says("is not UTF-8");
}

#[test]
fn routes_may_take_their_time() {
    let folder = system("", POOL, "");
    check_in(&folder, &[]).exits(0);
    folder.write(
        "badgateway.toml",
        "[[route]]\nname = \"shop.example\"\nmay_take = \"10m\"\n",
    );
    check_in(&folder, &[])
        .exits(1)
        .says("may take 600s")
        .says("badgateway.toml:2");
}

/// An include of a directory that lies elsewhere in the repository.
#[test]
fn directories_may_lie_elsewhere() {
    let folder = Folder::new();
    folder.write(
        "nginx.conf",
        "events {}\nhttp { include /etc/nginx/sites-live/*.conf; }\n",
    );
    folder.write(
        "sites-available/a.conf",
        "server { listen 80; location / { root /; } }\n",
    );
    let check = || {
        let mut command = program();
        command
            .current_dir(folder.path())
            .args(["check", "nginx.conf"]);
        crate::run::answer(&mut command)
    };
    let answer = check();
    assert!(
        !answer.out.contains("filesystem-root-exposed"),
        "{}",
        answer.out
    );
    folder.write(
        "badgateway.toml",
        "[[path]]\nfrom = \"/etc/nginx/sites-live\"\nto = \"sites-available\"\n",
    );
    check().exits(1).says("filesystem-root-exposed");
}

#[test]
fn rules_are_chosen_by_id_and_group() {
    let folder = warned();
    let strict = |args: &[&str]| check_in(&folder, &[&["--strict"], args].concat());
    let answer = strict(&["--group", "capacity"]).says("backlog-too-small");
    assert!(
        !answer.out.contains("[workers-output-lost]"),
        "{}",
        answer.out
    );
    let answer = strict(&["--ignore", "backlog-too-small"])
        .exits(0)
        .says("workers-output-lost");
    assert!(
        !answer.out.contains("[backlog-too-small]"),
        "{}",
        answer.out
    );
    let answer = strict(&["--select", "backlog-too-small", "--group", "observability"]);
    let answer = answer.says("backlog-too-small").says("workers-output-lost");
    assert!(
        !answer.out.contains("[version-disclosed]"),
        "{}",
        answer.out
    );
    strict(&["--group", "speed"])
        .exits(2)
        .says("no group `speed`")
        .says("capacity");
    strict(&["--ignore", "backlog-to-small"])
        .exits(2)
        .says("did you mean `backlog-too-small`");
}

#[test]
fn a_baseline_hides_what_it_knows() {
    let folder = warned();
    check_in(&folder, &["--write-baseline", "known.json"]).exits(0);
    check_in(&folder, &["--baseline", "known.json"])
        .exits(0)
        .says("1 finding known");
    // New lines above do not make it new, another finding is.
    let text =
        std::fs::read_to_string(folder.path().join("etc/php/8.2/fpm/php-fpm.conf")).expect("there");
    folder.write(
        "etc/php/8.2/fpm/php-fpm.conf",
        format!("; one\n; two\n{text}"),
    );
    check_in(&folder, &["--baseline", "known.json"]).exits(0);
    folder.write(
        "etc/php/8.2/fpm/php-fpm.conf",
        format!("{text}memory_limit = 1\n")
            .replace("memory_limit = 1", "php_admin_value[memory_limit] = -1"),
    );
    let answer = check_in(&folder, &["--baseline", "known.json"])
        .exits(1)
        .says("memory-limit-off");
    assert!(
        !answer.out.contains("[backlog-too-small]"),
        "{}",
        answer.out
    );
    // What is gone is said, so that the file gets smaller.
    folder.write(
        "etc/php/8.2/fpm/php-fpm.conf",
        text.replace("listen.backlog = 16\n", ""),
    );
    check_in(&folder, &["--baseline", "known.json"])
        .exits(0)
        .says("1 finding of the baseline is gone");
    // Through badgateway.toml, in JSON.
    folder.write("etc/php/8.2/fpm/php-fpm.conf", text);
    folder.write("badgateway.toml", "baseline = \"known.json\"\n");
    let answer = check_in(&folder, &["--format", "json"]).exits(0);
    let json: Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!(json["summary"]["known"], 1);
    for bad in ["", "{}", "{\"version\":9,\"findings\":{}}", "[1]"] {
        folder.write("known.json", bad);
        check_in(&folder, &[])
            .exits(2)
            .says("cannot read the baseline");
    }
    check_in(&folder, &["--baseline", "none.json"])
        .exits(2)
        .says("none.json");
}

/// A secret in a message is not written into the baseline.
#[test]
fn a_baseline_holds_no_secret() {
    let folder = warned();
    let pool = format!("{POOL}env[DB_PASSWORD] = \"canary-7cH2\"\nlisten.backlog = 16\n");
    folder.write("etc/php/8.2/fpm/php-fpm.conf", pool);
    check_in(&folder, &["--write-baseline", "known.json"]);
    let text = std::fs::read_to_string(folder.path().join("known.json")).expect("written");
    assert!(
        text.contains("backlog-too-small") && !text.contains("canary-7cH2"),
        "{text}"
    );
}

#[test]
fn facts_decide_and_their_lack_is_said() {
    let pool = POOL.replace("pm.max_children = 5", "pm.max_children = 500");
    let folder = system("", &pool, "");
    let args = ["--facts", "none", "--format", "json"];
    let json: Value = serde_json::from_str(&check_in(&folder, &args).exits(0).out).expect("JSON");
    assert_eq!(json["unjudged"][0]["rule"], "pool-bigger-than-memory");
    check_in(&folder, &["--facts", "none"])
        .exits(0)
        .says("it needs the machine's memory");
    folder.write(
        "host.toml",
        "memory = \"2G\"\n[[fpm]]\nworker_memory = \"60M\"\n",
    );
    check_in(&folder, &["--facts", "host.toml"])
        .exits(1)
        .says("pool-bigger-than-memory")
        .says("host.toml:3");
    folder.write("badgateway.toml", "facts = \"host.toml\"\n");
    check_in(&folder, &[])
        .exits(1)
        .says("pool-bigger-than-memory");
    folder.write("host.toml", "memory = \"lots\"\n");
    check_in(&folder, &[])
        .exits(2)
        .says("line 1: `memory` has no such value");
}

/// What `facts` prints of a file tree is what `check --root` uses, and is read again.
#[test]
fn facts_of_a_file_tree() {
    let folder = system("", POOL, "");
    folder.write("var/lib/dpkg/status", "Package: nginx\nVersion: 1.22.1-9+deb12u3\n\nPackage: php8.2-fpm\nVersion: 8.2.31-1~deb12u1\n");
    folder.write(
        "lib/systemd/system/php8.2-fpm.service",
        "[Service]\nTimeoutStopSec=90\nMemoryMax=1G\n",
    );
    folder.write(
        "etc/systemd/system/php8.2-fpm.service.d/own.conf",
        "[Service]\nMemoryMax=512M\n",
    );
    folder.write("proc/meminfo", "MemTotal:        2097152 kB\n");
    let answer = run(&["facts", "--root", &folder.at("")]).exits(0);
    for line in [
        "memory = \"2G\"  # /proc/meminfo",
        "version = \"1.22.1\"  # /var/lib/dpkg/status",
        "version = \"8.2.31\"  # /var/lib/dpkg/status",
        "timeout_stop = \"90s\"  # /lib/systemd/system/php8.2-fpm.service",
        "memory_max = \"512M\"  # /etc/systemd/system/php8.2-fpm.service.d/own.conf",
        "# cores is not known",
        "\"www-data\" = [\"www-data\"]",
    ] {
        assert!(answer.out.contains(line), "no `{line}` in\n{}", answer.out);
    }
    folder.write("host.toml", &answer.out);
    let facts = folder.at("host.toml");
    run(&["check", "--root", &folder.at(""), "--facts", &facts]).exits(0);
    run(&["facts", "--root", &folder.at("nothing")])
        .exits(2)
        .says("cannot list");
}

#[test]
fn config_is_begun_checked_and_described() {
    let folder = Folder::new();
    let config = |args: &[&str]| {
        let mut command = program();
        command.current_dir(folder.path()).arg("config").args(args);
        crate::run::answer(&mut command)
    };
    config(&["check"])
        .exits(2)
        .says("there is no badgateway.toml");
    config(&["init"]).exits(0).says("badgateway.toml written");
    config(&["init"]).exits(2).says("exists");
    config(&["check"]).exits(0).says("badgateway.toml is right");
    folder.write("other.toml", "baseline = \"known.json\"\n");
    config(&["check", "other.toml"])
        .exits(2)
        .says("there is no")
        .says("known.json");
    let schema: Value = serde_json::from_str(&config(&["schema"]).exits(0).out).expect("JSON");
    assert!(schema["properties"]["levels"].is_object());
}
