//! How many workers fit, when several pools share the memory.
//!
//! While everything fits, a pool may have what the others leave. When it does not, everybody has
//! one worker first; then the memory goes to what is needed, in the proportion in which it is
//! needed; and what is left of it, to what is set beyond that, in that proportion.
//!
//! Every step rounds down, so the sum is never above the memory; and none hands out what another
//! rounded off, so with more memory no pool gets less.

/// What a pool takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// Bytes of one worker.
    pub(super) each: u64,
    /// Workers that are needed.
    pub(super) needed: u32,
    /// Workers that may be, or should: as many as needed, or more.
    pub(super) most: u32,
}

/// Workers that fit, for each claim; nothing when not even one of each does.
pub(super) fn divide(room: u64, claims: &[Claim]) -> Option<Vec<u32>> {
    let claims: Vec<Claim> = claims.iter().map(sound).collect();
    let room = u128::from(room);
    let sum = |of: &dyn Fn(&Claim) -> u32| -> u128 {
        claims
            .iter()
            .map(|claim| u128::from(claim.each) * u128::from(of(claim)))
            .sum()
    };
    let (ones, needed, most) = (
        sum(&|_| 1),
        sum(&|claim| claim.needed),
        sum(&|claim| claim.most),
    );
    if room < ones {
        return None;
    }
    let share = |claim: &Claim| -> u128 {
        if most <= room {
            let left = (room - most) / u128::from(claim.each);
            return u128::from(claim.most) + left;
        }
        let (from, to, begin, end) = match needed <= room {
            true => (claim.needed, claim.most, needed, most),
            false => (1, claim.needed, ones, needed),
        };
        // More than the room is wanted in all, so there is something between begin and end.
        u128::from(from) + u128::from(to - from) * (room - begin) / (end - begin)
    };
    let shares = claims
        .iter()
        .map(|claim| u32::try_from(share(claim)).unwrap_or(u32::MAX));
    Some(shares.collect())
}

fn sound(claim: &Claim) -> Claim {
    let needed = claim.needed.max(1);
    Claim {
        each: claim.each.max(1),
        needed,
        most: claim.most.max(needed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Claim, divide};

    fn claim(each: u64, needed: u32, most: u32) -> Claim {
        Claim { each, needed, most }
    }

    #[test]
    fn one_pool_gets_what_fits() {
        for most in [1, 5, 10, 11, 500] {
            for needed in [1, 4, 10, 50] {
                let fits = divide(1009, &[claim(100, needed, most)]);
                assert_eq!(fits, Some(vec![10]), "{needed} {most}");
            }
        }
        assert_eq!(divide(99, &[claim(100, 1, 5)]), None);
        assert_eq!(divide(0, &[]), Some(vec![]));
    }

    #[test]
    fn several_share() {
        // Everything fits: each may have what the other leaves.
        let fits = divide(1000, &[claim(10, 5, 20), claim(20, 5, 10)]);
        assert_eq!(fits, Some(vec![80, 40]));
        // What is set does not fit, what is needed does: nobody goes below that.
        let fits = divide(1000, &[claim(10, 10, 100), claim(10, 20, 40)]);
        assert_eq!(fits, Some(vec![67, 32]));
        // Not even what is needed fits.
        let fits = divide(100, &[claim(10, 10, 10), claim(10, 20, 20)]);
        assert_eq!(fits, Some(vec![3, 6]));
    }

    fn claims() -> impl Strategy<Value = Vec<Claim>> {
        let one = (1_u64..1 << 32, 0_u32..3000, 0_u32..3000);
        let one = one.prop_map(|(each, needed, most)| claim(each, needed, most));
        proptest::collection::vec(one, 1..6)
    }

    proptest! {
        #[test]
        fn never_more_than_there_is(room in 0_u64..1 << 44, claims in claims()) {
            let Some(fits) = divide(room, &claims) else { return Ok(()) };
            prop_assert!(fits.iter().all(|n| *n >= 1));
            // What a pool may have is what the others leave, if they take no more than they claim.
            let taken = |n: &u32, c: &Claim| u128::from(*n.min(&c.most.max(c.needed).max(1))) * u128::from(c.each);
            let sum: u128 = fits.iter().zip(&claims).map(|(n, c)| taken(n, c)).sum();
            prop_assert!(sum <= u128::from(room));
            for (at, claim) in claims.iter().enumerate() {
                let own = u128::from(fits[at]) * u128::from(claim.each);
                let others = fits.iter().zip(&claims).enumerate().filter(|(i, _)| *i != at);
                let others: u128 = others.map(|(_, (n, c))| taken(n, c)).sum();
                prop_assert!(own + others <= u128::from(room));
            }
        }

        #[test]
        fn more_memory_is_never_less(room in 0_u64..1 << 44, more in 0_u64..1 << 40, claims in claims()) {
            if let Some(less) = divide(room, &claims) {
                let fits = divide(room + more, &claims).unwrap();
                prop_assert!(less.iter().zip(&fits).all(|(a, b)| a <= b), "{less:?} {fits:?}");
            }
        }
    }
}
