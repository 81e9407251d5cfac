//! How exactly events are remembered.
//!
//! Memory is bounded, logs are not. A table begins with every event of its own; when it has too
//! many records it goes to the next level, where records that differ only in what that level
//! forgets become one. Each level forgets what the one before forgot and more, and the level is
//! the lowest at which the records fit. So it depends only on *which* events there are, not on
//! their order or on how they were shared among machines: that is what makes states mergeable.

use logs::Event;

use super::context::Words;

/// A level; 0 remembers everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(pub u8);

/// The last level: a signal has one record for each status and code.
pub(super) const LAST: Level = Level(7);

impl Level {
    /// The next one; the last one is its own next.
    pub fn next(self) -> Level {
        Level((self.0 + 1).min(LAST.0))
    }

    /// Whether single lines are told apart.
    pub fn has_lines(self) -> bool {
        self.0 == 0
    }

    /// How long a step of time is, in milliseconds.
    pub fn step(self) -> i64 {
        match self.0 {
            0 => 1,
            1 => 1_000,
            2 => 10_000,
            3 => 60_000,
            4 => 600_000,
            5 => 3_600_000,
            6 => 86_400_000,
            _ => i64::MAX,
        }
    }

    /// The begin of the step of time; without one all times are alike.
    pub fn time(self, time: Option<i64>) -> Option<i64> {
        match self.step() {
            i64::MAX => None,
            step => time.map(|at| at - at.rem_euclid(step)),
        }
    }

    /// Whether both levels keep the same words, and differ in time only.
    pub fn has_words_of(self, other: Level) -> bool {
        let class = |level: Level| match level.0 {
            1..=3 => 1,
            other => other,
        };
        class(self) == class(other)
    }

    /// Whether process ids are remembered.
    pub fn has_pids(self) -> bool {
        self.0 <= 2
    }

    /// An event with what this level keeps of its words; what has to be written anew for that is
    /// written into `scratch`.
    pub fn keep<'l>(self, event: &Event<'l>, scratch: [&'l mut Vec<u8>; 3]) -> Event<'l> {
        let [path, script, detail] = scratch;
        let mut event = *event;
        if self.0 >= 1 {
            (event.query, event.client) = (b"", b"");
        }
        match self.0 {
            0 => {}
            1..=3 => event.detail = alike(event.detail, DETAIL, detail),
            4 => {
                event.path = alike(event.path, PATH, path);
                event.script = alike(event.script, SCRIPT, script);
                event.detail = b"";
            }
            _ => {
                (event.method, event.path) = (b"", b"");
                (event.script, event.detail) = (b"", b"");
            }
        }
        if self.0 >= 6 {
            event.server = b"";
        }
        if self.0 >= 7 {
            (event.upstream, event.pool) = (b"", b"");
        }
        event
    }

    /// What this level forgets of the words.
    pub fn forget(self, words: &mut Words<'_>) {
        if self.0 >= 1 {
            words.query = "".into();
            words.client = "".into();
            words_alike(&mut words.detail, DETAIL);
        }
        if self.0 >= 4 {
            words_alike(&mut words.path, PATH);
            words_alike(&mut words.script, SCRIPT);
            words.detail = "".into();
        }
        if self.0 >= 5 {
            words.path = "".into();
            words.script = "".into();
            words.method = "".into();
        }
        if self.0 >= 6 {
            words.server = "".into();
        }
        if self.0 >= 7 {
            words.upstream = "".into();
            words.pool = "".into();
        }
    }
}

/// Bytes kept of texts that are made alike.
const DETAIL: usize = 120;
const PATH: usize = 60;
const SCRIPT: usize = 120;

/// Makes texts alike that differ in numbers or in masked secrets only, and cuts them.
fn alike<'l>(text: &'l [u8], longest: usize, out: &'l mut Vec<u8>) -> &'l [u8] {
    let differs = |b: &u8| b.is_ascii_digit() || *b == b'*';
    if text.len() <= longest && !text.iter().any(differs) {
        return text;
    }
    for &b in text {
        let new = if b.is_ascii_digit() { b'#' } else { b };
        if matches!(new, b'#' | b'*') && out.last() == Some(&new) {
            continue;
        }
        if out.len() == longest {
            break;
        }
        out.push(new);
    }
    // Not in the middle of a character.
    if let Err(error) = std::str::from_utf8(out)
        && error.error_len().is_none()
    {
        out.truncate(error.valid_up_to());
    }
    out
}

fn words_alike(text: &mut std::borrow::Cow<'_, str>, longest: usize) {
    let mut out = Vec::new();
    let short = alike(text.as_bytes(), longest, &mut out);
    if short != text.as_bytes() {
        *text = String::from_utf8_lossy(short).into_owned().into();
    }
}
