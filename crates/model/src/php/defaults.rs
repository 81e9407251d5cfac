//! Settings of FPM and PHP as data: type, default, since when, who says so.
//!
//! FPM's rows follow `ini_fpm_global_options`, `ini_fpm_pool_options` and
//! `fpm_worker_pool_config_alloc` in `sapi/fpm/fpm/fpm_conf.c`, checked against what
//! `php-fpm -tt` of 8.2 prints. PHP's rows follow `PHP_INI_BEGIN()` in `main/main.c` and
//! `sapi/fpm/fpm/fpm_main.c`.

use super::PhpVersion;

/// Where an FPM setting may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In `[global]`.
    Global,
    /// In a pool.
    Pool,
}

/// What an FPM setting is parsed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FpmType {
    /// Any text; `$pool` is replaced.
    Text,
    /// A whole number.
    Integer,
    /// Seconds, with the units `s`, `m`, `h`, `d`.
    Time,
    /// `yes`, `no` and their like.
    Boolean,
    /// `debug`, `notice`, `warning`, `error`, `alert`.
    LogLevel,
    /// A name of `syslog(3)` without `LOG_`.
    Facility,
    /// A whole number from 0, or `unlimited`.
    RlimitCore,
    /// `static`, `dynamic`, `ondemand`.
    Manager,
}

/// One FPM setting.
#[derive(Clone, Copy, Debug)]
pub struct FpmOption {
    /// Its name; FPM compares without case.
    pub name: &'static str,
    /// Where it may stand.
    pub scope: Scope,
    /// How it is parsed.
    pub kind: FpmType,
    /// What FPM uses when it is not set, as one would write it; `None` for nothing at all.
    pub default: Option<&'static str>,
    /// The first version that knows it; 7.2 stands for that or older.
    pub since: PhpVersion,
}

impl FpmOption {
    /// Whether a version knows it.
    pub fn is_known_to(&self, version: PhpVersion) -> bool {
        let is_old = (self.since.major, self.since.minor) == OLD;
        is_old || version >= self.since
    }
}

/// The manual page of all FPM settings.
pub const FPM_MANUAL: &str = "https://www.php.net/manual/en/install.fpm.configuration.php";

const fn row(
    scope: Scope,
    name: &'static str,
    kind: FpmType,
    default: Option<&'static str>,
    since: (u8, u8),
) -> FpmOption {
    FpmOption {
        name,
        scope,
        kind,
        default,
        since: PhpVersion {
            major: since.0,
            minor: since.1,
        },
    }
}

use FpmType::{Boolean, Facility, Integer, LogLevel, Manager, RlimitCore, Text, Time};
use Scope::{Global, Pool};

const OLD: (u8, u8) = (7, 2);

