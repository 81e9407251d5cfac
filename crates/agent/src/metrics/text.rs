//! Prometheus' text format 0.0.4 and OpenMetrics 1.0.

use std::fmt::Write;

use super::families::{Family, Kind};
use super::samples::Sample;
use crate::http::quality;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// <https://prometheus.io/docs/instrumenting/exposition_formats/>
    Prometheus,
    /// <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    OpenMetrics,
}

impl Shape {
    /// What an `Accept` header asks for; the older one unless the newer is wanted at least as much.
    pub fn of(accept: &str) -> Shape {
        let wanted = |name: &str| quality(accept, name);
        let newer = wanted("application/openmetrics-text").unwrap_or(0.0);
        let older = wanted("text/plain").unwrap_or(0.0);
        if newer > 0.0 && newer >= older {
            Shape::OpenMetrics
        } else {
            Shape::Prometheus
        }
    }

    /// Its `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Shape::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Shape::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Writes samples, which are in the order of their families.
pub fn write(samples: &[Sample], shape: Shape) -> String {
    let mut out = String::with_capacity(64 * samples.len());
    let mut last: Option<&'static str> = None;
    for sample in samples {
        let family = sample.family;
        if last != Some(family.name) {
            last = Some(family.name);
            head(&mut out, family, shape);
        }
        out.push_str(family.name);
        out.push_str(name(family));
        labels(&mut out, family, &sample.labels);
        // A whole number is written as one.
        let _infallible = match sample.value {
            value if value == f64::INFINITY => writeln!(out, " +Inf"),
            value => writeln!(out, " {value}"),
        };
    }
    if shape == Shape::OpenMetrics {
        out.push_str("# EOF\n");
    }
    out
}

/// What stands behind the family's name in a sample. A counter that is named as others name it
/// keeps that name.
fn name(family: &Family) -> &'static str {
    let is_total = family.kind == Kind::Counter && !family.is_foreign;
    if is_total { "_total" } else { "" }
}

fn head(out: &mut String, family: &Family, shape: Shape) {
    let kind = match (family.kind, shape) {
        (Kind::Gauge, _) => "gauge",
        // In OpenMetrics a counter must end in `_total`.
        (Kind::Counter, Shape::OpenMetrics) if family.is_foreign => "unknown",
        (Kind::Counter, _) => "counter",
    };
    // OpenMetrics names the family, Prometheus the sample.
    let end = match shape {
        Shape::Prometheus => name(family),
        Shape::OpenMetrics => "",
    };
    let (name, help) = (family.name, family.help);
    let quote = |text: &str| text.replace('\\', "\\\\").replace('\n', "\\n");
    let help = match shape {
        Shape::Prometheus => quote(help),
        Shape::OpenMetrics => quote(help).replace('"', "\\\""),
    };
    let _infallible = write!(
        out,
        "# HELP {name}{end} {help}\n# TYPE {name}{end} {kind}\n"
    );
    if let (Shape::OpenMetrics, Some(unit)) = (shape, family.unit()) {
        let _infallible = writeln!(out, "# UNIT {name} {}", unit.word());
    }
}

fn labels(out: &mut String, family: &Family, values: &[String]) {
    for (at, (name, value)) in family.labels.iter().zip(values).enumerate() {
        out.push(if at == 0 { '{' } else { ',' });
        out.push_str(name);
        out.push_str("=\"");
        for c in value.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                // Whoever looks at it in a terminal would obey them.
                c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
                c => out.push(c),
            }
        }
        out.push('"');
    }
    if !family.labels.is_empty() {
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::{Shape, write};
    use crate::metrics::families;
    use crate::metrics::samples::Sample;

    fn sample(value: f64) -> Sample {
        Sample {
            family: &families::RESPONSES,
            labels: vec!["a\"b\\c\nd</script>\u{1b}".to_owned(), "502".to_owned()],
            value,
        }
    }

    #[test]
    fn labels_are_escaped() {
        let text = write(&[sample(3.0)], Shape::Prometheus);
        assert!(text.ends_with(
            "# TYPE badgateway_http_responses_total counter\n\
             badgateway_http_responses_total{log=\"a\\\"b\\\\c\\nd</script>\u{fffd}\",code=\"502\"} 3\n"
        ), "{text}");
        let text = write(&[sample(0.25)], Shape::OpenMetrics);
        assert!(
            text.contains("# TYPE badgateway_http_responses counter\n"),
            "{text}"
        );
        assert!(text.ends_with("code=\"502\"} 0.25\n# EOF\n"), "{text}");
    }

    #[test]
    fn a_family_has_one_head() {
        let text = write(&[sample(1.0), sample(2.0)], Shape::Prometheus);
        assert_eq!(text.matches("# TYPE").count(), 1);
    }

    #[test]
    fn the_shape_is_that_which_is_asked_for() {
        let scrape = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;\
                      version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(Shape::of(scrape), Shape::OpenMetrics);
        for other in [
            "",
            "*/*",
            "text/plain",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=0.000",
            "text/plain, application/openmetrics-text;q=0.5",
        ] {
            assert_eq!(Shape::of(other), Shape::Prometheus);
        }
    }
}
