//! Fixes in FPM's and PHP's files.

use base::{Edit, Limit, Millis, Origin};
use model::Chain;
use model::php::{FpmTime, Pool};

use crate::change::{Asked, Proposal};
use crate::execution::set_php;
use crate::ini::{set_in_global, set_in_pool, set_value};
use crate::routes::raise_read;
use crate::time::{below, margin, neat_above, seconds};

fn after(limit: &Result<base::Setting<Limit>, String>) -> Option<Millis> {
    limit.as_ref().ok()?.value.fires_after()
}

/// `max_execution_time` below what FPM or nginx end anyway: nothing that worked stops working.
pub(crate) fn lower_execution(asked: &Asked<'_>) -> Option<Proposal> {
    let is_above = |chain: &&Chain<'_>| {
        let (Some(execution), Some(terminate)) = (after(&chain.execution), after(&chain.terminate))
        else {
            return false;
        };
        execution >= terminate
    };
    let chains: Vec<_> = asked.chains().filter(is_above).collect();
    let first = chains.first()?;
    let terminate = after(&first.terminate)?;
    if terminate < Millis::from_secs(2) {
        // Nothing fits below one second.
        let edit = set_in_pool(&asked.cx.model.sources, first.pool, TERMINATE, "2s")?;
        return Proposal::of(
            format!("set `{TERMINATE}` to 2s"),
            "nothing fits below it",
            vec![edit],
        );
    }
    let value = |chain: &Chain<'_>| {
        after(&chain.terminate).map_or(1, |terminate| seconds(below(terminate)))
    };
    let edits = set_php(asked.cx, &chains, "max_execution_time", value);
    let title = format!("set `max_execution_time` to {}", value(first));
    let pool = first.pool.shown_name();
    let why = format!("FPM ends every script of pool `{pool}` after {terminate} anyway");
    Proposal::of(title, why, edits)
}

/// Equal limits: the inner one is lowered if it is PHP's, else nginx waits longer.
pub(crate) fn part(asked: &Asked<'_>) -> Option<Proposal> {
    lower_execution(asked).or_else(|| raise_read(asked))
}

const TERMINATE: &str = "request_terminate_timeout";
const SLOWLOG: &str = "request_slowlog_timeout";

/// A negative time: zero is what switches one pool off.
pub(crate) fn zero_negative(asked: &Asked<'_>) -> Option<Proposal> {
    let sources = &asked.cx.model.sources;
    let at = asked.finding.primary.span;
    let fpm = asked.cx.model.fpm.iter();
    let (pool, name, _) = fpm
        .filter_map(|fpm| fpm.watch_off())
        .find(|off| off.2 == at)?;
    let edit = set_value(sources, pool.settings.get(name)?, "0");
    let why = "zero switches the limit off for this pool alone";
    Proposal::of(format!("set `{name}` to 0"), why, vec![edit])
}

/// The pools that a finding about a pool's line is about.
fn pools_at<'a>(asked: &Asked<'a>) -> impl Iterator<Item = &'a Pool> + use<'a> {
    let at = asked.finding.primary.span;
    let name = asked.wants.pool.as_ref();
    let pools = asked.cx.model.pools().map(|(_, pool)| pool);
    let fits = move |pool: &&Pool| {
        let places = pool.settings.iter().map(|(_, assignment)| assignment.span);
        let mut places = places.chain(pool.header);
        name.is_none_or(|name| pool.name == name.as_bytes()) && places.any(|place| place == at)
    };
    pools.filter(fits)
}

/// A slow log limit that leaves room below the end of the script.
pub(crate) fn lower_slowlog(asked: &Asked<'_>) -> Option<Proposal> {
    let pool = pools_at(asked).next()?;
    let FpmTime::After(end) = pool.settings.time(TERMINATE).ok()?.value else {
        return None;
    };
    let value = slow_below(end);
    let edit = set_in_pool(&asked.cx.model.sources, pool, SLOWLOG, &format!("{value}s"))?;
    let why =
        format!("FPM does not start with a limit above the {end} after which it ends the script");
    Proposal::of(format!("set `{SLOWLOG}` to {value}s"), why, vec![edit])
}

