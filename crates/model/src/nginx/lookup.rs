//! Effective values: what a directive is worth in a scope, and why.
//!
//! Follows the merge functions of the modules (`ngx_conf_merge_*_value`): a value that is not set
//! in a block is the enclosing block's; nobody's is the default. Array directives
//! (`fastcgi_param`, `proxy_set_header`, …) are replaced as a whole by the nearest block that has
//! any.

use std::borrow::Cow;

use base::{Limit, Millis, Origin, Setting};

use super::config::{Config, Item, ScopeId, ScopeKind, UNREAD};
use super::value;
use crate::tables;

/// Versions that all share the defaults of the table.
const DEFAULTS_OF: &str = "nginx 1.18+";

/// Why a value cannot be told.
pub type Unknown = String;

/// A block whose own lines silence those of a block around it.
pub struct Lost {
    /// The block.
    pub scope: ScopeId,
    /// Its first line of the name.
    pub first: Item,
    /// What the outer lines name and the inner ones do not, as written there.
    pub names: Vec<(String, Item)>,
}

impl Config {
    /// Every block with lines of an array directive (`add_header`, `fastcgi_param`, …) that
    /// silence such lines of a block around it, where anything is lost by that. Names are compared
    /// without case.
    pub fn lost(&self, name: &str) -> Vec<Lost> {
        let mut blocks: Vec<ScopeId> = self.everywhere(name).map(|(scope, _)| scope).collect();
        blocks.dedup();
        let named = |item: &Item| self.word(*item, 1).unwrap_or_default().to_ascii_lowercase();
        let lost = blocks.into_iter().filter_map(|scope| {
            let own: Vec<Item> = self.all(scope, name).collect();
            let parent = self.scope(scope).parent?;
            let mut names: Vec<(String, Item)> = Vec::new();
            for outer in self.find_all(parent, name) {
                if !own.iter().any(|item| named(item) == named(&outer)) {
                    let shown = self.word(outer, 1).unwrap_or_default();
                    names.push((base::source::printable(&shown), outer));
                }
            }
            (!names.is_empty()).then(|| Lost {
                scope,
                first: own[0],
                names,
            })
        });
        lost.collect()
    }

    /// The directive in force for a name that is inherited, and whether an outer block set it.
    /// Other values that it silences are not looked for: see [`Config::silenced`].
    pub fn find(&self, scope: ScopeId, name: &str) -> Option<(Item, bool)> {
        let mut outward = self.outward(scope);
        let here = outward.next()?;
        if let Some(item) = self.last(here, name) {
            return Some((item, false));
        }
        outward.find_map(|around| Some((self.last(around, name)?, true)))
    }

    /// Whether a block further in than the one where a name is set, or any if none sets it, has an
    /// include that was not read: then nobody knows what is in force.
    pub(super) fn may_be_set_unseen(&self, scope: ScopeId, name: &str) -> bool {
        self.why_unseen(scope, name).is_some()
    }

    /// Why it may be set by what was not read, or whether it is set is not known.
    fn why_unseen(&self, scope: ScopeId, name: &str) -> Option<&str> {
        for id in self.outward(scope) {
            if self.last(id, name).is_some() {
                return self.all(id, name).find_map(|item| self.unsure(item));
            }
            if let Some(why) = self.why_gap(id) {
                return Some(why);
            }
        }
        None
    }

    /// The same for a name that collects values: the block that has some may have more.
    pub fn may_hold_more(&self, scope: ScopeId, name: &str) -> bool {
        let holder = self
            .outward(scope)
            .find(|id| self.last(*id, name).is_some());
        self.may_be_set_unseen(scope, name) || holder.is_some_and(|id| self.has_gap(id))
    }

    /// All directives in force for a name that collects values: those of the nearest block that
    /// has any. The blocks further out lose theirs.
    pub fn find_all(&self, scope: ScopeId, name: &str) -> Vec<Item> {
        self.outward(scope)
            .map(|around| self.all(around, name).collect::<Vec<_>>())
            .find(|items| !items.is_empty())
            .unwrap_or_default()
    }

    /// Values of the same name further out that the one in force silences, nearest first.
    pub fn silenced(&self, scope: ScopeId, name: &str) -> Vec<Item> {
        let found = self.outward(scope).filter_map(|at| self.last(at, name));
        found.skip(1).collect()
    }

    /// A time directive in milliseconds.
    ///
    /// # Errors
    /// Why the value is not known: invalid, or not set in a fragment whose surroundings were not
    /// given.
    pub fn time(&self, scope: ScopeId, name: &str) -> Result<Setting<Millis>, Unknown> {
        let parse = |text: &[u8]| value::time_msec(text).ok().map(Millis);
        self.effective(scope, name, parse)
    }

