//! A line of an access log, in a format that is given and in one that it teaches.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::access_format::{Escape, Format};
use logs::nginx_access::{NginxAccess, Request};
use logs::time::Zone;

fuzz_target!(|parts: (&[u8], &[u8])| {
    let (format, line) = parts;
    let formats = Format::new(format, Escape::Json).into_iter().collect();
    let mut reader = NginxAccess::new(formats, Zone::fixed(0));
    let mut asked = Request::default();
    let _never_panics = reader.read(line, &mut asked);
});
