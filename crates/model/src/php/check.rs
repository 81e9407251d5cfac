//! What keeps FPM from starting: entries it does not know, values it refuses, bounds it checks
//! (`fpm_conf_ini_parser_entry`, `fpm_conf_ini_parser_array`, `fpm_conf_post_process` and
//! `fpm_conf_process_all_pools` in `sapi/fpm/fpm/fpm_conf.c`). What depends on the machine
//! (directories that must exist, files that must open) is not looked at.

use base::Span;
use base::source::printable;
use syntax::ini::{Entry, EntryKind};

use super::PhpVersion;
use super::defaults::{FPM_BUILD_OPTIONS, FpmType, Scope, fpm_option};
use super::fpm::{Fpm, Pool, Refusal, Stage};
use super::settings::Settings;
use super::value::{fpm_boolean, fpm_integer, fpm_time};

/// Why FPM refuses an entry, in its own words; `None` when it takes it.
pub(super) fn entry(
    scope: Scope,
    version: Option<PhpVersion>,
    key: &[u8],
    entry: &Entry,
) -> Option<String> {
    if entry.kind == EntryKind::Bare {
        return Some("value is NULL for a ZEND_INI_PARSER_ENTRY".to_owned());
    }
    let known = entry.value.holes.is_empty();
    let value = known.then_some(entry.value.text.as_slice());
    if let Some(offset) = &entry.offset {
        return array(scope, version, key, &offset.text, value);
    }
    if key == b"include" || FPM_BUILD_OPTIONS.iter().any(|n| n.as_bytes() == key) {
        return None;
    }
    let row = fpm_option(scope, key).filter(|row| version.is_none_or(|v| v >= row.since));
    let Some(row) = row else {
        return Some(format!("unknown entry '{}'", printable(key)));
    };
    let value = value?;
    let asks_pool = scope == Scope::Global
        && row.kind == FpmType::Text
        && value.windows(5).any(|w| w == b"$pool");
    let why = match asks_pool {
        true => "Can't use '$pool' when the pool is not defined",
        false => typed(row.kind, value).err()?,
    };
    let name = row.name;
    Some(format!("unable to parse value for entry '{name}': {why}"))
}

fn array(
    scope: Scope,
    version: Option<PhpVersion>,
    key: &[u8],
    offset: &[u8],
    value: Option<&[u8]>,
) -> Option<String> {
    const SUPPRESS: PhpVersion = PhpVersion { major: 8, minor: 2 };
    let name = printable(key);
    let can_suppress = version.is_none_or(|version| version >= SUPPRESS);
    let suppresses = can_suppress && key == b"access.suppress_path";
    if !suppresses && offset.is_empty() {
        return Some(format!("You must provide a key for field '{name}'"));
    }
    if scope == Scope::Global {
        return Some("Array are not allowed in the global section".to_owned());
    }
    let why = match key {
        b"php_value" | b"php_admin_value" => return None,
        b"env" => {
            let is_empty = value?.is_empty();
            return is_empty.then(|| "empty value".to_owned());
        }
        b"php_flag" | b"php_admin_flag" => fpm_boolean(value?).err()?,
        _ if !suppresses => return Some(format!("unknown directive '{name}'")),
        _ if !offset.is_empty() => {
            return Some(format!("Keys provided to field '{name}' are ignored"));
        }
        _ if value?.starts_with(b"/") => return None,
        _ => {
            return Some(format!(
                "Values provided to field '{name}' must begin with '/'"
            ));
        }
    };
    let offset = printable(offset);
    Some(format!("error while parsing '{name}[{offset}]' : {why}"))
}

fn typed(kind: FpmType, value: &[u8]) -> Result<(), &'static str> {
    const LEVELS: &[&[u8]] = &[b"debug", b"notice", b"warning", b"warn", b"error", b"alert"];
    const FACILITIES: &[&[u8]] = &[
        b"auth",
        b"authpriv",
        b"cron",
        b"daemon",
        b"ftp",
        b"kern",
        b"lpr",
        b"mail",
        b"news",
        b"syslog",
        b"user",
        b"uucp",
        b"local0",
        b"local1",
        b"local2",
        b"local3",
        b"local4",
        b"local5",
        b"local6",
        b"local7",
    ];
    let one_of = |words: &[&[u8]]| words.iter().any(|w| value.eq_ignore_ascii_case(w));
    let or = |is_fine: bool, why: &'static str| if is_fine { Ok(()) } else { Err(why) };
    match kind {
        FpmType::Text => Ok(()),
        FpmType::Integer => fpm_integer(value).map(|_| ()),
        FpmType::Time => fpm_time(value).map(|_| ()),
        FpmType::Boolean => fpm_boolean(value).map(|_| ()),
        FpmType::RlimitCore if one_of(&[b"unlimited"]) => Ok(()),
        FpmType::RlimitCore => match fpm_integer(value)? {
            0.. => Ok(()),
            _ => Err("must be greater than zero or 'unlimited'"),
        },
        FpmType::LogLevel => or(one_of(LEVELS), "invalid value for 'log_level'"),
        FpmType::Facility => or(one_of(FACILITIES), "invalid value"),
        FpmType::Manager => or(
            one_of(&[b"static", b"dynamic", b"ondemand"]),
            "invalid process manager (static, dynamic or ondemand)",
        ),
    }
}

