//! What `diagnose` reads: files, directories, patterns, streams, compressed files, any kind.

use std::fs::File;
use std::process::Stdio;

use crate::log_lines::{
    ACCESS_LOG, ERROR_LOG, FPM_CONF, FPM_LOG, NGINX_CONF, SOCKET_MISSING, TRACED, assert_causes,
    diagnose, diagnosed, evidence, packed, problems, source, too_big, valid,
};
use crate::run::{Folder, answer, program};

const TOO_BIG: &str = "header-too-big";
const MISSING: &str = "fpm-socket-missing";

#[test]
fn files() {
    let folder = evidence();
    let missing = folder.write("other.log", SOCKET_MISSING);
    let log = folder.at("error.log");
    let value = assert_causes(&[&log, &missing], &[(MISSING, 1), (TOO_BIG, 1)]);
    assert_eq!(value["sources"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_directory_with_logs_and_configuration() {
    let folder = evidence();
    folder.write("etc/nginx.conf", NGINX_CONF);
    folder.write("etc/www.conf", FPM_CONF);
    folder.write("deep/er/old", SOCKET_MISSING);
    folder.write("readme.txt", "nothing to see\n");
    let value = assert_causes(&[&folder.at("")], &[(MISSING, 1), (TOO_BIG, 1)]);
    let names: Vec<_> = value["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .collect();
    assert_eq!(names.len(), 5, "{value:#}");
    let groups = value["groups"].as_array().expect("groups");
    let placed = groups.iter().any(|group| {
        let places = group["places"].as_array().expect("places");
        places.iter().any(|p| {
            p["file"]
                .as_str()
                .is_some_and(|f| f.ends_with("nginx.conf"))
        })
    });
    assert!(placed, "{value:#}");
}

#[test]
fn a_pattern_that_no_shell_expanded() {
    let folder = evidence();
    folder.write("error.log.1", SOCKET_MISSING);
    let pattern = folder.at("error.log*");
    assert_causes(&[&pattern], &[(MISSING, 1), (TOO_BIG, 1)]);
    diagnose(&[&folder.at("nothing*")])
        .exits(2)
        .says("nothing*");
}

/// A pattern may name configuration only.
#[test]
fn a_pattern_of_configuration() {
    let folder = evidence();
    folder.write("etc/nginx.conf", NGINX_CONF);
    let (value, code) = diagnosed(&[&folder.at("error.log"), &folder.at("etc/*.conf")]);
    assert!(problems(&value).is_empty(), "{value:#}");
    assert_eq!(code, 1);
}

#[test]
fn standard_input() {
    let folder = evidence();
    for bytes in [ERROR_LOG.as_bytes().to_vec(), packed(ERROR_LOG, "gz")] {
        let log = folder.write("in", bytes);
        let mut command = program();
        command.args(["diagnose", "--timezone", "UTC", "--format", "json", "-"]);
        let stdin = File::open(log).expect("it is there");
        let answer = answer(command.stdin(Stdio::from(stdin))).exits(1);
        let value = valid(&answer);
        assert_eq!(value["groups"][0]["cause"], TOO_BIG, "{value:#}");
        assert_eq!(source(&value, "-")["file"], "-");
    }
    let mut command = program();
    answer(command.args(["diagnose", "-"])).exits(0);
}

#[test]
fn compressed_files() {
    let folder = Folder::new();
    for how in ["gz", "zst", "xz", "bz2"] {
        let log = folder.write(&format!("error.log.{how}"), packed(ERROR_LOG, how));
        let value = assert_causes(&[&log], &[(TOO_BIG, 1)]);
        assert!(problems(&value).is_empty(), "{how}: {value:#}");
        assert_eq!(source(&value, how)["bytes"], ERROR_LOG.len(), "{how}");
    }
    // Rotated copies of one log in a directory.
    assert_causes(&[&folder.at("")], &[(TOO_BIG, 4)]);
}

/// `cat a.gz b.gz` is what rotation by hand makes.
#[test]
fn several_members() {
    let folder = Folder::new();
    for how in ["gz", "zst", "xz", "bz2"] {
        let both = [packed(ERROR_LOG, how), packed(SOCKET_MISSING, how)].concat();
        let log = folder.write("error.log", both);
        let value = assert_causes(&[&log], &[(MISSING, 1), (TOO_BIG, 1)]);
        assert!(problems(&value).is_empty(), "{how}: {value:#}");
    }
}

#[test]
fn a_kind_that_is_told() {
    let folder = Folder::new();
    // Nothing in the first 64 KiB tells what it is.
    let noise = "something else altogether\n".repeat(4_000);
    let log = folder.write("strange", format!("{noise}{ERROR_LOG}"));
    diagnose(&[&log]).exits(2).says("strange").says("--as");
    assert_causes(&[&log, "--as", "nginx-error"], &[(TOO_BIG, 1)]);
    assert_causes(&[&log, "--as", "nginx-error=str*"], &[(TOO_BIG, 1)]);
    let fpm = folder.write("fpm.log", FPM_LOG);
    let value = assert_causes(
        &[&log, &fpm, "--as", "nginx-error=*/strange"],
        &[(TOO_BIG, 1)],
    );
    assert_eq!(source(&value, "fpm.log")["kind"], "fpm");
    assert_eq!(source(&value, "strange")["kind"], "nginx-error");
}

/// A kind that is told for all logs makes no log of the configuration.
#[test]
fn a_told_kind_leaves_configuration_alone() {
    let folder = Folder::new();
    let log = folder.write("error.log", ERROR_LOG);
    let conf = folder.write("nginx.conf", NGINX_CONF);
    let value = assert_causes(
        &[&log, "--config", &conf, "--as", "nginx-error"],
        &[(TOO_BIG, 1)],
    );
    assert_eq!(value["sources"].as_array().map(Vec::len), Some(1));
}

#[test]
fn formats_of_access_logs() {
    let folder = Folder::new();
    let conf = folder.write("nginx.conf", NGINX_CONF);
    let named = folder.write("a.log", TRACED);
    let (value, _) = diagnosed(&[&named, "--config", &conf, "--log-format", "traced"]);
    assert_eq!(source(&value, "a.log")["kind"], "nginx-access");
    assert_eq!(source(&value, "a.log")["lines"]["not_understood"], 0);
    assert_eq!(source(&value, "a.log")["statuses"][0]["status"], 502);
    // Without its name the configuration is enough.
    let (same, _) = diagnosed(&[&named, "--config", &conf]);
    assert_eq!(same["sources"], value["sources"]);
    let text = "$status|$upstream_status|$request_time|$time_iso8601|$request";
    let log = "504|504|2.002|2026-11-22T11:31:37+00:00|GET /big.php?n=4 HTTP/1.1\n";
    let own = folder.write("own.log", log.repeat(3));
    let (value, _) = diagnosed(&[&own, "--log-format", text]);
    let own = source(&value, "own.log");
    assert_eq!(own["lines"]["not_understood"], 0, "{value:#}");
    assert_eq!(own["statuses"][0]["count"], 3, "{value:#}");
    // A name needs its configuration.
    diagnose(&[&named, "--log-format", "traced"])
        .exits(2)
        .says("traced");
}

#[test]
fn given_twice_is_read_once() {
    let folder = evidence();
    let log = folder.at("error.log");
    let other = folder.at("./error.log");
    let twice = folder.at("../").replace("../", "");
    for args in [
        vec![log.as_str(), &log],
        vec![log.as_str(), &other],
        vec![log.as_str(), &twice],
        vec![other.as_str(), &log, &twice],
    ] {
        let value = assert_causes(&args, &[(TOO_BIG, 1)]);
        let all = value["sources"].as_array().expect("sources");
        let errors = all.iter().filter(|s| s["kind"] == "nginx-error").count();
        assert_eq!(errors, 1, "{args:?}: {value:#}");
    }
}

/// More than one block of a megabyte: lines keep their numbers, and none is lost between blocks.
#[test]
fn a_log_of_several_blocks() {
    let folder = Folder::new();
    let mut text = String::new();
    for n in 0..12_000_u32 {
        text.push_str(&too_big(
            &format!("11:{:02}:{:02}", n / 60 % 60, n % 60),
            n + 1,
        ));
    }
    let log = folder.write("error.log", &text);
    let (value, code) = diagnosed(&[&log]);
    assert_eq!(code, 1);
    assert_eq!(value["groups"][0]["count"], 12_000);
    assert_eq!(source(&value, "error.log")["lines"]["read"], 12_000);
    for one in value["groups"][0]["evidence"].as_array().expect("evidence") {
        let line = one["line"].as_u64().and_then(|n| usize::try_from(n).ok());
        let wanted = text
            .lines()
            .nth(line.expect("a line") - 1)
            .expect("it has it");
        if let Some(shown) = one["text"].as_str() {
            assert_eq!(&shown[..40], &wanted[..40]);
        }
    }
    let access = folder.write("access.log", ACCESS_LOG.repeat(20_000));
    let (value, _) = diagnosed(&[&access]);
    assert_eq!(source(&value, "access.log")["statuses"][0]["count"], 20_000);
}
