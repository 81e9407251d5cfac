//! The maps and sets do as those of the standard library do.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::{SortedMap, SortedSet};

/// Numbers that look like any, always the same.
fn numbers(mut seed: u32) -> impl Iterator<Item = u32> {
    std::iter::repeat_with(move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 16
    })
}

fn same(ours: &SortedMap<u32, u32>, theirs: &BTreeMap<u32, u32>) {
    assert_eq!(ours.len(), theirs.len());
    assert_eq!(ours.is_empty(), theirs.is_empty());
    assert!(ours.iter().eq(theirs.iter()));
    assert!(ours.iter().rev().eq(theirs.iter().rev()));
    assert!(ours.clone().into_iter().eq(theirs.clone()));
    assert_eq!(ours.first_key_value(), theirs.first_key_value());
    assert_eq!(ours.last_key_value(), theirs.last_key_value());
}

#[test]
fn does_as_the_map_of_the_standard_library_does() {
    for (seed, keys) in [(1, 40), (2, 700), (3, 60_000)] {
        let mut ours = SortedMap::new();
        let mut theirs = BTreeMap::new();
        let mut numbers = numbers(seed);
        let mut next = || numbers.next().unwrap_or_default();
        for _ in 0..3000 {
            let (what, key, value) = (next() % 8, next() % keys, next());
            match what {
                0 | 1 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
                2 => {
                    *ours.entry(key).or_default() += value;
                    *theirs.entry(key).or_default() += value;
                }
                3 => assert_eq!(ours.get(&key), theirs.get(&key)),
                4 => assert_eq!(ours.get_mut(&key), theirs.get_mut(&key)),
                _ => assert_eq!(ours.insert(key, value), theirs.insert(key, value)),
            }
        }
        same(&ours, &theirs);
        ours.retain(|key, value| key % 3 == 0 && *value % 2 == 0);
        theirs.retain(|key, value| key % 3 == 0 && *value % 2 == 0);
        same(&ours, &theirs);
        while let Some(last) = ours.pop_last() {
            assert_eq!(Some(last), theirs.pop_last());
        }
        assert!(theirs.is_empty());
    }
}

#[test]
fn finds_ranges() {
    let ours: SortedMap<u32, u32> = (0..1000).map(|key| (key * 2, key)).collect();
    let theirs: BTreeMap<u32, u32> = (0..1000).map(|key| (key * 2, key)).collect();
    for from in (0..2010).step_by(7) {
        assert!(ours.range(from..).eq(theirs.range(from..)));
        assert!(ours.range(..=from).rev().eq(theirs.range(..=from).rev()));
        for to in [from, from + 1, from + 300, from + 1999] {
            assert!(ours.range(from..to).eq(theirs.range(from..to)));
            assert!(ours.range(from..=to).eq(theirs.range(from..=to)));
        }
    }
    assert_eq!(
        ours.range((Bound::Included(9), Bound::Excluded(3))).count(),
        0
    );
    assert_eq!(
        ours.range((Bound::Included(900), Bound::Excluded(3)))
            .count(),
        0
    );
    let empty: SortedMap<u32, u32> = SortedMap::new();
    assert_eq!(empty.range(1..).count(), 0);
}

#[test]
fn meets_in_the_middle() {
    let set: SortedSet<u32> = (0..500).rev().collect();
    let mut iter = set.iter();
    let mut seen = BTreeSet::new();
    while let Some(first) = iter.next() {
        seen.insert(*first);
        seen.extend(iter.next_back());
    }
    assert!(seen.iter().eq(set.iter()));
    assert_eq!(
        (set.first(), set.last(), set.len()),
        (Some(&0), Some(&499), 500)
    );
}

/// In one long list this would move some hundred gigabytes.
#[test]
fn many_keys_in_any_order_are_soon_in() {
    let keys = numbers(7).zip(numbers(9)).take(300_000);
    let set: SortedSet<(u32, u32)> = keys.collect();
    assert!(set.iter().is_sorted());
}

#[test]
fn entries_make_equal_whatever_their_order() {
    let up: SortedMap<u32, u32> = (0..1000).map(|key| (key, key)).collect();
    let mut down: SortedMap<u32, u32> = (0..1000).rev().map(|key| (key, key)).collect();
    assert!(up == down);
    down.insert(7, 8);
    assert!(up != down);
    down.remove(&7);
    assert!(up != down);
    let up: SortedSet<u32> = (0..1000).collect();
    assert!(up == (0..1000).rev().collect());
}
