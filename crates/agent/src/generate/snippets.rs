//! Text for the configuration of Prometheus, nginx, PHP-FPM and systemd.

use std::fmt::Write;
use std::net::SocketAddr;

use model::Model;

use crate::ask::Place;
use crate::pools::{Door, Watched, watched};

/// How Prometheus reaches the agent.
#[derive(Clone, Debug)]
pub struct Scrape {
    /// Where it listens.
    pub address: SocketAddr,
    /// A file with its token, as Prometheus reads it.
    pub token_file: Option<String>,
    /// Whether it speaks TLS.
    pub tls: bool,
}

/// A piece of `scrape_configs` of prometheus.yml.
pub fn scrape_config(scrape: &Scrape) -> String {
    let mut out = String::from("scrape_configs:\n  - job_name: badgateway\n");
    if scrape.tls {
        out += "    scheme: https\n";
    }
    if let Some(file) = &scrape.token_file {
        let file = serde_json::Value::from(file.as_str());
        let _infallible = write!(
            out,
            "    authorization:\n      type: Bearer\n      credentials_file: {file}\n"
        );
    }
    let _infallible = write!(
        out,
        "    scrape_interval: 15s\n    static_configs:\n      - targets: [\"{}\"]\n",
        scrape.address
    );
    out
}

/// Fields of a request that `diagnose` can use, as (key, variable).
const FIELDS: [(&str, &str); 25] = [
    ("time", "$time_iso8601"),
    ("msec", "$msec"),
    ("conn", "$connection"),
    ("conn_requests", "$connection_requests"),
    ("pid", "$pid"),
    ("request_id", "$request_id"),
    ("client", "$remote_addr"),
    ("host", "$host"),
    ("server", "$server_name"),
    ("method", "$request_method"),
    ("request", "$request"),
    ("status", "$status"),
    ("bytes", "$body_bytes_sent"),
    ("request_length", "$request_length"),
    ("request_time", "$request_time"),
    ("request_completion", "$request_completion"),
    ("upstream_addr", "$upstream_addr"),
    ("upstream_status", "$upstream_status"),
    ("upstream_connect_time", "$upstream_connect_time"),
    ("upstream_header_time", "$upstream_header_time"),
    ("upstream_response_time", "$upstream_response_time"),
    ("upstream_bytes_received", "$upstream_bytes_received"),
    ("upstream_bytes_sent", "$upstream_bytes_sent"),
    ("referer", "$http_referer"),
    ("agent", "$http_user_agent"),
];

/// A `log_format` with everything that tells causes apart; in JSON, or as text behind the usual
/// fields.
pub fn log_format(is_json: bool) -> String {
    let mut out = String::from(
        "# In http { } of nginx.conf, before the access_log that names it:\n\
         #   access_log /var/log/nginx/access.log badgateway;\n\
         # $connection is the *N of the error log: with it the two lines of a request are joined\n\
         # without guessing. `badgateway diagnose` reads the format from the configuration.\n",
    );
    if is_json {
        out += "log_format badgateway escape=json\n    '{'\n";
        for (at, (key, variable)) in FIELDS.iter().enumerate() {
            let comma = if at + 1 < FIELDS.len() { "," } else { "" };
            let _infallible = writeln!(out, "    '\"{key}\":\"{variable}\"{comma}'");
        }
        out += "    '}';\n";
        return out;
    }
    out += "log_format badgateway\n    '$remote_addr - $remote_user [$time_local] \"$request\" $status \
            $body_bytes_sent '\n    '\"$http_referer\" \"$http_user_agent\" '\n";
    let usual = [
        "time", "client", "request", "status", "bytes", "referer", "agent", "method",
    ];
    let more: Vec<_> = FIELDS
        .iter()
        .filter(|(key, _)| !usual.contains(key))
        .collect();
    for (at, (key, variable)) in more.iter().enumerate() {
        let end = if at + 1 < more.len() { " '" } else { "';" };
        let _infallible = writeln!(out, "    '{key}=\"{variable}\"{end}");
    }
    out
}

