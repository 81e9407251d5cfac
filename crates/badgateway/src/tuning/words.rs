//! Amounts for people.

/// `3.2 GiB`, `62.0 MiB`, `12 KiB`.
pub(super) fn amount(bytes: u64) -> String {
    let of = |shift: u32| {
        // Tenths, rounded to the nearest.
        let tenths = (u128::from(bytes) * 10 + (1 << (shift - 1))) >> shift;
        (tenths / 10, tenths % 10)
    };
    match bytes {
        0..0x10_0000 => format!("{} KiB", bytes.div_ceil(1024)),
        0x10_0000..0x4000_0000 => format!("{}.{} MiB", of(20).0, of(20).1),
        _ => format!("{}.{} GiB", of(30).0, of(30).1),
    }
}

/// `12 seconds`, `3 hours`, `4 days`: as exact as it matters.
pub(super) fn span(seconds: u64) -> String {
    let (n, what) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    crate::applying::counted(usize::try_from(n).unwrap_or(usize::MAX), what)
}

#[cfg(test)]
mod tests {
    use super::{amount, span};

    #[test]
    fn amounts_are_short() {
        assert_eq!(amount(1), "1 KiB");
        assert_eq!(amount(62 << 20), "62.0 MiB");
        assert_eq!(amount((1 << 30) - 1), "1024.0 MiB");
        assert_eq!(amount(3435973837), "3.2 GiB");
        assert_eq!(span(1), "1 second");
        assert_eq!(span(7_199), "119 minutes");
        assert_eq!(span(400_000), "4 days");
    }
}
