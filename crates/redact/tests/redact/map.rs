//! The map: placeholders that cannot be mistaken, and a file that says so when it is none.

use redact::{Map, Options, Text, redact};

fn text(bytes: &[u8]) -> Text<'_> {
    Text {
        path: b"x.env",
        bytes,
    }
}

/// A text that has our prefix already gets another one.
#[test]
fn another_prefix() {
    let bytes = b"A_PASSWORD=hunter2xy\nNOTE=BGSECRET_001 was here\n";
    let redacted = redact(&[text(bytes)], &Options::default());
    assert_eq!(
        redacted.texts[0],
        b"A_PASSWORD=BGSECRET2_001\nNOTE=BGSECRET_001 was here\n"
    );
    assert_eq!(
        redact::restore(&redacted.texts[0], &redacted.map).bytes,
        bytes
    );
}

/// Digits behind a placeholder are no part of it, and neither are those of a later one.
#[test]
fn many() {
    let mut bytes = Vec::new();
    for n in 0..2500 {
        bytes.extend_from_slice(format!("P{n}_PASSWORD=geheim-{n:04}-x\n").as_bytes());
        bytes.extend_from_slice(format!("# geheim-{n:04}-x99\n").as_bytes());
    }
    let redacted = redact(&[text(&bytes)], &Options::default());
    let shown = String::from_utf8_lossy(&redacted.texts[0]).into_owned();
    assert!(
        shown.contains("P2499_PASSWORD=BGSECRET_M002500\n"),
        "{}",
        &shown[shown.len() - 200..]
    );
    assert_eq!(
        redact::restore(&redacted.texts[0], &redacted.map).bytes,
        bytes
    );
}

#[test]
fn a_file_that_is_none() {
    for (text, says) in [
        ("", "this is no map of placeholders: line 1"),
        ("{\n\"a\" 1}", "this is no map of placeholders: line 2"),
        (
            "{\n\"a\": 1}",
            "this is no map of placeholders: `badgateway_map` is missing",
        ),
        (
            r#"{"badgateway_map": 2, "prefix": "", "entries": []}"#,
            "the map is of version 2, this program knows 1",
        ),
        (
            r#"{"badgateway_map": 1, "prefix": "X_", "entries": [{"placeholder": "X_001", "class": "secret", "rule": "x"}]}"#,
            "the entry of `X_001` has no value",
        ),
        (
            r#"{"badgateway_map": 1, "prefix": "X_", "entries": [{"placeholder": "X_001", "value": "a", "class": "y", "rule": "x"}]}"#,
            "the entry of `X_001` has no known class",
        ),
    ] {
        assert_eq!(
            Map::from_json(text.as_bytes()),
            Err(says.to_owned()),
            "{text}"
        );
    }
}

/// Whatever is printed for debugging shows no value.
#[test]
fn debug_shows_nothing() {
    let redacted = redact(&[text(b"A_PASSWORD=hunter2xy\n")], &Options::default());
    assert!(!format!("{redacted:?}").contains("hunter2xy"));
}

/// Values that the user wants to see stay, everywhere.
#[test]
fn revealed() {
    let bytes = b"A_PASSWORD=hunter2xy\n# hunter2xy\nB_TOKEN=0a1b2c3d4e\n";
    let reveal = [b"hunter2xy".to_vec()];
    let options = Options {
        reveal: &reveal,
        ..Options::default()
    };
    let redacted = redact(&[text(bytes)], &options);
    assert_eq!(
        redacted.texts[0],
        b"A_PASSWORD=hunter2xy\n# hunter2xy\nB_TOKEN=BGSECRET_001\n"
    );
}

/// The last look sees a value in every writing: as it is, in base64 of a login, with percent signs.
#[test]
fn leaks() {
    let redacted = redact(&[text(b"A_PASSWORD=hunter2/xy+z\n")], &Options::default());
    for (sent, at) in [
        ("prompt: hunter2/xy+z", Some(8)),
        ("p=hunter2%2Fxy%2Bz", Some(2)),
        ("Basic YW5uYTpodW50ZXIyL3h5K3o=", Some(6)),
        ("BGSECRET_001", None),
        ("hunter2", None),
    ] {
        let found = redacted.map.leaks(sent.as_bytes());
        assert_eq!(found.first().map(|leak| leak.start), at, "{sent}");
    }
}
