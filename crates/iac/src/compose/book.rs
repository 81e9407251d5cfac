//! Compose files as they are read: parsed once, filled in, with what they include and extend.

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedMap, SortedSet};
use yaml::Tree;

use super::merge::{merge_files, merge_services};
use super::node::{Maker, Node, Value};
use super::repo::{Repo, joined};
use super::variables::{Variables, env_file};
use crate::project::Project;

/// Files that include or extend each other nest a few levels.
const DEEPEST: usize = 10;

/// A file that was read.
pub(crate) struct File {
    /// Its plain path.
    pub(crate) path: FilePath,
    /// Its path for people.
    pub(crate) shown: FilePath,
    /// The folder from which its paths are seen: its own, unless who includes it says another one.
    pub(crate) dir: FilePath,
    /// Its bytes.
    pub(crate) bytes: Arc<[u8]>,
    /// What is in it.
    tree: Tree,
}

/// All files of Compose.
pub(crate) struct Book<'t> {
    /// Where they lie.
    pub(crate) repo: Repo<'t>,
    /// Those that were read.
    pub(crate) files: Vec<File>,
    by_path: SortedMap<FilePath, Option<usize>>,
    /// Files that others include or extend: they are no stacks of their own.
    pub(crate) used: SortedSet<FilePath>,
    /// Files of the repository that a machine has.
    pub(crate) mounted: SortedSet<FilePath>,
}

impl<'t> Book<'t> {
    /// A book of nothing yet.
    pub(crate) fn new(repo: Repo<'t>) -> Self {
        Book {
            repo,
            files: Vec::new(),
            by_path: SortedMap::new(),
            used: SortedSet::new(),
            mounted: SortedSet::new(),
        }
    }

    /// Reads a file of the repository; `None` when it is none or cannot be understood, which is
    /// said once.
    pub(crate) fn open(&mut self, path: &FilePath, project: &mut Project) -> Option<usize> {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        let file = self.parse(path, project);
        self.by_path.insert(path.clone(), file);
        file
    }

    fn parse(&mut self, path: &FilePath, project: &mut Project) -> Option<usize> {
        let bytes = self.repo.read(path, project)?;
        let shown = self.repo.shown(path);
        match yaml::parse(&bytes) {
            Ok(tree) => {
                self.files.push(File {
                    path: path.clone(),
                    shown,
                    dir: FilePath::new(path.parent()),
                    bytes,
                    tree,
                });
                Some(self.files.len() - 1)
            }
            Err(refusal) => {
                let line = line_of(&bytes, refusal.at);
                let message = format!("{shown}:{line}: {}", refusal.message);
                let help = "docker compose cannot read it either";
                project.problem(ProblemKind::Unreadable, message, Some(help));
                None
            }
        }
    }

    /// The values of a file, filled in.
    pub(crate) fn node(
        &self,
        file: usize,
        variables: &Variables,
        project: &mut Project,
    ) -> Option<Node> {
        let File {
            bytes, tree, shown, ..
        } = &self.files[file];
        let mut maker = Maker {
            file,
            bytes,
            tree,
            variables,
            count: 0,
        };
        let node = maker.node(*tree.documents.first()?);
        if node.is_none() {
            let message = format!("{shown}: it holds more values than any file that people write");
            project.problem(ProblemKind::Unreadable, message, None);
        }
        node.map(of_version_one)
    }

    /// What `.env` of a folder says.
    pub(crate) fn variables(&mut self, dir: &[u8], project: &mut Project) -> Variables {
        let mut variables = Variables::new();
        self.add_env(&joined(dir, b".env"), &mut variables, project);
        variables
    }

    /// Adds what a file of variables says; false when there is none.
    pub(crate) fn add_env(
        &mut self,
        path: &FilePath,
        variables: &mut Variables,
        project: &mut Project,
    ) -> bool {
        let bytes = self.repo.read_if_there(path, project);
        if let Some(bytes) = &bytes {
            project.taken.insert(self.repo.given(path));
            env_file(&String::from_utf8_lossy(bytes), variables);
        }
        bytes.is_some()
    }

    /// Where something is written, for people.
    pub(crate) fn place(&self, at: super::node::At) -> String {
        let file = &self.files[at.file];
        format!("{}:{}", file.shown, line_of(&file.bytes, at.range.0))
    }

    /// Several files on top of each other, with all that they include and extend.
    pub(crate) fn stack(
        &mut self,
        paths: &[FilePath],
        variables: &Variables,
        project: &mut Project,
    ) -> Option<Node> {
        let mut merged: Option<Node> = None;
        for path in paths {
            let node = self.whole(path, variables, &mut Vec::new(), project);
            merged = match (merged, node) {
                (Some(under), Some(over)) => Some(merge_files(under, over)),
                (under, over) => under.or(over),
            };
        }
        merged
    }

    /// One file with all that it includes and extends; `open` are those that include it.
    fn whole(
        &mut self,
        path: &FilePath,
        variables: &Variables,
        open: &mut Vec<FilePath>,
        project: &mut Project,
    ) -> Option<Node> {
        if open.contains(path) || open.len() >= DEEPEST {
            let shown = self.repo.shown(path);
            let what = match open.contains(path) {
                true => "includes itself",
                false => "is included ten levels deep",
            };
            project.problem(ProblemKind::Unreadable, format!("{shown} {what}"), None);
            return None;
        }
        let file = self.open(path, project)?;
        let mut root = self.node(file, variables, project)?;
        self.extend_services(file, &mut root, variables, project);
        open.push(path.clone());
        let included = root.field("include").map(|list| list.items().to_vec());
        let mut under: Option<Node> = None;
        for item in included.unwrap_or_default() {
            let node = self.included(path, &item, variables, open, project);
            under = match (under, node) {
                (Some(under), Some(over)) => Some(merge_files(under, over)),
                (under, over) => under.or(over),
            };
        }
        open.pop();
        Some(match under {
            Some(under) => merge_files(under, root),
            None => root,
        })
    }

