//! Arguments of what looks at a running server, and of what is needed around that.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{InputArgs, ListFormat};

pub(super) const STATUS_CODES: &str = "\
Exit codes:
  0  every pool answered, and has a free worker
  1  a pool is saturated or down
  2  a pool could not be asked, the configuration could not be read, or the arguments are wrong";

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Only this pool
    #[arg(long, value_name = "NAME")]
    pub(crate) pool: Option<String>,
    /// Longest time for one pool to answer; all are asked at once
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub(crate) timeout: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Full)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GenerateCommand {
    /// Alert rules for Prometheus
    Alerts {
        /// The share of requests that must succeed, in percent
        #[arg(long, value_name = "PERCENT", default_value_t = 99.9)]
        objective: f64,
        /// Print the cases for `promtool test rules` instead; they name this rule file
        #[arg(long, value_name = "RULES", num_args = 0..=1, default_missing_value = "badgateway.rules.yml")]
        tests: Option<String>,
    },
    /// A dashboard for Grafana
    Dashboard {
        /// Print its queries only, one a line
        #[arg(long)]
        queries: bool,
    },
    /// How Prometheus asks the agent
    ScrapeConfig {
        /// Where the agent listens
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9502")]
        address: SocketAddr,
        /// The file with its token, as Prometheus reads it
        #[arg(long, value_name = "FILE")]
        token_file: Option<String>,
        /// It speaks TLS
        #[arg(long)]
        tls: bool,
    },
    /// A `log_format` for nginx with everything that tells causes apart
    LogFormat {
        /// As text behind the usual fields, instead of JSON
        #[arg(long)]
        text: bool,
    },
    /// Locations for nginx and settings for the pools with which their status can be asked
    StatusLocation(InputArgs),
    /// A unit for systemd that may do what the agent needs, and nothing else
    Systemd(InputArgs),
    /// The page of all metrics, docs/metrics.md
    Metrics,
}

pub(super) const TOP_CODES: &str = "\
Exit codes:
  0  it was quit
  2  there is no terminal, or the arguments are wrong";

/// The logs that are followed besides those of the configuration.
#[derive(Debug, Args)]
pub(crate) struct FollowArgs {
    /// Follow this log, too: PATH, or KIND=PATH; may be repeated. The logs that the configuration
    /// names are followed in any case
    #[arg(long = "log", value_name = "PATH", help_heading = "Logs")]
    pub(crate) logs: Vec<String>,
    /// Follow systemd's journal, too: the kernel's words on killed workers are there
    #[arg(long, help_heading = "Logs")]
    pub(crate) journal: bool,
    /// The journal of this folder instead of this machine's
    #[arg(long, value_name = "DIR", requires = "journal", help_heading = "Logs")]
    pub(crate) journal_directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TopArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) follow: FollowArgs,
    /// Show causes of so many minutes; of each log its last 8 MiB are read for it
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 15,
        value_parser = clap::value_parser!(u8).range(1..=60),
        help_heading = "Logs"
    )]
    pub(crate) minutes: u8,
    #[command(flatten)]
    pub(crate) pools: PoolArgs,
}

/// How pools are asked while somebody watches.
#[derive(Debug, Args)]
pub(crate) struct PoolArgs {
    /// How often the pools are asked; every 2s by the agent and every 1s by `top`, when it is left
    /// out
    #[arg(long, value_name = "TIME", help_heading = "Pools")]
    pub(crate) interval: Option<String>,
    /// Longest time for one pool to answer; all are asked at once
    #[arg(
        long,
        value_name = "TIME",
        default_value = "1s",
        help_heading = "Pools"
    )]
    pub(crate) timeout: String,
}

pub(super) const AGENT_CODES: &str = "\
Exit codes:
  0  it was told to stop (SIGTERM, SIGINT); SIGHUP makes it read the configuration again
  2  it could not begin, or the arguments are wrong

What it measures: docs/metrics.md; how to set it up: docs/monitoring.md";

#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) follow: FollowArgs,
    /// Read logs that are met for the first time from their beginning, not from now on
    #[arg(long, help_heading = "Logs")]
    pub(crate) from_start: bool,
    /// How long the lines of an incident have to come in before it is counted
    #[arg(long, value_name = "TIME", default_value = "5s", help_heading = "Logs")]
    pub(crate) settle: String,
    /// Keep counters and places in the logs in this file; agent.json in $STATE_DIRECTORY, in
    /// /var/lib/badgateway for root, in ~/.local/state/badgateway for others
    #[arg(long, value_name = "FILE", help_heading = "State")]
    pub(crate) state: Option<PathBuf>,
    /// Keep no state: counters begin at 0 with every start
    #[arg(long, conflicts_with = "state", help_heading = "State")]
    pub(crate) no_state: bool,
    /// Listen here; other machines can ask only where this is not a loopback address
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9502",
        help_heading = "HTTP"
    )]
    pub(crate) listen: SocketAddr,
    /// Do not listen
    #[arg(long, help_heading = "HTTP")]
    pub(crate) no_listen: bool,
    /// Answer only those who send the token in this file (`Authorization: Bearer …`)
    #[arg(long, value_name = "FILE", help_heading = "HTTP")]
    pub(crate) token_file: Option<PathBuf>,
    /// Answer other machines though there is no token
    #[arg(long, conflicts_with = "token_file", help_heading = "HTTP")]
    pub(crate) without_token: bool,
    /// Speak TLS with this certificate (PEM); it is read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "HTTP")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM)
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_cert",
        help_heading = "HTTP"
    )]
    pub(crate) tls_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pools: PoolArgs,
    #[command(flatten)]
    pub(crate) otlp: OtlpArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "OTLP")]
pub(crate) struct OtlpArgs {
    /// Push incidents (as log records) and metrics to the collector at this address, such as
    /// http://127.0.0.1:4318; OTLP over HTTP in JSON
    #[arg(long, value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// Send the headers in this file, too, a line each (`Authorization: Bearer …`); it is read again
    /// for every request
    #[arg(long, value_name = "FILE", requires = "otlp_endpoint")]
    pub(crate) otlp_headers_file: Option<PathBuf>,
    /// Say this of the machine, too, such as `deployment.environment.name=production`; may be
    /// repeated
    #[arg(long, value_name = "KEY=VALUE", requires = "otlp_endpoint")]
    pub(crate) otlp_resource: Vec<String>,
    /// How often metrics are sent
    #[arg(long, value_name = "TIME", default_value = "15s")]
    pub(crate) otlp_interval: String,
    /// Keep incidents in this folder while the collector is away; `otlp` beside the state file
    #[arg(long, value_name = "DIR", requires = "otlp_endpoint")]
    pub(crate) otlp_buffer: Option<PathBuf>,
    /// How much may wait there, such as 16m; the oldest is given up for the newest
    #[arg(long, value_name = "SIZE", default_value = "16m")]
    pub(crate) otlp_buffer_size: String,
    /// Send to another machine without TLS
    #[arg(long, requires = "otlp_endpoint", conflicts_with = "otlp_headers_file")]
    pub(crate) otlp_without_tls: bool,
}