/// What rules look at too: `slowlog-without-file`, `slowlog-above-terminate`, `duplicate-listen`.
const HAVE_RULES: [&str; 2] = ["'request_slowlog_timeout'", "already used in another pool"];

/// Checks of the whole instance, in FPM's order. `complete`: all its files were read.
pub(super) fn instance(fpm: &mut Fpm, complete: bool) {
    let mut found = Vec::new();
    if let Some(why) = global_refusal(&fpm.global) {
        found.push((None, why));
    }
    if fpm.pools.is_empty() && complete {
        let why = "No pool defined. at least one pool section must be specified in config file";
        found.push((None, why.to_owned()));
    }
    for (index, pool) in fpm.pools.iter().enumerate() {
        let name = pool.shown_name();
        if let Some(why) = pool_refusal(pool, complete) {
            found.push((Some(index), format!("[pool {name}] {why}")));
        }
    }
    for (index, pool) in fpm.pools.iter().enumerate() {
        // FPM makes a pool of its own of it.
        let status = pool.settings.text("pm.status_listen");
        if status.is_some_and(|text| text.is_ok_and(|text| text.value.is_empty())) {
            let name = pool.shown_name();
            let why = format!("[pool {name}_status] no listen address have been defined!");
            found.push((Some(index), why));
        }
    }
    found.extend(same_listen(&fpm.pools));
    for (pool, message) in found {
        fpm.refusals.push(Refusal {
            span: match pool {
                Some(index) => fpm.pools[index].place(),
                None => fpm.comments.first().map(|(file, _)| Span::new(*file, 0, 0)),
            },
            pool,
            has_rule: HAVE_RULES.iter().any(|part| message.contains(part)),
            message,
            stage: Stage::Test,
        });
    }
    for (index, pool) in fpm.pools.iter().enumerate() {
        let name = pool.shown_name();
        let refusal = |span: Option<Span>, why: &str, stage| Refusal {
            span,
            pool: Some(index),
            message: format!("[pool {name}] {why}"),
            stage,
            has_rule: false,
        };
        if pool.settings.get("user").is_none() && pool.settings.gap().is_none() {
            let why = "user has not been defined";
            fpm.refusals.push(refusal(pool.place(), why, Stage::AsRoot));
        }
        if let Err(super::listen::NoListen::Refused(why)) = pool.listen()
            && pool
                .settings
                .get("listen")
                .is_some_and(|a| !a.text.is_empty())
        {
            fpm.refusals.push(refusal(pool.place(), &why, Stage::Start));
        }
    }
}

fn global_refusal(global: &Settings) -> Option<String> {
    let number = |name: &str| global.number(name, 0).map(|s| s.value).ok();
    if number("log_limit")? < 512 {
        return Some("log_limit must be greater than 512".to_owned());
    }
    if number("process.max")? < 0 {
        return Some("process_max can't be negative".to_owned());
    }
    priority(global).map(str::to_owned)
}

fn priority(settings: &Settings) -> Option<&'static str> {
    // 64 stands for "not set" in FPM.
    let value = settings.number("process.priority", 64).ok()?.value;
    (value != 64 && !(-19..=20).contains(&value))
        .then_some("process.priority must be included into [-19,20]")
}

/// The first thing in a pool that FPM refuses, in its own order. What is missing may stand in a file
/// that was not read.
fn pool_refusal(pool: &Pool, complete: bool) -> Option<String> {
    let settings = &pool.settings;
    let complete = complete && settings.gap().is_none();
    let listen = settings.get("listen");
    if listen.map_or(complete, |a| a.holes.is_empty() && a.text.is_empty()) {
        return Some("no listen address have been defined!".to_owned());
    }
    if let Some(why) = priority(settings) {
        return Some(why.to_owned());
    }
    if settings.get("pm").is_none() {
        return complete
            .then(|| "the process manager is missing (static, dynamic or ondemand)".to_owned());
    }
    children(settings)
        .or_else(|| path(settings, "pm.status_path", "status"))
        .or_else(|| path(settings, "ping.path", "ping"))
        .or_else(|| slow_log(settings))
        .or_else(|| chroot(settings))
}

