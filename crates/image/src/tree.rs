//! The file system that layers make when they are laid over each other.
//!
//! As the tools do that unpack images: a name is looked up within the root with all links followed
//! but the last, what is there is replaced, and a folder stays when a folder comes. A whiteout
//! hides what lies in the layers below, and nothing of its own layer.

use std::collections::BTreeMap;

use crate::archive::clean;
use crate::tar::{Entry, Kind};

/// As the kernel says it with `ELOOP`, and as tools say that unpack.
const MOST_LINKS: usize = 40;
const MOST_LINKS_OF_LAYERS: usize = 255;
/// Folders within folders.
const DEEPEST: usize = 1024;
/// Memory that names may take: an image of a million files has a tenth of it.
const MOST_MEMORY: usize = 512 << 20;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Where the content of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Content {
    pub(crate) layer: usize,
    pub(crate) at: u64,
    pub(crate) size: u64,
    pub(crate) is_sparse: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Folder(BTreeMap<Box<[u8]>, usize>),
    File(Content),
    Link(Box<[u8]>),
    Special,
}

#[derive(Clone, Debug)]
struct Held {
    node: Node,
    /// The last layer that has something to do with it.
    layer: usize,
}

/// Everything, by numbers; the first is the root.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    all: Vec<Held>,
    memory: usize,
}

/// Where a path leads.
pub(crate) struct Led {
    /// The path without links, as far as they could be followed.
    pub(crate) path: Vec<u8>,
    at: Option<usize>,
}

const ROOT: usize = 0;

impl Tree {
    pub(crate) fn new() -> Tree {
        Tree {
            all: vec![Held {
                node: Node::Folder(BTreeMap::new()),
                layer: 0,
            }],
            memory: 0,
        }
    }

