//! Files of the agent's own: replaced whole, for this user only, held by one process.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Replaces a file: it is the old one or the new one, never a part. Only this user may read it:
/// addresses of requests are in it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = beside(path, NEXT);
    let write = || -> io::Result<()> {
        let mut options = File::options();
        options.create(true).write(true).truncate(true).mode(0o600);
        let mut file = options.open(&next)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        fs::rename(&next, path)
    };
    write().inspect_err(|_| {
        // A part of it would fill a full disk.
        let _gone = fs::remove_file(&next);
    })
}

/// How the name of a file ends that is not whole yet.
pub(crate) const NEXT: &str = "new";

/// A path with a dot and an end.
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    PathBuf::from(name)
}

/// Takes hold of a lock file, as long as it is kept; nothing when another process has it.
pub(crate) fn hold(path: &Path) -> io::Result<Option<File>> {
    let lock = File::options().create(true).append(true).open(path)?;
    let is_held = flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok();
    Ok(is_held.then_some(lock))
}
