//! php.ini against `php -c`: the values of the file (`get_cfg_var`), the first error and its line.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab::differential::{assert_agreement, shown};
use lab::php::{CfgVar, cfg_vars};
use lab::scratch::Scratch;
use model::php::value::php_bytes;
use syntax::ini::{Dialect, EntryKind, Grammar, Tree, parse_as};

use crate::cases;

/// The values of a file by name; `None` where a hole makes one unknown.
type Values = BTreeMap<Vec<u8>, Option<CfgVar>>;

/// As `php_ini_parser_cb` in `main/php_ini.c` builds its table.
fn values(text: &[u8], tree: &Tree) -> Values {
    let mut out = Values::new();
    let mut elsewhere = false;
    for entry in tree.entries() {
        let key = text[entry.key.0 as usize..entry.key.1 as usize].to_vec();
        match (entry.kind, &entry.offset) {
            (EntryKind::Section, _) => {
                elsewhere = elsewhere || model::php::is_per_dir(&entry.value.text);
            }
            (EntryKind::Bare, _) => {}
            _ if elsewhere => {}
            (EntryKind::Pair, None) => {
                let known = entry.value.holes.is_empty();
                let value = known.then(|| CfgVar::Text(entry.value.text.clone()));
                out.insert(key, value);
            }
            // Offsets become numbers, names and next free places: arrays are not compared here.
            (EntryKind::Pair, Some(_)) => drop(out.insert(key, None)),
        }
    }
    out
}

fn compare(scratch: &Scratch, text: &[u8], accepted: &AtomicUsize) -> Option<String> {
    let tree = parse_as(text, Dialect::PhpIni, Grammar::Php72);
    if tree.print(text) != text {
        return Some(format!("{}: printing gives other bytes", shown(text)));
    }
    let ours = values(text, &tree);
    let names: Vec<Vec<u8>> = ours.keys().cloned().collect();
    let answer = cfg_vars(scratch, text, &names);
    let error = tree.errors().first();
    let said = answer
        .error
        .as_ref()
        .map(|(words, line)| (base::source::printable(words), *line));
    let we = error.map(|e| (e.message.clone(), e.line));
    if said.is_none() {
        accepted.fetch_add(1, Ordering::Relaxed);
    }
    if said != we {
        return Some(format!("{}: PHP {said:?}, we {we:?}", shown(text)));
    }
    if answer.values.len() != names.len() {
        let output = String::from_utf8_lossy(&answer.output);
        return Some(format!("{}: PHP gave no answer: {output}", shown(text)));
    }
    let theirs = names.iter().zip(answer.values);
    theirs.into_iter().find_map(|(name, value)| {
        let wanted = ours.get(name)?.as_ref()?;
        (*wanted != value).then(|| {
            let name = String::from_utf8_lossy(name);
            format!("{}: `{name}`: PHP {value:?}, we {wanted:?}", shown(text))
        })
    })
}

fn run(label: &str, texts: &[Vec<u8>]) {
    let accepted = AtomicUsize::new(0);
    assert_agreement(label, texts, |scratch, text| {
        compare(scratch, text, &accepted)
    });
    let accepted = accepted.load(Ordering::Relaxed);
    let some = |n: usize| n * 20 > texts.len();
    assert!(
        some(accepted) && some(texts.len() - accepted),
        "{label}: {accepted} of {} accepted",
        texts.len()
    );
}

#[test]
fn picked() {
    let lines = cases::LINES.iter().chain(cases::INI_TEXTS);
    let texts: Vec<_> = lines.map(|text| text.as_bytes().to_vec()).collect();
    run("ini-picked", &texts);
}

#[test]
fn token_soup() {
    run(
        "ini-tokens",
        &cases::soup(0x5eed_0004, 1000, cases::INI_TOKENS),
    );
}

#[test]
fn byte_soup() {
    run("ini-bytes", &cases::byte_soup(0x5eed_0005, 600));
}

/// Sizes, and every time but `max_execution_time`.
#[test]
fn quantities_are_read_as_php_reads_them() {
    let scratch = Scratch::new("ini-numbers");
    for text in cases::NUMBERS {
        let script = format!("<?php echo ini_parse_quantity('{text}');");
        let script = scratch.write("n.php", script);
        let output = std::process::Command::new(lab::php::cli_binary())
            .arg("-n")
            .arg(script)
            .output()
            .expect("php runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = said.lines().last().unwrap_or_default();
        assert_eq!(said, php_bytes(text.as_bytes()).to_string(), "{text}");
    }
}
