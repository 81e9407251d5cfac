//! What the rules about capacity claim, made to happen.

use std::time::Duration;

use lab::live::{Stack, Texts};

use crate::stack::{found, fpm, location, server, texts};

/// Asks many times at once and gives the statuses, sorted.
fn burst(stack: &Stack, path: &str, times: usize) -> Vec<u16> {
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..times)
            .map(|_| scope.spawn(|| stack.get(path).status))
            .collect();
        let joined = asked.into_iter().map(|one| one.join().expect("no panic"));
        joined.collect()
    });
    statuses.sort_unstable();
    statuses
}

/// A full queue of a unix socket answers at once.
#[test]
fn a_short_backlog_turns_visitors_away() {
    for (backlog, is_short) in [("2", true), ("511", false)] {
        let pool = fpm(&format!(
            "pm.max_children = 1\nlisten.backlog = {backlog}\n"
        ));
        let stack = Stack::start(&texts(&server(&location("")), &pool, ""));
        assert_eq!(found(stack.dir()).contains(&"backlog-too-small"), is_short);
        let statuses = burst(&stack, "/sleep.php?1", 8);
        assert_eq!(statuses.contains(&502), is_short, "{statuses:?}");
        let said = stack
            .nginx
            .error_log()
            .contains("(11: Resource temporarily unavailable)");
        assert_eq!(said, is_short);
    }
}

/// The first pool takes all processes that there may be.
#[test]
fn process_max_starves_a_pool() {
    let pools = |most: &str| {
        let second = fpm("pm.max_children = 2\n")
            .replace("[www]", "[other]")
            .replace("www.sock", "other.sock");
        format!(
            "[global]\nprocess.max = {most}\n{}{second}",
            fpm("pm.max_children = 2\n")
        )
    };
    let other = location("")
        .replace("www.sock", "other.sock")
        .replace("\\.php$", "^/other");
    let other = other.replace("$fastcgi_script_name", "/ok.php");
    let http = server(&format!(
        "fastcgi_read_timeout 1s;\n{other}{}",
        location("")
    ));
    for (most, starves) in [("2", true), ("4", false)] {
        let stack = Stack::start(&texts(&http, &pools(most), ""));
        assert_eq!(
            found(stack.dir()).contains(&"process-max-below-pools"),
            starves
        );
        let status = stack.get("/other").status;
        assert_eq!(
            status,
            if starves { 504 } else { 200 },
            "{most}: {}",
            stack.fpm_log()
        );
    }
}

/// A kept connection holds its worker; a request by another way finds nobody.
#[test]
fn kept_connections_hold_idle_workers() {
    let upstream =
        |keep: &str| format!("upstream php {{\nserver unix:@DIR@/www.sock;\n{keep}\n}}\n");
    let kept = location("fastcgi_keep_conn on;").replace("unix:@DIR@/www.sock", "php");
    let direct = location("fastcgi_read_timeout 1s;").replace("\\.php$", "^/direct");
    let direct = direct.replace("$fastcgi_script_name", "/ok.php");
    for (keep, pins) in [("keepalive 2;", true), ("keepalive 1;", false)] {
        let http = format!("{}{}", upstream(keep), server(&format!("{direct}{kept}")));
        let stack = Stack::start(&texts(&http, &fpm("pm.max_children = 2\n"), ""));
        assert_eq!(
            found(stack.dir()).contains(&"keepalive-pins-workers"),
            pins,
            "{keep}"
        );
        let statuses = burst(&stack, "/sleep.php?1", 2);
        assert_eq!(statuses, [200, 200]);
        let status = stack.get("/direct").status;
        assert_eq!(status, if pins { 504 } else { 200 }, "{keep}");
    }
}