/// All settings of FPM, 7.2 to 8.5, but for those of other systems (`listen.setfib` of FreeBSD,
/// `apparmor_hat` where AppArmor is built in) and the arrays `env[]`, `php_*[]` and
/// `access.suppress_path[]`.
#[rustfmt::skip]
pub const FPM_OPTIONS: &[FpmOption] = &[
    row(Global, "pid", Text, None, OLD),
    row(Global, "error_log", Text, Some("log/php-fpm.log"), OLD),
    row(Global, "syslog.ident", Text, Some("php-fpm"), OLD),
    row(Global, "syslog.facility", Facility, Some("daemon"), OLD),
    row(Global, "log_buffering", Boolean, Some("yes"), (7, 3)),
    row(Global, "log_level", LogLevel, Some("notice"), OLD),
    row(Global, "log_limit", Integer, Some("1024"), (7, 3)),
    row(Global, "emergency_restart_threshold", Integer, Some("0"), OLD),
    row(Global, "emergency_restart_interval", Time, Some("0"), OLD),
    row(Global, "process_control_timeout", Time, Some("0"), OLD),
    row(Global, "process.max", Integer, Some("0"), OLD),
    row(Global, "process.priority", Integer, None, OLD),
    row(Global, "daemonize", Boolean, Some("yes"), OLD),
    row(Global, "rlimit_files", Integer, Some("0"), OLD),
    row(Global, "rlimit_core", RlimitCore, Some("0"), OLD),
    row(Global, "events.mechanism", Text, None, OLD),
    row(Global, "systemd_interval", Time, Some("10"), OLD),
    row(Pool, "prefix", Text, None, OLD),
    row(Pool, "user", Text, None, OLD),
    row(Pool, "group", Text, None, OLD),
    row(Pool, "listen", Text, None, OLD),
    row(Pool, "listen.backlog", Integer, Some("-1"), OLD),
    row(Pool, "listen.acl_users", Text, None, OLD),
    row(Pool, "listen.acl_groups", Text, None, OLD),
    row(Pool, "listen.owner", Text, None, OLD),
    row(Pool, "listen.group", Text, None, OLD),
    row(Pool, "listen.mode", Text, Some("0660"), OLD),
    row(Pool, "listen.allowed_clients", Text, None, OLD),
    row(Pool, "process.priority", Integer, None, OLD),
    row(Pool, "process.dumpable", Boolean, Some("no"), OLD),
    row(Pool, "pm", Manager, None, OLD),
    row(Pool, "pm.max_children", Integer, Some("0"), OLD),
    row(Pool, "pm.start_servers", Integer, Some("0"), OLD),
    row(Pool, "pm.min_spare_servers", Integer, Some("0"), OLD),
    row(Pool, "pm.max_spare_servers", Integer, Some("0"), OLD),
    row(Pool, "pm.max_spawn_rate", Integer, Some("32"), (8, 1)),
    row(Pool, "pm.process_idle_timeout", Time, Some("10"), OLD),
    row(Pool, "pm.max_requests", Integer, Some("0"), OLD),
    row(Pool, "pm.status_path", Text, None, OLD),
    row(Pool, "pm.status_listen", Text, None, (8, 0)),
    row(Pool, "ping.path", Text, None, OLD),
    row(Pool, "ping.response", Text, None, OLD),
    row(Pool, "access.log", Text, None, OLD),
    row(Pool, "access.format", Text, None, OLD),
    row(Pool, "slowlog", Text, None, OLD),
    row(Pool, "request_slowlog_timeout", Time, Some("0"), OLD),
    row(Pool, "request_slowlog_trace_depth", Integer, Some("20"), OLD),
    row(Pool, "request_terminate_timeout", Time, Some("0"), OLD),
    row(Pool, "request_terminate_timeout_track_finished", Boolean, Some("no"), (7, 3)),
    row(Pool, "rlimit_files", Integer, Some("0"), OLD),
    row(Pool, "rlimit_core", RlimitCore, Some("0"), OLD),
    row(Pool, "chroot", Text, None, OLD),
    row(Pool, "chdir", Text, None, OLD),
    row(Pool, "catch_workers_output", Boolean, Some("no"), OLD),
    row(Pool, "decorate_workers_output", Boolean, Some("yes"), (7, 3)),
    row(Pool, "clear_env", Boolean, Some("yes"), OLD),
    row(Pool, "security.limit_extensions", Text, Some(".php .phar"), OLD),
];

/// Names that FPM knows only where the system or the build has the feature.
pub const FPM_BUILD_OPTIONS: &[&str] = &["listen.setfib", "apparmor_hat"];

/// The row of an FPM setting.
pub fn fpm_option(scope: Scope, name: &[u8]) -> Option<&'static FpmOption> {
    let found = FPM_OPTIONS.iter().filter(|row| row.scope == scope);
    let mut found = found.filter(|row| row.name.as_bytes().eq_ignore_ascii_case(name));
    found.next()
}

/// The unit of a PHP setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes, with shorthand.
    Bytes,
    /// On or off.
    Switch,
    /// A plain number.
    Number,
    /// Text.
    Words,
}

/// Who may change a PHP setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changeable {
    /// Scripts too (`PHP_INI_ALL`).
    Anywhere,
    /// Down to `.user.ini` (`PHP_INI_SYSTEM | PHP_INI_PERDIR`).
    PerDir,
    /// Only php.ini, the pool and `fastcgi_param` (`PHP_INI_SYSTEM`).
    System,
}

/// One PHP setting.
#[derive(Clone, Copy, Debug)]
pub struct PhpSetting {
    /// Its name, with case.
    pub name: &'static str,
    /// What PHP uses when nobody sets it, as text.
    pub default: &'static str,
    /// The first version with this default, and the first without it.
    pub versions: (Option<PhpVersion>, Option<PhpVersion>),
    /// The unit.
    pub unit: Unit,
    /// Who may change it.
    pub changeable: Changeable,
}

