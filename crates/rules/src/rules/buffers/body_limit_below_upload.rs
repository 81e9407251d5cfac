//! nginx refuses uploads that PHP was told to take.

use base::{Bytes, Setting, Severity, SortedSet};
use model::chain::Chain;
use model::nginx::SizeLimit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx refuses uploads that PHP was told to take.
    ///
    /// ## Why it matters
    ///
    /// `client_max_body_size` is 1m unless somebody raises it. A larger request is answered with 413 before PHP
    /// sees any of it; nginx's error log says `client intended to send too large body`, FPM's logs say nothing.
    /// Whoever raised `upload_max_filesize` finds that nothing changed. A limit of 1M against PHP's own default of
    /// 2M is nobody's decision and not reported. Where another route to the same pool takes enough, the lower limit
    /// may be meant, and it is a note.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// client_max_body_size 10m;
    /// ```
    ///
    /// ```php-ini
    /// upload_max_filesize = 64M
    /// post_max_size = 72M
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// client_max_body_size 72m;
    /// ```
    ///
    /// ```php-ini
    /// upload_max_filesize = 64M
    /// post_max_size = 72M
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size>
    /// - <https://www.php.net/manual/en/features.file-upload.common-pitfalls.php>
    BODY_LIMIT_BELOW_UPLOAD {
        id: "body-limit-below-upload",
        group: "buffers",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// PHP's own `upload_max_filesize`.
const NOBODYS: Bytes = Bytes::from_mib(2);

fn check(cx: &Context<'_>, out: &mut Findings) {
    let judged: Vec<_> = cx.chains().iter().filter_map(limits).collect();
    let enough: SortedSet<_> = judged
        .iter()
        .filter(|(_, body, upload)| !body.value.is_below(upload.value))
        .map(|(chain, ..)| chain.pool_id)
        .collect();
    for (chain, body, upload) in &judged {
        if !body.value.is_below(upload.value) {
            continue;
        }
        // Whoever raised it for one route may have left the others small on purpose.
        let severity = if enough.contains(&chain.pool_id) {
            Severity::Info
        } else {
            Severity::Warning
        };
        let (takes, wanted) = (body.value, upload.value);
        let message = format!(
            "nginx answers 413 to a body above {takes}, although PHP takes files of {wanted}"
        );
        cx.report_chain(out, chain, body, upload, message)
            .severity(severity)
            .because_of("client_max_body_size", body)
            .because_of("upload_max_filesize", upload)
            .help(format!(
                "set `client_max_body_size` to `post_max_size`, a little above {wanted}, in the \
                 `server` block, or lower `upload_max_filesize` to what is meant"
            ));
    }
}

/// The two limits of a chain whose files somebody allowed to be larger than by default.
fn limits<'c, 'm>(
    chain: &'c Chain<'m>,
) -> Option<(&'c Chain<'m>, Setting<SizeLimit>, Setting<SizeLimit>)> {
    let uploads = chain.php_switch("file_uploads").ok()?;
    let (body, upload) = (
        chain.body_limit().ok()?,
        chain.php_size("upload_max_filesize").ok()?,
    );
    let SizeLimit::AtMost(largest) = upload.value else {
        return None;
    };
    (uploads.value && largest > NOBODYS).then_some((chain, body, upload))
}