fn slow_below(end: Millis) -> u64 {
    seconds(below(end)).min(5)
}

/// Where a slow log goes: beside FPM's own log.
fn slow_log_file(asked: &Asked<'_>, pool: &Pool) -> String {
    let owner = asked
        .cx
        .model
        .fpm
        .iter()
        .find(|fpm| fpm.pools.iter().any(|other| std::ptr::eq(other, pool)));
    let log = owner.and_then(|fpm| fpm.global.text("error_log")?.ok());
    let log = log.and_then(|log| String::from_utf8(log.value).ok());
    let stem = log.filter(|log| {
        log.starts_with('/') && !log.starts_with("/proc/") && !log.starts_with("/dev/")
    });
    let stem = stem.unwrap_or_else(|| "/var/log/php-fpm.log".to_owned());
    let stem = stem.strip_suffix(".log").unwrap_or(&stem);
    format!("{stem}.$pool.slow.log")
}

/// A slow log: a limit and a file.
pub(crate) fn add_slowlog(asked: &Asked<'_>) -> Option<Proposal> {
    let sources = &asked.cx.model.sources;
    let mut edits: Vec<Edit> = Vec::new();
    for pool in pools_at(asked) {
        let limit = match pool.settings.time(TERMINATE).ok()?.value {
            FpmTime::After(end) => slow_below(end),
            _ => 5,
        };
        if !matches!(pool.settings.time(SLOWLOG).ok()?.value, FpmTime::After(_)) {
            edits.extend(set_in_pool(sources, pool, SLOWLOG, &format!("{limit}s")));
        }
        let file = pool.settings.get("slowlog");
        if file.is_none_or(|file| file.text.is_empty() && file.holes.is_empty()) {
            edits.extend(set_in_pool(
                sources,
                pool,
                "slowlog",
                &slow_log_file(asked, pool),
            ));
        }
    }
    let why = "it names the line that waited, and makes FPM look more often";
    Proposal::of("write a slow log", why, edits)
}

/// An end for scripts, between PHP's limit and nginx's.
pub(crate) fn add_terminate(asked: &Asked<'_>) -> Option<Proposal> {
    let sources = &asked.cx.model.sources;
    let mut edits = Vec::new();
    let mut title = String::new();
    for pool in pools_at(asked) {
        let chains = asked.cx.chains().iter();
        let chains: Vec<_> = chains
            .filter(|chain| std::ptr::eq(chain.pool, pool))
            .collect();
        let execution = chains
            .iter()
            .filter_map(|chain| after(&chain.execution))
            .max();
        let read = chains.iter().filter_map(|chain| after(&chain.read)).min()?;
        let lateness = chains.first()?.fpm.lateness();
        let time = end_between(execution, read, lateness);
        title = format!(
            "set `{TERMINATE}` of pool `{}` to {time}s",
            pool.shown_name()
        );
        edits.extend(set_in_pool(sources, pool, TERMINATE, &format!("{time}s")));
    }
    let why = "what nginx has given up must not keep a worker";
    Proposal::of(title, why, edits)
}

/// The longest time that ends before nginx gives up; above PHP's limit in any case.
fn end_between(execution: Option<Millis>, read: Millis, lateness: Millis) -> u64 {
    let least = execution.map_or(1, |execution| seconds(neat_above(execution)));
    let fits = |time: &u64| {
        let own = Millis(time * 1000 / 3);
        // FPM looks every third of the shortest limit; 130 ms stands for no limit at all yet.
        let late = if lateness > Millis(130) {
            own.min(lateness)
        } else {
            own
        };
        Millis(time * 1000).plus(late) < read
    };
    let most = (1..=seconds(read)).rev().filter(fits);
    let neat = most
        .filter(|time| time % 5 == 0 || *time < 10)
        .find(|time| *time >= least);
    neat.unwrap_or(least)
}

