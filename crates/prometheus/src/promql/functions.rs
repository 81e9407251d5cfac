//! The functions of PromQL, up to Prometheus 3 (`promql/parser/functions.go`).

use super::Type::{self, Range as R, Scalar as S, Text as T, Vector as V};

/// A function.
pub(super) struct Function {
    /// Its name.
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) takes: &'static [Type],
    /// How many of these may be left out at the end.
    pub(super) optional: usize,
    /// Whether the last may come again and again.
    pub(super) is_open: bool,
    /// What it gives.
    pub(super) gives: Type,
}

/// The function of a name.
pub(super) fn by_name(name: &str) -> Option<Function> {
    let (name, takes, optional, is_open) = match PLAIN.iter().find(|plain| **plain == name) {
        Some(name) => (*name, &[V][..], 0, false),
        None => match OVER_RANGE.iter().find(|over| **over == name) {
            Some(name) => (*name, &[R][..], 0, false),
            None => *OTHERS.iter().find(|other| other.0 == name)?,
        },
    };
    let gives = match name {
        "pi" | "scalar" | "time" => S,
        _ => V,
    };
    Some(Function {
        name,
        takes,
        optional,
        is_open,
        gives,
    })
}

/// Functions of one vector.
const PLAIN: &[&str] = &[
    "abs",
    "absent",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "ceil",
    "cos",
    "cosh",
    "deg",
    "exp",
    "floor",
    "histogram_avg",
    "histogram_count",
    "histogram_stddev",
    "histogram_stdvar",
    "histogram_sum",
    "ln",
    "log10",
    "log2",
    "rad",
    "scalar",
    "sgn",
    "sin",
    "sinh",
    "sort",
    "sort_desc",
    "sqrt",
    "tan",
    "tanh",
    "timestamp",
];

/// Functions of one range.
const OVER_RANGE: &[&str] = &[
    "absent_over_time",
    "avg_over_time",
    "changes",
    "count_over_time",
    "delta",
    "deriv",
    "first_over_time",
    "idelta",
    "increase",
    "irate",
    "last_over_time",
    "mad_over_time",
    "max_over_time",
    "min_over_time",
    "present_over_time",
    "rate",
    "resets",
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
];

/// The others: what they take, how many of these may be left out, whether the last comes again.
const OTHERS: &[(&str, &[Type], usize, bool)] = &[
    ("clamp", &[V, S, S], 0, false),
    ("clamp_max", &[V, S], 0, false),
    ("clamp_min", &[V, S], 0, false),
    ("day_of_month", &[V], 1, false),
    ("day_of_week", &[V], 1, false),
    ("day_of_year", &[V], 1, false),
    ("days_in_month", &[V], 1, false),
    ("double_exponential_smoothing", &[R, S, S], 0, false),
    ("histogram_fraction", &[S, S, V], 0, false),
    ("histogram_quantile", &[S, V], 0, false),
    ("holt_winters", &[R, S, S], 0, false),
    ("hour", &[V], 1, false),
    ("info", &[V, V], 1, false),
    ("label_join", &[V, T, T, T], 1, true),
    ("label_replace", &[V, T, T, T, T], 0, false),
    ("minute", &[V], 1, false),
    ("month", &[V], 1, false),
    ("pi", &[], 0, false),
    ("predict_linear", &[R, S], 0, false),
    ("quantile_over_time", &[S, R], 0, false),
    ("round", &[V, S], 1, false),
    ("sort_by_label", &[V, T], 1, true),
    ("sort_by_label_desc", &[V, T], 1, true),
    ("time", &[], 0, false),
    ("vector", &[S], 0, false),
    ("year", &[V], 1, false),
];
