//! Fixes in nginx's files.

use base::{Edit, Limit, Millis};
use model::Chain;
use model::Nginx;
use model::nginx::{Protocol, ScopeId, ScopeKind};

use crate::change::{Asked, Proposal};
use crate::nginx::{Wanted, before_pass, set_argument, set_time};
use crate::time::{neat_above, seconds};

/// The time that nginx must wait for a chain: longer than whatever ends the script.
pub(crate) fn needed(chain: &Chain<'_>) -> Option<Millis> {
    let terminate = chain.terminate.as_ref().ok()?.value.fires_after();
    if let Some(terminate) = terminate {
        return Some(neat_above(terminate.plus(chain.lateness)));
    }
    let execution = chain.execution.as_ref().ok()?.value.fires_after();
    Some(execution.map_or(Millis::from_secs(60), neat_above))
}

fn waits_too_short(chain: &Chain<'_>) -> bool {
    let (Ok(read), Some(needed)) = (&chain.read, needed(chain)) else {
        return false;
    };
    match read.value {
        Limit::Off => false,
        Limit::AtOnce => true,
        Limit::After(waits) => waits < needed,
    }
}

/// `fastcgi_read_timeout` above what ends the script.
pub(crate) fn raise_read(asked: &Asked<'_>) -> Option<Proposal> {
    let chains: Vec<_> = asked
        .chains()
        .filter(|chain| waits_too_short(chain))
        .collect();
    raise_read_of(asked, &chains)
}

pub(crate) fn raise_read_of(asked: &Asked<'_>, chains: &[&Chain<'_>]) -> Option<Proposal> {
    let first = chains.first()?;
    let name = first.route.protocol.read_timeout();
    let wanted: Vec<Wanted<'_>> = chains
        .iter()
        .filter_map(|chain| {
            let needed = needed(chain)?;
            // Whoever wrote 0 wanted more time than nginx gives by itself, not less.
            let is_zero = chain
                .read
                .as_ref()
                .is_ok_and(|read| read.value == Limit::AtOnce);
            let least = Millis::from_secs(if is_zero { 60 } else { 0 });
            Some(Wanted {
                nginx: chain.nginx,
                route: chain.route,
                time: needed.max(least),
            })
        })
        .collect();
    let longest = wanted.iter().map(|one| one.time).max()?;
    let forced = chains.iter().max_by_key(|chain| needed(chain))?;
    let pool = forced.pool.shown_name();
    let why = match forced.latest_end() {
        Some(end) => format!("pool `{pool}` ends a script after {end} at the latest"),
        None => format!("PHP in pool `{pool}` may compute for {}", execution(forced)),
    };
    let edits = set_time(&asked.cx.model.sources, &wanted, name);
    Proposal::of(format!("set `{name}` to {}s", seconds(longest)), why, edits)
}

fn execution(chain: &Chain<'_>) -> String {
    chain.execution.as_ref().map_or_else(
        |_| "an unknown time".to_owned(),
        |limit| limit.value.to_string(),
    )
}

/// `*_read_timeout 0` of any protocol.
pub(crate) fn read_zero(asked: &Asked<'_>) -> Option<Proposal> {
    if let Some(proposal) = raise_read(asked) {
        return Some(proposal);
    }
    let time = Millis::from_secs(60);
    let model = asked.cx.model;
    let routes = model
        .routes()
        .filter(|(_, route)| asked.finding.routes.contains(&route.label));
    let wanted: Vec<Wanted<'_>> = routes
        .map(|(nginx, route)| Wanted { nginx, route, time })
        .collect();
    let name = wanted.first()?.route.protocol.read_timeout();
    let edits = set_time(&model.sources, &wanted, name);
    Proposal::of(
        format!("set `{name}` to 60s"),
        "60s is nginx's own default",
        edits,
    )
}

