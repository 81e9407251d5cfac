//! A whole log of any kind: every line ends in exactly one counter, however it is cut into blocks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::LogKind;
use logs::blocks::Blocks;
use logs::scan::{Scanner, Settings};
use logs::time::Zone;

fuzz_target!(|parts: (u8, u16, &[u8])| {
    let (kind, size, log) = parts;
    let kind = LogKind::ALL[usize::from(kind) % LogKind::ALL.len()];
    let settings = Settings {
        zone: Zone::fixed(0),
        year: 2026,
        formats: Vec::new(),
    };
    let mut scanner = Scanner::new(kind, false, settings);
    let mut blocks = Blocks::new(log, usize::from(size));
    let mut block = Vec::new();
    let mut counted = 0;
    while let Ok(Some(what)) = blocks.next(&mut block, |line| scanner.begins(line)) {
        scanner.scan(&block, what.first_line, &mut |seen| counted += seen.lines);
    }
    let lines = log.split_inclusive(|b| *b == b'\n').count() as u64;
    assert_eq!(counted, lines);
});
