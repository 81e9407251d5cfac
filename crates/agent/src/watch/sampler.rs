//! Looking at all pools, again and again, in a thread of its own.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::ask::Failure;
use crate::counts::Counter;
use crate::pools::Watched;
use crate::queue;
use crate::sample::{Sample, each};
use crate::snapshot::{MOST_POINTS, Point, PoolView};
use crate::watch::{Stop, lock, now};

/// What the looks have seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The pools to look at, by their place in the configuration; nothing before the first look.
    pools: Vec<(Watched, Option<PoolView>)>,
    /// Why the kernel does not tell its queues.
    pub(super) no_queues: Option<String>,
    /// Questions without an answer: pool, listen.
    pub(super) failures: Counter,
}

impl Seen {
    /// Watches these pools from now on; what is known of those that stay is kept.
    pub(super) fn watch(&mut self, pools: Vec<Watched>) {
        let mut known = std::mem::take(&mut self.pools);
        let keep = |watched: Watched| {
            let same = known.iter_mut().find(|(old, _)| *old == watched);
            let view = same.and_then(|(_, view)| view.take());
            (watched, view)
        };
        self.pools = pools.into_iter().map(keep).collect();
    }

    /// The pools that were looked at.
    pub(super) fn views(&self) -> Vec<PoolView> {
        let views = self.pools.iter();
        views.filter_map(|(_, view)| view.clone()).collect()
    }

    /// Whether every pool was looked at.
    pub(super) fn is_whole(&self) -> bool {
        self.pools.iter().all(|(_, view)| view.is_some())
    }

    fn take(&mut self, watched: &Watched, sample: Sample) {
        let Some((_, view)) = self.pools.iter_mut().find(|(pool, _)| pool == watched) else {
            return;
        };
        let at = now();
        let answer = sample.answer();
        let point = Point {
            at,
            busy: answer.map(crate::Status::busy),
            waiting: sample.queue.map(|queue| queue.waiting),
        };
        if matches!(&sample.status, Some(Err(_))) {
            let listen = watched.shown_listen();
            self.failures.add(&[&watched.name, &listen], 0, 1);
        }
        let old = view.take();
        let (mut past, known) = old.map_or_else(Default::default, |old| (old.past, old.good));
        if past.len() >= MOST_POINTS {
            past.pop_front();
        }
        past.push_back(point);
        let good = answer.cloned().map(|status| (status, at)).or(known);
        *view = Some(PoolView {
            watched: watched.clone(),
            good,
            past,
            sample,
        });
    }
}

/// Looks each `interval` until it is told to stop.
pub(super) fn run(seen: &Arc<Mutex<Seen>>, stop: &Stop, interval: Duration, patience: Duration) {
    let mut begin = Instant::now();
    while !stop.is_set() {
        look(seen, patience);
        // A look that took longer than its interval is not made up for.
        begin = (begin + interval).max(Instant::now());
        stop.wait(begin.saturating_duration_since(Instant::now()));
    }
}

/// Looks once.
pub(super) fn look(seen: &Arc<Mutex<Seen>>, patience: Duration) {
    let (pools, blocked): (Vec<Watched>, Vec<bool>) = {
        let seen = lock(seen);
        let one = |(pool, view): &(Watched, Option<PoolView>)| {
            let last = view.as_ref().and_then(|view| view.sample.status.as_ref());
            (pool.clone(), last.is_some_and(is_blocked))
        };
        seen.pools.iter().map(one).unzip()
    };
    let queues = queue::queues();
    lock(seen).no_queues = queues.as_ref().err().cloned();
    let asks = |at: usize| !blocked[at];
    each(
        &pools,
        queues.as_ref().ok(),
        patience,
        &asks,
        &mut |at, sample| {
            lock(seen).take(&pools[at], sample);
        },
    );
}

/// Whether a question waited in vain.
fn is_blocked<T>(status: &Result<T, Failure>) -> bool {
    let blocked = [Failure::Full, Failure::NotAsked];
    let failure = status.as_ref().err();
    failure
        .is_some_and(|failure| blocked.contains(failure) || matches!(failure, Failure::Silent(_)))
}

/// The thread, joined when this is dropped.
pub(super) struct Running(Option<thread::JoinHandle<()>>);

impl Running {
    /// Starts to look.
    ///
    /// # Errors
    /// When there can be no thread.
    pub(super) fn start(
        seen: &Arc<Mutex<Seen>>,
        stop: &Stop,
        interval: Duration,
        patience: Duration,
    ) -> std::io::Result<Running> {
        let (seen, stop) = (Arc::clone(seen), stop.clone());
        let work = move || run(&seen, &stop, interval, patience);
        let thread = thread::Builder::new().name("pools".to_owned()).spawn(work);
        thread.map(|thread| Running(Some(thread)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // It says nothing that is not in `Seen`.
            let _ended = thread.join();
        }
    }
}
