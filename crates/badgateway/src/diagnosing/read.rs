//! Reading logs into a state, on all cores.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use agent::open::Opened;
use diagnose::State;
use diagnose::read::{self, Span};
use diagnose::state::{SourceState, file_id};
use logs::blocks::{BLOCK, Blocks};
use logs::scan::Scanner;

use super::output::Progress;

/// How many blocks are read at most before what was found is put together with the rest. It
/// begins with one: what the whole cannot remember, no part should begin to remember.
const BLOCKS_OF_A_PART: usize = 128;

/// Reads one log into `state`; `about` is what is known of it before.
///
/// # Errors
/// Why it could not be read to its end; what was read before is in the state.
pub(crate) fn all(
    opened: Opened,
    scanner: &Scanner,
    about: &SourceState,
    span: Span,
    state: &Mutex<State>,
    progress: &Progress,
) -> io::Result<()> {
    // A log without a line was read too.
    let file = file_id(&about.name);
    lock(state).sources.entry(file).or_default().merge(about);
    let size = opened.size.unwrap_or(u64::MAX);
    let taken = std::sync::Arc::clone(&opened.taken);
    let blocks = Mutex::new(Blocks::new(opened.into_reader(), BLOCK));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // A small log is read before a second thread has begun.
    let workers = if size < BLOCK as u64 { 1 } else { cores };
    let failed = Mutex::new(None);
    let told = AtomicU64::new(0);
    let work = || {
        let mut scanner = scanner.clone();
        let mut block = Vec::new();
        let mut part = State::default();
        let mut blocks_of_part = 1;
        loop {
            part.follow(&lock(state));
            for _ in 0..blocks_of_part {
                let next = {
                    let mut blocks = lock(&blocks);
                    blocks.next(&mut block, |line| scanner.begins(line))
                };
                let what = match next {
                    Ok(Some(what)) => what,
                    end => {
                        lock(state).merge(&mut part);
                        if let Err(error) = end {
                            *lock(&failed) = Some(error);
                        }
                        return;
                    }
                };
                read::block(&mut scanner, &block, what, about, span, &mut part);
                let now = taken.load(Ordering::Relaxed);
                progress.advance(now.saturating_sub(told.fetch_max(now, Ordering::Relaxed)));
            }
            lock(state).merge(&mut part);
            blocks_of_part = (blocks_of_part * 2).min(BLOCKS_OF_A_PART);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    lock(&failed).take().map_or(Ok(()), Err)
}

/// A panic in another thread is reported by the scope; its data is whole all the same.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
