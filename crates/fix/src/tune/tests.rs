//! The arithmetic, by examples worked out by hand and by what must hold for all numbers.

use proptest::prelude::*;

use super::{
    Advice, Ask, Demand, Family, Growth, Manager, Memory, Now, One, Pool, Queue, Reason, Spares,
    Worker, advise,
};

const MIB: u64 = 1 << 20;

fn one(own: u64, served: u64) -> One {
    One {
        share: own + 4 * MIB,
        own,
        served: Some(served),
        ..One::default()
    }
}

fn now(manager: Manager, children: u32) -> Now {
    let third = children.div_ceil(3);
    Now {
        manager,
        children,
        spares: Spares {
            start: Some(third),
            min: Some(third),
            max: Some(children),
        },
        max_requests: 500,
        backlog: None,
    }
}

/// Ten minutes, 6,000 requests of 50 ms: half a worker on average.
fn demand(peak: u32) -> Demand {
    Demand {
        up: 600,
        accepted: 6000,
        peak,
        duration: Some(50_000),
        ..Demand::default()
    }
}

fn pool(now: Now, each: u64, demand: Demand) -> Pool {
    Pool {
        family: Some(0),
        now: Ok(now),
        workers: vec![one(each, 50), one(each / 2, 20)],
        demand: Ok(demand),
        queue: Queue {
            in_force: Some(4096),
            somaxconn: Some(4096),
        },
        memory: Ok(()),
    }
}

fn ask(room: u64, pools: Vec<Pool>) -> Ask {
    Ask {
        memory: Memory::Stated(room),
        families: vec![Family {
            common: 0,
            limit: None,
        }],
        pools,
        wait: 2.0,
    }
}

fn single(room: u64, pool: Pool) -> Advice {
    advise(&ask(room, vec![pool])).remove(0)
}

#[test]
fn what_fits_and_is_enough_stays() {
    let advice = single(
        1000 * MIB,
        pool(now(Manager::Dynamic, 10), 50 * MIB, demand(5)),
    );
    assert_eq!((advice.fits, advice.children), (Some(20), None));
    assert_eq!(advice.wanted.map(|wanted| wanted.workers), Some(7));
    assert!(!advice.is_finding(), "{advice:?}");
}

#[test]
fn too_many_are_lowered_to_what_fits() {
    let advice = single(
        1000 * MIB,
        pool(now(Manager::Dynamic, 50), 50 * MIB, demand(5)),
    );
    assert_eq!(advice.children, Some((20, Reason::Memory)));
    // The stock of 17 to 50 becomes one of 10 to 20.
    let spares = Spares {
        min: Some(10),
        max: Some(20),
        ..Spares::default()
    };
    assert_eq!(advice.spares, spares);
    assert!(!advice.is_short);
    // A tenth more is within what can be measured.
    let advice = single(
        1000 * MIB,
        pool(now(Manager::Dynamic, 22), 50 * MIB, demand(5)),
    );
    assert_eq!(advice.children, None);
}

#[test]
fn what_is_common_and_what_others_take_is_left_out() {
    let mut ask = ask(0, vec![pool(now(Manager::Static, 50), 50 * MIB, demand(5))]);
    ask.memory = Memory::Measured {
        total: 1500 * MIB,
        others: 200 * MIB,
        reserve: 200 * MIB,
    };
    ask.families[0].common = 100 * MIB;
    assert_eq!(advise(&ask)[0].children, Some((20, Reason::Memory)));
    ask.families[0].limit = Some(Memory::Measured {
        total: 600 * MIB,
        others: 0,
        reserve: 250 * MIB,
    });
    assert_eq!(advise(&ask)[0].children, Some((5, Reason::Memory)));
}

#[test]
fn a_full_pool_gets_more_as_far_as_memory_goes() {
    let full = Demand {
        reached: 3,
        ..demand(10)
    };
    let pool = |children| pool(now(Manager::Dynamic, children), 50 * MIB, full);
    let advice = single(5000 * MIB, pool(10));
    assert_eq!(
        (advice.children, advice.is_short),
        (Some((20, Reason::Demand)), false)
    );
    let advice = single(800 * MIB, pool(10));
    assert_eq!(
        (advice.children, advice.is_short),
        (Some((16, Reason::Demand)), false)
    );
    // No more fit: said, and not changed.
    let advice = single(500 * MIB, pool(10));
    assert_eq!((advice.children, advice.is_short), (None, true));
    assert!(advice.is_finding() && !advice.has_edits());
    // Fewer fit than there are, though all are needed.
    let advice = single(300 * MIB, pool(10));
    assert_eq!(
        (advice.children, advice.is_short),
        (Some((6, Reason::Memory)), true)
    );
    // Not one fits.
    let advice = single(30 * MIB, pool(10));
    assert_eq!((advice.children, advice.is_short), (None, true));
}

