//! From the wrong outcome to the right one: the stack runs, `fix --write` edits its files, the
//! servers reload, and the same request ends as it should.

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use lab::live::{Stack, test_fpm};
use lab::program;

use crate::stack::{fpm, location, server, texts};

/// How long a reload of PHP-FPM may take; requests that run are waited for.
const RELOAD: Duration = Duration::from_secs(20);

/// Runs `fix --write` on the files of a folder.
fn fix(dir: &std::path::Path, args: &[&str]) -> String {
    let file = |name: &str| dir.join(name).display().to_string();
    let output = Command::new(program::badgateway())
        .args(["fix", "--write", &file("nginx.conf"), &file("php-fpm.conf")])
        .args(args)
        .env("BADGATEWAY_STATE", dir.join("state"))
        .output()
        .expect("badgateway runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.contains("; reload nginx"),
        "{said}"
    );
    assert!(said.contains("proven: "), "{said}");
    said
}

/// Fixes a running stack and reloads both servers.
fn fix_and_reload(stack: &Stack, args: &[&str]) -> String {
    let said = fix(stack.dir(), args);
    let starts = || {
        stack
            .fpm_log()
            .matches("ready to handle connections")
            .count()
    };
    let before = starts();
    stack.nginx.signal("HUP");
    stack.signal_fpm("-USR2");
    let begin = Instant::now();
    while starts() == before {
        assert!(begin.elapsed() < RELOAD, "{}", stack.fpm_log());
        sleep(Duration::from_millis(20));
    }
    // nginx's old workers take no new connections once the new ones are there.
    sleep(Duration::from_millis(300));
    said
}

fn chain(read: &str, terminate: &str, execution: u32) -> Stack {
    Stack::start(&texts(
        &server(&location(&format!("fastcgi_read_timeout {read};"))),
        &fpm(&format!(
            "pm.max_children = 2\nrequest_terminate_timeout = {terminate}\n"
        )),
        &format!("max_execution_time = {execution}\ndisplay_errors = 0\nlog_errors = 1\n"),
    ))
}

#[test]
fn nginx_gave_up_before_fpm() {
    let stack = chain("1s", "3s", 2);
    assert_eq!(stack.get("/sleep.php?2").status, 504);
    fix_and_reload(&stack, &[]);
    let answer = stack.get("/sleep.php?2");
    assert_eq!(
        (answer.status, answer.text().ends_with("slept")),
        (200, true)
    );
    // And what takes too long is ended by FPM, not left alone by nginx.
    assert_eq!(stack.get("/sleep.php?8").status, 502);
}

#[test]
fn fpm_killed_before_php_could_end() {
    let stack = chain("20s", "2s", 10);
    assert_eq!(stack.get("/burn.php?5").status, 502);
    fix_and_reload(&stack, &[]);
    assert_eq!(stack.get("/burn.php?5").status, 500);
    assert!(
        stack
            .nginx
            .error_log()
            .contains("Maximum execution time of 1 second exceeded")
    );
}

#[test]
fn nginx_gave_up_while_php_computed() {
    let stack = chain("1s", "0", 4);
    assert_eq!(stack.get("/burn.php?2").status, 504);
    fix_and_reload(&stack, &[]);
    assert_eq!(stack.get("/burn.php?2").status, 200);
}

#[test]
fn zero_was_meant_as_no_limit() {
    let stack = chain("0", "3s", 2);
    assert_eq!(stack.get("/sleep.php?1").status, 504);
    fix_and_reload(&stack, &[]);
    assert_eq!(stack.get("/sleep.php?1").status, 200);
}

/// FPM looks every third of its limit: a gap below that is a race.
#[test]
fn a_gap_that_was_too_small() {
    let stack = chain("4s", "3s", 2);
    let said = fix_and_reload(&stack, &[]);
    assert!(said.contains("terminate-gap-too-small"), "{said}");
    for _ in 0..3 {
        assert_eq!(stack.get("/sleep.php?9").status, 502);
    }
}

/// An abandoned script keeps the only worker: the next request waits for it. With an end for
/// scripts the worker is free again.
#[test]
fn an_abandoned_script_held_the_worker() {
    let stack = Stack::start(&texts(
        &server(&location("fastcgi_read_timeout 2s;")),
        &fpm("pm.max_children = 1\n"),
        "max_execution_time = 1\n",
    ));
    assert_eq!(stack.get("/sleep.php?6").status, 504);
    assert_eq!(stack.get("/ok.php").status, 504, "the worker still sleeps");
    sleep(Duration::from_millis(2500));
    fix_and_reload(&stack, &["--request-time", "1s"]);
    assert_eq!(stack.get("/sleep.php?20").status, 502, "FPM ends it");
    assert_eq!(stack.get("/ok.php").status, 200, "the worker is free");
}

#[test]
fn a_negative_limit_switched_all_off() {
    let other = "[other]\nuser = www-data\nlisten = @DIR@/other.sock\nlisten.owner = www-data\n\
                 pm = static\npm.max_children = 1\nrequest_terminate_timeout = -1\n";
    let pools = format!(
        "{}\n{other}",
        fpm("pm.max_children = 1\nrequest_terminate_timeout = 2s\n")
    );
    let http = server(&location("fastcgi_read_timeout 5s;"));
    let stack = Stack::start(&texts(&http, &pools, "max_execution_time = 1\n"));
    assert_eq!(stack.get("/sleep.php?9").status, 504, "nothing ended it");
    sleep(Duration::from_secs(4));
    fix_and_reload(&stack, &[]);
    assert_eq!(stack.get("/sleep.php?9").status, 502, "FPM ended it");
}

#[test]
fn no_script_name_was_sent() {
    let pass = "location ~ \\.php$ {\nfastcgi_param REQUEST_METHOD $request_method;\n\
                fastcgi_pass unix:@DIR@/www.sock;\n}\n";
    let stack = Stack::start(&texts(&server(pass), &fpm("pm.max_children = 1\n"), ""));
    assert_eq!(stack.get("/ok.php").status, 404);
    fix_and_reload(&stack, &[]);
    assert_eq!(stack.get("/ok.php").status, 200);
}

#[test]
fn fpm_did_not_start() {
    let pools = fpm(
        "pm.max_children = 1\nslowlog = @DIR@/slow.log\nrequest_slowlog_timeout = 60s\n\
         request_terminate_timeout = 40s\n",
    );
    let texts = texts(&server(&location("")), &pools, "max_execution_time = 30\n");
    let scratch = texts.write("fix-start");
    let (ok, said) = test_fpm(scratch.path(), "-t");
    assert!(!ok && said.contains("can't be greater than"), "{said}");
    fix(scratch.path(), &[]);
    let (ok, said) = test_fpm(scratch.path(), "-t");
    assert!(ok, "{said}");
}
