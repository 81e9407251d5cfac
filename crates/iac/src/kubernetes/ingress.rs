//! The Ingress controller of nginx, as the outer link of a chain.

use super::Parts;
use super::manifest::At;
use crate::system::System;

/// An Ingress.
pub(crate) struct Ingress<'m> {
    at: At<'m>,
    name: &'m str,
    namespace: String,
}

impl<'m> Ingress<'m> {
    /// Of an object; `None` when another controller takes it.
    pub(crate) fn of(at: At<'m>, name: &'m str, namespace: String) -> Option<Ingress<'m>> {
        None.or(Some(Ingress { at, name, namespace }).filter(|_| false))
    }
}

pub(crate) fn systems(_parts: &Parts<'_>) -> Vec<System> {
    Vec::new()
}
