//! Amounts of time, and time limits whose zero means different things in different programs.

use std::fmt;

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// From whole seconds; saturates.
    pub fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Both together; saturates.
    #[must_use]
    pub fn plus(self, other: Millis) -> Millis {
        Millis(self.0.saturating_add(other.0))
    }

    /// `n` times as long; saturates.
    #[must_use]
    pub fn times(self, n: u64) -> Millis {
        Millis(self.0.saturating_mul(n))
    }
}

impl fmt::Display for Millis {
    /// Seconds as people compare them across files: `60s`, `0.5s`, `146.667s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, rest) = (self.0 / 1000, self.0 % 1000);
        if rest == 0 {
            return write!(f, "{seconds}s");
        }
        let fraction = format!("{rest:03}");
        write!(f, "{seconds}.{}s", fraction.trim_end_matches('0'))
    }
}

/// A time limit with its zero already understood.
///
/// `fastcgi_read_timeout 0` fires at once, `request_terminate_timeout = 0` and
/// `max_execution_time = 0` never fire. A comparison of raw numbers would treat them alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Fires after this time; never zero.
    After(Millis),
    /// Fires as soon as there is anything to wait for.
    AtOnce,
    /// Never fires.
    Off,
}

impl Limit {
    /// The time after which it fires: zero for [`Limit::AtOnce`], `None` for [`Limit::Off`].
    pub fn fires_after(self) -> Option<Millis> {
        match self {
            Limit::After(time) => Some(time),
            Limit::AtOnce => Some(Millis(0)),
            Limit::Off => None,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::After(time) => time.fmt(f),
            Limit::AtOnce => f.write_str("at once"),
            Limit::Off => f.write_str("off"),
        }
    }
}

/// An amount of memory or of data in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// From whole mebibytes; saturates.
    pub const fn from_mib(mib: u64) -> Self {
        Self(mib.saturating_mul(1 << 20))
    }

    /// `n` times as much; saturates.
    #[must_use]
    pub fn times(self, n: u64) -> Bytes {
        Bytes(self.0.saturating_mul(n))
    }
}

impl fmt::Display for Bytes {
    /// As people write it in these files: `512`, `16K`, `128M`, `1.5G`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("G", 30_u32), ("M", 20), ("K", 10)];
        let Some((unit, shift)) = units.into_iter().find(|(_, s)| self.0 >= 1 << s) else {
            return write!(f, "{}", self.0);
        };
        let (whole, rest) = (self.0 >> shift, self.0 & ((1 << shift) - 1));
        match (rest * 10) >> shift {
            0 => write!(f, "{whole}{unit}"),
            tenth => write!(f, "{whole}.{tenth}{unit}"),
        }
    }
}
