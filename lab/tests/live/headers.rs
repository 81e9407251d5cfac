//! What the rules about headers and disclosure claim, made to happen.

use lab::live::Stack;

use crate::stack::{found, fpm, location, server, texts};

const CHILD: &str = "pm.max_children = 1\n";

fn stack(http: &str) -> Stack {
    Stack::start(&texts(http, &fpm(CHILD), ""))
}

#[test]
fn an_inner_header_silences_the_outer_ones() {
    for (inner, sent) in [
        ("add_header X-In 1;", false),
        ("", true),
        ("add_header X-Frame-Options DENY;", true),
    ] {
        let stack = stack(&server(&format!(
            "add_header X-Frame-Options DENY;\nlocation /a {{ {inner} return 204; }}"
        )));
        assert_eq!(
            stack.get("/a").header("x-frame-options").is_some(),
            sent,
            "{inner}"
        );
        assert_eq!(
            found(stack.dir()).contains(&"add-header-lost"),
            !sent,
            "{inner}"
        );
    }
}

#[test]
fn an_inner_header_for_the_backend_silences_the_outer_ones() {
    let echo = "server {\nlisten 127.0.0.1:@PORT@;\nserver_name backend;\nreturn 200 \"out=$http_x_out\";\n}\n";
    for (inner, sent) in [("", true), ("proxy_set_header X-In 1;", false)] {
        let body = format!(
            "proxy_set_header Host backend; proxy_set_header X-Out 1;\n\
             location /a {{ {inner} proxy_pass http://127.0.0.1:@PORT@; }}"
        );
        // Without `Host` the request comes back to the server that answers for any name.
        let stack = stack(&format!("{echo}{}", server(&body)));
        assert_eq!(stack.get("/a").text().contains("out=1"), sent, "{inner}");
        assert_eq!(
            found(stack.dir()).contains(&"proxy-set-header-lost"),
            !sent,
            "{inner}"
        );
    }
}

#[test]
fn inner_parameters_silence_the_outer_ones() {
    for (outer, inner, sent) in [
        ("fastcgi_param QUERY_STRING $query_string;", "", false),
        ("", "fastcgi_param QUERY_STRING $query_string;", true),
    ] {
        let location = location(inner).replacen(
            "fastcgi_param QUERY_STRING $query_string;",
            "",
            usize::from(!sent),
        );
        let stack = stack(&server(&format!("{outer}\n{location}")));
        let text = stack.get("/value.php?memory_limit").text();
        assert_eq!(text == "128M", sent, "{text}");
        assert_eq!(found(stack.dir()).contains(&"fastcgi-param-lost"), !sent);
    }
}

#[test]
fn a_line_feed_in_a_value_is_sent() {
    let stack = stack(&server(
        "location /a { add_header X-A \"one\n  X-B: two\"; return 204; }",
    ));
    let answer = stack.get("/a");
    // Our reader of answers joins the lines, as old clients do.
    assert!(
        answer
            .header("x-a")
            .is_some_and(|value| value.contains('\n')),
        "{answer:?}"
    );
    assert!(found(stack.dir()).contains(&"header-multiline"));
}

#[test]
fn a_second_content_type_is_sent() {
    for (body, count) in [
        ("add_header Content-Type text/plain;", 2),
        ("default_type text/plain;", 1),
    ] {
        let stack = stack(&server(&format!("location /a {{ {body} return 200 x; }}")));
        let answer = stack.get("/a");
        let types = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "content-type")
            .count();
        assert_eq!(types, count, "{body}");
        assert_eq!(
            found(stack.dir()).contains(&"content-type-by-add-header"),
            count == 2
        );
    }
}

#[test]
fn the_version_and_the_files_are_shown() {
    for (tokens, shown) in [
        ("", true),
        ("server_tokens on;", true),
        ("server_tokens off;", false),
    ] {
        let stack = stack(&format!("{tokens}\n{}", server("")));
        let answer = stack.get("/none");
        let version = answer
            .header("server")
            .is_some_and(|server| server.contains('/'));
        assert_eq!(version, shown, "{tokens}");
        assert_eq!(
            found(stack.dir()).contains(&"version-disclosed"),
            shown,
            "{tokens}"
        );
    }
    for (index, status) in [("autoindex on;", 200), ("autoindex off;", 403)] {
        let http = server(&format!("location / {{ {index} }}"));
        let http = http.replace("listen 127.0.0.1:@PORT@", "listen 0.0.0.0:@PORT@");
        let stack = stack(&http);
        assert_eq!(stack.get("/").status, status);
        assert_eq!(found(stack.dir()).contains(&"autoindex-on"), status == 200);
    }
}
