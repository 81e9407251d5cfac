//! What kind of log a file is.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|head: &[u8]| {
    let _never_panics = logs::detect::detect(head);
});
