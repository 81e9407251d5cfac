//! The files of the repository that Ansible reads, each read once.

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedMap, SortedSet};
use intake::Tree as Files;
use yaml::{Id, Style, Tree};

use super::value::{At, Node, Value, plain};
use crate::compose::repo::Repo;
use crate::project::Project;

/// Beginning of a file that is encrypted as a whole.
const VAULT: &[u8] = b"$ANSIBLE_VAULT";

/// What is said of everything that is encrypted.
pub(crate) const ENCRYPTED: &str = "it is encrypted by ansible-vault";

/// One file.
pub(crate) struct File {
    /// Its path in the repository.
    pub(crate) path: FilePath,
    /// Its bytes.
    pub(crate) bytes: Arc<[u8]>,
    /// Its values, when it is YAML.
    nodes: Vec<Node>,
    /// Whether it is encrypted.
    pub(crate) is_closed: bool,
}

/// All files that were read.
pub(crate) struct Book<'t> {
    /// Where they are.
    pub(crate) repo: Repo<'t>,
    files: Vec<File>,
    known: SortedMap<FilePath, Option<usize>>,
    said: SortedSet<String>,
}

impl<'t> Book<'t> {
    /// The files of a repository.
    pub(crate) fn new(tree: &'t dyn Files, files: &[FilePath]) -> Self {
        Book {
            repo: Repo::new(tree, files),
            files: Vec::new(),
            known: SortedMap::new(),
            said: SortedSet::new(),
        }
    }

    /// A file by its number.
    pub(crate) fn file(&self, file: usize) -> &File {
        &self.files[file]
    }

    /// The first document of a YAML file; `None` when there is none, or it is broken, which is said.
    pub(crate) fn yaml(&mut self, path: &FilePath, project: &mut Project) -> Option<Node> {
        let file = self.open(path, project)?;
        self.files[file].nodes.first().cloned()
    }

    /// The number of a file, which is read as YAML if it is that.
    pub(crate) fn open(&mut self, path: &FilePath, project: &mut Project) -> Option<usize> {
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let file = self.read(path, project);
        self.known.insert(path.clone(), file);
        file
    }

    /// A file that is not YAML, and its number.
    pub(crate) fn raw(
        &mut self,
        path: &FilePath,
        project: &mut Project,
    ) -> Option<(usize, Arc<[u8]>)> {
        if let Some(Some(known)) = self.known.get(path) {
            return Some((*known, self.files[*known].bytes.clone()));
        }
        let bytes = self.repo.read_if_there(path, project)?;
        let number = self.files.len();
        self.files.push(File {
            path: path.clone(),
            bytes: bytes.clone(),
            nodes: Vec::new(),
            is_closed: bytes.starts_with(VAULT),
        });
        self.known.insert(path.clone(), Some(number));
        Some((number, bytes))
    }

    fn read(&mut self, path: &FilePath, project: &mut Project) -> Option<usize> {
        let bytes = self.repo.read_if_there(path, project)?;
        project.taken.insert(self.repo.given(path));
        let number = self.files.len();
        let is_closed = bytes.starts_with(VAULT);
        let mut nodes = Vec::new();
        if !is_closed {
            match yaml::parse(&bytes) {
                Ok(tree) => {
                    let mut maker = Maker {
                        file: number,
                        bytes: &bytes,
                        tree: &tree,
                        made: SortedMap::new(),
                    };
                    nodes = tree.documents.iter().map(|id| maker.node(*id)).collect();
                }
                Err(refusal) => {
                    let at = refusal.at as usize;
                    let line = line_of(&bytes, at);
                    let shown = self.repo.shown(path);
                    let message = format!("{shown}:{line}: {}", refusal.message);
                    project.problem(ProblemKind::Unreadable, message, None);
                    return None;
                }
            }
        }
        self.files.push(File {
            path: path.clone(),
            bytes,
            nodes,
            is_closed,
        });
        Some(number)
    }

