//! Ladders as drawn.

use base::ladder::{Actor, Fate, Ladder, Rung};
use base::{Limit, Millis, Origin, Sources, Span};
use report::{Report, Style};

use crate::fixture::{Files, PLAIN, fixture};

fn rung(actor: Actor, name: &'static str, seconds: u64, origin: Origin) -> Rung {
    Rung {
        actor,
        name,
        limit: Ok(Limit::After(Millis::from_secs(seconds))),
        latest: None,
        origin: Some(origin),
        measures: "wall time",
        ends_sleeping: false,
        ends_busy: false,
    }
}

fn places() -> (Sources, [Span; 4]) {
    let mut files = Files {
        sources: Sources::default(),
    };
    let nginx = b"http {\n    send_timeout 60s;\n    fastcgi_read_timeout 120s;\n}\n";
    let nginx = files.add("/etc/nginx/nginx.conf", nginx, None);
    let pool =
        b"[shop]\nrequest_terminate_timeout = 110s\nphp_admin_value[max_execution_time] = 30\n";
    let pool = files.add("/etc/php/8.3/fpm/pool.d/shop.conf", pool, None);
    let ini = b"[PHP]\nmax_execution_time = 90\n";
    let ini = files.add("/etc/php/8.3/fpm/php.ini", ini, None);
    let spans = [
        files.span(nginx, "fastcgi_read_timeout 120s"),
        files.span(pool, "request_terminate_timeout = 110s"),
        files.span(pool, "php_admin_value[max_execution_time] = 30"),
        files.span(ini, "max_execution_time = 90"),
    ];
    (files.sources, spans)
}

fn shop(route: &str, [read, terminate, admin, ini]: [Span; 4]) -> Ladder {
    let default = Origin::Default {
        version: "nginx 1.0+",
        manual: "ngx_http_core_module",
    };
    Ladder {
        route: route.to_owned(),
        target: "unix:/run/php/shop.sock".to_owned(),
        pool: Ok("shop".to_owned()),
        rungs: vec![
            Rung {
                measures: "gap between two writes",
                ..rung(Actor::Client, "send_timeout", 60, default.clone())
            },
            Rung {
                measures: "connecting",
                limit: Ok(Limit::After(Millis(500))),
                ..rung(Actor::Nginx, "fastcgi_connect_timeout", 60, default)
            },
            Rung {
                measures: "gap between two reads",
                ..rung(
                    Actor::Nginx,
                    "fastcgi_read_timeout",
                    120,
                    Origin::Inherited(read),
                )
            },
            Rung {
                latest: Some(Millis(146_667)),
                ends_sleeping: true,
                ..rung(
                    Actor::Fpm,
                    "request_terminate_timeout",
                    110,
                    Origin::Here(terminate),
                )
            },
            Rung {
                measures: "CPU time",
                ends_busy: true,
                ..rung(
                    Actor::Php,
                    "max_execution_time",
                    30,
                    Origin::Overriding {
                        at: admin,
                        over: vec![ini],
                    },
                )
            },
        ],
        sleeping: Fate {
            at: Some((Millis::from_secs(110), Millis::from_secs(120))),
            status: "502 or 504".to_owned(),
            log_name: "nginx error.log",
            log_line: "recv() failed (104: Connection reset by peer) while reading response \
                       header from upstream"
                .to_owned(),
            note: "FPM looks every 36.667s, so nginx may give up first: then 504, and the worker \
                   is busy until FPM ends it"
                .to_owned(),
        },
        busy: Fate {
            at: Some((Millis::from_secs(30), Millis::from_secs(30))),
            status: "500".to_owned(),
            log_name: "PHP error_log",
            log_line: "PHP Fatal error:  Maximum execution time of 30 seconds exceeded".to_owned(),
            note: "the worker is free again at once".to_owned(),
        },
    }
}

