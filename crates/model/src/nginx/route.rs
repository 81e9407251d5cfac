//! Routes: every location chain that ends in `fastcgi_pass` or one of its kin, with the servers
//! behind it.

use std::borrow::Cow;

use base::{SortedMap, Span};

use super::config::{Config, Item, ScopeId, ScopeKind};
use super::value;
use super::variables::has_variables;
use crate::address::Address;
use crate::files::Files;
use crate::template::template_hole;

/// How nginx talks to a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `fastcgi_pass`.
    Fastcgi,
    /// `proxy_pass`.
    Proxy,
    /// `uwsgi_pass`.
    Uwsgi,
    /// `scgi_pass`.
    Scgi,
    /// `grpc_pass`.
    Grpc,
}

macro_rules! directive_of {
    ($(#[$doc:meta])* $method:ident, $suffix:literal) => {
        $(#[$doc])*
        pub fn $method(self) -> &'static str {
            match self {
                Protocol::Fastcgi => concat!("fastcgi_", $suffix),
                Protocol::Proxy => concat!("proxy_", $suffix),
                Protocol::Uwsgi => concat!("uwsgi_", $suffix),
                Protocol::Scgi => concat!("scgi_", $suffix),
                Protocol::Grpc => concat!("grpc_", $suffix),
            }
        }
    };
}

impl Protocol {
    /// All of them.
    pub const ALL: [Protocol; 5] = [
        Protocol::Fastcgi,
        Protocol::Proxy,
        Protocol::Uwsgi,
        Protocol::Scgi,
        Protocol::Grpc,
    ];

    directive_of!(
        /// The directive that makes a route.
        pass, "pass"
    );
    directive_of!(
        /// The limit between two reads from the backend.
        read_timeout, "read_timeout"
    );
    directive_of!(
        /// The limit between two writes to the backend.
        send_timeout, "send_timeout"
    );
    directive_of!(
        /// The limit for the connection to the backend.
        connect_timeout, "connect_timeout"
    );
    directive_of!(
        /// When the next server is tried.
        next_upstream, "next_upstream"
    );
    directive_of!(
        /// How long it goes on trying.
        next_upstream_timeout, "next_upstream_timeout"
    );
    directive_of!(
        /// How often it tries.
        next_upstream_tries, "next_upstream_tries"
    );
}

/// One server that a route may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address, normalised, or why it is not known.
    pub address: Result<Address, String>,
    /// The address as the configuration writes it.
    pub written: Vec<u8>,
    /// The place that names it: the `server` line of an upstream, the `map` line of a variable,
    /// or the `…_pass` itself.
    pub span: Span,
    /// Marked `down`.
    pub down: bool,
    /// Marked `backup`.
    pub backup: bool,
    /// The machine that asks it, when there are several: its index in `Model::machines`.
    pub machine: Option<usize>,
}

/// One location chain that ends at a backend.
#[derive(Clone, Debug)]
pub struct Route {
    /// The block with the `…_pass`.
    pub scope: ScopeId,
    /// The server around it; `None` in a fragment.
    pub server: Option<ScopeId>,
    /// The `…_pass` directive.
    pub pass: Item,
    /// Its kind.
    pub protocol: Protocol,
    /// `shop.example:443 ~ \.php$`.
    pub label: String,
    /// Its servers; several of an upstream are tried in turn, those of a variable are
    /// alternatives.
    pub peers: Vec<Peer>,
    /// The upstream block, when it goes through one.
    pub upstream: Option<ScopeId>,
    /// Why the target is not known, when it is not.
    pub unknown: Option<String>,
}

/// All routes in the order of the configuration.
pub fn routes(config: &Config, files: &dyn Files) -> Vec<Route> {
    let names: Vec<_> = Protocol::ALL
        .iter()
        .filter_map(|protocol| Some((config.name_id(protocol.pass())?, *protocol)))
        .collect();
    let mut finder = Finder {
        config,
        files,
        upstreams: upstreams(config),
        resolved: SortedMap::new(),
    };
    let mut out = Vec::new();
    // Outer blocks come before inner ones; asking each for its outermost would be quadratic.
    let mut foreign: Vec<bool> = Vec::with_capacity(config.scopes.len());
    for (scope, block) in config.scopes() {
        let outer = block
            .parent
            .is_some_and(|parent| foreign[parent.0 as usize]);
        let is_foreign = outer || block.kind == ScopeKind::Other;
        foreign.push(is_foreign);
        if is_foreign {
            continue;
        }
        for item in &block.items {
            let known = names.iter().find(|(name, _)| *name == item.name);
            let Some((_, protocol)) = known else { continue };
            let route = finder.route(scope, *item, *protocol);
            // One for each branch of a template is still one route.
            let is_same = |last: &Route| last.scope == scope && last.unknown == route.unknown;
            if route.unknown.is_none() || !out.last().is_some_and(is_same) {
                out.push(route);
            }
        }
    }
    out
}

/// Upstream blocks by lower-case name (`ngx_http_upstream_add` compares without case).
fn upstreams(config: &Config) -> SortedMap<Vec<u8>, ScopeId> {
    config
        .scopes()
        .filter(|(_, scope)| scope.kind == ScopeKind::Upstream)
        .filter_map(|(id, scope)| {
            let name = config.word(scope.opener?, 1)?;
            Some((name.to_ascii_lowercase(), id))
        })
        .collect()
}

struct Finder<'c> {
    config: &'c Config,
    files: &'c dyn Files,
    upstreams: SortedMap<Vec<u8>, ScopeId>,
    /// Two thousand hosts share a handful of sockets; links are followed once for each.
    resolved: SortedMap<Address, Address>,
}

