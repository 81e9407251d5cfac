//! From arguments to what the model loads: files, directories, dumps, another system's root, or
//! this host.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{FilePath, Problem, ProblemKind};
use model::detect::{Kind, detect, split_nginx_dump};
use model::php::FpmInput;
use model::{Address, Files, MemoryFiles, ReadError, ReadErrorKind};

use crate::cli::InputArgs;
use crate::discover;
use crate::disk::{self, Disk};

/// What was found to load. The model borrows the files from here.
pub(crate) struct Found {
    /// The system's files.
    pub(crate) disk: Disk,
    /// nginx main files and fragments.
    pub(crate) nginx: Vec<FilePath>,
    /// PHP-FPM instances.
    pub(crate) fpm: Vec<FpmInput>,
    /// `nginx -T` dumps: the main file, the files, and the name of the dump.
    pub(crate) nginx_dumps: Vec<(FilePath, MemoryFiles, String)>,
    /// FPM inputs that came through standard input or a dump, with the files to read them from.
    pub(crate) fpm_dumps: Vec<(FpmInput, MemoryFiles, String)>,
    /// Arguments that could not be used.
    pub(crate) problems: Vec<Problem>,
}

/// How deep a given directory is searched.
const DEEPEST: usize = 8;

/// Files of a given directory that are looked at; a document root is no configuration.
const MOST_FILES: usize = 20_000;

