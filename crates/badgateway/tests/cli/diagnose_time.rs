//! Moments and zones as people write them.

use serde_json::Value;

use crate::log_lines::{ACCESS_LOG, ERROR_LOG, FPM_LOG, diagnosed, source, too_big, valid};
use crate::run::{Folder, answer, program, run};

/// Failures at 11:31:37 and 12:10:00.
fn two() -> (Folder, String) {
    let folder = Folder::new();
    let log = folder.write(
        "error.log",
        format!("{ERROR_LOG}{}", too_big("12:10:00", 2)),
    );
    (folder, log)
}

fn count(args: &[&str]) -> u64 {
    let (value, _) = diagnosed(args);
    let groups = value["groups"].as_array().expect("groups").iter();
    groups
        .map(|group| group["count"].as_u64().expect("a count"))
        .sum()
}

#[test]
fn since_and_until_in_many_spellings() {
    let (_folder, log) = two();
    for since in [
        "2026-11-22 11:32",
        "2026-11-22 11:32:00",
        "2026-11-22T11:32",
        "2026-11-22T11:32:00Z",
        "2026-11-22T13:32:00+02:00",
        "2026-11-22T13:32:00+0200",
        "2026-11-22 13:32+02:00",
        "2026-11-22T13:32:00+02",
    ] {
        assert_eq!(count(&[&log, "--since", since]), 1, "since {since}");
        assert_eq!(count(&[&log, "--until", since]), 1, "until {since}");
    }
    assert_eq!(count(&[&log, "--since", "2026-11-22"]), 2);
    assert_eq!(count(&[&log, "--until", "2026-11-21"]), 0);
    let hour = [
        "--since",
        "2026-11-22 11:31:37",
        "--until",
        "2026-11-22 11:31:37",
    ];
    assert_eq!(count(&[&[log.as_str()], hour.as_slice()].concat()), 1);
}

#[test]
fn moments_before_now() {
    let (_folder, log) = two();
    for since in [
        "2h",
        "-2h",
        "2h ago",
        "90m",
        "1h30m",
        "1d",
        "today",
        "yesterday",
        "00:00",
    ] {
        let answer = run(&["diagnose", "--format", "json", &log, "--since", since]);
        assert!(
            answer.code < 2 || answer.err.is_empty(),
            "{since}: {answer:#?}"
        );
        valid(&answer);
    }
    // Whatever the clock says here, nothing was logged in the last minute of 2026's log.
    assert_eq!(count(&[&log, "--since", "200000h"]), 2);
}

/// What `--since` leaves out is counted, and the window speaks of what was taken only. Lines of no
/// interest are not asked for their time.
#[test]
fn what_is_left_out_is_counted() {
    let (_folder, log) = two();
    let (value, _) = diagnosed(&[&log, "--since", "2026-11-22 12:00"]);
    let lines = &source(&value, "error.log")["lines"];
    assert_eq!(lines["outside_window"], 1, "{value:#}");
    assert_eq!(lines["read"], 5);
    assert_eq!(
        value["window"]["first"], "2026-11-22T12:10:00Z",
        "{value:#}"
    );
}

fn in_zone(args: &[&str], zone: Option<&str>) -> Value {
    let mut command = program();
    command.args(["diagnose", "--format", "json"]).args(args);
    if let Some(zone) = zone {
        command.env("TZ", zone);
    }
    valid(&answer(&mut command))
}

#[test]
fn zones_that_are_given() {
    let (_folder, log) = two();
    for (zone, first) in [
        ("UTC", "2026-11-22T11:31:35Z"),
        ("+02:00", "2026-11-22T09:31:35Z"),
        ("-0530", "2026-11-22T17:01:35Z"),
        ("Europe/Berlin", "2026-11-22T10:31:35Z"),
    ] {
        let value = in_zone(&["--timezone", zone, &log], None);
        let log = source(&value, "error.log");
        assert_eq!(log["window"]["first"], first, "{zone}: {value:#}");
        assert_eq!(log["zone"]["how"], "given");
    }
    let value = in_zone(&["--timezone", "local", &log], Some("Asia/Tokyo"));
    assert_eq!(
        source(&value, "error.log")["window"]["first"],
        "2026-11-22T02:31:35Z"
    );
}

/// `--since` without a zone is in the zone of the logs.
#[test]
fn moments_are_in_the_zone_of_the_logs() {
    let (_folder, log) = two();
    for zone in ["+02:00", "Europe/Berlin", "-08:00"] {
        let args = ["diagnose", "--format", "json", "--timezone", zone, &log];
        let args = [args.as_slice(), &["--since", "2026-11-22 12:00"]].concat();
        let value = valid(&run(&args));
        assert_eq!(value["groups"][0]["count"], 1, "{zone}: {value:#}");
    }
}

#[test]
fn a_zone_from_an_access_log() {
    let (folder, log) = two();
    let access = ACCESS_LOG.replace("11:31:37 +0000", "11:31:37 +0530");
    let access = folder.write("access.log", access);
    let value = in_zone(&[&log, &access], None);
    let error = source(&value, "error.log");
    assert_eq!(error["zone"]["how"], "inferred", "{value:#}");
    assert_eq!(error["zone"]["offset"], "+05:30");
    assert_eq!(error["window"]["first"], "2026-11-22T06:01:35Z");
    let access = source(&value, "access.log");
    assert_eq!(access["zone"]["how"], "written");
    assert_eq!(access["zone"]["offset"], Value::Null);
}

#[test]
fn a_zone_that_is_assumed() {
    let (folder, log) = two();
    let fpm = folder.write("fpm.log", FPM_LOG);
    let value = in_zone(&[&log, &fpm], Some("Asia/Tokyo"));
    for name in ["error.log", "fpm.log"] {
        let log = source(&value, name);
        assert_eq!(log["zone"]["how"], "assumed", "{value:#}");
        assert_eq!(log["zone"]["offset"], "Asia/Tokyo");
        assert_eq!(log["window"]["first"], "2026-11-22T02:31:35Z");
    }
}

/// A clock that is set back, or two logs in one file.
#[test]
fn a_clock_that_jumps_back() {
    let folder = Folder::new();
    let lines = [
        "12:00:00", "12:00:30", "11:00:00", "11:00:10", "10:00:00", "09:59:30",
    ];
    let text: Vec<_> = (1..).zip(lines).map(|(n, at)| too_big(at, n)).collect();
    let log = folder.write("error.log", text.concat());
    let (value, _) = diagnosed(&[&log]);
    let log = source(&value, "error.log");
    assert_eq!(log["clock_jumps"], 2, "{value:#}");
    assert_eq!(log["window"]["first"], "2026-11-22T09:59:30Z");
    assert_eq!(log["window"]["last"], "2026-11-22T12:00:30Z");
    assert_eq!(value["groups"][0]["count"], 6);
}
