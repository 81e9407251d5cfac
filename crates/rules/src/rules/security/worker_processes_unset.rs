//! One process for all cores.

use base::Severity;
use model::nginx::config::{ScopeId, ScopeKind};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx runs one worker process, whatever the machine has.
    ///
    /// ## Why it matters
    ///
    /// Without `worker_processes` there is one: TLS and compression then use one core, however many there are.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// events {}
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
    /// worker_processes auto;
    /// events {}
    /// http {
    ///     server {
    ///         listen 80;
    ///     }
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/>
    WORKER_PROCESSES_UNSET {
        id: "worker-processes-unset",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let main = ScopeId(0);
        let is_set = config.everywhere("worker_processes").next().is_some();
        if is_set || config.has_gap(main) || config.servers().next().is_none() {
            continue;
        }
        let mut blocks = config
            .scopes()
            .filter(|(_, scope)| scope.kind == ScopeKind::Http);
        let Some(http) = blocks.next().and_then(|(_, scope)| scope.opener) else {
            continue;
        };
        if cx
            .facts()
            .cores
            .as_ref()
            .is_some_and(|cores| cores.value == 1)
        {
            continue;
        }
        out.report(
            config.span(http),
            "no `worker_processes`",
            "nginx runs one process, whatever the machine has",
        )
        .severity(Severity::Info)
        .help("write `worker_processes auto;` at the top");
    }
}
