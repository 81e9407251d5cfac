//! What exporters around nginx and PHP-FPM expose: metrics, the labels they have, and who says so.
//!
//! Only labels of the exporter itself: Prometheus adds `job` and `instance`, and relabelling what
//! it likes.

/// A program that exposes metrics.
#[derive(Debug)]
pub struct Exporter {
    /// Its name.
    pub name: &'static str,
    /// Where its list of metrics was read.
    pub source: &'static str,
    /// Its metrics with their labels, sorted by name.
    pub metrics: &'static [(&'static str, &'static [&'static str])],
    /// How the names of its metrics begin when nobody else's begin so.
    pub closed: Option<&'static str>,
    /// Who else has metrics of these names, with labels of their own.
    pub namesakes: &'static [Namesake],
}

/// A metric of this name that another program exposes.
#[derive(Debug)]
pub struct Namesake {
    /// The metric.
    pub metric: &'static str,
    /// Who has it.
    pub whose: &'static str,
}

/// A metric of an exporter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    /// Whose it is.
    pub(crate) exporter: &'static Exporter,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its labels.
    pub(crate) labels: &'static [&'static str],
}

impl Metric {
    /// Who else has a metric of this name.
    pub(crate) fn namesake(&self) -> Option<&'static Namesake> {
        let mut namesakes = self.exporter.namesakes.iter();
        namesakes.find(|other| other.metric == self.name)
    }
}

/// All exporters.
pub const ALL: &[Exporter] = &[
    Exporter {
        name: "badgateway agent",
        source: "docs/metrics.md",
        metrics: OURS,
        closed: Some("badgateway_"),
        namesakes: &[],
    },
    Exporter {
        name: "nginx-prometheus-exporter",
        source: "collector/nginx.go of nginx/nginx-prometheus-exporter: what stub_status knows",
        metrics: STUB_STATUS,
        closed: None,
        // Its README and many who copy it.
        namesakes: &[Namesake {
            metric: "nginx_http_requests_total",
            whose: "nginx-lua-prometheus",
        }],
    },
    Exporter {
        name: "php-fpm_exporter",
        source: "phpfpm/exporter.go of hipages/php-fpm_exporter",
        metrics: PHP_FPM,
        closed: None,
        namesakes: &[],
    },
];

/// The metric of a name.
pub(crate) fn metric(name: &str) -> Option<Metric> {
    ALL.iter().find_map(|exporter| {
        let at = exporter
            .metrics
            .binary_search_by(|(own, _)| (*own).cmp(name));
        let (name, labels) = exporter.metrics[at.ok()?];
        Some(Metric {
            exporter,
            name,
            labels,
        })
    })
}

/// The exporter to which a name belongs that it does not have.
pub(crate) fn closed(name: &str) -> Option<&'static Exporter> {
    let is_in = |exporter: &&Exporter| exporter.closed.is_some_and(|begin| name.starts_with(begin));
    ALL.iter().find(is_in).filter(|_| metric(name).is_none())
}

/// Of all metrics of an exporter the one that was most likely meant.
pub(crate) fn nearest(exporter: &Exporter, name: &str) -> Option<&'static str> {
    let words = |text: &'_ str| text.split('_').map(str::to_owned).collect::<Vec<_>>();
    let wanted = words(name);
    let score = |(own, _): &&(&'static str, &[&str])| {
        let own_words = words(own);
        let shared = own_words
            .iter()
            .filter(|word| wanted.contains(word))
            .count();
        (2 * shared).saturating_sub(own_words.len().abs_diff(wanted.len()))
    };
    let best = exporter.metrics.iter().rev().max_by_key(score)?;
    (score(&best) >= 3).then_some(best.0)
}

