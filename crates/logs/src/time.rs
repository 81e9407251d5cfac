//! Time stamps of logs, and the zones of those that name none.
//!
//! All results are milliseconds since 1970 in UTC. nginx's error log, FPM's log and syslog write
//! local time without saying which: the caller hands in a [`Zone`] and says how it knows.

/// Offsets of a time zone: from which local time on (milliseconds since 1970 as if it were UTC)
/// which offset (milliseconds east of UTC) holds. Sorted; the first entry holds for all before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    steps: Vec<(i64, i64)>,
}

impl Zone {
    /// One offset for all time, in seconds east of UTC.
    pub fn fixed(seconds_east: i32) -> Self {
        Zone {
            steps: vec![(i64::MIN, i64::from(seconds_east) * 1000)],
        }
    }

    /// Offsets by the local time from which they hold, both in seconds; `steps` is sorted and the
    /// offset of the first holds for all time before it.
    pub fn stepping(steps: &[(i64, i32)]) -> Self {
        let to_millis = |&(from, east): &(i64, i32)| (from * 1000, i64::from(east) * 1000);
        let steps: Vec<_> = steps.iter().map(to_millis).collect();
        match steps.is_empty() {
            true => Zone::fixed(0),
            false => Zone { steps },
        }
    }

    /// From local to UTC. In the hour that a change of clocks repeats, the later offset is taken.
    pub fn to_utc(&self, local: i64) -> i64 {
        let behind = self.steps.partition_point(|&(from, _)| from <= local);
        local - self.steps[behind.saturating_sub(1)].1
    }
}

/// The year of a moment, in UTC.
pub fn year_of(millis: i64) -> i64 {
    const DAY: i64 = 86_400_000;
    let day = millis.div_euclid(DAY);
    // The mean year is a little off at both ends of one.
    let mut year = 1970 + (day * 400).div_euclid(146_097);
    while days(year, 1, 1) > day {
        year -= 1;
    }
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    year
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Milliseconds since 1970 of a date and a time of day; `None` when one is out of range.
pub fn millis(date: (i64, i64, i64), clock: (i64, i64, i64), thousandths: i64) -> Option<i64> {
    let (year, month, day) = date;
    let (hour, minute, second) = clock;
    let fits = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    let seconds = || days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    fits.then(|| seconds() * 1000 + thousandths)
}

/// A number of exactly these digits.
pub fn digits(text: &[u8]) -> Option<i64> {
    let of_digit = |sum: i64, b: &u8| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0'));
    (!text.is_empty() && text.len() < 18).then_some(())?;
    text.iter().try_fold(0, of_digit)
}

/// The number of a month's English abbreviation.
pub fn month(name: &[u8]) -> Option<i64> {
    const NAMES: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let at = NAMES.iter().position(|known| *known == name)?;
    i64::try_from(at + 1).ok()
}

/// `HH:MM:SS`, exactly.
pub fn clock(text: &[u8]) -> Option<(i64, i64, i64)> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *text else {
        return None;
    };
    Some((digits(&[h1, h2])?, digits(&[m1, m2])?, digits(&[s1, s2])?))
}

/// `YYYY/MM/DD HH:MM:SS` at the beginning of a line of nginx's error log, local time.
pub fn nginx_error(text: &[u8]) -> Option<i64> {
    let stamp = text.get(..19)?;
    let date_is = stamp[4] == b'/' && stamp[7] == b'/' && stamp[10] == b' ';
    date_is.then_some(())?;
    let date = (
        digits(&stamp[..4])?,
        digits(&stamp[5..7])?,
        digits(&stamp[8..10])?,
    );
    millis(date, clock(&stamp[11..])?, 0)
}

/// `22/Nov/2026:11:31:20 +0000` (nginx's `$time_local`), to UTC.
pub fn time_local(text: &[u8]) -> Option<i64> {
    let stamp = text.get(..26)?;
    let shape = stamp[2] == b'/' && stamp[6] == b'/' && stamp[11] == b':' && stamp[20] == b' ';
    shape.then_some(())?;
    let date = (
        digits(&stamp[7..11])?,
        month(&stamp[3..6])?,
        digits(&stamp[..2])?,
    );
    let local = millis(date, clock(&stamp[12..20])?, 0)?;
    Some(local - offset(&stamp[21..26])?)
}

/// `2026-11-22T11:31:20+00:00`, with `.fraction`, a space for `T`, `Z`, or no zone at all. The
/// second value says whether the text named its zone; without one the first is local time.
pub fn iso(text: &[u8]) -> Option<(i64, bool)> {
    let stamp = text.get(..19)?;
    let shape = stamp[4] == b'-' && stamp[7] == b'-' && matches!(stamp[10], b'T' | b' ' | b't');
    shape.then_some(())?;
    let date = (
        digits(&stamp[..4])?,
        digits(&stamp[5..7])?,
        digits(&stamp[8..10])?,
    );
    let mut rest = &text[19..];
    let mut thousandths = 0;
    if let [b'.' | b',', fraction @ ..] = rest {
        let end = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        thousandths = thousandths_of(&fraction[..end]);
        rest = &fraction[end..];
    }
    let local = millis(date, clock(&stamp[11..])?, thousandths)?;
    match rest {
        [b'Z' | b'z', ..] => Some((local, true)),
        [b'+' | b'-', ..] => {
            let end = if rest.get(3) == Some(&b':') { 6 } else { 5 };
            Some((local - offset(rest.get(..end)?)?, true))
        }
        _ => Some((local, false)),
    }
}

/// `[22-Nov-2026 11:31:18` of FPM's and PHP's logs, without the bracket, with `.fraction` or not:
/// local time, and how many bytes it took.
pub fn fpm(text: &[u8]) -> Option<(i64, usize)> {
    let stamp = text.get(..20)?;
    let shape = stamp[2] == b'-' && stamp[6] == b'-' && stamp[11] == b' ';
    shape.then_some(())?;
    let date = (
        digits(&stamp[7..11])?,
        month(&stamp[3..6])?,
        digits(&stamp[..2])?,
    );
    let mut thousandths = 0;
    let mut taken = 20;
    if let Some([b'.', fraction @ ..]) = text.get(20..) {
        let end = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        thousandths = thousandths_of(&fraction[..end]);
        taken = 21 + end;
    }
    Some((millis(date, clock(&stamp[12..])?, thousandths)?, taken))
}

/// `+0000` or `+00:00`, in milliseconds.
pub(crate) fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => {
            (sign, digits(&[*h1, *h2])?, digits(&[*m1, *m2])?)
        }
        _ => return None,
    };
    let size = (hours * 3600 + minutes * 60) * 1000;
    match sign {
        b'+' => Some(size),
        b'-' => Some(-size),
        _ => None,
    }
}

/// The first three digits behind a decimal point.
pub fn thousandths_of(fraction: &[u8]) -> i64 {
    let digit = |at: usize| fraction.get(at).map_or(0, |b| i64::from(b - b'0'));
    digit(0) * 100 + digit(1) * 10 + digit(2)
}
