//! The files of the repository, by their plain paths: what Compose's relative paths lead to.

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedMap};
use intake::Tree;

use crate::project::{Project, bytes_of};

/// The files that were given, and those that were read.
pub(crate) struct Repo<'t> {
    /// Where they are read.
    pub(crate) tree: &'t dyn Tree,
    /// By the path without `.` and doubled slashes: the path as it was given.
    paths: SortedMap<FilePath, FilePath>,
    read: SortedMap<FilePath, Option<Arc<[u8]>>>,
}

impl<'t> Repo<'t> {
    /// The repository of these files.
    pub(crate) fn new(tree: &'t dyn Tree, files: &[FilePath]) -> Self {
        let plain = |path: &FilePath| (joined(b"/", path.as_bytes()), path.clone());
        Repo {
            tree,
            paths: files.iter().map(plain).collect(),
            read: SortedMap::new(),
        }
    }

    /// The plain paths of all files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &FilePath> {
        self.paths.keys()
    }

    /// Whether it is one of the files.
    pub(crate) fn has(&self, path: &FilePath) -> bool {
        self.paths.contains_key(path)
    }

    /// The path as it was given.
    pub(crate) fn given(&self, path: &FilePath) -> FilePath {
        self.paths.get(path).unwrap_or(path).clone()
    }

    /// The path for people.
    pub(crate) fn shown(&self, path: &FilePath) -> FilePath {
        let given = self.given(path);
        self.tree.shown(&given).unwrap_or(given)
    }

    /// The files below a folder.
    pub(crate) fn below(&self, dir: &FilePath) -> impl Iterator<Item = &FilePath> {
        let prefix = [dir.as_bytes(), b"/"].concat();
        let from = self.paths.range(FilePath::new(&prefix)..);
        from.map(|(path, _)| path)
            .take_while(move |path| path.as_bytes().starts_with(&prefix))
    }

    /// The bytes of one of the files; `None` when it cannot be read, which is said once.
    pub(crate) fn read(&mut self, path: &FilePath, project: &mut Project) -> Option<Arc<[u8]>> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let bytes = bytes_of(self.tree, &self.given(path), project);
        self.read.insert(path.clone(), bytes.clone());
        bytes
    }

    /// The bytes of a file that may be missing.
    pub(crate) fn read_if_there(
        &mut self,
        path: &FilePath,
        project: &mut Project,
    ) -> Option<Arc<[u8]>> {
        self.has(path).then(|| self.read(path, project))?
    }

    /// Notes that something in a file could not be understood.
    pub(crate) fn unknown(&self, project: &mut Project, path: &FilePath, what: &str) {
        let message = format!("{}: {what}", self.shown(path));
        project.problem(ProblemKind::Unknown, message, None);
    }
}

/// A path as seen from a folder, without `.` and `..` where they can be resolved.
pub(crate) fn joined(dir: &[u8], path: &[u8]) -> FilePath {
    let mut parts: Vec<&[u8]> = Vec::new();
    let from = match path.starts_with(b"/") {
        true => b"".as_slice(),
        false => dir,
    };
    for part in from.split(|b| *b == b'/').chain(path.split(|b| *b == b'/')) {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    FilePath::new([b"/".as_slice(), &parts.join(&b'/')].concat())
}