/// `agent::metrics::families`; the lab compares.
const OURS: &[(&str, &[&str])] = &[
    ("badgateway_build_info", &["version"]),
    ("badgateway_cause_incidents_total", &["cause"]),
    ("badgateway_config_findings", &["severity"]),
    ("badgateway_config_loaded_timestamp_seconds", &[]),
    ("badgateway_config_problems", &[]),
    ("badgateway_config_reload_failures_total", &[]),
    ("badgateway_harm_incidents_total", &["harm"]),
    ("badgateway_hidden_errors_total", &["route", "pool"]),
    ("badgateway_http_responses_total", &["log", "code"]),
    (
        "badgateway_incidents_total",
        &["cause", "confidence", "harm", "route", "pool"],
    ),
    ("badgateway_log_bytes_total", &["log"]),
    ("badgateway_log_lag_bytes", &["log"]),
    ("badgateway_log_last_read_timestamp_seconds", &["log"]),
    ("badgateway_log_lines_total", &["log", "result"]),
    ("badgateway_log_rotations_total", &["log"]),
    ("badgateway_log_up", &["log"]),
    ("badgateway_max_children_reached_total", &["pool"]),
    ("badgateway_oom_kills_total", &["process"]),
    ("badgateway_otlp_buffered_bytes", &[]),
    ("badgateway_otlp_dropped_total", &[]),
    ("badgateway_otlp_failures_total", &[]),
    ("badgateway_otlp_sent_total", &[]),
    ("badgateway_pool_backlog_limit", &["pool", "listen"]),
    ("badgateway_pool_backlog_waiting", &["pool", "listen"]),
    ("badgateway_pool_busy_workers", &["pool", "listen"]),
    ("badgateway_pool_max_children", &["pool", "listen"]),
    (
        "badgateway_pool_oldest_request_seconds",
        &["pool", "listen"],
    ),
    ("badgateway_pool_sample_age_seconds", &["pool", "listen"]),
    ("badgateway_pool_saturated", &["pool", "listen"]),
    ("badgateway_pool_scrape_blocked", &["pool", "listen"]),
    (
        "badgateway_pool_scrape_duration_seconds",
        &["pool", "listen"],
    ),
    ("badgateway_pool_state", &["pool", "listen", "state"]),
    ("badgateway_pool_up", &["pool", "listen"]),
    ("badgateway_queues_readable", &[]),
    ("badgateway_round_duration_seconds", &[]),
    ("badgateway_round_timestamp_seconds", &[]),
    ("badgateway_route_limit_seconds", &["route", "pool", "link"]),
    ("badgateway_route_link_holds", &["route", "pool", "link"]),
    ("badgateway_routes", &["chain"]),
    ("badgateway_slow_requests_total", &["pool"]),
    ("badgateway_state_saved_timestamp_seconds", &[]),
    ("badgateway_state_write_failures_total", &[]),
    ("badgateway_terminate_timeouts_total", &["pool"]),
    ("badgateway_truncated_responses_total", &["route", "pool"]),
    ("badgateway_worker_exits_total", &["pool", "how"]),
];

const STUB_STATUS: &[(&str, &[&str])] = &[
    ("nginx_connections_accepted", &[]),
    ("nginx_connections_active", &[]),
    ("nginx_connections_handled", &[]),
    ("nginx_connections_reading", &[]),
    ("nginx_connections_waiting", &[]),
    ("nginx_connections_writing", &[]),
    ("nginx_http_requests_total", &[]),
    ("nginx_up", &[]),
];

const POOL: &[&str] = &["pool", "scrape_uri"];
const CHILD: &[&str] = &["pool", "child", "scrape_uri"];

const PHP_FPM: &[(&str, &[&str])] = &[
    ("phpfpm_accepted_connections", POOL),
    ("phpfpm_active_processes", POOL),
    ("phpfpm_idle_processes", POOL),
    ("phpfpm_listen_queue", POOL),
    ("phpfpm_listen_queue_length", POOL),
    ("phpfpm_max_active_processes", POOL),
    ("phpfpm_max_children_reached", POOL),
    ("phpfpm_max_listen_queue", POOL),
    ("phpfpm_process_last_request_cpu", CHILD),
    ("phpfpm_process_last_request_memory", CHILD),
    ("phpfpm_process_request_duration", CHILD),
    ("phpfpm_process_requests", CHILD),
    (
        "phpfpm_process_state",
        &["pool", "child", "state", "scrape_uri"],
    ),
    ("phpfpm_scrape_failures", POOL),
    ("phpfpm_slow_requests", POOL),
    ("phpfpm_start_since", POOL),
    ("phpfpm_total_processes", POOL),
    ("phpfpm_up", POOL),
];

#[cfg(test)]
mod tests {
    use super::{ALL, closed, metric, nearest};

    #[test]
    fn metrics_are_found_by_their_names() {
        for exporter in ALL {
            for (name, labels) in exporter.metrics {
                let found = metric(name).expect("it is sorted");
                assert_eq!(found.labels, *labels, "{name}");
                assert!(closed(name).is_none(), "{name}");
            }
        }
        assert!(metric("nginx_http_requests").is_none());
    }

    #[test]
    fn what_was_meant_is_named() {
        for (wrong, meant) in [
            ("badgateway_incidents", Some("badgateway_incidents_total")),
            (
                "badgateway_pool_active_workers",
                Some("badgateway_pool_busy_workers"),
            ),
            ("badgateway_x", None),
        ] {
            let exporter = closed(wrong).expect("nobody else's");
            assert_eq!(nearest(exporter, wrong), meant);
        }
    }
}
