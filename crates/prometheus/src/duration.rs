//! Durations as Prometheus writes them: `1h30m`, `500ms`.

/// The units, from the longest on, in milliseconds. Each may stand once, in this order.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Milliseconds; `None` for what is no duration.
pub(crate) fn milliseconds(text: &str) -> Option<u64> {
    let (mut rest, mut next, mut total) = (text, 0, 0_u64);
    if text.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let unit = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at(unit);
        let at = UNITS.iter().position(|(name, _)| *name == unit)?;
        if at < next {
            return None;
        }
        total = total.checked_add(number.checked_mul(UNITS[at].1)?)?;
        (rest, next) = (behind, at + 1);
    }
    // Go counts nanoseconds in 63 bits.
    (total <= i64::MAX as u64 / 1_000_000).then_some(total)
}
