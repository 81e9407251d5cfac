//! Moments and durations in words.
//!
//! The calendar is computed here: this room has no clock and needs no table of zones, because
//! every moment comes with its offset.

const SECOND: i64 = 1000;
const DAY: i64 = 86_400 * SECOND;

/// A moment on a calendar.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    /// Milliseconds since midnight.
    rest: i64,
}

/// Days since 1970 to a date, by the era of 400 years that the Gregorian calendar repeats.
fn civil(ms: i64) -> Civil {
    let days = ms.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // Years begin in March here, so that the leap day is the last.
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    Civil {
        year: era * 400 + year + i64::from(month <= 2),
        month,
        day: of_year - (153 * march + 2) / 5 + 1,
        rest: ms.rem_euclid(DAY),
    }
}

/// `2026-11-22T11:31:18Z`, with milliseconds when there are any.
pub(super) fn rfc3339(ms: i64) -> String {
    let fraction = match ms.rem_euclid(SECOND) {
        0 => String::new(),
        ms => format!(".{ms:03}"),
    };
    format!("{}T{}{fraction}Z", date(ms), clock(ms, true))
}

/// The zone in which people are told times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zone(pub i32);

impl Zone {
    /// `UTC` or `+02:00`.
    pub(super) fn name(self) -> String {
        if self.0 == 0 {
            return "UTC".to_owned();
        }
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs() / 60;
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    fn local(self, ms: i64) -> i64 {
        ms.saturating_add(i64::from(self.0) * SECOND)
    }

    /// `2026-11-22 11:31:18`.
    pub(super) fn when(self, ms: i64) -> String {
        let ms = self.local(ms);
        format!("{} {}", date(ms), clock(ms, true))
    }

    /// `2026-11-22 11:31:18 to 12:05:10`; the date is said again only when it is another.
    pub(super) fn span(self, first: i64, last: i64) -> String {
        if first.div_euclid(SECOND) == last.div_euclid(SECOND) {
            return self.when(first);
        }
        let same_day = date(self.local(first)) == date(self.local(last));
        let last = match same_day {
            true => clock(self.local(last), true),
            false => self.when(last),
        };
        format!("{} to {last}", self.when(first))
    }

    /// A label on an axis of such a length: no more than is needed to tell columns apart.
    pub(super) fn tick(self, ms: i64, length: i64, step: i64) -> String {
        let ms = self.local(ms);
        match (length > DAY, step < 60 * SECOND) {
            (true, _) if step >= DAY => date(ms)[5..].to_owned(),
            (true, _) => format!("{} {}", &date(ms)[5..], clock(ms, false)),
            (false, true) => clock(ms, true),
            (false, false) => clock(ms, false),
        }
    }
}

fn date(ms: i64) -> String {
    let civil = civil(ms);
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

fn clock(ms: i64, seconds: bool) -> String {
    let all = civil(ms).rest / SECOND;
    let (hours, minutes) = (all / 3600, all / 60 % 60);
    match seconds {
        true => format!("{hours:02}:{minutes:02}:{:02}", all % 60),
        false => format!("{hours:02}:{minutes:02}"),
    }
}

/// The two largest units of a duration: `33 min 52 s`.
pub(super) fn duration(ms: i64) -> String {
    if ms < SECOND {
        return format!("{ms} ms");
    }
    let all = ms / SECOND;
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut parts = Vec::new();
    let mut rest = all;
    for (seconds, name) in units {
        if rest >= seconds {
            parts.push(format!("{} {name}", rest / seconds));
        } else if !parts.is_empty() {
            // `1 d 5 s` would claim a precision that `1 d 3 h` does not have.
            break;
        }
        rest %= seconds;
    }
    parts.truncate(2);
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_right() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (1_795_347_078_250, "2026-11-22T11:31:18.250Z"),
        ];
        for (ms, text) in cases {
            assert_eq!(rfc3339(ms), text);
        }
    }

    #[test]
    fn zones_and_lengths() {
        let zone = Zone(-12_600);
        assert_eq!(zone.name(), "-03:30");
        assert_eq!(zone.when(1_795_347_078_250), "2026-11-22 08:01:18");
        assert_eq!(
            zone.span(0, DAY),
            "1969-12-31 20:30:00 to 1970-01-01 20:30:00"
        );
        assert_eq!(duration(2_032_000), "33 min 52 s");
        assert_eq!(duration(86_405_000), "1 d");
        assert_eq!(duration(250), "250 ms");
        for extreme in [i64::MIN, i64::MAX] {
            assert!(!rfc3339(extreme).is_empty());
        }
    }
}
