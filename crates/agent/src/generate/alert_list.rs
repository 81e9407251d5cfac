//! The alerts, each with the series that make it fire and that leave it quiet.

use super::alerts::Alert;

/// The share of 5xx over a long and a short time, where there is traffic at all.
macro_rules! burn {
    ($long:literal, $short:literal, $factor:literal) => {
        concat!(
            "(sum(rate(badgateway_http_responses_total{code=~\"5..\"}[",
            $long,
            "])) / sum(rate(badgateway_http_responses_total[",
            $long,
            "]))) > (",
            $factor,
            " * @OBJECTIVE@)\nand (sum(rate(badgateway_http_responses_total{code=~\"5..\"}[",
            $short,
            "])) / sum(rate(badgateway_http_responses_total[",
            $short,
            "]))) > (",
            $factor,
            " * @OBJECTIVE@)\nand sum(rate(badgateway_http_responses_total[",
            $short,
            "])) > 0.1"
        )
    };
}

/// More than so many incidents of a cause within a time.
macro_rules! cause {
    ($cause:literal, $time:literal, $most:literal) => {
        concat!(
            "sum by (instance) (increase(badgateway_cause_incidents_total{cause=\"",
            $cause,
            "\"}[",
            $time,
            "])) > ",
            $most
        )
    };
}

macro_rules! of_cause {
    ($cause:literal) => {
        concat!(
            "badgateway_cause_incidents_total{instance=\"web1:9502\",cause=\"",
            $cause,
            "\"}"
        )
    };
}

macro_rules! pool {
    ($name:literal) => {
        concat!(
            $name,
            "{instance=\"web1:9502\",pool=\"www\",listen=\"unix:/run/php.sock\"}"
        )
    };
}

macro_rules! log {
    ($name:literal) => {
        concat!(
            $name,
            "{instance=\"web1:9502\",log=\"/var/log/nginx/error.log\"}"
        )
    };
}

