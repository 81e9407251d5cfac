//! Restoring a text that somebody edited: nothing is guessed, everything odd is said.

use redact::{Options, Redacted, SlipKind, Text, compare, redact, restore};

const TEXT: &[u8] = b"fastcgi_param DB_PASSWORD hunter2xy;\nfastcgi_param API_TOKEN 0a1b2c3d4e;\n";

fn redacted() -> Redacted {
    let text = Text {
        path: b"a.conf",
        bytes: TEXT,
    };
    redact(&[text], &Options::default())
}

/// What is wrong with an edited text, and the text that comes back.
fn slips(edited: &str) -> (String, Vec<(SlipKind, String)>) {
    let redacted = redacted();
    let restored = restore(edited.as_bytes(), &redacted.map);
    let all = restored
        .slips
        .iter()
        .cloned()
        .chain(compare(b"a.conf", &restored, &redacted.map));
    let all = all.map(|slip| (slip.kind, slip.placeholder)).collect();
    (String::from_utf8_lossy(&restored.bytes).into_owned(), all)
}

#[test]
fn edited_around() {
    let (text, slips) = slips("set $a 1;\nX \"BGSECRET_001\"; # moved\nY BGSECRET_002;\n");
    assert_eq!(text, "set $a 1;\nX \"hunter2xy\"; # moved\nY 0a1b2c3d4e;\n");
    assert_eq!(slips, []);
}

#[test]
fn lost_doubled_invented_altered() {
    let slip = |kind, name: &str| (kind, name.to_owned());
    for (edited, want) in [
        ("BGSECRET_001", vec![slip(SlipKind::Lost, "BGSECRET_002")]),
        (
            "BGSECRET_001 BGSECRET_001 BGSECRET_002",
            vec![slip(SlipKind::Duplicated, "BGSECRET_001")],
        ),
        (
            "BGSECRET_001 BGSECRET_002 BGSECRET_003",
            vec![slip(SlipKind::Invented, "BGSECRET_003")],
        ),
        (
            "BGSECRET_001 bgsecret_002",
            vec![
                slip(SlipKind::Altered, "bgsecret_002"),
                slip(SlipKind::Lost, "BGSECRET_002"),
            ],
        ),
        (
            "BG-SECRET-001 BGSECRET_002",
            vec![
                slip(SlipKind::Altered, "BG-SECRET-001"),
                slip(SlipKind::Lost, "BGSECRET_001"),
            ],
        ),
        (
            "BGSECRET_1 BGSECRET_002",
            vec![
                slip(SlipKind::Altered, "BGSECRET_1"),
                slip(SlipKind::Lost, "BGSECRET_001"),
            ],
        ),
        (
            "BGSECERT_001 BGSECRET_002",
            vec![
                slip(SlipKind::Altered, "BGSECERT_001"),
                slip(SlipKind::Lost, "BGSECRET_001"),
            ],
        ),
    ] {
        let (text, found) = slips(edited);
        assert_eq!(found, want, "{edited}");
        // What is not ours stays as it is.
        for (kind, name) in want {
            if matches!(kind, SlipKind::Invented | SlipKind::Altered) {
                assert!(text.contains(&name), "{text}");
            }
        }
    }
}

/// Words of a text that only resemble the prefix a little are left in peace.
#[test]
fn ordinary_words() {
    let (_, slips) = slips(
        "BGSECRET_001 BGSECRET_002 secret_001 SECRETS 123 bigsecretary-1 $secret2 debugsecret",
    );
    assert_eq!(slips, []);
}
