//! The files of an image as its processes would see them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base::FilePath;
use model::{Files, ReadError, ReadErrorKind};

use crate::archive::Unpack;
use crate::budget::Budget;
use crate::layer::{Kept, Layer, is_beside};
use crate::tree::{Content, Led, Node, Tree};

/// No configuration that people wrote is larger.
const MOST_BYTES: u64 = 64 << 20;
/// Bytes that are kept in all.
const MOST_KEPT: u64 = 512 << 20;

/// The layers laid over each other. What is not kept is read when it is asked for.
pub struct ImageFiles {
    pub(crate) tree: Tree,
    pub(crate) layers: Vec<Layer>,
    pub(crate) kept: Mutex<Kept>,
    pub(crate) unpack: Unpack,
    pub(crate) budget: Budget,
    /// What stands before a path for people.
    pub(crate) shown: Vec<u8>,
    /// The command that made each layer.
    pub(crate) made_by: Vec<Option<String>>,
}

impl fmt::Debug for ImageFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an image of {} layers", self.layers.len())
    }
}

/// Where a file of an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The layer, counted from 1.
    pub layer: usize,
    /// How many there are.
    pub of: usize,
    /// The command that made the layer, when the image tells.
    pub made_by: Option<String>,
}

impl ImageFiles {
    /// What stands before a path for people: `app.tar:`.
    #[must_use]
    pub fn shown_behind(self, shown: impl Into<Vec<u8>>) -> Self {
        ImageFiles {
            shown: shown.into(),
            ..self
        }
    }

    /// Which layer a file comes from.
    pub fn origin(&self, path: &FilePath) -> Option<Origin> {
        let led = self.tree.lead(path.as_bytes())?;
        let layer = self.tree.layer(&led)?;
        Some(Origin {
            layer: layer + 1,
            of: self.layers.len(),
            made_by: self.made_by.get(layer).cloned().flatten(),
        })
    }

    /// Every path with what is there, for people who compare: `file`, `folder`, `link -> TARGET`.
    pub fn listing(&self) -> Vec<(FilePath, String)> {
        let mut out = Vec::new();
        self.tree.walk(&mut |path, node| {
            let what = match node {
                Node::Folder(_) => "folder".to_owned(),
                Node::File(_) => "file".to_owned(),
                Node::Link(target) => format!("link -> {}", String::from_utf8_lossy(target)),
                Node::Special => "special".to_owned(),
            };
            out.push((FilePath::new(path), what));
        });
        out
    }

    fn led(&self, path: &FilePath) -> Result<Led, ReadError> {
        let led = self.tree.lead(path.as_bytes());
        led.ok_or_else(|| {
            let why = "too many levels of symbolic links";
            ReadError::new(ReadErrorKind::Other, why)
        })
    }

    fn content(&self, led: &Led, content: &Content) -> Result<Arc<[u8]>, ReadError> {
        let layer = &self.layers[content.layer];
        let other = |why: String| ReadError::new(ReadErrorKind::Other, why);
        if content.size > MOST_BYTES {
            let most = MOST_BYTES >> 20;
            let why = format!("is larger than {most} MiB, the most that is read");
            return Err(ReadError::new(ReadErrorKind::TooBig, why));
        }
        if content.is_sparse {
            return Err(other("is a sparse file, which is not read".to_owned()));
        }
        let key = (content.layer, content.at);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = kept.get(&key) {
            return Ok(Arc::clone(bytes));
        }
        let in_all: u64 = kept.values().map(|one| one.len() as u64).sum();
        if in_all + content.size > MOST_KEPT {
            let most = MOST_KEPT >> 20;
            return Err(other(format!(
                "more than {most} MiB of files were asked for"
            )));
        }
        if layer.is_plain {
            let bytes = layer.cut(content.at, content.size);
            let bytes: Arc<[u8]> = bytes.map_err(|error| other(error.to_string()))?.into();
            kept.insert(key, Arc::clone(&bytes));
            return Ok(bytes);
        }
        let folder = FilePath::new(&led.path);
        let wanted = |path: &[u8], size: u64| is_beside(path, folder.parent(), size);
        let fetched = layer
            .fetch(
                content.layer,
                self.unpack,
                &self.budget,
                content.at,
                &wanted,
            )
            .map_err(|error| other(error.to_string()))?;
        let bytes = fetched.get(&key).cloned();
        kept.extend(fetched);
        bytes.ok_or_else(|| other("it is not where it was".to_owned()))
    }
}

impl Files for ImageFiles {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        let led = self.led(path)?;
        match self.tree.node(&led) {
            Some(Node::File(content)) => self.content(&led, content),
            Some(Node::Folder(_)) => {
                Err(ReadError::new(ReadErrorKind::Directory, "is a directory"))
            }
            Some(Node::Special | Node::Link(_)) => {
                let why = "is not a regular file (a FIFO, socket or device)";
                Err(ReadError::new(ReadErrorKind::NotRegular, why))
            }
            None => Err(ReadError::missing()),
        }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        let led = self.led(dir)?;
        match self.tree.node(&led) {
            Some(Node::Folder(names)) => Ok(names.keys().map(|name| name.to_vec()).collect()),
            Some(_) => Err(ReadError::new(ReadErrorKind::Missing, "is no directory")),
            None => Err(ReadError::missing()),
        }
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        let led = self.tree.lead(path.as_bytes())?;
        let is_there = self.tree.node(&led).is_some();
        // A socket is gone while its server is stopped; the links that led to it still count.
        (is_there || led.path != path.as_bytes()).then(|| FilePath::new(&led.path))
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        let shown = [self.shown.as_slice(), path.as_bytes()].concat();
        (!self.shown.is_empty()).then(|| FilePath::new(shown))
    }
}
