//! Sizes in force: bodies that nginx takes, and the buffers between it and a backend.

use std::fmt;

use base::{Bytes, Origin, Setting};

use super::config::{Config, ScopeId};
use super::lookup::Unknown;
use super::route::Protocol;
use super::value;
use crate::tables;

/// A limit of a size whose zero means that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SizeLimit {
    /// Nothing above this.
    AtMost(Bytes),
    /// Anything.
    Off,
}

impl SizeLimit {
    /// The limit of a number of bytes: zero and below are off, as nginx and PHP read them.
    pub fn of(bytes: i64) -> Self {
        match u64::try_from(bytes) {
            Ok(0) | Err(_) => SizeLimit::Off,
            Ok(bytes) => SizeLimit::AtMost(Bytes(bytes)),
        }
    }

    /// Whether it lets through less than another.
    pub fn is_below(self, other: SizeLimit) -> bool {
        match (self, other) {
            (SizeLimit::AtMost(this), SizeLimit::AtMost(other)) => this < other,
            (SizeLimit::AtMost(_), SizeLimit::Off) => true,
            (SizeLimit::Off, _) => false,
        }
    }
}

impl fmt::Display for SizeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SizeLimit::AtMost(bytes) => bytes.fmt(f),
            SizeLimit::Off => f.write_str("off"),
        }
    }
}

/// `fastcgi_buffers 8 4k`: how many of which size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// How many.
    pub number: u64,
    /// How large each is.
    pub size: Bytes,
}

impl fmt::Display for Buffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.size)
    }
}

/// The page of nearly every machine that runs nginx; buffers have its size by default.
const PAGE: Bytes = Bytes(4096);

/// Whose default that is.
const PAGE_OF: &str = "nginx 1.18+ on a machine with memory pages of 4K";

impl Protocol {
    /// A directive of this protocol's module: `fastcgi` and `buffer_size` is
    /// `fastcgi_buffer_size`.
    pub fn directive(self, suffix: &str) -> String {
        let prefix = self.pass().trim_end_matches("pass");
        format!("{prefix}{suffix}")
    }
}

impl Config {
    /// The largest body that nginx takes in a scope.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn body_limit(&self, scope: ScopeId) -> Result<Setting<SizeLimit>, Unknown> {
        self.effective(scope, "client_max_body_size", |text| {
            let bytes = value::offset(text).ok()?;
            Some(SizeLimit::of(i64::try_from(bytes).ok()?))
        })
    }

    /// The buffer for the header of an answer (`*_buffer_size`), one memory page by default.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn header_buffer(
        &self,
        scope: ScopeId,
        protocol: Protocol,
    ) -> Result<Setting<Bytes>, Unknown> {
        let name = protocol.directive("buffer_size");
        self.size(scope, &name).or_else(|why| match why {
            None => Ok(by_default(&name, PAGE)),
            Some(why) => Err(why),
        })
    }

    /// The buffers for the body of an answer (`*_buffers`), eight memory pages by default.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn body_buffers(
        &self,
        scope: ScopeId,
        protocol: Protocol,
    ) -> Result<Setting<Buffers>, Unknown> {
        let name = protocol.directive("buffers");
        if self.is_unset(scope, &name) {
            let (number, size) = (8, PAGE);
            return Ok(by_default(&name, Buffers { number, size }));
        }
        let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
        let number: Setting<u64> = self.effective(scope, &name, number)?;
        let second = self.find(scope, &name).and_then(|(i, _)| self.word(i, 2));
        let size = second.and_then(|text| value::size(&text).ok());
        let size = size.ok_or_else(|| format!("`{name}` has no size"))?;
        Ok(number.map(|number| Buffers {
            number,
            size: Bytes(size),
        }))
    }

    /// A size directive that somebody wrote.
    ///
    /// # Errors
    /// `None` when it is surely not set, else as [`Config::time`].
    pub fn size(&self, scope: ScopeId, name: &str) -> Result<Setting<Bytes>, Option<Unknown>> {
        if self.is_unset(scope, name) {
            return Err(None);
        }
        let parse = |text: &[u8]| value::size(text).ok().map(Bytes);
        self.effective(scope, name, parse).map_err(Some)
    }

    /// Whether a directive is surely not set in a scope or around it.
    pub fn is_unset(&self, scope: ScopeId, name: &str) -> bool {
        self.complete && self.find(scope, name).is_none() && !self.may_be_set_unseen(scope, name)
    }
}

fn by_default<T>(name: &str, value: T) -> Setting<T> {
    let row = tables::lookup(name.as_bytes()).first();
    Setting {
        value,
        origin: Origin::Default {
            version: PAGE_OF,
            manual: row.map_or("", |row| row.manual),
        },
    }
}
