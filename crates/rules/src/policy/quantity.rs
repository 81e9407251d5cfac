//! The quantities that a statement may name, and how each is asked of the model.

use base::{Limit, Setting};
use model::Chain;
use model::nginx::{Protocol, Route};
use model::php::value::{php_time, quantity as php_quantity};
use model::php::{Extra, Fpm, Pool};
use model::{Nginx, nginx::SizeLimit};

use super::{Amount, Value};

/// What a quantity is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Milliseconds.
    Time,
    /// Bytes.
    Size,
    /// Things.
    Count,
}

/// What has the quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A route of nginx.
    Route,
    /// A pool of FPM.
    Pool,
    /// PHP in a pool, which a route may tell otherwise.
    Php,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Its name here.
    pub name: &'static str,
    /// Other names of it: short ones, and the server's own.
    pub also: &'static [&'static str],
    /// What it is counted in.
    pub kind: Kind,
    /// What has it.
    pub of: Of,
}

/// All of them.
pub static QUANTITIES: [Quantity; 14] = [
    row(
        "read-timeout",
        &["read", "fastcgi_read_timeout"],
        Kind::Time,
        Of::Route,
    ),
    row(
        "send-timeout",
        &["send", "fastcgi_send_timeout"],
        Kind::Time,
        Of::Route,
    ),
    row(
        "connect-timeout",
        &["connect", "fastcgi_connect_timeout"],
        Kind::Time,
        Of::Route,
    ),
    row(
        "client-max-body-size",
        &["client_max_body_size"],
        Kind::Size,
        Of::Route,
    ),
    row(
        "terminate-timeout",
        &[
            "terminate",
            "request-terminate-timeout",
            "request_terminate_timeout",
        ],
        Kind::Time,
        Of::Pool,
    ),
    row(
        "slowlog-timeout",
        &[
            "slowlog",
            "request-slowlog-timeout",
            "request_slowlog_timeout",
        ],
        Kind::Time,
        Of::Pool,
    ),
    row("max-children", &["pm.max_children"], Kind::Count, Of::Pool),
    row("max-requests", &["pm.max_requests"], Kind::Count, Of::Pool),
    row(
        "max-execution-time",
        &["max_execution_time"],
        Kind::Time,
        Of::Php,
    ),
    row(
        "default-socket-timeout",
        &["default_socket_timeout"],
        Kind::Time,
        Of::Php,
    ),
    row("memory-limit", &["memory_limit"], Kind::Size, Of::Php),
    row("post-max-size", &["post_max_size"], Kind::Size, Of::Php),
    row(
        "upload-max-filesize",
        &["upload_max_filesize"],
        Kind::Size,
        Of::Php,
    ),
    row(
        "max-file-uploads",
        &["max_file_uploads"],
        Kind::Count,
        Of::Php,
    ),
];

const fn row(name: &'static str, also: &'static [&'static str], kind: Kind, of: Of) -> Quantity {
    Quantity {
        name,
        also,
        kind,
        of,
    }
}

/// The quantity of a name.
pub fn quantity(name: &str) -> Option<&'static Quantity> {
    let is_it = |one: &&Quantity| one.name == name || one.also.contains(&name);
    QUANTITIES.iter().find(is_it)
}

/// Where a quantity is asked: what of a route, a pool and both is there.
#[derive(Clone, Copy)]
pub(super) struct Subject<'c> {
    pub(super) route: Option<(&'c Nginx, &'c Route)>,
    pub(super) pool: Option<(&'c Fpm, &'c Pool)>,
    pub(super) extras: &'c [Extra],
}

impl<'c> Subject<'c> {
    pub(super) fn of_chain(chain: &'c Chain<'_>) -> Self {
        Subject {
            route: Some((chain.nginx, chain.route)),
            pool: Some((chain.fpm, chain.pool)),
            extras: &chain.extras,
        }
    }

    /// The value of a quantity here, or why it is not known.
    pub(super) fn value(&self, quantity: &Quantity) -> Result<Value, String> {
        let nobody = || format!("there is nobody to ask for `{}`", quantity.name);
        match quantity.of {
            Of::Route => {
                let (nginx, route) = self.route.ok_or_else(nobody)?;
                of_route(nginx, route, quantity)
            }
            Of::Pool => {
                let (fpm, pool) = self.pool.ok_or_else(nobody)?;
                of_pool(fpm, pool, quantity)
            }
            Of::Php => {
                let (fpm, pool) = self.pool.ok_or_else(nobody)?;
                of_php(fpm, pool, self.extras, quantity)
            }
        }
    }
}

fn of_route(nginx: &Nginx, route: &Route, quantity: &Quantity) -> Result<Value, String> {
    let config = &nginx.config;
    if quantity.kind == Kind::Size {
        let size = config.body_limit(route.scope)?;
        let name = "client_max_body_size";
        return Ok(Value::new(name, Kind::Size, size.map(of_size)));
    }
    let name = match quantity.name {
        "read-timeout" => Protocol::read_timeout(route.protocol),
        "send-timeout" => Protocol::send_timeout(route.protocol),
        _ => Protocol::connect_timeout(route.protocol),
    };
    let limit = config.limit(route.scope, name)?;
    Ok(Value::new(name, Kind::Time, limit.map(of_limit)))
}

fn of_pool(fpm: &Fpm, pool: &Pool, quantity: &Quantity) -> Result<Value, String> {
    let name = match quantity.name {
        "terminate-timeout" => "request_terminate_timeout",
        "slowlog-timeout" => "request_slowlog_timeout",
        "max-children" => "pm.max_children",
        _ => "pm.max_requests",
    };
    if quantity.kind == Kind::Time {
        let limit = fpm.limit(pool, name)?;
        return Ok(Value::new(name, Kind::Time, limit.map(of_limit)));
    }
    let number = pool.settings.number(name, 0)?;
    let is_endless = quantity.name == "max-requests";
    let amount = number.map(|number| match u64::try_from(number) {
        Ok(0) | Err(_) if is_endless => Amount::Unlimited,
        number => Amount::Of(number.unwrap_or(0)),
    });
    Ok(Value::new(name, Kind::Count, amount))
}

fn of_php(fpm: &Fpm, pool: &Pool, extras: &[Extra], quantity: &Quantity) -> Result<Value, String> {
    // PHP's own name is the last of the other names.
    let name = quantity.also.last().copied().unwrap_or(quantity.name);
    let text: Setting<Vec<u8>> = fpm.php(pool, extras, name)?;
    let amount = text.map(|text| {
        let number = match quantity.kind {
            Kind::Time => php_time(name.as_bytes(), &text, fpm.version).saturating_mul(1000),
            Kind::Size | Kind::Count => php_quantity(&text, fpm.version).value,
        };
        match u64::try_from(number) {
            // The engine does with the least that it can: see `memory-limit-off`.
            Ok(0) if name == "memory_limit" => Amount::Of(0),
            Ok(0) if quantity.kind == Kind::Count => Amount::Of(0),
            Ok(0) | Err(_) => Amount::Unlimited,
            Ok(number) => Amount::Of(number),
        }
    });
    Ok(Value::new(name, quantity.kind, amount))
}

fn of_limit(limit: Limit) -> Amount {
    limit
        .fires_after()
        .map_or(Amount::Unlimited, |time| Amount::Of(time.0))
}

fn of_size(size: SizeLimit) -> Amount {
    match size {
        SizeLimit::AtMost(bytes) => Amount::Of(bytes.0),
        SizeLimit::Off => Amount::Unlimited,
    }
}
