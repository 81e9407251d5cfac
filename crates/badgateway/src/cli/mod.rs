//! Arguments: the one definition behind `--help`, the man page and the completions.

mod gate;
mod tune;
mod watching;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use gate::{CiArgs, PolicyArgs};
pub(crate) use tune::TuneArgs;
use watching::{AGENT_CODES, STATUS_CODES, TOP_CODES};
pub(crate) use watching::{AgentArgs, FollowArgs, GenerateCommand, OtlpArgs, StatusArgs, TopArgs};

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
    /// Say what is new against the base of a change, for CI
    #[command(after_help = gate::CODES)]
    Ci(CiArgs),
    /// Hold every route and pool against the numbers that badgateway.toml states
    #[command(after_help = gate::POLICY_CODES)]
    Policy(PolicyArgs),
    /// Show the smallest edits that end what was found; write them with --write
    #[command(after_help = FIX_CODES)]
    Fix(FixArgs),
    /// Let a language model propose edits, with your own key; badgateway decides which are right
    #[command(after_help = REFACTOR_CODES)]
    Refactor(RefactorArgs),
    /// Say from the logs why requests failed, with evidence
    #[command(after_help = DIAGNOSE_CODES)]
    Diagnose(DiagnoseArgs),
    /// Put saved states of `diagnose --state` together and say what they say
    #[command(after_help = DIAGNOSE_CODES)]
    Merge(MergeArgs),
    /// Draw the ladder of time limits of each route, and what fires first
    #[command(after_help = EXIT_CODES)]
    Chain(ChainArgs),
    /// Ask the running pools how they are, and the kernel how many requests wait
    #[command(after_help = STATUS_CODES)]
    Status(StatusArgs),
    /// Show the pools, the longest requests and the causes of the last minutes, on a terminal
    #[command(after_help = TOP_CODES)]
    Top(TopArgs),
    /// Measure what the pools' workers take and do, and say how many there should be, and why
    #[command(after_help = tune::CODES)]
    Tune(TuneArgs),
    /// Watch the pools and the logs until it is stopped; metrics, causes and a page over HTTP
    #[command(after_help = AGENT_CODES)]
    Agent(Box<AgentArgs>),
    /// Write what is needed around the agent: alerts, a dashboard, snippets that work
    #[command(subcommand)]
    Generate(GenerateCommand),
    /// Hide passwords, keys and tokens: what comes out can be shown to others
    #[command(after_help = REDACT_CODES)]
    Redact(RedactArgs),
    /// Put back what `redact` has hidden, also after the text was edited
    #[command(after_help = RESTORE_CODES)]
    Restore(RestoreArgs),
    /// Get the page for a browser, in which all of this works without sending anything anywhere
    Sandbox(SandboxArgs),
    /// Explain a rule (why it matters, an example, the fix) or a cause (evidence, what to change)
    Explain {
        /// The rule or cause, such as `read-timeout-below-terminate` or `worker-oom-killed`; where
        /// one name is both, `rule:NAME` and `cause:NAME` mean one
        id: String,
        /// Show what `check` says of the page's bad example
        #[arg(long)]
        report: bool,
    },
    /// List the causes that `diagnose` can name
    Causes {
        /// How to print them
        #[arg(long, value_enum, default_value_t = ListFormat::Full)]
        format: ListFormat,
    },
    /// List the rules
    Rules {
        /// Only this group, such as `timeouts`
        #[arg(long, value_name = "NAME")]
        group: Option<String>,
        /// How to print them
        #[arg(long, value_enum, default_value_t = ListFormat::Full)]
        format: ListFormat,
    },
    /// Print what is known of this machine, for `check --facts FILE` elsewhere
    Facts(FactsArgs),
    /// Write, check or describe badgateway.toml
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Serve an editor: a language server over standard input and output
    Lsp(LspArgs),
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
    ///
    /// warning, unless badgateway.toml says otherwise
    #[arg(long, value_enum, help_heading = "Output")]
    pub(crate) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    /// Say only what this file does not know
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write what was found into this file, as known from now on
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Output",
        conflicts_with = "baseline"
    )]
    pub(crate) write_baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ChoiceArgs {
    /// Run only this rule; may be repeated
    #[arg(
        long = "rule",
        visible_alias = "select",
        value_name = "ID",
        help_heading = "Output"
    )]
    pub(crate) rules: Vec<String>,
    /// Leave out this rule; may be repeated
    #[arg(long, value_name = "ID", help_heading = "Output")]
    pub(crate) ignore: Vec<String>,
    /// Run only the rules of this group; may be repeated
    #[arg(long = "group", value_name = "NAME", help_heading = "Output")]
    pub(crate) groups: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    /// Read another system's file tree, such as an unpacked image
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Write a badgateway.toml to begin with
    Init,
    /// Say whether badgateway.toml is right
    Check {
        /// The file; the nearest one from here upwards when it is left out
        file: Option<PathBuf>,
    },
    /// Print the JSON Schema of badgateway.toml
    Schema,
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

