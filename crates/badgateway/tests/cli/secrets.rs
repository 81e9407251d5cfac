//! No secret reaches any output, wherever it stands and whatever is wrong around it.

use crate::run::{Folder, POOL, nginx, run, system};

/// Each once in the files.
const CANARIES: [&str; 12] = [
    "cnry-param-01",
    "cnry-header-02",
    "cnry-env-03",
    "cnry-admin-04",
    "cnry-ini-05",
    "cnry-comment-06",
    "cnry-url-07",
    "cnry-broken-08",
    "cnry-inline-09",
    "cnry-auth-10",
    "cnry-cookie-11",
    "cnry-dsn-12",
];

fn stack() -> Folder {
    let inside = "fastcgi_param DB_PASSWORD cnry-param-01; fastcgi_read_timeout 20s;\n            \
        fastcgi_param DATABASE_URL mysql://shop:cnry-url-07@db/shop; fastcgi_connect_timeout 300s;\n            \
        # password = cnry-comment-06\n            \
        fastcgi_param HTTP_AUTHORIZATION \"Bearer cnry-header-02\"; fastcgi_send_timeout 5s;\n            \
        fastcgi_param HTTP_X_API_KEY cnry-auth-10; fastcgi_param HTTP_COOKIE session=cnry-cookie-11;";
    let pool = format!(
        "{POOL}env[API_TOKEN] = cnry-env-03\nphp_admin_value[mysqli.default_pw] = cnry-admin-04\n\
         php_value[max_execution_time] = 300 ; secret = cnry-inline-09\n\
         env[DSN] = \"pgsql://u:cnry-dsn-12@db/x\"\n"
    );
    let ini = "max_execution_time = 0\nmysqli.default_pw = cnry-ini-05\n";
    system(inside, &pool, ini)
}

fn assert_silent(text: &str, what: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{what} shows {canary}:\n{text}");
    }
}

#[test]
fn in_no_format() {
    let stack = stack();
    let root = stack.at("");
    for format in [
        "full", "concise", "json", "sarif", "github", "gitlab", "junit",
    ] {
        let answer = run(&["check", "--root", &root, "--strict", "--format", format]).exits(1);
        assert_silent(&answer.all(), format);
    }
    for format in ["full", "json"] {
        let answer = run(&["chain", "--root", &root, "--format", format]);
        assert_silent(&answer.all(), format);
    }
}

#[test]
fn unless_they_were_asked_for() {
    let stack = stack();
    let root = stack.at("");
    let shown = run(&["check", "--root", &root, "--strict", "--show-secrets"]);
    assert!(
        shown.out.contains("cnry-param-01"),
        "the line of a finding:\n{}",
        shown.out
    );
}

/// A line that the parser refuses is shown, but not its password.
#[test]
fn in_no_error_message() {
    let pool = format!("{POOL}no.such.password = cnry-broken-08\n");
    let stack = system("", &pool, "password = cnry-ini-05 on (\n");
    stack.write(
        "etc/nginx/nginx.conf",
        nginx("fastcgi_param DB_PASSWORD cnry-param-01 }"),
    );
    let root = stack.at("");
    for format in [
        "full", "concise", "json", "sarif", "github", "gitlab", "junit",
    ] {
        let answer = run(&["check", "--root", &root, "--format", format]).exits(2);
        assert_silent(&answer.all(), format);
    }
}
