//! An entry of PHP's error log, and messages as nginx gets them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::time::Zone;

fuzz_target!(|entry: &[u8]| {
    let _never_panics = logs::php::read(entry, &Zone::fixed(0));
    assert!(logs::php::messages(entry).count() <= entry.len() + 1);
});
