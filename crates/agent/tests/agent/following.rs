//! What is appended is read once, over rotations, truncations and restarts.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use agent::follow::{Beginning, Follower, Positions, Wanted};
use diagnose::State;
use intake::Configured;
use proptest::prelude::*;

use crate::writing::{Folder, append, line, rotate};

const PIECE: usize = 32 << 10;

fn follower(path: &Path, positions: Positions, from: Beginning) -> Follower {
    let mut follower = Follower::new(positions, from);
    let wanted = vec![Wanted::file(path.to_owned())];
    follower.set_wanted(wanted, Configured::default());
    follower
}

/// The numbers of all lines that are new, in order, and how many lines were not understood.
fn news(follower: &mut Follower) -> (Vec<u64>, u64) {
    follower.look();
    let (mut numbers, mut unknown) = (Vec::new(), 0);
    let mut part = State::default();
    while follower.read(PIECE, &mut part).is_some() {
        for source in part.sources.values() {
            unknown += source.unknown;
        }
        let mut piece: Vec<u64> = Vec::new();
        for table in part.tables.values() {
            for (key, tally) in &table.records {
                piece.extend((0..tally.count).map(|_| key.connection));
            }
        }
        piece.sort_unstable();
        numbers.extend(piece);
        part = State::default();
    }
    (numbers, unknown)
}

/// Looks until nothing new has come for some time.
fn all(follower: &mut Follower) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut quiet = 0;
    while quiet < 6 {
        let (new, unknown) = news(follower);
        assert_eq!(unknown, 0);
        quiet = if new.is_empty() { quiet + 1 } else { 0 };
        numbers.extend(new);
    }
    numbers
}

fn problem(follower: &Follower) -> Option<String> {
    follower.views()[0].problem.clone()
}

#[test]
fn what_is_there_is_passed_over_and_what_comes_is_read() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    append(&log, &(line(1) + &line(2)));
    let mut from_end = follower(&log, Positions::default(), Beginning::End);
    let mut from_start = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(all(&mut from_end), [0; 0]);
    assert_eq!(all(&mut from_start), [1, 2]);
    append(&log, &line(3));
    assert_eq!(
        (all(&mut from_end), all(&mut from_start)),
        (vec![3], vec![3])
    );
}

#[test]
fn of_a_long_log_the_last_lines_are_read() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    let lines: String = (1..=5_000).map(line).collect();
    append(&log, &lines);
    let half = lines.len() as u64 / 2;
    let first = |most| {
        let mut follower = follower(&log, Positions::default(), Beginning::Back(most));
        let numbers = all(&mut follower);
        assert_eq!(numbers.last(), Some(&5_000));
        numbers.len()
    };
    assert_eq!(first(u64::MAX), 5_000);
    assert!((2_400..=2_600).contains(&first(half)));
    // The line in which they begin is whole.
    assert_eq!(first(1), 1);
}

#[test]
fn half_lines_wait_for_the_rest() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(all(&mut follower), [0; 0]);
    assert_eq!(problem(&follower).as_deref(), Some("it is not there yet"));
    let text = line(1) + &line(2);
    let (head, tail) = text.split_at(line(1).len() + 70);
    append(&log, head);
    assert_eq!(all(&mut follower), [1]);
    append(&log, tail);
    assert_eq!(all(&mut follower), [2]);
}

/// A stack trace in nginx's error log is one entry, also when it comes in pieces.
#[test]
fn entries_of_several_lines_are_not_torn() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    let entry = "2026/11/22 10:00:00 [error] 7#7: *9 FastCGI sent in stderr: \"PHP message: PHP \
                 Fatal error:  Uncaught Exception: x in /a.php:2\nStack trace:\n#0 {main}\n  thrown \
                 in /a.php on line 2\" while reading response header from upstream, client: ::1, \
                 server: h, request: \"GET /9 HTTP/1.1\", upstream: \
                 \"fastcgi://unix:/run/a.sock:\", host: \"h\"\n";
    let at = entry.find("#0").unwrap();
    append(&log, &(line(8) + &entry[..at]));
    assert_eq!(news(&mut follower), (vec![8], 0));
    append(&log, &entry[at..]);
    assert_eq!(all(&mut follower), [9]);
}

#[test]
fn a_line_without_an_end_takes_no_memory() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    append(&log, &line(1));
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(news(&mut follower).0, [0; 0]);
    let junk = "x".repeat(1 << 20);
    let before = memory();
    for _ in 0..200 {
        append(&log, &junk);
        news(&mut follower);
    }
    assert!(memory() < before + (8 << 20), "{before} {}", memory());
    append(&log, &format!("\n{}", line(2)));
    let mut numbers = Vec::new();
    for _ in 0..8 {
        numbers.extend(news(&mut follower).0);
    }
    assert_eq!(numbers, [1, 2]);
}