/// The manual page of PHP's settings.
pub const PHP_MANUAL: &str = "https://www.php.net/manual/en/ini.list.php";

const fn php(
    name: &'static str,
    default: &'static str,
    unit: Unit,
    changeable: Changeable,
) -> PhpSetting {
    PhpSetting {
        name,
        default,
        versions: (None, None),
        unit,
        changeable,
    }
}

const fn changed(
    setting: PhpSetting,
    since: Option<(u8, u8)>,
    until: Option<(u8, u8)>,
) -> PhpSetting {
    const fn version(pair: Option<(u8, u8)>) -> Option<PhpVersion> {
        match pair {
            Some((major, minor)) => Some(PhpVersion { major, minor }),
            None => None,
        }
    }
    PhpSetting {
        versions: (version(since), version(until)),
        ..setting
    }
}

use Changeable::{Anywhere, PerDir, System};
use Unit::{Bytes, Number, Seconds, Switch, Words};

/// PHP settings that decide about time, size, errors and files. The default of `log_errors` was
/// not looked up for versions before 8.2, so it is unknown there.
#[rustfmt::skip]
pub const PHP_SETTINGS: &[PhpSetting] = &[
    php("max_execution_time", "30", Seconds, Anywhere),
    php("max_input_time", "-1", Seconds, PerDir),
    php("default_socket_timeout", "60", Seconds, Anywhere),
    changed(php("hard_timeout", "2", Seconds, System), Some((7, 1)), None),
    php("memory_limit", "128M", Bytes, Anywhere),
    php("post_max_size", "8M", Bytes, PerDir),
    php("upload_max_filesize", "2M", Bytes, PerDir),
    php("max_file_uploads", "20", Number, PerDir),
    php("max_input_vars", "1000", Number, PerDir),
    php("max_input_nesting_level", "64", Number, PerDir),
    php("file_uploads", "1", Switch, System),
    php("enable_post_data_reading", "1", Switch, PerDir),
    php("output_buffering", "0", Bytes, PerDir),
    php("implicit_flush", "0", Switch, Anywhere),
    php("ignore_user_abort", "0", Switch, Anywhere),
    php("display_errors", "1", Words, Anywhere),
    changed(php("display_startup_errors", "0", Switch, Anywhere), None, Some((8, 0))),
    changed(php("display_startup_errors", "1", Switch, Anywhere), Some((8, 0)), None),
    changed(php("log_errors", "0", Switch, Anywhere), Some((8, 2)), None),
    php("html_errors", "1", Switch, Anywhere),
    php("error_log", "", Words, Anywhere),
    php("expose_php", "1", Switch, System),
    php("auto_prepend_file", "", Words, PerDir),
    php("auto_append_file", "", Words, PerDir),
    php("open_basedir", "", Words, Anywhere),
    php("doc_root", "", Words, System),
    php("sys_temp_dir", "", Words, System),
    php("upload_tmp_dir", "", Words, System),
    php("disable_functions", "", Words, System),
    php("allow_url_fopen", "1", Switch, System),
    php("allow_url_include", "0", Switch, System),
    php("short_open_tag", "1", Switch, PerDir),
    php("variables_order", "EGPCS", Words, PerDir),
    php("realpath_cache_size", "4096K", Bytes, System),
    php("realpath_cache_ttl", "120", Seconds, System),
    php("user_ini.filename", ".user.ini", Words, System),
    php("user_ini.cache_ttl", "300", Seconds, System),
    php("cgi.fix_pathinfo", "1", Switch, System),
    php("fastcgi.logging", "1", Switch, System),
];

/// The row of a PHP setting that holds for a version; without a version, the row of the newest.
pub fn php_setting(name: &[u8], version: Option<PhpVersion>) -> Option<&'static PhpSetting> {
    let holds = |row: &&PhpSetting| {
        let (since, until) = row.versions;
        match version {
            Some(version) => {
                since.is_none_or(|since| version >= since) && until.is_none_or(|end| version < end)
            }
            None => until.is_none(),
        }
    };
    let named = PHP_SETTINGS
        .iter()
        .filter(|row| row.name.as_bytes() == name);
    let mut named = named.filter(holds);
    named.next()
}
