//! Lines of a file, and of what became of it: renamed, truncated, compressed, made anew.

use std::collections::VecDeque;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use logs::blocks::Block;

use super::lines::{Buffer, Lines};
use super::position::{InFile, Position, Print};
use super::rotated;
use super::{Beginning, HEAD, LINE_BITS};
use crate::open;

/// How much is read at once.
const CHUNK: usize = 64 << 10;
/// Chunks of a line that is too long, before others get their turn.
const MOST_CHUNKS: usize = 16;
/// Looks without growth after which a file that was renamed is done with: nginx writes to it until
/// it is told to open its logs anew.
const DONE: u32 = 2;
/// How much larger than on the disk a rotated file may be.
const MOST_EXPANSION: u64 = 1000;

/// A file, or what it was before it was rotated.
struct Generation {
    body: Body,
    at: InFile,
    /// Bytes that are there to be read, as far as is known.
    size: u64,
}

enum Body {
    Plain(File),
    Packed {
        reader: Box<dyn Read + Send>,
        head: Vec<u8>,
    },
}

/// Follows one path.
pub(super) struct FileLines {
    path: PathBuf,
    /// Where to begin, until the first look.
    begin: Option<Begin>,
    now: Option<Generation>,
    /// What comes after it.
    then: VecDeque<Generation>,
    buffer: Buffer,
    /// Looks since it has grown.
    quiet: u32,
    turns: u64,
    /// Whether the file that is read now was cut: what is in it is the next one's.
    is_cut: bool,
    /// Which of the files at this path is read, as numbers of lines tell.
    generation: u64,
    head: Vec<u8>,
    /// What could not be found again when it began; said until something is read.
    lost: Option<String>,
}

enum Begin {
    At(InFile),
    New(Beginning),
}

impl FileLines {
    /// Of a path that need not exist.
    pub(super) fn new(path: PathBuf, position: Option<&Position>, from: Beginning) -> FileLines {
        let begin = match position {
            Some(Position::File(at)) => Begin::At(*at),
            Some(_) => Begin::New(Beginning::Start),
            None => Begin::New(from),
        };
        FileLines {
            path,
            begin: Some(begin),
            now: None,
            then: VecDeque::new(),
            buffer: Buffer::default(),
            quiet: 0,
            turns: 0,
            is_cut: false,
            generation: 0,
            head: Vec::new(),
            lost: None,
        }
    }

    fn try_look(&mut self) -> io::Result<()> {
        self.grow();
        if let Some(begin) = self.begin.take()
            && let Err(error) = self.begin(&begin)
        {
            // A file that cannot be opened now may be later.
            if error.kind() != io::ErrorKind::NotFound {
                self.begin = Some(begin);
            }
            return Err(error);
        }
        let meta = fs::metadata(&self.path)?;
        if let Some(last) = self.then.back_mut() {
            last.refresh();
        }
        let last = self.then.back().or(self.now.as_ref());
        let Some(last) = last else {
            return self.add_from(0);
        };
        if id(&meta) != last.at.id {
            let is_done = self.quiet >= DONE || !self.then.is_empty() || last.is_packed();
            // An empty file may have others before it that are not.
            if is_done && (meta.len() > 0 || !self.newer(&last.at, Some(id(&meta))).is_empty()) {
                self.turn(None)?;
            }
        } else if self.is_truncated(&meta)? {
            self.turn(self.place())?;
        }
        Ok(())
    }

    /// The size of what is read now.
    fn grow(&mut self) {
        let Some(now) = self.now.as_mut().filter(|_| !self.is_cut) else {
            return;
        };
        self.quiet = match now.refresh() {
            true => 0,
            false => self.quiet.saturating_add(1),
        };
    }

    /// Whether the file was cut, or written anew, at the same place.
    fn is_truncated(&self, meta: &Metadata) -> io::Result<bool> {
        let Some(now) = self.now.as_ref().filter(|_| self.then.is_empty()) else {
            return Ok(false);
        };
        let Body::Plain(file) = &now.body else {
            return Ok(false);
        };
        if meta.len() < now.at.offset.max(now.at.print.len) {
            return Ok(true);
        }
        // It was empty, and is again: what was in it meanwhile is in a copy.
        if meta.len() == 0 && now.at.print.len == 0 {
            return Ok(rotated::modified(meta) != now.at.modified);
        }
        // It may have grown beyond where it was read.
        let mut head = vec![0; usize::try_from(now.at.print.len).unwrap_or(0)];
        file.read_exact_at(&mut head, 0)?;
        Ok(!now.at.print.fits(&head))
    }

