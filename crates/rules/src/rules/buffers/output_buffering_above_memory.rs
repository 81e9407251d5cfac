//! PHP's output buffer does not fit into its memory.

use base::{Bytes, Severity};
use model::nginx::SizeLimit;

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// PHP's output buffer does not fit into `memory_limit`.
    ///
    /// ## Why it matters
    ///
    /// `output_buffering` is allocated before the script begins. If it is as large as `memory_limit`, every request
    /// fails there: a 500 without a script in the log line, with a much larger buffer a 502 because the worker
    /// leaves, and with `display_errors` on a 200 with the message for a page. `output_buffering = On` is a buffer
    /// without end, which grows with the page: a download larger than the memory is a 500, and nothing of it is
    /// sent before the script ends. That is a note. A buffer is no cure for a 502 of any kind; 4096 saves some
    /// small writes and is enough.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// output_buffering = 256M
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// output_buffering = 4096
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/outcontrol.configuration.php#ini.output-buffering>
    OUTPUT_BUFFERING_ABOVE_MEMORY {
        id: "output-buffering-above-memory",
        group: "buffers",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// `On`: `php_request_startup` takes 1 for a buffer without a size.
const ENDLESS: Bytes = Bytes(1);

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let (Ok(buffer), Ok(memory)) = (
            chain.php_size("output_buffering"),
            chain.php_size("memory_limit"),
        ) else {
            continue;
        };
        let (SizeLimit::AtMost(size), SizeLimit::AtMost(most)) = (buffer.value, memory.value)
        else {
            continue;
        };
        let (severity, message) = if size == ENDLESS {
            (
                Severity::Info,
                format!("a page or download larger than the memory of {most} ends in 500"),
            )
        } else if size >= most {
            (
                Severity::Error,
                format!("every request fails: the output buffer alone takes the memory of {most}"),
            )
        } else {
            continue;
        };
        cx.report_chain(out, chain, &buffer, &memory, message)
            .severity(severity)
            .because_of("output_buffering", &buffer)
            .because_of("memory_limit", &memory)
            .help("set `output_buffering = 4096`");
    }
}
