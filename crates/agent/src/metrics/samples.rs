//! What the metrics are worth at one moment.

use std::collections::BTreeMap;

use super::families as f;
use super::families::Family;
use super::own::Own;
use crate::ask::{Failure, Place};
use crate::counts::Counter;
use crate::pools::{Door, Watched};
use crate::sample::State;
use crate::snapshot::{PoolView, RouteView, Snapshot};

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Of which family.
    pub family: &'static Family,
    /// The values of its labels, in the family's order.
    pub labels: Vec<String>,
    /// The value.
    pub value: f64,
}

/// Values by family and labels: each once, in the order of the families.
#[derive(Default)]
struct Out(BTreeMap<(usize, Vec<String>), f64>);

impl Out {
    fn add(&mut self, family: &Family, labels: &[&str], value: f64) {
        let at = f::ALL.iter().position(|known| known.name == family.name);
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        // Two pools of one name at one address are one: FPM refuses that, a project may have it.
        self.0.insert((at.unwrap_or(0), labels), value);
    }

    fn add_if(&mut self, family: &Family, labels: &[&str], value: Option<f64>) {
        if let Some(value) = value {
            self.add(family, labels, value);
        }
    }

    fn add_all(&mut self, family: &Family, counter: &Counter) {
        for (labels, count) in counter.series() {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            self.add(family, &labels, float(count));
        }
    }
}

/// All values of a snapshot. What is not known is not there.
pub fn samples(snapshot: &Snapshot, own: Own) -> Vec<Sample> {
    let mut out = Out::default();
    for pool in &snapshot.pools {
        old(&mut out, pool);
        ours(&mut out, pool, snapshot.taken);
    }
    let failures = snapshot.counts.scrape_failures.series();
    for (labels, count) in failures {
        let known = snapshot.pools.iter().find(|pool| {
            let names = [pool.watched.name.as_str(), &pool.watched.shown_listen()];
            labels.iter().map(String::as_str).eq(names)
        });
        if let Some(pool) = known {
            let uri = scrape_uri(&pool.watched);
            out.add(
                &f::SCRAPE_FAILURES,
                &[&pool.watched.name, &uri],
                float(count),
            );
        }
    }
    causes(&mut out, snapshot);
    config(&mut out, snapshot);
    health(&mut out, snapshot, own);
    let back = |((at, labels), value): ((usize, Vec<String>), f64)| Sample {
        family: &f::ALL[at],
        labels,
        value,
    };
    out.0.into_iter().map(back).collect()
}

/// As other exporters have it.
fn old(out: &mut Out, pool: &PoolView) {
    let uri = scrape_uri(&pool.watched);
    let labels = [pool.watched.name.as_str(), &uri];
    let answer = pool.sample.answer();
    out.add(&f::UP, &labels, truth(answer.is_some()));
    out.add_if(&f::SCRAPE_FAILURES, &labels, Some(0.0));
    let Some(status) = answer else {
        return;
    };
    let queue = pool.sample.queue;
    let waiting = queue.map_or(status.listen_queue, |queue| u64::from(queue.waiting));
    for (family, value) in [
        (&f::START_SINCE, status.up),
        (&f::ACCEPTED, status.accepted),
        (&f::LISTEN_QUEUE, waiting),
        (&f::MAX_LISTEN_QUEUE, status.max_listen_queue),
        (&f::LISTEN_QUEUE_LENGTH, status.listen_queue_len),
        (&f::IDLE, status.idle),
        (&f::ACTIVE, status.active),
        (&f::TOTAL, status.total),
        (&f::MAX_ACTIVE, status.max_active),
        (&f::REACHED, status.max_children_reached),
        (&f::SLOW, status.slow_requests),
    ] {
        out.add(family, &labels, float(value));
    }
}