fn children(settings: &Settings) -> Option<String> {
    let manager = settings.text("pm")?.ok()?.value.to_ascii_lowercase();
    let number = |name: &str| settings.number(name, 0).map(|s| s.value).ok();
    let most = number("pm.max_children")?;
    if most < 1 {
        return Some("pm.max_children must be a positive value".to_owned());
    }
    match manager.as_slice() {
        b"dynamic" => {}
        b"ondemand" => {
            let idle = settings.seconds("pm.process_idle_timeout").ok()?.value;
            return (idle < 1)
                .then(|| format!("pm.process_idle_timeout({idle}s) must be greater than 0s"));
        }
        _ => return None,
    }
    let (min, max) = (
        number("pm.min_spare_servers")?,
        number("pm.max_spare_servers")?,
    );
    let start = number("pm.start_servers")?;
    if min <= 0 {
        return Some(format!(
            "pm.min_spare_servers({min}) must be a positive value"
        ));
    }
    if max <= 0 {
        return Some(format!(
            "pm.max_spare_servers({max}) must be a positive value"
        ));
    }
    if min > most || max > most {
        return Some(format!(
            "pm.min_spare_servers({min}) and pm.max_spare_servers({max}) cannot be greater than \
             pm.max_children({most})"
        ));
    }
    if max < min {
        return Some(format!(
            "pm.max_spare_servers({max}) must not be less than pm.min_spare_servers({min})"
        ));
    }
    if start > 0 && (start < min || start > max) {
        return Some(format!(
            "pm.start_servers({start}) must not be less than pm.min_spare_servers({min}) and not \
             greater than pm.max_spare_servers({max})"
        ));
    }
    (number("pm.max_spawn_rate")? < 1)
        .then(|| "pm.max_spawn_rate must be a positive value".to_owned())
}

fn path(settings: &Settings, name: &str, word: &str) -> Option<String> {
    let text = settings.text(name)?.ok()?.value;
    let shown = printable(&text);
    let is_fine = |b: &u8| b.is_ascii_alphanumeric() || b"/-_.~".contains(b);
    match text.as_slice() {
        [] => None,
        [b'/'] => Some(format!("the {word} path '{shown}' is not long enough")),
        [b'/', rest @ ..] if rest.iter().all(is_fine) => None,
        [b'/', ..] => Some(format!(
            "the {word} path '{shown}' must contain only the following characters \
             '[alphanum]/_-.~'"
        )),
        _ => Some(format!("the {word} path '{shown}' must start with a '/'")),
    }
}

fn slow_log(settings: &Settings) -> Option<String> {
    let file = settings.get("slowlog");
    let no_file = |name: &str| {
        let is_known = settings.gap().is_none() || file.is_some();
        (is_known && file.is_none_or(|a| a.holes.is_empty() && a.text.is_empty()))
            .then(|| format!("'slowlog' must be specified for use with '{name}'"))
    };
    let slow = settings.seconds("request_slowlog_timeout").ok()?.value;
    if slow != 0 {
        let end = settings.seconds("request_terminate_timeout").ok()?.value;
        let too_long = || {
            (end != 0 && slow > end).then(|| {
                format!(
                    "'request_slowlog_timeout' ({slow}) can't be greater than \
                     'request_terminate_timeout' ({end})"
                )
            })
        };
        if let Some(why) = no_file("request_slowlog_timeout").or_else(too_long) {
            return Some(why);
        }
    }
    let name = "request_slowlog_trace_depth";
    let depth = settings
        .text(name)?
        .ok()
        .map(|text| super::value::atoi(&text.value))?;
    // Zero is taken for "not set".
    if depth == 0 {
        return None;
    }
    let negative = || (depth < 0).then(|| format!("'{name}' ({depth}) must be a positive value"));
    no_file(name).or_else(negative)
}

fn chroot(settings: &Settings) -> Option<String> {
    let text = settings.text("chroot")?.ok()?.value;
    // `$prefix` is replaced first.
    let is_fine = text.is_empty() || text.starts_with(b"/") || text.starts_with(b"$prefix");
    (!is_fine).then(|| {
        let shown = printable(&text);
        format!("the chroot path '{shown}' must start with a '/'")
    })
}

/// FPM compares the texts: `9000` and `*:9000` pass here and fail when the second is opened.
fn same_listen(pools: &[Pool]) -> Option<(Option<usize>, String)> {
    let listen = |pool: &Pool| {
        let text = pool.settings.text("listen")?.ok()?.value;
        let is_path = !text.contains(&b':') && !text.iter().all(u8::is_ascii_digit);
        match is_path {
            true => super::listen::full_path(&text, pool.prefix.as_deref()),
            false => Some(text),
        }
    };
    let texts: Vec<_> = pools.iter().map(listen).collect();
    for (first, text) in texts.iter().enumerate() {
        let others = texts.iter().enumerate().skip(first + 1);
        let mut same = others.filter(|(_, other)| text.is_some() && *other == text);
        if let Some((second, _)) = same.next() {
            let (one, two) = (pools[first].shown_name(), pools[second].shown_name());
            let message = format!(
                "[pool {two}] unable to set listen address as it's already used in another pool \
                 '{one}'"
            );
            return Some((Some(second), message));
        }
    }
    None
}
