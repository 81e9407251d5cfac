//! What the rules about locations and access claim, made to happen.

use lab::live::{Stack, Texts};

use crate::stack::{found, fpm, location, server, texts};

const CHILD: &str = "pm.max_children = 1\n";

/// A stack with files below its document root.
fn with_files(http: &str, files: &[(&'static str, &str)]) -> Stack {
    let scripts = files.iter().map(|(name, text)| (*name, (*text).to_owned()));
    Stack::start(&Texts {
        scripts: scripts.collect(),
        ..texts(http, &fpm(CHILD), "")
    })
}

/// Expects that a text is found exactly where the rule speaks.
fn shows(
    rule: &str,
    http: &str,
    files: &[(&'static str, &str)],
    path: &str,
    text: &str,
    harmed: bool,
) {
    let stack = with_files(http, files);
    let answer = stack.get(path);
    assert_eq!(answer.text().contains(text), harmed, "{http}: {answer:?}");
    assert_eq!(found(stack.dir()).contains(&rule), harmed, "{http}");
}

#[test]
fn two_dots_lead_out_of_an_alias() {
    let files = [("public/a.txt", "public"), ("secret.txt", "a secret")];
    for (head, alias, climbs) in [
        ("/files", "@DIR@/www/public/", true),
        ("/files/", "@DIR@/www/public/", false),
        ("= /files", "@DIR@/www/public/", false),
        ("~ ^/files(.*)$", "@DIR@/www/public/$1", true),
        ("~ ^/files/(.*)$", "@DIR@/www/public/$1", false),
    ] {
        let http = server(&format!(
            "location {head} {{ alias {alias}; }}\nlocation / {{ return 404; }}"
        ));
        shows(
            "alias-traversal",
            &http,
            &files,
            "/files../secret.txt",
            "a secret",
            climbs,
        );
    }
}

#[test]
fn the_files_of_the_machine_are_served() {
    for (body, open) in [
        ("location / { root /; }", true),
        ("location / { root @DIR@/www; }", false),
        ("location / { internal; root /; }", false),
    ] {
        shows(
            "filesystem-root-exposed",
            &server(body),
            &[],
            "/etc/passwd",
            "root:",
            open,
        );
    }
}

/// A second server with the same root and no location for PHP.
#[test]
fn a_second_server_hands_out_the_source() {
    let php = server(&location(""));
    for (body, open) in [
        ("", true),
        ("return 301 https://shop.example;", false),
        ("location ~ \\.php$ { deny all; }", false),
    ] {
        let other = server(body).replace("shop.example;\nroot", "other.example;\nroot");
        let stack = with_files(
            &format!("{php}{other}"),
            &[("index.php", "<?php $password = 'x';")],
        );
        let answer = stack.nginx.get("other.example", "/index.php");
        assert_eq!(answer.text().contains("$password"), open, "{body}");
        assert_eq!(
            found(stack.dir()).contains(&"php-source-served"),
            open,
            "{body}"
        );
    }
}

#[test]
fn dotfiles_are_served() {
    for (body, open) in [
        ("", true),
        ("location ~ /\\.(?!well-known/) { deny all; }", false),
        ("location ~ /\\. { return 404; }", false),
    ] {
        let files = [(".git/config", "[core]"), (".env", "DB=1")];
        shows(
            "dotfiles-served",
            &server(body),
            &files,
            "/.git/config",
            "[core]",
            open,
        );
    }
}

#[test]
fn lists_that_deny_nobody_let_everybody_in() {
    for (list, open) in [
        ("allow 10.0.0.0/8;", true),
        ("allow 10.0.0.0/8; deny all;", false),
    ] {
        let http = server(&format!("location /a.txt {{ {list} }}"));
        shows(
            "allow-without-deny",
            &http,
            &[("a.txt", "inside")],
            "/a.txt",
            "inside",
            open,
        );
    }
}

#[test]
fn return_answers_before_the_list_is_asked() {
    for (body, open) in [
        ("deny all; return 200 inside;", true),
        ("deny all; if ($uri) { return 200 inside; }", true),
        ("deny all; try_files /a.txt =404;", false),
        (
            "auth_basic x; auth_basic_user_file @DIR@/www/a.txt; return 200 inside;",
            true,
        ),
    ] {
        let http = server(&format!("location /a {{ {body} }}"));
        shows(
            "return-bypasses-access",
            &http,
            &[("a.txt", "inside")],
            "/a",
            "inside",
            open,
        );
    }
}

/// With two that hold, only the last one's header is sent, and `try_files` is not asked.
#[test]
fn an_if_takes_the_rest() {
    let stack = with_files(
        &server(
            "location /a { if ($arg_x) { add_header X-One 1; } if ($arg_y) { add_header X-Two 2; } return 204; }",
        ),
        &[],
    );
    let answer = stack.get("/a?x=1&y=1");
    assert_eq!(
        (answer.header("x-one"), answer.header("x-two")),
        (None, Some("2"))
    );
    assert!(found(stack.dir()).contains(&"if-takes-the-rest"));
    let body = "location /a { try_files /a.txt =404; if ($arg_x) { add_header X-One 1; } }";
    let stack = with_files(&server(body), &[("a.txt", "a file")]);
    assert_eq!(stack.get("/a").status, 200);
    assert_eq!(stack.get("/a?x=1").status, 404);
    assert!(found(stack.dir()).contains(&"if-takes-the-rest"));
}

/// `try_files` beside `proxy_pass`: the file goes to the backend, what is missing does not.
#[test]
fn files_that_exist_go_to_the_backend() {
    let echo = "server {\nlisten 127.0.0.1:@PORT@;\nserver_name backend;\nlocation / { return 200 backend; }\n}\n";
    let pass = "proxy_set_header Host backend; proxy_pass http://127.0.0.1:@PORT@;";
    for (body, file, missing, rule) in [
        (
            format!("location / {{ try_files $uri =404; {pass} }}"),
            "backend",
            404,
            true,
        ),
        (
            format!("location / {{ try_files $uri @app; }}\nlocation @app {{ {pass} }}"),
            "a file",
            200,
            false,
        ),
    ] {
        let stack = with_files(&format!("{}{echo}", server(&body)), &[("a.txt", "a file")]);
        assert_eq!(stack.get("/a.txt").text(), file);
        assert_eq!(stack.get("/none.txt").status, missing);
        assert_eq!(
            found(stack.dir()).contains(&"try-files-with-proxy-pass"),
            rule
        );
    }
}

#[test]
fn expressions_behind_the_same_are_never_asked() {
    let body = "location ~ / { return 200 first; }\nlocation ~ secret { return 403; }";
    shows(
        "unreachable-location",
        &server(body),
        &[],
        "/secret",
        "first",
        true,
    );
    let body = "location ~ secret { return 403; }\nlocation ~ / { return 200 first; }";
    shows(
        "unreachable-location",
        &server(body),
        &[],
        "/secret",
        "first",
        false,
    );
}

/// With a path in the target the backend gets another one than the client wrote.
#[test]
fn paths_are_cleaned_on_their_way() {
    let echo = "server {\nlisten 127.0.0.1:@PORT@;\nserver_name backend;\nlocation / { return 200 $request_uri; }\n}\n";
    for (path, sent, rule) in [("/v1/", "/v1/a/b", true), ("", "/api//a%2Fb", false)] {
        let body = format!(
            "location /api/ {{ proxy_set_header Host backend; proxy_pass http://127.0.0.1:@PORT@{path}; }}"
        );
        let stack = with_files(&format!("{}{echo}", server(&body)), &[]);
        assert_eq!(stack.get("/api//a%2Fb").text(), sent);
        assert_eq!(found(stack.dir()).contains(&"proxy-pass-normalised"), rule);
    }
}

#[test]
fn a_missing_referer_passes() {
    for (list, passes) in [("none server_names", true), ("server_names", false)] {
        let body = format!(
            "location /a.txt {{ valid_referers {list}; if ($invalid_referer) {{ return 403; }} }}"
        );
        shows(
            "valid-referers-none",
            &server(&body),
            &[("a.txt", "inside")],
            "/a.txt",
            "inside",
            passes,
        );
    }
}

#[test]
fn the_backend_is_told_the_name_of_the_upstream() {
    let up = "upstream backend { server 127.0.0.1:@PORT@; }\n\
              server {\nlisten 127.0.0.1:@PORT@;\nserver_name backend;\nreturn 200 $host;\n}\n";
    for (set, told, rule) in [
        ("", "backend", true),
        ("proxy_set_header Host backend;", "backend", false),
    ] {
        let body = format!("location / {{ {set} proxy_pass http://backend; }}");
        let stack = with_files(&format!("{up}{}", server(&body)), &[]);
        assert_eq!(stack.get("/").text(), told);
        assert_eq!(found(stack.dir()).contains(&"host-header-missing"), rule);
    }
}

/// A variable in the target: nginx needs a name server of its own, whatever `/etc/hosts` says.
#[test]
fn names_in_variables_need_a_resolver() {
    for (body, fails) in [
        ("set $b localhost; proxy_pass http://$b:@PORT@/inner;", true),
        ("proxy_pass http://localhost:@PORT@/inner$is_args;", true),
        (
            "set $b 127.0.0.1; proxy_pass http://$b:@PORT@/inner;",
            false,
        ),
        ("proxy_pass http://127.0.0.1:@PORT@/inner$is_args;", false),
    ] {
        let http = server(&format!(
            "location /inner {{ return 200 inner; }}\nlocation /a {{ {body} proxy_set_header Host shop.example; }}"
        ));
        let stack = with_files(&http, &[]);
        let answer = stack.get("/a");
        assert_eq!(answer.status, if fails { 502 } else { 200 }, "{body}");
        let said = stack
            .nginx
            .error_log()
            .contains("no resolver defined to resolve");
        assert_eq!(said, fails, "{body}");
        assert_eq!(
            found(stack.dir()).contains(&"resolver-missing"),
            fails,
            "{body}"
        );
    }
}

/// The first server of an address answers for names that nobody knows; a map without a default
/// is empty.
#[test]
fn strangers_get_the_first_server_and_nothing() {
    let map = "map $http_x $mapped { a b; }\n";
    let other =
        "server {\nlisten 127.0.0.1:@PORT@;\nserver_name other.example;\nreturn 200 second;\n}\n";
    let stack = with_files(
        &format!("{map}{}{other}", server("return 200 \"first[$mapped]\";")),
        &[],
    );
    assert_eq!(stack.nginx.get("unknown.example", "/").text(), "first[]");
    let rules = found(stack.dir());
    assert!(rules.contains(&"default-server-missing") && rules.contains(&"map-without-default"));
}

/// What stands behind the location's text is glued to the alias.
#[test]
fn an_alias_without_a_slash_glues_names() {
    for (alias, name) in [
        ("@DIR@/www/data", "dataa.txt"),
        ("@DIR@/www/data/", "data/a.txt"),
    ] {
        let http = server(&format!("location /images/ {{ alias {alias}; }}"));
        let stack = with_files(
            &http,
            &[("dataa.txt", "dataa.txt"), ("data/a.txt", "data/a.txt")],
        );
        assert_eq!(stack.get("/images/a.txt").text(), name);
        let rules = found(stack.dir());
        assert_eq!(rules.contains(&"alias-slash-missing"), name == "dataa.txt");
    }
}

/// The page for 404 takes away the one for 403, and a limit of its own the server's.
#[test]
fn inner_lists_silence_the_outer_ones() {
    for (inner, kept) in [("error_page 404 /missing.txt;", false), ("", true)] {
        let body = format!("error_page 403 /busy.txt;\nlocation /a {{ {inner} deny all; }}");
        let stack = with_files(&server(&body), &[("busy.txt", "our own page")]);
        assert_eq!(stack.get("/a").text() == "our own page", kept, "{inner}");
        assert_eq!(found(stack.dir()).contains(&"inherited-list-lost"), !kept);
    }
    let zones = "limit_req_zone $server_name zone=one:1m rate=1r/m;\n\
                 limit_req_zone $server_name zone=two:1m rate=100r/s;\n";
    for (inner, limited) in [("limit_req zone=two burst=9;", false), ("", true)] {
        let body = format!("limit_req zone=one;\nlocation /a.txt {{ {inner} }}");
        let stack = with_files(&format!("{zones}{}", server(&body)), &[("a.txt", "x")]);
        let statuses: Vec<u16> = (0..3).map(|_| stack.get("/a.txt").status).collect();
        assert_eq!(statuses.contains(&503), limited, "{statuses:?}");
        assert_eq!(
            found(stack.dir()).contains(&"inherited-list-lost"),
            !limited
        );
    }
}
