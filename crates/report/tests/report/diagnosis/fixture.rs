//! An answer with everything that is difficult to show: a cascade, several candidates, errors
//! that nobody saw, pages that broke after their 200, and text that attacks whoever shows it.

use base::Problem;
use base::ProblemKind;
use base::Sources;
use base::diagnosis::{
    Candidate, Confidence, ConfigPlace, Counted, Diagnosis, EvidenceLine, Group, Harm, Incident,
    LogSource, Snippet, Timeline, ZoneKnown, ZoneSaid,
};
use report::diagnosis::{Answer, Look};

/// 2026-11-22T11:20:00Z.
pub(crate) const START: i64 = 1_795_346_400_000;
const STEP: i64 = 30_000;
const COLUMNS: usize = 110;

/// What must never come out as it is.
pub(crate) const HOSTILE: &[&str] = &[
    "</script><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(2)",
    "' autofocus onfocus='alert(3)",
    "]]><svg/onload=alert(4)>",
    "\u{1b}[31mred\u{1b}]0;owned\u{7}",
    "\u{202e}gpj.exe\u{2066}",
    "zero\u{200b}width\u{feff}",
    "<!--",
    "</style><style>*{display:none}",
    "&lt;already&amp;escaped",
];

/// Everything hostile in one line.
pub(crate) fn hostile() -> String {
    HOSTILE.join(" ")
}

fn counted(items: &[(&str, u64)]) -> Vec<Counted> {
    let counted = |&(name, count): &(&str, u64)| Counted {
        name: name.to_owned(),
        count,
    };
    items.iter().map(counted).collect()
}

