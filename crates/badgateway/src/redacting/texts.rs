//! Reading texts: files, directories, standard input; in one piece while they fit into memory, in
//! blocks of whole lines when they do not. Compressed logs are unpacked.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base::source::printable;
use redact::Text;

use crate::talk;
use agent::open;

/// What is larger is read as a stream.
const IN_MEMORY: usize = 32 << 20;
/// A block of a stream.
const BLOCK: usize = 1 << 20;
/// A line that is longer is cut at a blank.
const LONGEST_LINE: usize = 16 << 20;
/// How much larger than on the disk a compressed log may be.
const MOST_EXPANSION: u64 = 400;
/// How deep a directory is searched, and how many files are taken.
const DEEPEST: usize = 16;
const MOST_FILES: usize = 20_000;

/// A text to redact.
pub(crate) struct Input {
    /// Its path as it was given.
    pub(crate) name: Vec<u8>,
    pub(crate) body: Body,
}

/// What it holds.
pub(crate) enum Body {
    /// All of it.
    Small(Vec<u8>),
    /// Too much for memory; it can be read again.
    Large(PathBuf),
    /// Standard input, of which the beginning was read.
    Rest(Option<Blocks>),
}

impl Input {
    /// The text, when it is in memory.
    pub(crate) fn text(&self) -> Option<Text<'_>> {
        match &self.body {
            Body::Small(bytes) => Some(Text {
                path: &self.name,
                bytes,
            }),
            _ => None,
        }
    }

    /// All of it, whatever its size.
    pub(crate) fn whole(&mut self) -> Option<Vec<u8>> {
        let read = match &mut self.body {
            Body::Small(bytes) => return Some(std::mem::take(bytes)),
            Body::Large(path) => open(path),
            Body::Rest(rest) => rest
                .take()
                .ok_or_else(|| io::Error::other("was read before")),
        };
        let all = read.and_then(|mut blocks| {
            let (mut all, mut block) = (Vec::new(), Vec::new());
            while blocks.next(&mut block)? {
                all.extend_from_slice(&block);
            }
            Ok(all)
        });
        match all {
            Ok(all) => Some(all),
            Err(error) => {
                talk(&format!(
                    "error: cannot read {}: {error}",
                    printable(&self.name)
                ));
                None
            }
        }
    }

    /// Its blocks, and its size when it is known.
    pub(crate) fn blocks(&mut self) -> io::Result<(Blocks, Option<u64>)> {
        match &mut self.body {
            Body::Small(bytes) => {
                let bytes = std::mem::take(bytes);
                let size = bytes.len() as u64;
                Ok((Blocks::new(Box::new(io::Cursor::new(bytes))), Some(size)))
            }
            Body::Large(path) => {
                let size = std::fs::metadata(&path).ok().map(|meta| meta.len());
                Ok((open(path)?, size))
            }
            Body::Rest(rest) => {
                let rest = rest
                    .take()
                    .ok_or_else(|| io::Error::other("was read before"))?;
                Ok((rest, None))
            }
        }
    }
}

/// Reads what the arguments name. False when something could not be read, which has been said.
pub(crate) fn read(paths: &[PathBuf]) -> (Vec<Input>, bool) {
    let mut out = Vec::new();
    let mut complete = true;
    let stdin = [PathBuf::from("-")];
    let paths = if paths.is_empty() { &stdin } else { paths };
    for path in paths {
        complete &= take(path, path == Path::new("-"), 0, &mut out);
    }
    if out.is_empty() && complete {
        let shown: Vec<String> = paths.iter().map(|path| super::shown(path)).collect();
        talk(&format!("error: there is no file in {}", shown.join(", ")));
    }
    (out, complete)
}

fn take(path: &Path, is_stdin: bool, depth: usize, out: &mut Vec<Input>) -> bool {
    if !is_stdin && path.is_dir() {
        return take_dir(path, depth, out);
    }
    let name = match is_stdin {
        true => b"standard input".to_vec(),
        false => path.as_os_str().as_encoded_bytes().to_vec(),
    };
    match body(path, is_stdin) {
        Ok(body) => {
            out.push(Input { name, body });
            true
        }
        Err(error) => {
            talk(&format!("error: cannot read {}: {error}", printable(&name)));
            false
        }
    }
}

fn take_dir(dir: &Path, depth: usize, out: &mut Vec<Input>) -> bool {
    let shown = super::shown(dir);
    let entries = std::fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            talk(&format!("error: cannot list {shown}: {error}"));
            return false;
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut complete = true;
    for entry in entries.iter().filter(|entry| entry.file_name() != ".git") {
        if depth >= DEEPEST || out.len() >= MOST_FILES {
            talk(&format!(
                "error: {shown}: more than {MOST_FILES} files or {DEEPEST} levels"
            ));
            return false;
        }
        let path = entry.path();
        // A link to a directory may lead back to where we are.
        let is_linked_dir = path.is_symlink() && path.is_dir();
        if is_linked_dir {
            let shown = super::shown(&path);
            talk(&format!(
                "note: {shown} is a link to a directory and is not followed"
            ));
            continue;
        }
        complete &= take(&path, false, depth + 1, out);
    }
    complete
}

fn body(path: &Path, is_stdin: bool) -> io::Result<Body> {
    let opened = match is_stdin {
        true => open::stdin(MOST_EXPANSION)?,
        false => open::file(path, MOST_EXPANSION)?,
    };
    let mut reader = opened.into_reader();
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(IN_MEMORY as u64 + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() <= IN_MEMORY {
        return Ok(Body::Small(bytes));
    }
    if !is_stdin {
        return Ok(Body::Large(path.to_owned()));
    }
    talk("note: the input is long: a value that is found late is not hidden where it stood before");
    talk("      give it as a file, which is read twice, to have it hidden everywhere");
    let whole = io::Cursor::new(bytes).chain(reader);
    Ok(Body::Rest(Some(Blocks::new(Box::new(whole)))))
}

/// Opens a large file.
pub(crate) fn open(path: &Path) -> io::Result<Blocks> {
    let opened = open::file(path, MOST_EXPANSION)?;
    Ok(Blocks::new(opened.into_reader()))
}

/// Blocks of whole lines.
pub(crate) struct Blocks {
    reader: Box<dyn Read + Send>,
    rest: Vec<u8>,
    is_ended: bool,
}

impl Blocks {
    fn new(reader: Box<dyn Read + Send>) -> Self {
        Self {
            reader,
            rest: Vec::new(),
            is_ended: false,
        }
    }

    /// The next block; false at the end.
    pub(crate) fn next(&mut self, block: &mut Vec<u8>) -> io::Result<bool> {
        block.clear();
        block.append(&mut self.rest);
        while !self.is_ended {
            let before = block.len();
            self.reader.by_ref().take(BLOCK as u64).read_to_end(block)?;
            self.is_ended = block.len() == before;
            let line = block.iter().rposition(|b| *b == b'\n');
            let cut = match line {
                Some(at) => at + 1,
                None if block.len() > LONGEST_LINE => blank(block),
                None => continue,
            };
            if !self.is_ended {
                self.rest = block.split_off(cut);
            }
            return Ok(true);
        }
        Ok(!block.is_empty())
    }
}

/// Behind the last blank: what stands on both sides of it is not one value.
fn blank(block: &[u8]) -> usize {
    let at = block.iter().rposition(u8::is_ascii_whitespace);
    at.map_or(block.len(), |at| at + 1)
}
