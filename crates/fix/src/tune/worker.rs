//! What one worker takes.

/// A worker that was looked at, at the moment at which it took most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct One {
    /// Its process.
    pub process: u32,
    /// Its proportional share (PSS), in bytes.
    pub share: u64,
    /// What it has of its own.
    pub own: u64,
    /// How much of that is the heap of PHP's requests.
    pub heap: u64,
    /// The most that its last request took of the heap, by PHP's own count.
    pub request: u64,
    /// How many requests it has served; nothing when FPM was not asked.
    pub served: Option<u64>,
}

impl One {
    /// What it needs. PHP gives memory back behind a request, so what an idle worker has of its own
    /// may be far less than what it took a moment ago: the heap was at least as big as PHP says.
    pub fn needs(&self) -> u64 {
        let base = self.own.saturating_sub(self.heap);
        self.own.max(base.saturating_add(self.request))
    }
}

/// What a worker of a pool takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worker {
    /// How many were looked at that have served a request.
    pub count: usize,
    /// What is reckoned with: the one that needs most.
    pub needs: u64,
    /// The mean of what they need.
    pub mean: u64,
    /// Whether PHP's own count of a request is in it.
    pub by_request: bool,
    /// The highest proportional share.
    pub highest_share: u64,
    /// The mean of the shares.
    pub mean_share: u64,
}

impl Worker {
    /// From all that were looked at; those that have served nothing say nothing.
    pub fn of(all: &[One]) -> Option<Worker> {
        let worked: Vec<&One> = all.iter().filter(|one| one.served != Some(0)).collect();
        let highest = worked.iter().max_by_key(|one| one.needs())?;
        let count = u64::try_from(worked.len()).ok()?;
        let mean = |of: &dyn Fn(&One) -> u64| {
            let sum: u128 = worked.iter().map(|one| u128::from(of(one))).sum();
            u64::try_from(sum / u128::from(count)).unwrap_or(u64::MAX)
        };
        Some(Worker {
            count: worked.len(),
            needs: highest.needs(),
            mean: mean(&One::needs),
            by_request: highest.needs() > highest.own,
            highest_share: worked.iter().map(|one| one.share).max()?,
            mean_share: mean(&|one| one.share),
        })
    }
}

/// Workers that grow from request to request: `pm.max_requests` is the cure until the leak is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Memory and requests of the quarter that has served least: the mean.
    pub young: (u64, u64),
    /// The same of the quarter that has served most.
    pub old: (u64, u64),
    /// Bytes for each request.
    pub each: u64,
    /// After so many a worker has become twice as big as a young one.
    pub requests: u32,
}

/// Fewer workers show no trend.
const LEAST_WORKERS: usize = 8;
/// Caches fill during the first requests, so a trend needs old workers.
const LEAST_SERVED: u64 = 1000;
/// Starting a worker costs as much as some requests.
const LEAST_LIFE: u32 = 500;

impl Growth {
    /// Looks whether those that have served more have more of their own: half as much again, and
    /// each quarter above the one before it.
    pub fn of(all: &[One]) -> Option<Growth> {
        let mut known: Vec<(u64, u64)> = all
            .iter()
            .filter_map(|one| Some((one.served.filter(|n| *n > 0)?, one.own)))
            .collect();
        known.sort_unstable();
        if known.len() < LEAST_WORKERS {
            return None;
        }
        let quarter = known.len() / 4;
        let rest = known.len() - 3 * quarter;
        let (first, others) = known.split_at(quarter);
        let (second, others) = others.split_at(quarter);
        let (third, fourth) = others.split_at(others.len() - rest);
        let quarters = [first, second, third, fourth].map(mean);
        let [young, .., old] = quarters;
        let rises = quarters.windows(2).all(|pair| pair[0].1 < pair[1].1);
        let is_much = old.1 > young.1.saturating_add(young.1 / 2);
        if !rises || !is_much || old.0 < LEAST_SERVED || old.0 <= young.0 {
            return None;
        }
        let each = (old.1 - young.1) / (old.0 - young.0);
        let requests = neat(young.1.checked_div(each)?)?.max(LEAST_LIFE);
        Some(Growth {
            young: (young.1, young.0),
            old: (old.1, old.0),
            each,
            requests,
        })
    }
}

/// The means of requests and memory.
fn mean(part: &[(u64, u64)]) -> (u64, u64) {
    let count = part.len().max(1) as u128;
    let of = |sum: u128| u64::try_from(sum / count).unwrap_or(u64::MAX);
    let requests = part.iter().map(|one| u128::from(one.0)).sum();
    let memory = part.iter().map(|one| u128::from(one.1)).sum();
    (of(requests), of(memory))
}

/// The first digit and zeros: a limit looks as exact as what it was reckoned from.
fn neat(n: u64) -> Option<u32> {
    let n = u32::try_from(n.min(1_000_000)).ok().filter(|n| *n > 0)?;
    let unit = 10_u32.pow(n.ilog10());
    Some(n / unit * unit)
}