/// Names of series are those of `/metrics`; `@OBJECTIVE@` stands for the share of requests that may
/// fail. Times are those of `promtool test rules`, a sample each minute.
pub(super) const ALL: &[Alert] = &[
    Alert {
        name: "BadgatewayErrorBudgetBurnsFast",
        severity: "critical",
        hold: "2m",
        expr: burn!("1h", "5m", "14.4"),
        summary: "requests fail so often that the month's budget is gone in two days",
        what: "The share of 5xx is above 14.4 times what the objective allows, over an hour and over five minutes. `badgateway diagnose` on the host names the cause with evidence; the page of the agent shows the latest ones.",
        labels: &[],
        fires: &[(BAD, "0+60x120"), (GOOD, "0+540x120")],
        at: "100m",
        quiet: &[(BAD, "0+1x120"), (GOOD, "0+999x120")],
    },
    Alert {
        name: "BadgatewayErrorBudgetBurns",
        severity: "critical",
        hold: "15m",
        expr: burn!("6h", "30m", "6"),
        summary: "requests fail so often that the month's budget is gone in five days",
        what: "The share of 5xx is above 6 times what the objective allows, over six hours and over half an hour. `badgateway diagnose` on the host names the cause with evidence.",
        labels: &[],
        fires: &[(BAD, "0+8x200"), (GOOD, "0+992x200")],
        at: "120m",
        quiet: &[(BAD, "0+1x200"), (GOOD, "0+999x200")],
    },
    Alert {
        name: "BadgatewayErrorBudgetLeaks",
        severity: "warning",
        hold: "1h",
        expr: burn!("3d", "6h", "1"),
        summary: "requests fail more often than the objective allows",
        what: "The share of 5xx has been above what the objective allows for three days, and is now. Nobody has to get up for it; look for the cause by day: `badgateway diagnose`.",
        labels: &[],
        fires: &[(BAD, "0+3x200"), (GOOD, "0+997x200")],
        at: "150m",
        quiet: &[(BAD, "0+1x200"), (GOOD, "0+1999x200")],
    },
    Alert {
        name: "BadgatewayPoolSaturated",
        severity: "critical",
        hold: "1m",
        expr: "badgateway_pool_saturated == 1",
        summary: "no worker of pool {{ $labels.pool }} is free",
        what: "Requests wait, and those beyond the queue get a 502. Look first at what the workers do (`badgateway top`, `badgateway status`): more workers only help when there is memory for them (`badgateway tune`).",
        labels: POOL,
        fires: &[(SATURATED, "1x10")],
        at: "5m",
        quiet: &[(SATURATED, "0 1 0 0 1 0 0 0 0 0")],
    },
    Alert {
        name: "BadgatewayPoolDown",
        severity: "critical",
        hold: "1m",
        expr: "badgateway_pool_up == 0",
        summary: "nobody answers for pool {{ $labels.pool }}",
        what: "Its socket is missing or refuses: PHP-FPM is down, or listens elsewhere. Every request for it gets a 502. `systemctl status 'php*-fpm'`, then `php-fpm -t`.",
        labels: POOL,
        fires: &[(UP, "0x10")],
        at: "5m",
        quiet: &[(UP, "1x10")],
    },
    Alert {
        name: "BadgatewayBacklogFilling",
        severity: "warning",
        hold: "1m",
        expr: "badgateway_pool_backlog_waiting / badgateway_pool_backlog_limit > 0.5",
        summary: "the queue of pool {{ $labels.pool }} is more than half full",
        what: "When it is full, new requests get a 502 at once (unix socket) or wait in vain (TCP). The number is the kernel's; FPM itself sees none of it on a unix socket.",
        labels: POOL,
        fires: &[(WAITING, "300x10"), (BACKLOG, "511x10")],
        at: "5m",
        quiet: &[(WAITING, "2x10"), (BACKLOG, "511x10")],
    },
    Alert {
        name: "BadgatewayBacklogFull",
        severity: "critical",
        hold: "0m",
        expr: "badgateway_pool_backlog_waiting >= badgateway_pool_backlog_limit and badgateway_pool_backlog_limit > 0",
        summary: "the queue of pool {{ $labels.pool }} is full",
        what: "New requests get a 502 now. The workers are too few or too slow, or listen.backlog (and net.core.somaxconn) too small for the burst: `badgateway tune`.",
        labels: POOL,
        fires: &[(WAITING, "511x10"), (BACKLOG, "511x10")],
        at: "5m",
        quiet: &[(WAITING, "400x10"), (BACKLOG, "511x10")],
    },
    Alert {
        name: "BadgatewayRequestRunsLong",
        severity: "warning",
        hold: "1m",
        expr: "badgateway_pool_oldest_request_seconds > 300",
        summary: "a request of pool {{ $labels.pool }} has been running for more than five minutes",
        what: "nginx has most likely given up on it, and it keeps a worker busy: request_terminate_timeout ends such requests (`badgateway chain`). `badgateway top` shows which one it is.",
        labels: POOL,
        fires: &[(OLDEST, "301x10")],
        at: "5m",
        quiet: &[(OLDEST, "20x10")],
    },
    Alert {
        name: "BadgatewayWorkerKilledForMemory",
        severity: "critical",
        hold: "0m",
        expr: cause!("worker-oom-killed", "10m", "0"),
        summary: "the kernel killed PHP workers for memory",
        what: "The pools may use more memory than there is: `badgateway tune` shows the arithmetic; `badgateway explain worker-oom-killed`.",
        labels: &[],
        fires: &[(OOM, "0 0 0 1x10")],
        at: "8m",
        quiet: &[(OOM, "7x20")],
    },
    Alert {
        name: "BadgatewayWorkerCrashed",
        severity: "critical",
        hold: "0m",
        expr: cause!("worker-crashed", "10m", "0"),
        summary: "PHP workers crashed",
        what: "An extension, or endless recursion. `badgateway explain worker-crashed`; the script is in /incidents of the agent.",
        labels: &[],
        fires: &[(CRASHED, "0 0 0 1x10")],
        at: "8m",
        quiet: &[(CRASHED, "7x20")],
    },
    Alert {
        name: "BadgatewayRequestsTerminated",
        severity: "warning",
        hold: "0m",
        expr: cause!("worker-terminated-by-timeout", "10m", "3"),
        summary: "PHP-FPM ended requests that took too long (502)",
        what: "They ran beyond request_terminate_timeout. `badgateway explain worker-terminated-by-timeout`; the scripts are in /incidents of the agent.",
        labels: &[],
        fires: &[(ENDED, "0 0 5x10")],
        at: "8m",
        quiet: &[(ENDED, "0 0 2x10")],
    },
    Alert {
        name: "BadgatewayNginxGaveUp",
        severity: "warning",
        hold: "0m",
        expr: cause!("nginx-gave-up", "10m", "3"),
        summary: "nginx gave up on requests (504), and their scripts went on",
        what: "fastcgi_read_timeout fired before anything else of the chain: `badgateway chain` shows the limits, `badgateway fix` the edits.",
        labels: &[],
        fires: &[(GAVE_UP, "0 0 5x10")],
        at: "8m",
        quiet: &[(GAVE_UP, "0 0 2x10")],
    },
    Alert {
        name: "BadgatewayPoolExhausted",
        severity: "critical",
        hold: "0m",
        expr: cause!("pool-exhausted", "10m", "3"),
        summary: "requests failed because no worker was free",
        what: "They look like slow scripts and are none: they waited in the queue. `badgateway explain pool-exhausted`, `badgateway tune`.",
        labels: &[],
        fires: &[(EXHAUSTED, "0 0 5x10")],
        at: "8m",
        quiet: &[(EXHAUSTED, "0 0 2x10")],
    },
    Alert {
        name: "BadgatewaySocketUnreachable",
        severity: "critical",
        hold: "0m",
        expr: "sum by (instance) (increase(badgateway_cause_incidents_total{cause=~\"fpm-socket-missing|fpm-refused|fpm-socket-permission|backlog-full\"}[5m])) > 3",
        summary: "nginx cannot connect to PHP-FPM",
        what: "The socket is missing, refuses, may not be opened, or its queue is full. `badgateway check` compares both sides; `badgateway diagnose` says which it is.",
        labels: &[],
        fires: &[(MISSING, "0 0 9x10")],
        at: "5m",
        quiet: &[(MISSING, "0 0 1x10")],
    },
    Alert {
        name: "BadgatewayReloadKillsRequests",
        severity: "warning",
        hold: "0m",
        expr: "sum by (instance) (increase(badgateway_cause_incidents_total{cause=~\"fpm-reloaded|fpm-stopped|fpm-emergency-restart\"}[30m])) > 0",
        summary: "a reload or stop of PHP-FPM ended requests",
        what: "process_control_timeout lets them end first: `badgateway explain rule:reload-kills-requests`.",
        labels: &[],
        fires: &[(RELOADED, "0 0 2x10")],
        at: "8m",
        quiet: &[(RELOADED, "5x40")],
    },
    Alert {
        name: "BadgatewayPagesBreakOff",
        severity: "warning",
        hold: "0m",
        expr: "sum by (instance) (increase(badgateway_harm_incidents_total{harm=\"broken-page\"}[30m])) > 3",
        summary: "pages break off, and the access log says 200",
        what: "The answer ended after its status was sent. No alert on statuses sees this; /incidents of the agent has the requests.",
        labels: &[],
        fires: &[(BROKEN, "0 0 9x10")],
        at: "8m",
        quiet: &[(BROKEN, "0 0 1x10")],
    },
    Alert {
        name: "BadgatewayRetriesHideErrors",
        severity: "warning",
        hold: "0m",
        expr: "sum by (instance) (increase(badgateway_harm_incidents_total{harm=\"hidden\"}[30m])) > 20",
        summary: "retries hide failing backends",
        what: "Clients see nothing yet; a script may run twice. /incidents of the agent says which backend fails and why.",
        labels: &[],
        fires: &[(RETRIED, "0 0 50x10")],
        at: "8m",
        quiet: &[(RETRIED, "0 0 5x10")],
    },
    Alert {
        name: "BadgatewayCauseUndecided",
        severity: "info",
        hold: "0m",
        expr: cause!("undetermined", "1h", "10"),
        summary: "failures whose cause the logs cannot tell",
        what: "`badgateway diagnose` prints the configuration that makes the next one decidable.",
        labels: &[],
        fires: &[(UNDECIDED, "0 0 30x20")],
        at: "10m",
        quiet: &[(UNDECIDED, "0 0 3x20")],
    },
    Alert {
        name: "BadgatewayMaxChildrenReached",
        severity: "warning",
        hold: "0m",
        expr: "sum by (instance, pool) (increase(phpfpm_max_children_reached[10m])) > 0",
        summary: "pool {{ $labels.pool }} wanted more workers than pm.max_children",
        what: "Requests had to wait. `badgateway tune` says whether there is memory for more workers.",
        labels: &[("pool", "www")],
        fires: &[(REACHED, "0 0 3x10")],
        at: "8m",
        quiet: &[(REACHED, "9x20")],
    },
    Alert {
        name: "BadgatewayChainBroken",
        severity: "warning",
        hold: "15m",
        expr: "sum by (instance) (badgateway_routes{chain=\"broken\"}) > 0",
        summary: "the time limits of routes are in the wrong order",
        what: "max_execution_time < request_terminate_timeout < fastcgi_read_timeout does not hold: `badgateway chain` shows where, `badgateway fix` the smallest edits.",
        labels: &[],
        fires: &[(ROUTES_BROKEN, "2x30")],
        at: "20m",
        quiet: &[(ROUTES_BROKEN, "0x30")],
    },
    Alert {
        name: "BadgatewayConfigurationWrong",
        severity: "warning",
        hold: "15m",
        expr: "badgateway_config_findings{severity=\"error\"} > 0",
        summary: "the configuration cannot do what it says",
        what: "`badgateway check` says what is wrong and why; `badgateway fix` shows the smallest edits.",
        labels: &[],
        fires: &[(FINDINGS, "1x30")],
        at: "20m",
        quiet: &[(FINDINGS, "0x30")],
    },
    Alert {
        name: "BadgatewayConfigurationUnread",
        severity: "warning",
        hold: "15m",
        expr: "badgateway_config_problems > 0",
        summary: "parts of the configuration cannot be read",
        what: "What is in them is not watched. /readyz of the agent says which; often it lacks a permission.",
        labels: &[],
        fires: &[(PROBLEMS, "1x30")],
        at: "20m",
        quiet: &[(PROBLEMS, "0x30")],
    },
    Alert {
        name: "BadgatewayStatusBlocked",
        severity: "info",
        hold: "5m",
        expr: "badgateway_pool_scrape_blocked == 1",
        summary: "pool {{ $labels.pool }} is too busy to tell its status",
        what: "The question waits behind the requests. With pm.status_listen (PHP 8.0) it is answered all the same: `badgateway generate status-location`.",
        labels: POOL,
        fires: &[(BLOCKED, "1x20")],
        at: "10m",
        quiet: &[(BLOCKED, "1 1 1 0 1 1 1 0 1 1 1 0")],
    },
    Alert {
        name: "BadgatewayAgentDown",
        severity: "critical",
        hold: "2m",
        expr: "up{job=\"badgateway\"} == 0",
        summary: "the agent on {{ $labels.instance }} does not answer",
        what: "Nothing else of this list is seen there now. `systemctl status badgateway`.",
        labels: &[("job", "badgateway")],
        fires: &[("up{job=\"badgateway\",instance=\"web1:9502\"}", "0x10")],
        at: "5m",
        quiet: &[("up{job=\"badgateway\",instance=\"web1:9502\"}", "1x10")],
    },
    Alert {
        name: "BadgatewayAgentMissing",
        severity: "critical",
        hold: "5m",
        expr: "absent(up{job=\"badgateway\"})",
        summary: "no agent is asked at all",
        what: "Prometheus has no target of the job `badgateway`: without it none of these alerts can fire. `badgateway generate scrape-config`.",
        labels: &[("job", "badgateway"), ("instance", "")],
        fires: &[("up{job=\"other\",instance=\"web1:9100\"}", "1x20")],
        at: "10m",
        quiet: &[("up{job=\"badgateway\",instance=\"web1:9502\"}", "1x20")],
    },
    Alert {
        name: "BadgatewayAgentStuck",
        severity: "critical",
        hold: "1m",
        expr: "time() - badgateway_round_timestamp_seconds > 60",
        summary: "the agent on {{ $labels.instance }} answers, but does not look any more",
        what: "Its numbers are old. Restart it, and report what its log says.",
        labels: &[],
        fires: &[(ROUND, "0x20")],
        at: "10m",
        quiet: &[(ROUND, "0+60x20")],
    },
    Alert {
        name: "BadgatewayLogUnread",
        severity: "warning",
        hold: "15m",
        expr: "badgateway_log_up == 0",
        summary: "{{ $labels.log }} cannot be read",
        what: "Causes that stand in it are not seen. /readyz of the agent says why; often its user is not in the group `adm`.",
        labels: &[("log", "/var/log/nginx/error.log")],
        fires: &[(LOG_UP, "0x30")],
        at: "20m",
        quiet: &[(LOG_UP, "1x30")],
    },
    Alert {
        name: "BadgatewayLogBehind",
        severity: "warning",
        hold: "10m",
        expr: "badgateway_log_lag_bytes > 67108864",
        summary: "the agent is behind with {{ $labels.log }}",
        what: "More is written than it reads: causes are told late. Its processor may be too slow, or the log too chatty.",
        labels: &[("log", "/var/log/nginx/error.log")],
        fires: &[(LAG, "70000000x30")],
        at: "20m",
        quiet: &[(LAG, "90000x30")],
    },
    Alert {
        name: "BadgatewayStateNotSaved",
        severity: "warning",
        hold: "5m",
        expr: "increase(badgateway_state_write_failures_total[10m]) > 0",
        summary: "the agent on {{ $labels.instance }} cannot save its state",
        what: "After a restart it counts anew what it could not save: is the disk full? /readyz of the agent says why.",
        labels: &[],
        fires: &[(SAVE_FAILURES, "0+1x30")],
        at: "20m",
        quiet: &[(SAVE_FAILURES, "3x30")],
    },
];

