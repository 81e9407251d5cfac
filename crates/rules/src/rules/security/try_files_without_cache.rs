//! Files that are looked for at every request.

use base::Severity;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `try_files` looks at the disk for every request.
    ///
    /// ## Why it matters
    ///
    /// Each name costs a call of the kernel; on network file systems that adds up. `open_file_cache` remembers the answers.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location / {
    ///     try_files $uri $uri/ /index.html;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location / {
    ///     try_files $uri $uri/ /index.html;
    ///     open_file_cache max=1000 inactive=60s;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#open_file_cache>
    TRY_FILES_WITHOUT_CACHE {
        id: "try-files-without-cache",
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
        for (scope, item) in config.everywhere("try_files") {
            let cache = config
                .find(scope, "open_file_cache")
                .and_then(|(item, _)| config.word(item, 1));
            let unknown = !config.complete || config.outward(scope).any(|id| config.has_gap(id));
            if cache.is_some_and(|word| *word != *b"off") || unknown {
                continue;
            }
            out.report(config.span(item), "no `open_file_cache`", "nginx asks the disk for these names at every request")
                .severity(Severity::Info)
                .help("add `open_file_cache max=1000 inactive=60s;` to the `http` block where files seldom change");
        }
    }
}
