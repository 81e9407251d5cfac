//! Times as people choose them.

use base::Millis;

/// The next time above another that people would write: whole seconds, multiples of five from ten
/// on.
pub(crate) fn neat_above(need: Millis) -> Millis {
    let seconds = need.0 / 1000 + 1;
    Millis::from_secs(match seconds {
        0..10 => seconds,
        _ => seconds.div_ceil(5) * 5,
    })
}

/// What keeps two limits apart: a tenth of the outer one, one second at least, five at most.
pub(crate) fn margin(outer: Millis) -> Millis {
    Millis::from_secs((outer.0 / 10_000).clamp(1, 5))
}

/// The time below an outer limit with its margin; at least one second.
pub(crate) fn below(outer: Millis) -> Millis {
    let seconds = outer.0.saturating_sub(margin(outer).0) / 1000;
    Millis::from_secs(seconds.max(1))
}

/// Whole seconds.
pub(crate) fn seconds(time: Millis) -> u64 {
    time.0.div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::{below, neat_above};
    use base::Millis;

    #[test]
    fn times_are_round_and_strictly_apart() {
        for (need, want) in [
            (0, 1),
            (999, 1),
            (1000, 2),
            (60_000, 65),
            (111_667, 115),
            (146_666, 150),
        ] {
            assert_eq!(neat_above(Millis(need)), Millis::from_secs(want), "{need}");
        }
        for (outer, want) in [(60, 55), (40, 36), (10, 9), (2, 1), (1, 1), (300, 295)] {
            assert_eq!(
                below(Millis::from_secs(outer)),
                Millis::from_secs(want),
                "{outer}"
            );
        }
    }
}
