//! resource-limits.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// nginx had no more connections or file descriptors, or could not write its temporary files.
    ///
    /// ## Evidence
    ///
    /// - nginx: `N worker_connections are not enough`, `(24: Too many open files)`, `pwrite() …
    ///   failed (28: No space left on device)`, `open() … failed (13: Permission denied)` of a
    ///   temporary file, `worker process N exited on signal S`.
    ///
    /// ## What to change
    ///
    /// - `worker_connections` and `worker_rlimit_nofile` up: each proxied request needs two
    ///   connections.
    /// - Disk: free space below nginx's temporary paths, and let nginx's user write there.
    ///
    /// ## How to make sure
    ///
    /// - `df -h`, `ls -ld /var/lib/nginx/*`, `cat /proc/$(pidof -s nginx)/limits`.
    ///
    /// ## Reproduce
    ///
    /// `worker_connections 4` and ten requests at once.
    RESOURCE_LIMITS {
        id: "resource-limits",
        title: "nginx itself ran out of something",
        decides: "nginx's error log: the alert or crit line",
        rules: [],
        settings: [],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::TempFileFailed
        | Signal::NginxFiles
        | Signal::NginxConnections
        | Signal::NginxWorkerDied => Weight::certain("nginx said so"),
        Signal::AccessNotAsked if case.failure.status == 500 => Weight::Possible,
        _ => Weight::No,
    }
}
