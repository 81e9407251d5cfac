//! An entry of nginx's error log.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::nginx_error::NginxError;
use logs::time::Zone;

fuzz_target!(|entry: &[u8]| {
    let mut reader = NginxError::new(Zone::fixed(3600));
    let _never_panics = reader.read(entry);
});
