//! PHP waits longer for its own backends than anyone waits for PHP.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `default_socket_timeout` is above the limits of the chain.
    ///
    /// ## Why it matters
    ///
    /// When a script reads from another server that hangs, this limit is what would let it handle the
    /// failure and answer. Above the chain it never fires: the client has its 504, and the script cannot
    /// tell anybody why.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// default_socket_timeout = 300
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// default_socket_timeout = 20
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: lowers it below the limits of the chain.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/filesystem.configuration.php#ini.default-socket-timeout>
    DEFAULT_SOCKET_TIMEOUT_ABOVE_CHAIN {
        id: "default-socket-timeout-above-chain",
        group: "timeouts",
        severity: Info,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(socket), Some(end)) = (
            chain.php_limit("default_socket_timeout"),
            cx.first_end(chain),
        ) else {
            continue;
        };
        let (Limit::After(waits), ends) = (socket.value, end.after) else {
            continue;
        };
        let Some(at) = socket.origin.span().filter(|_| waits > ends) else {
            continue;
        };
        let message = format!(
            "PHP waits {waits} for another server, but the request is given up after {ends}: the \
             script cannot handle the failure"
        );
        out.report(at, "above the chain", message)
            .route(&chain.route.label)
            .because_of("default_socket_timeout", &socket)
            .help(format!("set `default_socket_timeout` below {ends}"));
    }
}
