//! A dashboard for Grafana: what people look for at three in the morning, from top to bottom.

use serde_json::{Value, json};

/// What a panel shows.
enum Shape {
    /// One number, red from here on.
    Stat(f64),
    /// Lines over time.
    Lines,
    /// Stacked bars over time.
    Bars,
    /// The present values in rows.
    Table,
}

struct Panel {
    title: &'static str,
    help: &'static str,
    shape: Shape,
    unit: &'static str,
    /// Of 24.
    width: u32,
    /// Queries with the names of their lines.
    queries: &'static [(&'static str, &'static str)],
}

const PANELS: &[Panel] = &[
    Panel {
        title: "Pools without a free worker",
        help: "Requests wait there; beyond the queue they get a 502.",
        shape: Shape::Stat(1.0),
        unit: "short",
        width: 6,
        queries: &[(
            "sum(badgateway_pool_saturated{instance=~\"$instance\",pool=~\"$pool\"})",
            "",
        )],
    },
    Panel {
        title: "Pools that nobody answers for",
        help: "PHP-FPM is down, or listens elsewhere.",
        shape: Shape::Stat(1.0),
        unit: "short",
        width: 6,
        queries: &[(
            "sum(1 - badgateway_pool_up{instance=~\"$instance\",pool=~\"$pool\"})",
            "",
        )],
    },
    Panel {
        title: "Share of 5xx",
        help: "Of the requests in the access logs, over five minutes.",
        shape: Shape::Stat(0.001),
        unit: "percentunit",
        width: 6,
        queries: &[(
            "sum(rate(badgateway_http_responses_total{instance=~\"$instance\",code=~\"5..\"}[5m])) / sum(rate(badgateway_http_responses_total{instance=~\"$instance\"}[5m])) or vector(0)",
            "",
        )],
    },
    Panel {
        title: "Routes whose time limits are in the wrong order",
        help: "`badgateway chain` shows them, `badgateway fix` the edits.",
        shape: Shape::Stat(1.0),
        unit: "short",
        width: 6,
        queries: &[(
            "sum(badgateway_routes{instance=~\"$instance\",chain=\"broken\"})",
            "",
        )],
    },
    Panel {
        title: "Failed requests by cause",
        help: "In five minutes each. `badgateway explain CAUSE` says what to change.",
        shape: Shape::Bars,
        unit: "short",
        width: 16,
        queries: &[(
            "sum by (cause) (increase(badgateway_cause_incidents_total{instance=~\"$instance\"}[5m])) > 0 or sum by (cause) (badgateway_cause_incidents_total{instance=~\"$instance\",cause=\"undetermined\"}) * 0",
            "{{cause}}",
        )],
    },
    Panel {
        title: "Failed requests by what they did",
        help: "client-error: an error page; broken-page: cut off behind a 200; hidden: a retry hid it.",
        shape: Shape::Bars,
        unit: "short",
        width: 8,
        queries: &[(
            "sum by (harm) (increase(badgateway_harm_incidents_total{instance=~\"$instance\"}[5m]))",
            "{{harm}}",
        )],
    },
    Panel {
        title: "Busy workers, and how many there may be",
        help: "",
        shape: Shape::Lines,
        unit: "short",
        width: 12,
        queries: &[
            (
                "sum by (pool) (badgateway_pool_busy_workers{instance=~\"$instance\",pool=~\"$pool\"})",
                "{{pool}} busy",
            ),
            (
                "sum by (pool) (badgateway_pool_max_children{instance=~\"$instance\",pool=~\"$pool\"})",
                "{{pool}} pm.max_children",
            ),
        ],
    },
    Panel {
        title: "Requests that wait, and how many may",
        help: "From the kernel: PHP-FPM sees nothing wait at a unix socket.",
        shape: Shape::Lines,
        unit: "short",
        width: 12,
        queries: &[
            (
                "sum by (pool) (badgateway_pool_backlog_waiting{instance=~\"$instance\",pool=~\"$pool\"})",
                "{{pool}} waiting",
            ),
            (
                "sum by (pool) (badgateway_pool_backlog_limit{instance=~\"$instance\",pool=~\"$pool\"})",
                "{{pool}} limit",
            ),
        ],
    },
    Panel {
        title: "Oldest running request",
        help: "Beyond fastcgi_read_timeout nobody waits for it any more.",
        shape: Shape::Lines,
        unit: "s",
        width: 12,
        queries: &[(
            "max by (pool) (badgateway_pool_oldest_request_seconds{instance=~\"$instance\",pool=~\"$pool\"})",
            "{{pool}}",
        )],
    },
    Panel {
        title: "Requests by pool",
        help: "Per second.",
        shape: Shape::Lines,
        unit: "reqps",
        width: 12,
        queries: &[(
            "sum by (pool) (rate(phpfpm_accepted_connections{instance=~\"$instance\",pool=~\"$pool\"}[5m]))",
            "{{pool}}",
        )],
    },
    Panel {
        title: "Responses by status",
        help: "Per second, from the access logs.",
        shape: Shape::Bars,
        unit: "reqps",
        width: 12,
        queries: &[(
            "sum by (code) (rate(badgateway_http_responses_total{instance=~\"$instance\"}[5m]))",
            "{{code}}",
        )],
    },
    Panel {
        title: "Ends of workers",
        help: "In five minutes each: signals, requests ended by PHP-FPM, kills for memory.",
        shape: Shape::Bars,
        unit: "short",
        width: 12,
        queries: &[
            (
                "sum by (pool, how) (increase(badgateway_worker_exits_total{instance=~\"$instance\"}[5m]))",
                "{{pool}} {{how}}",
            ),
            (
                "sum by (cause) (increase(badgateway_cause_incidents_total{instance=~\"$instance\",cause=\"worker-oom-killed\"}[5m]))",
                "{{cause}}",
            ),
        ],
    },
    Panel {
        title: "Time limits of the routes",
        help: "In seconds; +Inf never fires.",
        shape: Shape::Table,
        unit: "s",
        width: 12,
        queries: &[(
            "badgateway_route_limit_seconds{instance=~\"$instance\",pool=~\"$pool\"}",
            "",
        )],
    },
    Panel {
        title: "Findings of the configuration",
        help: "`badgateway check` tells each of them.",
        shape: Shape::Table,
        unit: "short",
        width: 12,
        queries: &[("badgateway_config_findings{instance=~\"$instance\"}", "")],
    },
    Panel {
        title: "The agent: memory",
        help: "",
        shape: Shape::Lines,
        unit: "bytes",
        width: 8,
        queries: &[(
            "process_resident_memory_bytes{job=\"badgateway\",instance=~\"$instance\"}",
            "{{instance}}",
        )],
    },
    Panel {
        title: "The agent: lines read",
        help: "Per second, by what became of them.",
        shape: Shape::Lines,
        unit: "short",
        width: 8,
        queries: &[(
            "sum by (result) (rate(badgateway_log_lines_total{instance=~\"$instance\"}[5m]))",
            "{{result}}",
        )],
    },
    Panel {
        title: "The agent: logs that cannot be read",
        help: "/readyz of the agent says why.",
        shape: Shape::Stat(1.0),
        unit: "short",
        width: 8,
        queries: &[("sum(1 - badgateway_log_up{instance=~\"$instance\"})", "")],
    },
];

