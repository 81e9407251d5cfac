//! Writing several files so that after any interruption all are old or all are new.
//!
//! 1. A journal names the files and their new neighbours (`prepare`).
//! 2. Each new content goes to a neighbour with the old file's mode, owner and extended
//!    attributes, and to the disk.
//! 3. The journal says `commit`: from here on there is no way back.
//! 4. Each neighbour takes its file's place; the journal goes.
//!
//! An interrupted run leaves the journal. In `prepare` the neighbours are thrown away, in
//! `commit` the rest takes place. Neighbours begin with a dot, so that no `include *` of nginx
//! reads them.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{
    DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown,
};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// One file to be written.
pub(crate) struct Target {
    /// Its real path: links stay, their target is written.
    pub(crate) path: PathBuf,
    /// What it was when it was read.
    pub(crate) old: Vec<u8>,
    /// What it becomes.
    pub(crate) new: Vec<u8>,
}

/// Why nothing was written.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Another run is under way, or was interrupted.
    Journal(PathBuf),
    /// A file is no longer what was read.
    Changed(PathBuf),
    /// The system said no; everything is as it was.
    System(PathBuf, io::Error),
    /// The system said no behind the point of no return: `--recover` finishes the work.
    Half(PathBuf, io::Error),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |path: &Path| base::source::printable(path.as_os_str().as_bytes());
        match self {
            Refused::Journal(path) => write!(
                f,
                "nothing was written: another run is writing, or one was interrupted: see `badgateway fix --recover` \
                 ({})",
                shown(path)
            ),
            Refused::Changed(path) => {
                write!(
                    f,
                    "nothing was written: {} was changed by somebody else meanwhile",
                    shown(path)
                )
            }
            Refused::System(path, error) => {
                write!(f, "nothing was written: {}: {error}", shown(path))
            }
            Refused::Half(path, error) => write!(
                f,
                "{}: {error}; some files are written and some are not: `badgateway fix --recover` \
                 writes the rest",
                shown(path)
            ),
        }
    }
}

const PREPARE: &[u8] = b"prepare\0";
const COMMIT: &[u8] = b"commit\0\0";

/// Where journals and backups are.
pub(crate) fn state_dir() -> PathBuf {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(dir) = named("BADGATEWAY_STATE") {
        return PathBuf::from(dir);
    }
    if let Some(dir) = named("XDG_STATE_HOME") {
        return PathBuf::from(dir).join("badgateway");
    }
    match named("HOME") {
        Some(home) if home != "/root" && home != "/" => {
            PathBuf::from(home).join(".local/state/badgateway")
        }
        _ => PathBuf::from("/var/lib/badgateway"),
    }
}

fn journal_path() -> PathBuf {
    state_dir().join("journal")
}

/// Writes all files or none.
///
/// # Errors
/// See [`Refused`].
pub(crate) fn write_all(targets: &[Target]) -> Result<(), Refused> {
    let journal = journal_path();
    let dir = state_dir();
    let system = |path: &Path| {
        let path = path.to_owned();
        move |error| Refused::System(path, error)
    };
    private_dir(&dir).map_err(system(&dir))?;
    let mut file = match OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&journal)
    {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Refused::Journal(journal));
        }
        Err(error) => return Err(Refused::System(journal, error)),
    };
    let begun = begin(&mut file, targets).map_err(system(&journal));
    let prepared = begun.and_then(|()| sync_dir(&dir).map_err(system(&dir)));
    let prepared = prepared.and_then(|()| targets.iter().try_for_each(prepare));
    let committed = prepared.and_then(|()| commit(&mut file).map_err(system(&journal)));
    if let Err(refused) = committed {
        // Nothing has taken its place yet. A commit that may be on the disk or not is taken back
        // before the first neighbour goes.
        let _taken_back = file.write_all_at(PREPARE, 0).and_then(|()| file.sync_all());
        for target in targets {
            let _gone = fs::remove_file(neighbour(&target.path));
        }
        let _gone = fs::remove_file(&journal);
        return Err(refused);
    }
    for target in targets {
        let half = |error| Refused::Half(target.path.clone(), error);
        fs::rename(neighbour(&target.path), &target.path).map_err(half)?;
    }
    finish(targets.iter().map(|target| target.path.as_path()), &journal)
        .map_err(|error| Refused::Half(journal.clone(), error))
}

/// A directory that nobody else may look into: copies of configuration hold passwords.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

fn begin(file: &mut File, targets: &[Target]) -> io::Result<()> {
    let mut text = PREPARE.to_vec();
    for target in targets {
        text.extend_from_slice(target.path.as_os_str().as_bytes());
        text.push(0);
    }
    // Without its last byte the list is not whole.
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_all()
}

