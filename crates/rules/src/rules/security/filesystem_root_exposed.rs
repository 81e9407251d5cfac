//! The files of the machine are served.

use base::source::printable;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The document root is the root of the file system, or a directory of the system.
    ///
    /// ## Why it matters
    ///
    /// Everybody may read `/etc/passwd`, keys and configuration, as far as nginx's user may.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location / {
    ///     root /;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location / {
    ///     root /srv/shop;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#root>
    FILESYSTEM_ROOT_EXPOSED {
        id: "filesystem-root-exposed",
        group: "security",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// Directories that no site is made of.
const SYSTEM: &[&[u8]] = &[
    b"/",
    b"/etc",
    b"/root",
    b"/home",
    b"/var",
    b"/var/log",
    b"/usr",
    b"/proc",
    b"/sys",
    b"/dev",
    b"/boot",
    b"/run",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        for name in ["root", "alias"] {
            for (scope, item) in config.everywhere(name) {
                let path = config.word(item, 1).unwrap_or_default();
                let mut bare = &*path;
                while let [head @ .., b'/'] = bare
                    && !head.is_empty()
                {
                    bare = head;
                }
                // `location /etc/app/ { root /; }` serves that directory alone.
                let inner = config.location(scope).map(|(_, text)| text.into_owned());
                let is_narrow = name == "root"
                    && inner.is_some_and(|text| text.len() > 1 && text.starts_with(b"/"));
                let is_hidden = config.last(scope, "internal").is_some();
                if SYSTEM.contains(&bare) && !is_narrow && !is_hidden {
                    let message =
                        format!("everybody may read the files below `{}`", printable(&path));
                    out.report(config.span(item), "a directory of the system", message)
                        .help("serve a directory that holds the site alone");
                }
            }
        }
    }
}
