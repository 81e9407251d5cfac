//! The working side: loads the configuration around the open files, judges it, answers questions.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use serde_json::Value;

use super::diagnostics::Published;
use super::documents::Documents;
use super::server::Clock;
use super::text::Encoding;
use super::wire::{Code, answer, refuse};
use super::world::Worlds;
use super::{actions, definition, hover, symbols};

/// What the client can do and wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// What columns count.
    pub(crate) encoding: Encoding,
    /// Edits may name the version that they are for.
    pub(crate) document_changes: bool,
    /// Notes too.
    pub(crate) strict: bool,
    /// `ADDRESS=POOL`, each known to be good.
    pub(crate) maps: Vec<String>,
}

/// The editor's state when something was asked.
pub(crate) struct State {
    /// Number of this state.
    pub(crate) generation: u64,
    /// Number of the last moment at which files may have come or gone.
    pub(crate) epoch: u64,
    /// Number of edits so far.
    pub(crate) edits: u64,
    /// Open texts.
    pub(crate) documents: Documents,
    /// Open folders.
    pub(crate) folders: Vec<PathBuf>,
    /// What the client can do and wants.
    pub(crate) options: Options,
}

/// What can be asked of a place or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// What is it worth, and why?
    Hover,
    /// Where is it made?
    Definition,
    /// Where is it used?
    References,
    /// What can be done about it?
    Actions,
    /// What is in the file?
    Symbols,
}

impl Asked {
    /// The question of a method.
    pub(crate) fn of(method: &str) -> Option<Asked> {
        Some(match method {
            "textDocument/hover" => Asked::Hover,
            "textDocument/definition" => Asked::Definition,
            "textDocument/references" => Asked::References,
            "textDocument/codeAction" => Asked::Actions,
            "textDocument/documentSymbol" => Asked::Symbols,
            _ => return None,
        })
    }
}

/// Work.
pub(crate) enum Job {
    /// Judge everything; the number tells whether it is still wanted.
    Judge(u64, State),
    /// Answer a question.
    Ask {
        /// What the answer must name.
        id: Value,
        /// The question.
        asked: Asked,
        /// Its arguments.
        params: Value,
        /// Set when the answer is not wanted any more.
        cancelled: Arc<AtomicBool>,
        /// What it was asked about.
        state: State,
    },
}

/// Works until nobody gives or wants anything.
pub(crate) fn run(work: &Receiver<Job>, clock: &Clock, send: &dyn Fn(Value) -> bool) {
    let mut worlds = Worlds::default();
    let mut published = Published::default();
    for job in work {
        let messages = match job {
            Job::Judge(number, state) => {
                let judge = || judge(&mut worlds, &mut published, clock, number, &state);
                // A fault in a rule must not end the session; the next edit tries again.
                catch_unwind(AssertUnwindSafe(judge)).unwrap_or_default()
            }
            Job::Ask {
                id,
                asked,
                params,
                cancelled,
                state,
            } => {
                let result = match cancelled.load(Ordering::SeqCst) {
                    true => Err((Code::Cancelled, "cancelled")),
                    false => {
                        let reply = || reply(&mut worlds, asked, &params, &state);
                        catch_unwind(AssertUnwindSafe(reply))
                            .unwrap_or(Err((Code::Internal, "it failed")))
                    }
                };
                let is_stale = clock.edits.load(Ordering::SeqCst) != state.edits;
                vec![match result {
                    _ if cancelled.load(Ordering::SeqCst) => {
                        refuse(&id, Code::Cancelled, "cancelled")
                    }
                    _ if is_stale => refuse(&id, Code::ContentModified, "the text has changed"),
                    Ok(value) => answer(&id, value),
                    Err((code, why)) => refuse(&id, code, why),
                }]
            }
        };
        if !messages.into_iter().all(send) {
            return;
        }
    }
}

fn judge(
    worlds: &mut Worlds,
    published: &mut Published,
    clock: &Clock,
    number: u64,
    state: &State,
) -> Vec<Value> {
    let is_stale = || clock.judgement.load(Ordering::SeqCst) != number;
    if is_stale() {
        return Vec::new();
    }
    worlds.update(state);
    match is_stale() {
        true => Vec::new(),
        false => published.update(worlds, state),
    }
}

fn reply(
    worlds: &mut Worlds,
    asked: Asked,
    params: &Value,
    state: &State,
) -> Result<Value, (Code, &'static str)> {
    let uri = params["textDocument"]["uri"].as_str().unwrap_or_default();
    if !state.documents.0.contains_key(uri) {
        return Err((Code::InvalidParams, "this text is not open"));
    }
    worlds.update(state);
    let bad = (Code::InvalidParams, "the place is missing or wrong");
    let Some((world, file)) = worlds.of(uri, state) else {
        return Ok(Value::Null);
    };
    let see = world.see(&state.documents, &state.options);
    let here = || {
        let at = see.text(file).offset(&params["position"]).ok_or(bad)?;
        Ok((file, u32::try_from(at).unwrap_or(u32::MAX)))
    };
    Ok(match asked {
        Asked::Hover => hover::hover(&see, here()?),
        Asked::Definition => definition::definition(&see, here()?),
        Asked::References => definition::references(&see, here()?),
        Asked::Symbols => symbols::symbols(&see, file),
        Asked::Actions => {
            let range = see.text(file).bytes_of(&params["range"]).ok_or(bad)?;
            actions::actions(&see, file, &range)
        }
    })
}
