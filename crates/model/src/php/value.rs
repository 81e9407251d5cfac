//! Values as FPM and PHP read them. Both take the leading number and are silent about the rest,
//! each in its own way.

use base::Millis;

use super::PhpVersion;

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
    let seconds = fpm_seconds(text)?;
    Ok(match u64::try_from(seconds) {
        Ok(0) => FpmTime::Off,
        Ok(seconds) => FpmTime::After(Millis::from_secs(seconds)),
        Err(_) => FpmTime::Negative,
    })
}

/// The seconds of [`fpm_time`] in a C `int`, wrapped as it wraps there.
///
/// # Errors
/// As [`fpm_time`].
pub fn fpm_seconds(text: &[u8]) -> Result<i32, &'static str> {
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
    Ok(atoi(number).wrapping_mul(unit))
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

/// `fpm_conf_set_boolean`: the scanner has made `1` or nothing of an unquoted `yes` and `no`, but
/// the words count in quotes too.
///
/// # Errors
/// The text with which FPM refuses to start.
pub fn fpm_boolean(text: &[u8]) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_slice() {
        b"1" | b"yes" | b"true" | b"on" => Ok(true),
        b"" | b"0" | b"no" | b"none" | b"false" | b"off" => Ok(false),
        _ => Err("invalid boolean value"),
    }
}

/// The bits of `listen.mode`: C's `strtoul` with base 8, so `0660`, `660` and `0660x` are the same
/// and `rw` is 0 (`fpm_unix_resolve_socket_permissions` in `fpm_unix.c`).
pub fn fpm_mode(text: &[u8]) -> u32 {
    let digits = text.iter().skip_while(|b| is_space(**b));
    let digits = digits.take_while(|b| (b'0'..=b'7').contains(*b));
    digits.fold(0, |mode: u32, b| {
        mode.wrapping_mul(8).wrapping_add(u32::from(b - b'0'))
    })
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
    let start = text.iter().position(|b| !is_space(*b));
    let (sign, digits) = match &text[start.unwrap_or(text.len())..] {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let digits = digits.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0_i64, |n, b| {
        n.saturating_mul(10)
            .saturating_add(sign * i64::from(b - b'0'))
    })
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Seconds of `max_execution_time` (`OnUpdateTimeout` in `main/main.c` takes the leading number):
/// `60s` is 60, `1m` is 1, `abc` is 0. No other time of PHP is read so: see [`php_time`].
pub fn php_seconds(text: &[u8]) -> i64 {
    atol(text)
}

/// Seconds of any PHP setting that is a time. All but `max_execution_time` are read as sizes
/// (`OnUpdateLong`), so `default_socket_timeout = 1m` is 1048576 seconds.
pub fn php_time(name: &[u8], text: &[u8], version: Option<PhpVersion>) -> i64 {
    match name {
        b"max_execution_time" => php_seconds(text),
        _ => quantity(text, version).value,
    }
}

/// Bytes of a PHP size with the shorthand `K`, `M`, `G`; -1 means no limit. As current PHP.
pub fn php_bytes(text: &[u8]) -> i64 {
    quantity(text, None).value
}

/// A number with shorthand, and PHP's complaint about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// What PHP uses.
    pub value: i64,
    /// The text of PHP's warning, since 8.2; older versions are silent.
    pub warning: Option<String>,
}

/// `zend_ini_parse_quantity` in `Zend/zend_ini.c` (since 8.2), `zend_atol` before: the leading
/// number in base 10, 8 or 16, times what the last letter says.
pub fn quantity(text: &[u8], version: Option<PhpVersion>) -> Quantity {
    const NEW: PhpVersion = PhpVersion { major: 8, minor: 2 };
    if version.is_some_and(|version| version < NEW) {
        return Quantity {
            value: old_quantity(text),
            warning: None,
        };
    }
    let (value, warning) = match new_quantity(text) {
        Ok(value) => (value, None),
        Err((value, warning)) => (value, Some(warning)),
    };
    Quantity { value, warning }
}

fn factor(letter: u8) -> Option<i64> {
    match letter.to_ascii_lowercase() {
        b'g' => Some(1 << 30),
        b'm' => Some(1 << 20),
        b'k' => Some(1 << 10),
        _ => None,
    }
}

fn old_quantity(text: &[u8]) -> i64 {
    let start = text
        .iter()
        .position(|b| !is_space(*b))
        .unwrap_or(text.len());
    let (negative, digits) = match &text[start..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            (16, rest)
        }
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let (number, _, _) = leading(digits, base);
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let number = if negative { -number } else { number };
    let scale = text.last().and_then(|letter| factor(*letter)).unwrap_or(1);
    number.wrapping_mul(scale)
}

/// The leading number, whether it fits 64 bits, and how many digits it has.
fn leading(digits: &[u8], base: u32) -> (u64, bool, usize) {
    let mut value = 0_u64;
    let mut fits = true;
    let mut len = 0;
    for &byte in digits {
        let Some(digit) = char::from(byte).to_digit(base) else {
            break;
        };
        len += 1;
        let next = value.checked_mul(u64::from(base));
        match next.and_then(|v| v.checked_add(u64::from(digit))) {
            Some(next) if fits => value = next,
            _ => {
                fits = false;
                value = u64::MAX;
            }
        }
    }
    (value, fits, len)
}