fn ours(out: &mut Out, pool: &PoolView, now: i64) {
    let listen = pool.watched.shown_listen();
    let labels = [pool.watched.name.as_str(), &listen];
    let state = pool.sample.state(&pool.watched);
    let is_up = match state {
        State::Fine | State::Saturated => Some(1.0),
        State::Down => Some(0.0),
        State::Unknown => None,
    };
    out.add_if(&f::POOL_UP, &labels, is_up);
    if state != State::Unknown {
        out.add(
            &f::POOL_SATURATED,
            &labels,
            truth(state == State::Saturated),
        );
    }
    for one in [State::Fine, State::Saturated, State::Down, State::Unknown] {
        let labels = [labels[0], labels[1], one.word()];
        out.add(&f::POOL_STATE, &labels, truth(state == one));
    }
    let answer = pool.sample.answer();
    out.add_if(
        &f::POOL_BUSY,
        &labels,
        answer.map(|status| float(status.busy())),
    );
    let children = pool.watched.max_children.map(f64::from);
    out.add_if(&f::POOL_MAX_CHILDREN, &labels, children);
    let queue = pool.sample.queue;
    out.add_if(
        &f::POOL_WAITING,
        &labels,
        queue.map(|queue| f64::from(queue.waiting)),
    );
    out.add_if(
        &f::POOL_LIMIT,
        &labels,
        queue.map(|queue| f64::from(queue.limit)),
    );
    let oldest = answer.map(|status| status.longest().map_or(0, |one| one.duration));
    out.add_if(
        &f::POOL_OLDEST,
        &labels,
        oldest.map(|micros| float(micros) / 1e6),
    );
    if let Some(asked) = &pool.sample.status {
        let blocked = [Failure::Full, Failure::NotAsked];
        let is_blocked = asked.as_ref().is_err_and(|failure| {
            blocked.contains(failure) || matches!(failure, Failure::Silent(_))
        });
        out.add(&f::POOL_BLOCKED, &labels, truth(is_blocked));
        out.add(&f::POOL_TOOK, &labels, pool.sample.took.as_secs_f64());
    }
    let age = pool.good.as_ref().map(|(_, at)| seconds(now - at));
    out.add_if(&f::POOL_AGE, &labels, age);
}

fn causes(out: &mut Out, snapshot: &Snapshot) {
    let counts = &snapshot.counts;
    out.add_all(&f::INCIDENTS, &counts.incidents);
    let mut causes: BTreeMap<&str, u64> = BTreeMap::from([("undetermined", 0)]);
    causes.extend(diagnose::causes::ALL.iter().map(|cause| (cause.id, 0)));
    let harms = [
        "client-error",
        "broken-page",
        "client-left",
        "hidden",
        "unknown",
    ];
    let mut harms: BTreeMap<&str, u64> = harms.map(|harm| (harm, 0)).into();
    let mut by_harm: BTreeMap<(&str, [&str; 2]), u64> = BTreeMap::new();
    for (labels, count) in counts.incidents.series() {
        if let [cause, _, harm, route, pool] = labels {
            *by_harm.entry((harm, [route, pool])).or_default() += count;
            *causes.entry(cause).or_default() += count;
            *harms.entry(harm).or_default() += count;
        }
    }
    for (cause, count) in causes {
        out.add(&f::CAUSES, &[cause], float(count));
    }
    for (harm, count) in harms {
        out.add(&f::HARMS, &[harm], float(count));
    }
    for ((harm, labels), count) in by_harm {
        match harm {
            "broken-page" => out.add(&f::TRUNCATED, &labels, float(count)),
            "hidden" => out.add(&f::HIDDEN, &labels, float(count)),
            _ => {}
        }
    }
    for (family, counter) in [
        (&f::EXITS, &counts.exits),
        (&f::OOM, &counts.oom_kills),
        (&f::TERMINATED, &counts.terminations),
        (&f::MAX_CHILDREN, &counts.max_children),
        (&f::SLOW_LOGGED, &counts.slow),
        (&f::RESPONSES, &counts.responses),
        (&f::LOG_LINES, &counts.lines),
        (&f::LOG_BYTES, &counts.bytes),
        (&f::ROTATIONS, &counts.rotations),
    ] {
        out.add_all(family, counter);
    }
}

