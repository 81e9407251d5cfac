//! The command line as a user meets it: the real program on real files.

mod bad_input;
mod canaries;
mod fix;
mod formats;
mod gaps;
mod hostile;
mod inputs;
mod run;
mod secrets;
mod usage;
