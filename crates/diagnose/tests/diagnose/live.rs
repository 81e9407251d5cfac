//! What is told while logs are written is what is said of them afterwards, each incident once.

use diagnose::live::{Live, PIECE, REACH, SavedLive};
use diagnose::read::{Span, block};
use diagnose::state::SourceState;
use diagnose::{Stack, State};
use logs::blocks::Block;
use logs::scan::{Scanner, Settings};
use logs::time::Zone;

use crate::reading::{judge, read, stack};
use crate::stories;

/// A log that is still written: its entries with their times.
struct Growing {
    about: SourceState,
    scanner: Scanner,
    entries: Vec<(Option<i64>, Vec<u8>)>,
    next: usize,
    line: u64,
}

impl Growing {
    fn new(name: &str, text: &str) -> Growing {
        let kind = logs::detect::detect(text.as_bytes()).expect("a log that is known");
        let settings = Settings {
            zone: Zone::fixed(0),
            year: 2026,
            formats: Vec::new(),
        };
        let mut scanner = Scanner::new(kind, false, settings);
        let mut entries: Vec<(Option<i64>, Vec<u8>)> = Vec::new();
        let mut all = Vec::new();
        scanner.scan(text.as_bytes(), 1, &mut |seen| {
            all.push(seen.entry.to_vec())
        });
        for mut entry in all {
            entry.push(b'\n');
            let time = scanner.span_of(&entry).map(|(first, _)| first);
            let mut seen = None;
            scanner.scan(&entry, 1, &mut |one| seen = one.time());
            let before = entries.last().and_then(|(time, _)| *time);
            entries.push((seen.or(time).or(before), entry));
        }
        Growing {
            about: SourceState {
                name: name.to_owned(),
                kind: kind.word().to_owned(),
                ..SourceState::default()
            },
            scanner,
            entries,
            next: 0,
            line: 1,
        }
    }

    /// Reads on to a moment, at most so many bytes; whether there is more.
    fn read(&mut self, until: i64, most: usize, live: &mut Live) -> bool {
        let mut bytes = Vec::new();
        let first_line = self.line;
        while let Some((time, entry)) = self.entries.get(self.next) {
            if time.is_some_and(|time| time >= until) || bytes.len() + entry.len() > most {
                break;
            }
            self.line += entry.iter().filter(|b| **b == b'\n').count() as u64;
            bytes.extend_from_slice(entry);
            self.next += 1;
        }
        if bytes.is_empty() {
            return false;
        }
        let mut part = State::default();
        let what = Block {
            first_line,
            bytes: bytes.len() as u64,
        };
        let span = Span::default();
        block(
            &mut self.scanner,
            &bytes,
            what,
            &self.about,
            span,
            &mut part,
        );
        live.add(&mut part);
        true
    }
}

/// As it comes back from its file.
fn saved(live: &Live) -> Live {
    let text = serde_json::to_string(&SavedLive::from(live)).expect("it can be written");
    let back: SavedLive = serde_json::from_str(&text).expect("it can be read");
    Live::try_from(back).expect("it is ours")
}

/// What is told of logs second by second, with a restart at every `restart`th.
fn told(logs: &[(String, String)], stack: &Stack, restart: usize) -> Vec<String> {
    let mut logs: Vec<Growing> = (logs.iter())
        .map(|(name, text)| Growing::new(name, text))
        .collect();
    let times = || {
        logs.iter()
            .flat_map(|log| log.entries.iter().filter_map(|(time, _)| *time))
    };
    let (first, last) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
    let mut live = Live::default();
    let mut out = Vec::new();
    // Stories may tell of a day: quiet hours are stepped over.
    let mut now = first - 1000;
    let mut round = 0;
    while now <= last + 20_000 {
        now += 1000;
        let pending = logs
            .iter()
            .filter_map(|log| log.entries.get(log.next)?.0)
            .min();
        let is_quiet = pending.is_none_or(|time| time > now + 200_000);
        if let (true, Some(time)) = (is_quiet && round > 20, pending) {
            live.tell(stack, now + 100_000, 0)
                .into_iter()
                .for_each(|one| out.push(label(&one)));
            now = time - 1000;
        }
        for log in &mut logs {
            while log.read(now, PIECE, &mut live) {}
        }
        for one in live.tell(stack, now - REACH - 1000, usize::MAX) {
            out.push(label(&one));
        }
        live.forget(now - REACH - 1000);
        live.shrink();
        round += 1;
        if round % restart == 0 {
            live = saved(&live);
        }
    }
    out.sort();
    out
}