    /// One element of `include`: its paths are seen from its own folder.
    fn included(
        &mut self,
        by: &FilePath,
        item: &Node,
        variables: &Variables,
        open: &mut Vec<FilePath>,
        project: &mut Project,
    ) -> Option<Node> {
        let paths = match item.field("path") {
            Some(paths) => paths.items().to_vec(),
            None => vec![item.clone()],
        };
        let mut merged: Option<Node> = None;
        for text in paths.iter().filter_map(Node::text) {
            let path = joined(by.parent(), text.text.as_bytes());
            let why = match text.hole() {
                None if self.repo.has(&path) => None,
                None => Some("it is not among the files".to_owned()),
                hole => hole,
            };
            if let Some(why) = why {
                let name = base::source::printable(text.text.as_bytes());
                let message = format!("{}: cannot include `{name}`: {why}", self.place(item.at));
                project.problem(ProblemKind::Unknown, message, None);
                continue;
            }
            self.used.insert(path.clone());
            let dir = match item.word("project_directory") {
                Some(dir) => joined(by.parent(), dir.as_bytes()),
                None => FilePath::new(path.parent()),
            };
            // What the including project has set wins.
            let mut own = self.variables(dir.as_bytes(), project);
            for file in item.field("env_file").map(Node::items).unwrap_or_default() {
                let file = file
                    .text()
                    .map(|text| joined(by.parent(), text.text.as_bytes()));
                if let Some(file) = file {
                    self.add_env(&file, &mut own, project);
                }
            }
            own.extend(variables.clone());
            if let Some(file) = self.open(&path, project) {
                self.files[file].dir = dir;
            }
            let node = self.whole(&path, &own, open, project);
            merged = match (merged, node) {
                (Some(under), Some(over)) => Some(merge_files(under, over)),
                (under, over) => under.or(over),
            };
        }
        merged
    }

    /// Puts every service of a file on top of what it extends.
    fn extend_services(
        &mut self,
        file: usize,
        root: &mut Node,
        variables: &Variables,
        project: &mut Project,
    ) {
        let services = root.field("services").and_then(Node::map);
        let extending: Vec<String> = services
            .into_iter()
            .flatten()
            .filter(|(_, service)| service.field("extends").is_some())
            .map(|(name, _)| name.clone())
            .collect();
        // All are made from the file as it is written.
        let mut made = Vec::new();
        for name in extending {
            let extended = self.service(file, root, &name, variables, &mut Vec::new(), project);
            made.extend(extended.map(|node| (name, node)));
        }
        let Value::Map(fields) = &mut root.value else {
            return;
        };
        if let Some(Value::Map(services)) = fields.get_mut("services").map(|node| &mut node.value) {
            services.extend(made);
        }
    }

    /// A service of a file with what it extends; `open` are those that extend it.
    fn service(
        &mut self,
        file: usize,
        root: &Node,
        name: &str,
        variables: &Variables,
        open: &mut Vec<(usize, String)>,
        project: &mut Project,
    ) -> Option<Node> {
        let service = root.field("services")?.field(name)?.clone();
        let Some(extends) = service.field("extends").cloned() else {
            return Some(service);
        };
        let key = (file, name.to_owned());
        let place = self.place(extends.at);
        let shown = base::source::printable(name.as_bytes());
        if open.contains(&key) || open.len() >= DEEPEST {
            let message = format!("{place}: service `{shown}` extends itself");
            project.problem(ProblemKind::Unreadable, message, None);
            return Some(service);
        }
        open.push(key);
        let wanted = extends.text().map(|text| text.text.as_str());
        let wanted = wanted.or_else(|| extends.word("service"));
        let wanted = wanted.unwrap_or_default().to_owned();
        let under = match extends.word("file") {
            None => self.service(file, root, &wanted, variables, open, project),
            Some(other) => {
                let path = joined(self.files[file].path.parent(), other.as_bytes());
                self.used.insert(path.clone());
                let other = self.repo.has(&path).then(|| self.open(&path, project));
                other.flatten().and_then(|other| {
                    let root = self.node(other, variables, project)?;
                    self.service(other, &root, &wanted, variables, open, project)
                })
            }
        };
        open.pop();
        let Some(under) = under else {
            let wanted = base::source::printable(wanted.as_bytes());
            let message = format!(
                "{place}: service `{shown}` extends `{wanted}`, which cannot be read: what it has from there is unknown"
            );
            project.problem(ProblemKind::Unknown, message, None);
            return Some(service);
        };
        Some(merge_services(under, service))
    }
}

/// The old form has no `services`: each field of the file is one.
fn of_version_one(root: Node) -> Node {
    let has = |name: &str| root.field(name).is_some();
    let is_service = |node: &Node| node.field("image").is_some() || node.field("build").is_some();
    let is_old = !has("services")
        && !has("include")
        && root.map().is_some_and(|map| map.values().any(is_service));
    if !is_old {
        return root;
    }
    Node {
        value: Value::Map([("services".to_owned(), root.clone())].into()),
        ..root
    }
}

/// The line of a byte.
pub(crate) fn line_of(bytes: &[u8], at: u32) -> usize {
    let before = &bytes[..bytes.len().min(at as usize)];
    before.iter().filter(|b| **b == b'\n').count() + 1
}