const REFACTOR_CODES: &str = "\
Exit codes:
  0  nothing to edit, or all edits were written; with --show-request, it was shown
  1  there are edits, shown and not written
  2  something could not be read, asked, proven or written, or the arguments are wrong

What is sent, to whom, and what is checked: docs/refactor.md";

#[derive(Debug, Args)]
pub(crate) struct RefactorArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// Only what this rule found; may be repeated
    #[arg(long = "rule", value_name = "ID")]
    pub(crate) rules: Vec<String>,
    /// Only routes whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) route: Option<String>,
    /// Add badgateway's own edits that may change behaviour, where the model leaves something
    #[arg(long = "unsafe")]
    pub(crate) unsafe_too: bool,
    /// Ask nginx and PHP-FPM whether they take the result
    #[arg(long)]
    pub(crate) verify: bool,
    /// Write the edits: all files or none, proven before
    #[arg(long)]
    pub(crate) write: bool,
    /// Keep a dated copy of each file that is written
    #[arg(long, requires = "write")]
    pub(crate) backup: bool,
    /// Write without asking nginx and PHP-FPM whether they take the result
    #[arg(long, requires = "write", conflicts_with = "verify")]
    pub(crate) no_verify: bool,
    /// How to print the edits
    #[arg(long, value_enum, default_value_t = ListFormat::Full, help_heading = "Output")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Language model")]
pub(crate) struct AskArgs {
    /// Whom to ask; without it nothing is sent, and badgateway's own edits are shown
    #[arg(long, value_enum)]
    pub(crate) provider: Option<Provider>,
    /// The model, by the provider's own name for it
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Another address: https, or http on this machine; Ollama's usual one for `local`
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Read the key from this file instead of the environment (ANTHROPIC_API_KEY, OPENAI_API_KEY,
    /// GEMINI_API_KEY, OPENROUTER_API_KEY)
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Print the exact request and send nothing
    #[arg(long, conflicts_with_all = ["yes", "write"])]
    pub(crate) show_request: bool,
    /// Send without asking; otherwise every request is shown and a yes is waited for
    #[arg(long)]
    pub(crate) yes: bool,
    /// Hide who and where, too (hosts, addresses, e-mail, accounts, users): the default
    #[arg(long, overrides_with = "no_identity")]
    pub(crate) identity: bool,
    /// Hide secrets only
    #[arg(long)]
    pub(crate) no_identity: bool,
    /// Hide what the rules of this file find, too: TOML in the form of gitleaks; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) hide_rules: Vec<PathBuf>,
    /// Longest time for one answer, such as 90s
    #[arg(long, value_name = "TIME", default_value = "300s")]
    pub(crate) timeout: String,
    /// Longest answer, in the model's tokens
    #[arg(long, value_name = "N", default_value_t = 8192)]
    pub(crate) max_tokens: u32,
    /// Ask for the answer in one piece
    #[arg(long)]
    pub(crate) no_stream: bool,
}

/// Wire formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Provider {
    /// Anthropic
    Anthropic,
    /// OpenAI
    Openai,
    /// Google Gemini, its own format
    Gemini,
    /// OpenRouter
    Openrouter,
    /// A server of your own that speaks OpenAI's format: Ollama, llama.cpp
    Local,
}

const DIAGNOSE_CODES: &str = "\
Exit codes:
  0  everything was read, and no request failed
  1  requests failed, and every failure has its cause
  2  something could not be read or understood, a cause is undetermined, or the arguments are wrong";

#[derive(Debug, Args)]
pub(crate) struct DiagnoseArgs {
    /// Logs of nginx, PHP-FPM, PHP, the kernel or the journal, plain or compressed, and
    /// configuration files; directories, patterns, `-` for standard input; nothing for this
    /// host's own logs, as its configuration names them
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Join the logs with this configuration: a file or a directory; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Vec<PathBuf>,
    /// Read logs as this kind instead of recognising them: KIND, or KIND=PATTERN for some of them
    #[arg(long = "as", value_name = "KIND")]
    pub(crate) kinds: Vec<String>,
    /// The `log_format` of the access logs: its text, or its name in the given configuration
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Vec<String>,
    /// Nothing before: `2026-11-22 11:30`, `11:30`, `2h` (ago), or with a zone
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// Nothing after
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// The zone of times without one: `UTC`, `+02:00`, `Europe/Berlin`, `local`
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(crate) timezone: Option<String>,
    /// Stop reading a compressed log that unpacks to more than this many times its size
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub(crate) max_expansion: u64,
    /// Save what was read, to be merged later
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Put this before the names of the logs, such as the host's name
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    #[command(flatten)]
    pub(crate) output: DiagnoseOutput,
}

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// Saved states
    #[arg(value_name = "STATE", required = true)]
    pub(crate) states: Vec<PathBuf>,
    /// Judge them in the light of this configuration; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Vec<PathBuf>,
    /// Save the merged state
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: DiagnoseOutput,
}

