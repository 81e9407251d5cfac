//! Values as nginx parses them (`src/core/ngx_parse.c`): times, sizes, offsets.

/// Why a text is no value; nginx says `invalid value` for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidValue;

/// A time in milliseconds, as `ngx_parse_time(line, 0)` reads it for millisecond slots: a plain
/// number is seconds; units descend from weeks to milliseconds; years and months are refused.
///
/// # Errors
/// When nginx would say `invalid value`.
pub fn time_msec(text: &[u8]) -> Result<u64, InvalidValue> {
    parse_time(text, false)
}

/// A time in seconds, as `ngx_parse_time(line, 1)` reads it: years and months are allowed,
/// milliseconds are not.
///
/// # Errors
/// When nginx would say `invalid value`.
pub fn time_sec(text: &[u8]) -> Result<u64, InvalidValue> {
    parse_time(text, true)
}

/// Steps of a time, in the order in which its units must come.
const YEAR: u8 = 1;
const MONTH: u8 = 2;
const WEEK: u8 = 3;
const DAY: u8 = 4;
const HOUR: u8 = 5;
const MINUTE: u8 = 6;
const SECOND: u8 = 7;
const MSEC: u8 = 8;
/// A space behind a number: seconds, and no unit may follow.
const LAST: u8 = 9;

fn parse_time(text: &[u8], is_sec: bool) -> Result<u64, InvalidValue> {
    let in_seconds = if is_sec { 1 } else { 1000 };
    let (mut value, mut total) = (0_u64, 0_u64);
    let mut valid = false;
    // Millisecond slots begin behind months, so that neither years nor months are taken.
    let mut step = if is_sec { 0 } else { MONTH };
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if byte.is_ascii_digit() {
            value = fits(
                value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(u64::from(byte - b'0'))),
            )?;
            valid = true;
            continue;
        }
        let is_msec = *byte == b'm' && rest.first() == Some(&b's');
        let (next, must_be_below, scale) = match byte {
            b'y' => (YEAR, YEAR, 31_536_000),
            b'M' => (MONTH, MONTH, 2_592_000),
            b'w' => (WEEK, WEEK, 604_800),
            b'd' => (DAY, DAY, 86_400),
            b'h' => (HOUR, HOUR, 3600),
            b'm' if is_msec && is_sec => return Err(InvalidValue),
            b'm' if is_msec => (MSEC, MSEC, 0),
            b'm' => (MINUTE, MINUTE, 60),
            b's' => (SECOND, SECOND, 1),
            b' ' => (LAST, SECOND, 1),
            _ => return Err(InvalidValue),
        };
        if step >= must_be_below {
            return Err(InvalidValue);
        }
        step = next;
        rest = &rest[usize::from(is_msec)..];
        let unit = if is_msec { 1 } else { scale * in_seconds };
        total = fits(value.checked_mul(unit).and_then(|v| v.checked_add(total)))?;
        // A unit without a number counts nothing: nginx takes `1m s`.
        value = 0;
        while let [b' ', tail @ ..] = rest {
            rest = tail;
        }
    }
    if !valid {
        return Err(InvalidValue);
    }
    fits(
        value
            .checked_mul(in_seconds)
            .and_then(|v| v.checked_add(total)),
    )
}

/// `NGX_MAX_INT_T_VALUE` on 64 bits.
fn fits(value: Option<u64>) -> Result<u64, InvalidValue> {
    value
        .filter(|v| i64::try_from(*v).is_ok())
        .ok_or(InvalidValue)
}

/// A size in bytes with `k` or `m` (`ngx_parse_size`).
///
/// # Errors
/// When nginx would say `invalid value`.
pub fn size(text: &[u8]) -> Result<u64, InvalidValue> {
    parse_size(text, &[(b'k', 10), (b'm', 20)])
}

/// An offset in bytes with `k`, `m` or `g` (`ngx_parse_offset`).
///
/// # Errors
/// When nginx would say `invalid value`.
pub fn offset(text: &[u8]) -> Result<u64, InvalidValue> {
    parse_size(text, &[(b'k', 10), (b'm', 20), (b'g', 30)])
}

fn parse_size(text: &[u8], units: &[(u8, u32)]) -> Result<u64, InvalidValue> {
    let last = text.last().ok_or(InvalidValue)?.to_ascii_lowercase();
    let unit = units.iter().find(|(name, _)| *name == last);
    let (digits, shift) = match unit {
        Some((_, shift)) => (&text[..text.len() - 1], *shift),
        None => (text, 0),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(InvalidValue);
    }
    let number: u64 = std::str::from_utf8(digits)
        .ok()
        .and_then(|d| d.parse().ok())
        .ok_or(InvalidValue)?;
    number
        .checked_mul(1 << shift)
        .filter(|n| i64::try_from(*n).is_ok())
        .ok_or(InvalidValue)
}
