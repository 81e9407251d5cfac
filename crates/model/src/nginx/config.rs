//! One nginx configuration: every file parsed once, includes put in place, blocks as scopes.
//!
//! Follows `ngx_conf_parse` and `ngx_conf_include` (`src/core/ngx_conf_file.c`). Nothing here
//! knows what a directive does, except `include`.

mod build;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base::{FileId, FilePath, SortedMap, SortedSet, Span};
use syntax::holes::Template;
use syntax::nginx::{NodeId, Tree};
use syntax::regex::Regex;

use crate::load::Loader;

/// A directive name, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub(crate) u32);

/// Index of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

/// One directive in its place after includes: the same bytes may be many items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    tree: u32,
    node: NodeId,
    /// Its name.
    pub name: NameId,
}

/// What kind of block a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// Outside all blocks.
    Main,
    /// `http`.
    Http,
    /// `server` of http.
    Server,
    /// `location`.
    Location,
    /// `if`.
    If,
    /// `limit_except`.
    LimitExcept,
    /// `upstream` of http.
    Upstream,
    /// `map` of http.
    Map,
    /// Anything else: events, stream, mail, types, geo, and blocks of unknown modules.
    Other,
}

/// A block with its directives in order, includes already in place.
#[derive(Debug)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// The block around it.
    pub parent: Option<ScopeId>,
    /// The directive that opens it; `None` for main.
    pub opener: Option<Item>,
    /// Its simple directives.
    pub items: Vec<Item>,
    /// Its blocks.
    pub children: Vec<ScopeId>,
}

/// A parsed file.
struct Parsed {
    file: FileId,
    bytes: Arc<[u8]>,
    tree: Tree,
    template: Arc<Template>,
    names: Vec<NameId>,
}

/// Why a block may hold more.
pub(super) const UNREAD: &str = "a file that may set it could not be read";

/// Why not all lines of a block are known.
#[derive(Debug)]
enum Gap {
    /// An include was not read, or not wholly.
    Unread,
    /// A template fills lines in: which.
    Filled(String),
}

/// A text, and whether case is ignored.
type RegexKey = (Vec<u8>, bool);

/// One nginx configuration.
pub struct Config {
    /// The main file.
    pub main: FilePath,
    /// All blocks; the first is main.
    pub scopes: Vec<Scope>,
    /// Whatever is not set anywhere has its default. False for a fragment: what surrounds it may
    /// set anything.
    pub complete: bool,
    /// Blocks with an include that was not read, or not wholly: it may set anything in them.
    gaps: SortedMap<ScopeId, Gap>,
    /// Directives whose words, or whose presence, a template decides: why.
    unsure: SortedMap<Item, String>,
    trees: Vec<Parsed>,
    names: SortedMap<Vec<u8>, NameId>,
    /// Where each name stands, by its id: see [`Config::everywhere`].
    pub(super) places: Vec<Vec<(ScopeId, Item)>>,
    /// Every upstream of http, by its name in lower case.
    pub(super) upstreams: SortedSet<Vec<u8>>,
    /// Regular expressions that were parsed: thousands of servers share a few.
    pub(super) regexes: Mutex<SortedMap<RegexKey, Arc<Regex>>>,
    /// Servers that answer for names that no server has: see [`Config::is_default_server`].
    pub(super) defaults: OnceLock<SortedSet<ScopeId>>,
    /// Every `map`.
    pub(super) maps: Vec<ScopeId>,
}

impl Config {
    /// Loads the main file and everything that it includes. What cannot be read or parsed goes
    /// to the loader's problems.
    pub fn load(loader: &mut Loader<'_>, main: &FilePath) -> Config {
        build::build(loader, main)
    }

    /// A regular expression, parsed once.
    pub fn regex(&self, text: &[u8], caseless: bool) -> Arc<Regex> {
        let mut known = self.regexes.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (text.to_vec(), caseless);
        let parse = || Arc::new(Regex::parse(text, caseless));
        known.entry(key).or_insert_with(parse).clone()
    }

    /// The scope of an id.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// All scopes with their ids, outer before inner.
    pub fn scopes(&self) -> impl Iterator<Item = (ScopeId, &Scope)> {
        (0..).map(ScopeId).zip(&self.scopes)
    }

    /// How many different names there are; ids count from 0.
    pub(crate) fn name_count(&self) -> usize {
        self.names.len()
    }

    /// The interned form of a name; `None` when no file uses it.
    pub fn name_id(&self, name: &str) -> Option<NameId> {
        self.names.get(name.as_bytes()).copied()
    }

