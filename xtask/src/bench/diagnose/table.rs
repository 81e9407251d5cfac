//! Who took part, what it cost them, and whether the goals are met.

use std::process::{Command, ExitCode};

use super::Plan;
use super::rivals::Rival;
use crate::bench::measure::Cost;
use crate::bench::word;

pub(super) const WC_ERROR: &str = "wc -l error.log";
pub(super) const OURS_ERROR: &str = "diagnose error.log";
pub(super) const DUCKDB_ERROR: &str = "DuckDB, lines by cause";
pub(super) const WC_JSON: &str = "wc -l access.json.log";
pub(super) const OURS_JSON: &str = "diagnose access.json.log";
pub(super) const DUCKDB_JSON: &str = "DuckDB, lines by status";
pub(super) const GZIP_COUNT: &str = "gzip -dc error.log.gz | wc -c";
pub(super) const GZIP: &str = "gzip -dc error.log.gz";
pub(super) const OURS_PACKED: &str = "diagnose error.log.gz";
pub(super) const GOACCESS: &str = "GoAccess, a quarter access.log";
pub(super) const OURS_COMBINED: &str = "diagnose the same access.log";

/// Wall time of ours over that of the other, at most. Both always read the same file.
const GOALS: [(&str, &str, f64); 6] = [
    (OURS_ERROR, WC_ERROR, 6.0),
    (OURS_JSON, WC_JSON, 5.0),
    (OURS_ERROR, DUCKDB_ERROR, 1.0),
    (OURS_JSON, DUCKDB_JSON, 1.0),
    (OURS_PACKED, GZIP, 1.3),
    (OURS_COMBINED, GOACCESS, 1.0 / 50.0),
];
/// Peak memory of ours, whatever the size of the log.
const PEAK: u64 = 96 << 20;

/// A program on one log.
pub(super) struct Contestant {
    pub(super) name: &'static str,
    pub(super) is_ours: bool,
    pub(super) command: Rival,
    pub(super) costs: Vec<Cost>,
    /// Of text, for the throughput.
    bytes: u64,
}

impl Contestant {
    pub(super) fn ours(name: &'static str, bytes: u64, command: Command) -> Self {
        Self {
            is_ours: true,
            ..Self::rival(name, bytes, Ok(command))
        }
    }

    pub(super) fn rival(name: &'static str, bytes: u64, command: Rival) -> Self {
        if let Err(reason) = &command {
            eprintln!("bench: NOT MEASURED: {name}: {reason}");
        }
        Self {
            name,
            is_ours: false,
            command,
            costs: Vec::new(),
            bytes,
        }
    }

    fn row(&self) -> String {
        let cost = match &self.command {
            Err(reason) => return format!("  {:32}NOT MEASURED: {reason}", self.name),
            Ok(_) => Cost::median(&self.costs),
        };
        let wall = cost.wall.as_secs_f64();
        format!(
            "  {:32}{wall:>8.3} s{:>9.3} s{:>8} MB{:>9.0} MB/s",
            self.name,
            cost.cpu.as_secs_f64(),
            cost.peak >> 20,
            megabytes(self.bytes) / wall
        )
    }
}

/// Prints everything; success when nothing is missing and, if they count, the goals are met.
/// `others` is how many cores everybody else used while we measured.
pub(super) fn verdict(plan: &Plan, contestants: &[Contestant], others: Option<f64>) -> ExitCode {
    println!(
        "\nlogs of {:.0} MB, seed {}, medians of {} runs each, in turn, from a warm cache",
        megabytes(plan.size),
        plan.seed,
        plan.runs
    );
    println!("  {}", machine(others));
    println!("\n                                      wall       CPU      peak    text read");
    for contestant in contestants {
        println!("{}", contestant.row());
    }
    println!();
    let mut failed = false;
    for (ours, theirs, goal) in GOALS {
        let said = judge_time(contestants, ours, theirs, goal);
        failed |= said.failed(plan.judged);
        println!("  {}", said.text(plan.judged));
    }
    for contestant in contestants.iter().filter(|one| one.is_ours) {
        let said = judge_memory(contestant);
        failed |= said.failed(plan.judged);
        println!("  {}", said.text(plan.judged));
    }
    if !plan.judged {
        println!("\n  a quick run: the goals were not judged");
    }
    if failed {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Who uses all cores loses more than the others when somebody else uses them too.
fn machine(others: Option<f64>) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let busy = others.map_or_else(|| "?".to_owned(), |others| format!("{others:.2}"));
    format!("{cores} cores, of which other programs used {busy} meanwhile")
}

/// One goal and how it went.
struct Said {
    what: String,
    /// Nothing when one of the two was not measured.
    met: Option<bool>,
}

impl Said {
    fn failed(&self, judged: bool) -> bool {
        match self.met {
            None => true,
            Some(met) => judged && !met,
        }
    }

    fn text(&self, judged: bool) -> String {
        let verdict = match self.met {
            None => ": NOT MEASURED",
            Some(_) if !judged => "",
            Some(met) => return format!("{}: {}", self.what, word(met)),
        };
        format!("{}{verdict}", self.what)
    }
}

fn judge_time(contestants: &[Contestant], ours: &str, theirs: &str, goal: f64) -> Said {
    let wall = |name: &str| {
        let found = contestants.iter().find(|one| one.name == name)?;
        let measured = found.command.is_ok() && !found.costs.is_empty();
        measured.then(|| Cost::median(&found.costs).wall.as_secs_f64())
    };
    let ratio = wall(ours).zip(wall(theirs)).map(|(own, other)| own / other);
    let shown = ratio.map_or_else(|| "?".to_owned(), |ratio| format!("{ratio:.3}"));
    Said {
        what: format!("{ours}: {shown} x the time of `{theirs}`, at most {goal}"),
        met: ratio.map(|ratio| ratio <= goal),
    }
}

fn judge_memory(contestant: &Contestant) -> Said {
    let peak = Cost::median(&contestant.costs).peak;
    Said {
        what: format!(
            "{}: peak memory {} MB, less than {} MB",
            contestant.name,
            peak >> 20,
            PEAK >> 20
        ),
        met: (!contestant.costs.is_empty()).then_some(peak < PEAK),
    }
}

/// Kilobytes fit into a float exactly.
fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1024.0
}