    /// A time directive of which zero means *at once*, as for `*_read_timeout`.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn limit(&self, scope: ScopeId, name: &str) -> Result<Setting<Limit>, Unknown> {
        Ok(self.time(scope, name)?.map(|time| match time {
            Millis(0) => Limit::AtOnce,
            time => Limit::After(time),
        }))
    }

    /// A time directive of which zero means *off*, as for `fastcgi_next_upstream_timeout`.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn limit_or_off(&self, scope: ScopeId, name: &str) -> Result<Setting<Limit>, Unknown> {
        Ok(self.time(scope, name)?.map(|time| match time {
            Millis(0) => Limit::Off,
            time => Limit::After(time),
        }))
    }

    /// A whole number.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn number(&self, scope: ScopeId, name: &str) -> Result<Setting<u64>, Unknown> {
        let parse = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
        self.effective(scope, name, parse)
    }

    /// `on` or `off`.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn flag(&self, scope: ScopeId, name: &str) -> Result<Setting<bool>, Unknown> {
        self.effective(scope, name, |text| {
            match text.to_ascii_lowercase().as_slice() {
                b"on" => Some(true),
                b"off" => Some(false),
                _ => None,
            }
        })
    }

    /// The first argument of the directive in force, or the table's default.
    ///
    /// # Errors
    /// As [`Config::time`].
    pub fn effective<T>(
        &self,
        scope: ScopeId,
        name: &str,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Setting<T>, Unknown> {
        if let Some(why) = self.why_unseen(scope, name) {
            return Err(match why == UNREAD {
                true => format!("a file that may set `{name}` here could not be read"),
                false => format!("`{name}` is not known here: {why}"),
            });
        }
        let Some((item, inherited)) = self.find(scope, name) else {
            return self.default_of(name, parse);
        };
        let text = self.word(item, 1).unwrap_or(Cow::Borrowed(b""));
        let shown = || base::source::printable(&text);
        let value = parse(&text).ok_or_else(|| format!("`{name} {}` is no value", shown()))?;
        let span = self.span(item);
        let over = self.silenced(scope, name);
        let origin = match (inherited, over.is_empty()) {
            (true, _) => Origin::Inherited(span),
            (false, true) => Origin::Here(span),
            (false, false) => Origin::Overriding {
                at: span,
                over: over.into_iter().map(|item| self.span(item)).collect(),
            },
        };
        Ok(Setting { value, origin })
    }

    fn default_of<T>(
        &self,
        name: &str,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Setting<T>, Unknown> {
        if !self.complete {
            return Err(format!(
                "`{name}` is not set here, and the files around this fragment were not given"
            ));
        }
        let row = tables::lookup(name.as_bytes())
            .iter()
            .find(|row| row.default.is_some())
            .ok_or_else(|| format!("`{name}` is not set and has no known default"))?;
        let text = row.default.unwrap_or_default();
        let value = parse(text.as_bytes())
            .ok_or_else(|| format!("the default of `{name}`, `{text}`, is no value"))?;
        let origin = Origin::Default {
            version: DEFAULTS_OF,
            manual: row.manual,
        };
        Ok(Setting { value, origin })
    }

    /// `server example.com:443` and the locations inside it, as people name a place.
    pub fn label(&self, scope: ScopeId) -> String {
        let mut locations = Vec::new();
        let mut server = None;
        for id in self.outward(scope) {
            match self.scope(id).kind {
                ScopeKind::Location | ScopeKind::If | ScopeKind::LimitExcept => {
                    locations.push(self.opener_text(id));
                }
                ScopeKind::Server => server = Some(self.server_label(id)),
                _ => {}
            }
        }
        locations.reverse();
        match server {
            Some(server) if locations.is_empty() => server,
            Some(server) => format!("{server} {}", locations.join(" > ")),
            None if locations.is_empty() => self.main.to_string(),
            None => locations.join(" > "),
        }
    }

    /// `~ \.php$` of a location, `if (…)` of the others.
    fn opener_text(&self, scope: ScopeId) -> String {
        let Some(opener) = self.scope(scope).opener else {
            return String::new();
        };
        let mut words = self.args(opener);
        if self.scope(scope).kind != ScopeKind::Location {
            words.insert(0, self.word(opener, 0).unwrap_or_default());
        }
        let words = words.iter().map(|w| base::source::printable(w));
        words.collect::<Vec<_>>().join(" ")
    }

    /// The first server name and the first port, `_:80` for neither.
    pub fn server_label(&self, server: ScopeId) -> String {
        let name = self
            .last(server, "server_name")
            .and_then(|item| self.word(item, 1))
            .filter(|name| !name.is_empty())
            .map_or_else(|| "_".to_owned(), |name| base::source::printable(&name));
        let port = self
            .all(server, "listen")
            .next()
            .and_then(|item| self.word(item, 1))
            .map_or_else(|| "80".to_owned(), |text| port_of(&text));
        format!("{name}:{port}")
    }
}

/// The port of a `listen` argument as text; a path for a unix socket.
fn port_of(listen: &[u8]) -> String {
    if listen.starts_with(b"unix:") {
        return base::source::printable(listen);
    }
    let tail = match listen.iter().rposition(|&b| b == b':' || b == b']') {
        Some(at) if listen[at] == b':' => &listen[at + 1..],
        Some(_) => b"80",
        None if listen.iter().all(u8::is_ascii_digit) => listen,
        None => b"80",
    };
    base::source::printable(tail)
}
