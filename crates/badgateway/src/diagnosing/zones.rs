//! Time zones and the moments that people name.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use logs::time::Zone;

/// A zone with its name.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    zone: TimeZone,
    /// As the user or the system names it.
    pub(crate) name: String,
}

impl Named {
    /// The zone of this machine.
    pub(crate) fn local() -> Named {
        let zone = TimeZone::system();
        let name = zone.iana_name().unwrap_or("the zone of this machine");
        Named {
            name: name.to_owned(),
            zone,
        }
    }

    /// A zone by `UTC`, `local`, `+02:00` or its name.
    pub(crate) fn parse(text: &str) -> Result<Named, String> {
        if text.eq_ignore_ascii_case("local") {
            return Ok(Named::local());
        }
        if text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Ok(Named::offset(0));
        }
        if let Some(seconds) = offset(text) {
            return Ok(Named::offset(seconds));
        }
        match TimeZone::get(text) {
            Ok(zone) => Ok(Named {
                zone,
                name: text.to_owned(),
            }),
            Err(_) => Err(format!(
                "`{}` is no time zone: write UTC, +02:00, Europe/Berlin or local",
                base::source::printable(text.as_bytes())
            )),
        }
    }

    /// A fixed offset in seconds east of UTC.
    pub(crate) fn offset(seconds: i32) -> Named {
        let offset = Offset::from_seconds(seconds).unwrap_or(Offset::UTC);
        Named {
            zone: offset.to_time_zone(),
            name: intake::offset_name(seconds),
        }
    }

    /// The offset at a moment, in seconds east of UTC.
    pub(crate) fn offset_at(&self, millis: i64) -> i32 {
        let at = Timestamp::from_millisecond(millis).unwrap_or_default();
        self.zone.to_offset(at).seconds()
    }

    /// As the readers of logs want it.
    pub(crate) fn steps(&self) -> Zone {
        agent::zone::steps(&self.zone)
    }

    /// A moment that a person named, in milliseconds: with a zone of its own, in this zone, as a
    /// time of today, or as a length of time before `now`.
    pub(crate) fn moment(&self, text: &str, now: Timestamp) -> Result<i64, String> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(at.as_millisecond());
        }
        let local = |at: DateTime| self.zone.to_timestamp(at);
        if let Ok(at) = text.parse::<DateTime>() {
            return local(at)
                .map(Timestamp::as_millisecond)
                .map_err(|e| e.to_string());
        }
        let today = self.zone.to_datetime(now).date();
        let days = match text {
            "today" => Some(0),
            "yesterday" => Some(1),
            _ => None,
        };
        if let Some(days) = days {
            let mut date = today;
            for _ in 0..days {
                date = date.yesterday().map_err(|error| error.to_string())?;
            }
            let at = local(date.at(0, 0, 0, 0)).map_err(|error| error.to_string())?;
            return Ok(at.as_millisecond());
        }
        if let Ok(time) = text.parse::<jiff::civil::Time>() {
            let at = local(today.to_datetime(time)).map_err(|error| error.to_string())?;
            return Ok(at.as_millisecond());
        }
        let ago = text.strip_prefix('-').unwrap_or(text);
        let ago = ago.strip_suffix("ago").unwrap_or(ago).trim();
        if let Ok(length) = humantime::parse_duration(ago) {
            let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
            return Ok(now.as_millisecond().saturating_sub(length));
        }
        Err(format!(
            "`{}` is no time: write 2026-11-22 11:30, 11:30, 2h (ago), today or yesterday",
            base::source::printable(text.as_bytes())
        ))
    }
}

/// `+02:00`, `-0530`, in seconds.
fn offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let is_time = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i32 = is_time.then(|| digits.parse().ok())??;
    (number / 100 <= 14 && number % 100 < 60)
        .then_some(sign * (number / 100 * 3600 + number % 100 * 60))
}