    /// The file that was read is another one now. `cut`: it was cut, and a copy of it may hold
    /// what was not read.
    fn turn(&mut self, cut: Option<InFile>) -> io::Result<()> {
        let Some(last) = self.then.back().or(self.now.as_ref()) else {
            return self.add_from(0);
        };
        // Held before the others are looked for: whatever takes its place meanwhile comes later.
        let current = self.current()?;
        let id = current.as_ref().map(|now| now.at.id);
        let next = match cut {
            Some(at) => rotated::since(&self.path, &at, id, at.offset == 0),
            None => Some(self.newer(&last.at, id)),
        };
        if let (Some(_), Some(now)) = (cut, &mut self.now) {
            self.is_cut = true;
            // Nothing more comes of it, and what waits in the buffer is in the copy, too.
            now.size = now.at.offset;
            if next.is_some() {
                self.buffer = Buffer::new(self.buffer.line());
            }
        }
        self.add_all(next.unwrap_or_default(), current);
        Ok(())
    }

    /// What was written and rotated after a generation,
    /// until the file with this number took its place.
    fn newer(&self, last: &InFile, current: Option<(u64, u64)>) -> Vec<rotated::Part> {
        let at = InFile {
            offset: u64::MAX,
            ..*last
        };
        rotated::since(&self.path, &at, current, true).unwrap_or_default()
    }

    fn begin(&mut self, begin: &Begin) -> io::Result<()> {
        match begin {
            Begin::New(Beginning::Start) => self.add_from(0),
            Begin::New(from) => {
                let file = open::readable(&self.path)?.0;
                let mut at = file.metadata()?.len();
                if let Beginning::Back(most) = from {
                    at = at.saturating_sub(*most);
                }
                self.add_from(line_begin(&file, at)?)
            }
            Begin::At(at) => {
                let mut current = self.current()?;
                let id = current.as_ref().map(|now| now.at.id);
                if let Some(now) = &mut current {
                    let is_same = now.at.id == at.id || at.print.is_telling();
                    let is_unread = at.offset == 0 && !at.print.is_telling();
                    let newer = is_unread.then(|| rotated::since(&self.path, at, id, true));
                    let newer = newer.flatten().unwrap_or_default();
                    if now.fits(&at.print) && is_same && now.size >= at.offset && newer.is_empty() {
                        now.at.offset = at.offset;
                        self.add_all(Vec::new(), current);
                        self.buffer = Buffer::new(at.line);
                        return Ok(());
                    }
                }
                let mut all = Vec::new();
                match rotated::since(&self.path, at, id, at.offset == 0) {
                    Some(found) => all = found,
                    None => {
                        self.lost = Some(
                            "what an earlier agent had read of it is not there any more: what was \
                             written after that, and rotated away, was not read"
                                .to_owned(),
                        );
                    }
                }
                let goes_on = !all.is_empty();
                self.add_all(all, current);
                if goes_on {
                    self.buffer = Buffer::new(at.line);
                }
                Ok(())
            }
        }
    }

