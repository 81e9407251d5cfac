//! Arguments of `ci` and `policy`.

use clap::Args;

use super::{Format, ImageArgs, InputArgs, JudgingArgs, ListFormat, LookArgs};

pub(super) const CODES: &str = "\
Exit codes:
  0  everything was read, and nothing new at or above --fail-on was found
  1  something new was found
  2  something could not be read or decided, the base is not in the clone, or the arguments are wrong

What CI it is, is told by its variables; see docs/ci.md";

pub(super) const POLICY_CODES: &str = "\
Exit codes:
  0  every statement holds wherever it is about something
  1  one is broken
  2  of one it is not known, something could not be read, or there is no policy";

#[derive(Debug, Args)]
pub(crate) struct CiArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Compare with where this revision and HEAD parted; what the CI names, or origin/HEAD, when it
    /// is left out
    #[arg(long, value_name = "REV", conflicts_with = "all")]
    pub(crate) base: Option<String>,
    /// Say everything, new or not
    #[arg(long)]
    pub(crate) all: bool,
    /// Say old findings, too, that have a place in a file that was changed
    #[arg(long, conflicts_with = "all")]
    pub(crate) touched: bool,
    /// How to print what was found: what the CI understands, when it is left out
    #[arg(long, value_enum, help_heading = "Output")]
    pub(crate) format: Option<Format>,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// How to print the statements
    #[arg(long, value_enum, default_value_t = ListFormat::Full, help_heading = "Output")]
    pub(crate) format: ListFormat,
}