    /// Follows the links of a path as a process in the image would. `None` for a loop of links.
    pub(crate) fn lead(&self, path: &[u8]) -> Option<Led> {
        let mut todo = reversed(path);
        let mut trail: Vec<(&[u8], Option<usize>)> = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == b".." {
                trail.pop();
                continue;
            }
            let folder = trail.last().map_or(Some(ROOT), |(_, at)| *at);
            let child = folder.and_then(|at| self.child(at, part));
            if let Some(Node::Link(target)) = child.map(|at| &self.all[at].node) {
                links += 1;
                if links > MOST_LINKS {
                    return None;
                }
                if target.starts_with(b"/") {
                    trail.clear();
                }
                todo.extend(reversed(target));
                continue;
            }
            if trail.len() > DEEPEST {
                return None;
            }
            trail.push((part, child));
        }
        let names: Vec<&[u8]> = trail.iter().map(|(name, _)| *name).collect();
        Some(Led {
            path: [b"/".as_slice(), &names.join(&b'/')].concat(),
            at: trail.last().map_or(Some(ROOT), |(_, at)| *at),
        })
    }

    /// What lies at the end of a path.
    pub(crate) fn node(&self, led: &Led) -> Option<&Node> {
        led.at.map(|at| &self.all[at].node)
    }

    /// The layer that made it.
    pub(crate) fn layer(&self, led: &Led) -> Option<usize> {
        led.at.map(|at| self.all[at].layer)
    }

    /// Paths and what is there, in order; links are not followed.
    pub(crate) fn walk(&self, each: &mut dyn FnMut(&[u8], &Node)) {
        let mut todo = vec![(b"/".to_vec(), ROOT)];
        while let Some((path, at)) = todo.pop() {
            let node = &self.all[at].node;
            each(&path, node);
            let Node::Folder(names) = node else { continue };
            let slash: &[u8] = if path.ends_with(b"/") { b"" } else { b"/" };
            let below = names.iter().rev();
            todo.extend(below.map(|(name, at)| ([&path, slash, name].concat(), *at)));
        }
    }

    fn child(&self, folder: usize, name: &[u8]) -> Option<usize> {
        match &self.all[folder].node {
            Node::Folder(names) => names.get(name).copied(),
            _ => None,
        }
    }

    /// Lays an entry of a layer over what is there.
    ///
    /// # Errors
    /// What makes it impossible, for people.
    pub(crate) fn add(&mut self, entry: &Entry, layer: usize) -> Result<(), String> {
        let path = clean(&entry.path);
        let slash = path.iter().rposition(|b| *b == b'/');
        let (folder, name) = match slash {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (&b""[..], path.as_slice()),
        };
        if let Some(hidden) = name.strip_prefix(WHITEOUT) {
            // It hides what is there, and makes nothing.
            match self.lead(folder).and_then(|led| led.at) {
                Some(at) if name == OPAQUE => self.hide_below(at, layer),
                Some(at) => self.hide(at, hidden, layer),
                None => {}
            }
            return Ok(());
        }
        let trail = self.folder(folder, layer)?;
        let at = trail.last().copied().unwrap_or(ROOT);
        if name.is_empty() {
            let is_folder = entry.kind == Kind::Folder;
            let why = "its root would be no folder";
            return is_folder.then_some(()).ok_or_else(|| why.to_owned());
        }
        let node = match entry.kind {
            Kind::Folder => Node::Folder(BTreeMap::new()),
            Kind::File | Kind::Sparse => Node::File(Content {
                layer,
                at: entry.at,
                size: entry.size,
                is_sparse: entry.kind == Kind::Sparse,
            }),
            Kind::Link => Node::Link(entry.link.as_slice().into()),
            Kind::Special => Node::Special,
            Kind::HardLink => {
                // What is there goes first; a link to that leads nowhere.
                if let Node::Folder(names) = &mut self.all[at].node {
                    names.remove(name);
                }
                self.linked(&entry.link)?
            }
        };
        let known = self.child(at, name);
        if let (Node::Folder(_), Some(known)) = (&node, known)
            && matches!(self.all[known].node, Node::Folder(_))
        {
            self.all[known].layer = layer;
            return Ok(());
        }
        self.put(at, name, node, layer).map(drop)
    }

    fn put(
        &mut self,
        folder: usize,
        name: &[u8],
        node: Node,
        layer: usize,
    ) -> Result<usize, String> {
        let link = match &node {
            Node::Link(target) => target.len(),
            _ => 0,
        };
        self.memory += name.len() + link + 2 * size_of::<Held>();
        if self.memory > MOST_MEMORY {
            return Err("it has too many files".to_owned());
        }
        let at = self.all.len();
        self.all.push(Held { node, layer });
        if let Node::Folder(names) = &mut self.all[folder].node {
            names.insert(name.into(), at);
        }
        Ok(at)
    }

    /// What a hard link is another name of; its last part is not followed.
    fn linked(&self, link: &[u8]) -> Result<Node, String> {
        let target = clean(link);
        let at = target.iter().rposition(|b| *b == b'/');
        let (folder, name) = match at {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (&b""[..], target.as_slice()),
        };
        let folder = self.lead(folder).and_then(|led| led.at);
        let node = folder.and_then(|folder| self.child(folder, name));
        match node.map(|at| &self.all[at].node) {
            Some(Node::Folder(_)) => Err(format!(
                "a hard link to the folder {}",
                base::source::printable(&target)
            )),
            Some(node) => Ok(node.clone()),
            None => Err(format!(
                "a hard link to {}, which is not there",
                base::source::printable(&target)
            )),
        }
    }

    /// The folder of an entry, with those above it; what is missing is made.
    fn folder(&mut self, path: &[u8], layer: usize) -> Result<Vec<usize>, String> {
        let mut todo: Vec<Vec<u8>> = reversed(path).into_iter().map(<[u8]>::to_vec).collect();
        let mut trail = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == b".." {
                trail.pop();
                continue;
            }
            let folder = trail.last().copied().unwrap_or(ROOT);
            let Some(child) = self.child(folder, &part) else {
                if trail.len() >= DEEPEST {
                    return Err(format!("more than {DEEPEST} folders within each other"));
                }
                let node = Node::Folder(BTreeMap::new());
                trail.push(self.put(folder, &part, node, layer)?);
                continue;
            };
            match &self.all[child].node {
                Node::Folder(_) => trail.push(child),
                Node::Link(target) => {
                    links += 1;
                    if links > MOST_LINKS_OF_LAYERS {
                        return Err("a loop of links".to_owned());
                    }
                    if target.starts_with(b"/") {
                        trail.clear();
                    }
                    let target = reversed(target).into_iter().map(<[u8]>::to_vec);
                    todo.extend(target);
                }
                Node::File(_) | Node::Special => {
                    return Err(format!(
                        "something lies below {}, which is a file",
                        base::source::printable(path)
                    ));
                }
            }
        }
        for at in &trail {
            self.all[*at].layer = layer;
        }
        Ok(trail)
    }

    /// Hides a name of the layers below.
    fn hide(&mut self, folder: usize, name: &[u8], layer: usize) {
        let Some(child) = self.child(folder, name) else {
            return;
        };
        if self.all[child].layer == layer {
            return self.hide_below(child, layer);
        }
        if let Node::Folder(names) = &mut self.all[folder].node {
            names.remove(name);
        }
    }

    /// Hides what is in a folder, but for what its own layer has there.
    fn hide_below(&mut self, folder: usize, layer: usize) {
        let mut todo = vec![folder];
        while let Some(at) = todo.pop() {
            let Node::Folder(names) = &self.all[at].node else {
                continue;
            };
            let (own, old): (Vec<_>, Vec<_>) = names
                .iter()
                .map(|(name, at)| (name.clone(), *at))
                .partition(|(_, at)| self.all[*at].layer == layer);
            todo.extend(own.into_iter().map(|(_, at)| at));
            if let Node::Folder(names) = &mut self.all[at].node {
                for (name, _) in old {
                    names.remove(&name);
                }
            }
        }
    }
}

/// The parts of a path, the first one last.
fn reversed(path: &[u8]) -> Vec<&[u8]> {
    let parts = path.split(|b| *b == b'/');
    let mut parts: Vec<&[u8]> = parts
        .filter(|part| !part.is_empty() && *part != b".")
        .collect();
    parts.reverse();
    parts
}
