//! Files in memory under the names that people gave them: dropped one by one, a folder, or both.
//!
//! They lie below `/`. A copy of `/etc/nginx` is seldom given under that path, but the files in it
//! name each other by it: `moved` finds out where it would lie, and `placed` where single files
//! would.

use std::sync::Arc;

use base::source::printable;
use base::{FilePath, SortedMap};
use model::{Files, MemoryFiles, ReadError};

use crate::tree::Tree;
use crate::{moved, placed};

/// Files in memory.
#[derive(Default)]
pub struct Tray {
    files: MemoryFiles,
    /// The names as given, by path.
    names: SortedMap<FilePath, String>,
    /// Folders that the files name by another path: from, to.
    moved: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where main files look for files that lie elsewhere.
    links: SortedMap<FilePath, FilePath>,
}

impl Tray {
    /// Files by their names.
    ///
    /// # Errors
    /// When a name is missing or two are the same.
    pub fn new<'n>(files: impl IntoIterator<Item = (&'n str, Arc<[u8]>)>) -> Result<Tray, String> {
        let mut tray = Tray::default();
        for (name, bytes) in files {
            let path = path_of(name);
            if path.name().is_empty() {
                let shown = printable(name.as_bytes());
                return Err(format!("`{shown}` names no file"));
            }
            tray.files.insert(path.as_bytes(), bytes);
            if tray.names.insert(path, name.to_owned()).is_some() {
                let shown = printable(name.as_bytes());
                return Err(format!("`{shown}` was given twice"));
            }
        }
        if let Some(name) = tray.both() {
            return Err(format!(
                "`{}` is a file and a folder",
                printable(name.as_bytes())
            ));
        }
        tray.moved = moved::guess(&tray);
        for (path, target) in placed::place(&tray) {
            tray.files.link(path.as_bytes(), target.as_bytes());
            tray.links.insert(path, target);
        }
        Ok(tray)
    }

    /// The name of a file below which others lie.
    fn both(&self) -> Option<&String> {
        let mut names = self.names.iter();
        let found = names.find(|(path, _)| self.files.list(path).is_ok());
        found.map(|(_, name)| name)
    }

    /// The paths of all files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &FilePath> {
        self.names.keys()
    }

    /// The name that a path was given under.
    pub fn name(&self, path: &FilePath) -> Option<&str> {
        self.names.get(path).map(String::as_str)
    }

    /// Where a path leads: without `..`, and to where the folder lies here.
    fn real(&self, path: &FilePath) -> FilePath {
        let plain = normal(path.as_bytes());
        if let Some(target) = self.links.get(&plain) {
            return target.clone();
        }
        if self.moved.is_empty() || self.is_there(&plain) {
            return plain;
        }
        let moved = self.moved.iter().filter_map(|(from, to)| {
            let rest = plain.as_bytes().strip_prefix(from.as_slice())?;
            let is_below = rest.is_empty() || rest.starts_with(b"/");
            is_below.then(|| FilePath::new([to.as_slice(), rest].concat()))
        });
        let mut there = moved.filter(|path| self.is_there(path));
        there.next().unwrap_or(plain)
    }

    fn is_there(&self, path: &FilePath) -> bool {
        self.names.contains_key(path) || self.files.list(path).is_ok()
    }
}

/// Given by itself, in no folder.
pub(crate) fn is_loose(path: &FilePath) -> bool {
    path.parent() == b"/"
}

/// The path of a name: below `/`, without `.` and `..`.
pub fn path_of(name: &str) -> FilePath {
    normal(name.as_bytes())
}

fn normal(path: &[u8]) -> FilePath {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    FilePath::new([b"/".as_slice(), &parts.join(&b'/')].concat())
}

impl Files for Tray {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        self.files.read(&self.real(path))
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        self.files.list(&self.real(dir))
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        let real = self.real(path);
        self.names.contains_key(&real).then_some(real)
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        let name = self.names.get(&self.real(path));
        name.map(FilePath::new)
    }
}

impl Tree for Tray {
    fn may_exist(&self, path: &FilePath) -> bool {
        self.is_there(&self.real(path))
    }

    fn folder(&self, path: &FilePath) -> Option<FilePath> {
        let real = self.real(path);
        (!self.names.contains_key(&real) && self.files.list(&real).is_ok()).then_some(real)
    }

    fn head(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        self.read(path)
    }

    fn dump(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        self.read(path)
    }
}
