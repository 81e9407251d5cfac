//! Locations and servers as nginx matches them.

use std::borrow::Cow;

use base::{SortedMap, SortedSet, Span};

use super::Protocol;
use super::config::{Config, Item, ScopeId, ScopeKind};

/// How a location matches (`ngx_http_core_location`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Modifier {
    /// `= /path`.
    Exact,
    /// `/path`: the longest wins, unless a regex matches.
    Prefix,
    /// `^~ /path`: no regex is tried.
    PrefixOnly,
    /// `~ regex`.
    Regex,
    /// `~* regex`, without case.
    RegexNoCase,
    /// `@name`.
    Named,
}

impl Modifier {
    /// Whether the text is a regular expression.
    pub fn is_regex(self) -> bool {
        matches!(self, Modifier::Regex | Modifier::RegexNoCase)
    }
}

impl Config {
    /// How a location matches, and what: a path, a regular expression or a name with its `@`.
    /// `None` for other blocks.
    pub fn location(&self, scope: ScopeId) -> Option<(Modifier, Cow<'_, [u8]>)> {
        let block = self.scope(scope);
        let opener = block.opener.filter(|_| block.kind == ScopeKind::Location)?;
        let first = self.word(opener, 1)?;
        if let Some(text) = self.word(opener, 2) {
            let modifier = match &*first {
                b"=" => Modifier::Exact,
                b"^~" => Modifier::PrefixOnly,
                b"~" => Modifier::Regex,
                b"~*" => Modifier::RegexNoCase,
                _ => return None,
            };
            return Some((modifier, text));
        }
        // With one word the modifier may be glued to it; the longer ones first.
        let glued = [
            (&b"~*"[..], Modifier::RegexNoCase),
            (b"~", Modifier::Regex),
            (b"^~", Modifier::PrefixOnly),
            (b"=", Modifier::Exact),
        ];
        let found = glued.iter().find(|(sign, _)| first.starts_with(sign));
        Some(match found {
            Some((sign, modifier)) => (*modifier, Cow::Owned(first[sign.len()..].to_vec())),
            None if first.starts_with(b"@") => (Modifier::Named, first),
            None => (Modifier::Prefix, first),
        })
    }

    /// Whether something written at a place holds for one path only: it stands in the innermost
    /// location of a scope, and that is not the one for everything or for all scripts.
    pub fn is_for_one_path(&self, scope: ScopeId, at: Span) -> bool {
        let Some(innermost) = self.enclosing(scope, ScopeKind::Location) else {
            return false;
        };
        let mut stands_here = false;
        for id in self.outward(scope) {
            let items = &self.scope(id).items;
            stands_here |= items.iter().any(|item| self.span(*item) == at);
            if id == innermost {
                break;
            }
        }
        stands_here
            && match self.location(innermost) {
                Some((Modifier::Regex | Modifier::RegexNoCase, text)) => {
                    let all_scripts = [&br"\.php"[..], br"[^/]\.php", br"^.+\.php", br".+\.php"];
                    !all_scripts.iter().any(|usual| text.starts_with(usual))
                }
                Some((_, text)) => *text != *b"/",
                None => false,
            }
    }

    /// Servers of http, in the order of the configuration.
    pub fn servers(&self) -> impl Iterator<Item = ScopeId> + '_ {
        let all = self.scopes().filter(|(_, s)| s.kind == ScopeKind::Server);
        all.map(|(id, _)| id)
    }

    /// Whether a server answers for names that no server has, at any of its addresses: it says
    /// so, or it is the first there. Addresses are compared as written.
    pub fn is_default_server(&self, server: ScopeId) -> bool {
        self.defaults
            .get_or_init(|| self.default_servers())
            .contains(&server)
    }

    fn default_servers(&self) -> SortedSet<ScopeId> {
        let mut by_address: SortedMap<Vec<u8>, (ScopeId, bool)> = SortedMap::new();
        for server in self.servers() {
            let mut listens: Vec<(Vec<u8>, bool)> = Vec::new();
            for item in self.all(server, "listen") {
                let args = self.args(item);
                let says = args
                    .iter()
                    .any(|arg| matches!(&**arg, b"default_server" | b"default"));
                listens.push((listen_key(args.first().map_or(b"", |arg| arg)), says));
            }
            if listens.is_empty() {
                listens.push((listen_key(b"80"), false));
            }
            for (key, says) in listens {
                let known = by_address.entry(key).or_insert((server, says));
                if says && !known.1 {
                    *known = (server, true);
                }
            }
        }
        by_address.into_values().map(|(server, _)| server).collect()
    }

    /// Whether a server has names without patterns alone: then `$host` is one of them, unless the
    /// server answers for strangers too.
    pub fn has_plain_names(&self, server: ScopeId) -> bool {
        let is_plain = |name: &[u8]| {
            !name.is_empty()
                && !name.starts_with(b"~")
                && !name.starts_with(b".")
                && !name.contains(&b'*')
                && !name.contains(&b'$')
        };
        self.server_names(server)
            .iter()
            .all(|(name, _)| is_plain(name))
    }

    /// Whether a block is a server of http.
    pub fn is_server(&self, scope: ScopeId) -> bool {
        self.scope(scope).kind == ScopeKind::Server
    }

    /// Whether an upstream has this name, with case ignored as nginx ignores it.
    pub fn upstream_named(&self, name: &[u8]) -> bool {
        self.upstreams.contains(&name.to_ascii_lowercase())
    }

    /// A block and every block inside it, outer before inner.
    pub fn inside(&self, scope: ScopeId) -> Vec<ScopeId> {
        let mut out = vec![scope];
        let mut at = 0;
        while let Some(id) = out.get(at) {
            out.extend(&self.scope(*id).children);
            at += 1;
        }
        out
    }

    /// Every directive of a name with the block it stands in, in the order of the configuration.
    /// Names of `stream`, `mail` and unknown blocks are left out, as are the lines of `map`,
    /// `types` and other data.
    pub fn everywhere(&self, name: &str) -> impl Iterator<Item = (ScopeId, Item)> + '_ {
        let places = self
            .name_id(name)
            .and_then(|id| self.places.get(id.0 as usize));
        places.into_iter().flatten().copied()
    }

    /// All names of a server, as written and unquoted; `""` for a server without `server_name`.
    pub fn server_names(&self, server: ScopeId) -> Vec<(Cow<'_, [u8]>, Option<Item>)> {
        let items = self.all(server, "server_name");
        let names: Vec<_> = items
            .flat_map(|item| self.args(item).into_iter().map(move |n| (n, Some(item))))
            .collect();
        match names.is_empty() {
            true => vec![(Cow::Borrowed(b"".as_slice()), None)],
            false => names,
        }
    }
}

