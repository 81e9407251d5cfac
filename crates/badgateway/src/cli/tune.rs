//! Arguments of `tune`.

use clap::Args;

use super::{InputArgs, ListFormat, LookArgs};

pub(super) const CODES: &str = "\
Exit codes:
  0  nothing to change, or all edits were written
  1  there are recommendations, or the memory is not enough for what is needed
  2  something that it would take could not be measured, read, proven or written, or the arguments
     are wrong";

#[derive(Debug, Args)]
pub(crate) struct TuneArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Only this pool; the others are measured all the same, because they share the memory
    #[arg(long, value_name = "NAME")]
    pub(crate) pool: Option<String>,
    /// Look again every second for so long, such as 30s, and take the highest; one look otherwise
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) length: Option<String>,
    /// What PHP-FPM may take in all, such as 4g, instead of what is measured
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<String>,
    /// What is to stay free, such as 1g; a tenth of all, and at least 256m
    #[arg(long, value_name = "SIZE", conflicts_with = "memory")]
    pub(crate) reserve: Option<String>,
    /// How long a visitor may wait in the queue of a pool
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub(crate) wait: String,
    /// Longest time for one pool to answer; all are asked at once
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub(crate) timeout: String,
    /// Write the edits: all files or none, proven before
    #[arg(long)]
    pub(crate) write: bool,
    /// Keep a dated copy of each file that is written
    #[arg(long, requires = "write")]
    pub(crate) backup: bool,
    /// Write without asking nginx and PHP-FPM whether they take the result
    #[arg(long, requires = "write")]
    pub(crate) no_verify: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Full, help_heading = "Output")]
    pub(crate) format: ListFormat,
}
