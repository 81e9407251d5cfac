//! Chores of the repository: `cargo xtask <command>`.
//!
//! Plain Rust, so that building, testing and checking need nothing but a Rust toolchain. The
//! list of checks exists once, in [`checks`]; people and CI machines run the same one.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a chore talks to the person who started it"
)]

use std::process::ExitCode;

mod bench;
mod checks;
mod docs;
mod logs;
mod new_rule;
mod release;
mod run;
mod setup;
mod tidy;
mod wasm;

const USAGE: &str = "\
cargo xtask <command>

  setup               install what the tests need (Debian and its children)
  test                setup, then everything `ready` does
  ready               formatting, lints, tidy, the pages for the browser, all tests of the workspace
  tidy                the repository's checks on itself
  bless [FILTER]      accept new snapshots and fixed files; then read the diff
  new-rule GROUP ID   start a rule: its file, its fixture folder, its registry entry
  docs [--out DIR]    a page for each rule and cause, with a search; opens from disk
  wasm                the core as WebAssembly modules, in target/wasm
  pages               the pages for the browser around it, in target/web
  release             target/release/badgateway with these pages in it
  bench [check] [--runs N]
                      CPU time and peak memory against `nginx -t` on 2,000 virtual hosts
  bench [repository] [--runs N]
                      `check .` against `grep -r` in a repository of 10,000 files
  bench [diagnose] [--runs N] [--size 1G] [--seed N] [--quick] [--program PATH]
                      `diagnose` against wc, gzip, DuckDB and GoAccess on the same logs
  logs --dir DIR [--size 1G] [--seed N] [--kind KIND]
                      write large logs of a busy server that is in trouble
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["setup"] => setup::setup().map(|()| ExitCode::SUCCESS),
        ["test"] => setup::setup().and_then(|()| checks::ready()),
        ["ready"] => checks::ready(),
        ["tidy"] => tidy::tidy().map(|()| ExitCode::SUCCESS),
        ["bless", filter @ ..] => checks::bless(filter),
        ["new-rule", group, id] => new_rule::new_rule(group, id).map(|()| ExitCode::SUCCESS),
        ["docs", rest @ ..] => docs::docs(rest),
        ["pages"] => release::pages().map(|()| ExitCode::SUCCESS),
        ["release"] => release::release().map(|()| ExitCode::SUCCESS),
        ["wasm"] => wasm::wasm().map(|()| ExitCode::SUCCESS),
        ["bench", rest @ ..] => bench::bench(rest),
        ["logs", rest @ ..] => logs::logs(rest).map(|()| ExitCode::SUCCESS),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}
