//! The chain of one route: its time limits from nginx through FPM to PHP, with what each is worth
//! and why.

use base::{FilePath, Limit, Millis, Origin, ProblemKind, Setting, SortedMap};
use syntax::ini::{self, Dialect, EntryKind};

use crate::files::ReadErrorKind;
use crate::load::Loader;
use crate::model::{Backend, Model, Nginx, PoolId};
use crate::nginx::{Config, Item, Protocol, Route, ScopeId, SizeLimit};
use crate::php::templated;
use crate::php::value::{atol, php_time, quantity};
use crate::php::{Assignment, Extra, ExtraKind, Fpm, Pool};

/// A value, or why it is not known.
pub type Known<T> = Result<Setting<T>, String>;

/// The time limits of one route through one pool.
pub struct Chain<'m> {
    /// The nginx configuration.
    pub nginx: &'m Nginx,
    /// The route.
    pub route: &'m Route,
    /// The FPM of the pool.
    pub fpm: &'m Fpm,
    /// The pool that answers.
    pub pool: &'m Pool,
    /// Its id.
    pub pool_id: PoolId,
    /// `fastcgi_read_timeout`: the gap between two reads.
    pub read: Known<Limit>,
    /// `fastcgi_send_timeout`.
    pub send: Known<Limit>,
    /// `fastcgi_connect_timeout`.
    pub connect: Known<Limit>,
    /// `request_terminate_timeout`: wall time of a request.
    pub terminate: Known<Limit>,
    /// `request_slowlog_timeout`.
    pub slowlog: Known<Limit>,
    /// How late FPM may end a request of this pool.
    pub lateness: Millis,
    /// `max_execution_time`: CPU time of a script.
    pub execution: Known<Limit>,
    /// What requests of this route bring along.
    pub extras: Vec<Extra>,
}

impl<'m> Chain<'m> {
    fn new(model: &'m Model, nginx: &'m Nginx, route: &'m Route, pool_id: PoolId) -> Self {
        let fpm = &model.fpm[pool_id.fpm];
        let pool = &fpm.pools[pool_id.pool];
        let extras = extras(nginx, route);
        let (config, scope) = (&nginx.config, route.scope);
        Self {
            read: config.limit(scope, route.protocol.read_timeout()),
            send: config.limit(scope, route.protocol.send_timeout()),
            connect: config.limit(scope, route.protocol.connect_timeout()),
            terminate: fpm.limit(pool, "request_terminate_timeout"),
            slowlog: fpm.limit(pool, "request_slowlog_timeout"),
            lateness: fpm.kill_slack(pool),
            execution: php_limit(fpm, pool, &extras, "max_execution_time"),
            nginx,
            route,
            fpm,
            pool,
            pool_id,
            extras,
        }
    }

    /// The latest moment at which FPM ends a request, when it ends one at all.
    pub fn latest_end(&self) -> Option<Millis> {
        let terminate = self.terminate.as_ref().ok()?;
        let after = terminate.value.fires_after()?;
        Some(after.plus(self.lateness))
    }

    /// Another PHP setting of this route, in bytes as written.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn php(&self, name: &str) -> Result<Setting<Vec<u8>>, String> {
        self.fpm.php(self.pool, &self.extras, name)
    }

    /// Another PHP time limit of this route: zero and below are off.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn php_limit(&self, name: &str) -> Known<Limit> {
        php_limit(self.fpm, self.pool, &self.extras, name)
    }

    /// The largest request body that nginx takes on this route.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn body_limit(&self) -> Known<SizeLimit> {
        self.nginx.config.body_limit(self.route.scope)
    }

    /// A PHP size of this route such as `post_max_size`: zero and below are off.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn php_size(&self, name: &str) -> Known<SizeLimit> {
        let text = self.php(name)?;
        Ok(text.map(|text| SizeLimit::of(quantity(&text, self.fpm.version).value)))
    }

    /// A PHP switch of this route (`zend_ini_parse_bool`).
    ///
    /// # Errors
    /// Why it is not known.
    pub fn php_switch(&self, name: &str) -> Known<bool> {
        let text = self.php(name)?;
        Ok(text.map(|text| match text.to_ascii_lowercase().as_slice() {
            b"on" | b"yes" | b"true" => true,
            text => atol(text) != 0,
        }))
    }
}

fn php_limit(fpm: &Fpm, pool: &Pool, extras: &[Extra], name: &str) -> Known<Limit> {
    let text = fpm.php(pool, extras, name)?;
    let seconds = |text: Vec<u8>| php_time(name.as_bytes(), &text, fpm.version);
    Ok(text.map(|text| match u64::try_from(seconds(text)) {
        Ok(0) | Err(_) => Limit::Off,
        Ok(seconds) => Limit::After(Millis::from_secs(seconds)),
    }))
}

