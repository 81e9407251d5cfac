//! What holds for any bytes.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use syntax::ini::{self, Dialect};
use syntax::nginx;

/// Bytes that mean something are frequent, all others possible.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let special = proptest::sample::select(
        b" \t\r\n;{}\"'\\$#()[]=|&!~^ab1.[www]php_value=lua_block{".to_vec(),
    );
    proptest::collection::vec(prop_oneof![6 => special, 1 => any::<u8>()], 0..200)
}

/// Between two pieces there is only what means nothing: blanks, line ends, comments.
fn gap_is_empty(gap: &[u8], comments: &[(u32, u32)], at: usize) -> bool {
    gap.iter().enumerate().all(|(n, byte)| {
        let place = u32::try_from(at + n).unwrap_or(u32::MAX);
        let in_comment = comments.iter().any(|c| c.0 <= place && place < c.1);
        in_comment || byte.is_ascii_whitespace()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5eed_0007),
        ..ProptestConfig::default()
    })]

    #[test]
    fn nginx_prints_what_it_read(bytes in soup()) {
        let tree = nginx::parse(&bytes);
        prop_assert_eq!(tree.print(&bytes), bytes);
    }

    #[test]
    fn nginx_pieces_are_in_order_and_leave_nothing_out(bytes in soup()) {
        let tree = nginx::parse(&bytes);
        let mut at = 0;
        for (start, end) in tree.pieces() {
            let (start, end) = (start as usize, end as usize);
            prop_assert!(at <= start && start <= end && end <= bytes.len());
            let gap = &bytes[at..start];
            prop_assert!(
                gap_is_empty(gap, tree.comments(), at) || !tree.errors().is_empty(),
                "{:?} between {} and {}", gap, at, start
            );
            at = end;
        }
        let rest = gap_is_empty(&bytes[at..], tree.comments(), at);
        prop_assert!(rest || !tree.errors().is_empty());
    }

    #[test]
    fn nginx_children_lie_inside_their_parents(bytes in soup()) {
        let tree = nginx::parse(&bytes);
        for index in 0..u32::try_from(tree.len()).unwrap_or(0) {
            let id = nginx::NodeId(index);
            let (start, end) = tree.span(id);
            prop_assert!(start <= end && end as usize <= bytes.len());
            if let Some(parent) = tree.parent(id) {
                let body = tree.body_span(parent);
                prop_assert!(body.is_some_and(|(from, to)| from <= start && end <= to));
            }
        }
    }

    #[test]
    fn ini_prints_what_it_read(bytes in soup()) {
        for dialect in [Dialect::PhpIni, Dialect::Fpm] {
            let tree = ini::parse(&bytes, dialect);
            prop_assert_eq!(tree.print(&bytes), bytes.clone());
        }
    }

    #[test]
    fn ini_spans_lie_in_their_entries(bytes in soup()) {
        for dialect in [Dialect::PhpIni, Dialect::Fpm] {
            let tree = ini::parse(&bytes, dialect);
            let mut at = 0;
            for entry in tree.entries() {
                let (start, end) = entry.span;
                prop_assert!(at <= start && start <= end && end as usize <= bytes.len());
                for (from, to) in [entry.key, entry.value.span] {
                    prop_assert!(from <= to && to as usize <= bytes.len());
                }
                at = end;
            }
        }
    }
}
