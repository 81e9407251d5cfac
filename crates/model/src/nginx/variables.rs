//! Variables whose values stand in the configuration: `set` with constants, and every value of a
//! `map`.

use base::Span;
use base::source::printable;

use super::config::{Config, Item, Scope, ScopeId, ScopeKind};

/// One value that a text with variables may have, and the places that give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// The bytes.
    pub value: Vec<u8>,
    /// The `set` and `map` lines it comes from.
    pub from: Vec<Span>,
}

/// More alternatives than a person would read; then the text counts as unknown.
const MOST_VALUES: usize = 64;

/// Variables may be made of variables, but not endlessly.
const DEEPEST: usize = 8;

impl Config {
    /// All values that a text may have in a scope.
    ///
    /// # Errors
    /// Why they are not known, such as a variable that the client fills.
    pub fn constants(&self, scope: ScopeId, text: &[u8]) -> Result<Vec<Constant>, String> {
        self.expand(scope, text, 0)
    }

    fn expand(&self, scope: ScopeId, text: &[u8], depth: usize) -> Result<Vec<Constant>, String> {
        if depth > DEEPEST {
            return Err(format!("`{}` goes round in circles", printable(text)));
        }
        let mut values = vec![Constant {
            value: Vec::new(),
            from: Vec::new(),
        }];
        for part in parts(text)? {
            let choices = match part {
                Part::Text(bytes) => vec![Constant {
                    value: bytes.to_vec(),
                    from: Vec::new(),
                }],
                Part::Variable(name) => self.values_of(scope, name, depth)?,
            };
            values = combine(&values, &choices);
            if values.len() > MOST_VALUES {
                return Err(format!("`{}` has too many values", printable(text)));
            }
        }
        Ok(values)
    }

    fn values_of(
        &self,
        scope: ScopeId,
        name: &[u8],
        depth: usize,
    ) -> Result<Vec<Constant>, String> {
        let mut sources = self.set_values(scope, name);
        if sources.is_empty() {
            sources = self.map_values(name);
        }
        if sources.is_empty() {
            return Err(format!(
                "`${}` is not a constant of the configuration",
                printable(name)
            ));
        }
        let mut out = Vec::new();
        for (item, index) in sources {
            let text = self.word(item, index).unwrap_or_default();
            for mut constant in self.expand(scope, &text, depth + 1)? {
                constant.from.insert(0, self.span(item));
                out.push(constant);
            }
        }
        Ok(out)
    }

    /// `set $name value`: the unconditional one of the nearest scope, and those inside its `if`s.
    /// An outer location's `set` does not run for an inner one, a server's does.
    pub(super) fn set_values(&self, scope: ScopeId, name: &[u8]) -> Vec<(Item, usize)> {
        let mut out = Vec::new();
        let mut seen_location = false;
        for id in self.outward(scope) {
            let kind = self.scope(id).kind;
            if kind == ScopeKind::Location && std::mem::replace(&mut seen_location, true) {
                continue;
            }
            let in_ifs = self.scope(id).children.iter().copied();
            let in_ifs = in_ifs.filter(|child| self.scope(*child).kind == ScopeKind::If);
            for block in in_ifs {
                out.extend(self.sets(block, name));
            }
            let own: Vec<_> = self.sets(id, name).collect();
            let is_if = kind == ScopeKind::If;
            if let (Some(last), false) = (own.last(), is_if) {
                out.push(*last);
                return out;
            }
            out.extend(own);
        }
        out
    }

    fn sets<'c>(
        &'c self,
        scope: ScopeId,
        name: &'c [u8],
    ) -> impl Iterator<Item = (Item, usize)> + 'c {
        let named = move |item: &Item| self.variable_named(*item, 1, name);
        self.all(scope, "set").filter(named).map(|item| (item, 2))
    }

    /// Every value of the `map` that fills a variable.
    pub(super) fn map_values(&self, name: &[u8]) -> Vec<(Item, usize)> {
        self.maps()
            .filter(|scope| {
                scope
                    .opener
                    .is_some_and(|opener| self.variable_named(opener, 2, name))
            })
            .flat_map(|scope| scope.items.iter().copied())
            .filter(|item| self.arg_count(*item) == 1)
            .filter(|item| self.word(*item, 1).is_some_and(|value| !value.is_empty()))
            .map(|item| (item, 1))
            .collect()
    }

    /// Every `map` block.
    pub(super) fn maps(&self) -> impl Iterator<Item = &Scope> {
        self.maps.iter().map(|id| self.scope(*id))
    }

    fn variable_named(&self, item: Item, index: usize, name: &[u8]) -> bool {
        let word = self.word(item, index).unwrap_or_default();
        // Variable names are lower-cased by nginx (`ngx_http_add_variable`).
        word.strip_prefix(b"$")
            .is_some_and(|word| word.eq_ignore_ascii_case(name))
    }
}

/// Whether nginx would compile a text as a script (`ngx_http_script_variables_count`).
pub fn has_variables(text: &[u8]) -> bool {
    text.contains(&b'$')
}

pub(super) enum Part<'t> {
    /// Bytes as they stand.
    Text(&'t [u8]),
    /// Its name.
    Variable(&'t [u8]),
}

/// Splits at variables, `$name` or `${name}`, as `ngx_http_script_compile` does.
pub(super) fn parts(text: &[u8]) -> Result<Vec<Part<'_>>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&b| b == b'$') {
        if at > 0 {
            out.push(Part::Text(&rest[..at]));
        }
        let braced = rest.get(at + 1) == Some(&b'{');
        let from = at + 1 + usize::from(braced);
        let tail = &rest[from..];
        let len = tail
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || *b == b'_'))
            .unwrap_or(tail.len());
        let closed = !braced || tail.get(len) == Some(&b'}');
        if len == 0 || !closed {
            return Err(format!("invalid variable name in `{}`", printable(text)));
        }
        out.push(Part::Variable(&tail[..len]));
        rest = &tail[len + usize::from(braced)..];
    }
    if !rest.is_empty() {
        out.push(Part::Text(rest));
    }
    Ok(out)
}

fn combine(heads: &[Constant], tails: &[Constant]) -> Vec<Constant> {
    heads
        .iter()
        .flat_map(|head| {
            tails.iter().map(|tail| Constant {
                value: [head.value.as_slice(), &tail.value].concat(),
                from: [head.from.as_slice(), &tail.from].concat(),
            })
        })
        .collect()
}