/// The outer proxy waits longer than the inner chain.
pub(crate) fn raise_outer(asked: &Asked<'_>) -> Option<Proposal> {
    let model = asked.cx.model;
    let mut wanted = Vec::new();
    for (nginx, route) in model.routes() {
        if route.protocol != Protocol::Proxy || !asked.finding.routes.contains(&route.label) {
            continue;
        }
        let servers = model.servers_behind(nginx, route);
        let inner = asked.cx.chains().iter().filter(|chain| {
            let server = chain
                .nginx
                .config
                .enclosing(chain.route.scope, ScopeKind::Server);
            let is_it = |(other, known): &(&Nginx, ScopeId)| {
                std::ptr::eq(*other, chain.nginx) && Some(*known) == server
            };
            servers.iter().any(is_it)
        });
        let reads = inner.filter_map(|chain| chain.read.as_ref().ok()?.value.fires_after());
        if let Some(longest) = reads.max() {
            let time = neat_above(longest);
            wanted.push(Wanted { nginx, route, time });
        }
    }
    let name = wanted.first()?.route.protocol.read_timeout();
    let time = seconds(wanted.iter().map(|one| one.time).max()?);
    let edits = set_time(&model.sources, &wanted, name);
    let why = "the route behind it waits nearly as long";
    Proposal::of(format!("set `{name}` to {time}s"), why, edits)
}

/// Connecting to a pool takes no more than seconds.
pub(crate) fn shorten_connect(asked: &Asked<'_>) -> Option<Proposal> {
    let edits = edit_in_force(asked, |chain| {
        (chain.route.protocol.connect_timeout(), "5s".to_owned())
    });
    let why = "a connection inside one network takes milliseconds";
    Proposal::of("set `fastcgi_connect_timeout` to 5s", why, edits)
}

/// Sending gets as much time as reading.
pub(crate) fn raise_send(asked: &Asked<'_>) -> Option<Proposal> {
    let edits = edit_in_force(asked, |chain| {
        let read = chain.read.as_ref().ok();
        let read = read.and_then(|read| read.value.fires_after());
        let time = seconds(read.unwrap_or(Millis::from_secs(60)));
        (chain.route.protocol.send_timeout(), format!("{time}s"))
    });
    let why = "a busy pool reads late, and a page may take as long";
    Proposal::of("set `fastcgi_send_timeout` to the read timeout", why, edits)
}

fn edit_in_force(
    asked: &Asked<'_>,
    value: impl Fn(&Chain<'_>) -> (&'static str, String),
) -> Vec<Edit> {
    let mut edits = Vec::new();
    for chain in asked.chains() {
        let (name, value) = value(chain);
        let config = &chain.nginx.config;
        if let Some((item, _)) = config.find(chain.route.scope, name) {
            let edit = set_argument(&asked.cx.model.sources, config, item, value.as_bytes());
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    edits
}

/// All tries together take no longer than one.
pub(crate) fn bound_retries(asked: &Asked<'_>) -> Option<Proposal> {
    let name = "fastcgi_next_upstream_timeout";
    let chains: Vec<_> = asked.chains().collect();
    let wanted: Vec<Wanted<'_>> = chains
        .iter()
        .filter_map(|chain| {
            Some(Wanted {
                nginx: chain.nginx,
                route: chain.route,
                time: chain.read.as_ref().ok()?.value.fires_after()?,
            })
        })
        .collect();
    let time = seconds(wanted.iter().map(|one| one.time).max()?);
    let edits = set_time(&asked.cx.model.sources, &wanted, name);
    let why = "the script must not run again when the first server took too long";
    Proposal::of(format!("set `{name}` to {time}s"), why, edits)
}

/// `SCRIPT_FILENAME` beside the other parameters: one in an inner block would drop them all.
pub(crate) fn add_script_filename(asked: &Asked<'_>) -> Option<Proposal> {
    const NEW: &[u8] = b"fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;";
    let sources = &asked.cx.model.sources;
    let mut edits = Vec::new();
    for chain in asked.chains() {
        let config = &chain.nginx.config;
        let holder = config.find(chain.route.scope, "fastcgi_param");
        let edit = match holder {
            Some((_, true)) => {
                let id = config
                    .outward(chain.route.scope)
                    .find(|id| config.last(*id, "fastcgi_param").is_some())?;
                let own = config.scope(id).items.iter().rev();
                let file = config.span(config.scope(id).opener?).file;
                let anchor = own.copied().find(|item| config.span(*item).file == file)?;
                let span = config.span(anchor);
                crate::edit::line_before(&sources.get(file).bytes, span, NEW)
            }
            _ => before_pass(sources, chain.nginx, chain.route, NEW),
        };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    let why = "PHP-FPM runs the script that this parameter names";
    Proposal::of("send `SCRIPT_FILENAME`", why, edits)
}
