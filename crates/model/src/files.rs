//! How the model asks for files without touching a disk: the caller hands in a [`Files`].
//!
//! The command line implements it for a host and for another system's root; [`MemoryFiles`]
//! serves dumps, pasted text, the browser and tests.

use std::fmt;
use std::sync::Arc;

use base::outer::Part;
use base::{FilePath, Outer, SortedMap};

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

    /// The file that this one lies in, when it lies in another.
    fn outer(&self, _path: &FilePath) -> Option<Outer> {
        None
    }

    /// What of a file stands in other files than the rest, in its order.
    fn parts(&self, _path: &FilePath) -> Vec<Part> {
        Vec::new()
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
    outers: SortedMap<FilePath, Outer>,
    parts: SortedMap<FilePath, Vec<Part>>,
    unknown: SortedMap<FilePath, String>,
    below: Option<Below>,
}

/// Files that are seen wherever none of ours lies.
#[derive(Clone)]
struct Below(Arc<dyn Files + Send + Sync>);

impl fmt::Debug for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("files below")
    }
}

impl MemoryFiles {
    /// Nothing in memory yet: what is read comes from other files, until one of ours lies over it.
    pub fn over(files: Arc<dyn Files + Send + Sync>) -> Self {
        Self {
            below: Some(Below(files)),
            ..Self::default()
        }
    }

    /// The files below, for a path that none of ours hides.
    fn below(&self, path: &FilePath) -> Option<&(dyn Files + Send + Sync)> {
        let is_ours = self.files.contains_key(path) || self.links.contains_key(path);
        let Below(files) = self.below.as_ref().filter(|_| !is_ours)?;
        Some(files.as_ref())
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl AsRef<[u8]>, bytes: impl Into<Arc<[u8]>>) {
        let path = FilePath::new(path);
        self.remove(&path);
        self.files.insert(path, bytes.into());
    }

    /// Adds a file that lies in another one.
    pub fn insert_inner(
        &mut self,
        path: impl AsRef<[u8]>,
        bytes: impl Into<Arc<[u8]>>,
        outer: Outer,
    ) {
        let path = FilePath::new(path);
        self.remove(&path);
        self.files.insert(path.clone(), bytes.into());
        self.outers.insert(path, outer);
    }

    /// Adds a file of which parts stand in files of their own, and the rest in one, or in none.
    pub fn insert_parts(
        &mut self,
        path: impl AsRef<[u8]>,
        bytes: impl Into<Arc<[u8]>>,
        outer: Option<Outer>,
        parts: Vec<Part>,
    ) {
        let path = FilePath::new(path);
        self.remove(&path);
        self.files.insert(path.clone(), bytes.into());
        if let Some(outer) = outer {
            self.outers.insert(path.clone(), outer);
        }
        if !parts.is_empty() {
            self.parts.insert(path, parts);
        }
    }

    /// Adds a file or a folder of which only that is known that it is there, and why no more.
    pub fn insert_unknown(&mut self, path: impl AsRef<[u8]>, why: impl Into<String>) {
        let path = FilePath::new(path);
        self.remove(&path);
        self.unknown.insert(path, why.into());
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: &FilePath) {
        self.unknown.remove(path);
        self.files.remove(path);
        self.outers.remove(path);
        self.parts.remove(path);
        self.links.remove(path);
    }

    /// Takes away what lies below a folder, as something that is mounted there does.
    pub fn remove_below(&mut self, dir: &FilePath) {
        let is_kept = |path: &FilePath| !is_below(path, dir);
        self.files.retain(|path, _| is_kept(path));
        self.outers.retain(|path, _| is_kept(path));
        self.parts.retain(|path, _| is_kept(path));
        self.links.retain(|path, _| is_kept(path));
        self.unknown.retain(|path, _| is_kept(path));
    }

    /// Why nothing is known of a path: it is unknown itself, or lies in a folder that is.
    fn why_unknown(&self, path: &FilePath) -> Option<&String> {
        if self.unknown.is_empty() {
            return None;
        }
        let mut at = path.clone();
        loop {
            if let Some(why) = self.unknown.get(&at) {
                return Some(why);
            }
            let parent = FilePath::new(at.parent());
            if parent.as_bytes().len() >= at.as_bytes().len() {
                return None;
            }
            at = parent;
        }
    }

    /// The paths of everything, sorted.
    pub fn paths(&self) -> Vec<FilePath> {
        let files = self.files.keys().chain(self.links.keys());
        let mut all: Vec<FilePath> = files.chain(self.unknown.keys()).cloned().collect();
        all.sort();
        all
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unknown.is_empty()
    }

    /// The files, sorted by path, with the ones that they lie in.
    pub fn iter(&self) -> impl Iterator<Item = (&FilePath, &Arc<[u8]>, Option<&Outer>)> {
        let files = self.files.iter();
        files.map(|(path, bytes)| (path, bytes, self.outers.get(path)))
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
        if let Some(why) = self.why_unknown(path) {
            return Err(ReadError::new(ReadErrorKind::Other, why.clone()));
        }
        if let Some(below) = self.below(path) {
            return below.read(path);
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
        names.extend(below(&self.unknown, &prefix));
        if let Some(why) = self.why_unknown(dir) {
            return Err(ReadError::new(ReadErrorKind::Other, why.clone()));
        }
        if let Some(below) = self.below(dir) {
            match below.list(dir) {
                Ok(more) => names.extend(more),
                Err(error) if names.is_empty() => return Err(error),
                Err(_) => {}
            }
        }
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Err(ReadError::missing());
        }
        Ok(names)
    }

    fn outer(&self, path: &FilePath) -> Option<Outer> {
        let path = self.links.get(path).unwrap_or(path);
        let own = self.outers.get(path).cloned();
        own.or_else(|| self.below(path)?.outer(path))
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        let Below(files) = self.below.as_ref()?;
        files.shown(path)
    }

    fn parts(&self, path: &FilePath) -> Vec<Part> {
        let path = self.links.get(path).unwrap_or(path);
        self.parts.get(path).cloned().unwrap_or_default()
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        let mut at = path;
        // A chain of links longer than the kernel's own limit is a loop.
        for _ in 0..40 {
            match self.links.get(at) {
                Some(next) => at = next,
                None => {
                    let is_there = self.files.contains_key(at) || self.why_unknown(at).is_some();
                    if let Some(below) = self.below(at).filter(|_| !is_there) {
                        return below
                            .resolve(at)
                            .or_else(|| (at != path).then(|| at.clone()));
                    }
                    return (at != path || is_there).then(|| at.clone());
                }
            }
        }
        None
    }
}

fn is_below(path: &FilePath, dir: &FilePath) -> bool {
    let rest = path.as_bytes().strip_prefix(dir.as_bytes());
    rest.is_some_and(|rest| rest.starts_with(b"/") || dir.as_bytes() == b"/" && !rest.is_empty())
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
