//! Opening a log: plain or compressed, a file or standard input, with its head looked at.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much of a log is looked at to see what it is.
const HEAD: usize = 64 << 10;
/// Memory that decompressing may take: `zstd -19` and `xz -9` need less.
const MOST_MEMORY: u64 = 80 << 20;
/// From here on a file may not have grown by more than the ratio.
const FREE: u64 = 256 << 20;

/// A log, ready to be read.
pub struct Opened {
    /// Its name as the user gave it.
    pub name: String,
    /// Bytes on the disk; `None` for a stream.
    pub size: Option<u64>,
    /// The beginning of what it holds, decompressed.
    pub head: Vec<u8>,
    /// Whether it was compressed.
    pub is_packed: bool,
    /// Bytes of it that were read so far, before decompression.
    pub taken: Arc<AtomicU64>,
    reader: Box<dyn Read + Send>,
}

impl Opened {
    /// What it holds, from the beginning.
    pub fn into_reader(self) -> Box<dyn Read + Send> {
        Box::new(Cursor::new(self.head).chain(self.reader))
    }
}

/// Opens a file; `ratio` bounds how much larger it may be than on the disk.
pub fn file(path: &Path, ratio: u64) -> io::Result<Opened> {
    let (source, size) = readable(path)?;
    let name = base::source::printable(path.as_os_str().as_encoded_bytes());
    open(name, size, Box::new(source), ratio)
}

/// Opens what ends and does not wait for a writer, with its size if it is a file.
pub fn readable(path: &Path) -> io::Result<(File, Option<u64>)> {
    let meta = std::fs::metadata(path)?;
    let kind = meta.file_type();
    // What a shell hands over with `<(…)` has a writer; another FIFO may never get one.
    let is_handed = path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd");
    if kind.is_dir() {
        return Err(io::Error::other("is a directory"));
    }
    let may_be_read = kind.is_file() || is_handed && kind.is_fifo();
    if !may_be_read {
        return Err(io::Error::other("is neither a file nor a directory"));
    }
    let size = kind.is_file().then_some(meta.len());
    Ok((File::open(path)?, size))
}

/// Opens standard input.
pub fn stdin(ratio: u64) -> io::Result<Opened> {
    open("-".to_owned(), None, Box::new(io::stdin()), ratio)
}

fn open(
    name: String,
    size: Option<u64>,
    source: Box<dyn Read + Send>,
    ratio: u64,
) -> io::Result<Opened> {
    let taken = Arc::new(AtomicU64::new(0));
    let mut source = Counted {
        inner: source,
        taken: Arc::clone(&taken),
    };
    let mut magic = Vec::new();
    read_some(&mut source, &mut magic, 8)?;
    let whole = Cursor::new(magic.clone()).chain(source);
    let decoded: Option<Box<dyn Read + Send>> = match magic.as_slice() {
        [0x1F, 0x8B, ..] => Some(Box::new(flate2::read::MultiGzDecoder::new(whole))),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            let mut decoder = zstd::stream::read::Decoder::new(whole)?;
            decoder.window_log_max(MOST_MEMORY.ilog2())?;
            return finish(name, size, Box::new(decoder), taken, Some(ratio));
        }
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => {
            let stream = liblzma::stream::Stream::new_stream_decoder(
                MOST_MEMORY,
                liblzma::stream::CONCATENATED,
            )?;
            Some(Box::new(liblzma::read::XzDecoder::new_stream(
                whole, stream,
            )))
        }
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => {
            Some(Box::new(bzip2::read::MultiBzDecoder::new(whole)))
        }
        _ => return finish(name, size, Box::new(whole), taken, None),
    };
    match decoded {
        Some(decoder) => finish(name, size, decoder, taken, Some(ratio)),
        None => Err(io::Error::other("unknown compression")),
    }
}

fn finish(
    name: String,
    size: Option<u64>,
    source: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    ratio: Option<u64>,
) -> io::Result<Opened> {
    let mut reader: Box<dyn Read + Send> = match ratio {
        None => source,
        Some(ratio) => Box::new(Bounded {
            inner: source,
            given: 0,
            taken: Arc::clone(&taken),
            ratio,
        }),
    };
    let mut head = Vec::new();
    if let Err(error) = read_some(&mut reader, &mut head, HEAD) {
        if head.is_empty() {
            return Err(error);
        }
        // A small log that was cut is read as far as it goes, like a large one.
        reader = Box::new(Failed(Some(error)));
    }
    Ok(Opened {
        name,
        size,
        head,
        is_packed: ratio.is_some(),
        taken,
        reader,
    })
}

/// Undoes the compression that the first bytes tell of, if there is one. How much comes out is for
/// the caller to bound.
///
/// # Errors
/// What reading the first bytes says.
pub fn unpacked<'r>(mut source: Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>> {
    let mut magic = Vec::new();
    read_some(&mut source, &mut magic, 8)?;
    let whole = Cursor::new(magic.clone()).chain(source);
    Ok(match magic.as_slice() {
        [0x1F, 0x8B, ..] => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            let mut decoder = zstd::stream::read::Decoder::new(whole)?;
            decoder.window_log_max(MOST_MEMORY.ilog2())?;
            Box::new(decoder)
        }
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => {
            let flags = liblzma::stream::CONCATENATED;
            let stream = liblzma::stream::Stream::new_stream_decoder(MOST_MEMORY, flags)?;
            Box::new(liblzma::read::XzDecoder::new_stream(whole, stream))
        }
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => {
            Box::new(bzip2::read::MultiBzDecoder::new(whole))
        }
        _ => Box::new(whole),
    })
}

/// Reads up to so many bytes.
fn read_some(source: &mut dyn Read, into: &mut Vec<u8>, most: usize) -> io::Result<()> {
    source.take(most as u64).read_to_end(into).map(drop)
}

/// Counts what is read.
struct Counted {
    inner: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What is left of a stream that failed.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Stops a decompression bomb.
struct Bounded {
    inner: Box<dyn Read + Send>,
    given: u64,
    taken: Arc<AtomicU64>,
    ratio: u64,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into).map_err(told)?;
        self.given += count as u64;
        let taken = self.taken.load(Ordering::Relaxed);
        if self.given > FREE && self.given / self.ratio > taken {
            return Err(io::Error::other(format!(
                "unpacks to more than {} times its size; if that is right, allow it with \
                 --max-expansion",
                self.ratio
            )));
        }
        Ok(count)
    }
}

/// What a decoder says, in words for people.
fn told(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other(format!("it was cut: {error}")),
        _ => error,
    }
}