/// All chains: one for each route and each pool that it may reach, in the order of the
/// configuration.
pub fn chains(model: &Model) -> Vec<Chain<'_>> {
    let mut out = Vec::new();
    for (nginx, route) in model.routes() {
        let mut seen: Vec<PoolId> = Vec::new();
        for (_, backend) in model.backends(route) {
            let Backend::Pool(id) = backend else { continue };
            if !seen.contains(&id) {
                seen.push(id);
                out.push(Chain::new(model, nginx, route, id));
            }
        }
    }
    out
}

/// What requests of a route bring along: `PHP_VALUE`, `PHP_ADMIN_VALUE`, `.user.ini`.
fn extras(nginx: &Nginx, route: &Route) -> Vec<Extra> {
    let config = &nginx.config;
    let mut out = Vec::new();
    for item in config.find_all(route.scope, "fastcgi_param") {
        let kind = match config.word(item, 1).as_deref() {
            Some(b"PHP_VALUE") => ExtraKind::Value,
            Some(b"PHP_ADMIN_VALUE") => ExtraKind::AdminValue,
            _ => continue,
        };
        out.extend(param_extras(config, item, kind));
    }
    let user_ini = root_of(config, route.scope).and_then(|root| nginx.user_inis.get(&root));
    out.extend(user_ini.into_iter().flatten().cloned());
    out
}

/// The settings inside one `fastcgi_param PHP_VALUE "a=1 \n b=2"` (`fastcgi_ini_parser` in
/// `sapi/fpm/fpm/fpm_main.c`).
fn param_extras(config: &Config, item: Item, kind: ExtraKind) -> Vec<Extra> {
    let text = config.word(item, 2).unwrap_or_default();
    let tree = ini::parse(&text, Dialect::PhpIni);
    let pairs = tree.entries().iter().filter(|e| e.kind == EntryKind::Pair);
    pairs
        .map(|entry| {
            let mut holes = entry.value.holes.clone();
            if entry.value.text.contains(&b'$') {
                holes.push(base::source::printable(&entry.value.text));
            }
            Extra {
                kind,
                name: text[entry.key.0 as usize..entry.key.1 as usize].to_vec(),
                assignment: Assignment {
                    span: config.span(item),
                    value: config.span(item),
                    text: entry.value.text.clone(),
                    holes,
                    template: config.unsure(item).map(str::to_owned),
                },
            }
        })
        .collect()
}

/// The document root in force, when it is a constant.
pub(crate) fn root_of(config: &Config, scope: ScopeId) -> Option<Vec<u8>> {
    let (item, _) = config.find(scope, "root")?;
    let text = config.word(item, 1)?;
    text.starts_with(b"/").then(|| text.into_owned())
}

/// Reads the `.user.ini` of every document root that a FastCGI route serves from.
pub(crate) fn read_user_inis(
    loader: &mut Loader<'_>,
    config: &Config,
    routes: &[Route],
) -> SortedMap<Vec<u8>, Vec<Extra>> {
    let mut out = SortedMap::new();
    for route in routes.iter().filter(|r| r.protocol == Protocol::Fastcgi) {
        let Some(root) = root_of(config, route.scope).filter(|root| !root.contains(&b'$')) else {
            continue;
        };
        if out.contains_key(&root) {
            continue;
        }
        let path = FilePath::new([root.as_slice(), b"/.user.ini"].concat());
        let file = match loader.read(&path) {
            Ok(file) => file,
            Err(error) => {
                if error.kind != ReadErrorKind::Missing {
                    let path = loader.shown(&path);
                    let message = format!("cannot read {path}: {error}; what it sets is unknown");
                    loader.problem(ProblemKind::Unreadable, None, message);
                }
                out.insert(root, Vec::new());
                continue;
            }
        };
        let bytes = loader.sources.get(file).bytes.clone();
        let templated = templated::parse(loader, file, Dialect::PhpIni, ini::Grammar::default());
        let entries = templated.tree.entries().iter();
        let pairs = entries.filter(|e| e.kind == EntryKind::Pair);
        let extras = pairs.map(|entry| {
            let known = templated.known(loader, entry, None);
            let mut assignment = Assignment::of(file, &known.entry);
            assignment.template = known.why;
            Extra {
                kind: ExtraKind::UserIni,
                name: bytes[entry.key.0 as usize..entry.key.1 as usize].to_vec(),
                assignment,
            }
        });
        out.insert(root, extras.collect());
    }
    out
}

/// Whether the value in force was written by somebody.
pub fn is_written(origin: &Origin) -> bool {
    !matches!(origin, Origin::Default { .. })
}
