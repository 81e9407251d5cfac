//! The generated table is the one that the CSV says, and the CSV is what it should be.

#![expect(
    clippy::disallowed_methods,
    reason = "the test compares two files of the repository"
)]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use model::tables::{all, lookup, nearest};

fn table(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/tables")
        .join(name)
}

fn rows() -> Vec<Vec<String>> {
    let text = fs::read_to_string(table("nginx.csv")).expect("the table is there");
    let lines = text.lines().skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn generated() -> String {
    let mut out = String::from(
        "// @generated from nginx.csv by `BLESS=1 cargo test -p model --test tables`\n\
         //! The rows of nginx.csv.\n\n\
         use super::Directive;\n\n\
         #[rustfmt::skip]\n\
         pub(super) static ROWS: &[Directive] = &[\n",
    );
    let optional = |text: &str| match text {
        "" => "None".to_owned(),
        text => format!("Some({text:?})"),
    };
    for row in rows() {
        let [
            name,
            module,
            contexts,
            args,
            block,
            slot,
            default,
            inherit,
            since,
            until,
            source,
            manual,
        ] = row.as_slice()
        else {
            panic!("not twelve columns: {row:?}");
        };
        let (block, default, until) = (block == "block", optional(default), optional(until));
        writeln!(
            out,
            "    Directive {{ name: {name:?}, module: {module:?}, contexts: {contexts:?}, \
             args: {args:?}, block: {block}, slot: {slot:?}, default: {default}, \
             inherit: {inherit:?}, since: {since:?}, until: {until}, source: {source:?}, \
             manual: {manual:?} }},"
        )
        .expect("a string takes everything");
    }
    out.push_str("];\n");
    out
}

#[test]
fn the_generated_table_is_fresh() {
    let path = table("nginx_generated.rs");
    let wanted = generated();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &wanted).expect("the table can be written");
    }
    let found = fs::read_to_string(&path).expect("the generated table is there");
    assert!(
        found == wanted,
        "stale: run `BLESS=1 cargo test -p model --test tables`"
    );
}

#[test]
fn rows_are_sorted_and_point_to_their_source() {
    let sorted = all().is_sorted_by_key(|row| (row.name, row.module));
    assert!(sorted, "rows are looked up by halving");
    assert!(all().len() > 700, "{} rows", all().len());
    for row in all() {
        let source = row.source;
        assert!(
            source.starts_with("src/") && source.contains(".c:"),
            "{row:?}"
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
