//! `restore(redact(x)) == x`, byte for byte, whatever the bytes are.

use proptest::prelude::*;
use redact::{Options, Stream, Text, redact, restore};

/// Pieces that finders look at, so that random texts are about something.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "fastcgi_param DB_PASSWORD hunter2xy;",
        "proxy_set_header Authorization \"Bearer 0a1b2c3d4e5f6a7b8c9d\";",
        "env[API_TOKEN] = \"S3cr3t-Wert\"",
        "; password = geheim77",
        "BGSECRET_001",
        "BGSECRET_",
        "bgsecret_1",
        "BGSECRET2_004",
        "BGSECRET_M000001",
        "https://u:pa55word@db.example.com/x",
        "10.0.3.7",
        "203.0.113.9",
        "192.0.2.1",
        "host-001.example.invalid",
        "www.shop.example.com",
        "shop\\.example\\.com",
        "user001@example.invalid",
        "anna@firma.de",
        "bgname001",
        "/home/anna/x",
        "2001:db8::1",
        "fe80::1",
        "arn:aws:iam::123456789012:role/deploy",
        "arn:aws:iam::900000000001:role/bgname001",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nabcd==\n-----END PRIVATE KEY-----",
        "$2y$10$abcdefghijklmnopqrstuv",
        "dXNlcjpodW50ZXIyeHk=",
        "hunter2xy",
        "password=hunter2xy&token=a1b2c3d4e5",
        "#0 /srv/a.php(3): PDO->__construct('x', 'u', 'pw12345')",
        "map $http_x_api_key $ok { \"k3y0fth3w0rld99\" 1; }",
        "server {",
        "}",
        "\"",
        "'",
        "\\",
        "\n",
        "\r\n",
        "\u{feff}",
        " ",
        "=",
        ":",
        ";",
        "@",
        "://",
        "${X:-fallb4ck}",
        "[www]",
        "Set-Cookie: sid=abc123def456; Path=/",
        "AKIAIOSFODNN7EXAMPL0",
        "\"function\":\"connect\",\"args\":[\"a\",\"k3yW9xq2\"]",
        "new PDO('mysql:host=db', 'u', 'pw12345')",
        "curl -u anna:pa55word https://x.example/",
        "htpasswd -nb anna 'pa55word'",
        "$(",
        "kind: Secret\ndata:\n  a: YWRtaW4xMjM0",
        "Chrome/120.0.0.0",
        "Foo/192.0.2.1",
    ]);
    prop_oneof![
        6 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => "[ -~]{0,16}".prop_map(String::into_bytes),
    ]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let glue = prop::sample::select(vec!["", " ", "\n", "\t", "="]);
    prop::collection::vec((piece(), glue), 0..14).prop_map(|pieces| {
        let bytes = pieces
            .into_iter()
            .flat_map(|(piece, glue)| [piece, glue.as_bytes().to_vec()]);
        bytes.flatten().collect()
    })
}

fn path() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "nginx.conf",
        "www.conf",
        "php.ini",
        ".env",
        "x.yml",
        "access.log",
        "htpasswd",
        "notes.txt",
        "x.json",
        ".pgpass",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 20_000 }))]

    #[test]
    fn what_was_hidden_comes_back(
        texts in prop::collection::vec((path(), text()), 1..3),
        identity in any::<bool>(),
    ) {
        let all: Vec<Text<'_>> = texts.iter().map(|(path, bytes)| Text { path: path.as_bytes(), bytes }).collect();
        let redacted = redact(&all, &Options { identity, ..Options::default() });
        for ((_, original), hidden) in texts.iter().zip(&redacted.texts) {
            let back = restore(hidden, &redacted.map);
            prop_assert_eq!(&back.bytes, original, "{}\n{:?}", String::from_utf8_lossy(hidden), redacted.map);
            let lines = |bytes: &[u8]| bytes.iter().filter(|b| **b == b'\n').count();
            prop_assert_eq!(lines(hidden), lines(original));
        }
        // The map's file is as good as the map.
        let read = redact::Map::from_json(redacted.map.to_json().as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&redacted.map));
    }

    /// The same for a stream, wherever its blocks are cut.
    #[test]
    fn a_stream_comes_back(blocks in prop::collection::vec(text(), 1..4), identity in any::<bool>()) {
        let mut stream = Stream::new(Options { identity, ..Options::default() });
        let mut hidden = Vec::new();
        for block in &blocks {
            stream.redact(&[block.as_slice(), b"\n"].concat(), &mut hidden);
        }
        stream.end(b"x");
        let map = stream.into_map();
        let original: Vec<u8> = blocks.iter().flat_map(|block| [block.as_slice(), b"\n"].concat()).collect();
        let back = restore(&hidden, &map);
        prop_assert_eq!(back.bytes, original, "{}\n{:?}", String::from_utf8_lossy(&hidden), map);
    }

    /// One value, one placeholder, in all texts; two values never share one.
    #[test]
    fn a_value_has_one_placeholder(texts in prop::collection::vec((path(), text()), 1..4)) {
        let all: Vec<Text<'_>> = texts.iter().map(|(path, bytes)| Text { path: path.as_bytes(), bytes }).collect();
        let redacted = redact(&all, &Options::default());
        let mut values = std::collections::BTreeMap::new();
        for found in &redacted.found {
            let value = &texts[found.text].1[found.start..found.end];
            let known = values.entry(found.placeholder.clone()).or_insert(value);
            prop_assert_eq!(*known, value);
        }
        let mut unique: Vec<_> = values.values().collect();
        unique.sort();
        unique.dedup();
        prop_assert_eq!(unique.len(), values.len());
    }
}

/// A file of the planted corpus with something cut out, put in or doubled: what people paste is
/// often only a part.
fn damaged() -> impl Strategy<Value = (String, Vec<u8>)> {
    let files: Vec<_> = crate::planted::files().into_iter().collect();
    let edit = (any::<prop::sample::Index>(), 0..40usize, piece());
    let edits = prop::collection::vec(edit, 1..12);
    (prop::sample::select(files), edits).prop_map(|((path, mut bytes), edits)| {
        for (at, cut, put) in edits {
            let from = at.index(bytes.len() + 1);
            let to = (from + cut).min(bytes.len());
            bytes.splice(from..to, put);
        }
        (path, bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 1_500 } else { 20_000 }))]

    #[test]
    fn what_is_damaged_comes_back((path, original) in damaged()) {
        let text = Text { path: path.as_bytes(), bytes: &original };
        let redacted = redact(&[text], &Options::default());
        prop_assert_eq!(&restore(&redacted.texts[0], &redacted.map).bytes, &original);
    }
}