const HEIGHT: u32 = 8;
const WIDTH: u32 = 24;

/// Every query of the dashboard, with `.*` for its variables.
pub fn queries() -> Vec<String> {
    let all = PANELS.iter().flat_map(|panel| panel.queries);
    all.map(|(query, _)| query.replace("$instance", ".*").replace("$pool", ".*"))
        .collect()
}

/// The dashboard, as Grafana imports it.
pub fn dashboard() -> Value {
    let (mut x, mut y) = (0, 0);
    let mut panels = Vec::new();
    for (at, panel) in PANELS.iter().enumerate() {
        if x + panel.width > WIDTH {
            (x, y) = (0, y + HEIGHT);
        }
        panels.push(panel_of(panel, at + 1, x, y));
        x += panel.width;
    }
    let variable = |name: &str, label: &str| {
        let query = format!("label_values(badgateway_pool_state, {name})");
        json!({
            "name": name, "label": label, "type": "query", "datasource": source(),
            "definition": query, "query": {"query": query, "refId": name},
            "refresh": 2, "includeAll": true, "multi": true, "allValue": ".*",
            "current": {"text": "All", "value": "$__all"}, "sort": 1,
        })
    };
    json!({
        "title": "badgateway", "uid": "badgateway", "schemaVersion": 39, "version": 1,
        "tags": ["php-fpm", "nginx"], "timezone": "browser", "editable": true,
        "refresh": "10s", "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
            variable("instance", "Host"),
            variable("pool", "Pool"),
        ]},
        "annotations": {"list": []},
        "panels": panels,
    })
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

fn panel_of(panel: &Panel, id: usize, x: u32, y: u32) -> Value {
    let is_table = matches!(panel.shape, Shape::Table);
    let targets: Vec<Value> = (panel.queries.iter().zip('A'..))
        .map(|((query, legend), id)| {
            json!({
                "refId": id.to_string(), "datasource": source(), "expr": query,
                "legendFormat": legend, "instant": is_table, "range": !is_table,
                "format": if is_table { "table" } else { "time_series" },
            })
        })
        .collect();
    let mut defaults = json!({"unit": panel.unit, "min": 0});
    let (kind, options) = match panel.shape {
        Shape::Stat(bad) => {
            defaults["thresholds"] = json!({"mode": "absolute", "steps": [
                {"color": "green", "value": null}, {"color": "red", "value": bad},
            ]});
            let calcs = json!({"calcs": ["lastNotNull"]});
            (
                "stat",
                json!({"reduceOptions": calcs, "colorMode": "background"}),
            )
        }
        Shape::Lines | Shape::Bars => {
            let is_bars = matches!(panel.shape, Shape::Bars);
            defaults["custom"] = json!({
                "drawStyle": if is_bars { "bars" } else { "line" },
                "fillOpacity": if is_bars { 70 } else { 10 },
                "stacking": {"mode": if is_bars { "normal" } else { "none" }},
            });
            let legend = json!({"displayMode": "list", "placement": "bottom"});
            (
                "timeseries",
                json!({"legend": legend, "tooltip": {"mode": "multi"}}),
            )
        }
        Shape::Table => ("table", json!({})),
    };
    json!({
        "id": id, "type": kind, "title": panel.title, "description": panel.help,
        "datasource": source(), "targets": targets, "options": options,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT},
        "fieldConfig": {"defaults": defaults, "overrides": []},
    })
}
