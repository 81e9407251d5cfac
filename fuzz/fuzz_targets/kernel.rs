//! A line of the kernel and one of systemd.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::time::Zone;

fuzz_target!(|line: &[u8]| {
    let _never_panics = (
        logs::kernel::read(line, &Zone::fixed(0)),
        logs::kernel::message(line),
        logs::kernel::systemd(line),
    );
});
