//! A time is not read as it is written.

use base::SortedSet;
use model::php::value::{fpm_time, php_time};
use model::php::{Assignment, FpmTime, PhpVersion};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A time is not read as it is written.
    ///
    /// ## Why it matters
    ///
    /// PHP and FPM take the leading number of a time and are silent about the rest: `max_execution_time =
    /// 5m` is 5 seconds, `request_terminate_timeout = 500ms` is 500 seconds, `1m30s` is one second. The
    /// server starts, and the limit is off by a factor of 60 or 1000.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// max_execution_time = 5m
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// max_execution_time = 30
    /// ```
    ///
    /// ## Fix
    ///
    /// Display only: what was meant is a guess.
    ///
    /// ## References
    ///
    /// - `fpm_conf_set_time` in `sapi/fpm/fpm/fpm_conf.c`
    /// - <https://www.php.net/manual/en/info.configuration.php#ini.max-execution-time>
    TIMEOUT_UNIT_SUSPECT {
        id: "timeout-unit-suspect",
        group: "timeouts",
        severity: Warning,
        fix: DisplayOnly,
        since: "0.1.0",
        check: check,
    }
}

const FPM_TIMES: &[&str] = &[
    "request_terminate_timeout",
    "request_slowlog_timeout",
    "pm.process_idle_timeout",
    "process_control_timeout",
    "emergency_restart_interval",
];

const PHP_TIMES: &[&str] = &[
    "max_execution_time",
    "max_input_time",
    "default_socket_timeout",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        let pools = fpm.pools.iter().map(|pool| &pool.settings);
        for settings in pools.chain([&fpm.global]) {
            for name in FPM_TIMES {
                let suspect = settings.get(name).filter(|a| is_odd_fpm(a));
                if let Some(assignment) = suspect {
                    report(out, "PHP-FPM", name, assignment, &read_by_fpm(assignment));
                }
            }
        }
        let in_pools = fpm.pools.iter().flat_map(|pool| &pool.php);
        let in_pools = in_pools.map(|set| (&set.name, &set.assignment));
        let in_ini = fpm.php_ini.sets.iter().map(|(name, a)| (name, a));
        for (name, assignment) in in_ini.chain(in_pools) {
            php(out, name, assignment, fpm.version);
        }
    }
    // One `.user.ini` or parameter may serve many routes.
    let mut seen = SortedSet::new();
    for chain in cx.chains() {
        for extra in &chain.extras {
            if seen.insert((extra.assignment.span, &extra.name)) {
                php(out, &extra.name, &extra.assignment, chain.fpm.version);
            }
        }
    }
}

fn php(out: &mut Findings, name: &[u8], assignment: &Assignment, version: Option<PhpVersion>) {
    let known = PHP_TIMES.iter().find(|n| n.as_bytes() == name);
    let Some(known) = known.filter(|_| is_odd_php(assignment)) else {
        return;
    };
    let seconds = php_time(name, &assignment.text, version);
    let read = match (seconds, *known) {
        (0, "default_socket_timeout") => "0 seconds, which is over at once".to_owned(),
        (..=0, _) => "no limit".to_owned(),
        (1, _) => "1 second".to_owned(),
        _ => format!("{seconds} seconds"),
    };
    report(out, "PHP", known, assignment, &read);
}

fn report(out: &mut Findings, who: &str, name: &str, assignment: &Assignment, read: &str) {
    let written = base::source::printable(&assignment.text);
    let message = format!("{who} reads `{name} = {written}` as {read}");
    out.report(assignment.span, format!("read as {read}"), message)
        .help("write a whole number of seconds");
}

/// More than a number, blanks and one known unit.
fn is_odd_fpm(assignment: &Assignment) -> bool {
    let Ok(text) = assignment.known() else {
        return false;
    };
    let number = text.trim_ascii().strip_suffix(b"s").or_else(|| {
        let text = text.trim_ascii();
        let units = [b"m", b"h", b"d"];
        units.into_iter().find_map(|unit| text.strip_suffix(unit))
    });
    let number = number.unwrap_or(text).trim_ascii();
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    !digits.iter().all(u8::is_ascii_digit)
}

/// More than a number; a trailing `s` is harmless.
fn is_odd_php(assignment: &Assignment) -> bool {
    let Ok(text) = assignment.known() else {
        return false;
    };
    let text = text.trim_ascii();
    let number = text.strip_suffix(b"s").unwrap_or(text).trim_ascii_end();
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    !digits.iter().all(u8::is_ascii_digit)
}

fn read_by_fpm(assignment: &Assignment) -> String {
    match fpm_time(&assignment.text) {
        Ok(FpmTime::After(time)) => time.to_string(),
        Ok(FpmTime::Off | FpmTime::Negative) => "no limit".to_owned(),
        Err(why) => why.to_owned(),
    }
}
