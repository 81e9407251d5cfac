//! A form that PHP allows exhausts its memory.

use base::Severity;
use model::nginx::SizeLimit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A form that `post_max_size` allows exhausts `memory_limit`, and the answer is a 502.
    ///
    /// ## Why it matters
    ///
    /// PHP reads form fields before the script begins and keeps them in memory, several times over: one field of a
    /// third of the memory is too much. Where `memory_limit` gives out there is no script yet that could fail: the
    /// worker leaves with code 70, nginx logs `PHP Fatal error: Allowed memory size of … bytes exhausted`, then
    /// `upstream sent unexpected FastCGI record: 3` or a reset, by chance, and answers 502. Where `display_errors`
    /// is on it may be a 200 with that message. Uploaded files go to disk and take no memory, so it is a note where
    /// they are the reason for the large `post_max_size`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// client_max_body_size 256m;
    /// ```
    ///
    /// ```php-ini
    /// post_max_size = 256M
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// client_max_body_size 32m;
    /// ```
    ///
    /// ```php-ini
    /// post_max_size = 32M
    /// memory_limit = 256M
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/ini.core.php#ini.post-max-size>
    /// - PHP: `FPM_EXIT_SOFTWARE` in `sapi/fpm/fpm/fpm_main.c`
    POST_LIMIT_ABOVE_MEMORY {
        id: "post-limit-above-memory",
        group: "buffers",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(post), Ok(memory), Ok(upload), Ok(body)) = (
            chain.php_size("post_max_size"),
            chain.php_size("memory_limit"),
            chain.php_size("upload_max_filesize"),
            chain.body_limit(),
        ) else {
            continue;
        };
        let SizeLimit::AtMost(most) = memory.value else {
            continue;
        };
        let enough = SizeLimit::AtMost(most);
        // nginx keeps away what it does not take itself.
        if post.value.is_below(enough) || body.value.is_below(enough) {
            continue;
        }
        let severity = if upload.value.is_below(enough) {
            Severity::Warning
        } else {
            Severity::Info
        };
        let allowed = match post.value {
            SizeLimit::AtMost(bytes) => format!("forms of {bytes} are allowed"),
            SizeLimit::Off => "forms of any size are allowed".to_owned(),
        };
        let message = format!(
            "a form as large as the memory of {most} ends its worker with a 502, and {allowed}"
        );
        cx.report_chain(out, chain, &post, &memory, message)
            .severity(severity)
            .because_of("post_max_size", &post)
            .because_of("memory_limit", &memory)
            .because_of("upload_max_filesize", &upload)
            .help(format!(
                "set `post_max_size` well below {most}, a sixth or less, where no larger files are \
                 uploaded"
            ));
    }
}
