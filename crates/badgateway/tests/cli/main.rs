//! The command line as a user meets it: the real program on real files.

mod bad_input;
mod formats;
mod inputs;
mod run;
mod secrets;
mod usage;
