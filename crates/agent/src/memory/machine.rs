//! What the machine has.

use std::fs;

/// What matters of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its memory in bytes, swap not counted.
    pub total: u64,
    /// How much of that could be had now without swapping: free, or a cache that can be dropped.
    pub available: u64,
    /// Processors that this process may use.
    pub cores: Option<u32>,
    /// `net.core.somaxconn`: the kernel makes no queue longer.
    pub somaxconn: Option<u32>,
}

/// Asks the kernel.
///
/// # Errors
/// Why it does not tell, for people.
pub fn machine() -> Result<Machine, String> {
    let path = "/proc/meminfo";
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let (total, available) = memory(&text).ok_or_else(|| {
        format!("{path} does not say how much memory there is, and how much is left")
    })?;
    let somaxconn = fs::read_to_string("/proc/sys/net/core/somaxconn");
    let cores = std::thread::available_parallelism().ok();
    Ok(Machine {
        total,
        available,
        cores: cores.and_then(|cores| u32::try_from(cores.get()).ok()),
        somaxconn: somaxconn.ok().and_then(|text| text.trim().parse().ok()),
    })
}

fn memory(text: &str) -> Option<(u64, u64)> {
    let bytes = |key: &str| {
        let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
        let kib: u64 = rest.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
        kib.checked_mul(1024)
    };
    Some((bytes("MemTotal:")?, bytes("MemAvailable:")?))
}

#[cfg(test)]
mod tests {
    use super::{machine, memory};

    #[test]
    fn the_kernel_tells() {
        let machine = machine().unwrap();
        assert!(machine.available < machine.total);
        assert!(machine.cores.is_some_and(|cores| cores > 0));
        let old = "MemTotal:       16316412 kB\nMemFree:  5 kB\n";
        assert_eq!(memory(old), None, "before Linux 3.14");
    }
}
