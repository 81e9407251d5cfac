//! `lsp`: a language server over standard input and output.
//!
//! Three threads: one reads, one works, and this one writes and keeps the state. The working one
//! owns the model, so nothing is shared but numbers.

mod actions;
mod definition;
mod diagnostics;
mod documents;
mod hover;
mod ladder;
mod place;
mod server;
mod symbols;
mod text;
mod wire;
mod worker;
mod world;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use serde_json::Value;

use self::server::{Clock, Server};
use self::wire::Frame;
use crate::cli::LspArgs;
use crate::run::Outcome;

/// What wakes the session.
enum Event {
    /// From the editor.
    In(Frame),
    /// For the editor.
    Out(Value),
}

/// Runs the command until the editor ends it.
pub(crate) fn serve(args: &LspArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let (events, inbox) = mpsc::channel();
    let (jobs, work) = mpsc::channel();
    let clock = Arc::new(Clock::default());
    let reader = events.clone();
    thread::spawn(move || {
        let take = |frame| reader.send(Event::In(frame)).is_ok();
        wire::read_all(io::stdin().lock(), take);
    });
    let seen = clock.clone();
    thread::spawn(move || {
        let send = |message| events.send(Event::Out(message)).is_ok();
        worker::run(&work, &seen, &send);
    });
    let mut server = Server::new(jobs, clock, args.strict);
    loop {
        let reply = match next(&inbox, &server) {
            Some(Event::In(frame)) => server.take(frame),
            Some(Event::Out(message)) => {
                server.answered(&message);
                Some(message)
            }
            None => None,
        };
        if let Some(message) = reply {
            wire::write(out, &message)?;
            out.flush()?;
        }
        server.judge_if_due();
        if let Some(outcome) = server.ended {
            return Ok(outcome);
        }
    }
}

/// The next event; nothing when something else is due first.
fn next(inbox: &Receiver<Event>, server: &Server) -> Option<Event> {
    let Some(patience) = server.patience() else {
        // The worker gone and the reader gone are both the end.
        return Some(inbox.recv().unwrap_or(Event::In(Frame::End)));
    };
    match inbox.recv_timeout(patience) {
        Ok(event) => Some(event),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Event::In(Frame::End)),
    }
}
