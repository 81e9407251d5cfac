//! What the process itself costs, from `/proc` (`proc(5)`).

use std::fs;

/// What is known of this process.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Own {
    /// Memory in bytes.
    pub memory: Option<u64>,
    /// Open files.
    pub files: Option<u64>,
    /// Processor time in seconds.
    pub cpu: Option<f64>,
}

/// Ticks of `/proc/self/stat` in a second: Linux gives all programs the same (`USER_HZ`).
const TICKS: f64 = 100.0;

/// Looks at this process.
pub fn own() -> Own {
    let memory = || {
        let text = fs::read_to_string("/proc/self/statm").ok()?;
        let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    };
    let cpu = || {
        let text = fs::read_to_string("/proc/self/stat").ok()?;
        // The name may hold anything, and ends at the last bracket.
        let behind = text.rsplit_once(") ")?.1;
        let mut ticks = behind.split(' ').skip(11).map(str::parse::<u32>);
        let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
        Some((f64::from(user) + f64::from(system)) / TICKS)
    };
    // The one that lists them is among them.
    let files = || Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1));
    Own {
        memory: memory(),
        files: files(),
        cpu: cpu(),
    }
}