#[test]
fn all_busy_workers_of_a_static_pool_are_a_sign() {
    let advice = single(
        5000 * MIB,
        pool(now(Manager::Static, 8), 50 * MIB, demand(8)),
    );
    assert_eq!(advice.children, Some((16, Reason::Demand)));
    assert_eq!(advice.spares, Spares::default());
    // The question for the status is a request, too.
    let advice = single(
        5000 * MIB,
        pool(now(Manager::Static, 1), 50 * MIB, demand(1)),
    );
    assert!(!advice.wanted.is_some_and(|wanted| wanted.was_full));
}

#[test]
fn nothing_is_recommended_on_nothing() {
    let sound = || pool(now(Manager::Dynamic, 50), 50 * MIB, demand(5));
    let unknown = |change: &dyn Fn(&mut Pool)| {
        let mut pool = sound();
        change(&mut pool);
        let advice = single(100 * MIB, pool);
        assert!(!advice.is_finding(), "{advice:?}");
        advice.unknown.join("; ")
    };
    let said = unknown(&|pool| pool.family = None);
    assert!(said.contains("start it"), "{said}");
    let said = unknown(&|pool| pool.demand = Err("no status".to_owned()));
    assert_eq!(said, "no status");
    let said = unknown(&|pool| pool.memory = Err("not root".to_owned()));
    assert_eq!(said, "not root");
    let said = unknown(&|pool| pool.now = Err("no number".to_owned()));
    assert_eq!(said, "no number");
    let said = unknown(&|pool| pool.workers = vec![one(50 * MIB, 0)]);
    assert!(said.contains("--for"), "{said}");
    let few = Demand {
        accepted: 99,
        ..demand(5)
    };
    let said = unknown(&|pool| pool.demand = Ok(few));
    assert!(said.contains("99 requests"), "{said}");
    let young = Demand {
        up: 29,
        ..demand(5)
    };
    let said = unknown(&|pool| pool.demand = Ok(young));
    assert!(said.contains("29 seconds"), "{said}");
}

/// FPM counts `max children reached` when it lacks spare workers, too.
#[test]
fn a_lack_of_spare_workers_is_no_full_pool() {
    let often = Demand {
        reached: 99,
        ..demand(8)
    };
    let advice = single(5000 * MIB, pool(now(Manager::Dynamic, 10), 50 * MIB, often));
    assert_eq!(
        advice.wanted.map(|w| (w.workers, w.was_full)),
        Some((10, false))
    );
    assert_eq!(advice.children, None);
}

/// One that cannot be measured is reckoned like the biggest of the others; one that does not run
/// takes nothing.
#[test]
fn unknown_pools_count_all_the_same() {
    let known = || pool(now(Manager::Dynamic, 20), 50 * MIB, demand(5));
    let idle = Pool {
        workers: Vec::new(),
        ..pool(now(Manager::Ondemand, 10), MIB, demand(5))
    };
    let both = advise(&ask(1000 * MIB, vec![known(), idle.clone()]));
    assert_eq!(both[1].assumed, Some(50 * MIB));
    assert_eq!(both[0].children, Some((11, Reason::Memory)));
    assert!(!both[1].unknown.is_empty() && !both[1].has_edits());
    let gone = Pool {
        family: None,
        ..idle
    };
    let both = advise(&ask(1000 * MIB, vec![known(), gone]));
    assert_eq!(both[0].children, None);
    assert_eq!(both[0].fits, Some(20));
}

