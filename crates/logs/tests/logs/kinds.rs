//! What a file is, by its content.

use logs::LogKind;
use logs::detect::detect;
use proptest::prelude::*;

use crate::{said, scanner};

const HEADS: &[(&str, Option<LogKind>)] = &[
    (
        "2026/11/22 11:31:18 [notice] 7#7: nginx/1.22.1\n",
        Some(LogKind::NginxError),
    ),
    (
        "::1 - - [22/Nov/2026:11:31:20 +0000] \"GET / HTTP/1.1\" 200 150 \"-\" \"-\"\n",
        Some(LogKind::NginxAccess),
    ),
    (
        "{\"time\":\"2026-11-22T11:31:20+00:00\",\"status\":\"200\"}\n",
        Some(LogKind::NginxAccess),
    ),
    (
        "[22-Nov-2026 11:31:18] NOTICE: fpm is running, pid 7\n",
        Some(LogKind::Fpm),
    ),
    (
        "\n[22-Nov-2026 11:31:19]  [pool www] pid 14058\nscript_filename = /a.php\n",
        Some(LogKind::FpmSlow),
    ),
    (
        "[22-Nov-2026 11:31:53 UTC] PHP Warning:  x in /a.php on line 2\n",
        Some(LogKind::PhpError),
    ),
    (
        "[ 5718.976315] php-fpm8.2 invoked oom-killer: gfp_mask=0xcc0\n",
        Some(LogKind::Kernel),
    ),
    (
        "Nov 22 11:20:48 vm systemd[1]: Started x.\n",
        Some(LogKind::Syslog),
    ),
    ("", None),
    (
        "user www-data;\nevents {}\nhttp { server { listen 80; } }\n",
        None,
    ),
    ("[www]\nuser = www-data\nlisten = /run/php.sock\n", None),
    ("\u{0}\u{1}\u{2}\u{3}junk\n", None),
];

#[test]
fn kinds_by_content() {
    for (head, kind) in HEADS {
        assert_eq!(detect(head.as_bytes()), *kind, "{head}");
    }
}

#[test]
fn words_name_kinds() {
    for kind in LogKind::ALL {
        assert_eq!(LogKind::from_word(kind.word()), Some(*kind));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever stands in a log, no reader panics, and every line is counted once.
    #[test]
    fn any_bytes_are_counted(kind in 0..LogKind::ALL.len(), bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut counted = 0;
        scanner(LogKind::ALL[kind]).scan(&bytes, 1, &mut |seen| counted += seen.lines);
        prop_assert_eq!(counted, bytes.split_inclusive(|b| *b == b'\n').count() as u64);
    }

    /// Real lines cut anywhere.
    #[test]
    fn cut_lines_do_no_harm(at in 0..HEADS.len(), cut in 0..200usize) {
        let (head, _) = HEADS[at];
        let head = &head.as_bytes()[..cut.min(head.len())];
        for kind in LogKind::ALL {
            said(*kind, head);
        }
    }
}
