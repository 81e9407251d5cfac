//! The files of the repository, by their plain paths: what Compose's relative paths lead to.
//!
//! What a Compose file names is read, even where `.gitignore` keeps it from the files that are
//! looked through: an `.env`, a certificate's snippet, a local override.

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedMap};
use intake::Tree;

use crate::project::{Project, bytes_of};

/// How much of a folder is read that was not looked through.
const DEEPEST: usize = 8;
const MOST_NAMES: usize = 2000;

/// The files that were given, and those that were read.
pub(crate) struct Repo<'t> {
    /// Where they are read.
    pub(crate) tree: &'t dyn Tree,
    /// By the path without `.` and doubled slashes: the path as it was given.
    paths: SortedMap<FilePath, FilePath>,
    /// The folder of all that was given, with a slash: what lies elsewhere is not the repository's.
    top: Vec<u8>,
    read: SortedMap<FilePath, Option<Arc<[u8]>>>,
}

impl<'t> Repo<'t> {
    /// The repository of these files.
    pub(crate) fn new(tree: &'t dyn Tree, files: &[FilePath]) -> Self {
        let plain = |path: &FilePath| (joined(b"/", path.as_bytes()), path.clone());
        let paths: SortedMap<FilePath, FilePath> = files.iter().map(plain).collect();
        Repo {
            tree,
            top: top(paths.keys()),
            paths,
            read: SortedMap::new(),
        }
    }

    /// The plain paths of all files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &FilePath> {
        self.paths.keys()
    }

    /// Whether it is one of the files.
    pub(crate) fn has(&self, path: &FilePath) -> bool {
        self.paths.contains_key(path) || self.is_left_out(path)
    }

    /// Whether it is there and was not given.
    fn is_left_out(&self, path: &FilePath) -> bool {
        path.as_bytes().starts_with(&self.top) && self.tree.head(path).is_ok()
    }

    /// The files below a folder that were not given, as far as it is looked through.
    pub(crate) fn left_out_below(&self, dir: &FilePath) -> Vec<FilePath> {
        let mut out = Vec::new();
        let mut open = vec![(dir.clone(), 0)];
        let mut seen = 0;
        while let Some((dir, depth)) = open.pop() {
            let is_ours = [dir.as_bytes(), b"/"].concat().starts_with(&self.top);
            if !is_ours || depth > DEEPEST || self.tree.folder(&dir).is_none() {
                continue;
            }
            let mut names = self.tree.list(&dir).unwrap_or_default();
            names.sort();
            for name in names {
                seen += 1;
                let path = joined(dir.as_bytes(), &name);
                match self.tree.folder(&path) {
                    _ if seen > MOST_NAMES => return out,
                    Some(_) if name != b".git" => open.push((path, depth + 1)),
                    None if !self.paths.contains_key(&path) => out.push(path),
                    _ => {}
                }
            }
        }
        out
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

/// The folder that all these files lie in, with a slash at its end.
fn top<'p>(mut paths: impl Iterator<Item = &'p FilePath>) -> Vec<u8> {
    let with_slash = |path: &FilePath| {
        let parent = path.parent();
        [parent, if parent.ends_with(b"/") { b"" } else { b"/" }].concat()
    };
    let first = paths.next().map(with_slash).unwrap_or_default();
    paths.fold(first, |top, path| {
        let same = top.iter().zip(path.as_bytes());
        let same = same.take_while(|(one, other)| one == other).count();
        let end = top[..same].iter().rposition(|&b| b == b'/');
        top[..end.map_or(0, |at| at + 1)].to_vec()
    })
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
