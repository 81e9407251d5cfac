//! One nginx configuration: every file parsed once, includes put in place, blocks as scopes.
//!
//! Follows `ngx_conf_parse` and `ngx_conf_include` (`src/core/ngx_conf_file.c`). Nothing here
//! knows what a directive does, except `include`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::{FileId, FilePath, ProblemKind, Span};
use syntax::nginx::{NodeId, NodeKind, Tree};

use crate::files::ReadErrorKind;
use crate::glob::is_pattern;
use crate::load::Loader;
use crate::template::hole_around;

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
    names: Vec<NameId>,
}

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
    gaps: HashSet<ScopeId>,
    trees: Vec<Parsed>,
    names: HashMap<Vec<u8>, NameId>,
}

/// More directives than any real configuration has after includes; a file that includes another
/// twice, which includes another twice, and so on, would otherwise grow without end.
const MOST_ITEMS: usize = 4_000_000;

/// nginx opens every file of an include chain at once and dies of too many; real ones are short.
const DEEPEST_INCLUDE: usize = 200;

impl Config {
    /// Loads the main file and everything that it includes. What cannot be read or parsed goes
    /// to the loader's problems.
    pub fn load(loader: &mut Loader<'_>, main: &FilePath) -> Config {
        let mut builder = Builder {
            config: Config {
                main: main.clone(),
                scopes: vec![Scope::new(ScopeKind::Main, None, None)],
                complete: true,
                gaps: HashSet::new(),
                trees: Vec::new(),
                names: HashMap::new(),
            },
            loader,
            by_file: HashMap::new(),
            frames: Vec::new(),
            items: 0,
        };
        builder.open(main, ScopeId(0), None);
        builder.run();
        builder.config
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
        self.gaps.contains(&scope)
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

/// Work that is still to be done at one level. An explicit stack: a hostile file nests deeper
/// than any thread's stack.
struct Frame {
    scope: ScopeId,
    work: Work,
}

enum Work {
    /// Directives of a block, or of a whole file.
    Nodes {
        tree: u32,
        nodes: std::vec::IntoIter<NodeId>,
        is_file: bool,
    },
    /// Files that one `include` stands for.
    Files {
        paths: std::vec::IntoIter<FilePath>,
        from: Option<Span>,
    },
}

struct Builder<'l, 'f> {
    config: Config,
    loader: &'l mut Loader<'f>,
    by_file: HashMap<FileId, u32>,
    frames: Vec<Frame>,
    items: usize,
}

impl Builder<'_, '_> {
    fn run(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            let scope = frame.scope;
            match &mut frame.work {
                Work::Nodes { tree, nodes, .. } => match (*tree, nodes.next()) {
                    (tree, Some(node)) => self.place(tree, node, scope),
                    (_, None) => drop(self.frames.pop()),
                },
                Work::Files { paths, from } => match (*from, paths.next()) {
                    (from, Some(path)) => self.open(&path, scope, from),
                    (_, None) => drop(self.frames.pop()),
                },
            }
        }
    }

    fn place(&mut self, tree: u32, node: NodeId, scope: ScopeId) {
        let parsed = &self.config.trees[tree as usize];
        let item = Item {
            tree,
            node,
            name: parsed.names[node.0 as usize],
        };
        let (kind, words) = (parsed.tree.kind(node), parsed.tree.words(node).len());
        self.items += 1;
        if self.items > MOST_ITEMS {
            let span = self.config.span(item);
            let message = format!(
                "more than {MOST_ITEMS} directives after includes; the rest of the configuration \
                 was not read"
            );
            self.loader
                .problem(ProblemKind::Unreadable, Some(span), message);
            self.frames.clear();
            return;
        }
        match kind {
            NodeKind::Block => self.enter(item, scope),
            _ if words == 2 && self.config.name_id("include") == Some(item.name) => {
                self.include(item, scope);
            }
            _ => self.config.scopes[scope.0 as usize].items.push(item),
        }
    }

    fn enter(&mut self, opener: Item, parent: ScopeId) {
        let name = self.config.word(opener, 0).unwrap_or_default();
        let kind = scope_kind(&name, self.config.scope(parent).kind);
        let id = ScopeId(to_u32(self.config.scopes.len()));
        self.config
            .scopes
            .push(Scope::new(kind, Some(parent), Some(opener)));
        self.config.scopes[parent.0 as usize].children.push(id);
        let tree = &self.config.trees[opener.tree as usize].tree;
        let nodes: Vec<NodeId> = tree.children(opener.node).collect();
        self.push_nodes(opener.tree, nodes, id, false);
    }

    fn push_nodes(&mut self, tree: u32, nodes: Vec<NodeId>, scope: ScopeId, is_file: bool) {
        let nodes = nodes.into_iter();
        self.frames.push(Frame {
            scope,
            work: Work::Nodes {
                tree,
                nodes,
                is_file,
            },
        });
    }

    /// `ngx_conf_include`: relative to the main file's directory; a pattern may match nothing.
    fn include(&mut self, item: Item, scope: ScopeId) {
        let argument = self.config.word(item, 1).unwrap_or_default().into_owned();
        let from = Some(self.config.word_span(item, 1));
        let full = self.config.absolute(&argument);
        let (mut paths, is_all) = self.files_of_include(&full, from);
        if !is_all {
            self.config.gaps.insert(scope);
        }
        let is_missing = |path: &FilePath| {
            let error = self.loader.files.read(path).err();
            error.is_some_and(|error| error.kind == ReadErrorKind::Missing)
        };
        if paths.iter().all(is_missing) && argument.starts_with(b"/") {
            paths = self.beside(&full).unwrap_or(paths);
        }
        let paths = paths.into_iter();
        self.frames.push(Frame {
            scope,
            work: Work::Files { paths, from },
        });
    }

    fn files_of_include(&mut self, full: &[u8], from: Option<Span>) -> (Vec<FilePath>, bool) {
        match is_pattern(full) {
            true => self.loader.glob(full, from),
            false => (vec![FilePath::new(full)], true),
        }
    }

    /// The files that an absolute include of another machine means: `nginx.conf` of an image says
    /// `/etc/nginx/conf.d/*.conf`, and here `conf.d` lies beside it.
    fn beside(&mut self, full: &[u8]) -> Option<Vec<FilePath>> {
        const PLACES: [&[u8]; 4] = [
            b"/etc/nginx/",
            b"/usr/local/nginx/conf/",
            b"/usr/local/openresty/nginx/conf/",
            b"/opt/bitnami/nginx/conf/",
        ];
        let here = self.config.main.parent().to_vec();
        let known = PLACES.iter().find_map(|place| full.strip_prefix(*place));
        // Anywhere else: the last directory with what is in it.
        let slash = full.iter().rposition(|&b| b == b'/')?;
        let before = full[..slash].iter().rposition(|&b| b == b'/')?;
        let inside = known.unwrap_or(&full[before + 1..]);
        let there = [here.as_slice(), b"/", inside].concat();
        if there == full {
            return None;
        }
        let (paths, _) = self.files_of_include(&there, None);
        let is_there = |path: &FilePath| self.loader.files.read(path).is_ok();
        (!paths.is_empty() && paths.iter().all(is_there)).then_some(paths)
    }

    fn open(&mut self, path: &FilePath, scope: ScopeId, from: Option<Span>) {
        let id = match self.loader.read(path) {
            Ok(id) => id,
            Err(error) => {
                self.config.gaps.insert(scope);
                let consequence = match (from, error.kind) {
                    (Some(_), ReadErrorKind::Missing | ReadErrorKind::Directory) => {
                        "nginx would refuse to start"
                    }
                    _ => "what it sets is unknown",
                };
                let path = self.loader.shown(path);
                let message = format!("cannot read {path}: {error}; {consequence}");
                return self.loader.problem(ProblemKind::Unreadable, from, message);
            }
        };
        let open_files: Vec<FileId> = self.frames.iter().filter_map(|f| self.file_of(f)).collect();
        if open_files.contains(&id) || open_files.len() >= DEEPEST_INCLUDE {
            self.config.gaps.insert(scope);
        }
        if open_files.contains(&id) {
            let path = self.loader.shown(path);
            let message = format!(
                "{path} includes itself, directly or through others; nginx would refuse to start"
            );
            return self.loader.problem(ProblemKind::Syntax, from, message);
        }
        if open_files.len() >= DEEPEST_INCLUDE {
            let path = self.loader.shown(path);
            let message = format!("includes nest deeper than {DEEPEST_INCLUDE} files at {path}");
            return self.loader.problem(ProblemKind::Unreadable, from, message);
        }
        let tree = self.parse(id);
        let read = &self.config.trees[tree as usize].tree;
        let roots: Vec<NodeId> = read.roots().collect();
        if !read.errors().is_empty() {
            self.config.gaps.insert(scope);
        }
        self.push_nodes(tree, roots, scope, true);
    }

    fn file_of(&self, frame: &Frame) -> Option<FileId> {
        match frame.work {
            Work::Nodes {
                tree,
                is_file: true,
                ..
            } => Some(self.config.trees[tree as usize].file),
            _ => None,
        }
    }

    /// Parses a file at its first use.
    fn parse(&mut self, file: FileId) -> u32 {
        if let Some(&tree) = self.by_file.get(&file) {
            return tree;
        }
        let bytes = self.loader.sources.get(file).bytes.clone();
        let tree = syntax::nginx::parse(&bytes);
        if bytes.starts_with(b"\xef\xbb\xbf") {
            let message = "the file begins with a byte order mark, which nginx takes for a part \
                           of the first word; it would refuse to start"
                .to_owned();
            let span = Span::new(file, 0, 3);
            self.loader
                .problem(ProblemKind::Syntax, Some(span), message);
        }
        if let Some(error) = tree.errors().first() {
            let span = Span::new(file, error.start, error.end);
            let (kind, message) = match hole_around(&bytes, error.start as usize) {
                Some(hole) => (
                    ProblemKind::Unknown,
                    format!("`{hole}` is filled in by a template; what follows was not read"),
                ),
                None => (
                    ProblemKind::Syntax,
                    format!(
                        "{} (nginx names line {}); nginx would refuse to start",
                        error.message, error.line
                    ),
                ),
            };
            self.loader.problem(kind, Some(span), message);
        }
        let names = self.intern(&bytes, &tree);
        let index = to_u32(self.config.trees.len());
        self.config.trees.push(Parsed {
            file,
            bytes,
            tree,
            names,
        });
        self.by_file.insert(file, index);
        index
    }

    fn intern(&mut self, bytes: &[u8], tree: &Tree) -> Vec<NameId> {
        let names = &mut self.config.names;
        let mut one = |node: u32| {
            let name = tree.name(bytes, NodeId(node));
            if let Some(&id) = names.get(&*name) {
                return id;
            }
            let id = NameId(to_u32(names.len()));
            names.insert(name.into_owned(), id);
            id
        };
        (0..to_u32(tree.len())).map(&mut one).collect()
    }
}

fn scope_kind(name: &[u8], around: ScopeKind) -> ScopeKind {
    match (name, around) {
        (_, ScopeKind::Other | ScopeKind::Map | ScopeKind::Upstream) => ScopeKind::Other,
        (b"http", ScopeKind::Main) => ScopeKind::Http,
        (b"server", ScopeKind::Http | ScopeKind::Main) => ScopeKind::Server,
        (b"upstream", ScopeKind::Http | ScopeKind::Main) => ScopeKind::Upstream,
        (b"map", ScopeKind::Http | ScopeKind::Main) => ScopeKind::Map,
        (b"location", _) => ScopeKind::Location,
        (b"if", _) => ScopeKind::If,
        (b"limit_except", _) => ScopeKind::LimitExcept,
        _ => ScopeKind::Other,
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