/// A limit for computing, below what ends the script anyway.
pub(crate) fn add_execution(asked: &Asked<'_>) -> Option<Proposal> {
    let is_off = |chain: &&Chain<'_>| {
        chain
            .execution
            .as_ref()
            .is_ok_and(|limit| limit.value == Limit::Off)
    };
    let chains: Vec<_> = asked.chains().filter(is_off).collect();
    let value = |chain: &Chain<'_>| match after(&chain.terminate) {
        Some(end) => seconds(below(end)),
        None => 30,
    };
    let first = chains.first()?;
    let title = format!("set `max_execution_time` to {}", value(first));
    let edits = set_php(asked.cx, &chains, "max_execution_time", value);
    let why = "it measures CPU time: a page that computes for longer is a loop";
    Proposal::of(title, why, edits)
}

/// Another PHP time, below the end of the request.
pub(crate) fn lower_socket_timeout(asked: &Asked<'_>) -> Option<Proposal> {
    lower_php(asked, "default_socket_timeout", |chain| {
        let end = [after(&chain.read), after(&chain.terminate)]
            .into_iter()
            .flatten()
            .min();
        end.map_or(60, |end| seconds(below(end)).min(60))
    })
}

/// PHP's own recommendation, or less.
pub(crate) fn lower_input_time(asked: &Asked<'_>) -> Option<Proposal> {
    lower_php(asked, "max_input_time", |chain| {
        after(&chain.read).map_or(60, |read| seconds(read).min(60))
    })
}

fn lower_php(asked: &Asked<'_>, name: &str, value: impl Fn(&Chain<'_>) -> u64) -> Option<Proposal> {
    let chains: Vec<_> = asked.chains().collect();
    let first = chains.first()?;
    let title = format!("set `{name}` to {}", value(first));
    let edits = set_php(asked.cx, &chains, name, value);
    Proposal::of(title, "the request is over by then", edits)
}

/// A reload that waits for the longest request.
pub(crate) fn wait_at_reload(asked: &Asked<'_>) -> Option<Proposal> {
    let chains: Vec<_> = asked.chains().collect();
    let fpm = chains.first()?.fpm;
    let of_fpm = asked
        .cx
        .chains()
        .iter()
        .filter(|chain| std::ptr::eq(chain.fpm, fpm));
    let ends = of_fpm.filter_map(|chain| after(&chain.terminate).or_else(|| after(&chain.read)));
    let time = seconds(neat_above(ends.max()?));
    let name = "process_control_timeout";
    let edit = set_in_global(&asked.cx.model.sources, fpm, name, &format!("{time}s"))?;
    let why =
        "requests that run at a reload may end; raise systemd's `TimeoutStopSec` above it too";
    Proposal::of(format!("set `{name}` to {time}s"), why, vec![edit])
}

/// Every ladder of the chains built around one request time, inner limits only: nginx follows in
/// the next round.
pub(crate) fn for_request_time(asked: &Asked<'_>, time: Millis) -> Option<Proposal> {
    let sources = &asked.cx.model.sources;
    let chains: Vec<_> = asked.chains().collect();
    let wanted = seconds(time);
    let end = wanted + seconds(margin(time));
    let mut edits = Vec::new();
    let other = |chain: &&&Chain<'_>| after(&chain.execution) != Some(time);
    let others: Vec<_> = chains.iter().filter(other).copied().collect();
    edits.extend(set_php(asked.cx, &others, "max_execution_time", |_| wanted));
    for chain in &chains {
        if after(&chain.terminate) == Some(Millis::from_secs(end)) {
            continue;
        }
        let edit = set_in_pool(sources, chain.pool, TERMINATE, &format!("{end}s"));
        edits.extend(edit.filter(|edit| !edits.contains(edit)));
        let slow = chain.pool.settings.time(SLOWLOG).ok();
        let is_above = slow.is_some_and(|slow| {
            matches!(slow.value, FpmTime::After(after) if after > Millis::from_secs(end))
                && !matches!(slow.origin, Origin::Default { .. })
        });
        if is_above {
            let value = format!("{}s", slow_below(Millis::from_secs(end)));
            let edit = set_in_pool(sources, chain.pool, SLOWLOG, &value);
            edits.extend(edit.filter(|edit| !edits.contains(edit)));
        }
    }
    let title = format!("let requests take {wanted}s: PHP {wanted}s, FPM {end}s");
    Proposal::of(title, "asked for with --request-time", edits)
}
