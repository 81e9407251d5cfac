//! A line of FPM's access log.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let _never_panics = logs::fpm_access::read(line);
});
