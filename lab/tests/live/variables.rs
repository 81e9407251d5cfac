//! What the rules about variables and regular expressions claim, made to happen: each text that
//! a rule flags does harm on the real nginx, and each that it lets pass does not.

use std::time::Duration;

use lab::live::{Stack, Texts};
use lab::nginx::{Server, send};

use crate::stack::{found, fpm, server, texts};

/// A stack with one server of this body, and another one that says what it was asked.
fn stack_of(before: &str, body: &str) -> Stack {
    let echo = "server {\nlisten 127.0.0.1:@PORT@;\nserver_name backend.example;\n\
                location / { return 200 \"path=$request_uri host=$http_x_host inj=$http_x_injected\"; }\n}\n";
    let http = format!("{before}\n{}{echo}", server(body));
    Stack::start(&texts(&http, &fpm("pm.max_children = 1\n"), ""))
}

fn ask(stack: &Stack, path: &str, headers: &str) -> lab::nginx::Response {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n{headers}\r\n");
    send(stack.nginx.port(), request.as_bytes())
}

/// Settings that send a request to the server that says what it was asked.
const TO_ECHO: &str = "proxy_set_header Host backend.example; proxy_pass http://127.0.0.1:@PORT@";

#[test]
fn headers_are_split_where_the_rule_says_so() {
    let cases: &[(&str, &str)] = &[
        ("location /a { return 302 https://x$uri; }", "/a/"),
        ("location /a { return 302 https://x$request_uri; }", "/a/"),
        ("location = /a { return 302 https://x$uri; }", "/a"),
        ("location /a { add_header X-U $uri; return 204; }", "/a/"),
        (
            "location /a { add_header X-U $document_uri always; return 404; }",
            "/a/",
        ),
        (
            "location /a { add_header X-U $request_uri; return 204; }",
            "/a/",
        ),
        ("location ~ ^/a/([^/]*)$ { return 302 /b/$1; }", "/a/"),
        ("location ~ ^/a/(.*)$ { return 302 /b/$1; }", "/a/"),
        ("location /a { rewrite ^ https://x$uri redirect; }", "/a/"),
        (
            "location /a { rewrite ^/a/([^/]*)$ https://x/$1 redirect; }",
            "/a/",
        ),
        (
            "location /a { if ($uri ~ \"^/a/([^/]*)$\") { return 302 /b/$1; } }",
            "/a/",
        ),
        ("location /a { return 302 https://x/$mapped; }", "/a/"),
        (
            "location /a { set $to $uri; return 302 https://x$to; }",
            "/a/",
        ),
        ("location /a { return 200 $uri; }", "/a/"),
        ("location /a { proxy_set_header X-U $uri; ECHO; }", "/a/"),
        (
            "location /a { proxy_set_header X-U $request_uri; ECHO; }",
            "/a/",
        ),
        ("location /a { ECHO$uri; }", "/a/"),
        ("location /a { ECHO$request_uri; }", "/a/"),
        ("location /a { ECHO; }", "/a/"),
    ];
    let map = "map $uri $mapped { \"~^/a/([^/]*)$\" $1; }";
    for (body, path) in cases {
        let body = body.replace("ECHO", TO_ECHO);
        let stack = stack_of(map, &body);
        // The second is what a request line of a backend needs; the first has no slash.
        let tails = [
            "x%0d%0aX-Injected:%20yes",
            "x%20HTTP/1.0%0d%0aX-Injected:%20yes%0d%0aX-Y:%20",
        ];
        let is_split = tails.iter().any(|tail| {
            let answer = ask(&stack, &format!("{path}{tail}"), "");
            answer.header("x-injected") == Some("yes") || answer.text().contains("inj=yes")
        });
        let is_found = found(stack.dir()).contains(&"http-splitting");
        assert_eq!(is_found, is_split, "{body}");
    }
}

#[test]
fn the_client_chooses_the_server_where_the_rule_says_so() {
    let inside = Server::start(
        "events {}\nhttp { access_log off; server { listen 127.0.0.1:@PORT@; location / { return 200 internal; } } }",
    );
    let port = inside.port();
    let cases: &[(&str, String)] = &[
        (
            "location ~ ^/f/([^/]+)/(.*)$ { proxy_pass http://$1/$2; }",
            format!("/f/127.0.0.1:{port}/x"),
        ),
        (
            "location /f { proxy_pass http://$arg_host; }",
            format!("/f?host=127.0.0.1:{port}"),
        ),
        (
            "location ~ ^/f(.*)$ { proxy_pass http://127.0.0.$1; }",
            format!("/f1:{port}/x"),
        ),
        (
            "location /f { set $to $http_x_to; proxy_pass http://$to; }",
            "/f".to_owned(),
        ),
        (
            "location ~ ^/(?<to>[^/]+)/f$ { proxy_pass http://$to; }",
            format!("/127.0.0.1:{port}/f"),
        ),
        (
            "location ~ ^/f/(a|b)/(.*)$ { proxy_pass http://127.0.0.1:1/$1/$2; }",
            format!("/f/127.0.0.1:{port}/x"),
        ),
        (
            "location /f { proxy_pass http://127.0.0.1:1$request_uri; }",
            format!("/f@127.0.0.1:{port}"),
        ),
        (
            "location /f { internal; proxy_pass http://$arg_host; }",
            format!("/f?host=127.0.0.1:{port}"),
        ),
        (
            "location /f { if ($arg_host !~ \"^good$\") { return 403; } proxy_pass http://$arg_host; }",
            format!("/f?host=127.0.0.1:{port}"),
        ),
    ];
    for (body, path) in cases {
        let stack = stack_of("", body);
        let answer = ask(&stack, path, &format!("X-To: 127.0.0.1:{port}\r\n"));
        let is_reached = answer.text().contains("internal");
        let is_found = found(stack.dir()).contains(&"server-side-request-forgery");
        assert_eq!(is_found, is_reached, "{body}: {answer:?}");
    }
}

