//! What the ladder says of each order of the three limits, made to happen.

use std::time::Duration;

use crate::stack::{found, fpm, location, server, texts};
use base::ladder::Fate;
use lab::live::{Stack, test_fpm};
use rules::Context;

/// A limit that fires may be late on a busy machine, never early.
const LATE: Duration = Duration::from_millis(2500);

/// Runs both kinds of script and compares with the ladder's two fates.
fn compare(execution: u32, terminate: &str, read: &str) {
    let label = format!("chain-{execution}-{terminate}-{read}");
    let texts = texts(
        &server(&location(&format!("fastcgi_read_timeout {read};"))),
        &fpm(&format!(
            "request_terminate_timeout = {terminate}\npm.max_children = 4\n"
        )),
        &format!("max_execution_time = {execution}\ndisplay_errors = 0\nlog_errors = 1\n"),
    );
    let stack = Stack::start(&texts);
    let model = stack.model();
    let cx = Context::new(&model, true);
    let ladders = cx.ladders();
    let [ladder] = ladders.as_slice() else {
        panic!("{label}: one ladder, not {}", ladders.len());
    };
    let (sleeping, busy) = std::thread::scope(|scope| {
        let busy = scope.spawn(|| stack.get("/burn.php?8"));
        let sleeping = stack.get("/sleep.php?8");
        (sleeping, busy.join().expect("a request does not panic"))
    });
    let log = stack.nginx.error_log();
    for (what, fate, answer) in [
        ("sleeping", &ladder.sleeping, &sleeping),
        ("busy", &ladder.busy, &busy),
    ] {
        let context = format!(
            "{label} {what}: {fate:?}; got {} after {:?}\n{log}",
            answer.status, answer.elapsed
        );
        assert!(
            fate.status.contains(&answer.status.to_string()),
            "{context}"
        );
        assert_in_time(fate, answer.elapsed, &context);
        let line = fate.log_line.split(", or ").next().unwrap_or("");
        let either = fate.status.contains("or") || log.contains(line);
        assert!(either, "{context}");
    }
}

fn assert_in_time(fate: &Fate, elapsed: Duration, context: &str) {
    let (from, to) = fate.at.expect("these chains are bounded");
    let from = Duration::from_millis(from.0.saturating_sub(150));
    // Two burning scripts share the cores with everything else: CPU time is slower than the clock.
    let to = Duration::from_millis(to.0) + LATE;
    assert!(elapsed >= from && elapsed <= to, "{context}");
}

#[test]
fn php_then_fpm_then_nginx() {
    compare(1, "3", "6");
}

#[test]
fn php_then_nginx_then_fpm() {
    compare(1, "6", "3");
}

#[test]
fn fpm_then_php_then_nginx() {
    compare(3, "1", "5");
}

#[test]
fn nginx_first() {
    compare(3, "5", "1");
}

#[test]
fn nginx_alone() {
    compare(0, "0", "2");
}

#[test]
fn php_and_nginx() {
    compare(1, "0", "3");
}

/// The worker goes on after nginx gave up, until FPM ends it.
#[test]
fn abandoned_script_runs_until_fpm_ends_it() {
    let texts = texts(
        &server(&location("fastcgi_read_timeout 1s;")),
        &fpm("request_terminate_timeout = 3s\npm.max_children = 2\n"),
        "",
    );
    let stack = Stack::start(&texts);
    assert!(found(stack.dir()).contains(&"read-timeout-below-terminate"));
    let answer = stack.get("/sleep.php?8");
    assert_eq!(answer.status, 504);
    assert!(!stack.fpm_log().contains("terminating"), "FPM is not told");
    std::thread::sleep(Duration::from_secs(5));
    let log = stack.fpm_log();
    assert!(
        log.contains("execution timed out") && log.contains("SIGTERM"),
        "{log}"
    );
}

/// With the limit off, the script runs to its end for nobody.
#[test]
fn abandoned_script_runs_to_its_end() {
    let texts = texts(
        &server(&location("fastcgi_read_timeout 1s;")),
        &fpm("request_terminate_timeout = 0\npm.max_children = 2\n"),
        "max_execution_time = 1\n",
    );
    let stack = Stack::start(&texts);
    let rules = found(stack.dir());
    assert!(rules.contains(&"terminate-timeout-off"), "{rules:?}");
    assert!(
        rules.contains(&"max-execution-time-ineffective"),
        "{rules:?}"
    );
    assert_eq!(stack.get("/sleep.php?4").status, 504);
    assert_eq!(stack.count("ended"), 0);
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(stack.count("ended"), 1, "it ended by itself");
    assert!(!stack.fpm_log().contains("terminating"));
}

