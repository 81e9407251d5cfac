//! Files of which one can see more than the model wants: what is there, and what a folder is.

use std::sync::Arc;

use base::FilePath;
use model::{Files, MemoryFiles, ReadError, ReadErrorKind};

/// A file system in which configuration is looked for.
pub trait Tree: Files {
    /// Whether anything is there, or may be: a pipe, a link that leads nowhere, a place that we
    /// may not look at. Whoever reads it then says what is wrong with it; a file that is skipped
    /// would make the rest look complete.
    fn may_exist(&self, path: &FilePath) -> bool;

    /// What tells one folder from another, whatever links led to it; `None` for what is no folder.
    fn folder(&self, path: &FilePath) -> Option<FilePath>;

    /// The beginning of a file: enough to tell what it is.
    ///
    /// # Errors
    /// As [`Files::read`].
    fn head(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError>;

    /// The whole of a dump, which may be larger than a file that people wrote.
    ///
    /// # Errors
    /// As [`Files::read`].
    fn dump(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError>;
}

/// A path for messages.
pub fn name_of<F: Files + ?Sized>(files: &F, path: &FilePath) -> String {
    files.shown(path).as_ref().unwrap_or(path).to_string()
}

/// Names in a folder, sorted; none when it is not there.
pub fn names(tree: &dyn Tree, dir: &FilePath) -> Result<Vec<String>, ReadError> {
    let names = match tree.list(dir) {
        Err(error) if error.kind == ReadErrorKind::Missing => Vec::new(),
        listed => listed?,
    };
    let names = names.into_iter().filter_map(|n| String::from_utf8(n).ok());
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

impl Tree for MemoryFiles {
    fn may_exist(&self, path: &FilePath) -> bool {
        self.resolve(path).is_some() || self.list(path).is_ok()
    }

    fn folder(&self, path: &FilePath) -> Option<FilePath> {
        self.list(path).ok()?;
        match self.resolve(path) {
            // Only files over others know their folders by other names.
            Some(folder) if self.list(&folder).is_ok() => Some(folder),
            Some(_) => None,
            None => Some(path.clone()),
        }
    }

    fn head(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        self.read(path)
    }

    fn dump(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        self.read(path)
    }
}