/// nginx chooses the server by the request line, and `$http_host` is what the header says.
#[test]
fn the_host_header_is_not_the_chosen_host() {
    for (variable, told) in [("$http_host", "evil.example"), ("$host", "shop.example")] {
        let body = format!("location /a {{ proxy_set_header X-Host {variable}; {TO_ECHO}; }}");
        let stack = stack_of("", &body);
        let request =
            "GET http://shop.example/a HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
        let answer = send(stack.nginx.port(), request.as_bytes());
        assert!(
            answer.text().contains(&format!("host={told}")),
            "{variable}: {answer:?}"
        );
        let body = body.replace("X-Host", "X-Forwarded-Host");
        let stack = stack_of("", &body);
        let is_found = found(stack.dir()).contains(&"host-header-from-client");
        assert_eq!(is_found, variable == "$http_host");
    }
}

#[test]
fn strangers_pass_the_check_of_the_origin() {
    let cases = [
        (
            "https://shop.example",
            "https://shop.example.evil.example",
            true,
        ),
        (
            "^https://shop\\.example$",
            "https://shop.example.evil.example",
            false,
        ),
        ("shop\\.example$", "https://evilshop.example", true),
        (
            "^https://([a-z]+\\.)?shop\\.example$",
            "https://evilshop.example",
            false,
        ),
        ("^https://shop.example$", "https://shopxexample", true),
    ];
    for (regex, origin, passes) in cases {
        let body = format!(
            "location /a {{ if ($http_origin ~ \"{regex}\") {{ add_header X-Allowed $http_origin; }} return 204; }}"
        );
        let stack = stack_of("", &body);
        let answer = ask(&stack, "/a", &format!("Origin: {origin}\r\n"));
        assert_eq!(
            answer.header("x-allowed").is_some(),
            passes,
            "{regex}: {answer:?}"
        );
        let is_found = found(stack.dir()).contains(&"origin-check-too-wide");
        assert_eq!(is_found, passes, "{regex}");
    }
}

/// PCRE gives up after ten million ways, and nginx answers 500.
#[test]
fn an_exploding_expression_ends_in_500() {
    for (regex, explodes) in [("^/(\\w+\\s?)+$", true), ("^/\\w+(\\s\\w+)*$", false)] {
        let stack = stack_of("", &format!("location ~ \"{regex}\" {{ return 204; }}"));
        let path = format!("/{}!", "a".repeat(30));
        let answer = ask(&stack, &path, "");
        let status = if explodes { 500 } else { 404 };
        assert_eq!(
            answer.status,
            status,
            "{regex}: {}",
            stack.nginx.error_log()
        );
        let slow = Duration::from_millis(20);
        assert_eq!(
            answer.elapsed > slow,
            explodes,
            "{regex}: {:?}",
            answer.elapsed
        );
        let is_found = found(stack.dir()).contains(&"regex-explodes");
        assert_eq!(is_found, explodes, "{regex}");
    }
}

/// The picture reaches PHP; with `security.limit_extensions` opened, it runs.
#[test]
fn an_unanchored_location_hands_pictures_to_php() {
    for (regex, limit, status, text) in [
        ("\\.php", "", 403, "Access denied."),
        (
            "\\.php",
            "security.limit_extensions =\n",
            200,
            "uploaded code ran",
        ),
        ("\\.php$", "security.limit_extensions =\n", 200, "<?php"),
    ] {
        let location = crate::stack::location("").replace("\\.php$", regex);
        let texts = Texts {
            scripts: vec![(
                "cat.php.jpg",
                "<?php echo 'uploaded code'.' ran';".to_owned(),
            )],
            ..texts(
                &server(&location),
                &fpm(&format!("pm.max_children = 1\n{limit}")),
                "",
            )
        };
        let stack = Stack::start(&texts);
        let answer = stack.get("/cat.php.jpg");
        assert_eq!(answer.status, status, "{regex}");
        assert!(answer.text().contains(text), "{regex}: {}", answer.text());
        let is_found = found(stack.dir()).contains(&"regex-unanchored");
        assert_eq!(is_found, regex == "\\.php", "{regex}");
    }
}

#[test]
fn a_group_that_is_not_there_is_empty() {
    let stack = stack_of("", "location ~ ^/old/(.*)$ { return 301 /new/$2; }");
    let answer = ask(&stack, "/old/page", "");
    let to = answer.header("location").unwrap_or_default();
    assert!(to.ends_with("/new/"), "{to}");
    assert!(found(stack.dir()).contains(&"unknown-capture-group"));
}

/// A server that is not the default one is chosen by its names: `$host` is one of them.
#[test]
fn the_host_of_a_named_server_is_one_of_its_names() {
    for (first, is_free) in [
        ("listen 127.0.0.1:@PORT@ default_server;", false),
        ("listen 127.0.0.1:1;", true),
    ] {
        let http = format!(
            "server {{ {first} server_name first.example; return 444; }}\n\
             server {{ listen 127.0.0.1:@PORT@; server_name named.example; resolver 127.0.0.1:1; \
             location / {{ add_header X-Host $host; return 204; }} location /p {{ proxy_pass http://$host; }} }}"
        );
        let stack = Stack::start(&texts(&http, &fpm("pm.max_children = 1\n"), ""));
        let answer = stack.nginx.get("evil.example", "/");
        assert_eq!(
            answer.header("x-host") == Some("evil.example"),
            is_free,
            "{answer:?}"
        );
        let is_found = found(stack.dir()).contains(&"server-side-request-forgery");
        assert_eq!(is_found, is_free, "{first}");
    }
}
