//! Values as FPM and PHP read them. Both take the leading number and are silent about the rest,
//! each in its own way.

use base::Millis;

/// A time of an FPM setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FpmTime {
    /// Zero: no limit.
    Off,
    /// A limit.
    After(Millis),
    /// Below zero: FPM takes it, never fires, and stops watching every pool.
    Negative,
}

/// `fpm_conf_set_time` in `fpm_conf.c`: the last byte is the unit, the leading number counts.
/// `1m30s` is one second and `500ms` is 500 seconds.
///
/// # Errors
/// The text with which FPM refuses to start.
pub fn fpm_time(text: &[u8]) -> Result<FpmTime, &'static str> {
    let Some((&last, head)) = text.split_last() else {
        return Err("invalid time value");
    };
    let (number, unit) = match last {
        b's' => (head, 1),
        b'm' => (head, 60),
        b'h' => (head, 3600),
        b'd' => (head, 86_400),
        b'0'..=b'9' => (text, 1),
        _ => return Err("unknown suffix used in time value"),
    };
    let seconds = i64::from(atoi(number)) * unit;
    Ok(match u64::try_from(seconds) {
        Ok(0) => FpmTime::Off,
        Ok(seconds) => FpmTime::After(Millis::from_secs(seconds)),
        Err(_) => FpmTime::Negative,
    })
}

/// `fpm_conf_set_integer`.
///
/// # Errors
/// The text with which FPM refuses to start.
pub fn fpm_integer(text: &[u8]) -> Result<i32, &'static str> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits.iter().all(u8::is_ascii_digit) {
        true => Ok(atoi(text)),
        false => Err("is not a valid number (greater or equal than zero)"),
    }
}

/// `fpm_conf_set_boolean`: the scanner has made `1` or nothing of `yes` and `no`.
///
/// # Errors
/// The text with which FPM refuses to start.
pub fn fpm_boolean(text: &[u8]) -> Result<bool, &'static str> {
    match text {
        b"1" => Ok(true),
        b"" => Ok(false),
        _ => Err("invalid boolean value"),
    }
}

/// C's `atoi`: leading blanks, a sign, digits; 0 for no number; clamped as glibc does through
/// `strtol` on 64 bits and the cut to `int`.
pub fn atoi(text: &[u8]) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "atoi cuts what strtol gives"
    )]
    let cut = atol(text) as i32;
    cut
}

/// C's `atol`: as [`atoi`], with 64 bits.
pub fn atol(text: &[u8]) -> i64 {
    let start = text
        .iter()
        .position(|b| !matches!(b, b' ' | b'\t'..=b'\r'))
        .unwrap_or(text.len());
    let (sign, digits) = match &text[start..] {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    digits
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .fold(0_i64, |n, b| {
            n.saturating_mul(10)
                .saturating_add(sign * i64::from(b - b'0'))
        })
}

/// Seconds of `max_execution_time` and its like (`OnUpdateTimeout` in `main/main.c` takes the
/// leading number): `60s` is 60, `1m` is 1, `abc` is 0.
pub fn php_seconds(text: &[u8]) -> i64 {
    atol(text)
}

/// Bytes of a PHP size with the shorthand `K`, `M`, `G`; -1 means no limit.
pub fn php_bytes(text: &[u8]) -> i64 {
    let text = text.trim_ascii();
    let number = atol(text);
    let shift = match text.last().map(u8::to_ascii_lowercase) {
        Some(b'k') => 10,
        Some(b'm') => 20,
        Some(b'g') => 30,
        _ => 0,
    };
    number.saturating_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::{FpmTime, fpm_time, php_bytes, php_seconds};
    use base::Millis;

    #[test]
    fn fpm_reads_the_leading_number_and_the_last_letter() {
        for (text, want) in [
            ("2", Ok(2)),
            ("90 s", Ok(90)),
            ("2m", Ok(120)),
            ("1h", Ok(3600)),
            ("1d", Ok(86_400)),
            ("1m30s", Ok(1)),
            ("500ms", Ok(500)),
            ("1.5", Ok(1)),
            ("110S", Err("unknown suffix used in time value")),
            ("", Err("invalid time value")),
        ] {
            let want = want.map(|s| FpmTime::After(Millis::from_secs(s)));
            assert_eq!(fpm_time(text.as_bytes()), want, "{text}");
        }
        assert_eq!(fpm_time(b"0"), Ok(FpmTime::Off));
        assert_eq!(fpm_time(b"-1"), Ok(FpmTime::Negative));
    }

    #[test]
    fn php_reads_the_leading_number() {
        assert_eq!(php_seconds(b"60s"), 60);
        assert_eq!(php_seconds(b"1m"), 1);
        assert_eq!(php_seconds(b"abc"), 0);
        assert_eq!(php_seconds(b"60 # x"), 60);
        assert_eq!(php_bytes(b"128M"), 128 << 20);
        assert_eq!(php_bytes(b"-1"), -1);
    }
}
