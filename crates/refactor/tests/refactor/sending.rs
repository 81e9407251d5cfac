//! What is sent, and what is not.

use redact::{Options, Text};
use refactor::{Wire, look};

use crate::world::{NGINX, SECRETS, Stack, ask, nginx};

#[test]
fn nothing_secret_is_sent() {
    for wire in Wire::ALL {
        let mut ask = ask();
        ask.wire = wire;
        let (sent, _) = Stack::new().run(ask, &["[]"]);
        assert_eq!(sent.len(), 1);
        for secret in SECRETS {
            assert!(!sent[0].contains(secret), "{wire:?} {secret}");
        }
        // It is about something, though.
        for part in [
            "fastcgi_read_timeout 20s;",
            "BGSECRET_001",
            "read-timeout-below-terminate",
            "request_terminate_timeout = 40s",
            "comments included",
        ] {
            assert!(sent[0].contains(part), "{wire:?} {part}\n{}", sent[0]);
        }
        // Names of files may say who and where.
        assert!(!sent[0].contains("/etc/nginx"), "{}", sent[0]);
    }
}

#[test]
fn a_secret_that_the_user_reveals_is_sent_and_no_other() {
    let mut ask = ask();
    let revealed = [SECRETS[0].as_bytes().to_vec()];
    ask.redact.reveal = &revealed;
    let (sent, _) = Stack::new().run(ask, &["[]"]);
    assert!(sent[0].contains(SECRETS[0]));
    assert!(!sent[0].contains(SECRETS[1]));
}

#[test]
fn the_repair_says_why_and_nothing_secret() {
    let wrong = nginx("fastcgi_read_timeout 20s;", "fastcgi_read_timeout 2s;");
    let (sent, verdict) = Stack::new().asked(&[&wrong, "[]"]);
    assert_eq!((sent.len(), verdict.rounds), (2, 2));
    assert!(
        sent[1].contains("These edits were thrown away"),
        "{}",
        sent[1]
    );
    assert!(sent[1].contains("assistant"), "{}", sent[1]);
    for secret in SECRETS {
        assert!(!sent[1].contains(secret), "{secret}");
    }
}

#[test]
fn nothing_is_asked_when_nothing_was_found() {
    let sound = Stack::new().with(NGINX, "20s", "60s");
    let (sent, verdict) = sound.asked(&[]);
    assert_eq!((sent.len(), verdict.asked), (0, 0));
    assert!(verdict.refusal.is_none() && verdict.files.is_empty());
}

#[test]
fn nothing_is_asked_of_what_a_server_would_refuse() {
    let broken = Stack::new().with(NGINX, "events {}", "events {");
    let (sent, verdict) = broken.asked(&[]);
    assert!(sent.is_empty() && verdict.refusal.is_some(), "{verdict:?}");
}

/// A redactor that misses one value: the last look knows it from the map, or finds it by itself.
#[test]
fn the_last_look_refuses_what_a_redactor_missed() {
    for (index, secret) in SECRETS.iter().enumerate() {
        let mut ask = ask();
        let missed = [secret.as_bytes().to_vec()];
        ask.redact.reveal = &missed;
        let (sent, _) = Stack::new().run(ask, &["[]"]);
        assert!(sent[0].contains(secret), "it was let through");
        let stack = Stack::new();
        let texts: Vec<Text<'_>> = stack
            .0
            .iter()
            .map(|(path, text)| Text {
                path: path.as_bytes(),
                bytes: text.as_bytes(),
            })
            .collect();
        let whole = redact::redact(&texts, &Options::default()).map;
        let empty = redact::Map::default();
        for (map, name) in [(&whole, "known"), (&empty, "not known")] {
            let refused = look(sent[0].as_bytes(), map, &Options::default());
            let words = refused.expect_err("it is seen").words;
            assert!(!words.contains(secret), "{index} {name}: {words}");
        }
    }
}

#[test]
fn large_files_are_sent_in_parts() {
    let filler = "# a line that nobody needs to see, again and again\n".repeat(2000);
    let stack = Stack::new().with(NGINX, "events {}\n", &format!("events {{}}\n{filler}"));
    let (sent, verdict) = stack.asked(&[&nginx(
        "fastcgi_read_timeout 20s;",
        "fastcgi_read_timeout 45s;",
    )]);
    assert!(sent[0].len() < 30_000, "{}", sent[0].len());
    assert!(sent[0].contains("nginx-1.conf lines "), "{}", sent[0]);
    assert_eq!(verdict.accepted.len(), 1, "{verdict:?}");
}

#[test]
fn a_session_is_a_value() {
    let wrong = nginx("fastcgi_read_timeout 20s;", "fastcgi_read_timeout 2s;");
    let right = nginx("fastcgi_read_timeout 20s;", "fastcgi_read_timeout 45s;");
    let (first, _) = Stack::new().asked(&[&wrong, &right]);
    let (second, _) = Stack::new().asked(&[&wrong, &right]);
    assert_eq!(first, second);
}
