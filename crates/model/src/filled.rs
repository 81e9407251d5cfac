//! Values for the holes of templates, as somebody gives them, and files with these values.

use std::sync::{Arc, Mutex, PoisonError};

use base::outer::{Code, Part};
use base::{FilePath, Outer, OuterMap, SortedMap, SortedSet};
pub use syntax::holes::plain_name;
use syntax::holes::{self, Filled, Language};

use crate::detect::{Kind, detect};
use crate::files::{Files, ReadError};

/// Values by name. Names are as [`syntax::holes::plain_name`] makes them.
#[derive(Debug, Default)]
pub struct Set {
    values: SortedMap<String, String>,
    used: Mutex<SortedSet<String>>,
}

impl Set {
    /// These values; `.Values.a` and `$a` are the same names as without their sign.
    pub fn new(given: impl IntoIterator<Item = (String, String)>) -> Set {
        let plain = |name: String| holes::plain_name(&name).unwrap_or(name);
        let values = given.into_iter();
        Set {
            values: values.map(|(name, value)| (plain(name), value)).collect(),
            used: Mutex::default(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them.
    pub fn values(&self) -> &SortedMap<String, String> {
        &self.values
    }

    /// Notes that a value was of use.
    pub fn mark(&self, name: &str) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(name.to_owned());
    }

    /// The names that no file asked for so far.
    pub fn unused(&self) -> Vec<String> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let names = self.values.keys().filter(|name| !used.contains(*name));
        names.cloned().collect()
    }

    fn get(&self, name: &str) -> Option<String> {
        let name = holes::plain_name(name).unwrap_or_else(|| name.to_owned());
        let value = self.values.get(&name)?;
        self.mark(&name);
        Some(value.clone())
    }

    /// A file with its values.
    fn fill(&self, path: &FilePath, bytes: &[u8]) -> Option<Filled> {
        let language = match detect(path, bytes) {
            Some(Kind::Nginx | Kind::NginxDump) => Language::Nginx,
            None => Language::Nginx,
            Some(_) => Language::Ini,
        };
        holes::fill(bytes, language, &|name| self.get(name))
    }
}

/// Files with values in their holes. Each lies in the file as people write it.
pub struct FilledFiles<'f> {
    /// What is below.
    pub files: &'f dyn Files,
    /// The values.
    pub set: &'f Set,
}

impl Files for FilledFiles<'_> {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        let bytes = self.files.read(path)?;
        if self.set.is_empty() {
            return Ok(bytes);
        }
        Ok(match self.set.fill(path, &bytes) {
            Some(filled) => filled.bytes.into(),
            None => bytes,
        })
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        self.files.list(dir)
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        self.files.resolve(path)
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        self.files.shown(path)
    }

    fn parts(&self, path: &FilePath) -> Vec<Part> {
        // Places of a text that is filled in are no more those of its parts.
        let bytes = self.files.read(path).ok().filter(|_| !self.set.is_empty());
        let is_filled = bytes.is_some_and(|bytes| self.set.fill(path, &bytes).is_some());
        match is_filled {
            true => Vec::new(),
            false => self.files.parts(path),
        }
    }

    fn outer(&self, path: &FilePath) -> Option<Outer> {
        let outer = self.files.outer(path);
        if self.set.is_empty() {
            return outer;
        }
        let Ok(bytes) = self.files.read(path) else {
            return outer;
        };
        let Some(filled) = self.set.fill(path, &bytes) else {
            return outer;
        };
        Some(match outer {
            Some(outer) => Outer {
                map: Arc::new(outer.map.through(&filled.pieces, &[])),
                ..outer
            },
            None => Outer {
                path: self.files.resolve(path).unwrap_or_else(|| path.clone()),
                bytes,
                map: Arc::new(OuterMap::new(filled.pieces, Code::default())),
            },
        })
    }
}
