//! Five workers, as the package came.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The pool has the five workers of the package's example.
    ///
    /// ## Why it matters
    ///
    /// Five requests at a time are served; the sixth waits, and after `fastcgi_read_timeout` gets a 504 that looks
    /// like a slow script. Five is what Debian and the official images write into their example, not a measured
    /// number.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// pm.max_children = 5
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// pm.max_children = 12
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#pm.max-children>
    MAX_CHILDREN_DEFAULT {
        id: "max-children-default",
        group: "capacity",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// What `www.conf` of Debian and of the official images says.
const EXAMPLE: i32 = 5;

fn check(cx: &Context<'_>, out: &mut Findings) {
    let reached: Vec<_> = cx.chains().iter().map(|chain| chain.pool_id).collect();
    for (id, pool) in cx.model.pools().filter(|(id, _)| reached.contains(id)) {
        let Ok(children) = pool.settings.number("pm.max_children", 0) else {
            continue;
        };
        let Some(at) = children.origin.span().filter(|_| children.value == EXAMPLE) else {
            continue;
        };
        let routes = cx
            .chains()
            .iter()
            .filter(|chain| chain.pool_id == id)
            .count();
        let routes = if routes == 1 {
            "one route".to_owned()
        } else {
            format!("{routes} routes")
        };
        let message = format!(
            "pool `{}` serves {routes} with the five workers of the package's example",
            pool.shown_name()
        );
        out.report(at, "the sixth request waits", message)
            .severity(Severity::Info)
            .help(
                "divide the memory that PHP may have by what a worker takes, and give that number",
            );
    }
}
