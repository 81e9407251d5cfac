//! Alert rules for Prometheus, and the cases that `promtool test rules` runs on them.

use std::fmt::Write;

use super::alert_list::ALL;

/// An alert.
#[derive(Clone, Copy, Debug)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// `critical`: somebody gets up; `warning`: by day; `info`: when there is time.
    pub severity: &'static str,
    /// How long it must hold.
    pub hold: &'static str,
    /// The expression.
    pub expr: &'static str,
    /// What is wrong.
    pub summary: &'static str,
    /// Why it matters, and what to do.
    pub what: &'static str,
    /// Labels of the case that fires, besides `instance`.
    pub labels: &'static [(&'static str, &'static str)],
    /// Series that make it fire, a sample each minute.
    pub fires: &'static [(&'static str, &'static str)],
    /// When it has fired.
    pub at: &'static str,
    /// Series that leave it quiet: health, or little of it.
    pub quiet: &'static [(&'static str, &'static str)],
}

/// All alerts.
pub fn alerts() -> &'static [Alert] {
    ALL
}

/// The severity of findings of `check` is in a label of that name.
const OWN_LABELS: [&str; 1] = ["severity"];

impl Alert {
    /// The expression for an objective, the share of requests that must succeed.
    fn expr(&self, objective: f64) -> String {
        let share = format!("{:.9}", 1.0 - objective);
        let share = share.trim_end_matches('0').trim_end_matches('.');
        self.expr.replace("@OBJECTIVE@", share)
    }

    fn is_of_all(&self) -> bool {
        self.labels
            .iter()
            .any(|(name, value)| *name == "instance" && value.is_empty())
            || self.expr.contains("@OBJECTIVE@")
    }

    /// The labels that it fires with.
    fn expected(&self) -> Vec<(&'static str, &'static str)> {
        let mut labels = vec![("severity", self.severity)];
        if !self.is_of_all() {
            labels.push(("instance", "web1:9502"));
        }
        let own = self.labels.iter().filter(|(_, value)| !value.is_empty());
        labels.extend(own.filter(|(name, _)| !OWN_LABELS.contains(name)));
        labels
    }
}

/// The rule file, in YAML. `objective` is the share of requests that must succeed, such as 0.999.
pub fn rules(objective: f64) -> String {
    let mut out = String::from(
        "# Alerts on `badgateway agent`, written by `badgateway generate alerts`.\n\
         # Their cases: `badgateway generate alerts --tests`, run by `promtool test rules`.\n\
         groups:\n  - name: badgateway\n    rules:\n",
    );
    for alert in ALL {
        rule(&mut out, alert, objective);
    }
    out
}

fn rule(out: &mut String, alert: &Alert, objective: f64) {
    let _infallible = write!(
        out,
        "      - alert: {}\n        expr: |\n          {}\n        for: {}\n        labels:\n          \
         severity: {}\n        annotations:\n          summary: {}\n          description: {}\n",
        alert.name,
        alert.expr(objective).replace('\n', "\n          "),
        alert.hold,
        alert.severity,
        quoted(alert.summary),
        quoted(alert.what),
    );
}

/// A text of YAML: JSON's quotes are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The cases, in YAML, for a rule file of this name: each alert fires, stays quiet, and stays quiet
/// when its source is missing. `only` chooses one alert.
pub fn tests(file: &str, only: Option<&str>) -> String {
    let mut out = format!(
        "# Cases of the alerts, written by `badgateway generate alerts --tests`.\n\
         rule_files: [{}]\nevaluation_interval: 1m\ntests:\n",
        quoted(file)
    );
    for alert in ALL {
        if only.is_none_or(|only| only == alert.name) {
            case(&mut out, alert, alert.fires, true);
            case(&mut out, alert, alert.quiet, false);
            // Nothing of it, and nothing else: only the alert that says so fires.
            let missing = [("up{job=\"other\",instance=\"web1:9100\"}", "1x200")];
            case(&mut out, alert, &missing, alert.expr.starts_with("absent"));
        }
    }
    out
}

fn case(out: &mut String, alert: &Alert, series: &[(&str, &str)], fires: bool) {
    let word = if fires { "fires" } else { "is quiet" };
    let _infallible = write!(
        out,
        "  - name: {} {word}\n    interval: 1m\n    input_series:\n",
        alert.name
    );
    for (name, values) in series {
        let _infallible = write!(
            out,
            "      - series: {}\n        values: {}\n",
            quoted(name),
            quoted(values)
        );
    }
    let _infallible = write!(
        out,
        "    alert_rule_test:\n      - eval_time: {}\n        alertname: {}\n        exp_alerts:",
        alert.at, alert.name
    );
    if !fires {
        *out += " []\n";
        return;
    }
    *out += "\n          - exp_labels:\n";
    let labels = alert.expected();
    for (name, value) in &labels {
        let _infallible = writeln!(out, "              {name}: {}", quoted(value));
    }
    let filled = |text: &str| {
        labels.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{ $labels.{name} }}}}"), value)
        })
    };
    let _infallible = write!(
        out,
        "            exp_annotations:\n              summary: {}\n              description: {}\n",
        quoted(&filled(alert.summary)),
        quoted(&filled(alert.what))
    );
}
