//! The time for reading input is above the time that nginx waits.

use base::Limit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `max_input_time` is above the time that nginx waits.
    ///
    /// ## Why it matters
    ///
    /// It bounds the time that PHP takes to read and parse a request. nginx sends the body at once, so
    /// seconds are enough; above nginx's read timeout it never fires.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// max_input_time = 600
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// max_input_time = 60
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: lowers it below the limits of the chain.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/info.configuration.php#ini.max-input-time>
    MAX_INPUT_TIME_ABOVE_CHAIN {
        id: "max-input-time-above-chain",
        group: "timeouts",
        severity: Info,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(input), Ok(read)) = (chain.php_limit("max_input_time"), &chain.read) else {
            continue;
        };
        let (Limit::After(parses), Limit::After(reads)) = (input.value, read.value) else {
            continue;
        };
        let Some(at) = input.origin.span().filter(|_| parses > reads) else {
            continue;
        };
        let message = format!(
            "PHP may read a request for {parses}, but nginx gives up after {reads}: the limit \
             never fires"
        );
        out.report(at, "above the chain", message)
            .route(&chain.route.label)
            .because_of("max_input_time", &input)
            .because_of("fastcgi_read_timeout", read)
            .help("60 seconds are PHP's own recommendation for servers");
    }
}