/// nginx locations and pool settings with which the status of each pool can be asked over HTTP,
/// from this machine only.
pub fn status_location(model: &Model) -> String {
    let pools = watched(model);
    let mut out = String::new();
    let without: Vec<&Watched> = (pools.iter())
        .filter(|pool| !matches!(pool.door, Door::Own(_)))
        .collect();
    if !without.is_empty() {
        out += "# Into each pool that lacks them; then `systemctl reload` PHP-FPM. The socket of its own\n\
                # (PHP 8.0) answers also while every worker is busy.\n";
    }
    for pool in &without {
        let path = path_of(pool);
        let _infallible = write!(
            out,
            "; pool {}\npm.status_path = {path}\npm.status_listen = {}\n\n",
            pool.name,
            own_listen(pool)
        );
    }
    out += "# Into a server { } of nginx. The address is matched exactly, and SCRIPT_NAME is what PHP-FPM\n\
            # compares with pm.status_path: without it, or with another path, it answers 404.\n";
    for pool in &pools {
        let path = path_of(pool);
        let pass = match &pool.door {
            Door::Own(place) => pass_of(place),
            _ => match own_listen(pool) {
                text if text.starts_with('/') => format!("unix:{text}"),
                text => text,
            },
        };
        let location = match pools.len() {
            1 => "/fpm-status".to_owned(),
            _ => format!("/fpm-status/{}", pool.name),
        };
        let _infallible = write!(
            out,
            "location = {location} {{\n    allow 127.0.0.1;\n    allow ::1;\n    deny all;\n    access_log \
             off;\n    fastcgi_param REQUEST_METHOD $request_method;\n    fastcgi_param QUERY_STRING \
             $query_string;\n    fastcgi_param SCRIPT_NAME {path};\n    fastcgi_param SCRIPT_FILENAME \
             {path};\n    fastcgi_pass {pass};\n}}\n"
        );
    }
    out
}

fn path_of(pool: &Watched) -> String {
    let path = pool.status_path.as_deref().unwrap_or(b"/status");
    base::source::printable(path)
}

fn pass_of(place: &Place) -> String {
    place.shown()
}

/// A socket for the status beside the pool's own.
fn own_listen(pool: &Watched) -> String {
    match &pool.listen {
        Some(Place::Unix(path)) => {
            let text = base::source::printable(path.as_os_str().as_encoded_bytes());
            let stem = text.strip_suffix(".sock").unwrap_or(&text);
            format!("{stem}-status.sock")
        }
        Some(Place::Tcp(address)) => {
            let port = address.port().checked_add(10_000).unwrap_or(19_001);
            format!("127.0.0.1:{port}")
        }
        None => format!("/run/php/{}-status.sock", pool.name),
    }
}

/// A unit for systemd. `groups` own the logs and sockets that the agent needs.
pub fn systemd(program: &str, groups: &[String], arguments: &str) -> String {
    let groups = groups.join(" ");
    format!(
        "# /etc/systemd/system/badgateway.service, written by `badgateway generate systemd`\n\
         [Unit]\nDescription=badgateway: causes of 502 and 504 of PHP-FPM\n\
         Documentation=man:badgateway(1)\nAfter=network.target\n\n\
         [Service]\nExecStart={program} agent{arguments}\n\
         ExecReload=/bin/kill -HUP $MAINPID\nRestart=on-failure\nRestartSec=5\n\n\
         # It reads logs, sockets and the configuration, and writes its state; nothing else.\n\
         DynamicUser=yes\nSupplementaryGroups={groups}\nStateDirectory=badgateway\n\
         StateDirectoryMode=0700\nUMask=0077\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\n\
         PrivateDevices=yes\nProtectKernelTunables=yes\nProtectKernelModules=yes\nProtectKernelLogs=yes\n\
         ProtectControlGroups=yes\nProtectClock=yes\nProtectHostname=yes\nProtectProc=default\n\
         NoNewPrivileges=yes\nCapabilityBoundingSet=\nAmbientCapabilities=\n\
         RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\nRestrictNamespaces=yes\n\
         RestrictRealtime=yes\nRestrictSUIDSGID=yes\nLockPersonality=yes\nMemoryDenyWriteExecute=yes\n\
         RemoveIPC=yes\nSystemCallArchitectures=native\nSystemCallFilter=@system-service\n\
         SystemCallFilter=~@privileged @resources\nSystemCallErrorNumber=EPERM\n\
         MemoryMax=256M\nTasksMax=512\nNice=5\n\n\
         [Install]\nWantedBy=multi-user.target\n"
    )
}
