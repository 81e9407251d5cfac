//! Arguments: the one definition behind `--help`, the man page and the completions.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Finds out why nginx answers 502 or 504 for PHP-FPM backends.
///
/// Without a command it checks: it reads the nginx, PHP-FPM and php.ini files together and says
/// what is wrong with the time limits of each route and the sockets between them.
#[derive(Debug, Parser)]
#[command(name = "badgateway", version, args_conflicts_with_subcommands = true)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) check: CheckArgs,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  everything was read, and nothing at or above --fail-on was found
  1  something was found
  2  something could not be read or decided, or the arguments are wrong";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what is wrong with the configuration (the default)
    #[command(after_help = EXIT_CODES)]
    Check(CheckArgs),
    /// Show the smallest edits that end what was found; write them with --write
    #[command(after_help = FIX_CODES)]
    Fix(FixArgs),
    /// Draw the ladder of time limits of each route, and what fires first
    #[command(after_help = EXIT_CODES)]
    Chain(ChainArgs),
    /// Explain one rule: why it matters, an example, the fix
    Explain {
        /// The rule, such as `read-timeout-below-terminate`
        id: String,
    },
    /// List the rules
    Rules {
        /// How to print them
        #[arg(long, value_enum, default_value_t = ListFormat::Full)]
        format: ListFormat,
    },
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Full, help_heading = "Output")]
    pub(crate) format: Format,
    /// Show notes too: things that are common and not wrong by themselves
    #[arg(long, help_heading = "Output")]
    pub(crate) strict: bool,
    /// Exit with 1 from this severity on
    #[arg(long, value_enum, default_value_t = FailOn::Warning, help_heading = "Output")]
    pub(crate) fail_on: FailOn,
    /// Run only this rule; may be repeated
    #[arg(long = "rule", value_name = "ID", help_heading = "Output")]
    pub(crate) rules: Vec<String>,
}

const FIX_CODES: &str = "\
Exit codes:
  0  nothing to edit, or all edits were written
  1  there are edits, shown and not written
  2  something could not be read, proven or written, or the arguments are wrong";

#[derive(Debug, Args)]
pub(crate) struct FixArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Write the edits: all files or none, proven before
    #[arg(long)]
    pub(crate) write: bool,
    /// Add edits that may change behaviour beyond the flagged value
    #[arg(long = "unsafe")]
    pub(crate) unsafe_too: bool,
    /// How long a request may take, such as 90s: every ladder is built around it
    #[arg(long, value_name = "TIME")]
    pub(crate) request_time: Option<String>,
    /// Only what this rule found; may be repeated
    #[arg(long = "rule", value_name = "ID")]
    pub(crate) rules: Vec<String>,
    /// Only routes whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) route: Option<String>,
    /// Only this pool
    #[arg(long, value_name = "NAME")]
    pub(crate) pool: Option<String>,
    /// Keep a dated copy of each file that is written
    #[arg(long, requires = "write")]
    pub(crate) backup: bool,
    /// Write without asking nginx and PHP-FPM whether they take the result
    #[arg(long, requires = "write")]
    pub(crate) no_verify: bool,
    /// Finish or undo a run that was interrupted while it wrote
    #[arg(long, conflicts_with_all = ["write", "inputs"])]
    pub(crate) recover: bool,
    /// How to print the edits
    #[arg(long, value_enum, default_value_t = ListFormat::Full, help_heading = "Output")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ChainArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Only routes whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) route: Option<String>,
    /// How to print the ladders
    #[arg(long, value_enum, default_value_t = ListFormat::Full, help_heading = "Output")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Files or directories: nginx, FPM pools, php.ini, dumps of `nginx -T` or `php-fpm -tt`,
    /// `-` for standard input; nothing for this host's own configuration
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Read another system's file tree, such as an unpacked image
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Say which pool answers at an address, such as `php:9000=www`; may be repeated
    #[arg(long = "map", value_name = "ADDRESS=POOL")]
    pub(crate) maps: Vec<String>,
    /// Take what the given files do not set as the default, even where a file around them, such
    /// as nginx.conf around one site, was not given
    #[arg(long)]
    pub(crate) assume_defaults: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LookArgs {
    /// Colours: they never carry meaning
    #[arg(long, value_enum, default_value_t = Colour::Auto, help_heading = "Output")]
    pub(crate) color: Colour,
    /// Show passwords and tokens that stand in the configuration
    #[arg(long, help_heading = "Output")]
    pub(crate) show_secrets: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Source excerpts, reasons and help
    Full,
    /// One line each
    Concise,
    /// One JSON document; its schema is crates/report/schema/report.schema.json
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub workflows
    Github,
    /// GitLab code quality
    Gitlab,
    /// JUnit XML
    Junit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Full,
    /// For machines
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors only
    Error,
    /// Warnings and errors
    Warning,
    /// Anything
    Info,
    /// Never for findings; still 2 for what could not be read
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
