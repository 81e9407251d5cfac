//! Pools that share fewer processes than they promise.

use model::php::InputKind;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `process.max` allows fewer workers than the pools promise.
    ///
    /// ## Why it matters
    ///
    /// FPM starts no worker beyond `process.max`, whatever the pools say: one busy pool takes the workers of the others,
    /// whose requests then wait until nginx gives up with 504. A static pool that finds no room at the start stays
    /// small for ever.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// [global]
    /// process_control_timeout = 60s
    /// process.max = 10
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// listen.owner = www-data
    /// pm = static
    /// pm.max_children = 20
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// [global]
    /// process_control_timeout = 60s
    /// process.max = 20
    /// [www]
    /// user = www-data
    /// listen = /run/php/php-fpm.sock
    /// listen.owner = www-data
    /// pm = static
    /// pm.max_children = 20
    /// request_terminate_timeout = 40s
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#process.max>
    PROCESS_MAX_BELOW_POOLS {
        id: "process-max-below-pools",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        if fpm.kind == InputKind::Fragments {
            continue;
        }
        let Ok(most) = fpm.global.number("process.max", 0) else {
            continue;
        };
        let Some(at) = most.origin.span().filter(|_| most.value > 0) else {
            continue;
        };
        let children = fpm
            .pools
            .iter()
            .map(|pool| pool.settings.number("pm.max_children", 0));
        let Ok(children) = children.collect::<Result<Vec<_>, _>>() else {
            continue;
        };
        let sum: i64 = children.iter().map(|c| i64::from(c.value)).sum();
        if sum <= i64::from(most.value) {
            continue;
        }
        let message = format!(
            "the pools promise {sum} workers and may start {}: one busy pool starves the others",
            most.value
        );
        let mut draft = out.report(at, format!("{} for all", most.value), message);
        for (pool, children) in fpm.pools.iter().zip(&children) {
            let text = format!("pool `{}` promises {}", pool.shown_name(), children.value);
            draft = draft.because(text, children.origin.span());
        }
        draft.help(format!(
            "set `process.max = {sum}`, or let the pools promise less"
        ));
    }
}
