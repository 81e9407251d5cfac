//! What a diagnosis wants to know of the configuration, asked of the model once.

use base::diagnosis::ConfigPlace;
use base::source::printable;
use base::{Setting, Span};
use model::chain::{Chain, chains};
use model::nginx::route::Protocol;
use model::{Address, Backend, Model, Reach};

/// The configuration, as far as it was given.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// FPM's pools.
    pub pools: Vec<Pool>,
    /// nginx's routes.
    pub routes: Vec<Route>,
}

/// One pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name.
    pub name: String,
    listen: Option<Address>,
    /// `pm.max_children`.
    pub max_children: Option<u64>,
    /// `pm`.
    pub pm: String,
    /// `listen.allowed_clients`, when it is set.
    pub allowed_clients: Option<String>,
    /// `request_terminate_timeout` in milliseconds, when it fires.
    pub terminate: Option<u64>,
    /// `request_slowlog_timeout` in milliseconds, when it fires.
    pub slowlog: Option<u64>,
    /// Where these stand, by name.
    pub places: Vec<(&'static str, ConfigPlace)>,
}

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// `shop.example:443 ~ \.php$`.
    pub label: String,
    servers: Vec<Vec<u8>>,
    peers: Vec<Address>,
    /// Through which protocol.
    pub is_fastcgi: bool,
    /// Index of the pool that answers.
    pub pool: Option<usize>,
    /// `…_read_timeout` in milliseconds.
    pub read: Option<u64>,
    /// Whether connections are kept: `fastcgi_keep_conn on` and `keepalive`.
    pub keeps_connections: bool,
    /// Where these stand, by name of the directive.
    pub places: Vec<(&'static str, ConfigPlace)>,
}

impl Stack {
    /// Reads a model.
    pub fn of(model: &Model) -> Stack {
        let pools: Vec<_> = model.pools().map(|(id, _)| id).collect();
        let chains = chains(model);
        let mut stack = Stack::default();
        for &id in &pools {
            let chain = chains.iter().find(|chain| chain.pool_id == id);
            stack.pools.push(pool(model, model.pool(id), chain));
        }
        for (nginx, route) in model.routes() {
            let backend = model
                .backends(route)
                .find_map(|(_, backend)| match backend {
                    Backend::Pool(id) => pools.iter().position(|known| *known == id),
                    _ => None,
                });
            let config = &nginx.config;
            let read = config.limit(route.scope, route.protocol.read_timeout());
            let keep = match route.protocol == Protocol::Fastcgi {
                true => config.flag(route.scope, "fastcgi_keep_conn").ok(),
                false => None,
            };
            let keepalive = route
                .upstream
                .and_then(|scope| config.last(scope, "keepalive"));
            let mut places = vec![("pass", place(model, config.span(route.pass), ""))];
            note(model, &mut places, "read_timeout", read.as_ref().ok());
            note(model, &mut places, "keep_conn", keep.as_ref());
            if let Some(item) = keepalive {
                places.push(("keepalive", place(model, config.span(item), "")));
            }
            let names = route
                .server
                .map(|scope| config.find_all(scope, "server_name"));
            let words = names
                .into_iter()
                .flatten()
                .flat_map(|item| config.args(item));
            stack.routes.push(Route {
                label: route.label.clone(),
                servers: words.map(|word| word.to_vec()).collect(),
                peers: (route.peers.iter())
                    .filter_map(|peer| peer.address.clone().ok())
                    .collect(),
                is_fastcgi: route.protocol == Protocol::Fastcgi,
                pool: backend,
                read: read
                    .ok()
                    .and_then(|limit| limit.value.fires_after())
                    .map(|m| m.0),
                keeps_connections: keep.is_some_and(|on| on.value) && keepalive.is_some(),
                places,
            });
        }
        stack
    }

    /// The pool that answers at an upstream's address, as logs write it.
    pub fn pool_at(&self, upstream: &str) -> Option<usize> {
        let address = parse(upstream)?;
        let reached = |pool: &Pool| {
            let listen = pool.listen.as_ref()?;
            Some(same(&address, listen))
        };
        let exact = self
            .pools
            .iter()
            .position(|pool| reached(pool) == Some(true));
        // Behind a name nginx logs the address that it resolved to: the port still tells.
        exact.or_else(|| self.routes.iter().find(|route| route.asks(&address))?.pool)
    }

    /// The route of a request: of those of its server that ask this upstream the one whose
    /// location fits best. Which of several regular expressions matches is not decided here.
    pub fn route_of(&self, server: &str, upstream: &str, path: &str) -> Option<&Route> {
        let address = parse(upstream);
        let asks = |route: &&Route| match &address {
            Some(address) => route.asks(address),
            None => true,
        };
        let named = |route: &&Route| {
            let mut names = route.servers.iter();
            names.next().is_some_and(|first| first == server.as_bytes())
        };
        let fits = || self.routes.iter().filter(asks);
        let of_server: Vec<&Route> = fits().filter(named).collect();
        let all = if of_server.is_empty() {
            fits().collect()
        } else {
            of_server
        };
        let best = all.iter().map(|route| route.fit(path)).max()?;
        let mut top = all.iter().filter(|route| route.fit(path) == best);
        let one = top.next()?;
        top.next().is_none().then_some(*one)
    }
}

