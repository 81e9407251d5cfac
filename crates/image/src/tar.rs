//! Tar as it is written: ustar, the long names of GNU and of pax.
//!
//! Entries are read one after the other; of an entry nothing is held but its names, which are
//! bounded.

use std::io::{self, Read};

const BLOCK: usize = 512;
/// No system takes a longer path.
const MOST_PATH: u64 = 4096;
/// Records of pax hold extended attributes, too.
const MOST_RECORDS: u64 = 1 << 20;

/// What can be read, and passed over.
pub(crate) trait Stream: Read {
    /// Passes over so many bytes.
    fn skip(&mut self, count: u64) -> io::Result<()>;
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    HardLink,
    Link,
    Folder,
    /// Devices and FIFOs.
    Special,
    /// A file whose holes are left out.
    Sparse,
}

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) path: Vec<u8>,
    pub(crate) kind: Kind,
    /// Where a link leads.
    pub(crate) link: Vec<u8>,
    pub(crate) size: u64,
    /// Where its content begins.
    pub(crate) at: u64,
}

/// An archive that is read from its beginning.
pub(crate) struct Tar<S> {
    stream: S,
    /// Bytes that were read or passed over.
    at: u64,
    /// Where the content of the last entry ends, and the next header begins.
    content_end: u64,
    next: u64,
    is_at_end: bool,
}

/// Names that stand before the header that they are for.
#[derive(Default)]
struct Long {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
}

impl<S: Stream> Tar<S> {
    pub(crate) fn new(stream: S) -> Self {
        Tar {
            stream,
            at: 0,
            content_end: 0,
            next: 0,
            is_at_end: false,
        }
    }

    /// The stream, wherever it is.
    pub(crate) fn into_stream(self) -> S {
        self.stream
    }

    /// The next entry; what was not read of the last one is passed over.
    pub(crate) fn next(&mut self) -> io::Result<Option<Entry>> {
        let mut long = Long::default();
        while let Some(header) = self.header()? {
            let size = match long.size {
                Some(size) if !is_only_header(header[156]) => size,
                _ => size_of(&header)?,
            };
            self.content_end = self
                .at
                .checked_add(size)
                .ok_or_else(|| broken("a size is impossible"))?;
            self.next = self
                .content_end
                .checked_next_multiple_of(BLOCK as u64)
                .ok_or_else(|| broken("a size is impossible"))?;
            match header[156] {
                b'L' => long.path = Some(self.name(size)?),
                b'K' => long.link = Some(self.name(size)?),
                b'x' => self.records(size, &mut long)?,
                // What is said of all entries, or of the archive.
                b'g' | b'V' => {}
                b'M' => return Err(broken("it is one part of several")),
                kind => return Ok(Some(self.entry(&header, kind, size, long))),
            }
        }
        Ok(None)
    }

    fn entry(&self, header: &[u8; BLOCK], kind: u8, size: u64, long: Long) -> Entry {
        let path = long.path.unwrap_or_else(|| path_of(header));
        let kind = match kind {
            b'1' => Kind::HardLink,
            b'2' => Kind::Link,
            b'3' | b'4' | b'6' => Kind::Special,
            b'5' => Kind::Folder,
            b'S' => Kind::Sparse,
            // As it was before there were kinds.
            0 if path.ends_with(b"/") => Kind::Folder,
            _ if long.is_sparse => Kind::Sparse,
            _ => Kind::File,
        };
        Entry {
            path,
            kind,
            link: long
                .link
                .unwrap_or_else(|| text(&header[157..257]).to_vec()),
            size,
            at: self.at,
        }
    }

