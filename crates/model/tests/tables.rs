//! The table is what it should be.

#![expect(
    clippy::disallowed_methods,
    reason = "the test reads two files of the repository"
)]

use std::fs;
use std::path::Path;

use model::tables::{all, lookup, nearest};

fn lines(name: &str) -> Vec<Vec<String>> {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tables");
    let text = fs::read_to_string(tables.join(name)).expect("the table is there");
    let lines = text.lines().skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn every_line_is_a_row() {
    let lines = lines("nginx.csv");
    assert_eq!(lines.len(), all().len());
    for (line, row) in lines.iter().zip(all()) {
        assert_eq!(line.len(), 11, "{line:?}");
        assert_eq!([&line[0], &line[10]], [row.name, row.manual]);
        assert!(["", "block"].contains(&line[4].as_str()), "{line:?}");
    }
}

#[test]
fn rows_are_sorted_and_have_their_source() {
    let sorted = all().is_sorted_by_key(|row| (row.name, row.module));
    assert!(sorted, "rows are looked up by halving");
    assert!(all().len() > 700, "{} rows", all().len());
    let sources = lines("nginx-sources.csv");
    assert_eq!(sources.len(), all().len());
    for (row, line) in all().iter().zip(&sources) {
        let [name, module, source] = line.as_slice() else {
            panic!("not three columns: {line:?}");
        };
        assert_eq!((row.name, row.module), (name.as_str(), module.as_str()));
        assert!(
            source.starts_with("src/") && source.contains(".c:"),
            "{line:?}"
        );
        assert!(!row.contexts.is_empty() && !row.args.is_empty(), "{row:?}");
    }
}

#[test]
fn directives_of_the_chain_have_their_defaults() {
    for (name, default) in [
        ("fastcgi_read_timeout", "60s"),
        ("fastcgi_send_timeout", "60s"),
        ("fastcgi_connect_timeout", "60s"),
        ("fastcgi_next_upstream", "error timeout"),
        ("fastcgi_next_upstream_timeout", "0"),
        ("fastcgi_next_upstream_tries", "0"),
        ("fastcgi_keep_conn", "off"),
        ("proxy_read_timeout", "60s"),
        ("uwsgi_read_timeout", "60s"),
        ("scgi_read_timeout", "60s"),
        ("grpc_read_timeout", "60s"),
        ("client_max_body_size", "1m"),
        ("client_body_timeout", "60s"),
    ] {
        let row = lookup(name.as_bytes()).first();
        assert_eq!(row.and_then(|row| row.default), Some(default), "{name}");
    }
}

#[test]
fn names_and_near_names_are_found() {
    assert_eq!(lookup(b"keepalive_timeout").len(), 2);
    assert!(lookup(b"no_such_directive").is_empty());
    assert!(lookup(b"FASTCGI_PASS").is_empty());
    assert_eq!(
        nearest(b"fastcgi_read_timout"),
        Some("fastcgi_read_timeout")
    );
    assert_eq!(nearest(b"completely_different"), None);
}
