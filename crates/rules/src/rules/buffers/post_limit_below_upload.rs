//! PHP discards a request whose file it would take.

use base::Severity;
use model::nginx::SizeLimit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// `post_max_size` is below `upload_max_filesize`: PHP discards a request whose file it would take.
    ///
    /// ## Why it matters
    ///
    /// A file travels inside a request body, and `post_max_size` limits that body. PHP throws away what is larger
    /// and runs the script all the same, with empty `$_POST` and `$_FILES`: the answer is 200, and the only trace
    /// is a warning `POST Content-Length of … bytes exceeds the limit`. The form that wraps the file takes a few
    /// hundred bytes, so equal values fail for the last of them, which is a note.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// upload_max_filesize = 64M
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// upload_max_filesize = 64M
    /// post_max_size = 72M
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/ini.core.php#ini.post-max-size>
    POST_LIMIT_BELOW_UPLOAD {
        id: "post-limit-below-upload",
        group: "buffers",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(post), Ok(upload), Ok(uploads)) = (
            chain.php_size("post_max_size"),
            chain.php_size("upload_max_filesize"),
            chain.php_switch("file_uploads"),
        ) else {
            continue;
        };
        let (SizeLimit::AtMost(body), SizeLimit::AtMost(file)) = (post.value, upload.value) else {
            continue;
        };
        if !uploads.value || file < body {
            continue;
        }
        let (severity, message) = if file == body {
            (
                Severity::Info,
                format!("a file of just {file} does not fit into a body of {body}: PHP drops both"),
            )
        } else {
            (
                Severity::Warning,
                format!(
                    "PHP drops a request above {body} and runs the script with an empty form, \
                     although files of {file} are allowed"
                ),
            )
        };
        cx.report_chain(out, chain, &post, &upload, message)
            .severity(severity)
            .because_of("post_max_size", &post)
            .because_of("upload_max_filesize", &upload)
            .help(format!(
                "set `post_max_size` above {file}, by as much as the rest of the form takes"
            ));
    }
}
