//! Any bytes under any name: what was hidden comes back byte for byte, and lines keep their numbers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use redact::{Options, Text, redact, restore};

const NAMES: [&str; 10] = [
    "nginx.conf", "php.ini", "www.conf", ".env", "a.yml", "a.tf", "htpasswd", ".pgpass", "access.log", "a.txt",
];

fuzz_target!(|parts: (u8, bool, &[u8])| {
    let (name, identity, bytes) = parts;
    let path = NAMES[usize::from(name) % NAMES.len()].as_bytes();
    let options = Options { identity, ..Options::default() };
    let redacted = redact(&[Text { path, bytes }], &options);
    let hidden = &redacted.texts[0];
    assert_eq!(restore(hidden, &redacted.map).bytes, bytes);
    let lines = |bytes: &[u8]| bytes.iter().filter(|b| **b == b'\n').count();
    assert_eq!(lines(hidden), lines(bytes));
});