impl Config {
    /// Whether something asks who the visitor is before a block answers: an address list that ends
    /// in `deny all`, a password, a subrequest, a client certificate, or that only nginx itself
    /// gets there. `None` when a file that may say so was not read.
    pub fn is_guarded(&self, scope: ScopeId) -> Option<bool> {
        if self
            .outward(scope)
            .any(|id| self.last(id, "internal").is_some())
        {
            return Some(true);
        }
        let lists = self.outward(scope).find_map(|id| {
            let rules: Vec<Item> = self.access_rules(id);
            (!rules.is_empty()).then_some(rules)
        });
        let denies = lists.is_some_and(|rules| {
            let deny = |item: &Item| self.word(*item, 0).is_some_and(|n| *n == *b"deny");
            rules.iter().any(deny)
        });
        let asks = [
            "auth_basic",
            "auth_request",
            "ssl_verify_client",
            "auth_jwt",
        ];
        let asked = asks.iter().any(|name| {
            let found = self
                .find(scope, name)
                .and_then(|(item, _)| self.word(item, 1));
            found.is_some_and(|value| *value != *b"off")
        });
        let is_known = self.complete && !self.outward(scope).any(|id| self.has_gap(id));
        match denies || asked {
            true => Some(true),
            false => is_known.then_some(false),
        }
    }

    /// Whether a block answers with files, to everybody: nothing else answers there, and nobody is
    /// asked who he is. What is not known is no.
    pub fn serves_files(&self, scope: ScopeId) -> bool {
        const ANSWERS: [&str; 5] = [
            "return",
            "rewrite",
            "empty_gif",
            "stub_status",
            "content_by_lua_block",
        ];
        let has = |name: &str| self.outward(scope).any(|id| self.last(id, name).is_some());
        let passes = |protocol: &Protocol| self.last(scope, protocol.pass()).is_some();
        !ANSWERS.into_iter().any(has)
            && !Protocol::ALL.iter().any(passes)
            && self.is_guarded(scope) == Some(false)
    }

    /// The `allow` and `deny` lines of one block, in order: they are one list, and a block with any
    /// of them loses those further out.
    pub fn access_rules(&self, scope: ScopeId) -> Vec<Item> {
        let names = [self.name_id("allow"), self.name_id("deny")];
        let items = self.scope(scope).items.iter().copied();
        items
            .filter(|item| names.contains(&Some(item.name)))
            .collect()
    }

    /// Whether the server around a block listens at any address but the machine's own.
    pub fn is_public(&self, scope: ScopeId) -> bool {
        let Some(server) = self.enclosing(scope, ScopeKind::Server) else {
            return true;
        };
        let mut listens = self.all(server, "listen").peekable();
        let is_local = |item: Item| {
            let text = self.word(item, 1).unwrap_or_default();
            let local = [&b"127."[..], b"localhost", b"[::1]", b"unix:"];
            local.iter().any(|start| text.starts_with(start))
        };
        listens.peek().is_none() || !listens.all(is_local)
    }
}

/// `80` and `*:80` are one address.
fn listen_key(text: &[u8]) -> Vec<u8> {
    match text.iter().all(u8::is_ascii_digit) {
        true => [b"*:", text].concat(),
        false => text.to_vec(),
    }
}
