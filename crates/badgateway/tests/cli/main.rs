//! The command line as a user meets it: the real program on real files.

mod article;
mod bad_input;
mod canaries;
mod ci;
mod corpus;
mod diagnose;
mod diagnose_bad_input;
mod diagnose_inputs;
mod diagnose_merge;
mod diagnose_secrets;
mod diagnose_time;
mod fix;
mod formats;
mod gaps;
mod gate_inputs;
mod hostile;
mod images;
mod inputs;
mod integrations;
mod log_lines;
#[path = "../../../redact/corpus/planted.rs"]
mod planted;
mod policy;
mod redact;
mod refactor;
mod rule_files;
mod run;
mod secrets;
mod settings;
mod templates;
mod tune;
mod usage;
#[path = "../../../image/tests/archives/write.rs"]
mod write;

/// Where the planted corpus is.
const HERE: &str = "../redact/corpus";
