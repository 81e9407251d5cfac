//! One layer: its entries laid over those below, and the files of it that are asked for.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use crate::Refused;
use crate::archive::{Part, Unpack};
use crate::budget::{Budget, Flow};
use crate::tar::{Entry, Kind, Tar};
use crate::tree::Tree;

/// A configuration that people wrote is smaller.
const MOST_LIKELY: u64 = 1 << 20;
/// Lists of packages, which tell versions.
const MOST_LIST: u64 = 32 << 20;
/// Files of one image that are kept without being asked for.
const MOST_KEPT: u64 = 64 << 20;

/// What is read at once.
const BUFFER: usize = 128 << 10;

/// A layer of an image.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) part: Part,
    /// The digest of the part as it lies in the archive.
    pub(crate) digest: Option<String>,
    /// The digest of what it unpacks to.
    pub(crate) unpacked: Option<String>,
    /// Where what it unpacks to can be read at any place.
    pub(crate) is_plain: bool,
}

/// The bytes of files by their places: the layer, and where they begin in it.
pub(crate) type Kept = BTreeMap<(usize, u64), Arc<[u8]>>;

/// Which files are kept on the way.
pub(crate) type Wanted<'w> = dyn Fn(&[u8], u64) -> bool + 'w;

impl Layer {
    /// Reads the whole of a layer: into the tree, with the bytes of files that are wanted.
    pub(crate) fn lay(
        &self,
        number: usize,
        unpack: Unpack,
        budget: &Budget,
        tree: &mut Tree,
        kept: &mut Kept,
    ) -> Result<(), Refused> {
        // The digest of what is packed is told by what was read of it, so it lies below.
        let (digest, unpacked) = match (&self.digest, &self.unpacked) {
            (Some(digest), _) => (Some(digest), None),
            (None, unpacked) => (None, unpacked.as_ref()),
        };
        let mut below = Flow::new(self.part.open()?, budget.clone(), digest.is_some());
        let mut room = MOST_KEPT.saturating_sub(kept.values().map(|one| one.len() as u64).sum());
        let found = {
            let flow = Flow::new(
                unpack(Box::new(BufReader::with_capacity(BUFFER, &mut below)))?,
                budget.clone(),
                unpacked.is_some(),
            );
            let mut tar = Tar::new(flow);
            while let Some(entry) = tar.next()? {
                tree.add(&entry, number).map_err(Refused::new)?;
                let is_wanted = entry.kind == Kind::File && is_likely(&entry.path, entry.size);
                if is_wanted && entry.size <= room {
                    room -= entry.size;
                    let bytes = tar.content(entry.size)?;
                    kept.insert((number, entry.at), bytes.into());
                }
            }
            let mut flow = tar.into_stream();
            flow.drain()?;
            flow.digest()
        };
        below.drain()?;
        check(digest, below.digest())?;
        check(unpacked, found)
    }

    /// Reads files of the layer, up to the last one that is wanted.
    pub(crate) fn fetch(
        &self,
        number: usize,
        unpack: Unpack,
        budget: &Budget,
        until: u64,
        wanted: &Wanted<'_>,
    ) -> io::Result<Kept> {
        let mut kept = Kept::new();
        let below = Flow::new(self.part.open()?, budget.clone(), false);
        let flow = Flow::new(
            unpack(Box::new(BufReader::with_capacity(BUFFER, below)))?,
            budget.clone(),
            false,
        );
        let mut tar = Tar::new(flow);
        while let Some(entry) = tar.next()? {
            let is_it = entry.at == until;
            if is_it || is_wanted(&entry, wanted) {
                let bytes = tar.content(entry.size)?;
                kept.insert((number, entry.at), bytes.into());
            }
            if entry.at >= until {
                break;
            }
        }
        Ok(kept)
    }

    /// Reads one file of a layer that is not packed.
    pub(crate) fn cut(&self, at: u64, size: u64) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let start = self.part.at + at;
        let bytes = self.part.bytes.open(start)?;
        bytes.take(size).read_to_end(&mut out)?;
        match out.len() as u64 == size {
            true => Ok(out),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

fn is_wanted(entry: &Entry, wanted: &Wanted<'_>) -> bool {
    entry.kind == Kind::File && wanted(&entry.path, entry.size)
}

fn check(said: Option<&String>, found: Option<String>) -> Result<(), Refused> {
    let (Some(said), Some(found)) = (said, found) else {
        return Ok(());
    };
    match said.strip_prefix("sha256:") {
        Some(hex) if hex != found => Err(Refused::new(format!(
            "it is not what its digest says: {} is expected, and it is sha256:{found}",
            base::source::printable(said.as_bytes())
        ))),
        // Nobody writes others yet.
        _ => Ok(()),
    }
}

/// Folders in which servers look for configuration, and lists that tell versions and users.
fn is_likely(path: &[u8], size: u64) -> bool {
    const FOLDERS: [&[u8]; 8] = [
        b"etc/",
        b"usr/local/etc/",
        b"usr/local/nginx/conf/",
        b"usr/local/openresty/nginx/conf/",
        b"opt/bitnami/nginx/conf/",
        b"opt/bitnami/php/etc/",
        b"opt/nginx/conf/",
        b"docker-entrypoint.d/",
    ];
    const ENDINGS: [&[u8]; 4] = [b".conf", b".ini", b".template", b".service"];
    let path = path.strip_prefix(b"./").unwrap_or(path);
    let path = path.strip_prefix(b"/").unwrap_or(path);
    if path == b"var/lib/dpkg/status" || path == b"lib/apk/db/installed" {
        return size <= MOST_LIST;
    }
    let is_in = FOLDERS.iter().any(|folder| path.starts_with(folder));
    size <= MOST_LIKELY && (is_in || ENDINGS.iter().any(|ending| path.ends_with(ending)))
}

/// The same for files beside one that was asked for: they belong together.
pub(crate) fn is_beside(path: &[u8], folder: &[u8], size: u64) -> bool {
    let path = crate::archive::clean(path);
    let folder = folder.strip_prefix(b"/").unwrap_or(folder);
    let at = path.iter().rposition(|b| *b == b'/').unwrap_or(0);
    size <= MOST_LIKELY && &path[..at] == folder
}
