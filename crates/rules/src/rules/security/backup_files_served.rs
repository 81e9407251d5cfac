//! Copies of scripts are served as text.

use base::{Severity, SortedSet};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Copies that editors and people leave behind are served as text.
    ///
    /// ## Why it matters
    ///
    /// `/config.php~`, `/config.php.bak` and `/dump.sql` do not end in `.php`, so nobody runs them: nginx hands out the source with the
    /// passwords in it. Scanners ask for such names.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~* (~|\.(bak|old|orig|save|swp|sql|inc))$ {
    ///     deny all;
    /// }
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>
    BACKUP_FILES_SERVED {
        id: "backup-files-served",
        group: "security",
        severity: Info,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// What editors and people leave beside a script.
const LEFT: &[&[u8]] = &[
    b"/config.php~",
    b"/config.php.bak",
    b"/config.php.old",
    b"/dump.sql",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = SortedSet::new();
    for chain in cx.chains() {
        let config = &chain.nginx.config;
        let Some(server) = chain.route.server.filter(|_| config.complete) else {
            continue;
        };
        // Only where files lie beside scripts.
        let Some((root, _)) = config.find(server, "root") else {
            continue;
        };
        let is_served = |path: &&&[u8]| {
            config
                .matched(server, path)
                .is_ok_and(|scope| config.serves_files(scope))
        };
        let span = config.span(root);
        let Some(path) = LEFT
            .iter()
            .find(is_served)
            .filter(|_| seen.insert((span, server)))
        else {
            continue;
        };
        let path = base::source::printable(path);
        out.report(span, "with copies of scripts", format!("`{path}` is served as text when it is there"))
            .severity(Severity::Info)
            .help("add `location ~* (~|\\.(bak|old|orig|save|swp|sql|inc))$ { deny all; }` before the other expressions");
    }
}
