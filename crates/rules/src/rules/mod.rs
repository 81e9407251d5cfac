//! The registry: every rule has one line here, in its group and in the list.

mod allow {
    pub(super) mod allow_without_reason;
    pub(super) mod unused_allow;
}
mod timeouts {
    pub(super) mod read_timeout_below_terminate;
}

use crate::rule::Rule;

pub(crate) use allow::unused_allow::UNUSED_ALLOW;

/// All rules, sorted by id.
pub(crate) static ALL: &[&Rule] = &[
    &allow::allow_without_reason::ALLOW_WITHOUT_REASON,
    &timeouts::read_timeout_below_terminate::READ_TIMEOUT_BELOW_TERMINATE,
    &allow::unused_allow::UNUSED_ALLOW,
];