/// FPM looks only every third of its limit: some are ended after nginx gave up.
#[test]
fn small_gap_is_a_race() {
    let texts = texts(
        &server(&location("fastcgi_read_timeout 4s;")),
        &fpm("request_terminate_timeout = 3s\npm.max_children = 12\n"),
        "",
    );
    let stack = Stack::start(&texts);
    assert!(found(stack.dir()).contains(&"terminate-gap-too-small"));
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let requests: Vec<_> = (0..10)
            .map(|n| {
                let stack = &stack;
                scope.spawn(move || {
                    std::thread::sleep(Duration::from_millis(n * 100));
                    stack.get("/sleep.php?8").elapsed
                })
            })
            .collect();
        let ends = requests.into_iter().map(|r| r.join().expect("no panic"));
        ends.collect()
    });
    let late = times.iter().filter(|t| **t > Duration::from_millis(3300));
    assert!(late.count() > 0, "FPM was exact: {times:?}");
}

/// A negative limit of one pool takes the limit of the other away.
#[test]
fn negative_limit_switches_all_pools_off() {
    let pools = format!(
        "{}\n[other]\nuser = www-data\nlisten = @DIR@/other.sock\npm = static\n\
         pm.max_children = 1\nrequest_terminate_timeout = -1\n",
        fpm("request_terminate_timeout = 1s\npm.max_children = 1\n")
    );
    let texts = texts(&server(&location("fastcgi_read_timeout 20s;")), &pools, "");
    let stack = Stack::start(&texts);
    assert!(found(stack.dir()).contains(&"terminate-timeout-negative"));
    let answer = stack.get("/sleep.php?4");
    assert_eq!(
        (answer.status, answer.body.ends_with(b"slept")),
        (200, true)
    );
}

#[test]
fn read_timeout_zero_fires_at_once() {
    let texts = texts(
        &server(&location("fastcgi_read_timeout 0;")),
        &fpm("pm.max_children = 1\n"),
        "",
    );
    let stack = Stack::start(&texts);
    assert!(found(stack.dir()).contains(&"read-timeout-zero"));
    let answer = stack.get("/sleep.php?2");
    assert_eq!(answer.status, 504);
    assert!(
        answer.elapsed < Duration::from_millis(1500),
        "{:?}",
        answer.elapsed
    );
}

#[test]
fn slow_log_faults_keep_fpm_from_starting() {
    for (settings, rule, words) in [
        (
            "request_slowlog_timeout = 5s\nslowlog = @DIR@/slow.log\nrequest_terminate_timeout = 2s\n",
            "slowlog-above-terminate",
            "can't be greater than",
        ),
        (
            "request_slowlog_timeout = 5s\n",
            "slowlog-without-file",
            "'slowlog' must be specified",
        ),
    ] {
        let texts = texts(
            &server(&location("")),
            &fpm(&format!("pm.max_children = 1\n{settings}")),
            "",
        );
        let scratch = texts.write("slowlog");
        assert!(found(scratch.path()).contains(&rule), "{rule}");
        let (ok, text) = test_fpm(scratch.path(), "-t");
        assert!(!ok && text.contains(words), "{text}");
    }
}

/// A slow GET runs once on each server, and the client waits for both.
#[test]
fn timeout_is_repeated_on_the_next_server() {
    let http = format!(
        "upstream php {{ server unix:@DIR@/www.sock; server unix:@DIR@/b.sock; }}\n{}",
        server(
            "location ~ \\.php$ { fastcgi_param SCRIPT_FILENAME @DIR@/www$fastcgi_script_name; \
             fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method; \
             fastcgi_read_timeout 2s; fastcgi_pass php; }"
        )
    );
    let pools = format!(
        "{}\n[b]\nuser = www-data\nlisten = @DIR@/b.sock\nlisten.owner = www-data\n\
         pm = static\npm.max_children = 1\n",
        fpm("pm.max_children = 1\n")
    );
    let stack = Stack::start(&texts(&http, &pools, ""));
    assert!(found(stack.dir()).contains(&"retry-multiplies-wait"));
    let answer = stack.get("/sleep.php?5");
    assert_eq!(answer.status, 504);
    assert!(
        answer.elapsed >= Duration::from_millis(3900),
        "{:?}",
        answer.elapsed
    );
    assert_eq!(stack.count("began"), 2, "the script ran twice");
}

