//! What holds manifests and layers: a tar archive, or a folder.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use crate::Refused;
use crate::tar::{Entry, Kind, Stream, Tar};

/// Parts of an archive. An image has at most 127 layers; an archive of many has some thousand.
const MOST_ENTRIES: usize = 100_000;
/// A manifest or configuration of an image is much smaller.
const MOST_JSON: u64 = 4 << 20;
/// JSON of all images of an archive, which is kept while the archive is looked through: going back
/// in what is packed would mean to unpack it once more.
const MOST_HELD: u64 = 64 << 20;

/// Something that can be read again, from any place.
pub trait Bytes: Send + Sync {
    /// What it holds from this byte on. Reading goes mostly forwards.
    ///
    /// # Errors
    /// What the system says.
    fn open(&self, at: u64) -> io::Result<Box<dyn Read + '_>>;

    /// How many bytes it takes on the disk.
    fn size(&self) -> u64;

    /// Whether any place is as near as any other, as in a file that is not packed.
    fn is_seekable(&self) -> bool;
}

/// Undoes the compression that the first bytes tell of, if there is one.
pub type Unpack = for<'r> fn(Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>>;

/// A part of an archive: where its bytes are.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) bytes: Arc<dyn Bytes>,
    pub(crate) at: u64,
    pub(crate) size: u64,
}

impl Part {
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.bytes.open(self.at)?.take(self.size)))
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes at {}", self.size, self.at)
    }
}

/// The parts of an archive by their names.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    parts: BTreeMap<Vec<u8>, Part>,
    links: BTreeMap<Vec<u8>, Vec<u8>>,
    /// All bytes on the disk.
    pub(crate) size: u64,
}

impl Entries {
    /// Adds a file of a folder.
    pub fn insert(&mut self, name: impl AsRef<[u8]>, size: u64, bytes: Arc<dyn Bytes>) {
        let part = Part { bytes, at: 0, size };
        self.size = self.size.saturating_add(size);
        self.parts.insert(clean(name.as_ref()), part);
    }

    /// Whether a name is there.
    pub fn has(&self, name: &str) -> bool {
        self.part(name).is_some()
    }

    /// A part by its name; old archives have links in place of layers that are there already.
    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        let mut name = clean(name.as_bytes());
        for _ in 0..8 {
            if let Some(part) = self.parts.get(&name) {
                return Some(part);
            }
            let target = self.links.get(&name)?;
            let folder = name.iter().rposition(|b| *b == b'/').unwrap_or(0);
            name = clean(&[&name[..folder], b"/", target].concat());
        }
        None
    }

    /// A part that is small: JSON.
    pub(crate) fn text(&self, name: &str) -> Result<Option<Vec<u8>>, Refused> {
        let Some(part) = self.part(name) else {
            return Ok(None);
        };
        let name = base::source::printable(name.as_bytes());
        if part.size > MOST_JSON {
            let most = MOST_JSON >> 20;
            return Err(Refused::new(format!("{name} is larger than {most} MiB")));
        }
        let mut out = Vec::new();
        part.open()?.read_to_end(&mut out)?;
        match out.len() as u64 == part.size {
            true => Ok(Some(out)),
            false => Err(Refused::new(format!("{name} is cut off"))),
        }
    }
}

/// The parts of a tar archive.
///
/// # Errors
/// When it is none, is cut off, or has too many.
pub fn entries(bytes: &Arc<dyn Bytes>) -> Result<Entries, Refused> {
    let mut head = Vec::new();
    bytes.open(0)?.take(512).read_to_end(&mut head)?;
    if !crate::tar::begins(&head) {
        return Err(Refused::new("it is no tar archive"));
    }
    let mut out = Entries {
        size: bytes.size(),
        ..Entries::default()
    };
    let mut tar = Tar::new(Place { bytes, at: 0 });
    let (mut count, mut held) = (0, 0);
    while let Some(entry) = tar.next()? {
        count += 1;
        if count > MOST_ENTRIES {
            let message = format!("it has more than {MOST_ENTRIES} parts");
            return Err(Refused::new(message));
        }
        let name = clean(&entry.path);
        match entry.kind {
            Kind::File => {
                let mut part = Part {
                    bytes: Arc::clone(bytes),
                    at: entry.at,
                    size: entry.size,
                };
                if let Some(json) = json(&mut tar, &entry, MOST_HELD - held)? {
                    held += entry.size;
                    (part.bytes, part.at) = (Arc::new(Held(json)), 0);
                }
                out.parts.insert(name, part);
            }
            Kind::Link => {
                out.links.insert(name, entry.link);
            }
            // From the top, as all names are.
            Kind::HardLink => {
                let target = clean(&entry.link);
                if let Some(part) = out.parts.get(&target).cloned() {
                    out.parts.insert(name, part);
                }
            }
            Kind::Folder | Kind::Special | Kind::Sparse => {}
        }
    }
    Ok(out)
}

/// The content of a small entry that looks like JSON.
fn json(tar: &mut Tar<Place<'_>>, entry: &Entry, most: u64) -> io::Result<Option<Vec<u8>>> {
    if entry.size == 0 || entry.size > most.min(MOST_JSON) {
        return Ok(None);
    }
    let mut first = [0];
    tar.read(&mut first)?;
    if !b"{[".contains(&first[0]) {
        return Ok(None);
    }
    let rest = tar.content(MOST_JSON)?;
    Ok(Some([first.as_slice(), &rest].concat()))
}

/// Bytes in memory.
struct Held(Vec<u8>);

impl Bytes for Held {
    fn open(&self, at: u64) -> io::Result<Box<dyn Read + '_>> {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        Ok(Box::new(self.0.get(at..).unwrap_or_default()))
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn is_seekable(&self) -> bool {
        true
    }
}

/// Names without `./`, `..` and doubled slashes.
pub(crate) fn clean(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join(&b'/')
}

/// A place that moves without reading.
struct Place<'a> {
    bytes: &'a Arc<dyn Bytes>,
    at: u64,
}

impl Read for Place<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.open(self.at)?.read(into)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Stream for Place<'_> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let past = self.at.checked_add(count);
        let past = past.ok_or(io::ErrorKind::UnexpectedEof)?;
        // The last byte must be there: a size that lies would lead behind the end.
        if let Some(last) = past.checked_sub(1).filter(|_| count > 0) {
            let mut byte = [0];
            self.bytes.open(last)?.read_exact(&mut byte)?;
        }
        self.at = past;
        Ok(())
    }
}
