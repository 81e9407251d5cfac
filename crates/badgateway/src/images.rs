//! `--image`: opening the archives and layouts of images, and what is said of where their files
//! come from.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, TryLockError};

use base::source::printable;
use base::{Because, Finding, Sources};
use fix::Changed;
use iac::built::Seen;
use image::{Bytes, Entries, Image, Platform, Refused};
use intake::Found;
use redact::masked_text;

use crate::cli::InputArgs;
use crate::diagnosing::Progress;

/// How much larger an archive may be than on the disk, as logs may.
const MOST_EXPANSION: u64 = 400;
/// Blobs of a layout.
const MOST_BLOBS: usize = 100_000;
/// Letters of the command that made a layer.
const MOST_SHOWN: usize = 120;

/// The images that are judged.
#[derive(Debug, Default)]
pub(crate) struct Images(Vec<Seen>);

/// Reads the images that the arguments name.
pub(crate) fn read(args: &InputArgs, found: &mut Found) -> Images {
    let wanted = args.platform.clone().unwrap_or_else(here);
    let mut images: Vec<(String, Image)> = Vec::new();
    let mut is_whole = true;
    let mut vias = BTreeSet::new();
    for path in &args.images {
        let shown = printable(path.as_os_str().as_bytes());
        let (read, refused) = match opened(path) {
            Ok((entries, progress)) => {
                let all = image::images(&entries, agent::open::unpacked, &wanted);
                progress.finish();
                all
            }
            Err(why) => (Vec::new(), vec![(None, why)]),
        };
        is_whole &= refused.is_empty();
        let is_only = read.len() + refused.len() == 1;
        for (name, why) in refused {
            let shown = name_of(&shown, name.as_deref(), is_only);
            let message = masked_text(&format!("{shown}: {}", why.message));
            found.unreadable(message, why.help.as_deref());
        }
        for image in read {
            let name = name_of(&shown, image.name.as_deref(), is_only);
            let mut via = name.clone();
            let mut number = 2;
            while !vias.insert(via.clone()) {
                via = format!("{name} ({number})");
                number += 1;
            }
            images.push((via, image));
        }
    }
    // What is all that there is, is looked at as `--root` looks at it.
    let is_alone = is_whole && images.len() == 1 && args.inputs.is_empty();
    let seen = images
        .into_iter()
        .map(|(via, image)| iac::built::take(image, via, is_alone, found));
    Images(seen.collect())
}

/// Whether a path, named among others, is an image by its name.
pub(crate) fn is_one(path: &Path) -> bool {
    let name = path.as_os_str().as_bytes();
    let endings: [&[u8]; 4] = [b".tar", b".tar.gz", b".tgz", b".tar.zst"];
    let is_named = endings.iter().any(|ending| name.ends_with(ending));
    is_named && !path.is_dir() || path.join("oci-layout").is_file()
}

/// `app.tar`, or `app.tar[php:8.2-fpm]` of several.
fn name_of(file: &str, name: Option<&str>, is_only: bool) -> String {
    match name.filter(|_| !is_only) {
        Some(name) => format!("{file}[{}]", printable(name.as_bytes())),
        None => file.to_owned(),
    }
}

/// Images for this machine.
fn here() -> Platform {
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    };
    Platform {
        system: "linux".to_owned(),
        processor: processor.to_owned(),
        variant: None,
        is_asked: false,
    }
}

