//! An entry of FPM's slow log.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::time::Zone;

fuzz_target!(|entry: &[u8]| {
    let _never_panics = (
        logs::slow::begins(entry),
        logs::slow::read(entry, &Zone::fixed(0)),
    );
});
