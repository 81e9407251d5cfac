//! How exactly events are remembered.
//!
//! Memory is bounded, logs are not. A table begins with every event of its own; when it has too
//! many records it goes to the next level, where records that differ only in what that level
//! forgets become one. Each level forgets what the one before forgot and more, and the level is
//! the lowest at which the records fit. So it depends only on *which* events there are, not on
//! their order or on how they were shared among machines: that is what makes states mergeable.

use super::context::Words;

/// A level; 0 remembers everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(pub u8);

/// The last level: a signal has one record for each status and code.
pub const LAST: Level = Level(7);

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

    /// Whether process ids are remembered.
    pub fn has_pids(self) -> bool {
        self.0 <= 2
    }

    /// What this level forgets of the words.
    pub fn forget(self, words: &mut Words<'_>) {
        if self.0 >= 1 {
            words.query = "".into();
            words.client = "".into();
            alike(&mut words.detail, 120);
        }
        if self.0 >= 4 {
            alike(&mut words.path, 60);
            alike(&mut words.script, 120);
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

/// Makes texts alike that differ in numbers only, and cuts them.
fn alike(text: &mut std::borrow::Cow<'_, str>, longest: usize) {
    let has_digits = text.bytes().any(|b| b.is_ascii_digit());
    if !has_digits && text.len() <= longest {
        return;
    }
    let mut out = String::with_capacity(text.len().min(longest));
    for c in text.chars() {
        if out.len() + c.len_utf8() > longest {
            break;
        }
        match c.is_ascii_digit() {
            true if out.ends_with('#') => {}
            true => out.push('#'),
            false => out.push(c),
        }
    }
    *text = out.into();
}
