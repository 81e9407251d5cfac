//! An entry of FPM's log.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::time::Zone;

fuzz_target!(|entry: &[u8]| {
    let _never_panics = (
        logs::fpm::begins(entry),
        logs::fpm::read(entry, &Zone::fixed(0)),
    );
});
