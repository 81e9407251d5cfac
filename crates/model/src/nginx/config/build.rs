//! Putting files together: includes in place, blocks as scopes, each file parsed once.

use std::rc::Rc;
use std::sync::{Mutex, OnceLock};

use base::{FileId, FilePath, ProblemKind, SortedMap, SortedSet, Span};
use syntax::holes::{Language, Template};
use syntax::nginx::{NodeId, NodeKind, Tree};

use super::{Config, Gap, Item, NameId, Parsed, Scope, ScopeId, ScopeKind};
use crate::files::ReadErrorKind;
use crate::glob::is_pattern;
use crate::load::Loader;
use crate::template::{hole_around, why_condition, why_hole};

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
            gaps: SortedMap::new(),
            unsure: SortedMap::new(),
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
        filled_lines: Vec::new(),
        dollars: Vec::new(),
    };
    builder.open(main, ScopeId(0), None, None);
    builder.run();
    builder.settle_dollars();
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
        /// Why it is not known whether they are there.
        condition: Option<Rc<str>>,
    },
    /// Files that one `include` stands for.
    Files {
        paths: std::vec::IntoIter<FilePath>,
        from: Option<Span>,
        condition: Option<Rc<str>>,
    },
}

struct Builder<'l, 'f> {
    config: Config,
    loader: &'l mut Loader<'f>,
    by_file: SortedMap<FileId, u32>,
    frames: Vec<Frame>,
    items: usize,
    /// For each file the blocks (none is the file itself) in which lines are filled in.
    filled_lines: Vec<SortedMap<Option<NodeId>, String>>,
    /// Directives with `$NAME`, which is a variable if anybody defines it.
    dollars: Vec<Item>,
}

