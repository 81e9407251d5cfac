//! Which location a path ends in (`ngx_http_core_find_location`).

use syntax::regex::Verdict;

use super::Modifier;
use super::config::{Config, ScopeId, ScopeKind};

/// What was found among the locations of one block.
struct Found {
    scope: Option<ScopeId>,
    /// Nothing further out may take it away: an exact match or a regular expression.
    is_final: bool,
}

impl Config {
    /// The block that a request for a decoded path is handled in before any rewrite: a location,
    /// or the server itself.
    ///
    /// # Errors
    /// When a regular expression that is asked first is not understood, or a file that may hold
    /// locations was not read.
    pub fn matched(&self, server: ScopeId, path: &[u8]) -> Result<ScopeId, String> {
        let found = self.find_location(server, path)?;
        Ok(found.scope.unwrap_or(server))
    }

    fn find_location(&self, around: ScopeId, path: &[u8]) -> Result<Found, String> {
        if self.has_gap(around) {
            return Err("a file that may hold locations could not be read".to_owned());
        }
        let children = self.scope(around).children.iter().copied();
        let mut openers = children.clone().filter_map(|id| self.scope(id).opener);
        if let Some(why) = openers.find_map(|opener| self.unsure(opener)) {
            return Err(why.to_owned());
        }
        let locations: Vec<_> = children
            .filter(|id| self.scope(*id).kind == ScopeKind::Location)
            .filter_map(|id| Some((id, self.location(id)?)))
            .collect();
        let mut best: Option<(ScopeId, Modifier, usize)> = None;
        for (id, (modifier, text)) in &locations {
            match modifier {
                Modifier::Exact if **text == *path => {
                    return Ok(Found {
                        scope: Some(*id),
                        is_final: true,
                    });
                }
                Modifier::Prefix | Modifier::PrefixOnly
                    if path.starts_with(text) && best.is_none_or(|(.., len)| text.len() > len) =>
                {
                    best = Some((*id, *modifier, text.len()));
                }
                _ => {}
            }
        }
        let mut scope = best.map(|(id, ..)| id);
        if let Some((id, ..)) = best {
            let inner = self.find_location(id, path)?;
            scope = inner.scope.or(scope);
            if inner.is_final {
                return Ok(Found {
                    scope,
                    is_final: true,
                });
            }
        }
        if matches!(best, Some((_, Modifier::PrefixOnly, _))) {
            return Ok(Found {
                scope,
                is_final: false,
            });
        }
        for (id, (modifier, text)) in &locations {
            if !modifier.is_regex() {
                continue;
            }
            let regex = self.regex(text, *modifier == Modifier::RegexNoCase);
            match regex.matches(path) {
                Verdict::No => {}
                Verdict::Unknown => {
                    let text = base::source::printable(text);
                    return Err(format!("whether `{text}` matches is not known"));
                }
                Verdict::Yes => {
                    let inner = self.find_location(*id, path)?;
                    return Ok(Found {
                        scope: inner.scope.or(Some(*id)),
                        is_final: true,
                    });
                }
            }
        }
        Ok(Found {
            scope,
            is_final: false,
        })
    }
}
