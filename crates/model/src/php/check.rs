//! What keeps FPM from starting: entries it does not know, values it refuses, bounds it checks
//! (`ini_fpm_global_options`, `ini_fpm_pool_options` and `fpm_conf_process_all_pools` in
//! `sapi/fpm/fpm/fpm_conf.c`).

use base::ProblemKind;
use syntax::ini::{Entry, EntryKind};

use super::InputKind;
use super::fpm::{Fpm, Pool};
use super::value::{fpm_boolean, fpm_integer, fpm_time};
use crate::load::Loader;

#[derive(Clone, Copy)]
enum Type {
    Text,
    Integer,
    Time,
    Boolean,
    LogLevel,
    RlimitCore,
    Manager,
}

use Type::{Boolean, Integer, LogLevel, Manager, RlimitCore, Text, Time};

const GLOBAL: &[(&str, Type)] = &[
    ("daemonize", Boolean),
    ("emergency_restart_interval", Time),
    ("emergency_restart_threshold", Integer),
    ("error_log", Text),
    ("events.mechanism", Text),
    ("log_buffering", Boolean),
    ("log_level", LogLevel),
    ("log_limit", Integer),
    ("pid", Text),
    ("process.max", Integer),
    ("process.priority", Integer),
    ("process_control_timeout", Time),
    ("rlimit_core", RlimitCore),
    ("rlimit_files", Integer),
    ("syslog.facility", Text),
    ("syslog.ident", Text),
    ("systemd_interval", Time),
];

const POOL: &[(&str, Type)] = &[
    ("access.format", Text),
    ("access.log", Text),
    ("apparmor_hat", Text),
    ("catch_workers_output", Boolean),
    ("chdir", Text),
    ("chroot", Text),
    ("clear_env", Boolean),
    ("decorate_workers_output", Boolean),
    ("group", Text),
    ("listen", Text),
    ("listen.acl_groups", Text),
    ("listen.acl_users", Text),
    ("listen.allowed_clients", Text),
    ("listen.backlog", Integer),
    ("listen.group", Text),
    ("listen.mode", Text),
    ("listen.owner", Text),
    ("listen.setfib", Integer),
    ("ping.path", Text),
    ("ping.response", Text),
    ("pm", Manager),
    ("pm.max_children", Integer),
    ("pm.max_requests", Integer),
    ("pm.max_spare_servers", Integer),
    ("pm.max_spawn_rate", Integer),
    ("pm.min_spare_servers", Integer),
    ("pm.process_idle_timeout", Time),
    ("pm.start_servers", Integer),
    ("pm.status_listen", Text),
    ("pm.status_path", Text),
    ("prefix", Text),
    ("process.dumpable", Boolean),
    ("process.priority", Integer),
    ("request_slowlog_timeout", Time),
    ("request_slowlog_trace_depth", Integer),
    ("request_terminate_timeout", Time),
    ("request_terminate_timeout_track_finished", Boolean),
    ("rlimit_core", RlimitCore),
    ("rlimit_files", Integer),
    ("security.limit_extensions", Text),
    ("slowlog", Text),
    ("user", Text),
];

const ARRAYS: &[&[u8]] = &[
    b"env",
    b"php_value",
    b"php_flag",
    b"php_admin_value",
    b"php_admin_flag",
    b"access.suppress_path",
];

/// Why FPM refuses an entry; `None` when it takes it.
pub(super) fn entry(in_pool: bool, key: &[u8], entry: &Entry, value: &[u8]) -> Option<String> {
    if entry.kind == EntryKind::Bare {
        return Some("it has no value".to_owned());
    }
    if !entry.value.holes.is_empty() {
        return None;
    }
    if let Some(offset) = &entry.offset {
        return array(in_pool, key, offset.text.is_empty(), value);
    }
    let table = if in_pool { POOL } else { GLOBAL };
    let found = table
        .iter()
        .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(key));
    let Some((_, kind)) = found else {
        return Some("unknown entry".to_owned());
    };
    typed(*kind, value).err().map(str::to_owned)
}

fn array(in_pool: bool, key: &[u8], empty_offset: bool, value: &[u8]) -> Option<String> {
    if !in_pool {
        return Some("arrays are not allowed in the global section".to_owned());
    }
    if !ARRAYS.contains(&key) {
        return Some("unknown directive".to_owned());
    }
    if empty_offset && key != b"access.suppress_path" {
        return Some("misspelled array".to_owned());
    }
    if key.ends_with(b"_flag") {
        return fpm_boolean(value).err().map(str::to_owned);
    }
    value.is_empty().then(|| "empty value".to_owned())
}

fn typed(kind: Type, value: &[u8]) -> Result<(), &'static str> {
    let one_of = |words: &[&[u8]]| words.iter().any(|w| value.eq_ignore_ascii_case(w));
    match kind {
        Text => Ok(()),
        Integer => fpm_integer(value).map(|_| ()),
        Time => fpm_time(value).map(|_| ()),
        Boolean => fpm_boolean(value).map(|_| ()),
        RlimitCore if one_of(&[b"unlimited"]) => Ok(()),
        RlimitCore => match fpm_integer(value)? {
            0.. => Ok(()),
            _ => Err("must be greater than zero or 'unlimited'"),
        },
        LogLevel if one_of(&[b"debug", b"notice", b"warning", b"warn", b"error", b"alert"]) => {
            Ok(())
        }
        LogLevel => Err("invalid value for 'log_level'"),
        Manager if one_of(&[b"static", b"dynamic", b"ondemand"]) => Ok(()),
        Manager => Err("invalid process manager (static, dynamic or ondemand)"),
    }
}

/// Checks of the whole instance; fragments are completed by files that were not given.
pub(super) fn instance(loader: &mut Loader<'_>, fpm: &Fpm) {
    if fpm.kind != InputKind::Main {
        return;
    }
    if fpm.pools.is_empty() && loader.problems.is_empty() {
        let message = format!(
            "{}: no pool section at all; PHP-FPM would refuse to start",
            fpm.main
        );
        loader.problem(ProblemKind::Syntax, None, message);
    }
    for pool in &fpm.pools {
        if let Some(why) = pool_refusal(pool) {
            let name = pool.shown_name();
            let message = format!("[pool {name}] {why}; PHP-FPM would refuse to start");
            loader.problem(ProblemKind::Syntax, pool.place(), message);
        }
    }
}

/// The first thing in a pool that FPM refuses, in its own order. The slow log has rules of its
/// own.
fn pool_refusal(pool: &Pool) -> Option<String> {
    let settings = &pool.settings;
    let unset = |name: &str| {
        settings
            .get(name)
            .is_none_or(|a| a.holes.is_empty() && a.text.is_empty())
    };
    if unset("listen") {
        return Some("no listen address have been defined!".to_owned());
    }
    let Some(manager) = settings.text("pm") else {
        return Some("the process manager is missing (static, dynamic or ondemand)".to_owned());
    };
    let manager = manager.ok()?.value.to_ascii_lowercase();
    let number = |name: &str| settings.number(name, 0).map(|s| s.value).ok();
    let most = number("pm.max_children")?;
    if most < 1 {
        return Some("pm.max_children must be a positive value".to_owned());
    }
    if manager != b"dynamic" {
        return None;
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
    (start > 0 && (start < min || start > max)).then(|| {
        format!(
            "pm.start_servers({start}) must not be less than pm.min_spare_servers({min}) and not \
             greater than pm.max_spare_servers({max})"
        )
    })
}