    /// `path:line`.
    pub(crate) fn place(&self, at: Option<At>) -> String {
        let Some(at) = at else {
            return "--set".to_owned();
        };
        let file = &self.files[at.file];
        let line = line_of(&file.bytes, at.range.0 as usize);
        format!("{}:{line}", self.repo.shown(&file.path))
    }

    /// Says once that something is not known.
    pub(crate) fn unknown(&mut self, project: &mut Project, message: String) {
        if self.said.insert(message.clone()) {
            project.problem(ProblemKind::Unknown, message, None);
        }
    }
}

/// The line of a byte, from 1.
fn line_of(bytes: &[u8], at: usize) -> usize {
    let before = &bytes[..at.min(bytes.len())];
    before.iter().filter(|b| **b == b'\n').count() + 1
}

/// Makes values of a tree; a node that several aliases name is made once.
struct Maker<'m> {
    file: usize,
    bytes: &'m [u8],
    tree: &'m Tree,
    made: SortedMap<Id, Node>,
}

impl Maker<'_> {
    fn node(&mut self, id: Id) -> Node {
        if let Some(known) = self.made.get(&id) {
            return known.clone();
        }
        let range = self.tree.node(id).range;
        let at = At {
            file: self.file,
            range,
        };
        let tag = self.tag(range.0 as usize);
        let (value, written) = match &self.tree.node(id).value {
            _ if tag == "!vault" => (Value::Unknown(ENCRYPTED.into()), None),
            yaml::Value::Scalar(text, Style::Plain) => {
                let value = match tag {
                    "!!str" | "!unsafe" => Value::Text(text.as_str().into()),
                    _ => plain(text),
                };
                (value, Some((Style::Plain, Arc::from(text.as_str()))))
            }
            yaml::Value::Scalar(text, style) => {
                let text: Arc<str> = text.as_str().into();
                (Value::Text(text.clone()), Some((*style, text)))
            }
            yaml::Value::List(items) => {
                let items = items.iter().map(|item| self.node(*item));
                (Value::List(Arc::new(items.collect())), None)
            }
            yaml::Value::Map(_) => (Value::Map(Arc::new(self.fields(id))), None),
        };
        let node = Node {
            at: Some(at),
            written,
            value,
            is_final: tag == "!unsafe",
        };
        self.made.insert(id, node.clone());
        node
    }

    fn fields(&mut self, id: Id) -> Vec<(String, Node)> {
        let mut out: Vec<(String, Node)> = Vec::new();
        let mut seen = SortedSet::new();
        for (key, value) in self.tree.fields(id).unwrap_or_default() {
            let Some(key) = self.tree.text(key) else {
                continue;
            };
            // A map's own fields come before those that are merged into it.
            if seen.insert(key.to_owned()) {
                let value = self.node(value);
                out.push((key.to_owned(), value));
            }
        }
        out
    }

    /// The tag stands before the value, or is where it begins.
    fn tag(&self, at: usize) -> &'static str {
        const TAGS: [&str; 4] = ["!vault", "!unsafe", "!!str", "!vault-encrypted"];
        let (before, after) = self.bytes.split_at(at.min(self.bytes.len()));
        let line = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        // What a block holds begins behind the line of its tag.
        let head = match before[line..].trim_ascii().is_empty() {
            true => {
                let head = before[..line].trim_ascii_end();
                let is_sign = |b: &u8| b"|>+-".contains(b) || b.is_ascii_digit();
                let end = head
                    .iter()
                    .rposition(|b| !is_sign(b))
                    .map_or(0, |at| at + 1);
                (end < head.len()).then(|| &head[..end])
            }
            false => Some(before.trim_ascii_end()),
        };
        let is = |tag: &&&str| {
            let tag = tag.as_bytes();
            let before = head.is_some_and(|head| head.trim_ascii_end().ends_with(tag));
            before || after.starts_with(tag)
        };
        match TAGS.iter().find(is) {
            Some(&"!vault-encrypted") => "!vault",
            Some(tag) => tag,
            None => "",
        }
    }
}
