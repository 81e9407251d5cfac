//! Comparing our reading with a real program's on many texts.

use crate::scratch::Scratch;

/// How many disagreements are shown.
const SHOWN: usize = 20;

/// Compares each case in a folder of its own thread and shows what differs.
///
/// # Panics
/// When `compare` gives a reason for any case.
pub fn assert_agreement<T: Sync>(
    label: &str,
    cases: &[T],
    compare: impl Fn(&Scratch, &T) -> Option<String> + Sync,
) {
    // Two at a time: the machine that runs this has two cores.
    let half = cases.len().div_ceil(2).max(1);
    let compare = &compare;
    let failures: Vec<String> = std::thread::scope(|scope| {
        let parts = cases.chunks(half).map(|part| {
            scope.spawn(move || {
                let scratch = Scratch::new(label);
                let differing = part.iter().filter_map(|case| compare(&scratch, case));
                differing.collect::<Vec<_>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().expect("a comparison does not panic"))
            .collect()
    });
    let shown = failures.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    assert!(
        failures.is_empty(),
        "{label}: {} of {} differ:\n{}",
        failures.len(),
        cases.len(),
        shown.join("\n")
    );
}

/// Bytes for messages, cut.
pub fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let cut: String = text.chars().take(300).collect();
    format!("{cut:?} ({} bytes)", bytes.len())
}
