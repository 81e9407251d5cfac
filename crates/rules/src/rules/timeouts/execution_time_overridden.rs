//! The limit in php.ini is not the one in force.

use base::{Limit, Millis, Origin, Severity};

use model::Chain;
use model::php::ExtraKind;
use model::php::value::php_seconds;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The execution time in php.ini is not the one in force.
    ///
    /// ## Why it matters
    ///
    /// Whoever reads php.ini believes its number. Requests of this route get another one: from the pool,
    /// from `fastcgi_param PHP_VALUE` or from a `.user.ini`. A parameter of nginx is a warning: it beats
    /// even the pool's `php_admin_value`, and it stays in force in the worker for later requests of other
    /// routes that do not set it.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// php_admin_value[max_execution_time] = 20
    /// ```
    ///
    /// ```php-ini
    /// max_execution_time = 30
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// max_execution_time = 20
    /// ```
    ///
    /// ## References
    ///
    /// - `fastcgi_ini_parser` in `sapi/fpm/fpm/fpm_main.c`, `fpm_php_zend_ini_alter_master` in
    ///   `sapi/fpm/fpm/fpm_php.c`
    EXECUTION_TIME_OVERRIDDEN {
        id: "execution-time-overridden",
        group: "timeouts",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let Ok(execution) = &chain.execution else {
            continue;
        };
        let at = execution.origin.span();
        let (Some(at), losers) = (at, losers(&execution.origin)) else {
            continue;
        };
        let mut extras = chain.extras.iter();
        let extra = extras.find(|extra| extra.assignment.span == at);
        if losers.is_empty() && extra.is_none() {
            continue;
        }
        let by_parameter = extra.is_some_and(|extra| extra.kind != ExtraKind::UserIni);
        if !by_parameter && in_php_ini(chain) == Some(execution.value) {
            continue;
        }
        let value = execution.value;
        let (severity, message) = match extra.map(|extra| extra.kind) {
            Some(ExtraKind::Value | ExtraKind::AdminValue) => (
                Severity::Warning,
                format!(
                    "requests of this route set `max_execution_time` to {value}, and it stays in \
                     the worker for later requests of other routes"
                ),
            ),
            Some(ExtraKind::UserIni) => (
                Severity::Info,
                format!("`max_execution_time` is {value} here, from the `.user.ini` of the root"),
            ),
            None => (
                Severity::Info,
                format!("`max_execution_time` is {value} here, whatever php.ini says"),
            ),
        };
        let mut draft = out
            .report(at, "in force", message)
            .route(&chain.route.label)
            .severity(severity);
        for loser in losers {
            draft = draft.related(loser, "without effect");
        }
        draft.help(
            "keep the value in one place: the pool's `php_admin_value`, which scripts and \
             `.user.ini` cannot change",
        );
    }
}

/// What php.ini says, or PHP's default.
fn in_php_ini(chain: &Chain<'_>) -> Option<Limit> {
    let text = chain.fpm.php_ini.effective(&[], &[], "max_execution_time");
    Some(match u64::try_from(php_seconds(&text.ok()?.value)) {
        Ok(0) | Err(_) => Limit::Off,
        Ok(seconds) => Limit::After(Millis::from_secs(seconds)),
    })
}

fn losers(origin: &Origin) -> Vec<base::Span> {
    match origin {
        Origin::Overriding { over, .. } => over.clone(),
        _ => Vec::new(),
    }
}
