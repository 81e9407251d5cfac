//! The nginx side: includes, contexts, inheritance, upstreams and routes.

mod check;
pub mod config;
pub mod location;
pub mod lookup;
mod matching;
pub mod regexes;
pub mod route;
pub mod sizes;
pub mod taint;
pub mod upstream;
pub mod value;
pub mod variables;

pub(crate) use check::check;
pub use config::{Config, Item, NameId, Scope, ScopeId, ScopeKind};
pub use location::Modifier;
pub use regexes::{RegexRole, RegexUse};
pub use route::{Peer, Protocol, Route};
pub use sizes::{Buffers, SizeLimit};
pub use taint::{Piece, Taint};