impl Found {
    fn new(disk: Disk) -> Self {
        Self {
            disk,
            nginx: Vec::new(),
            fpm: Vec::new(),
            nginx_dumps: Vec::new(),
            fpm_dumps: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.nginx.is_empty()
            && self.fpm.is_empty()
            && self.nginx_dumps.is_empty()
            && self.fpm_dumps.is_empty()
    }

    fn count(&self) -> usize {
        self.nginx.len() + self.fpm.len()
    }

    fn unreadable(&mut self, message: String, help: Option<&str>) {
        self.problems.push(Problem {
            kind: ProblemKind::Unreadable,
            message,
            span: None,
            help: help.map(str::to_owned),
        });
    }

    /// The usual places of a system.
    fn discover(&mut self) {
        self.nginx.extend(discover::nginx_main(&self.disk));
        let (mains, closed) = discover::fpm_mains(&self.disk);
        self.fpm.extend(mains);
        for (dir, error) in closed {
            let dir = self.disk.name_of(&dir);
            self.unreadable(format!("cannot list {dir}: {error}"), None);
        }
    }
}

/// Finds what the arguments name.
pub(crate) fn find(args: &InputArgs, moved: &[(Vec<u8>, Vec<u8>)]) -> Found {
    let root = args.root.clone().or_else(|| sole_root(&args.inputs));
    let whole_system = args.inputs.is_empty() || root.is_some() && args.root.is_none();
    let disk = match root {
        Some(root) => Disk::below(root),
        None if args.inputs.iter().any(|input| input.is_relative()) => Disk::seen_from_here(),
        None => Disk::host(),
    };
    let mut disk = disk;
    for (from, to) in moved {
        disk.move_dir(from, to);
    }
    let mut found = Found::new(disk);
    if let Some(root) = &args.root
        && let Err(error) = found.disk.list(&FilePath::new("/"))
    {
        let root = base::source::printable(root.as_os_str().as_bytes());
        found.unreadable(format!("cannot list --root {root}: {error}"), None);
        return found;
    }
    if whole_system {
        found.discover();
        if found.is_empty() && found.problems.is_empty() {
            let first = found.disk.name_of(&FilePath::new(discover::NGINX_MAINS[0]));
            let message =
                format!("no nginx and no PHP-FPM configuration in the usual places ({first}, …)");
            found.unreadable(
                message,
                Some("give the files or their directory as arguments"),
            );
        }
        return found;
    }
    let mut loose = Loose::default();
    // Named twice is read once: the second would be a pool at the socket of the first.
    let mut named = BTreeSet::new();
    for input in args.inputs.iter().filter(|input| named.insert(*input)) {
        take(&mut found, &mut loose, input);
    }
    loose.finish(&mut found);
    found
}

/// A single directory that holds a whole system, such as an unpacked image: it is meant as a root.
fn sole_root(inputs: &[PathBuf]) -> Option<PathBuf> {
    let [only] = inputs else { return None };
    let holds = |part: &str| only.join(part).is_dir();
    let is_system = holds("etc/nginx") || holds("etc/php") || holds("usr/local/etc");
    is_system.then(|| only.clone())
}

/// Files that were named one by one; which belong together is known at the end.
#[derive(Default)]
struct Loose {
    pools: Vec<FilePath>,
    php_inis: Vec<FilePath>,
    mains: Vec<FilePath>,
}

fn take(found: &mut Found, loose: &mut Loose, input: &Path) {
    if input == Path::new("-") {
        return match disk::read_stream(io::stdin().lock()) {
            Ok(bytes) => take_bytes(found, "standard input", bytes),
            Err(error) => found.unreadable(format!("cannot read standard input: {error}"), None),
        };
    }
    let path = absolute(input, &found.disk);
    let shown = match found.disk.is_host() {
        true => base::source::printable(input.as_os_str().as_bytes()),
        false => found.disk.name_of(&path),
    };
    let real = match found.disk.real_path(&path) {
        Ok(real) => real,
        Err(error) => return found.unreadable(format!("cannot read {shown}: {error}"), None),
    };
    if real.is_dir() {
        return take_directory(found, loose, &path);
    }
    let head = match disk::read_head(&real) {
        Ok(head) => head,
        Err(error) => return cannot_read(found, input, &shown, &error),
    };
    match detect(&path, &head) {
        Some(Kind::NginxDump | Kind::FpmDump) => match disk::read_dump(&real) {
            Ok(bytes) => take_bytes(found, &shown, bytes),
            Err(error) => found.unreadable(format!("cannot read {shown}: {error}"), None),
        },
        Some(kind) => loose.add(found, kind, path),
        None if head.trim_ascii().is_empty() => empty(found, &shown),
        None => found.unreadable(
            format!("{shown}:1: this is no nginx, PHP-FPM or php.ini file"),
            Some("nothing in it looks like a directive or a setting"),
        ),
    }
}

fn cannot_read(found: &mut Found, input: &Path, shown: &str, error: &ReadError) {
    let is_word = !input
        .as_os_str()
        .as_bytes()
        .iter()
        .any(|b| b"/.".contains(b));
    let help = match error.kind {
        ReadErrorKind::NotRegular => Some("to read from a pipe, give `-` and connect it to stdin"),
        ReadErrorKind::Missing if !found.disk.is_host() => {
            Some("with --root, the inputs are paths inside it")
        }
        ReadErrorKind::Missing if is_word => {
            Some("it is no command either: `badgateway --help` lists them")
        }
        _ => None,
    };
    found.unreadable(format!("cannot read {shown}: {error}"), help);
}

/// Nothing came: most often a dump whose other stream was kept.
fn empty(found: &mut Found, shown: &str) {
    found.unreadable(
        format!("{shown} is empty"),
        Some("a dump needs root, and `php-fpm -tt` writes to standard error: add `2>&1`"),
    );
}

impl Loose {
    fn count(&self) -> usize {
        self.mains.len() + self.pools.len() + self.php_inis.len()
    }

    fn add(&mut self, found: &mut Found, kind: Kind, path: FilePath) {
        match kind {
            Kind::Nginx => found.nginx.push(path),
            Kind::FpmMain => self.mains.push(path),
            Kind::FpmPool => self.pools.push(path),
            Kind::PhpIni => self.php_inis.push(path),
            Kind::UserIni => found.unreadable(
                format!(
                    "{}: a `.user.ini` belongs to the document root of a route",
                    found.disk.name_of(&path)
                ),
                Some("give nginx's configuration: the file is read through its `root`"),
            ),
            Kind::NginxDump | Kind::FpmDump => {}
        }
    }

