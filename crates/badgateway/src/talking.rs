//! Speaking to the person; data goes to stdout.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Words that wait while something else has the terminal.
static KEPT: Mutex<Option<Vec<String>>> = Mutex::new(None);
/// Words that wait at most; the latest are kept.
const MOST: usize = 100;

/// Says something. A reader who has left is no failure, so this is not `eprintln!`, which panics
/// then.
pub(crate) fn talk(text: &str) {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    match kept.as_mut() {
        Some(kept) => {
            if kept.len() >= MOST {
                kept.remove(0);
            }
            kept.push(text.to_owned());
        }
        None => {
            let _closed_pipe = writeln!(io::stderr(), "{text}");
        }
    }
}

/// While this lives, words are kept; when it is dropped, they are said.
pub(crate) struct Silence;

impl Silence {
    /// Begins.
    pub(crate) fn begin() -> Silence {
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
        Silence
    }

    /// What was said since it began.
    pub(crate) fn words(&self) -> Vec<String> {
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone().unwrap_or_default()
    }

    /// Ends it, and what was said is not said but given.
    pub(crate) fn end(self) -> Vec<String> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.replace(Vec::new()).unwrap_or_default()
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take();
        for text in kept.into_iter().flatten() {
            talk(&text);
        }
    }
}