#[test]
fn outer_proxy_gives_up_first() {
    let http = format!(
        "server {{ listen 127.0.0.1:@PORT@; location / {{ proxy_read_timeout 1s; \
         proxy_pass http://unix:@DIR@/inner.sock; }} }}\n\
         server {{ listen unix:@DIR@/inner.sock; root @DIR@/www; {} }}",
        location("fastcgi_read_timeout 20s;")
    );
    let stack = Stack::start(&texts(&http, &fpm("pm.max_children = 1\n"), ""));
    assert!(found(stack.dir()).contains(&"outer-timeout-shorter"));
    let answer = stack.get("/sleep.php?4");
    assert_eq!(answer.status, 504);
    assert!(
        answer.elapsed < Duration::from_millis(3500),
        "{:?}",
        answer.elapsed
    );
}

/// A reload with `process_control_timeout` 0 resets what is running; with time enough it waits.
#[test]
fn reload_kills_or_waits() {
    for (wait, status) in [("0", 502), ("10s", 200)] {
        let pools = format!(
            "[global]\nprocess_control_timeout = {wait}\n{}",
            fpm("pm.max_children = 2\nrequest_terminate_timeout = 8s\n")
        );
        let texts = texts(&server(&location("fastcgi_read_timeout 20s;")), &pools, "");
        let stack = Stack::start(&texts);
        let warned = found(stack.dir()).contains(&"reload-kills-requests");
        assert_eq!(warned, status == 502, "{wait}");
        let answer = std::thread::scope(|scope| {
            let request = scope.spawn(|| stack.get("/burn.php?3"));
            std::thread::sleep(Duration::from_secs(1));
            stack.signal_fpm("-USR2");
            request.join().expect("a request does not panic")
        });
        assert_eq!(answer.status, status, "process_control_timeout = {wait}");
    }
}

/// `max_execution_time = 1m` is one second, `500ms` of FPM is 500 seconds.
#[test]
fn units_are_not_read_as_written() {
    let texts = texts(
        &server(&location("fastcgi_read_timeout 20s;")),
        &fpm("pm.max_children = 1\nrequest_terminate_timeout = 500ms\n"),
        "max_execution_time = 1m\ndisplay_errors = 0\nlog_errors = 1\n",
    );
    let stack = Stack::start(&texts);
    let suspects = found(stack.dir());
    let count = suspects
        .iter()
        .filter(|r| **r == "timeout-unit-suspect")
        .count();
    assert_eq!(count, 2, "{suspects:?}");
    let answer = stack.get("/burn.php?6");
    assert_eq!(answer.status, 500);
    assert!(
        answer.elapsed < Duration::from_secs(5),
        "{:?}",
        answer.elapsed
    );
    let (_, text) = test_fpm(stack.dir(), "-tt");
    assert!(text.contains("request_terminate_timeout = 500s"), "{text}");
}

/// systemd stops with SIGTERM unless it is told otherwise; only SIGQUIT lets requests finish.
#[test]
fn a_stop_kills_or_waits() {
    for (signal, status) in [("-TERM", 502), ("-QUIT", 200)] {
        let pools = format!(
            "[global]\nprocess_control_timeout = 10s\n{}",
            fpm("pm.max_children = 2\nrequest_terminate_timeout = 8s\n")
        );
        let stack = Stack::start(&texts(
            &server(&location("fastcgi_read_timeout 20s;")),
            &pools,
            "",
        ));
        let answer = std::thread::scope(|scope| {
            let request = scope.spawn(|| stack.get("/burn.php?2"));
            std::thread::sleep(Duration::from_millis(700));
            stack.signal_fpm(signal);
            request.join().expect("a request does not panic")
        });
        assert_eq!(answer.status, status, "{signal}");
    }
}