#[test]
fn crashes_of_one_request_end_another() {
    for (threshold, kills) in [("1", true), ("0", false)] {
        let pools = format!(
            "[global]\nemergency_restart_threshold = {threshold}\nemergency_restart_interval = 60s\n{}",
            fpm("pm.max_children = 4\n")
        );
        let texts = Texts {
            scripts: vec![(
                "crash.php",
                "<?php exec('kill -SEGV '.getmypid()); sleep(1);".to_owned(),
            )],
            ..texts(&server(&location("")), &pools, "")
        };
        let stack = Stack::start(&texts);
        assert_eq!(
            found(stack.dir()).contains(&"emergency-restart-kills-innocent"),
            kills
        );
        let innocent = std::thread::scope(|scope| {
            let innocent = scope.spawn(|| stack.get("/burn.php?3").status);
            std::thread::sleep(Duration::from_millis(500));
            let _crashed = burst(&stack, "/crash.php", 2);
            innocent.join().expect("no panic")
        });
        assert_eq!(
            innocent,
            if kills { 502 } else { 200 },
            "{}",
            stack.fpm_log()
        );
    }
}

/// nginx has no connection left for the worker, or none for the visitor.
#[test]
fn few_connections_leave_workers_idle() {
    let pool = fpm("pm.max_children = 12\n");
    let mut texts = texts(&server(&location("")), &pool, "");
    texts.events = "worker_connections 12;".to_owned();
    let stack = Stack::start(&texts);
    assert!(found(stack.dir()).contains(&"worker-connections-too-low"));
    let statuses = burst(&stack, "/sleep.php?1", 12);
    let served = statuses.iter().filter(|status| **status == 200).count();
    assert!(served < 12, "{statuses:?}");
    let said = stack.nginx.error_log();
    assert!(said.contains("worker_connections are not enough"), "{said}");
}

#[test]
fn connections_without_files_end_in_500() {
    let mut texts = texts(&server(&location("")), &fpm("pm.max_children = 12\n"), "");
    texts.main = "worker_rlimit_nofile 16;".to_owned();
    texts.events = "worker_connections 1024;".to_owned();
    let stack = Stack::start(&texts);
    assert!(found(stack.dir()).contains(&"open-files-below-connections"));
    let statuses = burst(&stack, "/sleep.php?1", 12);
    let said = stack.nginx.error_log();
    assert!(
        said.contains("(24: Too many open files)"),
        "{statuses:?}\n{said}"
    );
}

/// Bursts find fewer workers than are allowed, and wait behind them.
#[test]
fn a_burst_on_demand_waits() {
    let time = |manager: &str| {
        let pool = fpm("pm.max_children = 4\n").replace("pm = static", &format!("pm = {manager}"));
        let stack = Stack::start(&texts(&server(&location("")), &pool, ""));
        let begin = std::time::Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(stack.get("/sleep.php?1").status, 200));
            }
        });
        (
            begin.elapsed(),
            found(stack.dir()).contains(&"ondemand-burst"),
        )
    };
    let (steady, quiet) = time("static");
    let (late, loud) = time("ondemand");
    assert!(!quiet && loud);
    // Four workers need two rounds; three or fewer need one more.
    assert!(
        steady < std::time::Duration::from_millis(2600),
        "{steady:?}"
    );
    assert!(late > std::time::Duration::from_millis(2600), "{late:?}");
}

/// A worker with a handful of files cannot open one more.
#[test]
fn few_files_end_requests() {
    let script = "<?php $all = []; for ($i = 0; $i < 40; $i++) { $f = fopen(__FILE__, 'r'); \
                  if (!$f) { http_response_code(500); exit('no file'); } $all[] = $f; } echo 'ok';";
    for (limit, status) in [("32", 500), ("1024", 200)] {
        let texts = Texts {
            scripts: vec![("files.php", script.to_owned())],
            ..texts(
                &server(&location("")),
                &fpm(&format!("pm.max_children = 1\nrlimit_files = {limit}\n")),
                "display_errors = 0\nlog_errors = 1\n",
            )
        };
        let stack = Stack::start(&texts);
        assert_eq!(stack.get("/files.php").status, status, "{limit}");
        let said = stack.nginx.error_log().contains("Too many open files");
        assert_eq!(said, status == 500, "{limit}");
        assert_eq!(
            found(stack.dir()).contains(&"rlimit-files-too-low"),
            status == 500
        );
    }
}
