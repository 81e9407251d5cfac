//! The agent under more than a server writes: bursts, rotations, and what strangers choose.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lab::agent::{Agent, shown};
use lab::program::released;
use lab::scratch::Scratch;

/// Lines in a burst, of which there is one a second.
const BURST: u64 = 100_000;
const BURSTS: u64 = 30;
const ROTATIONS: u64 = 1_000;
/// Rotated files that are kept.
const KEPT: usize = 200;
/// Memory that the agent may have, in bytes.
const MOST_MEMORY: f64 = 64e6;

/// Access lines: all but each fiftieth is healthy; hosts, addresses and agents are strangers' words.
fn access(into: &mut String, number: u64) {
    let status = if number.is_multiple_of(50) { 502 } else { 200 };
    let second = number / BURST % 60;
    let _infallible = writeln!(
        into,
        "10.0.0.{} - - [22/Nov/2026:10:00:{second:02} +0000] \"GET /{number}<script>alert({number})\
         </script>%0a{{x=\\\"1\\\"}} HTTP/1.1\" {status} 157 \"http://{number}.evil/\" \"\u{1b}[2J{number}\"",
        number % 250
    );
}

/// What nginx says of the failed ones.
fn error(into: &mut String, number: u64) {
    let second = number / BURST % 60;
    let _infallible = writeln!(
        into,
        "2026/11/22 10:00:{second:02} [error] 7#7: *{number} connect() to unix:/run/a.sock failed (2: No \
         such file or directory) while connecting to upstream, client: 10.0.0.{}, server: h{number}, \
         request: \"GET /{number}<script>alert({number})</script>%0a{{x=\\\"1\\\"}} HTTP/1.1\", upstream: \
         \"fastcgi://unix:/run/a.sock:\", host: \"{number}.evil\"",
        number % 250
    );
}

/// A log with its rotated files.
struct Log {
    path: PathBuf,
    file: File,
    rotated: VecDeque<PathBuf>,
    rotations: u64,
}

impl Log {
    fn new(path: PathBuf) -> Log {
        let file = open(&path);
        Log {
            path,
            file,
            rotated: VecDeque::new(),
            rotations: 0,
        }
    }

    fn rotate(&mut self) {
        self.rotations += 1;
        let name = format!("{}-{:06}", self.path.display(), 200_000 + self.rotations);
        fs::rename(&self.path, &name).expect("ours");
        self.file = open(&self.path);
        self.rotated.push_back(PathBuf::from(name));
        if self.rotated.len() > KEPT
            && let Some(oldest) = self.rotated.pop_front()
        {
            fs::remove_file(oldest).expect("ours");
        }
    }
}

fn open(path: &Path) -> File {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.expect("ours")
}

#[test]
fn bursts_and_rotations_are_read_in_bounded_room() {
    let folder = Scratch::new("soak");
    let dir = shown(folder.path());
    folder.write(
        "nginx.conf",
        format!(
            "error_log {dir}/error.log; events {{}} http {{ access_log {dir}/access.log; server {{ \
             server_name h; location / {{ fastcgi_pass unix:/run/a.sock; }} }} }}"
        ),
    );
    let mut access_log = Log::new(folder.path().join("access.log"));
    let mut error_log = Log::new(folder.path().join("error.log"));
    let (conf, state) = (
        format!("{dir}/nginx.conf"),
        format!("{dir}/state/agent.json"),
    );
    let args = [conf.as_str(), "--from-start", "--state", &state];
    let agent = Agent::start_program(&released(), &args);
    let files_before = agent.value(&["process_open_fds "]).expect("it tells");
    let mut largest = 0.0_f64;
    let mut most_files = 0.0_f64;
    let (mut lines, mut failures) = (0_u64, 0_u64);
    let begin = Instant::now();
    for burst in 0..BURSTS {
        let per_rotation = BURST * BURSTS / ROTATIONS;
        for _ in 0..ROTATIONS / BURSTS {
            let (mut a, mut e) = (String::new(), String::new());
            for _ in 0..per_rotation {
                access(&mut a, lines);
                if lines.is_multiple_of(50) {
                    error(&mut e, lines);
                    failures += 1;
                }
                lines += 1;
            }
            access_log.file.write_all(a.as_bytes()).expect("ours");
            error_log.file.write_all(e.as_bytes()).expect("ours");
            access_log.rotate();
            error_log.rotate();
        }
        largest = largest.max(
            agent
                .value(&["process_resident_memory_bytes "])
                .unwrap_or(0.0),
        );
        most_files = most_files.max(agent.value(&["process_open_fds "]).unwrap_or(0.0));
        let due = Duration::from_secs(burst + 1);
        std::thread::sleep(due.saturating_sub(begin.elapsed()));
    }
    let wrote = begin.elapsed();
    let all = |agent: &Agent| {
        let of = |log: &str| {
            let label = format!("{log}\"");
            agent
                .value(&["badgateway_log_lines_total{", &label])
                .unwrap_or(0.0)
        };
        (of("/access.log"), of("/error.log"))
    };
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let expected = (lines as f64, failures as f64);
    let late = agent.until("everything was read", Duration::from_secs(40), |agent| {
        all(agent) == expected
    });
    agent.until("everything is counted", Duration::from_secs(60), |agent| {
        agent.value(&["badgateway_cause_incidents_total{"]) >= Some(expected.1)
    });
    std::thread::sleep(Duration::from_secs(3));
    largest = largest.max(
        agent
            .value(&["process_resident_memory_bytes "])
            .unwrap_or(0.0),
    );
    let cpu = agent.value(&["process_cpu_seconds_total "]).unwrap_or(0.0);
    println!(
        "{lines} access lines and {failures} failures in {wrote:?}, read {late:?} later; {largest} bytes, \
         {most_files} files, {cpu} s of processor time"
    );
    assert_eq!(all(&agent), expected);
    let incidents = agent.value(&["badgateway_cause_incidents_total{"]);
    assert_eq!(incidents, Some(expected.1));
    // Of a burst of two thousand failures a second some causes stay open; none is another one.
    let right = agent.value(&["badgateway_cause_incidents_total{cause=\"fpm-socket-missing\""]);
    let open = agent.value(&["badgateway_cause_incidents_total{cause=\"undetermined\""]);
    println!("{right:?} with their cause, {open:?} without");
    assert_eq!(right.zip(open).map(|(right, open)| right + open), incidents);
    assert!(largest < MOST_MEMORY, "{largest}");
    // Two rotated files of each log may be open at a time, and clients.
    let files_after = agent.value(&["process_open_fds "]).expect("it tells");
    assert!(
        files_after <= files_before + 8.0,
        "{files_before} {files_after}"
    );
    names_of_strangers(&agent);
    assert_eq!(agent.stop(), Some(0));
}

/// What strangers have chosen names no series, and is no markup.
fn names_of_strangers(agent: &Agent) {
    // Nobody but the configuration names a series.
    let metrics = agent.get("/metrics").1;
    assert!(metrics.lines().count() < 1_000, "{metrics}");
    for word in ["evil", "alert(", "\u{1b}"] {
        assert!(!metrics.contains(word), "{metrics}");
    }
    let page = agent.get("/").1;
    assert!(page.contains("&lt;script&gt;alert("), "{page}");
    assert!(
        !page.contains("<script>alert(") && !page.contains('\u{1b}'),
        "{page}"
    );
    let list = agent.get("/incidents").1;
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list["incidents"].as_array().map(Vec::len), Some(200));
}