impl Route {
    /// How well its location fits a path: an exact one best, then a regular expression, then the
    /// longest prefix; 0 when it cannot be.
    fn fit(&self, path: &str) -> usize {
        let mut words = self.label.split(' ').skip(1);
        let Some(first) = words.next() else {
            return 1;
        };
        match (first, words.next()) {
            ("=", Some(exact)) => usize::from(exact == path) * usize::MAX,
            ("~" | "~*", Some(_)) => usize::MAX - 1,
            ("^~", Some(prefix)) if path.starts_with(prefix) => usize::MAX - 1,
            ("^~", _) => 0,
            (prefix, None) if path.starts_with(prefix) => 1 + prefix.len(),
            (prefix, None) if prefix.starts_with('/') => 0,
            _ => 1,
        }
    }

    fn asks(&self, address: &Address) -> bool {
        self.peers.iter().any(|peer| same(address, peer))
    }
}

impl Pool {
    /// Where a setting stands.
    pub fn place(&self, name: &str) -> Option<&ConfigPlace> {
        let mut all = self.places.iter();
        all.find(|(known, _)| *known == name)
            .map(|(_, place)| place)
    }
}

fn parse(upstream: &str) -> Option<Address> {
    Address::parse(upstream.as_bytes(), None).ok()
}

/// Whether an address of a log is that of the configuration.
fn same(logged: &Address, configured: &Address) -> bool {
    match (logged, configured) {
        (Address::Unix(a), Address::Unix(b)) => {
            let run = |path: &[u8]| match path.strip_prefix(b"/var/run/") {
                Some(rest) => [b"/run/", rest].concat(),
                None => path.to_vec(),
            };
            run(a) == run(b)
        }
        (Address::Tcp(_, port), Address::Tcp(host, at)) if port == at => match host {
            model::Host::Name(_) => true,
            _ => logged.reaches(configured) != Reach::No,
        },
        _ => false,
    }
}

fn pool(model: &Model, pool: &model::php::Pool, chain: Option<&Chain<'_>>) -> Pool {
    let mut places = Vec::new();
    if let Some(span) = pool.place() {
        places.push(("pool", place(model, span, "")));
    }
    let children = pool.settings.number("pm.max_children", 0).ok();
    note(model, &mut places, "pm.max_children", children.as_ref());
    let allowed = pool
        .settings
        .text("listen.allowed_clients")
        .and_then(Result::ok);
    note(
        model,
        &mut places,
        "listen.allowed_clients",
        allowed.as_ref(),
    );
    let listen = pool.settings.text("listen").and_then(Result::ok);
    note(model, &mut places, "listen", listen.as_ref());
    let terminate = chain.and_then(|chain| chain.terminate.as_ref().ok());
    note(model, &mut places, "request_terminate_timeout", terminate);
    let slowlog = chain.and_then(|chain| chain.slowlog.as_ref().ok());
    note(model, &mut places, "request_slowlog_timeout", slowlog);
    let execution = chain.and_then(|chain| chain.execution.as_ref().ok());
    note(model, &mut places, "max_execution_time", execution);
    let pm = pool.settings.text("pm").and_then(Result::ok);
    Pool {
        name: pool.shown_name(),
        listen: pool.listen_address(),
        max_children: children
            .and_then(|n| u64::try_from(n.value).ok())
            .filter(|n| *n > 0),
        pm: pm.map_or_else(String::new, |pm| printable(&pm.value)),
        allowed_clients: allowed.map(|text| printable(&text.value)),
        terminate: terminate
            .and_then(|limit| limit.value.fires_after())
            .map(|m| m.0),
        slowlog: slowlog
            .and_then(|limit| limit.value.fires_after())
            .map(|m| m.0),
        places,
    }
}

fn note<T>(
    model: &Model,
    places: &mut Vec<(&'static str, ConfigPlace)>,
    name: &'static str,
    setting: Option<&Setting<T>>,
) {
    if let Some(span) = setting.and_then(|setting| setting.origin.span()) {
        places.push((name, place(model, span, "")));
    }
}

/// A place with its line, masked.
fn place(model: &Model, span: Span, label: &str) -> ConfigPlace {
    let source = model.sources.get(span.file);
    let at = source.line_column(span.start);
    let range = source.line_range(at.line);
    let text = range.map_or_else(String::new, |(from, to)| {
        let window = from as usize..to as usize;
        printable(&base::mask::masked(&source.bytes, window, &source.secrets))
    });
    ConfigPlace {
        file: source.shown().to_string(),
        line: u64::from(at.line),
        text: text.trim().to_owned(),
        label: label.to_owned(),
    }
}
