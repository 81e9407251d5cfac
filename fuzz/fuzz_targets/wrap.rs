//! What container runtimes put around lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::LogKind;

fuzz_target!(|entry: &[u8]| {
    let mut out = Vec::new();
    for kind in [LogKind::DockerJson, LogKind::Cri, LogKind::Compose] {
        let _never_panics = logs::wrap::unwrap(kind, entry, &mut out);
        let _never_panics = logs::wrap::begins(kind, entry);
    }
});
