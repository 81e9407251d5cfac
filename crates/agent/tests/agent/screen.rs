//! The view for terminals, drawn into memory.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use agent::screen::{Key, Screen};
use agent::{
    Counted, Door, Failure, LogView, Place, Point, PoolView, Process, Queue, Sample, Snapshot,
    Status, Watched,
};
use base::diagnosis::{Confidence, EvidenceLine, Harm, Incident};
use base::source::printable;
use proptest::prelude::*;
use ratatui_core::backend::TestBackend;
use ratatui_core::style::Color;
use ratatui_core::terminal::Terminal;

const NOW: i64 = 1_800_000_000_000;

fn pool(name: &str, status: Option<Result<Status, Failure>>, waiting: u32) -> PoolView {
    let place = Place::Unix(format!("/run/{name}.sock").into());
    let good = status
        .clone()
        .and_then(Result::ok)
        .map(|status| (status, NOW));
    PoolView {
        watched: Watched {
            name: name.to_owned(),
            listen: Some(place.clone()),
            door: Door::Shared(place),
            status_path: Some(b"/status".to_vec()),
            max_children: Some(2),
        },
        sample: Sample {
            status,
            took: Duration::ZERO,
            queue: Some(Queue {
                waiting,
                limit: 511,
            }),
        },
        good,
        past: (0..30)
            .map(|at| Point {
                at,
                busy: (at % 7 != 0).then_some(at as u64 % 3),
                waiting: Some(0),
            })
            .collect(),
    }
}

fn busy(text: &str) -> Status {
    let process = |pid: u64| Process {
        pid,
        state: "Running".to_owned(),
        requests: 3,
        duration: 1_000_000 * pid,
        method: "GET".to_owned(),
        uri: format!("/{text}?password=hunter2hunter2"),
        script: format!("/srv/{text}"),
        ..Process::default()
    };
    Status {
        active: 2,
        total: 2,
        processes: vec![process(7), process(8)],
        ..Status::default()
    }
}

/// What an agent would know whose logs and pools say `text`.
fn snapshot(text: &str) -> Snapshot {
    let incident = Incident {
        cause: "fpm-socket-missing",
        confidence: Confidence::Certain,
        candidates: vec!["fpm-socket-missing"],
        harm: Harm::ErrorPage,
        time: Some(NOW - 90_000),
        count: 1,
        status: 502,
        request: printable(text.as_bytes()),
        route: "shop.example:443 /".to_owned(),
        pool: String::new(),
        script: String::new(),
        upstream: String::new(),
        evidence: vec![EvidenceLine {
            file: "/var/log/nginx/error.log".to_owned(),
            line: 7,
            text: Some(printable(text.as_bytes())),
        }],
    };
    let mut snapshot = Snapshot {
        taken: NOW,
        is_sampled: true,
        pools: vec![
            pool(
                "fine",
                Some(Ok(Status {
                    idle: 2,
                    total: 2,
                    ..Status::default()
                })),
                0,
            ),
            pool("shop", Some(Ok(busy(text))), 17),
            pool("gone", Some(Err(Failure::Missing)), 0),
        ],
        logs: vec![LogView::default()],
        ..Snapshot::default()
    };
    snapshot
        .minutes
        .add("fpm-socket-missing", Harm::ErrorPage, NOW - 90_000, 5, NOW);
    let counted = Counted {
        number: 5,
        counted: NOW,
        incident: Arc::new(incident),
    };
    snapshot.recent = VecDeque::from([counted]);
    snapshot
}

