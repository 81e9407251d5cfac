//! Two limits of a chain are equal.

use base::{Limit, Millis, Setting};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Two limits of a chain are equal, so chance decides which one fires.
    ///
    /// ## Why it matters
    ///
    /// The limits are meant to fire from the inside out: PHP, then FPM, then nginx. With equal values
    /// nginx usually wins, because it is exact and FPM looks only every so often: the client gets 504,
    /// and no log names the script.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_read_timeout 60s;
    /// ```
    ///
    /// ```fpm
    /// request_terminate_timeout = 60s
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_read_timeout 70s;
    /// ```
    ///
    /// ```fpm
    /// request_terminate_timeout = 60s
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: raises the outer limit.
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_read_timeout>
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#request-terminate-timeout>
    CHAIN_WITHOUT_MARGIN {
        id: "chain-without-margin",
        group: "timeouts",
        severity: Info,
        fix: Safe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let read = ("fastcgi_read_timeout", chain.read.as_ref());
        let terminate = ("request_terminate_timeout", chain.terminate.as_ref());
        let execution = ("max_execution_time", chain.execution.as_ref());
        for (outer, inner) in [(read, terminate), (terminate, execution), (read, execution)] {
            let (Ok(a), Ok(b)) = (outer.1, inner.1) else {
                continue;
            };
            let Some(gap) = gap(a, b).filter(|_| either_written(a, b)) else {
                continue;
            };
            let least = cx.options.margin.unwrap_or(Millis(0));
            if gap == Millis(0) || gap < least {
                let message = match gap {
                    Millis(0) => format!(
                        "`{}` and `{}` are both {}: chance decides which one fires",
                        outer.0, inner.0, a.value
                    ),
                    gap => format!(
                        "`{}` is {gap} above `{}`, and a margin of {least} is asked for",
                        outer.0, inner.0
                    ),
                };
                cx.report_chain(out, chain, a, b, message)
                    .because_of(outer.0, a)
                    .because_of(inner.0, b)
                    .help(format!(
                        "raise `{}`, so that the inner limit fires first",
                        outer.0
                    ));
            }
        }
    }
}

/// How far the outer limit is above the inner one, when both fire and it is.
fn gap(outer: &Setting<Limit>, inner: &Setting<Limit>) -> Option<Millis> {
    match (outer.value, inner.value) {
        (Limit::After(outer), Limit::After(inner)) => outer.0.checked_sub(inner.0).map(Millis),
        _ => None,
    }
}

/// Two defaults that happen to be equal are nobody's decision.
fn either_written(a: &Setting<Limit>, b: &Setting<Limit>) -> bool {
    a.origin.span().is_some() || b.origin.span().is_some()
}
