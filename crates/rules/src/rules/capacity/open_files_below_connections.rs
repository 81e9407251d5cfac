//! nginx may open fewer files than it has connections.

use model::nginx::Config;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// An nginx process may open fewer files than it is told to hold connections.
    ///
    /// ## Why it matters
    ///
    /// Every connection is an open file. nginx starts all the same, and says so only when the limit of the process that
    /// starts it is too low as well. Under load it writes `(24: Too many open files)`: new visitors are not accepted,
    /// and requests that need a worker of PHP get 500.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// worker_rlimit_nofile 1024;
    /// events {
    ///     worker_connections 4096;
    /// }
    /// http {
    ///     server {
    ///         listen 80;
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// worker_rlimit_nofile 8192;
    /// events {
    ///     worker_connections 4096;
    /// }
    /// http {
    ///     server {
    ///         listen 80;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/ngx_core_module.html#worker_rlimit_nofile>
    OPEN_FILES_BELOW_CONNECTIONS {
        id: "open-files-below-connections",
        group: "capacity",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let Some((_, item)) = config.everywhere("worker_connections").last() else {
            continue;
        };
        let Some(connections) = number(config, item) else {
            continue;
        };
        let (files, said, span) = match config.everywhere("worker_rlimit_nofile").last() {
            Some((_, limit)) => match number(config, limit) {
                Some(files) => (
                    files,
                    "`worker_rlimit_nofile`".to_owned(),
                    Some(config.span(limit)),
                ),
                None => continue,
            },
            None => match &cx.facts().nginx.service.limit_nofile {
                Some(fact) => (
                    fact.value,
                    format!("the limit of its service ({})", fact.from),
                    None,
                ),
                None => {
                    // Every system allows that many.
                    if connections > 1024 {
                        out.needs("the limit of open files of nginx's service");
                    }
                    continue;
                }
            },
        };
        if connections <= files {
            continue;
        }
        let message = format!(
            "a process may open {files} files and shall hold {connections} connections: under load \
             requests get 500"
        );
        out.report(config.span(item), "more than it may open", message)
            .because(format!("{files} is {said}"), span)
            .help(format!(
                "set `worker_rlimit_nofile {};` at the top of nginx.conf",
                2 * connections
            ));
    }
}

fn number(config: &Config, item: model::nginx::Item) -> Option<u64> {
    std::str::from_utf8(&config.word(item, 1)?)
        .ok()?
        .parse()
        .ok()
}
