//! Every metric there is: the one list behind `/metrics`, pushes and docs/metrics.md.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It goes up and down.
    Gauge,
    /// It goes up, and begins at 0 with the agent's first start (or the pool's own).
    Counter,
}

/// A metric. Counters are named without `_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it says; one sentence, with its unit.
    pub help: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// Whether it is named as other exporters name it: a counter has no `_total` then, so that
    /// existing dashboards go on.
    pub is_foreign: bool,
}

impl Family {
    /// Its unit, where it has one; it is the end of its name.
    pub fn unit(&self) -> Option<Unit> {
        [Unit::Seconds, Unit::Bytes]
            .into_iter()
            .find(|unit| self.name.ends_with(unit.word()))
    }
}

/// What a metric is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// As Prometheus has it.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
        }
    }

    /// As OpenTelemetry has it (UCUM).
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::Bytes => "By",
        }
    }
}

/// Declares the families as constants, and the list of all.
macro_rules! families {
    ($($id:ident $kind:ident $name:literal $labels:expr, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub(crate) const $id: Family = Family {
                name: $name,
                kind: Kind::$kind,
                help: $help,
                labels: &$labels,
                is_foreign: is_foreign($name),
            };
        )*
        /// All of them, in the order in which they are written.
        pub const ALL: &[Family] = &[$($id,)*];
    };
}

const fn is_foreign(name: &str) -> bool {
    matches!(name.as_bytes(), [b'p', b'h', b'p', b'f', b'p', b'm', ..])
}

const OLD: [&str; 2] = ["pool", "scrape_uri"];
const POOL: [&str; 2] = ["pool", "listen"];
const ROUTE: [&str; 2] = ["route", "pool"];

