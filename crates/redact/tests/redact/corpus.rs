//! The planted corpus: what must be hidden is hidden, and lines that only look like secrets stay.

use std::collections::BTreeMap;

use redact::{Options, Redacted, Text, redact};

use crate::planted::{files, truth};

/// Of what must be hidden, and of harmless lines that were touched. In percent.
const LEAST_RECALL: f64 = 98.0;
const MOST_TRAPS: f64 = 1.0;

fn redacted(files: &BTreeMap<String, Vec<u8>>, options: &Options<'_>) -> Redacted {
    let texts: Vec<Text<'_>> = files
        .iter()
        .map(|(path, bytes)| Text {
            path: path.as_bytes(),
            bytes,
        })
        .collect();
    redact(&texts, options)
}

fn line(text: &[u8], number: usize) -> &[u8] {
    text.split(|b| *b == b'\n')
        .nth(number - 1)
        .unwrap_or_default()
}

fn has(text: &[u8], value: &[u8]) -> bool {
    text.windows(value.len()).any(|window| window == value)
}

#[test]
fn recall_and_traps() {
    let files = files();
    let redacted = redacted(&files, &Options::default());
    let by_name: BTreeMap<&String, &Vec<u8>> = files.keys().zip(&redacted.texts).collect();
    let (mut must, mut traps) = (BTreeMap::<String, (usize, usize)>::new(), (0, 0));
    let mut said = Vec::new();
    for planted in truth() {
        let after = line(by_name[&planted.file], planted.line);
        let place = planted.to_string();
        match &planted.value {
            Some(value) => {
                let count = must.entry(planted.class).or_default();
                count.1 += 1;
                if has(after, value) {
                    said.push(format!("{place}: still there"));
                } else {
                    count.0 += 1;
                }
            }
            None => {
                traps.1 += 1;
                if line(&files[&planted.file], planted.line) != after {
                    traps.0 += 1;
                    said.push(format!(
                        "{place}: harmless: {}",
                        String::from_utf8_lossy(after)
                    ));
                }
            }
        }
    }
    let (hidden, all) = must
        .values()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let share = |part: usize, all: usize| 100.0 * part as f64 / all as f64;
    assert!(all > 400 && traps.1 > 400, "the corpus is there");
    let said = said.join("\n");
    assert!(
        share(hidden, all) >= LEAST_RECALL,
        "{hidden} of {all} hidden: {must:?}\n{said}"
    );
    assert!(
        share(traps.0, traps.1) <= MOST_TRAPS,
        "{} of {} traps touched\n{said}",
        traps.0,
        traps.1
    );
}

/// Lines keep their numbers, and everything comes back.
#[test]
fn it_comes_back() {
    let files = files();
    for identity in [false, true] {
        let redacted = redacted(
            &files,
            &Options {
                identity,
                ..Options::default()
            },
        );
        for (original, hidden) in files.values().zip(&redacted.texts) {
            assert_eq!(&redact::restore(hidden, &redacted.map).bytes, original);
        }
    }
}

/// The last look finds every planted value that can be told from ordinary words in the originals,
/// and none in what was redacted.
#[test]
fn the_last_look() {
    let files = files();
    let options = Options {
        sending: true,
        ..Options::default()
    };
    let redacted = redacted(&files, &options);
    for ((name, original), hidden) in files.iter().zip(&redacted.texts) {
        assert_eq!(redacted.map.leaks(hidden), [], "{name}");
        let long = redacted
            .map
            .entries
            .iter()
            .any(|entry| entry.value.len() >= 20 && has(original, &entry.value));
        let is_blind = long && redacted.map.leaks(original).is_empty();
        assert!(!is_blind, "{name}");
    }
}

/// Without sending, short words stay where nothing says that they are secrets; long values do not.
#[test]
fn long_values_are_hidden_everywhere() {
    let files = files();
    let redacted = redacted(&files, &Options::default());
    for (name, hidden) in files.keys().zip(&redacted.texts) {
        for leak in redacted.map.leaks(hidden) {
            let entry = redacted
                .map
                .get(&leak.placeholder)
                .expect("it was handed out");
            assert!(entry.value.len() < 20, "{name}: {leak:?}");
        }
    }
}