    /// A word of a directive as nginx sees it (unquoted); 0 is the name.
    pub fn word(&self, item: Item, index: usize) -> Option<Cow<'_, [u8]>> {
        let parsed = &self.trees[item.tree as usize];
        let word = parsed.tree.words(item.node).get(index)?;
        Some(Tree::value(&parsed.bytes, *word))
    }

    /// All arguments of a directive, unquoted.
    pub fn args(&self, item: Item) -> Vec<Cow<'_, [u8]>> {
        let parsed = &self.trees[item.tree as usize];
        let words = parsed.tree.words(item.node).iter().skip(1);
        words.map(|w| Tree::value(&parsed.bytes, *w)).collect()
    }

    /// How many arguments a directive has.
    pub fn arg_count(&self, item: Item) -> usize {
        self.trees[item.tree as usize].tree.words(item.node).len() - 1
    }

    /// Where a word is written, quotes included.
    pub fn word_span(&self, item: Item, index: usize) -> Span {
        let parsed = &self.trees[item.tree as usize];
        match parsed.tree.words(item.node).get(index) {
            Some(word) => Span::new(parsed.file, word.start, word.end),
            None => self.span(item),
        }
    }

    /// A directive up to its `;` or `{`.
    pub fn span(&self, item: Item) -> Span {
        let parsed = &self.trees[item.tree as usize];
        let (start, end) = parsed.tree.head_span(item.node);
        Span::new(parsed.file, start, end)
    }

    /// A scope's directives of one name, in order.
    pub fn all<'c>(&'c self, scope: ScopeId, name: &str) -> impl Iterator<Item = Item> + use<'c> {
        let id = self.name_id(name);
        let items = self.scope(scope).items.iter().copied();
        items.filter(move |item| Some(item.name) == id)
    }

    /// A scope's last directive of a name: nginx refuses duplicates of most.
    pub fn last(&self, scope: ScopeId, name: &str) -> Option<Item> {
        self.all(scope, name).last()
    }

    /// A scope and the scopes around it, innermost first.
    pub fn outward(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + '_ {
        std::iter::successors(Some(scope), |id| self.scope(*id).parent)
    }

    /// The nearest enclosing scope of a kind, itself included.
    pub fn enclosing(&self, scope: ScopeId, kind: ScopeKind) -> Option<ScopeId> {
        self.outward(scope).find(|id| self.scope(*id).kind == kind)
    }

    /// Whether the main file is only a part: it has no `http` or `events` block, but what belongs
    /// into one.
    pub fn is_fragment(&self) -> bool {
        let is_whole = |scope: &Scope| match (scope.kind, scope.opener) {
            (ScopeKind::Http, _) => true,
            (ScopeKind::Other, Some(opener)) => {
                scope.parent == Some(ScopeId(0)) && Some(opener.name) == self.name_id("events")
            }
            _ => false,
        };
        let belongs_inside = |scope: &Scope| {
            use ScopeKind::{Location, Map, Server, Upstream};
            matches!(scope.kind, Server | Location | Upstream | Map)
        };
        let scopes = || self.scopes.iter();
        !scopes().any(is_whole)
            && (scopes().any(belongs_inside) || !self.scopes[0].items.is_empty())
    }

    /// Whether the file of a directive has syntax errors.
    pub(crate) fn is_broken(&self, item: Item) -> bool {
        let parsed = &self.trees[item.tree as usize];
        !parsed.tree.errors().is_empty()
    }

    /// Whether a word of a directive is the first of a line that is not the directive's own.
    pub(crate) fn is_first_of_line(&self, item: Item, index: usize) -> bool {
        let parsed = &self.trees[item.tree as usize];
        let words = parsed.tree.words(item.node);
        let (Some(before), Some(word)) = (words.get(index.wrapping_sub(1)), words.get(index))
        else {
            return false;
        };
        parsed.bytes[before.end as usize..word.start as usize].contains(&b'\n')
    }

    /// The beginning of the main file.
    pub(crate) fn start(&self) -> Option<Span> {
        let main = self.trees.first()?;
        Some(Span::new(main.file, 0, 0))
    }

    /// Whether an include of this very block was not read, or not wholly.
    pub fn has_gap(&self, scope: ScopeId) -> bool {
        self.gaps.contains_key(&scope)
    }

    /// Why lines of this very block are not known.
    pub(super) fn why_gap(&self, scope: ScopeId) -> Option<&str> {
        self.gaps.get(&scope).map(|gap| match gap {
            Gap::Unread => UNREAD,
            Gap::Filled(why) => why.as_str(),
        })
    }

    /// Whether a template fills words of a directive in.
    pub(super) fn has_hole(&self, item: Item) -> bool {
        let parsed = &self.trees[item.tree as usize];
        let holes = parsed.template.within(parsed.tree.head_span(item.node));
        holes.is_some() && self.unsure.contains_key(&item)
    }

    /// Why the words of a directive, or whether it is there at all, are not known.
    pub fn unsure(&self, item: Item) -> Option<&str> {
        self.unsure.get(&item).map(String::as_str)
    }

    /// A path as `ngx_conf_full_name` makes it for configuration files: relative to the directory
    /// of the main file, never of the including one.
    pub fn absolute(&self, path: &[u8]) -> Vec<u8> {
        if path.starts_with(b"/") {
            return path.to_vec();
        }
        match self.main.parent() {
            b"" => path.to_vec(),
            b"/" => [b"/", path].concat(),
            parent => [parent, b"/", path].concat(),
        }
    }

    /// Comments of every file, as byte ranges.
    pub fn comments(&self) -> impl Iterator<Item = (FileId, &[(u32, u32)])> {
        let trees = self.trees.iter();
        trees.map(|parsed| (parsed.file, parsed.tree.comments()))
    }

    /// The tree and the bytes of a file that belongs to this configuration.
    pub fn tree_of(&self, file: FileId) -> Option<(&Tree, &[u8])> {
        let parsed = self.trees.iter().find(|parsed| parsed.file == file)?;
        Some((&parsed.tree, &parsed.bytes))
    }
}

impl Scope {
    fn new(kind: ScopeKind, parent: Option<ScopeId>, opener: Option<Item>) -> Self {
        Self {
            kind,
            parent,
            opener,
            items: Vec::new(),
            children: Vec::new(),
        }
    }
}