    /// The file at the path, from its beginning; none in the moment between two.
    fn current(&self) -> io::Result<Option<Generation>> {
        let (file, _) = match open::readable(&self.path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let size = file.metadata()?.len();
        Generation::plain(file, 0, size).map(Some)
    }

    /// Goes on with rotated files, and then with the file at the path.
    fn add_all(&mut self, rotated: Vec<rotated::Part>, current: Option<Generation>) {
        for one in rotated {
            self.add(&one.path, one.offset);
        }
        if let Some(current) = current {
            self.push(current);
        }
    }

    /// Goes on with the file at the path.
    fn add_from(&mut self, offset: u64) -> io::Result<()> {
        let (file, _) = open::readable(&self.path)?;
        let size = file.metadata()?.len();
        self.push(Generation::plain(file, offset, size)?);
        Ok(())
    }

    /// Goes on with a rotated file; one that has gone meanwhile is passed over.
    fn add(&mut self, path: &Path, offset: u64) {
        let generation = || -> io::Result<Generation> {
            let opened = open::file(path, MOST_EXPANSION)?;
            if !opened.is_packed {
                let (file, _) = open::readable(path)?;
                let size = file.metadata()?.len();
                return Generation::plain(file, offset.min(size), size);
            }
            let meta = fs::metadata(path)?;
            let head = opened.head.clone();
            let print = Print::of(&head);
            let mut reader = opened.into_reader();
            io::copy(&mut reader.by_ref().take(offset), &mut io::sink())?;
            let at = InFile {
                id: id(&meta),
                print,
                offset,
                line: 1,
                modified: rotated::modified(&meta),
            };
            // A short one was decompressed to its end already.
            let is_short = head.len() < HEAD;
            let size = if is_short {
                head.len() as u64
            } else {
                u64::MAX
            };
            Ok(Generation {
                body: Body::Packed { reader, head },
                at,
                size,
            })
        };
        if let Ok(generation) = generation() {
            self.push(generation);
        }
    }

    fn push(&mut self, generation: Generation) {
        match &self.now {
            None => {
                self.now = Some(generation);
                self.buffer = Buffer::new(1);
                self.quiet = 0;
            }
            Some(_) => self.then.push_back(generation),
        }
    }

    /// Where the next entry begins.
    fn place(&self) -> Option<InFile> {
        let now = self.now.as_ref()?;
        Some(InFile {
            offset: now.at.offset - self.buffer.held(),
            line: self.buffer.line(),
            ..now.at
        })
    }

    /// Whether nothing more can be read of this generation now.
    fn is_at_end(&self) -> bool {
        self.now
            .as_ref()
            .is_none_or(|now| now.at.offset >= now.size)
    }

    /// Reads on; whether something came.
    fn fill(&mut self) -> bool {
        let Some(now) = &mut self.now else {
            return false;
        };
        let mut chunk = [0; CHUNK];
        let read = match &mut now.body {
            Body::Plain(file) => file.read_at(&mut chunk, now.at.offset),
            Body::Packed { reader, .. } => reader.read(&mut chunk),
        };
        match read {
            Ok(0) => {
                now.size = now.at.offset;
                false
            }
            Ok(len) => {
                now.at.offset += len as u64;
                self.buffer.push(&chunk[..len]);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) => {
                // What comes behind a part that cannot be read may be well.
                now.size = now.at.offset;
                self.lost = Some(format!("it could not be read to its end: {error}"));
                false
            }
        }
    }

    /// Looks whether there is more to read of this generation.
    fn has_grown(&mut self) -> bool {
        let Some(now) = &mut self.now else {
            return false;
        };
        if let Body::Plain(file) = &now.body
            && let Ok(meta) = file.metadata()
            && !self.is_cut
        {
            now.size = now.size.max(meta.len());
        }
        now.at.offset < now.size
    }

    fn next_generation(&mut self) {
        self.is_cut = false;
        self.turns += 1;
        self.generation = (self.generation + 1) & (u64::MAX >> LINE_BITS);
        self.now = self.then.pop_front();
        self.buffer = Buffer::new(1);
        self.quiet = 0;
    }
}

impl Lines for FileLines {
    fn look(&mut self) -> Option<String> {
        match self.try_look() {
            Ok(()) => self.lost.clone(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Between the rename and the new file.
                let is_read = self.now.is_some();
                (!is_read).then(|| "it is not there yet".to_owned())
            }
            Err(error) => Some(error.to_string()),
        }
    }

    fn is_ready(&self) -> bool {
        !self.is_at_end() || !self.then.is_empty() || self.quiet > 0 && self.buffer.has_line()
    }

    fn is_last(&self) -> bool {
        self.is_at_end() && !self.then.is_empty()
    }

    fn head(&mut self) -> &[u8] {
        match self.now.as_ref().map(|now| &now.body) {
            Some(Body::Plain(file)) => self.head = head_of(file, HEAD),
            Some(Body::Packed { head, .. }) => self.head.clone_from(head),
            None => self.head.clear(),
        }
        &self.head
    }

