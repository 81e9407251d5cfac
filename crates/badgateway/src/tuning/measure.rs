//! Looks at the pools, their processes and the machine, once or again and again, and puts together
//! what is to be reckoned with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use agent::memory::{self, Family, Group, Machine, Taken, Untold};
use agent::{Door, Sample, State, Watched};
use fix::tune::{self, Demand, Memory, One, Queue};
use model::{Model, PoolId};

use super::now;

/// How to look.
pub(super) struct Look {
    /// For how long; one look when it is zero.
    pub(super) length: Duration,
    /// How long a pool may take to answer.
    pub(super) patience: Duration,
    /// What PHP-FPM may take, where somebody says so.
    pub(super) memory: Option<u64>,
    /// What is to stay free, where somebody says so.
    pub(super) reserve: Option<u64>,
    /// How many seconds a visitor may wait in the queue.
    pub(super) wait: f64,
}

/// What was seen.
pub(super) struct Seen {
    /// What is reckoned with.
    pub(super) ask: tune::Ask,
    /// Each pool, in the same order.
    pub(super) pools: Vec<SeenPool>,
    /// The machine, at the last look.
    pub(super) machine: Machine,
    /// For each family of the ask: its master, and its limit if it has one.
    pub(super) families: Vec<(u32, Option<Group>)>,
    /// How often it was looked.
    pub(super) looks: u32,
    /// How long that took.
    pub(super) length: Duration,
}

/// What was seen of a pool beside what is reckoned with.
#[derive(Default)]
pub(super) struct SeenPool {
    /// Which one it is.
    pub(super) id: Option<PoolId>,
    /// The most that waited at its socket.
    pub(super) waiting: Option<u32>,
    workers: BTreeMap<u32, One>,
    denied: Option<u64>,
    /// The master, with all that is common, may not be looked at.
    is_master_denied: bool,
    answer: Option<agent::Status>,
    failure: Option<String>,
    peak: u64,
    waited: u64,
    limit: Option<u32>,
    durations: (u128, u64),
    first: Option<(Instant, u64)>,
    last: Option<(Instant, u64)>,
    asked: u64,
}

/// How far apart the looks are.
const APART: Duration = Duration::from_secs(1);
/// Over a shorter time a rate is chance.
const LEAST_WINDOW: Duration = Duration::from_secs(5);
/// What stays free unless somebody says otherwise: a tenth, and at least this.
const LEAST_RESERVE: u64 = 256 << 20;

/// Looks.
///
/// # Errors
/// Why nothing can be said, for people.
pub(super) fn measure(model: &Model, look: &Look) -> Result<Seen, String> {
    let watched = agent::watched(model);
    let ids = model.pools().map(|(id, _)| id);
    let pools = ids.map(|id| SeenPool {
        id: Some(id),
        ..SeenPool::default()
    });
    let mut round = Round {
        model,
        watched,
        pools: pools.collect(),
        common: vec![0; model.fpm.len()],
        shares: vec![0; model.fpm.len()],
        masters: vec![None; model.fpm.len()],
    };
    let begin = Instant::now();
    let mut looks = 0;
    let mut others = 0;
    let machine = loop {
        let next = begin + APART * (looks + 1);
        round.look(look.patience);
        looks += 1;
        let machine = memory::machine()?;
        let used = machine.total.saturating_sub(machine.available);
        let ours: BTreeMap<u32, u64> = round.families().collect();
        others = used.saturating_sub(ours.values().sum()).max(others);
        if next > begin + look.length {
            break machine;
        }
        thread::sleep(next.saturating_duration_since(Instant::now()));
    };
    let reserve = |total: u64| look.reserve.unwrap_or((total / 10).max(LEAST_RESERVE));
    let memory = match look.memory {
        Some(bytes) => Memory::Stated(bytes),
        None => Memory::Measured {
            total: machine.total,
            others,
            reserve: reserve(machine.total),
        },
    };
    Ok(round.seen(memory, &reserve, look, machine, (looks, begin.elapsed())))
}

/// What is kept from look to look.
struct Round<'m> {
    model: &'m Model,
    watched: Vec<Watched>,
    pools: Vec<SeenPool>,
    /// For each FPM of the model: what its processes have in common, at most.
    common: Vec<u64>,
    /// What they took together at the last look.
    shares: Vec<u64>,
    masters: Vec<Option<u32>>,
}