fn drawn(screen: &Screen, snapshot: &Snapshot, size: (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("memory");
    let notes = ["something is wrong".to_owned()];
    terminal
        .draw(|frame| screen.draw(snapshot, &notes, NOW, frame))
        .expect("memory");
    terminal
}

fn text(terminal: &Terminal<TestBackend>) -> String {
    let buffer = terminal.backend().buffer();
    let width = usize::from(buffer.area.width);
    let lines = buffer.content.chunks(width.max(1));
    let line = |cells: &[ratatui_core::buffer::Cell]| -> String {
        cells
            .iter()
            .map(ratatui_core::buffer::Cell::symbol)
            .collect()
    };
    lines.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn trouble_comes_first_and_with_words() {
    let snapshot = snapshot("report.php");
    let screen = Screen::new(15, true);
    let shown = text(&drawn(&screen, &snapshot, (120, 34)));
    let order = ["gone  ", "shop  ", "fine  "].map(|name| shown.find(name).expect(name));
    assert!(order.is_sorted(), "{shown}");
    for words in [
        "nobody answers for gone",
        "no worker is free in shop",
        "5 requests failed in the last ten minutes",
        "something is wrong",
        "17/511",
        "██████████ 2/2",
        "8.0 s",
        "/srv/report.php",
        "nothing there: the socket does not exist",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_selection_stays_with_its_row() {
    let mut snapshot = snapshot("report.php");
    let mut screen = Screen::new(15, true);
    // From `gone` to `shop`, which is first once `gone` is back.
    assert!(screen.press(Key::Down, &snapshot));
    snapshot.pools.pop();
    assert!(screen.press(Key::Open, &snapshot));
    let shown = text(&drawn(&screen, &snapshot, (100, 40)));
    assert!(shown.contains(" pool shop "), "{shown}");
    assert!(shown.contains("GET /report.php?password="), "{shown}");
    // What is open closes before it ends.
    assert!(screen.press(Key::Quit, &snapshot));
    assert!(!screen.press(Key::Quit, &snapshot));
    // A row that has gone is no row any more.
    assert!(screen.press(Key::Open, &Snapshot::default()));
    drawn(&screen, &Snapshot::default(), (100, 40));
}

#[test]
fn a_cause_is_opened_with_its_evidence() {
    let snapshot = snapshot("GET /pay");
    let mut screen = Screen::new(15, true);
    for key in [Key::Previous, Key::Open] {
        assert!(screen.press(key, &snapshot));
    }
    let shown = text(&drawn(&screen, &snapshot, (100, 40)));
    for words in [
        "badgateway explain fpm-socket-missing",
        "90 s ago  502 GET /pay  shop.example:443 /",
        "/var/log/nginx/error.log:7: GET /pay",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
}

#[test]
fn without_colour_there_is_none() {
    let snapshot = snapshot("report.php");
    for has_colour in [true, false] {
        let terminal = drawn(&Screen::new(15, has_colour), &snapshot, (120, 34));
        let cells = &terminal.backend().buffer().content;
        let is_coloured = cells
            .iter()
            .any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(is_coloured, has_colour);
    }
}

const KEYS: [Key; 11] = [
    Key::Up,
    Key::Down,
    Key::PageUp,
    Key::PageDown,
    Key::Next,
    Key::Previous,
    Key::Open,
    Key::Back,
    Key::Pause,
    Key::Help,
    Key::Quit,
];

proptest! {
    /// Whatever strangers write, however small the window and whatever is pressed: nothing that a
    /// terminal would obey is drawn, and nothing ends it but being told so.
    #[test]
    fn nothing_hostile_is_drawn(
        text_of in "(\\PC|[\u{0}-\u{1f}\u{7f}-\u{9f}\u{202e}]|\u{1b}\\[2J){0,40}",
        keys in prop::collection::vec(0..KEYS.len(), 0..12),
        width in 0_u16..140,
        height in 0_u16..50,
    ) {
        let snapshot = snapshot(&text_of);
        let mut screen = Screen::new(15, true);
        for key in keys {
            screen.press(KEYS[key], &snapshot);
            let terminal = drawn(&screen, &snapshot, (width, height));
            let shown = text(&terminal).replace('\n', "");
            prop_assert!(!shown.chars().any(char::is_control), "{shown:?}");
            let is_shown = shown.contains('\u{202e}') || shown.contains("hunter2");
            prop_assert!(!is_shown, "{shown:?}");
        }
    }
}
