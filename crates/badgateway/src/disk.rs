//! The disk as a configured server sees it: this host's, or another system's below a root.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use base::FilePath;
use intake::Tree;
use model::{Files, ReadError, ReadErrorKind};

/// No configuration file that people wrote is larger; a dump of a big host may be.
const MOST_BYTES: u64 = 64 << 20;
const MOST_DUMP_BYTES: u64 = 1 << 30;

/// Comments at the top of a shipped php.ini are long.
const LOOK_AT: u64 = 256 << 10;

/// As many links as the kernel follows before it says `ELOOP`.
const MOST_LINKS: usize = 40;

/// Files on disk, below a root if there is one.
#[derive(Debug)]
pub(crate) struct Disk {
    root: Option<PathBuf>,
    /// The directory that shown paths are relative to.
    here: Option<PathBuf>,
    /// Directories that lie elsewhere than the configuration says: from, to.
    moved: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether nothing of it may be seen.
    is_closed: bool,
}

impl Disk {
    /// No disk: what is judged lies elsewhere as a whole.
    pub(crate) fn nothing() -> Self {
        Self {
            is_closed: true,
            ..Self::host()
        }
    }

    /// This host.
    pub(crate) fn host() -> Self {
        Self {
            root: None,
            here: None,
            moved: Vec::new(),
            is_closed: false,
        }
    }

    /// This host, with paths shown relative to the working directory: the inputs were relative.
    pub(crate) fn seen_from_here() -> Self {
        Self {
            root: None,
            here: std::env::current_dir().ok(),
            moved: Vec::new(),
            is_closed: false,
        }
    }

    /// Another system's file tree: absolute paths and absolute links stay inside it.
    pub(crate) fn below(root: PathBuf) -> Self {
        Self {
            root: Some(root),
            here: None,
            moved: Vec::new(),
            is_closed: false,
        }
    }

    /// Looks for what lies below `from` below `to`, unless it is where it should be.
    pub(crate) fn move_dir(&mut self, from: &[u8], to: &[u8]) {
        self.moved.push((from.to_vec(), to.to_vec()));
    }

    /// Where a path lies according to what was moved, when nothing is where it should be.
    fn moved(&self, path: &FilePath) -> Option<FilePath> {
        let (from, to) = self.moved.iter().find(|(from, _)| {
            let rest = path.as_bytes().strip_prefix(from.as_slice());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        })?;
        let rest = &path.as_bytes()[from.len()..];
        Some(FilePath::new([to.as_slice(), rest].concat()))
    }

    /// Whether paths are those of this machine.
    pub(crate) fn is_host(&self) -> bool {
        self.root.is_none()
    }

    /// The path on this machine.
    pub(crate) fn real_path(&self, path: &FilePath) -> io::Result<PathBuf> {
        if self.is_closed {
            return Err(io::ErrorKind::NotFound.into());
        }
        let path = Path::new(std::ffi::OsStr::from_bytes(path.as_bytes()));
        match &self.root {
            None => Ok(path.to_owned()),
            Some(root) => Ok(join(root, &inside(root, path)?)),
        }
    }
}

impl Files for Disk {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        let real = self.real_path(path).map_err(|e| read_error(&e))?;
        match (read_regular(&real, MOST_BYTES), self.moved(path)) {
            (Err(error), Some(moved)) if error.kind == ReadErrorKind::Missing => {
                let real = self.real_path(&moved).map_err(|e| read_error(&e))?;
                read_regular(&real, MOST_BYTES)
            }
            (read, _) => read,
        }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        let real = self.real_path(dir).map_err(|e| read_error(&e))?;
        let entries = match (fs::read_dir(real), self.moved(dir)) {
            (Err(error), Some(moved)) if error.kind() == io::ErrorKind::NotFound => {
                fs::read_dir(self.real_path(&moved).map_err(|e| read_error(&e))?)
            }
            (entries, _) => entries,
        };
        let entries = entries.map_err(|e| read_error(&e))?;
        let names = entries.map(|entry| Ok(entry?.file_name().into_vec()));
        names.collect::<io::Result<_>>().map_err(|e| read_error(&e))
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        if self.is_closed {
            return None;
        }
        let wanted = Path::new(std::ffi::OsStr::from_bytes(path.as_bytes()));
        let root = self.root.as_deref().unwrap_or(Path::new("/"));
        let resolved = inside(root, wanted).ok()?;
        let there = fs::symlink_metadata(join(root, &resolved)).is_ok();
        // A socket is gone while its server is stopped; the links that led to it still count.
        (there || resolved != wanted).then(|| FilePath::new(resolved.as_os_str().as_bytes()))
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        let plain = Path::new(std::ffi::OsStr::from_bytes(path.as_bytes()));
        let shown = match (&self.root, &self.here) {
            (Some(root), _) => join(root, plain),
            (None, Some(here)) => plain.strip_prefix(here).ok()?.to_owned(),
            (None, None) => return None,
        };
        Some(FilePath::new(shown.as_os_str().as_bytes()))
    }
}