impl Round<'_> {
    fn look(&mut self, patience: Duration) {
        let queues = agent::queue::queues().ok();
        let samples = agent::sample(&self.watched, queues.as_ref(), patience);
        for ((pool, watched), sample) in self.pools.iter_mut().zip(&self.watched).zip(samples) {
            pool.heard(watched, sample);
        }
        let families = memory::families();
        for fpm in 0..self.model.fpm.len() {
            let found = families.iter().find(|family| self.is_of(fpm, family));
            self.masters[fpm] = found.map(|family| family.master);
            self.shares[fpm] = 0;
            if let Some(family) = found {
                self.weigh(fpm, family);
            }
        }
    }

    /// Whether a family is this FPM: its processes are those that the pools told of, or its title
    /// names the configuration.
    fn is_of(&self, fpm: usize, family: &Family) -> bool {
        let told = self.of(fpm).flat_map(|(at, pool)| {
            let name = &self.model.fpm[fpm].pools[at].name;
            let status = pool.answer.iter().flat_map(|status| &status.processes);
            status.map(move |process| (process.pid, name))
        });
        let is_worker = |pid: u64, name: &[u8]| {
            let mut workers = family.workers.iter();
            workers.any(|(worker, pool)| u64::from(*worker) == pid && *pool == name)
        };
        let real = |path: &[u8]| {
            use std::os::unix::ffi::OsStrExt;
            std::fs::canonicalize(PathBuf::from(std::ffi::OsStr::from_bytes(path))).ok()
        };
        let is_named = || {
            let main = real(self.model.fpm[fpm].main.as_bytes());
            family.config.starts_with(b"/") && main.is_some() && real(&family.config) == main
        };
        let mut told = told;
        told.any(|(pid, name)| is_worker(pid, name)) || is_named()
    }

    /// The pools of an FPM, with their index in it.
    fn of(&self, fpm: usize) -> impl Iterator<Item = (usize, &SeenPool)> {
        let pools = self.pools.iter();
        pools.filter_map(move |pool| {
            let id = pool.id.filter(|id| id.fpm == fpm)?;
            Some((id.pool, pool))
        })
    }

    fn weigh(&mut self, fpm: usize, family: &Family) {
        let (mut share, mut own) = (0, 0);
        let mut is_whole = true;
        match memory::taken(family.master) {
            Ok(taken) => share += taken.share,
            Err(why) => {
                is_whole = false;
                let is_denied = matches!(why, Untold::Denied(_));
                let own = self.pools.iter_mut();
                own.filter(|pool| pool.id.is_some_and(|id| id.fpm == fpm))
                    .for_each(|pool| pool.is_master_denied |= is_denied);
            }
        }
        for (process, name) in &family.workers {
            let taken = memory::taken(*process);
            let pools = &self.model.fpm[fpm].pools;
            let of = pools.iter().position(|pool| pool.name == *name);
            let pool = self.pools.iter_mut().find(|pool| {
                pool.id
                    .is_some_and(|id| id.fpm == fpm && Some(id.pool) == of)
            });
            match (&taken, pool) {
                (Ok(taken), Some(pool)) => {
                    own += taken.own;
                    pool.weighed(*process, taken);
                }
                (Err(Untold::Denied(resident)), Some(pool)) => {
                    pool.denied = pool.denied.max(Some(*resident));
                }
                _ => {}
            }
            // A worker that has gone is no more part of anything.
            share += taken.map_or(0, |taken| taken.share);
        }
        if is_whole {
            self.common[fpm] = share.saturating_sub(own).max(self.common[fpm]);
            self.shares[fpm] = share;
        }
    }

    /// Each running master and what its family takes.
    fn families(&self) -> impl Iterator<Item = (u32, u64)> {
        let all = self.masters.iter().zip(&self.shares);
        all.filter_map(|(master, share)| Some(((*master)?, *share)))
    }

    fn seen(
        self,
        memory: Memory,
        reserve: &dyn Fn(u64) -> u64,
        look: &Look,
        machine: Machine,
        (looks, length): (u32, Duration),
    ) -> Seen {
        let masters: BTreeSet<u32> = self.masters.iter().flatten().copied().collect();
        let families: Vec<(u32, Option<Group>)> = masters
            .into_iter()
            .map(|master| {
                let group = memory::group_of(master);
                (master, group.filter(|group| group.limit < machine.total))
            })
            .collect();
        let shares: BTreeMap<u32, u64> = self.families().collect();
        let limit = |group: &Option<Group>| {
            let group = group.as_ref().filter(|_| look.memory.is_none())?;
            let inside = families
                .iter()
                .filter(|(_, other)| other.as_ref() == Some(group));
            let ours: u64 = inside.filter_map(|(master, _)| shares.get(master)).sum();
            Some(Memory::Measured {
                total: group.limit,
                others: group.used.saturating_sub(ours),
                reserve: reserve(group.limit),
            })
        };
        let common = |master: u32| {
            let of = self.masters.iter().zip(&self.common);
            of.filter(|(other, _)| **other == Some(master))
                .map(|(_, common)| *common)
                .max()
        };
        let all = families.iter().map(|(master, group)| tune::Family {
            common: common(*master).unwrap_or(0),
            limit: limit(group),
        });
        let pools = self.pools.iter().zip(&self.watched).map(|(pool, watched)| {
            let fpm = pool.id.and_then(|id| self.masters[id.fpm]);
            tune::Pool {
                family: families.iter().position(|(master, _)| Some(*master) == fpm),
                now: match pool.id {
                    Some(id) => now::of(self.model.pool(id)),
                    None => Err("it is in no configuration".to_owned()),
                },
                workers: pool.weighable().collect(),
                demand: pool.demand(watched, look.patience),
                queue: Queue {
                    in_force: pool.limit,
                    somaxconn: machine.somaxconn,
                },
                memory: pool.readable(fpm.is_some()),
            }
        });
        Seen {
            ask: tune::Ask {
                memory,
                families: all.collect(),
                pools: pools.collect(),
                wait: look.wait,
            },
            pools: self.pools,
            machine,
            families,
            looks,
            length,
        }
    }
}

