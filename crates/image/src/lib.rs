//! Images of containers as they lie in files: `docker save` archives and OCI image layouts, read
//! without a container engine.
//!
//! An archive is handed in as [`Bytes`] that can be read again from any place, and what undoes
//! compression as a function. Layers are read as streams: of what is in them, only where it lies is
//! kept, and the bytes of small files that may be configuration. Any other file is read when it is
//! asked for ([`ImageFiles`]).
//!
//! Everything in an archive is somebody else's word: sizes, names, links and digests. What does not
//! fit is a [`Refused`], in bounded time and memory.

mod archive;
mod budget;
mod config;
mod files;
mod layer;
mod manifest;
mod tar;
mod tree;

pub use archive::{Bytes, Entries, Unpack, entries};
pub use config::Config;
pub use files::{ImageFiles, Origin};
pub use manifest::{Image, Platform, images};

/// Why an image, or a whole archive, is not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong, for people.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Refused {
    pub(crate) fn new(message: impl Into<String>) -> Refused {
        Refused {
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn with_help(message: impl Into<String>, help: impl Into<String>) -> Refused {
        Refused {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Refused {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Refused::new("it is cut off"),
            _ => Refused::new(error.to_string()),
        }
    }
}