/// Labels of a pool.
const POOL: &[(&str, &str)] = &[("pool", "www"), ("listen", "unix:/run/php.sock")];

const BAD: &str = "badgateway_http_responses_total{instance=\"web1:9502\",log=\"a\",code=\"502\"}";
const GOOD: &str = "badgateway_http_responses_total{instance=\"web1:9502\",log=\"a\",code=\"200\"}";
const SATURATED: &str = pool!("badgateway_pool_saturated");
const UP: &str = pool!("badgateway_pool_up");
const WAITING: &str = pool!("badgateway_pool_backlog_waiting");
const BACKLOG: &str = pool!("badgateway_pool_backlog_limit");
const OLDEST: &str = pool!("badgateway_pool_oldest_request_seconds");
const BLOCKED: &str = pool!("badgateway_pool_scrape_blocked");
const OOM: &str = of_cause!("worker-oom-killed");
const CRASHED: &str = of_cause!("worker-crashed");
const ENDED: &str = of_cause!("worker-terminated-by-timeout");
const GAVE_UP: &str = of_cause!("nginx-gave-up");
const EXHAUSTED: &str = of_cause!("pool-exhausted");
const MISSING: &str = of_cause!("fpm-socket-missing");
const RELOADED: &str = of_cause!("fpm-reloaded");
const UNDECIDED: &str = of_cause!("undetermined");
const BROKEN: &str = "badgateway_harm_incidents_total{instance=\"web1:9502\",harm=\"broken-page\"}";
const RETRIED: &str = "badgateway_harm_incidents_total{instance=\"web1:9502\",harm=\"hidden\"}";
const REACHED: &str =
    "phpfpm_max_children_reached{instance=\"web1:9502\",pool=\"www\",scrape_uri=\"x\"}";
const ROUTES_BROKEN: &str = "badgateway_routes{instance=\"web1:9502\",chain=\"broken\"}";
const FINDINGS: &str = "badgateway_config_findings{instance=\"web1:9502\",severity=\"error\"}";
const PROBLEMS: &str = "badgateway_config_problems{instance=\"web1:9502\"}";
const ROUND: &str = "badgateway_round_timestamp_seconds{instance=\"web1:9502\"}";
const LOG_UP: &str = log!("badgateway_log_up");
const LAG: &str = log!("badgateway_log_lag_bytes");
const SAVE_FAILURES: &str = "badgateway_state_write_failures_total{instance=\"web1:9502\"}";