fn memory() -> u64 {
    agent::metrics::own().memory.expect("Linux tells it")
}

#[test]
fn renamed_files_are_read_to_their_end() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    append(&log, &line(1));
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(all(&mut follower), [1]);
    append(&log, &line(2));
    rotate(&log, false);
    // nginx goes on with the old file until it is told.
    append(&folder.at("error.log.1"), &line(3));
    assert_eq!(news(&mut follower).0, [2]);
    append(&folder.at("error.log.1"), &line(4));
    append(&log, &line(5));
    assert_eq!(all(&mut follower), [3, 4, 5]);
    assert_eq!(follower.take_rotations().values().sum::<u64>(), 1);
    // Several rotations between two looks, and a file that was deleted.
    for number in 6..12 {
        append(&log, &line(number));
        rotate(&log, true);
    }
    append(&log, &line(12));
    assert_eq!(all(&mut follower), [6, 7, 8, 9, 10, 11, 12]);
    fs::remove_file(&log).unwrap();
    assert_eq!(all(&mut follower), [0; 0]);
    append(&log, &line(13));
    assert_eq!(all(&mut follower), [13]);
}

#[test]
fn truncated_files_begin_anew() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    append(&log, &(line(1) + &line(2)));
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(all(&mut follower), [1, 2]);
    // As logrotate's copytruncate: what was not read yet is in the copy.
    append(&log, &line(3));
    fs::copy(&log, folder.at("error.log.1")).unwrap();
    File::create(&log).unwrap();
    append(&log, &line(4));
    assert_eq!(all(&mut follower), [3, 4]);
    // It has grown beyond the old place before anybody looked.
    File::create(&log).unwrap();
    let more: String = (5..50).map(line).collect();
    append(&log, &more);
    assert_eq!(all(&mut follower), (5..50).collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_read_is_said_and_read_later() {
    let folder = Folder::new();
    let log = folder.at("logs/error.log");
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(all(&mut follower), [0; 0]);
    fs::create_dir(folder.at("logs")).unwrap();
    fs::create_dir(&log).unwrap();
    follower.look();
    fs::remove_dir(&log).unwrap();
    append(&log, &line(1));
    assert_eq!(all(&mut follower), [1]);
    // Root may read everything: the rest is for others.
    fs::set_permissions(&log, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&log).is_err() {
        fs::remove_file(&log).unwrap();
    }
    fs::set_permissions(&log, fs::Permissions::from_mode(0o600)).unwrap();
    append(&log, &line(2));
    assert_eq!(all(&mut follower), [2]);
    // Something that never ends takes its place.
    fs::remove_file(&log).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&log).status();
    assert!(made.unwrap().success());
    assert_eq!(all(&mut follower), [0; 0]);
    fs::remove_file(&log).unwrap();
    append(&log, &line(3));
    assert_eq!(all(&mut follower), [3]);
}

#[test]
fn an_unknown_log_is_said() {
    let folder = Folder::new();
    let log = folder.at("other.log");
    append(&log, &"what is this\n\u{0}\u{1b}[2J\n".repeat(3_000));
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(news(&mut follower).0, [0; 0]);
    assert!(problem(&follower).is_some_and(|why| why.contains("--log KIND=PATH")));
    // Containers wrap what their programs print.
    let docker = folder.at("x-json.log");
    let wrapped = |number: u64| {
        let log = line(number);
        let log = serde_json::Value::String(log);
        format!("{{\"log\":{log},\"stream\":\"stderr\",\"time\":\"2026-11-22T10:00:00.1Z\"}}\n")
    };
    append(&docker, &wrapped(1));
    let mut wrapped_follower =
        super::following::follower(&docker, Positions::default(), Beginning::Start);
    assert_eq!(all(&mut wrapped_follower), [1]);
    rotate(&docker, false);
    append(&docker, &wrapped(2));
    assert_eq!(all(&mut wrapped_follower), [2]);
}

#[test]
fn a_thousand_rotations_leave_no_file_open() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    append(&log, &line(0));
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    let mut numbers = all(&mut follower);
    let files = || agent::metrics::own().files.unwrap();
    let before = files();
    for number in 1..1_000 {
        rotate(&log, number % 2 == 0);
        let _gone = fs::remove_file(folder.at("error.log.5.gz"));
        let _gone = fs::remove_file(folder.at("error.log.6"));
        append(&log, &line(number));
        for _ in 0..2 {
            numbers.extend(news(&mut follower).0);
        }
        // Other tests open files, too.
        assert!(files() < before + 60, "{before} {}", files());
    }
    numbers.extend(all(&mut follower));
    assert_eq!(numbers, (0..1_000).collect::<Vec<_>>());
}

