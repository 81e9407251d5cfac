//! A line of syslog.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::time::Zone;

fuzz_target!(|line: &[u8]| {
    let _never_panics = logs::syslog::split(line, &Zone::fixed(0), 2026);
});
