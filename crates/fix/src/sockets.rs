//! Fixes of what nginx and a pool say about the socket between them.

use base::Edit;
use base::source::printable;
use model::Backend;
use model::address::{Address, Host};
use model::nginx::{Peer, ScopeId};

use crate::change::{Asked, Proposal};
use crate::edit::replace_value;
use crate::ini::{set_in_pool, set_value};

/// nginx asks where the one pool listens that nobody asks for.
pub(crate) fn ask_the_pool(asked: &Asked<'_>) -> Option<Proposal> {
    let model = asked.cx.model;
    let asked_for: Vec<_> = asked
        .cx
        .chains()
        .iter()
        .map(|chain| chain.pool_id)
        .collect();
    let mut free = model.pools().filter(|(id, _)| !asked_for.contains(id));
    let (Some((_, pool)), None) = (free.next(), free.next()) else {
        return None;
    };
    let address = pool.listen_address()?;
    let text = match address {
        Address::Tcp(Host::Any, port) => format!("127.0.0.1:{port}"),
        other => other.to_string(),
    };
    let at = asked.finding.primary.span;
    let bytes = &model.sources.get(at.file).bytes;
    let edit = replace_value(bytes, at, text.as_bytes());
    let why = format!(
        "pool `{}` listens there, and no route asks it",
        pool.shown_name()
    );
    Proposal::of(format!("pass to {text}"), why, vec![edit])
}

/// The address nginx connects from is allowed too.
pub(crate) fn allow_nginx(asked: &Asked<'_>) -> Option<Proposal> {
    let mut edits: Vec<Edit> = Vec::new();
    for chain in asked.chains() {
        let client = match chain.pool.listen_address()? {
            Address::Tcp(Host::V6(_), _) => "::1",
            Address::Tcp(..) => "127.0.0.1",
            Address::Unix(_) => return None,
        };
        let allowed = chain.pool.settings.get("listen.allowed_clients")?;
        let text = format!("{},{client}", String::from_utf8(allowed.text.clone()).ok()?);
        let edit = set_value(&asked.cx.model.sources, allowed, &text);
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Proposal::of(
        "allow nginx's address",
        "nginx connects through loopback",
        edits,
    )
}

/// The pool of another container listens on all of its addresses.
pub(crate) fn listen_everywhere(asked: &Asked<'_>) -> Option<Proposal> {
    listen(
        asked,
        |_, port| format!("{port}"),
        "another container cannot reach loopback",
    )
}

/// A pool that only this machine asks listens on loopback.
pub(crate) fn listen_on_loopback(asked: &Asked<'_>) -> Option<Proposal> {
    let model = asked.cx.model;
    let at = asked.finding.primary.span;
    let (id, _) = model.pools().find(|(_, pool)| pool.place() == Some(at))?;
    let asking: Vec<_> = model
        .routes()
        .flat_map(|(_, route)| model.backends(route))
        .collect();
    let is_local = |peer: &Peer| match &peer.address {
        Ok(Address::Tcp(Host::V4(ip), _)) => ip.is_loopback(),
        Ok(Address::Tcp(Host::V6(ip), _)) => ip.is_loopback(),
        _ => false,
    };
    // Who asks for an unknown pool may ask for this one, from anywhere.
    let fits = |(peer, backend): &(&Peer, Backend)| match backend {
        Backend::Pool(other) if *other == id => is_local(peer),
        Backend::Unknown(_) => false,
        _ => true,
    };
    let is_asked = asking
        .iter()
        .any(|(_, backend)| *backend == Backend::Pool(id));
    if !is_asked || !asking.iter().all(fits) {
        return None;
    }
    listen(asked, loopback, "only this machine asks it")
}

fn loopback(host: &Host, port: u16) -> String {
    match host {
        Host::V6(_) => format!("[::1]:{port}"),
        _ => format!("127.0.0.1:{port}"),
    }
}

fn listen(asked: &Asked<'_>, text: impl Fn(&Host, u16) -> String, why: &str) -> Option<Proposal> {
    let at = asked.finding.primary.span;
    let mut pools = asked.cx.model.pools().map(|(_, pool)| pool);
    let pool = pools.find(|pool| pool.place() == Some(at))?;
    let Address::Tcp(host, port) = pool.listen_address()? else {
        return None;
    };
    let text = text(&host, port);
    let edit = set_value(&asked.cx.model.sources, pool.settings.get("listen")?, &text);
    Proposal::of(format!("listen on {text}"), why, vec![edit])
}

/// nginx's user may write to the socket.
pub(crate) fn open_socket(asked: &Asked<'_>) -> Option<Proposal> {
    let sources = &asked.cx.model.sources;
    let mut edits: Vec<Edit> = Vec::new();
    let mut title = String::new();
    for chain in asked.chains() {
        let config = &chain.nginx.config;
        let item = config.last(ScopeId(0), "user")?;
        let user = printable(&config.word(item, 1)?);
        let owner = chain.pool.settings.text("listen.owner");
        let is_owner = owner.is_some_and(|o| o.is_ok_and(|o| o.value == user.as_bytes()));
        let (name, value) = match is_owner {
            true => ("listen.mode", "0660".to_owned()),
            false => ("listen.owner", user),
        };
        title = format!("set `{name}` to {value}");
        let edit = set_in_pool(sources, chain.pool, name, &value);
        edits.extend(edit.filter(|edit| !edits.contains(edit)));
    }
    Proposal::of(
        title,
        "nginx's workers must be able to write to the socket",
        edits,
    )
}

/// A pool is asked in its own protocol.
pub(crate) fn speak_fastcgi(asked: &Asked<'_>) -> Option<Proposal> {
    const SCRIPT: &str = "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;";
    let model = asked.cx.model;
    let mut edits = Vec::new();
    for (nginx, route) in model.routes() {
        if !asked.finding.routes.contains(&route.label) {
            continue;
        }
        let config = &nginx.config;
        let target = printable(&config.word(route.pass, 1)?);
        let rest = target.strip_prefix("http://")?;
        let address = rest.trim_end_matches(['/', ':']);
        if address.strip_prefix("unix:").is_none() && address.contains('/') {
            return None;
        }
        let span = config.span(route.pass);
        let line = crate::edit::line_at(&model.sources.get(span.file).bytes, span.start as usize);
        let indent = String::from_utf8_lossy(line.indent).into_owned();
        let feed = String::from_utf8_lossy(line.feed).into_owned();
        let text = format!("{SCRIPT}{feed}{indent}fastcgi_pass {address};");
        edits.push(Edit {
            span,
            text: text.into_bytes(),
        });
    }
    Proposal::of(
        "ask with `fastcgi_pass`",
        "PHP-FPM speaks FastCGI only",
        edits,
    )
}