families! {
    UP Gauge "phpfpm_up" OLD, "Whether the pool answered the last question for its status.";
    SCRAPE_FAILURES Counter "phpfpm_scrape_failures" OLD, "Questions to the pool that got no status.";
    START_SINCE Gauge "phpfpm_start_since" OLD, "Seconds since FPM began.";
    ACCEPTED Counter "phpfpm_accepted_connections" OLD, "Requests that the pool has taken since FPM began.";
    LISTEN_QUEUE Gauge "phpfpm_listen_queue" OLD, "Connections that wait to be taken: the kernel's number, or FPM's where the kernel does not tell (FPM's is always 0 for a unix socket).";
    MAX_LISTEN_QUEUE Gauge "phpfpm_max_listen_queue" OLD, "The most that FPM has seen waiting since it began; always 0 for a unix socket.";
    LISTEN_QUEUE_LENGTH Gauge "phpfpm_listen_queue_length" OLD, "How many connections may wait, as FPM says.";
    IDLE Gauge "phpfpm_idle_processes" OLD, "Workers that wait for a request.";
    ACTIVE Gauge "phpfpm_active_processes" OLD, "Workers with a request; the one that answers this question may be among them.";
    TOTAL Gauge "phpfpm_total_processes" OLD, "Workers.";
    MAX_ACTIVE Gauge "phpfpm_max_active_processes" OLD, "The most workers that were active at once since FPM began.";
    REACHED Counter "phpfpm_max_children_reached" OLD, "How often pm.max_children was in the way since FPM began; always 0 with pm = static.";
    SLOW Counter "phpfpm_slow_requests" OLD, "Requests beyond request_slowlog_timeout since FPM began.";

    POOL_UP Gauge "badgateway_pool_up" POOL, "1 when the pool answers or is only busy, 0 when nobody answers for it; absent while that cannot be told.";
    POOL_SATURATED Gauge "badgateway_pool_saturated" POOL, "1 when no worker is free: requests wait, and those beyond the queue get a 502.";
    POOL_STATE Gauge "badgateway_pool_state" ["pool", "listen", "state"], "1 for the state that the pool is in, 0 for the others.";
    POOL_BUSY Gauge "badgateway_pool_busy_workers" POOL, "Workers with a request of a visitor.";
    POOL_MAX_CHILDREN Gauge "badgateway_pool_max_children" POOL, "pm.max_children.";
    POOL_WAITING Gauge "badgateway_pool_backlog_waiting" POOL, "Connections that wait at the pool's socket, from the kernel.";
    POOL_LIMIT Gauge "badgateway_pool_backlog_limit" POOL, "How many connections may wait there, from the kernel: beyond that a unix socket gives 502 at once.";
    POOL_OLDEST Gauge "badgateway_pool_oldest_request_seconds" POOL, "How long the oldest running request has been running, in seconds; 0 when none is.";
    POOL_BLOCKED Gauge "badgateway_pool_scrape_blocked" POOL, "1 when the question for the status waits behind requests, or is not asked for that reason; pm.status_listen ends this.";
    POOL_TOOK Gauge "badgateway_pool_scrape_duration_seconds" POOL, "How long the last answer took, in seconds.";
    POOL_AGE Gauge "badgateway_pool_sample_age_seconds" POOL, "Age of the last status that the pool gave, in seconds.";

    INCIDENTS Counter "badgateway_incidents" ["cause", "confidence", "harm", "route", "pool"], "Failed requests by cause (`badgateway causes`), how sure that is, and what it did: client-error, broken-page, client-left, hidden, unknown.";
    CAUSES Counter "badgateway_cause_incidents" ["cause"], "Failed requests by cause alone: every cause is there from the beginning, with 0, so that the first one is seen by increase().";
    HARMS Counter "badgateway_harm_incidents" ["harm"], "Failed requests by what they did; every one is there from the beginning.";
    TRUNCATED Counter "badgateway_truncated_responses" ROUTE, "Answers that broke off after their status was sent: the access log says 200.";
    HIDDEN Counter "badgateway_hidden_errors" ROUTE, "Failed tries that a retry has hidden from the client.";
    EXITS Counter "badgateway_worker_exits" ["pool", "how"], "Workers that ended other than well, as FPM's log tells: by signal or exit code.";
    OOM Counter "badgateway_oom_kills" ["process"], "Processes that the kernel killed for memory.";
    TERMINATED Counter "badgateway_terminate_timeouts" ["pool"], "Requests that FPM ended for request_terminate_timeout.";
    MAX_CHILDREN Counter "badgateway_max_children_reached" ["pool"], "Warnings of FPM's log that pm.max_children was reached.";
    SLOW_LOGGED Counter "badgateway_slow_requests" ["pool"], "Requests beyond request_slowlog_timeout, as FPM's log tells.";
    RESPONSES Counter "badgateway_http_responses" ["log", "code"], "Requests in an access log by status.";

    LIMIT Gauge "badgateway_route_limit_seconds" ["route", "pool", "link"], "A time limit of the route's chain, in seconds; +Inf when it never fires, absent when it is not known.";
    HOLDS Gauge "badgateway_route_link_holds" ["route", "pool", "link"], "1 when a limit of the chain is smaller than the next one; absent when one of them is not known.";
    ROUTES Gauge "badgateway_routes" ["chain"], "Routes by whether their chain holds: holds, broken, unknown.";
    FINDINGS Gauge "badgateway_config_findings" ["severity"], "What `badgateway check` finds in the configuration, by severity.";
    PROBLEMS Gauge "badgateway_config_problems" [], "Parts of the configuration that could not be read.";
    LOADED Gauge "badgateway_config_loaded_timestamp_seconds" [], "When the configuration was last read, in seconds since 1970.";
    RELOAD_FAILURES Counter "badgateway_config_reload_failures" [], "Times that the configuration could not be read, or not to its end, since the agent started.";

    BUILD Gauge "badgateway_build_info" ["version"], "1.";
    LOG_LINES Counter "badgateway_log_lines" ["log", "result"], "Lines read, by what became of them: event, irrelevant, unknown (not understood).";
    LOG_BYTES Counter "badgateway_log_bytes" ["log"], "Bytes read.";
    ROTATIONS Counter "badgateway_log_rotations" ["log"], "Rotations and truncations that were noticed.";
    LOG_LAG Gauge "badgateway_log_lag_bytes" ["log"], "Bytes that are written and not read yet.";
    LOG_UP Gauge "badgateway_log_up" ["log"], "0 when the log cannot be read, or is not there.";
    LOG_READ Gauge "badgateway_log_last_read_timestamp_seconds" ["log"], "When something of the log was read last, in seconds since 1970.";
    QUEUES Gauge "badgateway_queues_readable" [], "Whether the kernel tells how many connections wait.";
    SAVED Gauge "badgateway_state_saved_timestamp_seconds" [], "When the agent's state was last saved, in seconds since 1970.";
    SAVE_FAILURES Counter "badgateway_state_write_failures" [], "Times that the state could not be saved, since the agent started.";
    ROUND Gauge "badgateway_round_duration_seconds" [], "How long the agent's last round took, in seconds.";
    ROUND_AT Gauge "badgateway_round_timestamp_seconds" [], "When the agent's last round ended, in seconds since 1970.";
    OTLP_SENT Counter "badgateway_otlp_sent" [], "Incidents that the collector took, since the agent started.";
    OTLP_FAILURES Counter "badgateway_otlp_failures" [], "Tries to send incidents or metrics that failed, since the agent started.";
    OTLP_DROPPED Counter "badgateway_otlp_dropped" [], "Incidents that were given up, since the agent started: refused by the collector, or more than may wait.";
    OTLP_BUFFERED Gauge "badgateway_otlp_buffered_bytes" [], "Incidents that wait for the collector, in bytes.";
    MEMORY Gauge "process_resident_memory_bytes" [], "Memory of the agent, in bytes.";
    FILES Gauge "process_open_fds" [], "Open files of the agent.";
    CPU Counter "process_cpu_seconds" [], "Processor time that the agent has used, in seconds.";
    STARTED Gauge "process_start_time_seconds" [], "When the agent started, in seconds since 1970.";
}

/// The page of all metrics, in Markdown: docs/metrics.md.
pub fn page() -> String {
    let mut out = String::from(
        "# Metrics\n\nWhat `badgateway agent` tells at `/metrics`, in Prometheus' text format or, \
         when asked for it, in OpenMetrics. Written by `badgateway generate metrics`; a test \
         compares.\n\nA value that is not known is absent, never 0. The number of series is \
         bounded: names of routes and pools come from the configuration, and each counter of \
         incidents has at most 1,000 series; what comes later is counted as `other`. The counters \
         of causes, lines and requests are kept in the state file and go on after a restart.\n\n\
         Counters whose name begins with `phpfpm_` are \
         named without `_total`, as the exporters have it that existing dashboards were made for; \
         OpenMetrics calls such a metric `unknown`.\n\n\
         | name | kind | labels | what it says |\n|---|---|---|---|\n",
    );
    for family in ALL {
        let end = if family.kind == Kind::Counter && !family.is_foreign {
            "_total"
        } else {
            ""
        };
        let kind = match family.kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        let labels = family.labels.join(", ");
        out += &format!(
            "| `{}{end}` | {kind} | {labels} | {} |\n",
            family.name, family.help
        );
    }
    out
}
