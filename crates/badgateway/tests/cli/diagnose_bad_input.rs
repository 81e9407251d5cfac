//! Logs that are broken, hostile or not there: what can be read is, the rest is said, and time and
//! memory stay bounded (see `run::program`).

use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::log_lines::{
    ERROR_LOG, FPM_LOG, RESET, SOCKET_MISSING, causes, diagnose, diagnosed, evidence, packed,
    problems, source, too_big, valid,
};
use crate::run::{Folder, run_as_nobody};

const TOO_BIG: &str = "header-too-big";

/// The good log is analysed, and the answer names what could not be read, with exit code 2.
fn assert_partly(good: &str, bad: &str, said: &str) -> Value {
    diagnose(&[good, bad]).exits(2).says(said);
    let (value, code) = diagnosed(&[good, bad]);
    assert_eq!(code, 2);
    assert_eq!(causes(&value), [(TOO_BIG.to_owned(), 1)], "{value:#}");
    assert_eq!(value["complete"], false);
    let problems = problems(&value);
    assert!(
        problems.iter().any(|text| text.contains(said)),
        "{problems:?}"
    );
    value
}

#[test]
fn an_empty_file() {
    let folder = Folder::new();
    let log = folder.write("error.log", "");
    let (value, code) = diagnosed(&[&log]);
    assert_eq!(code, 0, "{value:#}");
    assert_eq!(source(&value, "error.log")["lines"]["read"], 0);
    diagnose(&[&log]).exits(0);
    // So is a compressed one, as logrotate makes of a quiet night.
    for how in ["gz", "zst", "xz", "bz2"] {
        let log = folder.write(&format!("error.log.{how}"), packed("", how));
        let (value, code) = diagnosed(&[&log]);
        assert_eq!(code, 0, "{how}: {value:#}");
    }
}

#[test]
fn a_directory_without_logs() {
    let folder = Folder::new();
    folder.write("empty/readme.txt", "nothing to see\n");
    diagnose(&[&folder.at("empty")]).exits(2).says("empty");
}

#[test]
fn a_missing_file_among_good_ones() {
    let folder = evidence();
    assert_partly(&folder.at("error.log"), &folder.at("gone.log"), "gone.log");
    // With nothing else the answer is no clean bill.
    diagnose(&[&folder.at("gone.log")])
        .exits(2)
        .says("gone.log");
}

#[test]
fn a_pipe_without_a_writer() {
    let folder = evidence();
    folder.pipe("pipe");
    assert_partly(&folder.at("error.log"), &folder.at("pipe"), "pipe");
    // In a directory nobody asked for it.
    diagnose(&[&folder.at("")]).exits(1);
}

#[test]
fn devices_and_links() {
    let folder = evidence();
    let log = folder.at("error.log");
    assert_partly(&log, "/dev/zero", "/dev/zero");
    symlink("/no/such", folder.path().join("dangling.log")).expect("a link can be made");
    assert_partly(&log, &folder.at("dangling.log"), "dangling.log");
    symlink("ring.log", folder.path().join("ring.log")).expect("a link can be made");
    assert_partly(&log, &folder.at("ring.log"), "ring.log");
    // The kernel says EIO behind some bytes of this one.
    assert_partly(&log, "/proc/self/mem", "/proc/self/mem");
}

/// Root may read anything, so the program runs as nobody here.
#[test]
fn a_file_that_may_not_be_read() {
    let folder = evidence();
    folder.write("closed.log", SOCKET_MISSING);
    folder.close("closed.log");
    folder.write("dir/error.log", SOCKET_MISSING);
    folder.close("dir");
    let good = folder.at("error.log");
    for bad in ["closed.log", "dir"] {
        let bad = folder.at(bad);
        let args = [
            "diagnose",
            "--timezone",
            "UTC",
            "--format",
            "json",
            &good,
            &bad,
        ];
        let answer = run_as_nobody(&folder, &args)
            .exits(2)
            .says("ermission denied");
        let value = valid(&answer);
        assert_eq!(
            causes(&value),
            [(TOO_BIG.to_owned(), 1)],
            "{bad}: {value:#}"
        );
    }
    // Both are below the directory that was asked for.
    let all = folder.at("");
    run_as_nobody(&folder, &["diagnose", &all])
        .exits(2)
        .says("closed.log")
        .says("dir: ");
}

