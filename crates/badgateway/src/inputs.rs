//! From arguments to what is looked through: files, directories, standard input, another system's
//! root, or this host. What is in them is told by `intake`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use base::FilePath;
use intake::{Claims, Found, Gather, name_of};
use model::filled::Set;
use model::{Files, ReadError, ReadErrorKind};

use crate::cli::InputArgs;
use crate::disk::{self, Disk};

/// Finds what the arguments name, and on which disk.
pub(crate) fn find(
    args: &InputArgs,
    moved: &[(Vec<u8>, Vec<u8>)],
    claims: Option<Claims>,
    set: &Set,
) -> (Disk, Found) {
    let root = args.root.clone().or_else(|| sole_root(&args.inputs));
    let whole_system = args.inputs.is_empty() || root.is_some() && args.root.is_none();
    let mut disk = match root {
        Some(root) => Disk::below(root),
        None if args.inputs.iter().any(|input| input.is_relative()) => Disk::seen_from_here(),
        None => Disk::host(),
    };
    for (from, to) in moved {
        disk.move_dir(from, to);
    }
    let found = gather(args, whole_system, &disk, claims, set);
    (disk, found)
}

fn gather(
    args: &InputArgs,
    whole_system: bool,
    disk: &Disk,
    claims: Option<Claims>,
    set: &Set,
) -> Found {
    let gather = Gather::claimed_by(disk, claims).with_machines(Some(iac::machines));
    let mut gather = gather.with_set(set.values().clone());
    if let Some(root) = &args.root
        && let Err(error) = disk.list(&FilePath::new("/"))
    {
        let root = base::source::printable(root.as_os_str().as_bytes());
        let message = format!("cannot list --root {root}: {error}");
        gather.found.unreadable(message, None);
        return gather.finish();
    }
    if whole_system {
        gather.system();
        return gather.finish();
    }
    // Named twice is read once: the second would be a pool at the socket of the first.
    let mut named = BTreeSet::new();
    for input in args.inputs.iter().filter(|input| named.insert(*input)) {
        take(&mut gather, disk, input);
    }
    gather.finish()
}

/// A single directory that holds a whole system, such as an unpacked image: it is meant as a root.
fn sole_root(inputs: &[PathBuf]) -> Option<PathBuf> {
    let [only] = inputs else { return None };
    let holds = |part: &str| only.join(part).is_dir();
    let is_system = holds("etc/nginx") || holds("etc/php") || holds("usr/local/etc");
    is_system.then(|| only.clone())
}

fn take(gather: &mut Gather<'_>, disk: &Disk, input: &Path) {
    if input == Path::new("-") {
        return match disk::read_stream(io::stdin().lock()) {
            Ok(bytes) => gather.stream("standard input", bytes),
            Err(error) => {
                let message = format!("cannot read standard input: {error}");
                gather.found.unreadable(message, None);
            }
        };
    }
    let path = absolute(input, disk);
    let shown = match disk.is_host() {
        true => base::source::printable(input.as_os_str().as_bytes()),
        false => name_of(disk, &path),
    };
    let real = match disk.real_path(&path) {
        Ok(real) => real,
        Err(error) => {
            let message = format!("cannot read {shown}: {error}");
            return gather.found.unreadable(message, None);
        }
    };
    if real.is_dir() {
        return gather.folder(&path);
    }
    if let Err(error) = gather.file(path, &shown) {
        let message = format!("cannot read {shown}: {error}");
        gather
            .found
            .unreadable(message, advice(disk, input, &error));
    }
}

/// What may have been meant by a file that cannot be read.
fn advice(disk: &Disk, input: &Path, error: &ReadError) -> Option<&'static str> {
    let is_word = !input
        .as_os_str()
        .as_bytes()
        .iter()
        .any(|b| b"/.".contains(b));
    match error.kind {
        ReadErrorKind::NotRegular => Some("to read from a pipe, give `-` and connect it to stdin"),
        ReadErrorKind::Missing if !disk.is_host() => {
            Some("with --root, the inputs are paths inside it")
        }
        ReadErrorKind::Missing if is_word => {
            Some("it is no command either: `badgateway --help` lists them")
        }
        _ => None,
    }
}

/// The absolute form of an argument: nginx resolves includes against the main file's directory.
fn absolute(input: &Path, disk: &Disk) -> FilePath {
    let path = match std::path::absolute(input) {
        Ok(path) if disk.is_host() => path,
        _ => Path::new("/").join(input),
    };
    FilePath::new(OsStr::as_bytes(path.as_os_str()))
}
