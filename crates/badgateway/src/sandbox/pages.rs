//! The pages that this program carries: each with its name, compressed with gzip.
//!
//! `cargo xtask release` builds them and says where they are; a program that was built otherwise
//! carries none, and says so.

use std::io::{self, Read};

use flate2::read::GzDecoder;

/// The name of the one page that works alone.
pub(super) const ALONE: &str = "badgateway.html";
/// The name of the page that speaks to a server of the user's own.
pub(super) const LOCAL: &str = "courier-local.html";

/// A page.
pub(super) struct Carried {
    /// The name of its file.
    pub(super) name: &'static str,
    /// Its bytes after gzip.
    pub(super) packed: &'static [u8],
}

#[cfg(badgateway_pages)]
pub(super) static PAGES: &[Carried] = include!(env!("BADGATEWAY_PAGES"));
#[cfg(not(badgateway_pages))]
pub(super) static PAGES: &[Carried] = &[];

/// A page by its name.
pub(super) fn find(name: &str) -> Option<&'static Carried> {
    PAGES.iter().find(|page| page.name == name)
}

impl Carried {
    /// The page itself.
    ///
    /// # Errors
    /// When this program was damaged.
    pub(super) fn unpack(&self) -> io::Result<Vec<u8>> {
        let mut page = Vec::with_capacity(self.packed.len() * 3);
        GzDecoder::new(self.packed).read_to_end(&mut page)?;
        Ok(page)
    }
}
