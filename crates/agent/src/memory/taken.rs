//! What a process takes of the memory (`/proc/PID/smaps_rollup` and `smaps`; `proc_pid_smaps(5)`).
//!
//! Pages that several processes have in common cannot be counted for each of them. The kernel's
//! proportional share (PSS) divides them: all shares of a family are what it takes together. But
//! a share shrinks with every process that is added, so it does not say what one *more* worker
//! takes. That is what it has of its own: pages that nobody else maps.

use std::fs;
use std::io;
use std::path::PathBuf;

/// Bytes that a process takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Everything it maps and has touched, counted wholly (RSS).
    pub resident: u64,
    /// The same, with what it shares divided by those who share it (PSS).
    pub share: u64,
    /// What it shares with nobody. Of memory that is meant to be shared (opcache) none is its own,
    /// also when nobody else has touched it yet.
    pub own: u64,
    /// How much of its own is the heap of PHP's requests: what a request takes comes from there.
    pub heap: u64,
}

/// Why that is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untold {
    /// The process is gone.
    Gone,
    /// This user may not look; what `resident` would be, which everybody may know.
    Denied(u64),
    /// Anything else.
    Other(String),
}

/// Looks at a process.
///
/// # Errors
/// Why it cannot be told.
pub fn taken(process: u32) -> Result<Taken, Untold> {
    let dir = PathBuf::from(format!("/proc/{process}"));
    let read = |name: &str| fs::read_to_string(dir.join(name));
    let untold = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Untold::Gone,
        io::ErrorKind::PermissionDenied => {
            let status = read("status").ok();
            status
                .and_then(|text| kib(&text, "VmRSS:"))
                .map_or(Untold::Gone, Untold::Denied)
        }
        // A process that ends has no memory any more: ESRCH.
        _ if error.raw_os_error() == Some(3) => Untold::Gone,
        _ => Untold::Other(error.to_string()),
    };
    let maps = maps(&read("smaps").map_err(untold)?);
    let Ok(rollup) = read("smaps_rollup") else {
        // Kernels before 4.14 have none: the sum of the maps is the same but for its rounding.
        return (maps.resident > 0).then_some(maps).ok_or(Untold::Gone);
    };
    let sum = |key| kib(&rollup, key);
    match (sum("Rss:"), sum("Pss:")) {
        (Some(resident), Some(share)) if resident > 0 => Ok(Taken {
            resident,
            share,
            ..maps
        }),
        // A zombie's is empty.
        _ => Err(Untold::Gone),
    }
}

/// Bytes of the line with this key.
fn kib(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    amount(rest)
}

fn amount(text: &str) -> Option<u64> {
    let number: u64 = text.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    number.checked_mul(1024)
}

/// PHP's heap comes in chunks of this size, so a smaller map is none of it.
const CHUNK: u64 = 2 << 20;

/// What kind of map the lines that follow are about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shared,
    Heap,
    Other,
}

/// Adds up the maps of `smaps`.
fn maps(text: &str) -> Taken {
    let mut sum = Taken::default();
    let mut kind = Kind::Other;
    for line in text.lines() {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        if !key.ends_with(':') {
            kind = kind_of(line).unwrap_or(kind);
            continue;
        }
        let Some(bytes) = amount(rest) else { continue };
        match key {
            "Rss:" => sum.resident += bytes,
            "Pss:" => sum.share += bytes,
            "Private_Clean:" | "Private_Dirty:" if kind != Kind::Shared => {
                sum.own += bytes;
                if kind == Kind::Heap {
                    sum.heap += bytes;
                }
            }
            _ => {}
        }
    }
    sum
}

/// `7f89b6c00000-7f89b6e00000 rw-p 00000000 00:00 0   NAME`
fn kind_of(line: &str) -> Option<Kind> {
    let mut words = line.split_ascii_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    let size = u64::from_str_radix(to, 16)
        .ok()?
        .checked_sub(u64::from_str_radix(from, 16).ok()?)?;
    if words.next()?.ends_with('s') {
        return Some(Kind::Shared);
    }
    let inode = words.nth(2)?;
    Some(match words.next() {
        None if inode == "0" && size >= CHUNK => Kind::Heap,
        // Newer PHP names it, where the kernel lets it.
        Some(name) if name.starts_with("[anon:zend_alloc") => Kind::Heap,
        _ => Kind::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::{Taken, Untold, maps, taken};

    const MAPS: &str = "\
403b3000-483b3000 rw-s 00000000 00:01 1025                               /dev/zero (deleted)
Rss:                9000 kB
Pss:                9000 kB
Private_Dirty:      9000 kB
560a77000000-560a774dc000 rw-p 00000000 00:00 0                          [heap]
Rss:                 300 kB
Pss:                 200 kB
Shared_Clean:        100 kB
Private_Clean:         0 kB
Private_Dirty:       100 kB
VmFlags: rd wr mr mw me ac
7f89b6c00000-7f89b6e00000 rw-p 00000000 00:00 0
Rss:                2000 kB
Pss:                2000 kB
Private_Dirty:      2000 kB
7f89b6f00000-7f89b6f10000 rw-p 00000000 00:00 0
Rss:                  64 kB
Pss:                  64 kB
Private_Dirty:        64 kB
7f89b7000000-7f89b7800000 rw-p 00000000 00:00 0                          [anon:zend_alloc]
Rss:                4000 kB
Pss:                4000 kB
Private_Clean:         8 kB
Private_Dirty:      3992 kB
";

    #[test]
    fn maps_are_told_apart() {
        let kib = |n: u64| n << 10;
        let expected = Taken {
            resident: kib(15_364),
            share: kib(15_264),
            own: kib(6_164),
            heap: kib(6_000),
        };
        assert_eq!(maps(MAPS), expected);
        assert_eq!(maps("nothing of that kind\n: kB\n"), Taken::default());
    }

    #[test]
    fn a_process_can_be_looked_at() {
        let own = taken(std::process::id()).unwrap();
        assert!(own.own <= own.resident && own.share <= own.resident && own.heap <= own.own);
        assert!(own.own > 64 << 10, "{own:?}");
        assert_eq!(taken(u32::MAX), Err(Untold::Gone));
    }
}
