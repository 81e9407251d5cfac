//! One look at all pools at once.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::ask::{Failure, ask};
use crate::pools::{Door, Watched};
use crate::queue::{Queue, Queues};
use crate::status::{self, Status};

/// What was seen of a pool.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it said; nothing when it has no door.
    pub status: Option<Result<Status, Failure>>,
    /// How long its answer took.
    pub took: Duration,
    /// What the kernel says waits at its `listen`.
    pub queue: Option<Queue>,
}

/// How a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A worker is free.
    Fine,
    /// No worker is free: requests wait, and those beyond the queue get a 502.
    Saturated,
    /// Nobody answers for it.
    Down,
    /// That cannot be told.
    Unknown,
}

impl State {
    /// For people and programs.
    pub fn word(self) -> &'static str {
        match self {
            State::Fine => "fine",
            State::Saturated => "saturated",
            State::Down => "down",
            State::Unknown => "unknown",
        }
    }
}

impl Sample {
    /// What the pool said, when it did.
    pub fn answer(&self) -> Option<&Status> {
        self.status.as_ref()?.as_ref().ok()
    }

    /// How the pool is. One that may have more workers starts them; but `ondemand` starts one for
    /// each time that something happens at its socket, and may leave requests waiting for seconds.
    pub fn state(&self, pool: &Watched) -> State {
        let waits = self.queue.is_some_and(|queue| queue.waiting > 0);
        match &self.status {
            Some(Ok(status)) => {
                let most = pool.max_children.map_or(status.total, u64::from);
                let is_stuck = waits && status.idle == 0 && status.total > 0;
                match status.busy() >= most.max(1) || is_stuck {
                    true => State::Saturated,
                    false => State::Fine,
                }
            }
            Some(Err(Failure::Full)) => State::Saturated,
            // At its own socket nothing keeps a pool from answering, except that it is stopped.
            Some(Err(Failure::Silent(_) | Failure::NotAsked)) if waits => State::Saturated,
            Some(Err(Failure::Missing | Failure::Refused | Failure::Closed)) => State::Down,
            _ if self
                .queue
                .is_some_and(|queue| queue.waiting >= queue.limit.max(1)) =>
            {
                State::Saturated
            }
            _ => State::Unknown,
        }
    }
}

/// A question needs little room.
const STACK: usize = 128 << 10;

/// Asks all pools at the same time: none waits for another.
pub fn sample(pools: &[Watched], queues: Option<&Queues>, patience: Duration) -> Vec<Sample> {
    let mut samples: Vec<Option<Sample>> = pools.iter().map(|_| None).collect();
    each(pools, queues, patience, &|_| true, &mut |at, sample| {
        samples[at] = Some(sample);
    });
    // Every pool has been handed on: `each` counts them.
    samples.into_iter().flatten().collect()
}

/// Asks all pools at the same time, and hands on what is seen of each (by its index) as soon as it
/// is there. Ends when every pool has answered or used up its patience. Where requests wait and
/// `asks` says no, the pool is left in peace: a question would wait with them, and take a place.
pub(crate) fn each(
    pools: &[Watched],
    queues: Option<&Queues>,
    patience: Duration,
    asks: &dyn Fn(usize) -> bool,
    sink: &mut dyn FnMut(usize, Sample),
) {
    let queue = |pool: &Watched| pool.listen.as_ref().and_then(|place| queues?.at(place));
    let of = |pool: &Watched, (status, took)| Sample {
        status,
        took,
        queue: queue(pool),
    };
    let (sender, answers) = mpsc::channel();
    thread::scope(|scope| {
        for (at, pool) in pools.iter().enumerate() {
            let waits = queue(pool).is_some_and(|queue| queue.waiting > 0);
            if waits && matches!(pool.door, Door::Shared(_)) && !asks(at) {
                sink(at, of(pool, (Some(Err(Failure::NotAsked)), Duration::ZERO)));
                continue;
            }
            let sender = sender.clone();
            let one = move || {
                // Whoever waits for the answer waits longer than this thread lives.
                let _sent = sender.send((at, timed(pool, patience)));
            };
            let thread = thread::Builder::new().stack_size(STACK);
            if thread.spawn_scoped(scope, one).is_err() {
                let failure = Failure::Other("no thread could be started".to_owned());
                sink(at, of(pool, (Some(Err(failure)), Duration::ZERO)));
            }
        }
        drop(sender);
        for (at, answer) in answers {
            sink(at, of(&pools[at], answer));
        }
    });
}

fn timed(pool: &Watched, patience: Duration) -> (Option<Result<Status, Failure>>, Duration) {
    let begin = Instant::now();
    (question(pool, patience), begin.elapsed())
}

fn question(pool: &Watched, patience: Duration) -> Option<Result<Status, Failure>> {
    let (Door::Own(place) | Door::Shared(place)) = &pool.door else {
        return None;
    };
    let path = pool.status_path.as_deref()?;
    let uri = [path, b"?json&full"].concat();
    let params: [(&str, &[u8]); 7] = [
        ("SCRIPT_NAME", path),
        ("SCRIPT_FILENAME", path),
        ("REQUEST_URI", &uri),
        ("QUERY_STRING", b"json&full"),
        ("REQUEST_METHOD", b"GET"),
        ("SERVER_PROTOCOL", b"HTTP/1.1"),
        ("SERVER_SOFTWARE", b"badgateway"),
    ];
    Some(match ask(place, &params, patience) {
        Err(failure) => Err(failure),
        Ok((200, body)) => status::read(&body).map_err(|_| no_status(200, &body)),
        Ok((status, body)) => Err(no_status(status, &body)),
    })
}

fn no_status(status: u16, body: &[u8]) -> Failure {
    let head = &body[..body.len().min(80)];
    Failure::NoStatus(status, base::source::printable(head.trim_ascii()))
}