fn config(out: &mut Out, snapshot: &Snapshot) {
    let config = &snapshot.config;
    let [mut hold, mut broken, mut unknown] = [0_u32; 3];
    for route in &config.routes {
        let labels = |link| [route.route.as_str(), route.pool.as_str(), link];
        for link in &route.links {
            if let Ok(limit) = &link.limit {
                let value = limit.map_or(f64::INFINITY, |limit| float(limit.0) / 1000.0);
                out.add(&f::LIMIT, &labels(link.name), value);
            }
        }
        for (link, holds) in route.holds() {
            out.add_if(&f::HOLDS, &labels(link), holds.map(truth));
        }
        match state_of(route) {
            Some(true) => hold += 1,
            Some(false) => broken += 1,
            None => unknown += 1,
        }
    }
    for (chain, count) in [("holds", hold), ("broken", broken), ("unknown", unknown)] {
        out.add(&f::ROUTES, &[chain], f64::from(count));
    }
    for (severity, count) in &config.findings {
        out.add(&f::FINDINGS, &[severity], float(*count));
    }
    out.add(&f::PROBLEMS, &[], float(config.problems.len() as u64));
    out.add(&f::LOADED, &[], seconds(config.loaded));
    out.add(&f::RELOAD_FAILURES, &[], float(config.failures));
}

/// Whether a chain holds; one broken link is enough to know that it does not.
pub(crate) fn state_of(route: &RouteView) -> Option<bool> {
    let links = route.holds().map(|(_, holds)| holds);
    if links.contains(&Some(false)) {
        return Some(false);
    }
    links.iter().all(Option::is_some).then_some(true)
}

fn health(out: &mut Out, snapshot: &Snapshot, own: Own) {
    out.add(&f::BUILD, &[env!("CARGO_PKG_VERSION")], 1.0);
    for log in &snapshot.logs {
        let labels = [log.name.as_str()];
        out.add(&f::LOG_LAG, &labels, float(log.lag));
        out.add(&f::LOG_UP, &labels, truth(log.problem.is_none()));
        out.add_if(&f::LOG_READ, &labels, log.read.map(seconds));
    }
    out.add(&f::QUEUES, &[], truth(snapshot.no_queues.is_none()));
    out.add_if(&f::SAVED, &[], snapshot.own.saved.map(seconds));
    out.add(&f::SAVE_FAILURES, &[], float(snapshot.own.save_failures));
    out.add(&f::ROUND, &[], snapshot.own.round);
    out.add(&f::ROUND_AT, &[], seconds(snapshot.taken));
    if let Some(push) = &snapshot.own.push {
        out.add(&f::OTLP_SENT, &[], float(push.sent));
        out.add(&f::OTLP_FAILURES, &[], float(push.failures));
        out.add(&f::OTLP_DROPPED, &[], float(push.dropped));
        out.add(&f::OTLP_BUFFERED, &[], float(push.buffered));
    }
    out.add_if(&f::MEMORY, &[], own.memory.map(float));
    out.add_if(&f::FILES, &[], own.files.map(float));
    out.add_if(&f::CPU, &[], own.cpu);
    out.add(&f::STARTED, &[], seconds(snapshot.began));
}

/// Where a pool is asked, as php-fpm_exporter writes it: `unix:///run/php.sock;/status`,
/// `tcp://127.0.0.1:9000/status`.
fn scrape_uri(pool: &Watched) -> String {
    let path = pool.status_path.as_deref().unwrap_or_default();
    let path = base::source::printable(path);
    match &pool.door {
        Door::Own(Place::Unix(at)) | Door::Shared(Place::Unix(at)) => {
            let at = base::source::printable(at.as_os_str().as_encoded_bytes());
            format!("unix://{at};{path}")
        }
        Door::Own(Place::Tcp(at)) | Door::Shared(Place::Tcp(at)) => format!("tcp://{at}{path}"),
        Door::None(_) => String::new(),
    }
}

fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// From milliseconds.
fn seconds(millis: i64) -> f64 {
    float(u64::try_from(millis).unwrap_or(0)) / 1000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus has no other numbers"
)]
fn float(number: u64) -> f64 {
    number as f64
}
