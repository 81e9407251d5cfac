//! An entry of the journal, in both forms.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|entry: &[u8]| {
    let _never_panics = (logs::journal::json(entry), logs::journal::export(entry));
});
