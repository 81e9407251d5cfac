//! The nginx side: includes, contexts, inheritance, upstreams and routes.

pub mod config;
pub mod lookup;
pub mod route;
pub mod secrets;
pub mod value;
pub mod variables;

pub use config::{Config, Item, NameId, Scope, ScopeId, ScopeKind};
pub use route::{Peer, Protocol, Route};
