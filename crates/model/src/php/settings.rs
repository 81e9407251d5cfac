//! The settings of `[global]` or of one pool, asked for by name.

use base::{Origin, Setting, Span};

use super::defaults::{FPM_MANUAL, FpmOption, Scope, fpm_option};
use super::value::{FpmTime, fpm_boolean, fpm_integer, fpm_seconds, fpm_time};
use super::{Assignment, Unknown};

/// Settings in the order in which they were read.
#[derive(Clone, Debug)]
pub struct Settings {
    scope: Scope,
    sets: Vec<(Vec<u8>, Assignment)>,
    /// Why more may be set than is known.
    gap: Option<String>,
}

impl Settings {
    /// No settings yet.
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            sets: Vec::new(),
            gap: None,
        }
    }

    /// Notes that a template may set more.
    pub(super) fn may_hold_more(&mut self, why: String) {
        self.gap.get_or_insert(why);
    }

    /// Why more may be set than is known.
    pub fn gap(&self) -> Option<&str> {
        self.gap.as_deref()
    }

    pub(super) fn push(&mut self, name: Vec<u8>, assignment: Assignment) {
        self.sets.push((name, assignment));
    }

    /// The first place of all, for messages about the whole.
    pub(super) fn first_span(&self) -> Option<Span> {
        self.sets.first().map(|(_, assignment)| assignment.span)
    }

    /// All names and assignments, as they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Assignment)> {
        self.sets.iter().map(|(name, set)| (name.as_slice(), set))
    }

    /// The assignment in force: the last, as FPM replaces what was there.
    pub fn get(&self, name: &str) -> Option<&Assignment> {
        self.named(name).last()
    }

    /// All assignments of a name. FPM compares names without case.
    pub fn named(&self, name: &str) -> impl DoubleEndedIterator<Item = &Assignment> {
        let is_it = move |n: &[u8]| n.eq_ignore_ascii_case(name.as_bytes());
        let found = self.sets.iter().filter(move |(n, _)| is_it(n));
        found.map(|(_, assignment)| assignment)
    }

    fn origin(&self, name: &str, winner: &Assignment) -> Origin {
        let mut over: Vec<Span> = self.named(name).map(|a| a.span).collect();
        over.retain(|span| *span != winner.span);
        over.reverse();
        match over.is_empty() {
            true => Origin::Here(winner.span),
            false => Origin::Overriding {
                at: winner.span,
                over,
            },
        }
    }

    /// A text; `None` when it is not set. Defaults are not in it: see [`Settings::effective`].
    pub fn text(&self, name: &str) -> Option<Result<Setting<Vec<u8>>, Unknown>> {
        let Some(winner) = self.get(name) else {
            let why = self.gap.as_ref()?;
            return Some(Err(format!("whether `{name}` is set is not known: {why}")));
        };
        Some(winner.known().map(|text| Setting {
            value: text.to_vec(),
            origin: self.origin(name, winner),
        }))
    }

    /// A text or its default; `None` when it is not set and FPM has no default.
    pub fn effective(&self, name: &str) -> Option<Result<Setting<Vec<u8>>, Unknown>> {
        let default = || {
            let text = self.row(name)?.default?;
            Some(Ok(Setting {
                value: text.as_bytes().to_vec(),
                origin: fpm_default(),
            }))
        };
        self.text(name).or_else(default)
    }

    /// A time, or FPM's default; off when there is none.
    ///
    /// # Errors
    /// When a template or the environment fills it, or FPM would refuse it.
    pub fn time(&self, name: &str) -> Result<Setting<FpmTime>, Unknown> {
        self.typed(name, FpmTime::Off, fpm_time)
    }

    /// The seconds of a time in a C `int`, or FPM's default.
    ///
    /// # Errors
    /// As [`Settings::time`].
    pub fn seconds(&self, name: &str) -> Result<Setting<i32>, Unknown> {
        self.typed(name, 0, fpm_seconds)
    }

    /// A whole number, or FPM's default, or the given one where FPM has none.
    ///
    /// # Errors
    /// As [`Settings::time`].
    pub fn number(&self, name: &str, default: i32) -> Result<Setting<i32>, Unknown> {
        self.typed(name, default, fpm_integer)
    }

    /// A switch, or FPM's default.
    ///
    /// # Errors
    /// As [`Settings::time`].
    pub fn switch(&self, name: &str) -> Result<Setting<bool>, Unknown> {
        self.typed(name, false, fpm_boolean)
    }

    fn typed<T>(
        &self,
        name: &str,
        default: T,
        parse: impl Fn(&[u8]) -> Result<T, &'static str>,
    ) -> Result<Setting<T>, Unknown> {
        let Some(text) = self.effective(name) else {
            return Ok(Setting {
                value: default,
                origin: fpm_default(),
            });
        };
        let text = text?;
        let value = parse(&text.value).map_err(|why| format!("`{name}`: {why}"))?;
        Ok(text.map(|_| value))
    }

    fn row(&self, name: &str) -> Option<&'static FpmOption> {
        fpm_option(self.scope, name.as_bytes())
    }
}

fn fpm_default() -> Origin {
    Origin::Default {
        version: "PHP-FPM 7.2+",
        manual: FPM_MANUAL,
    }
}