#[derive(Debug, Args)]
pub(crate) struct DiagnoseOutput {
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = ListFormat::Full, help_heading = "Output")]
    pub(crate) format: ListFormat,
    /// In JSON, list single incidents too
    #[arg(long, help_heading = "Output")]
    pub(crate) incidents: bool,
    /// Write one self-contained page too
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,
    /// Show where every line of every log went
    #[arg(long, help_heading = "Output")]
    pub(crate) stats: bool,
    /// Colours: they never carry meaning
    #[arg(long, value_enum, default_value_t = Colour::Auto, help_heading = "Output")]
    pub(crate) color: Colour,
}

const REDACT_CODES: &str = "\
Exit codes:
  0  everything was read and redacted
  1  with --fail-on-secret: there are secrets
  2  something could not be read or written, or the arguments are wrong";

#[derive(Debug, Args)]
pub(crate) struct RedactArgs {
    /// Configuration, logs, any text: files and directories; `-` or nothing for standard input
    #[arg(value_name = "FILE")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Write the redacted files below this directory instead of to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,
    /// Keep the way back in this file, for `restore`: it holds every secret
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// Say of every place what was hidden there and why
    #[arg(long)]
    pub(crate) explain: bool,
    /// Hide who and where, too: hosts, addresses, e-mail, accounts, users, home directories
    #[arg(long)]
    pub(crate) identity: bool,
    /// Exit with 1 when there is a secret, and say where
    #[arg(long)]
    pub(crate) fail_on_secret: bool,
    /// Show what this finder or place would hide: a name that --explain gives, or FILE:LINE; may
    /// be repeated
    #[arg(long, value_name = "WHAT")]
    pub(crate) reveal: Vec<String>,
    /// Hide what the rules of this file find, too: TOML in the form of gitleaks; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// How to print it: the redacted text, or one document with texts and places
    #[arg(long, value_enum, default_value_t = ListFormat::Full)]
    pub(crate) format: ListFormat,
}

const RESTORE_CODES: &str = "\
Exit codes:
  0  every placeholder has its value back
  1  some placeholders are lost, altered, doubled, or were never handed out
  2  something could not be read or written, or the arguments are wrong";

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Redacted texts; `-` or nothing for standard input
    #[arg(value_name = "FILE")]
    pub(crate) inputs: Vec<PathBuf>,
    /// The file that `redact --map` wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) map: PathBuf,
    /// Write the restored files below this directory instead of to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("where").required(true).args(["out", "serve"])))]
pub(crate) struct SandboxArgs {
    /// Write the page: one file that needs nothing else and works from disk; `-` for standard
    /// output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Serve the page to this machine until Ctrl-C
    #[arg(long)]
    pub(crate) serve: bool,
    /// Where to serve it: an address of this machine only
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8502",
        requires = "serve"
    )]
    pub(crate) listen: SocketAddr,
    /// Serve the page that asks a language model, too, at /refactor.html; with an address, that of
    /// a server of your own that speaks OpenAI's format [default: Ollama's]
    #[arg(
        long,
        value_name = "ORIGIN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = crate::sandbox::OLLAMA,
        requires = "serve"
    )]
    pub(crate) llm: Option<String>,
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
pub(crate) struct LspArgs {
    /// Show notes too: things that are common and not wrong by themselves
    #[arg(long)]
    pub(crate) strict: bool,
    /// Speak over standard input and output, as it always does; editors give it
    #[arg(long)]
    pub(crate) stdio: bool,
}

#[derive(Clone, Debug, Args)]
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
    /// Say what a name of a template is filled with, such as `timeout=60s` for `{{ timeout }}`;
    /// may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Judge with these facts about the machine: a file that `badgateway facts` printed, `host` for
    /// this host, `none`; this host's own when nothing else is given
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// Read this badgateway.toml, or `none`; the nearest one from here upwards when it is left out
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
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
    /// Checkstyle XML, for Jenkins and reviewdog
    Checkstyle,
    /// Markdown, for a comment on a pull request
    Markdown,
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
