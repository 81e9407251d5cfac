//! What one run of a program costs, as the kernel counts it.

use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use wait4::Wait4;

/// The cost of one run.
#[derive(Clone, Debug)]
pub(crate) struct Cost {
    /// User and system time together.
    pub(crate) cpu: Duration,
    /// From start to end.
    pub(crate) wall: Duration,
    user: Duration,
    system: Duration,
    /// Largest resident set, in bytes. Linux counts what the child shared with us before it
    /// became another program, so the parent must stay small: keep the tree on disk.
    pub(crate) peak: u64,
}

/// Runs the program to its end, whatever its exit code.
pub(crate) fn run(command: &mut Command) -> Result<Cost> {
    let begin = Instant::now();
    let child = command
        .spawn()
        .with_context(|| command.get_program().to_string_lossy().into_owned())?;
    let usage = child.wait4()?.rusage;
    Ok(Cost {
        cpu: usage.utime + usage.stime,
        wall: begin.elapsed(),
        user: usage.utime,
        system: usage.stime,
        peak: usage.maxrss,
    })
}

/// What all programs of the machine have used since it started, in processor time; nothing where
/// the kernel does not say. Its unit is a hundredth of a second on every machine we know.
pub(crate) fn used_by_all() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let numbers = text.lines().next()?.split_ascii_whitespace().skip(1);
    let columns: Vec<u64> = numbers.map_while(|word| word.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal; the rest is in user already.
    let [user, nice, system, _, _, irq, softirq, steal, ..] = columns[..] else {
        return None;
    };
    let hundredths = user + nice + system + irq + softirq + steal;
    Some(Duration::from_millis(hundredths * 10))
}

impl Cost {
    /// Each column's own median.
    pub(crate) fn median(runs: &[Cost]) -> Cost {
        Cost {
            cpu: middle(runs.iter().map(|run| run.cpu)),
            wall: middle(runs.iter().map(|run| run.wall)),
            user: middle(runs.iter().map(|run| run.user)),
            system: middle(runs.iter().map(|run| run.system)),
            peak: middle(runs.iter().map(|run| run.peak)),
        }
    }
}

fn middle<T: Ord + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort();
    let at = values.len() / 2;
    values.into_iter().nth(at).unwrap_or_default()
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for time in [self.cpu, self.user, self.system] {
            let text = format!("{:.1} ms", time.as_secs_f64() * 1000.0);
            write!(f, "{text:<11}")?;
        }
        let tenths = self.peak * 10 / (1 << 20);
        write!(f, "{}.{} MB", tenths / 10, tenths % 10)
    }
}
