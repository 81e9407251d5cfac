//! What files are.

use intake::{Tray, open};

fn kinds(files: &[(&str, &str)]) -> Vec<String> {
    let files = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes().into()));
    let tray = Tray::new(files).expect("the names are right");
    let opened = open(&tray);
    let said = opened.iter().map(|file| {
        let via = file.via.as_deref();
        let via = via.map_or_else(String::new, |via| format!(" of {via}"));
        format!("{} {}{via}", file.name, file.kind.word())
    });
    said.collect()
}

#[test]
fn every_kind() {
    let files = [
        ("a", "server {\n}\n"),
        ("b", "[global]\npid = /run/a.pid\n"),
        ("c", "[www]\nlisten = 9000\n"),
        ("d", "[PHP]\nengine = On\n"),
        (".user.ini", "memory_limit = 1G\n"),
        (
            "e",
            "2026/11/22 11:31:20 [error] 7#7: *1 connect() failed\n",
        ),
        (
            "f",
            "[22-Nov-2026 11:31:20] NOTICE: fpm is running, pid 1\n",
        ),
        (
            "g",
            "[22-Nov-2026 11:31:20] NOTICE: [global]\n[22-Nov-2026 11:31:20] NOTICE: \tpid = x\n",
        ),
        ("h.js", "let a = 1;\n"),
        ("i.json", "{\"a\": 1}\n"),
        ("j", "call Anna\n"),
        ("k", ""),
    ];
    assert_eq!(
        kinds(&files),
        [
            ".user.ini user-ini",
            "a nginx",
            "b fpm-main",
            "c fpm-pool",
            "d php-ini",
            "e nginx-error",
            "f fpm",
            "g fpm-dump",
            "h.js unknown",
            "i.json unknown",
            "j unknown",
            "k unknown",
        ]
    );
}

/// A format that only the configuration knows.
#[test]
fn access_logs_of_the_configuration() {
    let conf = "events {}\nhttp {\n    log_format short '$status|$request_time|$request';\n}\n";
    let log = "502|60.001|GET / HTTP/1.1\n";
    let files = [("access.log", log), ("nginx.conf", conf)];
    assert_eq!(
        kinds(&files),
        ["access.log nginx-access", "nginx.conf nginx"]
    );
}

#[test]
fn dumps_are_taken_apart_once() {
    let dump = "# configuration file /etc/nginx/nginx.conf:\nhttp {\n}\n\n\
                # configuration file /etc/nginx/mime.types:\ntypes {\n}\n\n";
    assert_eq!(
        kinds(&[("one.txt", dump), ("two.txt", dump)]),
        [
            "/etc/nginx/nginx.conf nginx of one.txt",
            "/etc/nginx/mime.types nginx of one.txt",
            "two.txt nginx-dump",
        ]
    );
}