    fn next(&mut self, most: usize, begins: &dyn Fn(&[u8]) -> bool) -> Option<(&[u8], Block)> {
        self.buffer.settle();
        for _ in 0..MOST_CHUNKS {
            let wants = |buffer: &Buffer| buffer.held() < most as u64;
            if wants(&self.buffer) && !self.is_at_end() && self.fill() && wants(&self.buffer) {
                continue;
            }
            // It may have grown since it was looked at.
            let is_last = self.is_last() && !self.has_grown();
            let ended = self.is_at_end();
            if self.buffer.find(begins, ended && self.quiet > 0, is_last) {
                break;
            }
            match (ended, is_last) {
                (_, true) => self.next_generation(),
                (true, false) => break,
                (false, _) => {
                    self.fill();
                }
            }
        }
        let (bytes, what) = self.buffer.give()?;
        self.lost = None;
        let first_line = what.first_line | self.generation << LINE_BITS;
        Some((bytes, Block { first_line, ..what }))
    }

    fn skip(&mut self, most: usize) {
        let mut left = most;
        while left > 0 && !self.is_at_end() && self.fill() {
            left = left.saturating_sub(CHUNK);
        }
        if self.is_last() {
            self.next_generation();
        }
        self.buffer = Buffer::new(1);
    }

    fn unread(&self) -> u64 {
        let left = |one: &Generation| match &one.body {
            Body::Plain(_) => one.size.saturating_sub(one.at.offset),
            Body::Packed { .. } => 1,
        };
        let all = self.now.iter().chain(&self.then).map(left);
        all.sum::<u64>() + self.buffer.held()
    }

    fn position(&self) -> Position {
        match &self.begin {
            Some(Begin::At(at)) => Position::File(*at),
            _ => self.place().map_or(Position::Nowhere, Position::File),
        }
    }

    fn take_turns(&mut self) -> u64 {
        std::mem::take(&mut self.turns)
    }
}

impl Generation {
    fn plain(file: File, offset: u64, size: u64) -> io::Result<Generation> {
        let meta = file.metadata()?;
        let at = InFile {
            id: id(&meta),
            print: Print::of(&head_of(&file, Print::MOST)),
            offset,
            line: 1,
            modified: rotated::modified(&meta),
        };
        let body = Body::Plain(file);
        Ok(Generation { body, at, size })
    }

    /// Looks at the file again; whether it has grown.
    fn refresh(&mut self) -> bool {
        let Body::Plain(file) = &self.body else {
            return false;
        };
        let Ok(meta) = file.metadata() else {
            return false;
        };
        let size = meta.len();
        if size > 0 {
            self.at.modified = rotated::modified(&meta);
        }
        let print = &mut self.at.print;
        if print.len < Print::MOST as u64 && size > print.len {
            let head = head_of(file, Print::MOST);
            if print.fits(&head) {
                *print = Print::of(&head);
            }
        }
        let has_grown = size > self.size;
        self.size = size;
        has_grown
    }

    /// Whether it begins so.
    fn fits(&self, print: &Print) -> bool {
        match &self.body {
            Body::Plain(file) => print.fits(&head_of(file, Print::MOST)),
            Body::Packed { head, .. } => print.fits(head),
        }
    }

    fn is_packed(&self) -> bool {
        matches!(self.body, Body::Packed { .. })
    }
}

fn id(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

/// The beginning of a file.
fn head_of(file: &File, most: usize) -> Vec<u8> {
    let mut head = vec![0; most];
    let mut len = 0;
    while len < most {
        match file.read_at(&mut head[len..], len as u64) {
            Ok(0) | Err(_) => break,
            Ok(more) => len += more,
        }
    }
    head.truncate(len);
    head
}

/// Where the line begins that ends at or behind `size`.
fn line_begin(file: &File, size: u64) -> io::Result<u64> {
    let from = size.saturating_sub(CHUNK as u64);
    let mut tail = vec![0; usize::try_from(size - from).unwrap_or(0)];
    file.read_exact_at(&mut tail, from)?;
    let begin = memchr::memrchr(b'\n', &tail).map(|at| from + at as u64 + 1);
    Ok(begin.unwrap_or(if from == 0 { 0 } else { size }))
}
