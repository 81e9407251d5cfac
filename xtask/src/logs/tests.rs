//! The generator: the same bytes for a seed, the shapes that the servers write, the size.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn text(kind: Kind, seed: u64, size: u64) -> (String, Truth) {
    let mut out = Vec::new();
    let truth = write(&mut out, kind, seed, size).unwrap();
    // A cut may fall into a character.
    (String::from_utf8_lossy(&out).into_owned(), truth)
}

/// FNV-1a: enough to see a change.
fn fingerprint(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Whoever changes what is written changes [`VERSION`] too, or old files are taken for new ones.
#[test]
fn the_bytes_belong_to_the_version() {
    let prints = Kind::ALL.map(|kind| fingerprint(&text(kind, 1, 1 << 20).0));
    let of_version_1 = [
        4403222955973844359,
        17807031093663389051,
        10520016622735960013,
        12273227630969911393,
        44704050407475584,
    ];
    assert_eq!((VERSION, prints), (1, of_version_1));
}

#[test]
fn seeds_and_sizes() {
    for kind in Kind::ALL {
        let (first, truth) = text(kind, 3, 300_000);
        assert_eq!(first, text(kind, 3, 300_000).0, "{kind:?}");
        assert_ne!(first, text(kind, 4, 300_000).0, "{kind:?}");
        // Whole entries: those of one incident may go beyond the size.
        assert!(
            (300_000..400_000).contains(&truth.bytes),
            "{kind:?}: {}",
            truth.bytes
        );
        assert_eq!(truth.lines, first.lines().count() as u64, "{kind:?}");
        assert!(first.ends_with('\n'), "{kind:?}");
    }
}

#[test]
fn error_entries_are_those_of_nginx() {
    let (text, truth) = text(Kind::Error, 1, 4 << 20);
    let mut entries = 0;
    for line in text.lines().filter(|line| line.starts_with("2026/")) {
        entries += 1;
        let (head, rest) = line.split_once("] ").unwrap();
        assert!(
            ["error", "crit", "warn", "info", "notice"]
                .iter()
                .any(|l| head.ends_with(l))
        );
        let (process, rest) = rest.split_once(": ").unwrap();
        assert!(process.contains('#'));
        assert!(rest.starts_with('*') || head.ends_with("notice"), "{line}");
        assert!(line.len() < 2048 + 8, "{line}");
        let of_socket = rest.contains("fastcgi://unix:");
        let cleared = rest.contains("upstream timed out") && !rest.contains("reading upstream");
        let ends = rest.contains(".sock\", host");
        if of_socket && rest.contains("\", host") && !rest.contains("evil") {
            assert_eq!(ends, cleared, "{line}");
        }
    }
    assert_eq!(entries, truth.tally.entries);
    assert!(truth.lines > entries, "no stack trace");
    assert_eq!(truth.tally.kinds.values().sum::<u64>(), entries);
    let seldom: Vec<_> = truth
        .tally
        .kinds
        .iter()
        .filter(|(_, count)| **count < 3)
        .collect();
    assert!(
        truth.tally.kinds.len() == 30 && seldom.is_empty(),
        "{:?}",
        truth.tally
    );
    assert!(text.contains("\n#0 /var/www/") && text.contains(", client: 2001:db8:"));
    // A long address pushes the fields behind it out of the line.
    let cut = |line: &str| line.len() >= 2040 && !line.contains("upstream: ");
    assert!(text.lines().any(cut));
}

#[test]
fn json_lines_are_json() {
    for kind in [Kind::AccessJson, Kind::AccessFull] {
        let (text, truth) = text(kind, 1, 4 << 20);
        let mut statuses = BTreeSet::new();
        let mut retried = 0;
        for line in text.lines() {
            let value: Value = serde_json::from_str(line).expect(line);
            let upstream = value["upstream_status"].as_str().unwrap();
            retried += u64::from(upstream.contains(", 200"));
            statuses.insert(value["status"].as_str().unwrap().to_owned());
        }
        assert!(retried > 0 && truth.tally.kinds["with-retries"] == retried);
        for status in ["200", "304", "404", "499", "500", "502", "504"] {
            assert!(statuses.contains(status), "{status}");
        }
        let fine = truth.tally.kinds["200"];
        assert!(fine > truth.lines * 7 / 10, "{:?}", truth.tally);
    }
}

#[test]
fn the_other_logs_have_their_fields() {
    let (combined, _) = text(Kind::Access, 1, 1 << 20);
    for line in combined.lines() {
        assert_eq!(line.matches('"').count(), 6, "{line}");
        assert!(line.contains(" +0000] \""), "{line}");
    }
    let (fpm, _) = text(Kind::Fpm, 1, 1 << 20);
    for line in fpm.lines() {
        let (time, rest) = line.split_once("] ").unwrap();
        assert!(
            time.starts_with('[') && time.contains("-Nov-2026 "),
            "{line}"
        );
        assert!(
            rest.starts_with("NOTICE: ") || rest.starts_with("WARNING: "),
            "{line}"
        );
    }
    assert!(fpm.contains(" sec), terminating\n") && fpm.contains("(SIGKILL)"));
}

/// What is a worker's end in one log is a failed request in the others.
#[test]
fn the_logs_of_a_seed_fit() {
    let (errors, _) = text(Kind::Error, 1, 1 << 20);
    let (access, _) = text(Kind::AccessFull, 1, 8 << 20);
    let mut found = 0;
    for line in errors
        .lines()
        .filter(|line| line.contains("(104: ") && line.contains("upstream"))
        .take(40)
    {
        let after = line.split_once(": *").unwrap().1;
        let connection = after.split_once(' ').unwrap().0;
        let wanted = format!("\"conn\":\"{connection}\"");
        found += usize::from(access.lines().any(|line| line.contains(&wanted)));
    }
    assert_eq!(found, 40);
}

#[test]
fn sizes_as_people_type_them() {
    assert_eq!(read_size("64M").unwrap(), 64 << 20);
    assert_eq!(read_size("1g").unwrap(), 1 << 30);
    assert_eq!(read_size("1000").unwrap(), 1000);
    for wrong in ["", "M", "0", "-1", "1.5G", "99999999999G", "1T"] {
        assert!(read_size(wrong).is_err(), "{wrong}");
    }
}