    /// Puts mains, pools and php.ini files together.
    fn finish(self, found: &mut Found) {
        let (inis, scanned): (Vec<_>, Vec<_>) = self
            .php_inis
            .into_iter()
            .partition(|path| path.name().starts_with(b"php"));
        let shared_ini = inis.first().or(scanned.first()).cloned();
        for main in self.mains {
            let mut input = FpmInput::main(main);
            beside(&found.disk, &mut input);
            found.fpm.push(input);
        }
        if !self.pools.is_empty() {
            let mut input = FpmInput::fragments(self.pools);
            beside(&found.disk, &mut input);
            found.fpm.push(input);
        }
        if found.fpm.is_empty() && found.fpm_dumps.is_empty() {
            for path in inis.iter().chain(&scanned) {
                let path = found.disk.name_of(path);
                found.unreadable(
                    format!("{path}: no PHP-FPM that uses it was given; it was not judged"),
                    Some("give the pool's file too, or a directory with both"),
                );
            }
        }
        for (input, files, _) in &mut found.fpm_dumps {
            let copied = inis.iter().chain(&scanned).filter_map(|path| {
                files.insert(path.as_bytes(), found.disk.read(path).ok()?);
                Some(path.clone())
            });
            input.scan_files.extend(copied);
        }
        for input in &mut found.fpm {
            if let Some(ini) = &shared_ini {
                input.php_ini = Some(ini.clone());
            }
            let more = scanned
                .iter()
                .filter(|path| Some(*path) != shared_ini.as_ref());
            input.scan_files.extend(more.cloned());
        }
    }
}

/// php.ini and its scan directory beside a main file, or above a `pool.d`, as packages lay them.
fn beside(disk: &Disk, input: &mut FpmInput) {
    let Some(first) = input.files.first() else {
        return;
    };
    let dir = base::FilePath::new(first.parent());
    let dirs = [dir.as_bytes().to_vec(), dir.parent().to_vec()];
    for dir in dirs {
        let at = |name: &str| FilePath::new([dir.as_slice(), b"/", name.as_bytes()].concat());
        let ini = at("php.ini");
        if disk.may_exist(&ini) {
            input.php_ini = Some(ini);
            let scan = at("conf.d");
            if disk.may_exist(&scan) {
                input.scan_dirs.push(scan);
            }
            return;
        }
    }
}

fn take_bytes(found: &mut Found, name: &str, bytes: Arc<[u8]>) {
    let path = FilePath::new(name);
    let kind = detect(&path, &bytes);
    let mut files = MemoryFiles::default();
    match kind {
        Some(Kind::NginxDump) => {
            let parts = split_nginx_dump(&bytes);
            let Some(main) = parts.first().map(|part| part.path.clone()) else {
                return;
            };
            for part in parts {
                files.insert(part.path.as_bytes(), &bytes[part.range]);
            }
            let via = format!("{name} (nginx -T)");
            found.nginx_dumps.push((main, files, via));
        }
        Some(Kind::Nginx) => {
            files.insert(name, bytes);
            found.nginx_dumps.push((path, files, String::new()));
        }
        Some(Kind::FpmDump) => {
            files.insert(name, bytes);
            found
                .fpm_dumps
                .push((FpmInput::dump(path), files, String::new()));
        }
        Some(Kind::FpmMain | Kind::FpmPool) => {
            files.insert(name, bytes);
            let input = FpmInput::fragments(vec![path]);
            found.fpm_dumps.push((input, files, String::new()));
        }
        None if bytes.trim_ascii().is_empty() => empty(found, name),
        Some(Kind::PhpIni | Kind::UserIni) | None => found.unreadable(
            format!("{name}:1: this is no nginx or PHP-FPM configuration"),
            Some("give the output of `nginx -T` or `php-fpm -tt`, or one file"),
        ),
    }
}

/// A directory: its main files if it has any, else every file that looks like ours.
fn take_directory(found: &mut Found, loose: &mut Loose, dir: &FilePath) {
    let before = found.count() + loose.count() + found.problems.len();
    let mut files = Vec::new();
    let complete = walk(found, dir, 0, &mut BTreeSet::new(), &mut files);
    let shown = found.disk.name_of(dir);
    if !complete {
        let message = format!(
            "{shown}: more than {MOST_FILES} files or {DEEPEST} levels; not all were looked at"
        );
        found.unreadable(
            message,
            Some("give the directory of the configuration itself"),
        );
    }
    let named = |name: &[u8]| -> Vec<FilePath> {
        let files = files.iter().filter(|path| path.name() == name);
        files.cloned().collect()
    };
    let nginx_mains = nginx_mains(&found.disk, named(b"nginx.conf"));
    let fpm_mains = named(b"php-fpm.conf");
    found.nginx.extend(nginx_mains.iter().cloned());
    loose.mains.extend(fpm_mains.iter().cloned());
    let (no_nginx, no_fpm) = (nginx_mains.is_empty(), fpm_mains.is_empty());
    for path in files {
        let bytes = match found.disk.read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                // What a main file includes is reported when it is followed.
                if no_nginx && no_fpm && is_named_as_config(&path) {
                    let path = found.disk.name_of(&path);
                    found.unreadable(format!("cannot read {path}: {error}"), None);
                }
                continue;
            }
        };
        match detect(&path, &bytes) {
            Some(Kind::Nginx) if no_nginx && looks_like_config(&path) => found.nginx.push(path),
            Some(Kind::FpmMain | Kind::FpmPool) if no_fpm => loose.pools.push(path),
            Some(Kind::PhpIni) if no_fpm && path.name().starts_with(b"php") => {
                loose.php_inis.push(path);
            }
            _ => {}
        }
    }
    let after = found.count() + loose.count() + found.problems.len();
    if after == before {
        let message = format!("{shown}: no nginx, PHP-FPM or php.ini file in this directory");
        found.unreadable(message, None);
    }
}