fn line(file: &str, line: u64, text: &str) -> EvidenceLine {
    EvidenceLine {
        file: file.to_owned(),
        line,
        text: Some(text.to_owned()),
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Incidents spread over some columns: a hill with that peak.
fn hill(from: usize, to: usize, peak: u64) -> Vec<u64> {
    let mut out = vec![0; COLUMNS];
    let width = (to - from) as u64;
    for (at, cell) in out[from..to].iter_mut().enumerate() {
        let at = at as u64;
        let near = at.min(width - at) * 2;
        *cell = (near * peak / width).max(u64::from(at.is_multiple_of(3)));
    }
    out
}

fn group(cause: &'static str, title: &str, confidence: Confidence, harms: &[(Harm, u64)]) -> Group {
    let count = harms.iter().map(|(_, n)| n).sum();
    Group {
        cause,
        title: title.to_owned(),
        confidence,
        harm: harms[0].0,
        candidates: vec![],
        count,
        harms: harms.to_vec(),
        seen: Some((START + 678_250, START + 2_710_000)),
        per_hour: count as f64 * 1.7716,
        timeline: vec![],
        routes: counted(&[("shop.example ~ \\.php$", count)]),
        pools: counted(&[("www", count)]),
        scripts: vec![],
        statuses: vec![],
        because: vec![],
        evidence: vec![],
        places: vec![],
        advice: vec![],
        make_decidable: vec![],
        make_sure: vec![],
        diff: String::new(),
        led_by: vec![],
    }
}

fn exhausted() -> Group {
    Group {
        timeline: hill(24, 94, 48),
        routes: counted(&[
            ("shop.example ~ \\.php$", 400),
            ("shop.example /api", 180),
            ("blog.example ~ \\.php$", 30),
            ("static.example /", 20),
            ("", 10),
        ]),
        scripts: counted(&[("/srv/shop/report.php", 512), ("/srv/shop/index.php", 128)]),
        statuses: counted(&[("504", 640)]),
        because: texts(&[
            "pool `www` reached pm.max_children (5) 41 times, each time within 30 s of these errors",
            "the requests waited 60 s and no worker ever began them",
        ]),
        evidence: vec![
            line(
                "fpm.log",
                312,
                "[22-Nov-2026 11:31:18] WARNING: [pool www] server reached pm.max_children setting (5), consider raising it",
            ),
            line(
                "error.log",
                7,
                "2026/11/22 11:32:18 [error] 1234#1234: *57 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 192.0.2.7, server: shop.example, request: \"GET /index.php HTTP/1.1\", upstream: \"fastcgi://unix:/run/php/www.sock\", host: \"shop.example\"",
            ),
        ],
        places: vec![ConfigPlace {
            file: "/etc/php/8.3/fpm/pool.d/www.conf".to_owned(),
            line: 14,
            text: "pm.max_children = 5".to_owned(),
            label: "as many requests run at the same time".to_owned(),
        }],
        advice: texts(&["end the slow requests first (cause 2); then raise pm.max_children"]),
        led_by: vec![("nginx-gave-up", 600)],
        ..group(
            "pool-exhausted",
            "all workers of pool `www` were busy, and the requests waited until nginx gave up",
            Confidence::Likely,
            &[(Harm::ErrorPage, 640)],
        )
    }
}

fn gave_up() -> Group {
    Group {
        timeline: hill(22, 60, 15),
        scripts: counted(&[("/srv/shop/report.php", 211)]),
        statuses: counted(&[("504", 211)]),
        because: texts(&["the slow log names the script while nginx had already answered 504"]),
        evidence: vec![EvidenceLine {
            file: "slow.log".to_owned(),
            line: 40,
            text: None,
        }],
        places: vec![ConfigPlace {
            file: "/etc/nginx/sites-enabled/shop.conf".to_owned(),
            line: 9,
            text: "        fastcgi_read_timeout 60s;".to_owned(),
            label: "nginx stops reading here".to_owned(),
        }],
        advice: texts(&[
            "let FPM end the script before nginx gives up: `request_terminate_timeout = 45s` in pool `www`",
        ]),
        make_sure: texts(&[
            "curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' \\\n  'https://shop.example/report.php?n=90'",
            "the answer is a 502 after 45 s instead of a 504 after 60 s, and the worker is free again",
        ]),
        diff: "--- a/etc/php/8.3/fpm/pool.d/www.conf\n+++ b/etc/php/8.3/fpm/pool.d/www.conf\n@@ -12,4 +12,4 @@\n listen = /run/php/www.sock\n pm = static\n pm.max_children = 5\n-;request_terminate_timeout = 0\n+request_terminate_timeout = 45s\n".to_owned(),
        ..group(
            "nginx-gave-up",
            "a script ran longer than fastcgi_read_timeout",
            Confidence::Certain,
            &[(Harm::ErrorPage, 211)],
        )
    }
}

fn crashed() -> Group {
    let hostile = hostile();
    Group {
        timeline: hill(70, 74, 9),
        routes: counted(&[(&hostile, 13)]),
        pools: counted(&[(&hostile, 13)]),
        scripts: counted(&[(&hostile, 13)]),
        statuses: counted(&[("200", 13)]),
        because: vec![hostile.clone()],
        evidence: vec![
            line(&hostile, 1, &hostile),
            line(
                "fpm.log",
                400,
                "[22-Nov-2026 11:55:02] WARNING: [pool www] child 4711 exited on signal 11 (SIGSEGV - core dumped) after 12.000000 seconds from start",
            ),
        ],
        places: vec![ConfigPlace {
            file: hostile.clone(),
            line: 3,
            text: hostile.clone(),
            label: hostile.clone(),
        }],
        advice: vec![hostile.clone()],
        make_sure: vec![hostile.clone()],
        make_decidable: vec![Snippet {
            into: hostile.clone(),
            text: hostile.clone(),
        }],
        diff: format!("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{hostile}\n+\tx {hostile}\n"),
        ..group(
            "worker-crashed",
            &format!("a worker crashed in the middle of a page {hostile}"),
            Confidence::Certain,
            &[(Harm::BrokenPage, 13), (Harm::Hidden, 2)],
        )
    }
}

fn undetermined() -> Group {
    let long = format!(
        "2026/11/22 11:40:00 [error] 9#9: *1 upstream prematurely closed connection while reading response header from upstream, request: \"GET /?q={} HTTP/1.1\"",
        "abcdefgh".repeat(512)
    );
    Group {
        timeline: hill(40, 47, 2),
        candidates: vec![
            Candidate {
                cause: "worker-killed-by-signal",
                title: "a worker was killed from outside",
                decides: "FPM's log of that minute: `exited on signal 9` names the worker"
                    .to_owned(),
            },
            Candidate {
                cause: "worker-oom-killed",
                title: "the kernel ended a worker for want of memory",
                decides: "the kernel's log: `Memory cgroup out of memory` with the worker's pid"
                    .to_owned(),
            },
        ],
        evidence: vec![line("error.log", 88, &long)],
        make_decidable: vec![Snippet {
            into: "in [global] of /etc/php/8.3/fpm/php-fpm.conf".to_owned(),
            text: "error_log = /var/log/php-fpm.log\nlog_level = notice".to_owned(),
        }],
        make_sure: texts(&["give FPM's log and `journalctl -k -o short-iso` to the next run"]),
        ..group(
            "undetermined",
            "a worker was gone before it answered",
            Confidence::Undetermined,
            &[(Harm::ErrorPage, 7)],
        )
    }
}

fn quiet() -> [Group; 2] {
    [
        Group {
            timeline: hill(0, 110, 2),
            advice: texts(&["set `fastcgi_next_upstream_tries 2`"]),
            statuses: counted(&[("200", 42)]),
            ..group(
                "keepalive-race",
                "a kept connection was closed while nginx used it again",
                Confidence::Likely,
                &[(Harm::Hidden, 42)],
            )
        },
        Group {
            timeline: vec![0, 1],
            seen: None,
            per_hour: f64::NAN,
            ..group(
                "client-gone",
                "the client left before the answer",
                Confidence::Certain,
                &[(Harm::ClientLeft, 19), (Harm::Unknown, 1)],
            )
        },
    ]
}

fn source(file: &str, kind: &'static str, zone: (&str, ZoneKnown), lines: [u64; 4]) -> LogSource {
    let [matched, irrelevant, not_understood, outside] = lines;
    LogSource {
        file: file.to_owned(),
        kind: kind.to_owned(),
        zone: ZoneSaid {
            name: zone.0.to_owned(),
            how: zone.1,
        },
        bytes: 150 * lines.iter().sum::<u64>(),
        lines: lines.iter().sum(),
        matched,
        irrelevant,
        not_understood,
        outside,
        examples: vec![],
        span: Some((START, START + 3_300_000)),
        jumps: 0,
        statuses: vec![],
    }
}

/// The logs.
pub(crate) fn sources() -> Vec<LogSource> {
    let hostile = hostile();
    vec![
        LogSource {
            examples: vec![(77, hostile.clone()), (78, "x".repeat(4096))],
            ..source(
                "error.log",
                "nginx-error",
                ("+00:00", ZoneKnown::Assumed),
                [933, 118, 2, 0],
            )
        },
        LogSource {
            statuses: vec![(200, 120_331), (404, 40), (504, 871)],
            ..source(
                "access.log.1.gz",
                "nginx-access",
                ("", ZoneKnown::Written),
                [890, 120_352, 0, 4_000],
            )
        },
        LogSource {
            jumps: 2,
            ..source(
                "fpm.log",
                "fpm",
                ("+00:00", ZoneKnown::Inferred),
                [55, 402, 0, 0],
            )
        },
        source(
            &hostile,
            "kernel",
            ("Europe/Berlin", ZoneKnown::Given),
            [0, 9, 0, 0],
        ),
    ]
}

/// The whole answer.
pub(crate) fn diagnosis() -> Diagnosis {
    let [race, gone] = quiet();
    Diagnosis {
        window: Some((START, START + 3_300_000)),
        sources: sources(),
        groups: vec![
            exhausted(),
            gave_up(),
            crashed(),
            undetermined(),
            race,
            gone,
        ],
        incidents: incidents(),
        timeline: Some(Timeline {
            start: START,
            step: STEP,
            columns: COLUMNS,
        }),
        shown_offset: 3600,
    }
}

fn incidents() -> Vec<Incident> {
    let plain = Incident {
        cause: "nginx-gave-up",
        confidence: Confidence::Certain,
        candidates: vec![],
        harm: Harm::ErrorPage,
        time: Some(START + 678_250),
        count: 1,
        status: 504,
        request: "GET /report.php?n=90".to_owned(),
        route: "shop.example ~ \\.php$".to_owned(),
        pool: "www".to_owned(),
        script: "/srv/shop/report.php".to_owned(),
        upstream: "unix:/run/php/www.sock".to_owned(),
        evidence: vec![line("error.log", 7, "upstream timed out")],
    };
    let odd = Incident {
        cause: "undetermined",
        confidence: Confidence::Undetermined,
        candidates: vec!["worker-killed-by-signal", "worker-oom-killed"],
        time: None,
        count: 7,
        status: 0,
        request: hostile(),
        route: hostile(),
        pool: String::new(),
        script: String::new(),
        upstream: hostile(),
        ..plain.clone()
    };
    vec![plain, odd]
}

/// What could not be read.
pub(crate) fn problems() -> Vec<Problem> {
    vec![Problem {
        kind: ProblemKind::Unreadable,
        message: format!("/var/log/php8.3-fpm.log: permission denied {}", hostile()),
        span: None,
        help: Some("run badgateway as a user who may read it".to_owned()),
    }]
}

/// Owns what an answer borrows.
pub(crate) struct Fixture {
    pub(crate) diagnosis: Diagnosis,
    pub(crate) sources: Sources,
    pub(crate) problems: Vec<Problem>,
}

impl Fixture {
    pub(crate) fn new(diagnosis: Diagnosis, problems: Vec<Problem>) -> Fixture {
        Fixture {
            diagnosis,
            sources: Sources::default(),
            problems,
        }
    }

    pub(crate) fn full() -> Fixture {
        Fixture::new(diagnosis(), problems())
    }

    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer {
            diagnosis: &self.diagnosis,
            sources: &self.sources,
            problems: &self.problems,
            version: "0.1.0",
        }
    }
}

/// Plain and 80 columns wide.
pub(crate) const PLAIN: Look = Look {
    colour: false,
    width: 80,
    ascii: false,
};

/// Text for a terminal.
pub(crate) fn text(fixture: &Fixture, look: &Look) -> String {
    let mut out = Vec::new();
    report::diagnosis::full(&fixture.answer(), look, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// The table of counters.
pub(crate) fn stats(fixture: &Fixture, look: &Look) -> String {
    let mut out = Vec::new();
    report::diagnosis::stats(&fixture.answer(), look, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// The JSON document.
pub(crate) fn json(fixture: &Fixture, incidents: bool) -> String {
    let mut out = Vec::new();
    report::diagnosis::json(&fixture.answer(), incidents, &mut out)
        .expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// The page.
pub(crate) fn html(fixture: &Fixture) -> String {
    let mut out = Vec::new();
    report::diagnosis::html(&fixture.answer(), &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}
