//! Effective values by live requests: what the model says a route's read timeout is, is when the
//! real nginx gives up.

use std::time::Duration;

use crate::stack::{fpm, server, texts};
use base::{Limit, Millis};
use lab::live::Stack;

/// FastCGI parameters and the pass, without any timeout.
const PASS: &str = "fastcgi_param SCRIPT_FILENAME @DIR@/www$fastcgi_script_name; \
                    fastcgi_param QUERY_STRING $query_string; \
                    fastcgi_param REQUEST_METHOD $request_method; \
                    fastcgi_pass unix:@DIR@/www.sock;";

/// One situation: the http block, the request, the seconds that the model must say.
struct Case {
    name: &'static str,
    http: String,
    path: &'static str,
    /// What the route's label ends with.
    route: &'static str,
    seconds: u64,
}

fn case(
    name: &'static str,
    http: String,
    path: &'static str,
    route: &'static str,
    seconds: u64,
) -> Case {
    Case {
        name,
        http,
        path,
        route,
        seconds,
    }
}

fn php(body: &str) -> String {
    format!("location ~ \\.php$ {{ {body} {PASS} }}")
}

const SLEEP: &str = "/sleep.php?4";

fn cases() -> Vec<Case> {
    let route = "~ \\.php$";
    let one = "fastcgi_read_timeout 1s;";
    let two = "fastcgi_read_timeout 2s;";
    let three = "fastcgi_read_timeout 3s;";
    vec![
        case("http only", format!("{one} {}", server(&php(""))), SLEEP, route, 1),
        case("server over http", format!("{three} {}", server(&format!("{one} {}", php("")))), SLEEP, route, 1),
        case("location over server and http", format!("{three} {}", server(&format!("{two} {}", php(one)))), SLEEP, route, 1),
        case("set behind the server in http", format!("{} {one}", server(&php(""))), SLEEP, route, 1),
        case("set behind the location in the server", server(&format!("{} {one}", php(""))), SLEEP, route, 1),
        case("nested location inherits from the outer", server(&format!("location / {{ {one} {} }}", php(""))), SLEEP, "/ > ~ \\.php$", 1),
        case("nested location over the outer", server(&format!("location / {{ {three} {} }}", php(one))), SLEEP, "/ > ~ \\.php$", 1),
        case("if inherits from its location", server(&format!("location ~ \\.php$ {{ {one} fastcgi_param SCRIPT_FILENAME @DIR@/www$fastcgi_script_name; fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method; if ($request_method = GET) {{ fastcgi_pass unix:@DIR@/www.sock; }} }}")), SLEEP, "if ($request_method = GET)", 1),
        case("limit_except inherits from its location", server(&format!("location ~ \\.php$ {{ {one} limit_except POST {{ deny none.invalid; }} {PASS} }}").replace("deny none.invalid;", "allow all;")), SLEEP, route, 1),
        case("named location through try_files", server(&format!("{three} location ~ \\.php$ {{ try_files /none @php; }} location @php {{ {one} {PASS} }}")), SLEEP, "@php", 1),
        case("exact location beside a regex", server(&format!("location = /sleep.php {{ {one} {PASS} }} {}", php(three))), SLEEP, "= /sleep.php", 1),
        case("prefix that stops regexes", server(&format!("location ^~ /sleep {{ {one} {PASS} }} {}", php(three))), SLEEP, "^~ /sleep", 1),
        case("first regex in order", server(&format!("location ~ ^/sleep {{ {one} {PASS} }} {}", php(three))), SLEEP, "~ ^/sleep", 1),
        case("milliseconds and minutes", server(&format!("fastcgi_read_timeout 1m; {}", php("fastcgi_read_timeout 1200ms;"))), SLEEP, route, 1),
        case("shared include takes each server's value", format!("{one} {}", server("include @DIR@/php.inc;")), SLEEP, route, 1),
    ]
}

#[test]
fn the_model_says_when_nginx_gives_up() {
    for case in cases() {
        let mut texts = texts(&case.http, &fpm("pm.max_children = 2\n"), "");
        // Below www, so that it is written like a script.
        texts.scripts.push(("php.inc", php("")));
        texts.http = texts.http.replace("@DIR@/php.inc", "@DIR@/www/php.inc");
        let stack = Stack::start(&texts);
        let model = stack.model();
        let (nginx, route) = model
            .routes()
            .find(|(_, route)| route.label.ends_with(case.route))
            .unwrap_or_else(|| panic!("{}: no route {}", case.name, case.route));
        let limit = nginx.config.limit(route.scope, "fastcgi_read_timeout");
        let Limit::After(Millis(said)) = limit.expect("it is known").value else {
            panic!("{}: no limit", case.name);
        };
        assert_eq!(said / 1000, case.seconds, "{}", case.name);
        let answer = stack.get(case.path);
        let log = stack.nginx.error_log();
        assert_eq!(answer.status, 504, "{}: {log}", case.name);
        let said = Duration::from_millis(said);
        // nginx looks at a clock that it sets once in each round of events.
        let close = answer.elapsed + Duration::from_millis(20) >= said
            && answer.elapsed < said + Duration::from_millis(900);
        assert!(
            close,
            "{}: said {said:?}, took {:?}",
            case.name, answer.elapsed
        );
    }
}

/// A `fastcgi_param` in the location drops all those of the server.
#[test]
fn params_are_replaced_as_a_whole() {
    let http = server(
        "fastcgi_param SCRIPT_FILENAME @DIR@/www$fastcgi_script_name; \
         location = /ok.php { fastcgi_pass unix:@DIR@/www.sock; } \
         location ~ \\.php$ { fastcgi_param REQUEST_METHOD $request_method; \
         fastcgi_pass unix:@DIR@/www.sock; }",
    );
    let stack = Stack::start(&texts(&http, &fpm("pm.max_children = 2\n"), ""));
    let model = stack.model();
    let params = |end: &str| {
        let (nginx, route) = model
            .routes()
            .find(|(_, r)| r.label.ends_with(end))
            .expect("a route");
        let items = nginx.config.find_all(route.scope, "fastcgi_param");
        items
            .into_iter()
            .filter_map(|item| nginx.config.word(item, 1))
            .map(|name| String::from_utf8_lossy(&name).into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(params("= /ok.php"), ["SCRIPT_FILENAME"]);
    assert_eq!(params("~ \\.php$"), ["REQUEST_METHOD"]);
    assert_eq!(stack.get("/ok.php").status, 200);
    assert_eq!(
        stack.get("/sleep.php?0").status,
        404,
        "no SCRIPT_FILENAME is left"
    );
}