/// Bytes without an order, the same every time.
fn junk(count: u32) -> Vec<u8> {
    let bytes = (0..count).map(|n| n.wrapping_mul(2_654_435_761) >> 24);
    bytes.map(|n| u8::try_from(n).unwrap_or(0)).collect()
}

#[test]
fn bytes_that_are_no_log() {
    let folder = evidence();
    let junk = folder.write("junk.bin", junk(200_000));
    assert_partly(&folder.at("error.log"), &junk, "junk.bin");
    let nothing = folder.write("zeros.log", vec![0; 100_000]);
    assert_partly(&folder.at("error.log"), &nothing, "zeros.log");
    // A file that only begins like a compressed one.
    for magic in [
        &b"\x1f\x8b"[..],
        b"\x28\xb5\x2f\xfd",
        b"\xfd7zXZ\0",
        b"BZh91AY&SY",
    ] {
        let bad = folder.write("bad.log.gz", [magic, &[0xAA; 500]].concat());
        assert_partly(&folder.at("error.log"), &bad, "bad.log.gz");
    }
}

#[test]
fn junk_in_the_middle() {
    let folder = Folder::new();
    let many: String = (0..100).map(|n| too_big("11:31:37", n)).collect();
    let (first, last) = (many.as_bytes(), too_big("11:50:00", 2));
    let log = [first, &junk(200_000), b"\n", last.as_bytes()].concat();
    let log = folder.write("error.log", log);
    let (value, code) = diagnosed(&[&log]);
    assert_eq!(code, 1, "{value:#}");
    assert_eq!(causes(&value), [(TOO_BIG.to_owned(), 101)], "{value:#}");
    // It stands behind an entry, like the lines of a stack trace; no byte of it is lost.
    let size = std::fs::metadata(&log).expect("it is there").len();
    assert_eq!(source(&value, "error.log")["bytes"], size, "{value:#}");
}

#[test]
fn a_line_of_64_megabytes() {
    let folder = Folder::new();
    let long = "x".repeat(64 << 20);
    let log = format!("{ERROR_LOG}{long}\n{}", too_big("11:50:00", 2));
    let size = log.len();
    let log = folder.write("error.log", log);
    let (value, code) = diagnosed(&[&log]);
    assert_eq!(code, 1, "{code}");
    assert_eq!(causes(&value), [(TOO_BIG.to_owned(), 2)]);
    assert_eq!(source(&value, "error.log")["lines"]["read"], 6);
    assert_eq!(source(&value, "error.log")["bytes"], size);
    // A message that long, and a log that is nothing else.
    let message = ERROR_LOG.replace("?n=4", &format!("?n={long}"));
    let log = folder.write("error.log", message);
    let answer = diagnose(&[&log]);
    assert!(answer.all().len() < 100_000, "{} bytes", answer.all().len());
    let log = folder.write("error.log", long);
    diagnose(&[&log]).exits(2).says("error.log");
}

/// What was read before the end counts, however little it is.
#[test]
fn a_compressed_file_that_was_cut() {
    let folder = Folder::new();
    // Long enough that a decoder gives something out before it misses the end.
    let mut long = ERROR_LOG.to_owned();
    for n in 2..20_000_u32 {
        let at = format!("12:{:02}:{:02}", n / 60 % 60, n % 60);
        long.push_str(&too_big(&at, n.wrapping_mul(2_654_435_761)));
    }
    for how in ["gz", "zst", "xz", "bz2"] {
        let whole = packed(&long, how);
        let log = folder.write("error.log", &whole[..whole.len() * 3 / 4]);
        let (value, code) = diagnosed(&[&log]);
        assert_eq!(code, 2, "{how}: {value:#}");
        assert!(
            problems(&value)[0].contains("error.log"),
            "{how}: {value:#}"
        );
        assert!(problems(&value)[0].contains("cut"), "{how}: {value:#}");
        let read = source(&value, "error.log")["lines"]["read"].as_u64();
        assert!(read > Some(500), "{how}: {read:?}");
        diagnose(&[&log]).exits(2).says("error.log");
    }
    // So little that all of it is in the head.
    let whole = packed(ERROR_LOG, "gz");
    let log = folder.write("error.log", &whole[..whole.len() - 6]);
    let (value, code) = diagnosed(&[&log]);
    assert_eq!(code, 2);
    assert_eq!(causes(&value), [(TOO_BIG.to_owned(), 1)], "{value:#}");
    assert!(problems(&value)[0].contains("error.log"), "{value:#}");
}