fn commit(file: &mut File) -> io::Result<()> {
    file.write_all_at(COMMIT, 0)?;
    file.sync_all()
}

/// Puts the new content beside the file.
fn prepare(target: &Target) -> Result<(), Refused> {
    let system = |error| Refused::System(target.path.clone(), error);
    let old = File::open(&target.path).map_err(system)?;
    let meta = old.metadata().map_err(system)?;
    let now = fs::read(&target.path).map_err(system)?;
    if now != target.old {
        return Err(Refused::Changed(target.path.clone()));
    }
    let path = neighbour(&target.path);
    let _stale = fs::remove_file(&path);
    let mut new = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(system)?;
    new.write_all(&target.new).map_err(system)?;
    let ours = new.metadata().map_err(system)?;
    if (ours.uid(), ours.gid()) != (meta.uid(), meta.gid()) {
        chown(&path, Some(meta.uid()), Some(meta.gid())).map_err(system)?;
    }
    for name in xattr::list(&target.path).into_iter().flatten() {
        if let Ok(Some(value)) = xattr::get(&target.path, &name) {
            xattr::set(&path, &name, &value).map_err(system)?;
        }
    }
    let mode = fs::Permissions::from_mode(meta.permissions().mode() & 0o7777);
    new.set_permissions(mode).map_err(system)?;
    new.sync_all().map_err(system)?;
    let parent = target.path.parent().unwrap_or(Path::new("/"));
    sync_dir(parent).map_err(system)
}

/// Makes the renames last, then forgets the run.
fn finish<'p>(paths: impl Iterator<Item = &'p Path>, journal: &Path) -> io::Result<()> {
    let mut parents: Vec<&Path> = paths.filter_map(Path::parent).collect();
    parents.sort_unstable();
    parents.dedup();
    for parent in parents {
        sync_dir(parent)?;
    }
    fs::remove_file(journal)?;
    sync_dir(&state_dir())
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// `.NAME.badgateway-new` beside a file.
fn neighbour(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".badgateway-new");
    path.with_file_name(name)
}

/// What `--recover` found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Recovered {
    /// No run was interrupted.
    Nothing,
    /// The run had not begun to replace files: its neighbours are gone.
    Undone(Vec<PathBuf>),
    /// The run is finished.
    Finished(Vec<PathBuf>),
}

/// Finishes or undoes an interrupted run.
///
/// # Errors
/// What the system said, with the path.
pub(crate) fn recover() -> Result<Recovered, (PathBuf, io::Error)> {
    let journal = journal_path();
    let text = match fs::read(&journal) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Recovered::Nothing),
        Err(error) => return Err((journal, error)),
    };
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    let (state, list) = text.split_at(text.len().min(PREPARE.len()));
    let paths: Vec<PathBuf> = match list.strip_suffix(b"\0\n") {
        // Interrupted while the list was written: no neighbour was made yet.
        None => Vec::new(),
        Some(list) => {
            let names = list
                .split(|&b| b == 0)
                .map(|name| OsString::from_vec(name.to_vec()));
            names.map(PathBuf::from).collect()
        }
    };
    let is_committed = state == COMMIT;
    for path in &paths {
        let new = neighbour(path);
        let done = match is_committed {
            true => fs::rename(&new, path),
            false => fs::remove_file(&new),
        };
        match done {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err((new, error)),
            _ => {}
        }
    }
    finish(paths.iter().map(PathBuf::as_path), &journal).map_err(at(&journal))?;
    Ok(match is_committed {
        true => Recovered::Finished(paths),
        false => Recovered::Undone(paths),
    })
}

/// Keeps dated copies, away from directories that servers include.
///
/// # Errors
/// What the system said, with the path.
pub(crate) fn back_up(targets: &[Target]) -> Result<PathBuf, (PathBuf, io::Error)> {
    let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let dir = state_dir().join("backups").join(time.replace(':', ""));
    for target in targets {
        let inside = target.path.strip_prefix("/").unwrap_or(&target.path);
        let copy = dir.join(inside);
        let parent = copy.parent().unwrap_or(&dir);
        let fail = |error| (copy.clone(), error);
        private_dir(parent).map_err(fail)?;
        // `fs::copy` keeps the mode: a file with a password stays closed.
        fs::copy(&target.path, &copy).map_err(fail)?;
    }
    Ok(dir)
}

/// Writes a file that must not be there yet.
pub(crate) fn create_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)
}

/// Puts a file of our own in place of an older one, wholly or not at all.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = neighbour(path);
    let _left_over = fs::remove_file(&new);
    let written = create_new(&new, bytes).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _gone = fs::remove_file(&new);
    }
    written
}
