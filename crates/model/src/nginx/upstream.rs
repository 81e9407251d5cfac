//! What an upstream block says of its servers: how many are tried, when they count as failed, and
//! which connections are kept.

use base::SortedMap;
use std::borrow::Cow;

use super::config::{Config, Item, ScopeId};
use super::route::Route;
use crate::address::{Address, Host};
use crate::facts::NginxVersion;

/// The first version that keeps connections to every upstream block unless told otherwise, and
/// that speaks HTTP/1.1 to backends by default.
pub const KEEPS_BY_DEFAULT: NginxVersion = NginxVersion::new(1, 29, 7);

/// The routes that go through each upstream block.
pub fn by_upstream(routes: &[Route]) -> SortedMap<ScopeId, Vec<&Route>> {
    let mut out: SortedMap<ScopeId, Vec<&Route>> = SortedMap::new();
    for route in routes {
        if let Some(upstream) = route.upstream {
            out.entry(upstream).or_default().push(route);
        }
    }
    out
}

impl Config {
    /// The `server` lines of an upstream that are not `down`.
    pub fn upstream_servers(&self, upstream: ScopeId) -> impl Iterator<Item = Item> + '_ {
        let all = self.all(upstream, "server");
        all.filter(|item| !self.args(*item).iter().any(|arg| **arg == *b"down"))
    }

    /// The `keepalive N` of an upstream.
    pub fn keepalive(&self, upstream: ScopeId) -> Option<(Item, u64)> {
        let item = self.last(upstream, "keepalive")?;
        let number = self.word(item, 1)?;
        Some((item, std::str::from_utf8(&number).ok()?.parse().ok()?))
    }

    /// Whether nginx surely keeps connections to an upstream, as far as that block decides it.
    /// Without a version the newer default counts as unknown.
    pub fn keeps_connections(&self, upstream: ScopeId, version: Option<NginxVersion>) -> bool {
        match self.keepalive(upstream) {
            Some((_, number)) => number > 0,
            None => {
                !self.has_gap(upstream)
                    && version.is_some_and(|version| version >= KEEPS_BY_DEFAULT)
            }
        }
    }

    /// Whether every server of an upstream may be marked as failed: none has `max_fails=0`.
    pub fn may_all_fail(&self, upstream: ScopeId) -> bool {
        let mut servers = self.upstream_servers(upstream);
        !servers.any(|item| self.args(item).iter().any(|arg| **arg == *b"max_fails=0"))
    }
}

impl Route {
    /// How many servers nginx tries for one request of this route, when the files tell: a name
    /// may stand for several addresses, an unread file may hold more.
    pub fn known_group_size(&self, config: &Config) -> Option<usize> {
        let is_known = |peer: &super::Peer| match &peer.address {
            Ok(Address::Tcp(Host::Name(_), _)) | Err(_) => false,
            Ok(_) => true,
        };
        if self.unknown.is_some() || !self.peers.iter().all(is_known) {
            return None;
        }
        match self.upstream {
            Some(upstream) if config.has_gap(upstream) => None,
            Some(upstream) => Some(config.upstream_servers(upstream).count()),
            None => Some(1),
        }
    }

    /// The `*_next_upstream` that somebody wrote for this route and that is surely in force, with
    /// its conditions; none for `off`.
    pub fn written_retries<'c>(&self, config: &'c Config) -> Option<(Item, Vec<Cow<'c, [u8]>>)> {
        let name = self.protocol.next_upstream();
        if config.may_be_set_unseen(self.scope, name) {
            return None;
        }
        let (item, _) = config.find(self.scope, name)?;
        let conditions = config.args(item);
        let is_off = conditions.iter().any(|word| **word == *b"off");
        (!is_off).then_some((item, conditions))
    }
}
