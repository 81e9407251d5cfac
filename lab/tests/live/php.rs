//! What the rules about PHP's settings claim, made to happen.

use lab::live::{Stack, Texts};

use crate::stack::{found, fpm, location, server, texts};

const CHILD: &str = "pm.max_children = 1\n";

/// Code in a picture, asked for as a script behind it.
#[test]
fn a_picture_runs_as_php() {
    let closed = "";
    let open = "security.limit_extensions =\n";
    for (limit, settings, ini, runs) in [
        (open, "", "", true),
        (closed, "", "", false),
        (open, "try_files $uri =404;", "", false),
        (open, "", "cgi.fix_pathinfo = 0\n", false),
    ] {
        let pool = fpm(&format!("{CHILD}{limit}"));
        let texts = Texts {
            scripts: vec![("cat.jpg", "<?php echo 'uploaded code'.' ran';".to_owned())],
            ..texts(&server(&location(settings)), &pool, ini)
        };
        let stack = Stack::start(&texts);
        let answer = stack.get("/cat.jpg/x.php");
        assert_eq!(
            answer.text().contains("uploaded code ran"),
            runs,
            "{limit}{settings}{ini}"
        );
        let suspects = found(stack.dir());
        assert_eq!(
            suspects.contains(&"fix-pathinfo-with-any-file"),
            runs,
            "{limit}{settings}{ini}"
        );
        assert_eq!(
            suspects.contains(&"limit-extensions-open"),
            !limit.is_empty()
        );
    }
}

/// `8MB` is eight bytes, and a body of ten is too much.
#[test]
fn sizes_with_two_letters_are_bytes() {
    for (size, arrives) in [("8MB", false), ("8M", true)] {
        let script = "<?php echo count($_POST), ini_get('post_max_size');";
        let texts = Texts {
            scripts: vec![("post.php", script.to_owned())],
            ..texts(
                &server(&location(
                    "fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;",
                )),
                &fpm(CHILD),
                &format!(
                    "post_max_size = {size}\ndisplay_startup_errors = 0\ndisplay_errors = 0\n"
                ),
            )
        };
        let stack = Stack::start(&texts);
        let body = "a=1&b=2&c=3";
        let request = format!(
            "POST /post.php HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = lab::nginx::send(stack.nginx.port(), request.as_bytes());
        let count = if arrives { "3" } else { "0" };
        assert_eq!(answer.text(), format!("{count}{size}"), "{size}");
        assert_eq!(
            found(stack.dir()).contains(&"value-that-php-ignores"),
            !arrives
        );
    }
}

#[test]
fn a_memory_limit_is_an_error_and_none_is_not() {
    for (limit, status) in [("16M", 500), ("-1", 200)] {
        let texts = Texts {
            scripts: vec![(
                "fill.php",
                "<?php echo strlen(str_repeat('x', 64 << 20));".to_owned(),
            )],
            ..texts(
                &server(&location("")),
                &fpm(CHILD),
                &format!("memory_limit = {limit}\ndisplay_errors = 0\nlog_errors = 1\n"),
            )
        };
        let stack = Stack::start(&texts);
        assert_eq!(stack.get("/fill.php").status, status, "{limit}");
        assert_eq!(
            found(stack.dir()).contains(&"memory-limit-off"),
            status == 200
        );
    }
}

#[test]
fn the_version_of_php_is_a_header() {
    for (value, shows) in [("On", true), ("Off", false)] {
        let stack = Stack::start(&texts(
            &server(&location("")),
            &fpm(CHILD),
            &format!("expose_php = {value}\n"),
        ));
        let answer = stack.get("/ok.php");
        let header = answer
            .header("x-powered-by")
            .is_some_and(|h| h.starts_with("PHP/"));
        assert_eq!(header, shows);
        assert_eq!(found(stack.dir()).contains(&"expose-php"), shows);
    }
}
