//! What stands at a place: a directive of nginx with its block, or a setting of PHP.

use base::{FileId, Span};
use model::nginx::{Item, ScopeId};
use model::php::{Assignment, Fpm, Pool};
use model::{Model, Nginx, PoolId};

/// A place in a file.
pub(crate) type Here = (FileId, u32);

/// A directive in one of its places after includes.
pub(crate) struct Directive<'w> {
    /// The configuration.
    pub(crate) nginx: &'w Nginx,
    /// The block around it.
    pub(crate) scope: ScopeId,
    /// The block that it opens.
    pub(crate) opens: Option<ScopeId>,
    /// Itself.
    pub(crate) item: Item,
}

impl Directive<'_> {
    /// Its name.
    pub(crate) fn name(&self) -> String {
        self.text(0)
    }

    /// A word of it.
    pub(crate) fn text(&self, word: usize) -> String {
        let text = self.nginx.config.word(self.item, word).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        self.nginx.config.span(self.item)
    }
}

/// Whether a place is inside a span or right behind it.
pub(crate) fn touches(span: Span, (file, at): Here) -> bool {
    span.file == file && (span.start..=span.end).contains(&at)
}

/// The directive at a place, once for each block it stands in.
pub(crate) fn directives(model: &Model, here: Here) -> Vec<Directive<'_>> {
    let mut out = Vec::new();
    for nginx in &model.nginx {
        let config = &nginx.config;
        if config.tree_of(here.0).is_none() {
            continue;
        }
        let hits = |item: Item| {
            let span = config.span(item);
            span.file == here.0 && (span.start..span.end).contains(&here.1)
        };
        let mut add = |scope, opens, item| {
            out.push(Directive {
                nginx,
                scope,
                opens,
                item,
            });
        };
        for (id, scope) in config.scopes() {
            let items = scope.items.iter().filter(|item| hits(**item));
            items.for_each(|item| add(id, None, *item));
            if let (Some(opener), Some(parent)) = (scope.opener.filter(|o| hits(*o)), scope.parent)
            {
                add(parent, Some(id), opener);
            }
        }
    }
    out
}

/// Which layer a setting of PHP belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// `[global]`.
    Global,
    /// A pool's own.
    Pool,
    /// `php_value` and its kin.
    PhpOfPool,
    /// php.ini and its folder.
    PhpIni,
}

/// A setting of FPM or PHP.
pub(crate) struct Entry<'w> {
    /// The instance.
    pub(crate) fpm: &'w Fpm,
    /// The pool, when it is about one.
    pub(crate) pool: Option<(PoolId, &'w Pool)>,
    /// Its layer.
    pub(crate) layer: Layer,
    /// Its name.
    pub(crate) name: String,
    /// What is written.
    pub(crate) assignment: &'w Assignment,
}

/// The setting at a place.
pub(crate) fn entry(model: &Model, here: Here) -> Option<Entry<'_>> {
    for (index, fpm) in model.fpm.iter().enumerate() {
        let made = |pool, layer, name: &[u8], assignment| Entry {
            fpm,
            pool,
            layer,
            name: String::from_utf8_lossy(name).into_owned(),
            assignment,
        };
        let hit = |a: &Assignment| touches(a.span, here);
        if let Some((name, found)) = fpm.global.iter().find(|(_, a)| hit(a)) {
            return Some(made(None, Layer::Global, name, found));
        }
        let mut inis = fpm.php_ini.sets.iter();
        if let Some((name, found)) = inis.find(|(_, a)| hit(a)) {
            return Some(made(None, Layer::PhpIni, name, found));
        }
        for (at, pool) in fpm.pools.iter().enumerate() {
            let id = PoolId {
                fpm: index,
                pool: at,
            };
            if let Some((name, found)) = pool.settings.iter().find(|(_, a)| hit(a)) {
                return Some(made(Some((id, pool)), Layer::Pool, name, found));
            }
            if let Some(set) = pool.php.iter().find(|set| hit(&set.assignment)) {
                let found = &set.assignment;
                return Some(made(Some((id, pool)), Layer::PhpOfPool, &set.name, found));
            }
        }
    }
    None
}

/// The variable at a place, with its dollar.
pub(crate) fn variable(model: &Model, (file, at): Here) -> Option<String> {
    let bytes = &model.sources.get(file).bytes;
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let at = at as usize;
    let at = at + usize::from(bytes.get(at) == Some(&b'$'));
    let at = at + usize::from(bytes.get(..at)?.ends_with(b"$") && bytes.get(at) == Some(&b'{'));
    let before = bytes.get(..at)?.iter().rev().take_while(|b| is_letter(b));
    let start = at - before.count();
    let name: Vec<u8> = bytes[start..]
        .iter()
        .copied()
        .take_while(|b| is_letter(b))
        .collect();
    let lead = bytes[..start].strip_suffix(b"{").unwrap_or(&bytes[..start]);
    let is_variable = lead.ends_with(b"$") && !name.is_empty();
    is_variable.then(|| format!("${}", String::from_utf8_lossy(&name)))
}