impl Images {
    /// Every image.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Seen> {
        self.0.iter()
    }

    /// Whether a file is of one of them.
    pub(crate) fn have(&self, changed: &Changed) -> bool {
        let via = changed.via.as_ref();
        via.is_some_and(|via| self.0.iter().any(|seen| seen.via == *via))
    }

    /// Adds to each finding which layer its file comes from, and what made the layer.
    pub(crate) fn add_origins(&self, findings: &mut [Finding], sources: &Sources) {
        for finding in findings.iter_mut().filter(|_| !self.0.is_empty()) {
            let mut files = BTreeSet::new();
            let places = std::iter::once(&finding.primary).chain(&finding.related);
            let files = places
                .map(|place| place.span.file)
                .filter(|file| files.insert(*file));
            let told = files.filter_map(|file| self.told(sources.get(file).shown().as_bytes()));
            let told: Vec<Because> = told.map(|text| Because { text, span: None }).collect();
            finding.because.extend(told);
        }
    }

    /// Where a file comes from, in words.
    pub(crate) fn told(&self, shown: &[u8]) -> Option<String> {
        let (seen, path) = self.0.iter().find_map(|seen| {
            let path = shown
                .strip_prefix(seen.via.as_bytes())?
                .strip_prefix(b":")?;
            Some((seen, base::FilePath::new(path)))
        })?;
        let origin = seen.image.origin(&path)?;
        let made_by = origin.made_by.as_deref().map(short);
        let made_by = made_by.map_or(String::new(), |made_by| format!(": {made_by}"));
        Some(format!(
            "{path} is from layer {} of {}{made_by}",
            origin.layer, origin.of
        ))
    }
}

/// What made a layer, in one line without secrets.
fn short(made_by: &str) -> String {
    let made_by = made_by
        .strip_prefix("/bin/sh -c #(nop) ")
        .unwrap_or(made_by);
    let words: Vec<&str> = made_by.split_whitespace().collect();
    let text = masked_text(&printable(words.join(" ").as_bytes()));
    match text.char_indices().nth(MOST_SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// Opens an archive or a layout.
fn opened(path: &Path) -> Result<(Entries, Arc<Progress>), Refused> {
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(not_there(path)),
        Err(error) => return Err(error.into()),
    };
    let progress = |size| Arc::new(Progress::new(std::iter::once(Some(size))));
    if meta.is_dir() {
        return layout(path, &progress);
    }
    if !meta.is_file() {
        return Err(refused(
            "is not a regular file",
            "an archive is read more than once: write it to a file first",
        ));
    }
    let progress = progress(meta.len());
    progress.begin(&printable(path.as_os_str().as_bytes()));
    let packed = agent::open::file(path, MOST_EXPANSION)?;
    let bytes: Arc<dyn Bytes> = match packed.is_packed {
        false => Arc::new(Plain::open(path, &progress)?),
        true => Arc::new(Packed {
            path: path.to_owned(),
            size: meta.len(),
            state: Mutex::new(None),
            progress: Arc::clone(&progress),
        }),
    };
    Ok((image::entries(&bytes)?, progress))
}

fn refused(message: &str, help: &str) -> Refused {
    Refused {
        message: message.to_owned(),
        help: Some(help.to_owned()),
    }
}

/// A name of a registry is a likely mistake.
fn not_there(path: &Path) -> Refused {
    let name = printable(path.as_os_str().as_bytes());
    let is_file = name.starts_with(['.', '/']) || name.contains(".tar") || name.ends_with(".tgz");
    let help = format!(
        "nothing is fetched: `docker save {name} -o image.tar` writes a file (so does `podman save`, \
         and `skopeo copy docker://{name} docker-archive:image.tar`)"
    );
    Refused {
        message: "no such file or directory".to_owned(),
        help: (!is_file).then_some(help),
    }
}

/// The files of an OCI layout.
fn layout(
    dir: &Path,
    progress: &dyn Fn(u64) -> Arc<Progress>,
) -> Result<(Entries, Arc<Progress>), Refused> {
    let mut files: Vec<(String, PathBuf, u64)> = Vec::new();
    let mut take = |name: String, path: PathBuf| match std::fs::metadata(&path) {
        Ok(meta) if meta.is_file() => files.push((name, path, meta.len())),
        _ => {}
    };
    for name in ["index.json", "oci-layout"] {
        take(name.to_owned(), dir.join(name));
    }
    let names = |dir: &Path| -> io::Result<Vec<String>> {
        let all = std::fs::read_dir(dir)?.take(MOST_BLOBS);
        all.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    };
    let blobs = dir.join("blobs");
    for how in names(&blobs).unwrap_or_default() {
        for blob in names(&blobs.join(&how))? {
            take(format!("blobs/{how}/{blob}"), blobs.join(&how).join(&blob));
        }
    }
    let is_layout = files.iter().any(|(name, ..)| name == "index.json");
    if !is_layout {
        return Err(refused(
            "this folder is no OCI layout: it has no index.json",
            "a file system that is unpacked already is read with --root",
        ));
    }
    let progress = progress(files.iter().map(|(.., size)| size).sum());
    let mut entries = Entries::default();
    for (name, path, size) in files {
        let bytes = Lazy {
            path,
            size,
            progress: Arc::clone(&progress),
        };
        entries.insert(name, size, Arc::new(bytes));
    }
    Ok((entries, progress))
}

/// A file that is not packed.
struct Plain {
    file: Arc<File>,
    size: u64,
    progress: Arc<Progress>,
}

impl Plain {
    fn open(path: &Path, progress: &Arc<Progress>) -> io::Result<Plain> {
        let (file, size) = agent::open::readable(path)?;
        Ok(Plain {
            file: Arc::new(file),
            size: size.unwrap_or(0),
            progress: Arc::clone(progress),
        })
    }
}

impl Bytes for Plain {
    fn open(&self, at: u64) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Section {
            file: Arc::clone(&self.file),
            at,
            progress: &self.progress,
        }))
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn is_seekable(&self) -> bool {
        true
    }
}

