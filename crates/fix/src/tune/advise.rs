//! What to change in each pool, and why.

use super::demand::{Demand, Wanted};
use super::divide::{Claim, divide};
use super::queue::{Backlog, Queue};
use super::spares::Spares;
use super::worker::{Growth, One, Worker};
use super::{Manager, Now, differs};

/// What is missing and how to get it, for people.
pub type Unknown = String;

/// Memory that PHP-FPM may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Somebody says so.
    Stated(u64),
    /// What there is, what others take of it, and what is left free.
    Measured {
        /// All of it.
        total: u64,
        /// What everything but PHP-FPM takes.
        others: u64,
        /// What is to stay free.
        reserve: u64,
    },
}

impl Memory {
    /// What PHP-FPM may take.
    pub fn room(&self) -> u64 {
        match *self {
            Memory::Stated(bytes) => bytes,
            Memory::Measured {
                total,
                others,
                reserve,
            } => total.saturating_sub(others).saturating_sub(reserve),
        }
    }
}

/// A running FPM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// What its processes have in common, and its master: once, however many workers there are.
    pub common: u64,
    /// The limit of its service or container, if there is one.
    pub limit: Option<Memory>,
}

/// A pool as it was measured.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its FPM among the families; nothing when it does not run.
    pub family: Option<usize>,
    /// How it is set.
    pub now: Result<Now, Unknown>,
    /// Its workers.
    pub workers: Vec<One>,
    /// Its work.
    pub demand: Result<Demand, Unknown>,
    /// Its queue.
    pub queue: Queue,
    /// What keeps its workers' memory from being known.
    pub memory: Result<(), Unknown>,
}

/// Everything that was measured.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The memory that all families share.
    pub memory: Memory,
    /// Each FPM that runs.
    pub families: Vec<Family>,
    /// Each pool, in the order of the configuration.
    pub pools: Vec<Pool>,
    /// How many seconds a visitor may wait in the queue.
    pub wait: f64,
}

/// Why a number of workers changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// More than fit into the memory.
    Memory,
    /// Fewer than are needed.
    Demand,
}

/// What to change in a pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// What one worker takes.
    pub worker: Option<Worker>,
    /// It was not measured, so it is reckoned as the biggest of the others.
    pub assumed: Option<u64>,
    /// How many workers fit.
    pub fits: Option<u32>,
    /// How many are needed.
    pub wanted: Option<Wanted>,
    /// `pm.max_children`, and why.
    pub children: Option<(u32, Reason)>,
    /// `pm`.
    pub manager: Option<Manager>,
    /// What belongs to `dynamic`; only what changes.
    pub spares: Spares,
    /// `pm.max_requests`, because workers grow.
    pub growth: Option<Growth>,
    /// `listen.backlog`.
    pub backlog: Option<Backlog>,
    /// What is needed does not fit: no number of workers helps.
    pub is_short: bool,
    /// What is not known; nothing is changed then.
    pub unknown: Vec<Unknown>,
}

impl Advice {
    /// Whether there is something to edit.
    pub fn has_edits(&self) -> bool {
        self.children.is_some()
            || self.manager.is_some()
            || self.spares != Spares::default()
            || self.growth.is_some()
            || self.backlog.is_some_and(|backlog| backlog.change.is_some())
    }

    /// Whether there is something to be done, here or elsewhere.
    pub fn is_finding(&self) -> bool {
        self.has_edits() || self.is_short || self.backlog.is_some_and(|backlog| backlog.is_capped)
    }
}

/// What to change in each pool, in their order.
pub fn advise(ask: &Ask) -> Vec<Advice> {
    let mut all: Vec<Advice> = ask.pools.iter().map(known).collect();
    let biggest = all
        .iter()
        .filter_map(|advice| Some(advice.worker?.needs))
        .max();
    for (advice, pool) in all.iter_mut().zip(&ask.pools) {
        if advice.worker.is_none() && pool.family.is_some() {
            advice.assumed = biggest;
        }
    }
    let fits = fits(ask, &all);
    for ((advice, pool), fits) in all.iter_mut().zip(&ask.pools).zip(fits) {
        match fits {
            Ok(fits) => advice.fits = fits,
            Err(why) => advice.unknown.extend(why),
        }
        workers(advice, pool, true);
    }
    // Where one gets more, what the others have above their share is no longer a matter of how
    // exactly one can measure.
    let raises = |advice: &Advice| matches!(advice.children, Some((_, Reason::Demand)));
    if all.iter().any(raises) {
        for (advice, pool) in all.iter_mut().zip(&ask.pools) {
            workers(advice, pool, false);
        }
    }
    for (advice, pool) in all.iter_mut().zip(&ask.pools) {
        rest(advice, pool, ask.wait);
    }
    all
}

/// What is known of a pool by itself.
fn known(pool: &Pool) -> Advice {
    let mut advice = Advice {
        worker: Worker::of(&pool.workers).filter(|_| pool.memory.is_ok()),
        ..Advice::default()
    };
    if pool.family.is_none() {
        let why = "no PHP-FPM with this configuration runs here: start it, and ask again";
        let why = pool.memory.clone().err().unwrap_or_else(|| why.to_owned());
        advice.unknown.push(why);
        return advice;
    }
    match &pool.demand {
        Ok(demand) => match (demand.enough(), &pool.now) {
            (Err(why), _) => advice.unknown.push(why),
            (Ok(()), Ok(now)) => {
                let is_static = now.manager == Manager::Static;
                advice.wanted = Some(demand.wanted(now.children, is_static));
            }
            _ => {}
        },
        Err(why) => advice.unknown.push(why.clone()),
    }
    match (&pool.memory, advice.worker) {
        (Err(why), _) => advice.unknown.push(why.clone()),
        (Ok(()), None) => advice.unknown.push(
            "no worker that has served a request was there to be measured: ask again while it \
             works, or watch it with --for 60s"
                .to_owned(),
        ),
        _ => {}
    }
    if let Err(why) = &pool.now {
        advice.unknown.push(why.clone());
    }
    advice
}

