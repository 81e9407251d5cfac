//! The registry: every rule about rule files has two lines here.

mod prometheus_ratio_not_aggregated;
mod prometheus_selector_matches_nothing;

use crate::rule::Rule;

pub(crate) use prometheus_selector_matches_nothing::OF_REQUESTS;

/// All of them, sorted by id.
pub(crate) static ALL: &[&Rule] = &[
    &prometheus_ratio_not_aggregated::PROMETHEUS_RATIO_NOT_AGGREGATED,
    &prometheus_selector_matches_nothing::PROMETHEUS_SELECTOR_MATCHES_NOTHING,
];