#[test]
fn a_busy_pool_keeps_workers() {
    let mut long = demand(6);
    long.duration = Some(300_000);
    let mut now = now(Manager::Ondemand, 10);
    now.spares = Spares::default();
    let advice = single(5000 * MIB, pool(now, 50 * MIB, long));
    // Three are busy on average, six at most: half of what is between is kept free.
    assert_eq!(advice.manager, Some(Manager::Dynamic));
    let spares = Spares {
        start: Some(3),
        min: Some(2),
        max: Some(3),
    };
    assert_eq!(advice.spares, spares);
    let settings = advice.settings();
    let names: Vec<&str> = settings.iter().map(|(name, _)| *name).collect();
    let expected = [
        "pm",
        "pm.start_servers",
        "pm.min_spare_servers",
        "pm.max_spare_servers",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_request_is_reckoned_though_php_gave_its_memory_back() {
    let idle = One {
        heap: 10 * MIB,
        request: 60 * MIB,
        ..one(16 * MIB, 5)
    };
    assert_eq!(idle.needs(), 66 * MIB);
    let kept = One {
        heap: 60 * MIB,
        ..idle
    };
    assert_eq!(
        One {
            own: 70 * MIB,
            ..kept
        }
        .needs(),
        70 * MIB
    );
    let worker = Worker::of(&[idle, one(30 * MIB, 9), one(200 * MIB, 0)]).unwrap();
    assert_eq!(
        (worker.count, worker.needs, worker.mean),
        (2, 66 * MIB, 48 * MIB)
    );
    assert!(worker.by_request);
    assert_eq!(Worker::of(&[one(MIB, 0)]), None);
}

#[test]
fn only_workers_that_grow_need_an_end() {
    let leaky: Vec<One> = (1..=12).map(|n| one((20 + 5 * n) * MIB, 500 * n)).collect();
    let growth = Growth::of(&leaky).unwrap();
    // 10 MiB for each 1,000 requests, and a young worker has 30 MiB.
    assert_eq!(growth.young, (30 * MIB, 1000));
    assert_eq!(growth.each, 5 * MIB / 500);
    assert_eq!(growth.requests, 3000);
    let full: Vec<One> = (1..=12).map(|n| one(60 * MIB, 500 * n)).collect();
    assert_eq!(Growth::of(&full), None);
    assert_eq!(Growth::of(&leaky[..7]), None, "too few");
    let warming: Vec<One> = (1..=12).map(|n| one((20 + 5 * n) * MIB, 20 * n)).collect();
    assert_eq!(Growth::of(&warming), None, "too young");
    let mut pool = pool(now(Manager::Static, 12), 50 * MIB, demand(5));
    pool.workers = leaky;
    assert_eq!(
        single(50_000 * MIB, pool.clone()).growth,
        None,
        "it has an end"
    );
    if let Ok(now) = &mut pool.now {
        now.max_requests = 0;
    }
    let advice = single(50_000 * MIB, pool);
    assert_eq!(advice.settings(), [("pm.max_requests", "3000".to_owned())]);
}

#[test]
fn queues_are_as_long_as_somebody_waits() {
    let backlog = |set: Option<u32>, rate_now: f64, somaxconn: u32| {
        let mut now = now(Manager::Static, 10);
        now.backlog = set;
        let busy = Demand {
            rate_now: Some(rate_now),
            ..demand(5)
        };
        let mut pool = pool(now, 50 * MIB, busy);
        pool.queue.somaxconn = Some(somaxconn);
        let backlog = single(5000 * MIB, pool).backlog.unwrap();
        (backlog.wanted, backlog.change, backlog.is_capped)
    };
    assert_eq!(backlog(None, 1.0, 4096), (511, None, false));
    assert_eq!(backlog(Some(511), 1.0, 4096), (511, None, false));
    assert_eq!(backlog(Some(128), 1.0, 4096), (511, Some(511), false));
    assert_eq!(backlog(Some(511), 1000.0, 4096), (2000, Some(2000), false));
    assert_eq!(backlog(Some(511), 1000.0, 1024), (2000, Some(1024), true));
    assert_eq!(backlog(None, 1000.0, 1024), (2000, None, true));
    // Within a fifth.
    assert_eq!(backlog(Some(511), 300.0, 4096), (600, None, false));
    // Set, and cut by the kernel already.
    assert_eq!(backlog(Some(2000), 1000.0, 128), (2000, None, true));
    // 50 requests of 100 ms at once would be 500 a second; it has ten on average.
    let mut burst = demand(50);
    burst.duration = Some(100_000);
    assert!(
        (burst.peak_rate() - 100.0).abs() < 1e-9,
        "{}",
        burst.peak_rate()
    );
}

fn managers() -> impl Strategy<Value = Manager> {
    prop_oneof![
        Just(Manager::Static),
        Just(Manager::Dynamic),
        Just(Manager::Ondemand)
    ]
}

fn any_pool() -> impl Strategy<Value = Pool> {
    let set = (
        managers(),
        1_u32..2000,
        1_u32..2000,
        1_u32..2000,
        1_u32..2000,
    );
    let seen = (
        1_u64..1 << 31,
        0_u32..2000,
        0_u64..3,
        0_u64..10_000_000,
        100_u64..1 << 30,
    );
    let rare = (0..10_u32, 0..10_u32, proptest::option::of(1_u32..100_000));
    (set, seen, rare).prop_map(|(set, seen, rare)| {
        let (manager, children, a, b, c) = set;
        let (each, peak, reached, duration, accepted) = seen;
        // As FPM takes it: min ≤ start ≤ max ≤ children.
        let mut three = [a, b, c].map(|n| n.min(children));
        three.sort_unstable();
        let [min, start, max] = three.map(Some);
        let demand = Demand {
            up: 3600,
            accepted,
            peak,
            reached,
            duration: Some(duration),
            ..Demand::default()
        };
        let mut now = now(manager, children);
        now.backlog = rare.2;
        now.spares = match manager {
            Manager::Dynamic => Spares { start, min, max },
            _ => Spares::default(),
        };
        let mut pool = pool(now, each, demand);
        if rare.0 == 0 {
            pool.demand = Err("no status".to_owned());
        }
        if rare.1 == 0 {
            pool.workers.clear();
        }
        pool
    })
}

/// What a pool will be.
fn then(pool: &Pool, advice: &Advice) -> (Manager, u32, Spares) {
    let now = pool.now.as_ref().unwrap();
    let spares = Spares {
        start: advice.spares.start.or(now.spares.start),
        min: advice.spares.min.or(now.spares.min),
        max: advice.spares.max.or(now.spares.max),
    };
    let children = advice.children.map_or(now.children, |(n, _)| n);
    (advice.manager.unwrap_or(now.manager), children, spares)
}

proptest! {
    /// `fpm_conf_process_all_pools`
    #[test]
    fn fpm_takes_the_result(room in 0_u64..1 << 42, pools in proptest::collection::vec(any_pool(), 1..5)) {
        let ask = ask(room, pools);
        for (pool, advice) in ask.pools.iter().zip(advise(&ask)) {
            let (manager, children, spares) = then(pool, &advice);
            prop_assert!(children >= 1);
            if manager == Manager::Dynamic {
                let [start, min, max] = [spares.start, spares.min, spares.max].map(Option::unwrap);
                prop_assert!(1 <= min && min <= start && start <= max && max <= children, "{spares:?} {children}");
            }
            if !advice.unknown.is_empty() {
                prop_assert!(!advice.is_finding());
            }
        }
    }

    /// Whatever is set new fits, and where somebody gets more, everything fits.
    #[test]
    fn the_memory_is_enough(room in 0_u64..1 << 42, pools in proptest::collection::vec(any_pool(), 1..5)) {
        let ask = ask(room, pools);
        let all = advise(&ask);
        let mut sum = 0;
        for (pool, advice) in ask.pools.iter().zip(&all) {
            if let Some((children, _)) = advice.children {
                prop_assert!(children <= advice.fits.unwrap());
            }
            let each = advice.worker.map(|worker| worker.needs).or(advice.assumed).unwrap_or(0);
            sum += u128::from(each) * u128::from(then(pool, advice).1);
        }
        let all_known = all.iter().all(|advice| advice.unknown.is_empty());
        let raises = all.iter().any(|a| matches!(a.children, Some((_, Reason::Demand))));
        let has_room = all.iter().all(|advice| advice.fits != Some(0));
        if all_known && has_room {
            let most = if raises { u128::from(room) } else { u128::from(room) * 11 / 10 };
            prop_assert!(sum <= most, "{sum} {most} {all:?}");
        }
    }

    #[test]
    fn more_memory_is_never_fewer_workers(
        room in 0_u64..1 << 42,
        more in 0_u64..1 << 40,
        pools in proptest::collection::vec(any_pool(), 1..5),
    ) {
        let less = advise(&ask(room, pools.clone()));
        let most = advise(&ask(room + more, pools));
        for (less, most) in less.iter().zip(&most) {
            prop_assert!(less.fits <= most.fits, "{less:?} {most:?}");
            prop_assert!(less.is_short || !most.is_short);
        }
    }

    /// What was recommended is not recommended against by the next run on the same numbers.
    #[test]
    fn it_does_not_flap(room in 0_u64..1 << 42, pool in any_pool()) {
        let before = single(room, pool.clone());
        let (manager, children, spares) = then(&pool, &before);
        let mut pool = pool;
        let queue = before.backlog.and_then(|backlog| backlog.change);
        if let Ok(now) = &mut pool.now {
            (now.manager, now.children, now.spares) = (manager, children, spares);
            now.backlog = queue.or(now.backlog);
        }
        if let Ok(demand) = &mut pool.demand {
            // The workers are enough now.
            demand.peak = demand.peak.min(children.saturating_sub(1));
        }
        let after = single(room, pool);
        let lowers = matches!(after.children, Some((_, Reason::Memory)));
        prop_assert!(!lowers, "{before:?} {after:?}");
        prop_assert_eq!(after.backlog.and_then(|backlog| backlog.change), None);
    }
}
