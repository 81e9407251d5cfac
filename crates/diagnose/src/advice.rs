//! What to do: the words of the cause's page, and for what could not be decided the configuration
//! that decides it next time.

use base::diagnosis::Snippet;
use logs::Signal;

use crate::facts::Facts;
use crate::judge::Verdict;

/// What to change.
pub(crate) fn advice(verdict: &Verdict<'_>) -> Vec<String> {
    let points = |cause: &crate::cause::Cause| cause.points("What to change");
    verdict.cause.map(points).unwrap_or_default()
}

/// How to make sure.
pub(crate) fn make_sure(verdict: &Verdict<'_>) -> Vec<String> {
    let points = |cause: &crate::cause::Cause| cause.points("How to make sure");
    verdict.cause.map(points).unwrap_or_default()
}

/// What is known of a failure whose cause is not.
pub(crate) fn undetermined_title(verdict: &Verdict<'_>) -> String {
    let text = match verdict.failure.signal {
        Signal::ResetBeforeHeader | Signal::ResetWhileSending => {
            "a worker or FPM went away in mid-request; which of these it was is not in the logs"
        }
        Signal::ResetAfterHeader => "a worker went away in the middle of a page with status 200",
        Signal::EofBeforeHeader => "the backend closed the connection without an answer",
        Signal::EofAfterHeader => "the backend ended its answer early",
        Signal::TimeoutBeforeHeader => {
            "nginx gave up waiting: a slow script, or a request that waited for a free worker"
        }
        Signal::TimeoutConnecting => "a connection was neither accepted nor refused",
        Signal::AccessRetried => "a try failed, and a retry hid it",
        Signal::AccessAnswered => "the script answered with an error",
        _ => "the logs do not tell which of these it was",
    };
    text.to_owned()
}

/// The configuration that would have decided it.
pub(crate) fn make_decidable(facts: &Facts<'_>, verdict: &Verdict<'_>) -> Vec<Snippet> {
    let candidate = |id: &str| verdict.candidates.iter().any(|cause| cause.id == id);
    let mut out = Vec::new();
    let needs_fpm = candidate("worker-terminated-by-timeout") || candidate("pool-exhausted");
    if needs_fpm && !facts.fpm_covers(verdict.failure.time()) {
        out.push(snippet(
            "in [global] of FPM's configuration (its log was not among the files)",
            "error_log = /var/log/php-fpm.log\nlog_level = notice",
        ));
    }
    if candidate("pool-exhausted") {
        let pool = verdict
            .failure
            .pool
            .map(|at| facts.stack.pools[at].name.as_str());
        let section = pool.map_or_else(|| "in the pool".to_owned(), |name| format!("in [{name}]"));
        out.push(Snippet {
            into: section,
            text: "request_slowlog_timeout = 5s\n\
                   slowlog = /var/log/php-fpm.slow.log\n\
                   access.log = /var/log/php-fpm.access.log\n\
                   access.format = \"%R - %u %t \\\"%m %r%Q%q\\\" %s %f %{milliseconds}d pid=%p\""
                .to_owned(),
        });
    }
    if candidate("allowed-clients-refused") {
        out.push(snippet("in the pool", "catch_workers_output = yes"));
    }
    if candidate("worker-oom-killed") && !facts.has_kernel() {
        out.push(snippet(
            "nothing, but give the kernel's log too",
            "journalctl -k -o json | badgateway diagnose /var/log/nginx/error.log … -",
        ));
    }
    if verdict.failure.is_access_only() {
        out.push(snippet(
            "in http { }, because the error log tells most of these apart",
            "error_log /var/log/nginx/error.log info;",
        ));
        out.push(snippet("in http { }", LOG_FORMAT));
    }
    if candidate("php-fatal") {
        out.push(snippet(
            "in php.ini, so that errors go to nginx's error log",
            "log_errors = On\n;error_log =",
        ));
    }
    out
}

/// The access log in which each failure can be told.
const LOG_FORMAT: &str = "\
log_format badgateway escape=json '{\"time\":\"$time_iso8601\",\"msec\":\"$msec\",\"connection\":\"$connection\",'
    '\"client\":\"$remote_addr\",\"host\":\"$host\",\"request\":\"$request\",\"status\":\"$status\",'
    '\"bytes\":\"$body_bytes_sent\",\"request_time\":\"$request_time\",'
    '\"upstream_addr\":\"$upstream_addr\",\"upstream_status\":\"$upstream_status\",'
    '\"upstream_connect_time\":\"$upstream_connect_time\",\"upstream_header_time\":\"$upstream_header_time\",'
    '\"upstream_response_time\":\"$upstream_response_time\"}';
access_log /var/log/nginx/access.json.log badgateway;";

fn snippet(into: &str, text: &str) -> Snippet {
    Snippet {
        into: into.to_owned(),
        text: text.to_owned(),
    }
}