    /// Reads of the content of the last entry.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.content_end - self.at).unwrap_or(usize::MAX);
        let most = left.min(into.len());
        let count = self.stream.read(&mut into[..most])?;
        if count == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += count as u64;
        Ok(count)
    }

    /// The whole content of the last entry, which is no longer than `most`.
    pub(crate) fn content(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let left = self.content_end - self.at;
        if left > most {
            return Err(broken("a part is too long"));
        }
        let mut out = vec![0; usize::try_from(left).unwrap_or(0)];
        let mut done = 0;
        while done < out.len() {
            done += self.read(&mut out[done..])?;
        }
        Ok(out)
    }

    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        if self.is_at_end {
            return Ok(None);
        }
        self.stream.skip(self.content_end - self.at)?;
        match self.stream.skip(self.next - self.content_end) {
            // `umoci insert` ends an archive behind the last byte of the last file.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.is_at_end = true;
                return Ok(None);
            }
            passed => passed?,
        }
        self.at = self.next;
        let mut header = [0; BLOCK];
        let mut done = 0;
        while done < BLOCK {
            let count = self.stream.read(&mut header[done..])?;
            match (count, done) {
                // Some leave out the blocks of zeros at the end.
                (0, 0) => break,
                (0, _) => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ => done += count,
            }
        }
        self.at += done as u64;
        if header.iter().all(|b| *b == 0) {
            self.is_at_end = true;
            return Ok(None);
        }
        match is_header(&header) {
            true => Ok(Some(header)),
            false => Err(broken("it is no tar archive, or damaged")),
        }
    }

    fn name(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MOST_PATH + 1 {
            return Err(broken("a name is too long"));
        }
        Ok(text(&self.content(size)?).to_vec())
    }

    /// `LENGTH KEY=VALUE` and a line feed, as often as it takes.
    fn records(&mut self, size: u64, long: &mut Long) -> io::Result<()> {
        if size > MOST_RECORDS {
            return Err(broken("a record is too long"));
        }
        let all = self.content(size)?;
        let mut rest = all.as_slice();
        while !rest.is_empty() && rest[0] != 0 {
            let record = record(rest).ok_or_else(|| broken("a record is damaged"))?;
            let (key, value) = record.1;
            match key {
                b"path" if value.len() as u64 > MOST_PATH => {
                    return Err(broken("a name is too long"));
                }
                b"path" => long.path = Some(value.to_vec()),
                b"linkpath" if value.len() as u64 > MOST_PATH => {
                    return Err(broken("a name is too long"));
                }
                b"linkpath" => long.link = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok();
                    let size = size.and_then(|size| size.parse().ok());
                    long.size = Some(size.ok_or_else(|| broken("a size is no number"))?);
                }
                key => long.is_sparse |= key.starts_with(b"GNU.sparse."),
            }
            rest = &rest[record.0..];
        }
        Ok(())
    }
}

type Record<'r> = (usize, (&'r [u8], &'r [u8]));

fn record(rest: &[u8]) -> Option<Record<'_>> {
    let digits = rest.iter().take(20).position(|b| *b == b' ')?;
    let len: usize = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let body = rest.get(digits + 1..len)?.strip_suffix(b"\n")?;
    let equal = body.iter().position(|b| *b == b'=')?;
    Some((len, (&body[..equal], &body[equal + 1..])))
}

/// Entries without content, whatever their size says.
fn is_only_header(kind: u8) -> bool {
    (b'1'..=b'6').contains(&kind)
}

fn size_of(header: &[u8; BLOCK]) -> io::Result<u64> {
    match is_only_header(header[156]) {
        true => Ok(0),
        false => number(&header[124..136]).ok_or_else(|| broken("a size is no number")),
    }
}

/// Octal digits, or the bytes of the number itself behind a set first bit.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let mut value: u64 = u64::from(field[0] & 0x7F);
        for byte in &field[1..] {
            value = value.checked_mul(256)? | u64::from(*byte);
        }
        return Some(value);
    }
    let digits = field.split(|b| *b == 0).next().unwrap_or_default();
    let digits = digits.trim_ascii();
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

fn is_header(header: &[u8; BLOCK]) -> bool {
    let Some(said) = number(&header[148..156]) else {
        return false;
    };
    let (mut sum, mut signed) = (0_u64, 0_i64);
    for (at, byte) in header.iter().enumerate() {
        let byte = if (148..156).contains(&at) {
            b' '
        } else {
            *byte
        };
        sum += u64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    // Some old programs took bytes for signed numbers.
    said == sum || i64::try_from(said) == Ok(signed)
}

/// Whether these are the first bytes of a tar archive.
pub(crate) fn begins(head: &[u8]) -> bool {
    let head = head.first_chunk::<BLOCK>();
    head.is_some_and(|head| head.iter().any(|b| *b != 0) && is_header(head))
}

fn path_of(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = text(&header[..100]);
    let is_ustar = &header[257..263] == b"ustar\0";
    let prefix = text(&header[345..500]);
    match is_ustar && !prefix.is_empty() {
        true => [prefix, b"/", name].concat(),
        false => name.to_vec(),
    }
}

/// Up to the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}