impl SeenPool {
    /// What the pool said, and the kernel of its queue.
    fn heard(&mut self, watched: &Watched, sample: Sample) {
        let is_saturated = sample.state(watched) == State::Saturated;
        if let Some(queue) = sample.queue {
            self.limit = Some(queue.limit);
            self.waiting = self.waiting.max(Some(queue.waiting));
            // What comes in this very moment waits, too, for some microseconds.
            if is_saturated {
                self.waited = self.waited.max(u64::from(queue.waiting));
            }
        }
        match sample.status {
            Some(Ok(status)) => {
                let is_ours = matches!(watched.door, Door::Shared(_));
                self.asked += u64::from(is_ours);
                self.count(&status);
                self.answer = Some(status);
            }
            Some(Err(failure)) => self.failure = Some(failure.words()),
            None => {}
        }
    }

    fn count(&mut self, status: &agent::Status) {
        self.peak = self.peak.max(status.max_active).max(status.busy());
        let seen = (Instant::now(), status.accepted.saturating_sub(self.asked));
        self.first.get_or_insert(seen);
        self.last = Some(seen);
        for process in &status.processes {
            let is_ours = process.uri.ends_with("?json&full");
            if process.state == "Idle" && process.requests > 0 && !is_ours {
                self.durations.0 += u128::from(process.duration);
                self.durations.1 += 1;
            }
            let Ok(number) = u32::try_from(process.pid) else {
                continue;
            };
            let one = self.workers.entry(number).or_default();
            one.process = number;
            one.request = one.request.max(process.last_memory);
            let served = process.requests.saturating_sub(self.asked);
            one.served = one.served.max(Some(served));
        }
    }

    /// The moment at which it took most counts.
    fn weighed(&mut self, process: u32, taken: &Taken) {
        let one = self.workers.entry(process).or_default();
        let now = One {
            process,
            share: taken.share.max(one.share),
            own: taken.own,
            heap: taken.heap,
            ..*one
        };
        one.share = now.share;
        if one.own == 0 || now.needs() > one.needs() {
            *one = now;
        }
    }

    /// Its workers; those that were only heard of are none of this system's processes, or gone.
    fn weighable(&self) -> impl Iterator<Item = One> {
        self.workers.values().filter(|one| one.own > 0).copied()
    }

    /// Whether the memory of its workers could be read.
    fn readable(&self, is_running: bool) -> Result<(), String> {
        if !is_running && self.answer.is_some() {
            return Err(
                "it answers, but its processes cannot be seen from here: ask again as \
                        root, inside its container if it is in one"
                    .to_owned(),
            );
        }
        match self.denied {
            Some(resident) => Err(format!(
                "this user may not read what its workers take: ask again as root (one has at most \
                 {} in all, RSS, but how much of that is its own is not known)",
                super::words::amount(resident)
            )),
            None if self.is_master_denied => Err("this user may not read what the master takes: \
                                                  ask again as root"
                .to_owned()),
            None => Ok(()),
        }
    }

    fn demand(&self, watched: &Watched, patience: Duration) -> Result<Demand, String> {
        let Some(status) = &self.answer else {
            return Err(match (&watched.door, &self.failure) {
                (Door::None(why), _) => format!(
                    "how many of its workers are needed is not known: {why} (`badgateway generate \
                     status-location` writes what is needed)"
                ),
                (_, Some(why)) => format!("it was asked for its status, and {why}"),
                (_, None) => format!("it gave no answer within {} ms", patience.as_millis()),
            });
        };
        let (sum, count) = self.durations;
        let mean = sum.checked_div(u128::from(count));
        Ok(Demand {
            up: status.up,
            accepted: status.accepted.saturating_sub(self.asked),
            peak: u32::try_from(self.peak).unwrap_or(u32::MAX),
            reached: status.max_children_reached,
            waited: self.waited,
            duration: mean.and_then(|mean| u64::try_from(mean).ok()),
            rate_now: self.rate(),
        })
    }

    fn rate(&self) -> Option<f64> {
        let ((begin, before), (end, after)) = (self.first?, self.last?);
        let window = end.duration_since(begin);
        #[expect(
            clippy::cast_precision_loss,
            reason = "no count of requests has 53 bits"
        )]
        let more = after.checked_sub(before)? as f64;
        (window >= LEAST_WINDOW).then(|| more / window.as_secs_f64())
    }
}