impl Tree for Disk {
    fn may_exist(&self, path: &FilePath) -> bool {
        let parent = self.real_path(&FilePath::new(path.parent()));
        let Ok(parent) = parent else { return true };
        let name = std::ffi::OsStr::from_bytes(path.name());
        match fs::symlink_metadata(parent.join(name)) {
            Ok(_) => true,
            Err(error) => read_error(&error).kind != ReadErrorKind::Missing,
        }
    }

    fn folder(&self, path: &FilePath) -> Option<FilePath> {
        let real = self.real_path(path).ok().filter(|real| real.is_dir())?;
        let real = fs::canonicalize(&real).unwrap_or(real);
        Some(FilePath::new(real.as_os_str().as_bytes()))
    }

    fn head(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        read_head(&self.real_path(path).map_err(|e| read_error(&e))?)
    }

    fn dump(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        read_dump(&self.real_path(path).map_err(|e| read_error(&e))?)
    }
}

/// The beginning of a file: enough to tell what it is.
pub(crate) fn read_head(path: &Path) -> Result<Arc<[u8]>, ReadError> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(LOOK_AT)
        .read_to_end(&mut bytes)
        .map_err(|e| read_error(&e))?;
    Ok(bytes.into())
}

/// Reads a file of our own settings as text.
pub(crate) fn read_settings(path: &Path) -> Result<String, ReadError> {
    let bytes = read_regular(path, MOST_BYTES)?;
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_| ReadError::new(ReadErrorKind::Other, "is not UTF-8"))?;
    Ok(text.to_owned())
}

/// Reads a dump, which may be larger than a configuration file.
fn read_dump(path: &Path) -> Result<Arc<[u8]>, ReadError> {
    read_regular(path, MOST_DUMP_BYTES)
}

/// Reads a stream such as standard input, up to the size of a dump.
pub(crate) fn read_stream(from: impl Read) -> Result<Arc<[u8]>, ReadError> {
    read_bounded(from, 0, MOST_DUMP_BYTES)
}

fn read_regular(path: &Path, most: u64) -> Result<Arc<[u8]>, ReadError> {
    let (file, size) = open_regular(path)?;
    read_bounded(file, size, most)
}

/// Opens a regular file, and nothing else.
fn open_regular(path: &Path) -> Result<(File, u64), ReadError> {
    // Without O_NONBLOCK the open of a FIFO would wait for a writer for ever.
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
        .open(path)
        .map_err(|e| read_error(&e))?;
    let meta = file.metadata().map_err(|e| read_error(&e))?;
    if meta.is_dir() {
        return Err(ReadError::new(ReadErrorKind::Directory, "is a directory"));
    }
    if !meta.is_file() {
        let reason = "is not a regular file (a FIFO, socket or device)";
        return Err(ReadError::new(ReadErrorKind::NotRegular, reason));
    }
    Ok((file, meta.len()))
}

fn read_bounded(from: impl Read, expected: u64, most: u64) -> Result<Arc<[u8]>, ReadError> {
    let too_big = || {
        let reason = format!("is larger than {} MiB, the most that is read", most >> 20);
        ReadError::new(ReadErrorKind::TooBig, reason)
    };
    if expected > most {
        return Err(too_big());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    from.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| read_error(&e))?;
    if bytes.len() as u64 > most {
        return Err(too_big());
    }
    Ok(bytes.into())
}

fn read_error(error: &io::Error) -> ReadError {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => return ReadError::missing(),
        io::ErrorKind::PermissionDenied => {
            return ReadError::new(ReadErrorKind::Denied, "permission denied");
        }
        io::ErrorKind::IsADirectory => ReadErrorKind::Directory,
        io::ErrorKind::NotADirectory => ReadErrorKind::Missing,
        _ => ReadErrorKind::Other,
    };
    ReadError::new(kind, error.to_string())
}

fn join(root: &Path, absolute: &Path) -> PathBuf {
    root.join(absolute.strip_prefix("/").unwrap_or(absolute))
}

/// Follows the links of an absolute path as a process whose root is `root` would. What is not
/// there is kept as it is.
fn inside(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let mut done = PathBuf::from("/");
    let mut todo: Vec<PathBuf> = parts(path);
    let mut links = 0;
    while let Some(part) = todo.pop() {
        if part.as_os_str() == ".." {
            done.pop();
            continue;
        }
        let next = done.join(&part);
        match fs::read_link(join(root, &next)) {
            Ok(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(io::Error::other("too many levels of symbolic links"));
                }
                if target.is_absolute() {
                    done = PathBuf::from("/");
                }
                todo.extend(parts(&target));
            }
            Err(_) => done = next,
        }
    }
    Ok(done)
}

/// Components in reverse, so that the next one is at the end.
fn parts(path: &Path) -> Vec<PathBuf> {
    let components = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(PathBuf::from(name)),
        Component::ParentDir => Some(PathBuf::from("..")),
        _ => None,
    });
    let mut parts: Vec<PathBuf> = components.collect();
    parts.reverse();
    parts
}
