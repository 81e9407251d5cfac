//! The ladder that people look at: every limit of a chain in the order in which a request meets
//! it, and what becomes of a script that never answers.
//!
//! Who fires first, with which status and log line, was measured with the real servers.

use base::ladder::{Actor, Fate, Ladder, Rung};
use base::{Limit, Millis};

use crate::chain::{Chain, Known};
use crate::model::{Backend, Model, Nginx};
use crate::nginx::route::{retries_on, tries};
use crate::nginx::{Protocol, Route};

/// One ladder for each chain, and one for each FastCGI route whose pool is not known.
pub fn ladders(model: &Model, chains: &[Chain<'_>]) -> Vec<Ladder> {
    let mut out: Vec<Ladder> = chains.iter().map(of_chain).collect();
    for (nginx, route) in model.routes() {
        if route.protocol != Protocol::Fastcgi {
            continue;
        }
        if let Some(why) = why_unknown(model, route) {
            out.push(without_pool(nginx, route, why));
        }
    }
    out
}

/// Why no pool is known for a route; `None` when one is.
pub fn why_unknown(model: &Model, route: &Route) -> Option<String> {
    if let Some(why) = &route.unknown {
        return Some(why.clone());
    }
    let mut why = None;
    for (peer, backend) in model.backends(route) {
        match backend {
            Backend::Pool(_) => return None,
            Backend::Nobody => {
                let address = peer.address.as_ref().map(ToString::to_string);
                let address = address.unwrap_or_default();
                why = why.or(Some(format!("no pool listens at {address}")));
            }
            Backend::Loopback(pool) => {
                let name = model.pool(pool).shown_name();
                why = why.or(Some(format!(
                    "pool `{name}` listens at the loopback of another machine"
                )));
            }
            Backend::Unknown(reason) => why = why.or(Some(reason)),
        }
    }
    why.or_else(|| Some("its upstream has no server".to_owned()))
}

fn of_chain(chain: &Chain<'_>) -> Ladder {
    let sleeping = sleeping(chain);
    let busy = busy(chain);
    let mut rungs = nginx_rungs(chain.nginx, chain.route);
    let latest = chain.latest_end();
    rungs.push(rung(
        Actor::Fpm,
        "request_slowlog_timeout",
        &chain.slowlog,
        "wall time, only logs",
    ));
    let mut terminate = rung(
        Actor::Fpm,
        "request_terminate_timeout",
        &chain.terminate,
        "wall time",
    );
    terminate.latest = latest;
    rungs.push(terminate);
    rungs.push(rung(
        Actor::Php,
        "max_execution_time",
        &chain.execution,
        "CPU time",
    ));
    for rung in &mut rungs {
        rung.ends_sleeping = sleeping.1.contains(&rung.name);
        rung.ends_busy = busy.1.contains(&rung.name);
    }
    Ladder {
        route: chain.route.label.clone(),
        target: target(chain.nginx, chain.route),
        pool: Ok(chain.pool.shown_name()),
        rungs,
        sleeping: sleeping.0,
        busy: busy.0,
    }
}

fn without_pool(nginx: &Nginx, route: &Route, why: String) -> Ladder {
    let unknown = || Fate {
        at: None,
        status: "unknown".to_owned(),
        log_name: "",
        log_line: String::new(),
        note: format!("the limits of PHP-FPM and PHP are unknown: {why}"),
    };
    Ladder {
        route: route.label.clone(),
        target: target(nginx, route),
        rungs: nginx_rungs(nginx, route),
        sleeping: unknown(),
        busy: unknown(),
        pool: Err(why),
    }
}

fn target(nginx: &Nginx, route: &Route) -> String {
    let text = nginx.config.word(route.pass, 1).unwrap_or_default();
    base::source::printable(&text)
}

fn nginx_rungs(nginx: &Nginx, route: &Route) -> Vec<Rung> {
    let (config, scope) = (&nginx.config, route.scope);
    let protocol = route.protocol;
    let limit = |name: &'static str| config.limit(scope, name);
    vec![
        rung(
            Actor::Client,
            "client_body_timeout",
            &limit("client_body_timeout"),
            "gap between two reads",
        ),
        rung(
            Actor::Nginx,
            protocol.connect_timeout(),
            &limit(protocol.connect_timeout()),
            "until connected",
        ),
        rung(
            Actor::Nginx,
            protocol.send_timeout(),
            &limit(protocol.send_timeout()),
            "gap between two writes",
        ),
        rung(
            Actor::Nginx,
            protocol.read_timeout(),
            &limit(protocol.read_timeout()),
            "gap between two reads",
        ),
    ]
}

fn rung(actor: Actor, name: &'static str, setting: &Known<Limit>, measures: &'static str) -> Rung {
    Rung {
        actor,
        name,
        limit: setting.as_ref().map(|s| s.value).map_err(Clone::clone),
        latest: None,
        origin: setting.as_ref().ok().map(|s| s.origin.clone()),
        measures,
        ends_sleeping: false,
        ends_busy: false,
    }
}

const TIMED_OUT: &str = "upstream timed out (110: Connection timed out) while reading response \
                         header from upstream";
const RESET: &str = "recv() failed (104: Connection reset by peer) while reading response header \
                     from upstream";

/// A fate and the names of the limits that bring it about.
type Fated = (Fate, Vec<&'static str>);

fn unknown(why: &str) -> Fated {
    let fate = Fate {
        at: None,
        status: "unknown".to_owned(),
        log_name: "",
        log_line: String::new(),
        note: why.to_owned(),
    };
    (fate, Vec::new())
}

/// A script that waits: only wall-clock limits see it.
fn sleeping(chain: &Chain<'_>) -> Fated {
    by_the_clock(chain, None)
}

/// What the wall-clock limits do to a script that PHP would end after so much CPU time.
fn by_the_clock(chain: &Chain<'_>, cpu: Option<Millis>) -> Fated {
    let (read, terminate) = match (&chain.read, &chain.terminate) {
        (Ok(read), Ok(terminate)) => (read.value, terminate.value),
        (Err(why), _) | (_, Err(why)) => return unknown(why),
    };
    let gives_up = read.fires_after().unwrap_or(Millis(u64::MAX));
    let by_php =
        |cpu| format!("the worker stays busy until PHP ends the script, after {cpu} of CPU time");
    let Some(ends) = terminate.fires_after() else {
        let nothing = "nothing ends the script: its worker stays busy until it returns";
        let note = cpu.map_or_else(|| nothing.to_owned(), by_php);
        return read_fires(chain, gives_up, &note);
    };
    let latest = ends.plus(chain.lateness);
    if gives_up <= ends {
        let note = match cpu.filter(|cpu| *cpu < ends) {
            Some(cpu) => by_php(cpu),
            None => format!("the worker stays busy until FPM ends the script, {ends} to {latest}"),
        };
        return read_fires(chain, gives_up, &note);
    }
    if latest < gives_up {
        return terminate_fires(chain, ends, latest);
    }
    race(ends, gives_up)
}

fn read_fires(chain: &Chain<'_>, at: Millis, note: &str) -> Fated {
    let count = tries(&chain.nginx.config, chain.route);
    let again = count > 1 && retries_on(&chain.nginx.config, chain.route, "timeout");
    let (until, note) = match again {
        true => (
            at.times(count),
            format!("a GET is sent to up to {count} servers, each waits {at}; {note}"),
        ),
        false => (at, note.to_owned()),
    };
    let fate = Fate {
        at: Some((at, until)),
        status: "504".to_owned(),
        log_name: "nginx error.log",
        log_line: TIMED_OUT.to_owned(),
        note,
    };
    (fate, vec![chain.route.protocol.read_timeout()])
}

fn terminate_fires(chain: &Chain<'_>, from: Millis, to: Millis) -> Fated {
    let seconds = from.0 / 1000;
    let pool = chain.pool.shown_name();
    let fate = Fate {
        at: Some((from, to)),
        status: "502".to_owned(),
        log_name: "nginx error.log",
        log_line: RESET.to_owned(),
        note: format!(
            "the FPM log says: [pool {pool}] child N, … execution timed out ({seconds} sec), \
             terminating"
        ),
    };
    (fate, vec!["request_terminate_timeout"])
}

fn race(ends: Millis, gives_up: Millis) -> Fated {
    let fate = Fate {
        at: Some((ends, gives_up)),
        status: "502 or 504".to_owned(),
        log_name: "nginx error.log",
        log_line: format!("{RESET}, or {TIMED_OUT}"),
        note: format!(
            "FPM looks only every so often: part of the requests are ended before nginx gives up \
             at {gives_up}, the others are not"
        ),
    };
    (
        fate,
        vec!["request_terminate_timeout", "fastcgi_read_timeout"],
    )
}

/// A script that computes: PHP counts its CPU time, and the wall clock runs as well.
fn busy(chain: &Chain<'_>) -> Fated {
    let execution = match &chain.execution {
        Ok(execution) => execution.value,
        Err(why) => return unknown(why),
    };
    let Some(cpu) = execution.fires_after() else {
        return by_the_clock(chain, None);
    };
    let wall = by_the_clock(chain, Some(cpu));
    let Some((first, _)) = wall.0.at else {
        return wall;
    };
    if cpu >= first {
        return wall;
    }
    let seconds = cpu.0 / 1000;
    let shows = chain.php("display_errors").is_ok_and(|s| {
        let text = s.value.to_ascii_lowercase();
        matches!(text.as_slice(), b"1" | b"on" | b"yes" | b"true" | b"stdout")
    });
    let (status, note) = match shows {
        true => (
            "200",
            "display_errors is on: the error is part of a page that says 200",
        ),
        false => ("500", "PHP ends the script itself; the worker lives on"),
    };
    let fate = Fate {
        at: Some((cpu, cpu)),
        status: status.to_owned(),
        log_name: "nginx error.log",
        log_line: format!(
            "FastCGI sent in stderr: \"PHP message: PHP Fatal error:  Maximum execution time of \
             {seconds} second{} exceeded",
            if seconds == 1 { "" } else { "s" }
        ),
        note: format!("{note}; CPU time runs slower than the clock on a loaded machine"),
    };
    (fate, vec!["max_execution_time"])
}
