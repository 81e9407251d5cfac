//! What people put into logs that nobody else may see: in no output of `diagnose`, in no file it
//! writes.

use std::fs;

use crate::log_lines::{NGINX_CONF, diagnose};
use crate::run::{Folder, run};

const CANARY: &str = "cnry88q";

/// A line of nginx's error log with a request.
fn failed(request: &str) -> String {
    format!(
        "2026/11/22 11:31:37 [error] 14621#14621: *1 upstream timed out (110: Connection timed \
         out) while reading response header from upstream, client: 127.0.0.1, server: x, request: \
         \"{request} HTTP/1.1\", upstream: \"fastcgi://unix:/run/x.sock\", host: \"x\", referrer: \
         \"https://x/login?token={CANARY}&a=b\"\n"
    )
}

/// A line of nginx's error log with what PHP said.
fn said(message: &str) -> String {
    format!(
        "2026/11/22 11:31:52 [error] 15173#15173: *1 FastCGI sent in stderr: \"PHP message: PHP \
         Fatal error:  Uncaught RuntimeException: {message} in /srv/x.php:2\nStack trace:\n#0 \
         /srv/x.php(3): call('{message}')\n#1 {{main}}\n  thrown in /srv/x.php on line 2\" while \
         reading response header from upstream, client: 127.0.0.1, server: x, request: \"GET \
         /x.php HTTP/1.1\", upstream: \"fastcgi://unix:/run/x.sock:\", host: \"x\"\n"
    )
}

/// What each output of `diagnose` and `merge` shows of the canary.
fn leaks(name: &str, log: &str) -> Vec<String> {
    let folder = Folder::new();
    let log = folder.write(name, log);
    let conf = folder.write("nginx.conf", NGINX_CONF);
    let (page, state) = (folder.at("page.html"), folder.at("state.json"));
    let base = ["--html", &page, "--state", &state, "--config", &conf];
    let mut shown = Vec::new();
    for more in [
        &["--format", "full"][..],
        &["--format", "json"],
        &["--format", "json", "--incidents"],
        &["--stats"],
    ] {
        let answer = diagnose(&[&[log.as_str()], &base[..], more].concat());
        shown.push((more.join(" "), answer.all()));
        for file in [&page, &state] {
            let text = fs::read_to_string(file).expect("it was written");
            shown.push((file.clone(), text));
        }
        let merged = run(&[&["merge", state.as_str(), "--html", &page][..], more].concat());
        shown.push((format!("merge {}", more.join(" ")), merged.all()));
    }
    let seen = shown.into_iter().filter_map(|(what, text)| {
        let at = text.find(CANARY)?;
        let from = text.floor_char_boundary(at.saturating_sub(90));
        let to = text.floor_char_boundary(at + 20);
        Some(format!("{what}: {}", &text[from..to]))
    });
    seen.collect()
}

fn assert_silent(name: &str, lines: impl IntoIterator<Item = String>) {
    let lines = lines.into_iter();
    let seen: Vec<_> = lines
        .flat_map(|line| leaks(name, &line.replace('§', CANARY)))
        .collect();
    assert!(seen.is_empty(), "{seen:#?}");
}

#[test]
fn diagnose_query_strings() {
    let requests = [
        "GET /x.php?token=§&password=§",
        "GET /x.php?a=b&api_key=§&c=d",
        "GET /x.php?access_token=§",
        "GET /x.php?PHPSESSID=§",
        "GET /x.php?user[password]=§",
        "GET /x.php?user%5Bpassword%5D=§&x=y",
        "GET /x.php?token=&password=§",
        "GET /x.php?token=a&token=b&token=§&c=d",
        "GET /x.php?Token=§",
        "GET /x.php?client_secret=§",
        "GET https://u:§@x/x.php",
    ];
    assert_silent("error.log", requests.map(failed));
}

#[test]
fn diagnose_messages_of_php() {
    let messages = [
        "password=§ is wrong",
        "password='§' is wrong",
        "password=\\x22§\\x22 is wrong",
        "mysql:host=x;password=§;port=3",
        "Authorization: Bearer §",
        "Cookie: PHPSESSID=§; a=§",
        "cookie:a=§; b=§",
        "password=§ and token=§, and secret: §",
        "{\\x22password\\x22:\\x22§\\x22}",
        "{'token': '§', 'a': 'b', 'secret': '§'}",
        "Set-Cookie: session=§; Path=/",
        "mysql://shop:§@db/shop",
        "DB_PASSWORD: §",
        "X-Api-Key: §",
    ];
    assert_silent("error.log", messages.map(said));
}

#[test]
fn diagnose_phps_own_log() {
    let message = "[22-Nov-2026 11:31:52 UTC] PHP Fatal error:  Uncaught PDOException: password=§ \
        Authorization: Bearer § in /srv/x.php:2\nStack trace:\n#0 /srv/x.php(3): f('password=§')\n\
        #1 {main}\n  thrown in /srv/x.php on line 2\n";
    assert_silent("php.log", [message.to_owned()]);
}

#[test]
fn diagnose_access_logs() {
    let lines = [
        "127.0.0.1 - - [22/Nov/2026:11:31:37 +0000] \"GET /x.php?token=§&password=§ HTTP/1.1\" \
         502 160 \"https://x/?token=§\" \"-\"\n",
        "- -  22/Nov/2026:11:31:35 +0000 \"GET /x.php?token=§&password=§\" 500 /srv/x.php \
         4000.967 2048 0.00% pid=14619\n",
    ];
    assert_silent("access.log", lines.map(str::to_owned));
}

/// Lines that nobody understands are shown too.
#[test]
fn diagnose_lines_that_are_not_understood() {
    let known = failed("GET /x.php");
    let lines = [
        "what is password=§ doing here\n",
        "Authorization: Bearer §\n",
        "Cookie: PHPSESSID=§\n",
        "GET /?token=§&b=c\n",
    ];
    assert_silent("error.log", lines.map(|line| format!("{known}{line}")));
}

/// Messages about the input do not quote it.
#[test]
fn diagnose_arguments() {
    let folder = Folder::new();
    let log = folder.write("error.log", failed("GET /x.php?token=1"));
    let state = folder.write("state.json", format!("{{\"password\": \"{CANARY}\"}}"));
    let broken = folder.write("broken.json", format!("password={CANARY}\n"));
    for args in [
        vec!["merge", &state],
        vec!["merge", &broken],
        vec!["diagnose", &log, &broken],
    ] {
        let answer = run(&args).exits(2);
        assert!(!answer.all().contains(CANARY), "{}", answer.all());
    }
}
