//! Reading in parts and merging is reading at once.

use base::diagnosis::Diagnosis;
use diagnose::state::SavedState;
use diagnose::{Stack, State};
use proptest::prelude::*;

use crate::reading::{judge, read};

/// Lines of an error log in few shapes, so that many are alike and levels are reached.
fn line() -> impl Strategy<Value = String> {
    let message = prop::sample::select(vec![
        "recv() failed (104: Connection reset by peer) while reading response header from upstream",
        "upstream timed out (110: Connection timed out) while reading response header from upstream",
        "connect() to unix:/run/a.sock failed (2: No such file or directory) while connecting to upstream",
        "FastCGI sent in stderr: \"PHP message: PHP Fatal error:  Uncaught Exception: token=abc123 in /a.php:2\" while reading response header from upstream",
    ]);
    (message, 0..4000u32, 0..30u32, 0..3u32).prop_map(|(message, second, page, host)| {
        format!(
            "2026/11/22 1{}:{:02}:{:02} [error] 7#7: *{second} {message}, client: 10.0.0.{page}, \
             server: h{host}, request: \"GET /p{page}/x.php?password=x{page} HTTP/1.1\", \
             upstream: \"fastcgi://unix:/run/{host}.sock:\", host: \"h{host}\"\n",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    })
}

fn once(parts: &[(&str, String)]) -> State {
    let mut state = State::default();
    for (name, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
        read(&mut state, name, text.as_bytes());
    }
    state
}

fn same(one: &Diagnosis, other: &Diagnosis) {
    assert_eq!(one.groups, other.groups);
    assert_eq!(one.incidents, other.incidents);
    assert_eq!(one.sources, other.sources);
}

/// A state as it comes back from a file.
fn saved(mut state: State) -> State {
    state.seal();
    let text = serde_json::to_string(&SavedState::from(&state)).expect("a state can be written");
    let back: SavedState = serde_json::from_str(&text).expect("it can be read");
    State::try_from(back).expect("it is ours")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn parts_give_the_same_answer(
        a in prop::collection::vec(line(), 0..60),
        b in prop::collection::vec(line(), 0..60),
        c in prop::collection::vec(line(), 0..60),
    ) {
        let files = [("a.log", a.concat()), ("b.log", b.concat()), ("c.log", c.concat())];
        let whole = judge(once(&files), &Stack::default());
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let mut merged = State::default();
            for at in order {
                merged.merge(&mut saved(once(&files[at..=at])));
            }
            same(&judge(merged, &Stack::default()), &whole);
        }
    }
}

/// The same when there is far more than is remembered: the level is that of the whole.
#[test]
fn parts_beyond_the_bounds_give_the_same_answer() {
    let text = |from: u32| -> String {
        (from..from + 9_000)
            .map(|n| {
                format!(
                    "2026/11/2{} {:02}:{:02}:{:02} [error] 7#7: *{n} recv() failed (104: Connection \
                     reset by peer) while reading response header from upstream, client: ::1, \
                     server: h{}, request: \"GET /p{}/x.php?token=t{n} HTTP/1.1\", upstream: \
                     \"fastcgi://unix:/run/a.sock:\", host: \"h\"\n",
                    n / 20_000,
                    n / 3600 % 24,
                    n / 60 % 60,
                    n % 60,
                    n % 3,
                    n % 11,
                )
            })
            .collect()
    };
    let files = [
        ("a.log", text(0)),
        ("b.log", text(7_000)),
        ("c.log", text(30_000)),
    ];
    let whole = judge(once(&files), &Stack::default());
    assert_eq!(whole.groups[0].count, 27_000);
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let mut merged = State::default();
        for at in order {
            merged.merge(&mut saved(once(&files[at..=at])));
        }
        same(&judge(merged, &Stack::default()), &whole);
    }
}
