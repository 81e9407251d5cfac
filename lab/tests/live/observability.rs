//! What the rules about observability claim, made to happen.

use lab::live::{Stack, Texts};

use crate::stack::{found, fpm, location, server, texts};

const CHILD: &str = "pm.max_children = 1\n";

/// A location for a status page, with what the manual's example leaves to `fastcgi_params`.
fn status(head: &str, params: &str) -> String {
    format!(
        "location {head} {{\nfastcgi_param REQUEST_METHOD $request_method;\n\
         fastcgi_param SCRIPT_NAME $fastcgi_script_name;\n{params}\nfastcgi_pass unix:@DIR@/www.sock;\n}}\n"
    )
}

#[test]
fn a_status_page_needs_both_sides() {
    let knows = "pm.status_path = /fpm-status\nping.path = /fpm-ping\n";
    let by_path = "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;";
    let both = "~ ^/(fpm-status|fpm-ping)$";
    // Pool, locations, status of `/fpm-status`, and which rules speak.
    let cases = [
        (knows, status(both, by_path), 200, false, false),
        (
            knows,
            status("= /fpm-status", by_path) + &status("= /fpm-ping", by_path),
            200,
            false,
            false,
        ),
        (knows, String::new(), 404, true, false),
        ("", status(both, by_path), 404, false, true),
        (
            knows,
            format!(
                "{}location ~ ^/fpm {{ return 418; }}\n",
                status("/fpm-status", by_path)
            ),
            418,
            true,
            false,
        ),
    ];
    for (pool, locations, wanted, nobody_asks, nobody_answers) in cases {
        let http = server(&format!("{locations}{}", location("")));
        let stack = Stack::start(&texts(&http, &fpm(&format!("{CHILD}{pool}")), ""));
        let answer = stack.get("/fpm-status");
        assert_eq!(
            answer.status,
            wanted,
            "{pool}{locations}: {}",
            answer.text()
        );
        assert_eq!(
            answer.text().contains("accepted conn"),
            wanted == 200,
            "{locations}"
        );
        let rules = found(stack.dir());
        assert_eq!(
            rules.contains(&"status-path-without-location"),
            nobody_asks,
            "{locations}"
        );
        assert_eq!(
            rules.contains(&"location-without-status-path"),
            nobody_answers,
            "{locations}"
        );
    }
}

/// Everybody may read the page unless a list, a password or the address says no.
#[test]
fn an_open_status_page_is_read_by_everybody() {
    for (guard, is_open) in [
        ("", true),
        ("allow 127.0.0.1;", true),
        ("deny all;", false),
        (
            "auth_basic s; auth_basic_user_file @DIR@/www/ok.php;",
            false,
        ),
        ("internal;", false),
    ] {
        let http = server(&format!("location = /status {{ {guard} stub_status; }}"));
        // Loopback is no public address.
        let texts = texts(
            &http.replace("listen 127.0.0.1:@PORT@", "listen 0.0.0.0:@PORT@"),
            &fpm(CHILD),
            "",
        );
        let stack = Stack::start(&texts);
        let answer = stack.get("/status");
        assert_eq!(
            answer.text().contains("Active connections"),
            is_open,
            "{guard}"
        );
        assert_eq!(
            found(stack.dir()).contains(&"status-exposed"),
            is_open,
            "{guard}"
        );
    }
}

/// The reason for a 504 is written at the level `error`.
#[test]
fn a_quiet_error_log_has_no_reason() {
    for (level, is_written) in [("crit", false), ("error", true), ("warn", true)] {
        let settings = "fastcgi_read_timeout 1s;";
        let http = format!(
            "error_log @DIR@/own.log {level};\n{}",
            server(&location(settings))
        );
        let stack = Stack::start(&texts(&http, &fpm(CHILD), ""));
        assert_eq!(stack.get("/sleep.php?2").status, 504);
        let said = std::fs::read_to_string(stack.dir().join("own.log")).unwrap_or_default();
        assert_eq!(
            said.contains("upstream timed out (110"),
            is_written,
            "{level}: {said}"
        );
        assert_eq!(
            found(stack.dir()).contains(&"error-log-too-quiet"),
            !is_written
        );
    }
}

/// nginx takes `off` for a file below its prefix, as the same name with a directory shows.
#[test]
fn off_is_the_name_of_a_file() {
    let scratch = texts(&server("error_log off;\n"), &fpm(CHILD), "").write("off");
    assert!(found(scratch.path()).contains(&"error-log-off"));
    let verdict = lab::nginx::test(&scratch, "nginx.conf");
    assert!(verdict.ok, "{}", verdict.said());
    let stack = Stack::start(&texts(&server("error_log @DIR@/off;\n"), &fpm(CHILD), ""));
    assert!(stack.dir().join("off").exists());
}

/// Shown errors are the page and answer 200; hidden ones are a 500 with a line in a log, or none.
#[test]
fn errors_of_php_go_where_the_settings_say() {
    for (ini, status, shown, logged, rule) in [
        (
            "display_errors = On\nlog_errors = On\n",
            200,
            true,
            true,
            "display-errors-on",
        ),
        ("", 200, true, false, "display-errors-on"),
        (
            "display_errors = Off\nlog_errors = On\n",
            500,
            false,
            true,
            "",
        ),
        (
            "display_errors = Off\nlog_errors = Off\n",
            500,
            false,
            false,
            "php-errors-not-logged",
        ),
    ] {
        let texts = Texts {
            scripts: vec![("fatal.php", "<?php no_such_function();".to_owned())],
            ..texts(&server(&location("")), &fpm(CHILD), ini)
        };
        let stack = Stack::start(&texts);
        let answer = stack.get("/fatal.php");
        assert_eq!(
            (answer.status, answer.text().contains("Fatal error")),
            (status, shown),
            "{ini}"
        );
        assert_eq!(
            stack.nginx.error_log().contains("PHP Fatal error"),
            logged,
            "{ini}"
        );
        let rules = found(stack.dir());
        for id in ["display-errors-on", "php-errors-not-logged"] {
            assert_eq!(rules.contains(&id), id == rule, "{ini}: {id}");
        }
    }
}

/// Whom `listen.allowed_clients` turns away is said in FPM's log, or nowhere.
#[test]
fn what_workers_write_is_caught_or_lost() {
    let port = lab::nginx::free_port();
    for (catches, is_said) in [("yes", true), ("no", false)] {
        let pool = fpm(&format!(
            "{CHILD}catch_workers_output = {catches}\nlisten.allowed_clients = 127.0.0.2\n"
        ))
        .replace(
            "listen = @DIR@/www.sock",
            &format!("listen = 127.0.0.1:{port}"),
        );
        let http =
            server(&location("").replace("unix:@DIR@/www.sock", &format!("127.0.0.1:{port}")));
        let stack = Stack::start(&texts(&http, &pool, ""));
        assert_eq!(stack.get("/ok.php").status, 502);
        std::thread::sleep(std::time::Duration::from_millis(300));
        let said = stack.fpm_log().contains("Connection disallowed");
        assert_eq!(said, is_said, "{}", stack.fpm_log());
        assert_eq!(
            found(stack.dir()).contains(&"workers-output-lost"),
            !is_said
        );
    }
}
