//! What is needed around the agent, ready to be used: alerts, a dashboard, the scrape of
//! Prometheus, a log format, the status of pools behind nginx, a systemd unit.

mod alert_list;
mod alerts;
mod dashboard;
mod snippets;

pub use alerts::{Alert, alerts, rules, tests};
pub use dashboard::{dashboard, queries};
pub use snippets::{Scrape, log_format, scrape_config, status_location, systemd};
