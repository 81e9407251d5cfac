//! How the model asks for files without touching a disk: the caller hands in a [`Files`].
//!
//! The command line implements it for a host and for another system's root; [`MemoryFiles`]
//! serves dumps, pasted text, the browser and tests.

use std::fmt;
use std::sync::Arc;

use base::{FilePath, SortedMap};

/// A file system as the configured server would see it.
pub trait Files {
    /// The whole content of a regular file.
    ///
    /// # Errors
    /// Anything that is not a readable regular file of bearable size; never blocks on a FIFO.
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError>;

    /// The names in a directory, without `.` and `..`, in any order.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError>;

    /// The path behind all symbolic links; `None` when nothing is there. A socket whose program
    /// is stopped is not there either, but the link that leads to it may be: then the path as far
    /// as links could be followed is the answer.
    fn resolve(&self, path: &FilePath) -> Option<FilePath>;

    /// The path under which people can open the file, when that is another one.
    fn shown(&self, _path: &FilePath) -> Option<FilePath> {
        None
    }
}

/// Why a path gave no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The kind, for decisions.
    pub kind: ReadErrorKind,
    /// The reason in words, for people, such as `permission denied`.
    pub reason: String,
}

/// Kinds of [`ReadError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// Nothing is there.
    Missing,
    /// It is there, but we may not read it.
    Denied,
    /// It is a directory.
    Directory,
    /// A FIFO, socket or device.
    NotRegular,
    /// Larger than a configuration file may be.
    TooBig,
    /// Anything else the system said.
    Other,
}

impl ReadError {
    /// An error in the words of this module.
    pub fn new(kind: ReadErrorKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
        }
    }

    /// Nothing is there.
    pub fn missing() -> Self {
        Self::new(ReadErrorKind::Missing, "no such file or directory")
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// Files held in memory under absolute paths. Directories exist by having files in them.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    files: SortedMap<FilePath, Arc<[u8]>>,
    links: SortedMap<FilePath, FilePath>,
}

impl MemoryFiles {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl AsRef<[u8]>, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(FilePath::new(path), bytes.into());
    }

    /// Adds a symbolic link that stands for the whole of `path`.
    pub fn link(&mut self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) {
        self.links
            .insert(FilePath::new(path), FilePath::new(target));
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        let path = self.links.get(path).unwrap_or(path);
        if let Some(bytes) = self.files.get(path) {
            return Ok(bytes.clone());
        }
        match self.list(path) {
            Ok(_) => Err(ReadError::new(ReadErrorKind::Directory, "is a directory")),
            Err(error) => Err(error),
        }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        let mut prefix = dir.as_bytes().to_vec();
        if prefix.last() != Some(&b'/') {
            prefix.push(b'/');
        }
        // Paths are sorted, so those below a folder stand together.
        let mut names = below(&self.files, &prefix);
        names.extend(below(&self.links, &prefix));
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Err(ReadError::missing());
        }
        Ok(names)
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        let mut at = path;
        // A chain of links longer than the kernel's own limit is a loop.
        for _ in 0..40 {
            match self.links.get(at) {
                Some(next) => at = next,
                None => {
                    return (at != path || self.files.contains_key(at)).then(|| at.clone());
                }
            }
        }
        None
    }
}

/// The names directly below a prefix that ends in a slash.
fn below<T>(map: &SortedMap<FilePath, T>, prefix: &[u8]) -> Vec<Vec<u8>> {
    let paths = map.range(FilePath::new(prefix)..).map(|(path, _)| path);
    paths
        .map_while(|path| path.as_bytes().strip_prefix(prefix))
        .filter_map(|rest| rest.split(|&b| b == b'/').next())
        .filter(|name| !name.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}
