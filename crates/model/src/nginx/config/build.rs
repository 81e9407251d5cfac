//! Putting files together: includes in place, blocks as scopes, each file parsed once.

use std::sync::{Mutex, OnceLock};

use base::{FileId, FilePath, ProblemKind, SortedMap, SortedSet, Span, offset};
use syntax::nginx::{NodeId, NodeKind, Tree};

use super::{Config, Item, NameId, Parsed, Scope, ScopeId, ScopeKind};
use crate::files::ReadErrorKind;
use crate::glob::is_pattern;
use crate::load::Loader;
use crate::template::hole_around;

/// More directives than any real configuration has after includes; a file that includes another
/// twice, which includes another twice, and so on, would otherwise grow without end.
const MOST_ITEMS: usize = 4_000_000;

/// nginx opens every file of an include chain at once and dies of too many; real ones are short.
const DEEPEST_INCLUDE: usize = 200;

/// Loads the main file and everything that it includes.
pub(super) fn build(loader: &mut Loader<'_>, main: &FilePath) -> Config {
    let mut builder = Builder {
        config: Config {
            main: main.clone(),
            scopes: vec![Scope::new(ScopeKind::Main, None, None)],
            complete: true,
            gaps: SortedSet::new(),
            trees: Vec::new(),
            names: SortedMap::new(),
            places: Vec::new(),
            maps: Vec::new(),
            defaults: OnceLock::new(),
            upstreams: SortedSet::new(),
            regexes: Mutex::new(SortedMap::new()),
        },
        loader,
        by_file: SortedMap::new(),
        frames: Vec::new(),
        items: 0,
    };
    builder.open(main, ScopeId(0), None);
    builder.run();
    let mut config = builder.config;
    config.places = places(&config);
    let maps = config.scopes().filter(|(_, s)| s.kind == ScopeKind::Map);
    config.maps = maps.map(|(id, _)| id).collect();
    let upstreams = config
        .scopes()
        .filter(|(_, s)| s.kind == ScopeKind::Upstream);
    let names = upstreams.filter_map(|(_, s)| config.word(s.opener?, 1));
    config.upstreams = names.map(|name| name.to_ascii_lowercase()).collect();
    config
}

/// Where each name stands. Rules ask for names, and walking thousands of blocks for each of them
/// would be quadratic.
fn places(config: &Config) -> Vec<Vec<(ScopeId, Item)>> {
    let mut out = vec![Vec::new(); config.names.len()];
    // Outer blocks come before inner ones.
    let mut foreign: Vec<bool> = Vec::with_capacity(config.scopes.len());
    for (id, scope) in config.scopes() {
        let is_foreign = match (scope.kind, scope.parent) {
            (ScopeKind::Other, _) => !is_events(config, scope),
            (ScopeKind::Map, _) => true,
            (_, Some(parent)) => foreign[parent.0 as usize],
            (_, None) => false,
        };
        foreign.push(is_foreign);
        if !is_foreign {
            for item in &scope.items {
                out[item.name.0 as usize].push((id, *item));
            }
        }
    }
    out
}

fn is_events(config: &Config, scope: &Scope) -> bool {
    let name = scope.opener.and_then(|opener| config.word(opener, 0));
    scope.parent == Some(ScopeId(0)) && name.is_some_and(|name| *name == *b"events")
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
    by_file: SortedMap<FileId, u32>,
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
        let id = ScopeId(offset(self.config.scopes.len()));
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
        let index = offset(self.config.trees.len());
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
            let id = NameId(offset(names.len()));
            names.insert(name.into_owned(), id);
            id
        };
        (0..offset(tree.len())).map(&mut one).collect()
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