/// The number of a file and the first byte of a log tell nothing: what was copied away before is
/// older than what the same file holds now.
#[test]
fn what_was_begun_is_found_in_the_copy() {
    let folder = Folder::new();
    let log = folder.at("error.log");
    append(&log, &line(0)[..1]);
    let mut follower = follower(&log, Positions::default(), Beginning::Start);
    assert_eq!(news(&mut follower).0, [0; 0]);
    let positions = follower.positions();
    tick();
    append(&log, &line(0)[1..]);
    fs::copy(&log, folder.at("error.log.0")).unwrap();
    File::create(&log).unwrap();
    rename_all(&folder);
    append(&log, &line(1));
    rotate(&log, false);
    append(&log, &line(2));
    let mut follower = super::following::follower(&log, positions, Beginning::Start);
    assert_eq!(all(&mut follower), [0, 1, 2]);
}

#[derive(Clone, Debug)]
enum Step {
    Append(u8),
    Part(u8),
    Rotate(bool),
    CopyTruncate,
    Look,
    Save,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..6u8).prop_map(Step::Append),
        2 => (1..200u8).prop_map(Step::Part),
        2 => any::<bool>().prop_map(Step::Rotate),
        1 => Just(Step::CopyTruncate),
        5 => Just(Step::Look),
        3 => Just(Step::Save),
        2 => Just(Step::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever is written, rotated and killed in between: what was saved and what is read after
    /// the last start is every line once, in order.
    #[test]
    fn every_line_is_read_once(steps in prop::collection::vec(step(), 1..60)) {
        let folder = Folder::new();
        let log = folder.at("error.log");
        append(&log, "");
        let saved = |follower: &Follower| serde_json::to_string(&follower.positions()).unwrap();
        let mut follower = follower(&log, Positions::default(), Beginning::Start);
        prop_assert_eq!(news(&mut follower).0, [0; 0]);
        tick();
        let (mut read, mut kept) = (Vec::new(), (Vec::new(), saved(&follower)));
        let mut next = 0;
        let mut half: Option<String> = None;
        for step in steps {
            match step {
                Step::Append(count) => {
                    append(&log, &half.take().unwrap_or_default());
                    for _ in 0..count {
                        append(&log, &line(next));
                        next += 1;
                    }
                }
                Step::Part(len) => {
                    append(&log, &half.take().unwrap_or_default());
                    let text = line(next);
                    next += 1;
                    append(&log, &text[..usize::from(len)]);
                    half = Some(text[usize::from(len)..].to_owned());
                }
                // A server ends its line before it opens the log anew.
                Step::Rotate(packed) => {
                    tick();
                    append(&log, &half.take().unwrap_or_default());
                    rotate(&log, packed);
                }
                Step::CopyTruncate => {
                    tick();
                    append(&log, &half.take().unwrap_or_default());
                    let copy = folder.at("error.log.0");
                    fs::copy(&log, &copy).unwrap();
                    File::create(&log).unwrap();
                    read.extend(news(&mut follower).0);
                    rename_all(&folder);
                }
                Step::Look => read.extend(news(&mut follower).0),
                Step::Save => kept = (read.clone(), saved(&follower)),
                Step::Kill => {
                    let positions = serde_json::from_str(&kept.1).unwrap();
                    follower = super::following::follower(&log, positions, Beginning::Start);
                    read.clone_from(&kept.0);
                }
            }
        }
        append(&log, &half.take().unwrap_or_default());
        append(&log, &line(next));
        read.extend(all(&mut follower));
        prop_assert_eq!(read, (0..=next).collect::<Vec<_>>());
    }
}

/// Until the clock of the file system has moved on: what is written within one of its ticks is of
/// one time.
fn tick() {
    std::thread::sleep(std::time::Duration::from_millis(10));
}

/// The copy takes its place among the rotated files.
fn rename_all(folder: &Folder) {
    for n in (0..40).rev() {
        for end in ["", ".gz"] {
            let from = folder.at(&format!("error.log.{n}{end}"));
            if from.exists() {
                fs::rename(&from, folder.at(&format!("error.log.{}{end}", n + 1)))
                    .expect("ours to write");
            }
        }
    }
    assert!(folder.path().exists());
}