impl Finder<'_> {
    fn route(&mut self, scope: ScopeId, pass: Item, protocol: Protocol) -> Route {
        let config = self.config;
        let mut route = Route {
            scope,
            server: config.enclosing(scope, ScopeKind::Server),
            pass,
            protocol,
            label: config.label(scope),
            peers: Vec::new(),
            upstream: None,
            unknown: None,
        };
        if let Some(why) = config.unsure(pass) {
            route.unknown = Some(why.to_owned());
            return route;
        }
        let text = config.word(pass, 1).unwrap_or_default();
        let targets = match has_variables(&text) {
            false => Ok(vec![(text.into_owned(), config.word_span(pass, 1))]),
            true => config.constants(scope, &text).map(|constants| {
                let place = |from: &[Span]| from.last().copied();
                constants
                    .into_iter()
                    .map(|c| {
                        let span = place(&c.from).unwrap_or_else(|| config.word_span(pass, 1));
                        (c.value, span)
                    })
                    .collect()
            }),
        };
        match targets {
            Ok(targets) => {
                for (target, span) in targets {
                    self.resolve(&mut route, &target, span);
                }
            }
            Err(reason) => route.unknown = Some(reason),
        }
        route
    }

    /// Adds the servers that one target text stands for.
    fn resolve(&mut self, route: &mut Route, target: &[u8], span: Span) {
        let (target, default_port) = strip_scheme(target, route.protocol);
        if let Some(&upstream) = self.upstreams.get(&target.to_ascii_lowercase()) {
            route.upstream = Some(upstream);
            let servers: Vec<Item> = self.config.all(upstream, "server").collect();
            for server in servers {
                route.peers.push(self.server_peer(server, route.protocol));
            }
            return;
        }
        route.peers.push(Peer {
            address: self.address(target, default_port),
            written: target.to_vec(),
            span,
            down: false,
            backup: false,
            machine: None,
        });
    }

    /// `ngx_http_upstream_server`: an address and parameters; port 80 when there is none.
    fn server_peer(&mut self, server: Item, _protocol: Protocol) -> Peer {
        let args = self.config.args(server);
        let has = |word: &[u8]| args.iter().any(|arg| **arg == *word);
        let written = args.first().map_or(Vec::new(), |arg| arg.to_vec());
        let address = match self.config.unsure(server) {
            Some(why) => Err(why.to_owned()),
            None => self.address(&written, Some(80)),
        };
        Peer {
            address,
            span: self.config.word_span(server, 1),
            down: has(b"down"),
            backup: has(b"backup"),
            machine: None,
            written,
        }
    }

    fn address(&mut self, text: &[u8], default_port: Option<u16>) -> Result<Address, String> {
        if let Some(hole) = template_hole(text) {
            return Err(hole);
        }
        let address = Address::parse(text, default_port)?;
        if let Some(known) = self.resolved.get(&address) {
            return Ok(known.clone());
        }
        let normal = address.normalised(self.files);
        self.resolved.insert(address, normal.clone());
        Ok(normal)
    }
}

/// The host part of a `proxy_pass` or `grpc_pass` URL, and the port that its scheme implies.
fn strip_scheme(target: &[u8], protocol: Protocol) -> (&[u8], Option<u16>) {
    let schemes: &[(&[u8], u16)] = match protocol {
        Protocol::Proxy => &[(b"http://", 80), (b"https://", 443)],
        Protocol::Grpc => &[(b"grpc://", 80), (b"grpcs://", 443)],
        Protocol::Uwsgi => &[(b"uwsgi://", 0), (b"suwsgi://", 0)],
        Protocol::Fastcgi | Protocol::Scgi => &[],
    };
    let found = schemes.iter().find(|(scheme, _)| {
        target
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    });
    let Some((scheme, port)) = found else {
        let grpc_port = (protocol == Protocol::Grpc).then_some(80);
        return (target, grpc_port);
    };
    let rest = &target[scheme.len()..];
    let end = match rest.starts_with(b"unix:") {
        // `http://unix:/path:/uri`
        true => rest[5..].iter().position(|&b| b == b':').map(|at| at + 5),
        false => rest.iter().position(|&b| matches!(b, b'/' | b'?' | b'#')),
    };
    (
        &rest[..end.unwrap_or(rest.len())],
        (*port > 0).then_some(*port),
    )
}

/// How often nginx may ask for one request, and how long each try may take it: the number of
/// servers or `*_next_upstream_tries`, whichever is smaller.
pub fn tries(config: &Config, route: &Route) -> u64 {
    // Several upstreams behind a variable are alternatives: one of them is tried.
    let group = match route.upstream {
        Some(upstream) => config.upstream_servers(upstream).count() as u64,
        None => 1,
    };
    let limit = config.number(route.scope, route.protocol.next_upstream_tries());
    match limit.map(|setting| setting.value) {
        Ok(0) | Err(_) => group,
        Ok(limit) => group.min(limit),
    }
}

/// Whether a failed try of this kind (`timeout`, `error`, …) is repeated on the next server.
/// The default is `error timeout`.
pub fn retries_on(config: &Config, route: &Route, condition: &str) -> bool {
    let name = route.protocol.next_upstream();
    let Some((item, _)) = config.find(route.scope, name) else {
        return matches!(condition, "error" | "timeout");
    };
    let args: Vec<Cow<'_, [u8]>> = config.args(item);
    let has = |word: &str| args.iter().any(|arg| **arg == *word.as_bytes());
    has(condition) && !has("off")
}

/// The value of a time parameter such as `fail_timeout=10s` in a directive's arguments.
pub fn time_parameter(config: &Config, item: Item, name: &str) -> Option<u64> {
    let args = config.args(item);
    let value = args
        .iter()
        .find_map(|arg| arg.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    value::time_sec(value?).ok()
}