/// Garbage behind the last member, as a copy onto a larger disk block leaves.
#[test]
fn zeros_behind_a_compressed_file() {
    let folder = Folder::new();
    let log = [packed(ERROR_LOG, "gz"), vec![0; 4096]].concat();
    let log = folder.write("error.log", log);
    let (value, _) = diagnosed(&[&log]);
    assert_eq!(causes(&value), [(TOO_BIG.to_owned(), 1)], "{value:#}");
}

#[test]
fn a_bomb() {
    let folder = Folder::new();
    let log = [ERROR_LOG.as_bytes(), &vec![0; 330 << 20]].concat();
    for how in ["gz", "zst"] {
        let bomb = folder.write("error.log", packed(&log, how));
        let (value, code) = diagnosed(&[&bomb]);
        assert_eq!(code, 2, "{how}: {value:#}");
        assert!(problems(&value)[0].contains("--max-expansion"), "{value:#}");
        assert_eq!(causes(&value), [(TOO_BIG.to_owned(), 1)], "{value:#}");
    }
}

/// The log ends within an entry of several lines: it is still being written.
#[test]
fn an_entry_without_its_end() {
    let folder = Folder::new();
    let entry = "2026/11/22 11:31:52 [error] 15173#15173: *1 FastCGI sent in stderr: \"PHP \
        message: PHP Fatal error:  Uncaught RuntimeException: no in /srv/x.php:2\nStack \
        trace:\n#0 {main}\n  thrown in /srv/x.php on line 2";
    let whole = format!(
        "{entry}\" while reading response header from upstream, client: 127.0.0.1, server: x, \
         request: \"GET /x.php HTTP/1.1\", upstream: \"fastcgi://unix:/run/x.sock:\", host: \"x\"\n"
    );
    let log = folder.write("error.log", &whole);
    let (value, _) = diagnosed(&[&log]);
    assert_eq!(causes(&value), [("php-fatal".to_owned(), 1)], "{value:#}");
    for at in [entry.len(), entry.len() - 20, entry.len() - 40, 60] {
        let text = format!("{RESET}{}", &whole[..at]);
        let log = folder.write("error.log", &text);
        let (value, _) = diagnosed(&[&log]);
        let lines = &source(&value, "error.log")["lines"]["read"];
        assert_eq!(lines, text.lines().count(), "{value:#}");
    }
}

/// A last line without an end of line counts.
#[test]
fn a_line_without_an_end() {
    let folder = Folder::new();
    let log = folder.write("error.log", ERROR_LOG.trim_end());
    let (value, _) = diagnosed(&[&log]);
    assert_eq!(causes(&value), [(TOO_BIG.to_owned(), 1)], "{value:#}");
    let fpm = folder.write("fpm.log", FPM_LOG.trim_end());
    let (value, _) = diagnosed(&[&fpm]);
    assert_eq!(source(&value, "fpm.log")["lines"]["read"], 3);
}

/// Nothing but lines that nobody understands is no clean bill.
#[test]
fn a_told_kind_that_is_wrong() {
    let folder = Folder::new();
    let log = folder.write("fpm.log", FPM_LOG);
    let (value, code) = diagnosed(&[&log, "--as", "nginx-error"]);
    assert_eq!(code, 2, "{value:#}");
    assert_eq!(source(&value, "fpm.log")["lines"]["not_understood"], 3);
}