fn label(told: &diagnose::live::Told) -> String {
    told.incident
        .as_ref()
        .map_or_else(String::new, stories::said)
}

/// What is said afterwards.
fn whole(logs: &[(String, String)], stack: &Stack) -> Vec<String> {
    let mut state = State::default();
    for (name, log) in logs {
        read(&mut state, name, log.as_bytes());
    }
    let mut all: Vec<String> = judge(state, stack)
        .incidents
        .iter()
        .map(stories::said)
        .collect();
    all.sort();
    all
}

#[test]
fn stories_are_told_as_they_end() {
    let mut wrong = Vec::new();
    for (name, text) in stories::all() {
        let story = stories::parse(&text);
        let stack = stack(&story.config);
        let expected = whole(&story.logs, &stack);
        for restart in [usize::MAX, 3, 1] {
            let told = told(&story.logs, &stack, restart);
            if told != expected {
                wrong.push(format!("{name} {restart}\n  {expected:#?}\n  {told:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A burst far beyond the window is told to the last incident, each once, and the window stays
/// small. What is told early, before its neighbours were read, may be less sure.
#[test]
fn a_burst_is_told_once() {
    let lines = 20_000;
    let (mut errors, mut access) = (String::new(), String::new());
    for n in 0..lines {
        // Two thousand a second.
        let second = n / 2_000;
        errors += &format!(
            "2026/11/22 10:00:{second:02} [error] 7#7: *{n} recv() failed (104: Connection reset by \
             peer) while reading response header from upstream, client: ::1, server: h, request: \
             \"GET /x.php?n={n} HTTP/1.1\", upstream: \"fastcgi://unix:/run/a.sock:\", host: \"h\"\n"
        );
        access += &format!(
            "::1 - - [22/Nov/2026:10:00:{second:02} +0000] \"GET /x.php?n={n} HTTP/1.1\" 502 157 \
             \"-\" \"-\"\n"
        );
    }
    let stack = Stack::default();
    let mut logs = [
        Growing::new("error.log", &errors),
        Growing::new("access.log", &access),
    ];
    let mut live = Live::default();
    let mut count = 0;
    let mut largest = 0;
    loop {
        // The log that is furthest behind comes first, as the agent reads them.
        let (read, until) = {
            let [a, b] = &mut logs;
            let time = |log: &Growing| log.entries.get(log.next).and_then(|(time, _)| *time);
            let (time_a, time_b) = (time(a).unwrap_or(i64::MAX), time(b).unwrap_or(i64::MAX));
            let log = if time_a <= time_b { a } else { b };
            (log.read(i64::MAX, PIECE, &mut live), time_a.min(time_b))
        };
        if live.is_full() || !read {
            count += live
                .tell(&stack, until, 0)
                .iter()
                .map(|one| one.count)
                .sum::<u64>();
            if !live.shrink() {
                count += live
                    .tell_early(&stack, i64::MAX, 0)
                    .iter()
                    .map(|one| one.count)
                    .sum::<u64>();
                assert!(live.shrink(), "there is room when all is told");
            }
        }
        let records = live
            .state()
            .tables
            .values()
            .map(|table| table.records.len());
        largest = largest.max(records.max().unwrap_or(0));
        if !read {
            break;
        }
    }
    assert_eq!(count, lines);
    assert!(largest < 1_000, "{largest} records");
}

/// Of a burst only the last incidents are told with everything.
#[test]
fn only_the_latest_are_told_whole() {
    let text: String = (0..50)
        .map(|n| {
            format!(
                "2026/11/22 10:00:{n:02} [error] 7#7: *{n} connect() to unix:/run/a.sock failed \
                 (2: No such file or directory) while connecting to upstream, client: ::1, server: \
                 h, request: \"GET /x.php?password=secret{n} HTTP/1.1\", upstream: \
                 \"fastcgi://unix:/run/a.sock:\", host: \"h\"\n"
            )
        })
        .collect();
    let mut log = Growing::new("error.log", &text);
    let mut live = Live::default();
    while log.read(i64::MAX, PIECE, &mut live) {}
    let told = live.tell(&Stack::default(), i64::MAX, 5);
    assert_eq!(told.len(), 50);
    assert_eq!(told.iter().filter(|one| one.incident.is_some()).count(), 5);
    assert!(told[49].incident.is_some());
    let shown = format!(
        "{told:?} {:?}",
        serde_json::to_string(&SavedLive::from(&live))
    );
    assert!(!shown.contains("secret49"), "{shown}");
}
