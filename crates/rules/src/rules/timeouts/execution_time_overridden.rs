//! The limit in php.ini is not the one in force.

use base::{Origin, Severity};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The execution time in php.ini is not the one in force.
    ///
    /// ## Why it matters
    ///
    /// Whoever reads php.ini believes its number. Requests of this route get another one: from the pool,
    /// from `fastcgi_param PHP_VALUE` or from a `.user.ini`. What comes with the request is a warning:
    /// `PHP_VALUE` stays in force in the worker for later requests of other routes that do not set it.
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
        let extra = chain
            .extras
            .iter()
            .find(|extra| extra.name == b"max_execution_time");
        let at = execution.origin.span();
        let (Some(at), losers) = (at, losers(&execution.origin)) else {
            continue;
        };
        let by_request = extra.is_some_and(|extra| extra.assignment.span == at);
        if losers.is_empty() && !by_request {
            continue;
        }
        let message = match by_request {
            true => format!(
                "requests of this route bring their own `max_execution_time` of {}; it stays in \
                 the worker for requests of other routes",
                execution.value
            ),
            false => format!(
                "`max_execution_time` is {} here, whatever php.ini says",
                execution.value
            ),
        };
        let mut draft = out
            .report(at, "in force", message)
            .route(&chain.route.label)
            .severity(if by_request {
                Severity::Warning
            } else {
                Severity::Info
            });
        for loser in losers {
            draft = draft.related(loser, "without effect");
        }
        draft
            .help("keep the value in one place: the pool's `php_admin_value`, which wins over all");
    }
}

fn losers(origin: &Origin) -> Vec<base::Span> {
    match origin {
        Origin::Overriding { over, .. } => over.clone(),
        _ => Vec::new(),
    }
}