/// Of several files called `nginx.conf` those with an `http` block, such as those of two images
/// in one repository; the others are parts that one of them may include.
fn nginx_mains(disk: &Disk, named: Vec<FilePath>) -> Vec<FilePath> {
    let is_main = |path: &&FilePath| {
        let bytes = disk.read(path).unwrap_or_default();
        let mut lines = bytes.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
        lines.any(|line| {
            let rest = line.strip_prefix(b"http").map(<[u8]>::trim_ascii_start);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"{"))
        })
    };
    let mains: Vec<FilePath> = named.iter().filter(is_main).cloned().collect();
    match mains.is_empty() {
        true => named.into_iter().take(1).collect(),
        false => mains,
    }
}

/// Names that only configuration has.
fn is_named_as_config(path: &FilePath) -> bool {
    let name = path.name();
    [b".conf".as_slice(), b".vhost"]
        .iter()
        .any(|end| name.ends_with(end))
        || name.starts_with(b"php") && name.ends_with(b".ini")
}

/// A directory also holds scripts and pages whose lines end in `;`.
fn looks_like_config(path: &FilePath) -> bool {
    let name = path.name();
    name.ends_with(b".conf") || name.ends_with(b".vhost") || !name.contains(&b'.')
}

/// Collects what is no directory, in sorted order; false when it had to stop.
fn walk(
    found: &mut Found,
    dir: &FilePath,
    depth: usize,
    seen: &mut BTreeSet<PathBuf>,
    out: &mut Vec<FilePath>,
) -> bool {
    let Ok(real) = found.disk.real_path(dir) else {
        return true;
    };
    let real = fs::canonicalize(&real).unwrap_or(real);
    if !seen.insert(real) {
        return true;
    }
    let mut names = match found.disk.list(dir) {
        Ok(names) => names,
        Err(error) => {
            let dir = found.disk.name_of(dir);
            found.unreadable(format!("cannot list {dir}: {error}"), None);
            return true;
        }
    };
    names.sort();
    let mut complete = true;
    for name in names.iter().filter(|name| !name.starts_with(b".git")) {
        if out.len() >= MOST_FILES || depth >= DEEPEST {
            return false;
        }
        let path = FilePath::new([dir.as_bytes(), b"/", name].concat());
        let real = found.disk.real_path(&path);
        if real.is_ok_and(|real| real.is_dir()) {
            complete &= walk(found, &path, depth + 1, seen, out);
        } else {
            out.push(path);
        }
    }
    complete
}

/// The absolute form of an argument: nginx resolves includes against the main file's directory.
fn absolute(input: &Path, disk: &Disk) -> FilePath {
    let path = match std::path::absolute(input) {
        Ok(path) if disk.is_host() => path,
        _ => Path::new("/").join(input),
    };
    FilePath::new(OsStr::as_bytes(path.as_os_str()))
}

/// `php:9000=www` of `--map`.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse_map(text: &str) -> Result<(Address, Vec<u8>), String> {
    let shown = base::source::printable(text.as_bytes());
    let (address, pool) = text
        .split_once('=')
        .filter(|(address, pool)| !address.is_empty() && !pool.is_empty())
        .ok_or_else(|| format!("`--map {shown}`: write ADDRESS=POOL, such as php:9000=www"))?;
    let address = Address::parse(address.as_bytes(), None)
        .map_err(|reason| format!("`--map {shown}`: {reason}"))?;
    Ok((address, pool.as_bytes().to_vec()))
}