impl Builder<'_, '_> {
    fn run(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            let scope = frame.scope;
            match &mut frame.work {
                Work::Nodes {
                    tree,
                    nodes,
                    condition,
                    ..
                } => match (*tree, nodes.next()) {
                    (tree, Some(node)) => {
                        let condition = condition.clone();
                        self.place(tree, node, scope, condition);
                    }
                    (_, None) => drop(self.frames.pop()),
                },
                Work::Files {
                    paths,
                    from,
                    condition,
                } => match (*from, paths.next()) {
                    (from, Some(path)) => {
                        let condition = condition.clone();
                        self.open(&path, scope, from, condition);
                    }
                    (_, None) => drop(self.frames.pop()),
                },
            }
        }
    }

    fn place(&mut self, tree: u32, node: NodeId, scope: ScopeId, condition: Option<Rc<str>>) {
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
        self.look_for_holes(item, scope, condition.as_deref());
        match kind {
            NodeKind::Block => self.enter(item, scope),
            _ if words == 2 && self.config.name_id("include") == Some(item.name) => {
                self.include(item, scope, condition);
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
        self.note_filled(opener.tree, Some(opener.node), id);
        self.push_nodes(opener.tree, nodes, id, (false, None));
    }

    fn push_nodes(
        &mut self,
        tree: u32,
        nodes: Vec<NodeId>,
        scope: ScopeId,
        (is_file, condition): (bool, Option<Rc<str>>),
    ) {
        let nodes = nodes.into_iter();
        self.frames.push(Frame {
            scope,
            work: Work::Nodes {
                tree,
                nodes,
                is_file,
                condition,
            },
        });
    }

    /// `ngx_conf_include`: relative to the main file's directory; a pattern may match nothing.
    fn include(&mut self, item: Item, scope: ScopeId, condition: Option<Rc<str>>) {
        let why = self
            .config
            .unsure
            .get(&item)
            .map(|why| Rc::from(why.as_str()));
        let parsed = &self.config.trees[item.tree as usize];
        if parsed
            .template
            .within(parsed.tree.head_span(item.node))
            .is_some()
        {
            // Which files is not known.
            let why = why.map_or(String::new(), |why: Rc<str>| why.to_string());
            self.config.gaps.insert(scope, Gap::Filled(why));
            return;
        }
        let condition = why.or(condition);
        let argument = self.config.word(item, 1).unwrap_or_default().into_owned();
        let from = Some(self.config.word_span(item, 1));
        let full = self.config.absolute(&argument);
        let (mut paths, is_all) = self.files_of_include(&full, from);
        if !is_all {
            self.config.gaps.insert(scope, Gap::Unread);
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
            work: Work::Files {
                paths,
                from,
                condition,
            },
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

    fn open(
        &mut self,
        path: &FilePath,
        scope: ScopeId,
        from: Option<Span>,
        condition: Option<Rc<str>>,
    ) {
        let id = match self.loader.read(path) {
            Ok(id) => id,
            Err(error) => {
                self.config.gaps.insert(scope, Gap::Unread);
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
            self.config.gaps.insert(scope, Gap::Unread);
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
            self.config.gaps.insert(scope, Gap::Unread);
        }
        self.note_filled(tree, None, scope);
        self.push_nodes(tree, roots, scope, (true, condition));
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
        let mut template = self.loader.holes.of(file, &bytes, Language::Nginx);
        let mut tree = syntax::nginx::parse(template.masked(&bytes));
        if !tree.errors().is_empty() && template.has_branches() {
            // Two heads of one block, in two branches.
            let first = Template::of_first_branches(&bytes, Language::Nginx);
            let of_first = syntax::nginx::parse(first.masked(&bytes));
            if of_first.errors().is_empty() {
                let holes = &mut self.loader.holes;
                template = holes.first_branches(file, &bytes, Language::Nginx);
                tree = of_first;
            }
        }
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
            let near = hole_around(&bytes, error.start as usize);
            let region = template
                .has_branches()
                .then(|| template.region(error.start));
            let (kind, message) = match (near, region) {
                (Some(hole), _) => (
                    ProblemKind::Unknown,
                    format!("`{hole}` is filled in by a template; what follows was not read"),
                ),
                (None, Some(region)) => (
                    ProblemKind::Unknown,
                    match region {
                        Some(region) => format!(
                            "what stands under `{}` is no whole directive or block: what follows \
                             was not read",
                            region.name
                        ),
                        None => "a template puts this file together from parts that are no whole \
                                 directives or blocks: what follows was not read"
                            .to_owned(),
                    },
                ),
                (None, None) => (
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
        self.filled_lines.push(filled_lines(&tree, &template));
        let index = to_u32(self.config.trees.len());
        self.config.trees.push(Parsed {
            file,
            bytes,
            tree,
            template,
            names,
        });
        self.by_file.insert(file, index);
        index
    }

    /// Notes what a template decides of a directive.
    fn look_for_holes(&mut self, item: Item, scope: ScopeId, condition: Option<&str>) {
        if let Some(why) = condition {
            let span = self.config.span(item);
            self.loader.holes.unsure(span);
            self.config.unsure.insert(item, why.to_owned());
        }
        let parsed = &self.config.trees[item.tree as usize];
        if parsed.template.is_empty() {
            return;
        }
        let (file, head) = (parsed.file, parsed.tree.head_span(item.node));
        let span = Span::new(file, head.0, head.1);
        let opener = self.config.scope(scope).opener;
        let opener = opener.filter(|opener| opener.tree == item.tree);
        let since = opener.map(|opener| parsed.tree.head_span(opener.node).0);
        if let Some(region) = parsed.template.condition(head.0, since) {
            let why = why_condition(&region.name);
            // What stands in a block is judged as if the block is there.
            match parsed.tree.kind(item.node) {
                NodeKind::Block => self.loader.holes.unsure(span),
                _ => self.loader.holes.condition(region, span),
            }
            self.config.unsure.insert(item, why);
        }
        match parsed.template.within(head) {
            Some(hole) if hole.is_dollar() => self.dollars.push(item),
            Some(hole) => {
                let why = why_hole(hole);
                self.loader.holes.value(hole, file, span);
                self.config.unsure.insert(item, why);
            }
            None => {}
        }
        let name = parsed.tree.words(item.node)[0];
        if parsed.template.within((name.start, name.end)).is_some() {
            let why = self.config.unsure.get(&item).cloned().unwrap_or_default();
            self.config.gaps.entry(scope).or_insert(Gap::Filled(why));
        }
    }

    /// Notes the lines that a template fills in a block, or in a file.
    fn note_filled(&mut self, tree: u32, node: Option<NodeId>, scope: ScopeId) {
        let filled = self.filled_lines[tree as usize].get(&node);
        if let Some(why) = filled.cloned() {
            self.config.gaps.entry(scope).or_insert(Gap::Filled(why));
        }
        let parsed = &self.config.trees[tree as usize];
        if node.is_none() && !self.filled_lines[tree as usize].is_empty() {
            for gap in parsed.template.gaps() {
                let span = Span::new(parsed.file, gap.start, gap.end);
                self.loader.holes.lines(&gap.name, span);
            }
        }
    }

    /// `$NAME` is filled in elsewhere if nobody defines a variable of this name.
    fn settle_dollars(&mut self) {
        if self.dollars.is_empty() {
            return;
        }
        let mut defined: SortedSet<Vec<u8>> = SortedSet::new();
        let openers = self.config.scopes.iter().filter_map(|scope| scope.opener);
        let items = self.config.scopes.iter().flat_map(|scope| &scope.items);
        for item in openers.chain(items.copied()) {
            // `set $a`, `map $uri $a`, `auth_request_set $a`: whoever has one as a word of its own
            // may define it.
            let name = self.config.word(item, 0).unwrap_or_default();
            let is_definition = name.ends_with(b"set")
                || [b"map".as_slice(), b"geo", b"split_clients", b"js_var"].contains(&&*name);
            for word in self.config.args(item).iter().filter(|_| is_definition) {
                if let Some(name) = word.strip_prefix(b"$") {
                    defined.insert(name.to_ascii_lowercase());
                }
            }
        }
        for item in std::mem::take(&mut self.dollars) {
            let parsed = &self.config.trees[item.tree as usize];
            let head = parsed.tree.head_span(item.node);
            let holes = parsed.template.holes().iter();
            let inside = holes.filter(|hole| head.0 <= hole.start && hole.end <= head.1);
            let mut free = inside.filter(|hole| {
                !defined.contains(hole.name.to_ascii_lowercase().as_bytes())
                    && !is_built_in(&hole.name)
            });
            if let Some(hole) = free.next() {
                let span = Span::new(parsed.file, head.0, head.1);
                self.loader.holes.value(hole, parsed.file, span);
                self.config.unsure.insert(item, why_hole(hole));
            }
        }
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

/// Variables of nginx that somebody may write in upper case, as it takes them too.
fn is_built_in(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "HOST",
        "URI",
        "REQUEST_URI",
        "REMOTE_ADDR",
        "SCHEME",
        "SERVER_NAME",
        "DOCUMENT_ROOT",
        "SERVER_PORT",
    ];
    NAMES.contains(&name) || name.starts_with("HTTP_") || name.starts_with("ARG_")
}

/// The innermost blocks in which a template fills lines in; none is the file itself.
fn filled_lines(tree: &Tree, template: &Template) -> SortedMap<Option<NodeId>, String> {
    let mut out = SortedMap::new();
    let mut open: Vec<NodeId> = Vec::new();
    let mut next = 0;
    for gap in template.gaps() {
        while next < to_u32(tree.len()) && tree.span(NodeId(next)).0 <= gap.start {
            let node = NodeId(next);
            while open
                .pop_if(|last| tree.span(*last).1 <= tree.span(node).0)
                .is_some()
            {}
            if tree.body_span(node).is_some() {
                open.push(node);
            }
            next += 1;
        }
        while open
            .pop_if(|last| tree.span(*last).1 <= gap.start)
            .is_some()
        {}
        let around = open.last().copied();
        // What a program of Lua says of itself is its own.
        if around.is_some_and(|node| tree.kind(node) == NodeKind::Lua) {
            continue;
        }
        out.entry(around)
            .or_insert_with(|| format!("`{}` is filled in elsewhere", gap.name));
    }
    out
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
