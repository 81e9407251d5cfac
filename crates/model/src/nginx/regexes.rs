//! Every regular expression of a configuration, with what it is run on.

use base::Span;

use super::Modifier;
use super::config::{Config, Item, ScopeId, ScopeKind};

/// Where a regular expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegexRole {
    /// `location ~`.
    Location,
    /// `server_name ~`.
    ServerName,
    /// `if ($x ~ …)`.
    If,
    /// A key of a `map`.
    Map,
    /// The first word of `rewrite`.
    Rewrite,
    /// `valid_referers ~`.
    Referer,
}

/// A regular expression and what it is run on.
#[derive(Clone, Debug)]
pub struct RegexUse {
    /// What kind of place.
    pub role: RegexRole,
    /// The block that it opens or stands in.
    pub scope: ScopeId,
    /// The directive.
    pub item: Item,
    /// The word that holds it.
    pub span: Span,
    /// The expression itself.
    pub text: Vec<u8>,
    /// Whether case is ignored.
    pub caseless: bool,
    /// The text it is run on, such as `$uri`.
    pub subject: Vec<u8>,
}

impl Config {
    /// All of them, in the order of the configuration for each kind of place.
    pub fn regexes(&self) -> Vec<RegexUse> {
        let mut out = Vec::new();
        for (id, block) in self.scopes() {
            match (block.kind, block.opener) {
                (ScopeKind::Location, Some(opener)) => out.extend(self.of_location(id, opener)),
                (ScopeKind::If, Some(opener)) => out.extend(self.of_if(id, opener)),
                (ScopeKind::Map, Some(opener)) => self.of_map(id, opener, &mut out),
                _ => {}
            }
        }
        for (scope, item) in self.everywhere("server_name") {
            self.of_words(scope, item, RegexRole::ServerName, b"$host", &mut out);
        }
        for (scope, item) in self.everywhere("valid_referers") {
            self.of_words(scope, item, RegexRole::Referer, b"$http_referer", &mut out);
        }
        for (scope, item) in self.everywhere("rewrite") {
            let text = self.word(item, 1).unwrap_or_default().into_owned();
            out.push(RegexUse {
                role: RegexRole::Rewrite,
                scope,
                item,
                span: self.word_span(item, 1),
                text,
                caseless: false,
                subject: b"$uri".to_vec(),
            });
        }
        out
    }

    /// Whether any `map` has a regular expression: asking for its variable changes the numbered
    /// captures.
    pub fn has_regex_map(&self) -> bool {
        let mut lines = self.maps().flat_map(|scope| &scope.items);
        lines.any(|line| self.word(*line, 0).is_some_and(|key| key.starts_with(b"~")))
    }

    fn of_location(&self, scope: ScopeId, item: Item) -> Option<RegexUse> {
        let (modifier, text) = self.location(scope)?;
        modifier.is_regex().then(|| RegexUse {
            role: RegexRole::Location,
            scope,
            item,
            span: self.word_span(item, self.arg_count(item)),
            text: text.into_owned(),
            caseless: modifier == Modifier::RegexNoCase,
            subject: b"$uri".to_vec(),
        })
    }

    fn of_if(&self, scope: ScopeId, item: Item) -> Option<RegexUse> {
        let (subject, text, caseless) = self.condition(scope)?;
        Some(RegexUse {
            role: RegexRole::If,
            scope,
            item,
            span: self.span(item),
            text,
            caseless,
            subject,
        })
    }

    fn of_map(&self, scope: ScopeId, opener: Item, out: &mut Vec<RegexUse>) {
        for item in &self.scope(scope).items {
            let key = self.word(*item, 0).unwrap_or_default();
            let Some(text) = key.strip_prefix(b"~") else {
                continue;
            };
            let (text, caseless) = match text.strip_prefix(b"*") {
                Some(text) => (text, true),
                None => (text, false),
            };
            out.push(RegexUse {
                role: RegexRole::Map,
                scope,
                item: *item,
                span: self.word_span(*item, 0),
                text: text.to_vec(),
                caseless,
                subject: self.word(opener, 1).unwrap_or_default().into_owned(),
            });
        }
    }

    /// Words that begin with `~`; nginx compiles those of names and referers without case.
    fn of_words(
        &self,
        scope: ScopeId,
        item: Item,
        role: RegexRole,
        subject: &[u8],
        out: &mut Vec<RegexUse>,
    ) {
        for (word, index) in self.args(item).iter().zip(1..) {
            if let Some(text) = word.strip_prefix(b"~") {
                out.push(RegexUse {
                    role,
                    scope,
                    item,
                    span: self.word_span(item, index),
                    text: text.to_vec(),
                    caseless: true,
                    subject: subject.to_vec(),
                });
            }
        }
    }
}
