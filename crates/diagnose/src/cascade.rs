//! What led to what: a cause that follows from another one a moment before.

use crate::judge::Verdict;
use base::SortedMap;

/// Causes that are consequences, and how long after their root they may come (milliseconds).
const FOLLOWS: &[(&str, i64, &[&str])] = &[
    (
        "no-live-upstreams",
        // `fail_timeout`'s default.
        10_000,
        &[
            "worker-terminated-by-timeout",
            "worker-oom-killed",
            "worker-killed-by-signal",
            "worker-crashed",
            "worker-exited",
            "fpm-reloaded",
            "fpm-stopped",
            "fpm-emergency-restart",
            "fpm-socket-missing",
            "fpm-refused",
            "fpm-socket-permission",
            "backlog-full",
            "nginx-gave-up",
            "pool-exhausted",
            "undetermined",
        ],
    ),
    (
        "fpm-emergency-restart",
        60_000,
        &[
            "worker-crashed",
            "worker-killed-by-signal",
            "worker-oom-killed",
        ],
    ),
    ("fpm-socket-missing", 60_000, &["fpm-stopped"]),
    ("fpm-refused", 60_000, &["fpm-stopped", "worker-oom-killed"]),
    (
        "pool-exhausted",
        120_000,
        &[
            "nginx-gave-up",
            "worker-terminated-by-timeout",
            "client-gone",
        ],
    ),
    (
        "backlog-full",
        120_000,
        &[
            "nginx-gave-up",
            "pool-exhausted",
            "worker-terminated-by-timeout",
            "client-gone",
        ],
    ),
    ("client-gone", 120_000, &["pool-exhausted", "nginx-gave-up"]),
];

/// For each cause the causes that came shortly before its incidents, with the number of incidents
/// that they explain.
pub(crate) fn led_by(
    verdicts: &[Verdict<'_>],
) -> SortedMap<&'static str, Vec<(&'static str, u64)>> {
    let mut times: SortedMap<&'static str, Vec<i64>> = SortedMap::new();
    for verdict in verdicts {
        times
            .entry(verdict.id())
            .or_default()
            .extend(verdict.failure.time());
    }
    let mut out: SortedMap<&'static str, Vec<(&'static str, u64)>> = SortedMap::new();
    for (cause, reach, roots) in FOLLOWS {
        let (Some(own), true) = (times.get(cause), verdicts.len() > 1) else {
            continue;
        };
        for root in *roots {
            let Some(before) = times.get(root).filter(|_| root != cause) else {
                continue;
            };
            // Verdicts are in order of time, so are these.
            let follows = own.iter().filter(|at| {
                let behind = before.partition_point(|one| one <= at);
                behind > 0 && **at - before[behind - 1] <= *reach
            });
            let count = u64::try_from(follows.count()).unwrap_or(u64::MAX);
            if count > 0 {
                out.entry(cause).or_default().push((root, count));
            }
        }
    }
    for roots in out.values_mut() {
        roots.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
    out
}
