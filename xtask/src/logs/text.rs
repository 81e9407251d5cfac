//! Numbers and times as bytes: appended to a buffer, without a `String` for each.

/// A number as it is.
pub(crate) fn number(out: &mut Vec<u8>, value: u64) {
    padded(out, value, 1);
}

/// A number with zeros in front.
pub(crate) fn padded(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while value > 0 || at + width > digits.len() {
        at -= 1;
        digits[at] = b'0' + digit(value % 10);
        value /= 10;
    }
    out.extend_from_slice(&digits[at..]);
}

/// `1.234`, as nginx writes seconds.
pub(crate) fn seconds(out: &mut Vec<u8>, millis: u64) {
    number(out, millis / 1000);
    out.push(b'.');
    padded(out, millis % 1000, 3);
}

/// The lowest hex digits of a number.
pub(crate) fn hex(out: &mut Vec<u8>, value: u64, digits: u32) {
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[usize::from(digit((value >> (place * 4)) & 15))]);
    }
}

/// Ten characters of an identifier from one number.
pub(crate) fn token(out: &mut Vec<u8>, mut value: u64) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for _ in 0..10 {
        out.push(LETTERS[usize::from(digit(value & 63))]);
        value >>= 6;
    }
}

fn digit(value: u64) -> u8 {
    u8::try_from(value).unwrap_or_default()
}

/// How a log writes its times.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TimeStyle {
    /// `2026/11/22 11:31:20`
    NginxError,
    /// `2026-11-22T11:31:20+00:00`
    Iso,
    /// `22/Nov/2026:11:31:20 +0000`
    Combined,
    /// `22-Nov-2026 11:31:20`
    Fpm,
}

/// The text of a second, made anew only when the second changes.
pub(crate) struct Stamp {
    style: TimeStyle,
    second: u64,
    text: Vec<u8>,
}

impl Stamp {
    pub(crate) fn new(style: TimeStyle) -> Self {
        Self {
            style,
            second: u64::MAX,
            text: Vec::new(),
        }
    }

    /// The text for a second since 1970, in UTC.
    pub(crate) fn at(&mut self, second: u64) -> &[u8] {
        if self.second != second {
            self.second = second;
            self.text = render(self.style, second);
        }
        &self.text
    }
}

fn render(style: TimeStyle, second: u64) -> Vec<u8> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (year, month, day) = date(second / 86_400);
    let time = format!(
        "{:02}:{:02}:{:02}",
        second / 3600 % 24,
        second / 60 % 60,
        second % 60
    );
    let name = MONTHS[(month - 1) as usize];
    match style {
        TimeStyle::NginxError => format!("{year}/{month:02}/{day:02} {time}"),
        TimeStyle::Iso => format!("{year}-{month:02}-{day:02}T{time}+00:00"),
        TimeStyle::Combined => format!("{day:02}/{name}/{year}:{time} +0000"),
        TimeStyle::Fpm => format!("{day:02}-{name}-{year} {time}"),
    }
    .into_bytes()
}

/// Year, month and day of a day since 1970. Counting from a first of March puts the leap day at
/// the end of the year, where it disturbs nothing.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_and_times() {
        assert_eq!(written(|out| number(out, 0)), "0");
        assert_eq!(written(|out| number(out, u64::MAX)), u64::MAX.to_string());
        assert_eq!(written(|out| padded(out, 7, 3)), "007");
        assert_eq!(written(|out| seconds(out, 60_042)), "60.042");
        assert_eq!(written(|out| hex(out, 0xbeef, 6)), "00beef");
        // `date -u -d @1795347080` and a leap day.
        assert_eq!(
            Stamp::new(TimeStyle::Iso).at(1_795_347_080),
            b"2026-11-22T11:31:20+00:00"
        );
        assert_eq!(
            Stamp::new(TimeStyle::Fpm).at(1_709_164_800),
            b"29-Feb-2024 00:00:00"
        );
    }
}