/// How many workers of each pool fit, `Some(0)` where not even one of each does; nothing for pools
/// that do not run. The reason is missing where the pool's own advice has it already.
type Fits = Result<Option<u32>, Option<Unknown>>;

fn fits(ask: &Ask, all: &[Advice]) -> Vec<Fits> {
    let claims: Vec<Option<Claim>> = ask
        .pools
        .iter()
        .zip(all)
        .map(|(pool, advice)| claim(pool, advice))
        .collect();
    let running = |at: &usize| ask.pools[*at].family.is_some();
    let of_all: Vec<usize> = (0..ask.pools.len()).filter(running).collect();
    let common = ask
        .families
        .iter()
        .map(|family| family.common)
        .fold(0, u64::saturating_add);
    let mut out: Vec<Fits> = vec![Ok(None); ask.pools.len()];
    let mut put = |pools: &[usize], room: u64| {
        let fits = share(pools, room, &claims);
        for (at, fits) in pools.iter().zip(fits) {
            out[*at] = match (&out[*at], fits) {
                (Ok(Some(known)), Ok(Some(fits))) => Ok(Some(fits.min(*known))),
                (Err(why), _) => Err(why.clone()),
                (_, fits) => fits,
            };
        }
    };
    put(&of_all, ask.memory.room().saturating_sub(common));
    for (index, family) in ask.families.iter().enumerate() {
        let Some(limit) = family.limit else { continue };
        let own = |at: &usize| ask.pools[*at].family == Some(index);
        let own: Vec<usize> = of_all.iter().copied().filter(own).collect();
        put(&own, limit.room().saturating_sub(family.common));
    }
    out
}

/// The share of each of these pools in a room.
fn share(pools: &[usize], room: u64, claims: &[Option<Claim>]) -> Vec<Fits> {
    let known: Option<Vec<Claim>> = pools.iter().map(|at| claims[*at]).collect();
    let Some(known) = known else {
        let why = "another pool that shares the memory cannot be reckoned: see there";
        let why = |at: &usize| Err(claims[*at].map(|_| why.to_owned()));
        return pools.iter().map(why).collect();
    };
    match divide(room, &known) {
        Some(fits) => fits.into_iter().map(|fits| Ok(Some(fits))).collect(),
        None => pools.iter().map(|_| Ok(Some(0))).collect(),
    }
}

/// What a pool claims; nothing when that cannot be reckoned.
fn claim(pool: &Pool, advice: &Advice) -> Option<Claim> {
    let now = pool.now.as_ref().ok()?;
    let each = advice
        .worker
        .map(|worker| worker.needs)
        .or(advice.assumed)?;
    let needed = advice.wanted.map_or(now.children, |wanted| wanted.workers);
    Some(Claim {
        each,
        needed,
        most: now.children.max(needed),
    })
}

/// `pm.max_children`. A tenth above what fits is within what measuring can tell.
fn workers(advice: &mut Advice, pool: &Pool, is_tolerant: bool) {
    let (Ok(now), Some(fits), Some(wanted), true) = (
        &pool.now,
        advice.fits,
        advice.wanted,
        advice.unknown.is_empty(),
    ) else {
        return;
    };
    let bound = if is_tolerant {
        fits.saturating_add(fits / 10)
    } else {
        fits
    };
    let possible = wanted.workers.min(fits);
    advice.children = if fits == 0 {
        None
    } else if now.children > bound {
        Some((fits, Reason::Memory))
    } else if possible > now.children && differs(now.children, possible) {
        Some((possible, Reason::Demand))
    } else {
        None
    };
    let then = advice
        .children
        .map_or(now.children, |(children, _)| children);
    let least = match wanted.was_full {
        true => now.children.saturating_add(1),
        false => pool
            .demand
            .as_ref()
            .map_or(0, |demand| demand.peak.min(now.children)),
    };
    advice.is_short = fits == 0 || (fits < wanted.workers && then < least);
}

/// Everything that follows from it.
fn rest(advice: &mut Advice, pool: &Pool, wait: f64) {
    let (Ok(now), Ok(demand), true) = (&pool.now, &pool.demand, advice.unknown.is_empty()) else {
        return;
    };
    let children = advice
        .children
        .map_or(now.children, |(children, _)| children);
    let was_full = advice.wanted.is_some_and(|wanted| wanted.was_full);
    let is_busy = was_full || demand.busy().is_some_and(|busy| busy >= 1.0);
    if now.manager == Manager::Ondemand && is_busy {
        advice.manager = Some(Manager::Dynamic);
    }
    let then = match (advice.manager, advice.children) {
        (Some(Manager::Dynamic), _) => Some(Spares::measured(children, demand)),
        _ if now.manager != Manager::Dynamic => None,
        (_, Some((_, Reason::Demand))) => Some(
            now.spares
                .raised(Spares::measured(children, demand))
                .within(children),
        ),
        (_, Some((_, Reason::Memory))) => Some(now.spares.lowered(children)),
        _ => Some(now.spares.within(children)),
    };
    if let Some(then) = then {
        let new = |old: Option<u32>, then: Option<u32>| then.filter(|then| old != Some(*then));
        advice.spares = Spares {
            start: new(now.spares.start, then.start),
            min: new(now.spares.min, then.min),
            max: new(now.spares.max, then.max),
        };
    }
    if now.max_requests == 0 {
        advice.growth = Growth::of(&pool.workers);
    }
    advice.backlog = Some(Backlog::of(now.backlog, &pool.queue, demand, wait));
}
