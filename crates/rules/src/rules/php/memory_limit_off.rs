//! A script may take all memory.

use model::php::value::quantity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A script may take all the memory of the machine.
    ///
    /// ## Why it matters
    ///
    /// With `memory_limit = -1` nothing stops a script that asks for ever more: instead of a PHP error and a 500, the kernel
    /// kills a worker, perhaps one that did nothing wrong, and its request gets a 502.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// memory_limit = -1
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// memory_limit = 256M
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/ini.core.php#ini.memory-limit>
    MEMORY_LIMIT_OFF {
        id: "memory-limit-off",
        group: "php",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let Ok(limit) = chain.php("memory_limit") else {
            continue;
        };
        // Below zero there is no limit; zero is the least that the engine can do with.
        let is_off = quantity(&limit.value, chain.fpm.version).value < 0;
        let Some(at) = limit.origin.span().filter(|_| is_off) else {
            continue;
        };
        out.report(at, "no limit", "one script may take all memory: the kernel then kills workers, and requests get 502")
            .route(&chain.route.label)
            .because_of("memory_limit", &limit.map(|text| base::source::printable(&text)))
            .help("set what the heaviest script needs, such as `memory_limit = 256M`; long jobs of the command line have a php.ini of their own");
    }
}
