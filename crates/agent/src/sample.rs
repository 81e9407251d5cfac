//! One look at all pools at once.

use std::thread;
use std::time::{Duration, Instant};

use crate::ask::{Failure, Place, ask};
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
            Some(Err(Failure::Silent(_))) if waits => State::Saturated,
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
    let answers = thread::scope(|scope| {
        let start = |pool| {
            let one = move || timed(pool, patience);
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, one)
        };
        let running: Vec<_> = pools.iter().map(start).collect();
        let ended = running.into_iter().map(|thread| match thread {
            Ok(thread) => thread.join().ok(),
            Err(_) => None,
        });
        ended.collect::<Vec<_>>()
    });
    let nothing = || Some(Err(Failure::Other("no thread could be started".to_owned())));
    pools
        .iter()
        .zip(answers)
        .map(|(pool, answer)| {
            let (status, took) = answer.unwrap_or_else(|| (nothing(), Duration::ZERO));
            let at = |place: &Place| queues?.at(place);
            Sample {
                status,
                took,
                queue: pool.listen.as_ref().and_then(at),
            }
        })
        .collect()
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