/// The value, or the value with the warning.
fn new_quantity(text: &[u8]) -> Result<i64, (i64, String)> {
    let is_blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let start = text.iter().position(|b| !is_blank(b)).unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|b| !is_blank(b))
        .map_or(start, |at| at + 1);
    let trimmed = &text[start..end];
    let shown = base::source::printable(text);
    let refuse = |why: &str| {
        let text = format!(
            "Invalid quantity \"{shown}\": {why}, interpreting as \"0\" for backwards compatibility"
        );
        Err((0, text))
    };
    if trimmed.is_empty() {
        return Ok(0);
    }
    let (negative, unsigned) = match trimmed {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, trimmed),
    };
    if !unsigned.first().is_some_and(u8::is_ascii_digit) {
        return refuse("no valid leading digits");
    }
    let (base, digits) = match unsigned {
        [b'0'] => return Ok(0),
        [b'0', b'g' | b'G' | b'm' | b'M' | b'k' | b'K', ..] => (8, unsigned),
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', digit, ..] if digit.is_ascii_digit() => (8, unsigned),
        [b'0', other, ..] => {
            let letter = base::source::printable(&[*other]);
            let text = format!(
                "Invalid prefix \"0{letter}\", interpreting as \"0\" for backwards compatibility"
            );
            return Err((0, text));
        }
        _ => (10, unsigned),
    };
    let has_prefix = digits.len() < unsigned.len();
    let (number, fits, len) = leading(digits, base);
    if has_prefix && (digits.is_empty() || !char::from(digits[0]).is_ascii_alphanumeric()) {
        return refuse("no digits after base prefix");
    }
    if len == 0 {
        return refuse(match has_prefix {
            true => "no valid leading digits",
            false => "no digits after base prefix",
        });
    }
    scaled(text, trimmed, &digits[len..], (number, fits, negative))
}

/// Applies the letter behind the number.
fn scaled(
    text: &[u8],
    trimmed: &[u8],
    rest: &[u8],
    (number, fits, negative): (u64, bool, bool),
) -> Result<i64, (i64, String)> {
    let shown = base::source::printable(text);
    let signed = i64::from_ne_bytes(number.to_ne_bytes());
    let is_minimum = negative && number == 1 << 63;
    let overflow = !fits || (signed < 0 && !is_minimum);
    let value = match negative && !overflow {
        true => signed.wrapping_neg(),
        false => signed,
    };
    let blanks = rest.iter().take_while(|b| is_space(**b)).count();
    let out_of_range = || {
        format!(
            "Invalid quantity \"{shown}\": value is out of range, using overflow result for \
             backwards compatibility"
        )
    };
    let Some(&letter) = rest[blanks..].last() else {
        return match overflow {
            true => Err((value, out_of_range())),
            false => Ok(value),
        };
    };
    let head = base::source::printable(&trimmed[..trimmed.len() - (rest.len() - blanks)]);
    let shown_letter = base::source::printable(&[letter]);
    let Some(scale) = factor(letter) else {
        let text = format!(
            "Invalid quantity \"{shown}\": unknown multiplier \"{shown_letter}\", interpreting as \
             \"{head}\" for backwards compatibility"
        );
        return Err((value, text));
    };
    let result = value.wrapping_mul(scale);
    if rest.len() - blanks > 1 {
        let text = format!(
            "Invalid quantity \"{shown}\", interpreting as \"{head}{shown_letter}\" for backwards \
             compatibility"
        );
        return Err((result, text));
    }
    match overflow || value.checked_mul(scale).is_none() {
        true => Err((result, out_of_range())),
        false => Ok(result),
    }
}

/// `zend_ini_parse_bool` in `Zend/zend_ini.c`: what a PHP switch is read as.
pub fn php_switch(text: &[u8]) -> bool {
    let is = |word: &str| text.eq_ignore_ascii_case(word.as_bytes());
    is("true") || is("yes") || is("on") || atoi(text) != 0
}

#[cfg(test)]
mod tests {
    use super::{FpmTime, fpm_mode, fpm_time, php_bytes, php_seconds, php_time};
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
        assert_eq!(fpm_time(b"30000d"), Ok(FpmTime::Negative), "an int wraps");
    }

    #[test]
    fn php_reads_the_leading_number() {
        assert_eq!(php_seconds(b"60s"), 60);
        assert_eq!(php_seconds(b"1m"), 1);
        assert_eq!(php_seconds(b"abc"), 0);
        assert_eq!(php_seconds(b"60 # x"), 60);
        assert_eq!(php_time(b"max_input_time", b"1m", None), 1 << 20);
        assert_eq!(php_bytes(b"128M"), 128 << 20);
        assert_eq!(php_bytes(b"-1"), -1);
        assert_eq!(php_bytes(b"010"), 8);
        assert_eq!(php_bytes(b"0x10K"), 16 << 10);
    }

    #[test]
    fn modes_are_octal() {
        assert_eq!(fpm_mode(b"0660"), 0o660);
        assert_eq!(fpm_mode(b"666"), 0o666);
        assert_eq!(fpm_mode(b"rw"), 0);
    }
}