/// A file of a layout: there may be more of them than can be open at once.
struct Lazy {
    path: PathBuf,
    size: u64,
    progress: Arc<Progress>,
}

impl Bytes for Lazy {
    fn open(&self, at: u64) -> io::Result<Box<dyn Read + '_>> {
        let (file, _) = agent::open::readable(&self.path)?;
        Ok(Box::new(Section {
            file: Arc::new(file),
            at,
            progress: &self.progress,
        }))
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn is_seekable(&self) -> bool {
        true
    }
}

/// A file from some place on.
struct Section<'p> {
    file: Arc<File>,
    at: u64,
    progress: &'p Progress,
}

impl Read for Section<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(into, self.at)?;
        self.at += count as u64;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

/// A packed file: going forwards it is read on, going back it is read anew.
struct Packed {
    path: PathBuf,
    size: u64,
    state: Mutex<Option<Going>>,
    progress: Arc<Progress>,
}

struct Going {
    at: u64,
    reader: Box<dyn Read + Send>,
    /// Bytes of the file that were read, and that were told of.
    taken: Arc<AtomicU64>,
    told: u64,
}

impl Packed {
    fn begin(&self) -> io::Result<Going> {
        let opened = agent::open::file(&self.path, MOST_EXPANSION)?;
        let taken = Arc::clone(&opened.taken);
        Ok(Going {
            at: 0,
            reader: Box::new(BufReader::with_capacity(128 << 10, opened.into_reader())),
            taken,
            told: 0,
        })
    }
}

impl Bytes for Packed {
    fn open(&self, at: u64) -> io::Result<Box<dyn Read + '_>> {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(io::Error::other("it is being read")),
        };
        let mut going = match state.take().filter(|going| going.at <= at) {
            Some(going) => going,
            None => self.begin()?,
        };
        let skipped = io::copy(
            &mut (&mut going.reader).take(at - going.at),
            &mut io::sink(),
        )?;
        going.at += skipped;
        *state = Some(going);
        Ok(Box::new(Held {
            state,
            progress: &self.progress,
        }))
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn is_seekable(&self) -> bool {
        false
    }
}

struct Held<'p> {
    state: std::sync::MutexGuard<'p, Option<Going>>,
    progress: &'p Progress,
}

impl Read for Held<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(going) = self.state.as_mut() else {
            return Ok(0);
        };
        let count = going.reader.read(into)?;
        going.at += count as u64;
        let taken = going.taken.load(Ordering::Relaxed);
        self.progress.advance(taken.saturating_sub(going.told));
        going.told = taken;
        Ok(count)
    }
}