fn drawn(sources: &Sources, ladders: &[Ladder], style: &Style) -> String {
    let fixture = fixture();
    let report = Report {
        sources,
        findings: &[],
        problems: &[],
        unjudged: &[],
        ladders,
        summary: fixture.report().summary,
    };
    let mut out = Vec::new();
    report::chain(&report, style, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("a drawing is UTF-8")
}

/// A route of which little is known, and where a zero means two different things.
fn odd(spans: [Span; 4]) -> Ladder {
    let mut ladder = shop("api.example:443 = /index.php", spans);
    ladder.rungs[2].limit = Ok(Limit::AtOnce);
    ladder.rungs[2].ends_sleeping = true;
    ladder.rungs[2].ends_busy = true;
    ladder.rungs[3].limit = Ok(Limit::Off);
    ladder.rungs[3].latest = None;
    ladder.rungs[3].ends_sleeping = false;
    ladder.rungs[4].limit = Err("`$limit` is set by no file".to_owned());
    ladder.rungs[4].origin = None;
    ladder.rungs[4].ends_busy = false;
    ladder.pool = Err("no pool listens there".to_owned());
    ladder.sleeping = Fate {
        at: Some((Millis(0), Millis(0))),
        status: "504".to_owned(),
        log_name: "nginx error.log",
        log_line: "upstream timed out (110: Connection timed out) while reading response header \
                   from upstream"
            .to_owned(),
        note: String::new(),
    };
    ladder.busy = Fate {
        at: None,
        status: "none".to_owned(),
        log_name: "",
        log_line: String::new(),
        note: "whatever \u{1b}[31mit does".to_owned(),
    };
    ladder
}

fn many(spans: [Span; 4]) -> Vec<Ladder> {
    let routes = (0..1999).map(|n| format!("shop{n}.example:443 ~ \\.php$"));
    let mut ladders: Vec<Ladder> = routes.map(|route| shop(&route, spans)).collect();
    ladders.push(odd(spans));
    ladders
}

#[test]
fn many_routes() {
    let (sources, spans) = places();
    insta::assert_snapshot!(drawn(&sources, &many(spans), &PLAIN));
}

#[test]
fn nothing_to_draw() {
    insta::assert_snapshot!(drawn(&Sources::default(), &[], &PLAIN));
}

#[test]
fn no_line_is_wider_than_asked() {
    let (sources, spans) = places();
    for width in [60, 80, 100, 140] {
        let style = Style { width, ..PLAIN };
        for line in drawn(&sources, &many(spans), &style).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
            assert!(line.trim_end() == line, "blanks at the end: {line:?}");
        }
    }
}

#[test]
fn colours_change_nothing_else() {
    let (sources, spans) = places();
    let style = Style {
        colour: true,
        ..PLAIN
    };
    let painted = drawn(&sources, &many(spans), &style);
    let mut parts = painted.split("\u{1b}[");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once('m').expect("only colours").1);
    }
    assert_eq!(bare, drawn(&sources, &many(spans), &PLAIN));
}

/// The order of the limits is the order of the bars, however close they are.
#[test]
fn bars_show_the_order() {
    let (sources, spans) = places();
    for (read, terminate, latest, computing) in [
        (61_000, 60_000, 60_500, 59_999),
        (3_600_000, 3_599_999, 3_600_001, 1),
        (u64::MAX, u64::MAX - 1, u64::MAX, u64::MAX - 2),
        (2, 1, 3, 4),
    ] {
        let mut ladder = shop("a", spans);
        ladder.rungs[2].limit = Ok(Limit::After(Millis(read)));
        ladder.rungs[3].limit = Ok(Limit::After(Millis(terminate)));
        ladder.rungs[3].latest = Some(Millis(latest));
        ladder.rungs[4].limit = Ok(Limit::After(Millis(computing)));
        let text = drawn(&sources, &[ladder], &PLAIN);
        let bar = |name: &str| {
            let row = text.lines().find(|l| l.contains(name)).expect("a row");
            let parts = row.chars().map(|c| match c {
                '█' => 8,
                '▉'..='▏' => u32::from('▏') - u32::from(c) + 1,
                _ => 0,
            });
            parts.sum::<u32>()
        };
        let bars = [
            bar("fastcgi_read"),
            bar("request_terminate"),
            bar("max_execution"),
        ];
        let times = [read, terminate, computing];
        for (a, b) in [(0, 1), (1, 2), (0, 2)] {
            assert_eq!(times[a].cmp(&times[b]), bars[a].cmp(&bars[b]), "{text}");
        }
    }
}

/// As JSON.
pub(crate) fn json() -> String {
    let (sources, spans) = places();
    let ladders = many(spans);
    let fixture = fixture();
    let report = Report {
        sources: &sources,
        findings: &[],
        problems: &[],
        unjudged: &[],
        ladders: &ladders,
        summary: fixture.report().summary,
    };
    let mut out = Vec::new();
    report::chain_json(&report, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}
