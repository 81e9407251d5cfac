//! The pages that this program carries: each with its name, compressed with gzip.
//!
//! `cargo xtask release` builds them and says where they are; a program that was built otherwise
//! carries none, and says so.

use std::io::{self, Read};

use flate2::read::GzDecoder;

/// The name of the one page that works alone.
pub(super) const ALONE: &str = "badgateway.html";

/// A page: its name, and its bytes after gzip.
type Carried = (&'static str, &'static [u8]);

#[cfg(badgateway_pages)]
static PAGES: &[Carried] = include!(env!("BADGATEWAY_PAGES"));
#[cfg(not(badgateway_pages))]
static PAGES: &[Carried] = &[];

/// A page by its name, compressed.
pub(super) fn packed(name: &str) -> Option<&'static [u8]> {
    let page = PAGES.iter().find(|page| page.0 == name)?;
    Some(page.1)
}

/// The page itself.
///
/// # Errors
/// When this program was damaged.
pub(super) fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut page = Vec::with_capacity(packed.len() * 3);
    GzDecoder::new(packed).read_to_end(&mut page)?;
    Ok(page)
}
