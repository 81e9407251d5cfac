//! PHP runs files of any name.

use base::Severity;
use base::source::printable;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The pool runs files that are not PHP by their name.
    ///
    /// ## Why it matters
    ///
    /// `security.limit_extensions` is the last thing that keeps an uploaded picture with PHP code in it from running. With
    /// an empty list FPM runs whatever path nginx hands over; and `cgi.fix_pathinfo`, which is on by default, turns
    /// `/uploads/cat.jpg/x.php` into the script `/uploads/cat.jpg`.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// security.limit_extensions =
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// security.limit_extensions = .php
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#security.limit-extensions>
    LIMIT_EXTENSIONS_OPEN {
        id: "limit-extensions-open",
        group: "php",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for (_, pool) in cx.model.pools() {
        let Ok(limit) = pool.limit_extensions() else {
            continue;
        };
        let Some(at) = limit.origin.span() else {
            continue;
        };
        let name = pool.shown_name();
        if limit.value.is_empty() {
            let message = format!("pool `{name}` runs files of any name as PHP");
            out.report(at, "every extension", message)
                .help("write `security.limit_extensions = .php`");
            continue;
        }
        let strange: Vec<String> = limit
            .value
            .iter()
            .filter(|extension| !is_php(extension))
            .map(|extension| printable(extension))
            .collect();
        if strange.is_empty() {
            continue;
        }
        // Old sites run `.html` on purpose; pictures are never meant.
        let uploads = strange.iter().any(|e| UPLOADS.contains(&e.as_str()));
        let severity = if uploads {
            Severity::Warning
        } else {
            Severity::Info
        };
        let strange = strange.join(" ");
        let message = format!("pool `{name}` runs files with {strange} as PHP");
        out.report(at, "more than PHP", message)
            .severity(severity)
            .help("write `security.limit_extensions = .php`");
    }
}

/// What visitors may upload.
const UPLOADS: &[&str] = &[
    ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".pdf", ".txt", ".xml", ".zip", ".csv",
];

fn is_php(extension: &[u8]) -> bool {
    let extension = extension.to_ascii_lowercase();
    let version = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    match extension.strip_prefix(b".php") {
        Some(rest) => version(rest),
        None => matches!(extension.as_slice(), b".phtml" | b".phar" | b".inc"),
    }
}
