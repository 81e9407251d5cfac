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
use model::{Address, Files, MemoryFiles};

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
        self.fpm.extend(discover::fpm_mains(&self.disk));
    }
}

/// Finds what the arguments name.
pub(crate) fn find(args: &InputArgs) -> Found {
    let root = args.root.clone().or_else(|| sole_root(&args.inputs));
    let whole_system = args.inputs.is_empty() || root.is_some() && args.root.is_none();
    let disk = match root {
        Some(root) => Disk::below(root),
        None if args.inputs.iter().any(|input| input.is_relative()) => Disk::seen_from_here(),
        None => Disk::host(),
    };
    let mut found = Found::new(disk);
    if whole_system {
        found.discover();
        if found.is_empty() {
            let message = format!(
                "no nginx and no PHP-FPM configuration in the usual places ({}, …)",
                discover::NGINX_MAINS[0]
            );
            found.unreadable(
                message,
                Some("give the files or their directory as arguments"),
            );
        }
        return found;
    }
    let mut loose = Loose::default();
    for input in &args.inputs {
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
    let shown = base::source::printable(input.as_os_str().as_bytes());
    let real = match &found
        .disk
        .real_path(&FilePath::new(input.as_os_str().as_bytes()))
    {
        Ok(real) if input.is_absolute() => real.clone(),
        _ => input.to_owned(),
    };
    if real.is_dir() {
        return take_directory(found, loose, &absolute(input, &found.disk));
    }
    let head = match disk::read_head(&real) {
        Ok(head) => head,
        Err(error) => return found.unreadable(format!("cannot read {shown}: {error}"), None),
    };
    let path = absolute(input, &found.disk);
    match detect(&path, &head) {
        Some(Kind::NginxDump | Kind::FpmDump) => match disk::read_dump(&real) {
            Ok(bytes) => take_bytes(found, &shown, bytes),
            Err(error) => found.unreadable(format!("cannot read {shown}: {error}"), None),
        },
        Some(kind) => loose.add(found, kind, path),
        None => found.unreadable(
            format!("{shown}:1: this is no nginx, PHP-FPM or php.ini file"),
            Some("nothing in it looks like a directive or a setting"),
        ),
    }
}

impl Loose {
    fn add(&mut self, found: &mut Found, kind: Kind, path: FilePath) {
        match kind {
            Kind::Nginx => found.nginx.push(path),
            Kind::FpmMain => self.mains.push(path),
            Kind::FpmPool => self.pools.push(path),
            Kind::PhpIni => self.php_inis.push(path),
            Kind::UserIni => found.unreadable(
                format!("{path}: a `.user.ini` belongs to the document root of a route"),
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
        if disk.read(&ini).is_ok() {
            input.php_ini = Some(ini);
            let scan = at("conf.d");
            if disk.list(&scan).is_ok() {
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
        Some(Kind::PhpIni | Kind::UserIni) | None => found.unreadable(
            format!("{name}:1: this is no nginx or PHP-FPM configuration"),
            Some("give the output of `nginx -T` or `php-fpm -tt`, or one file"),
        ),
    }
}

/// A directory: its main files if it has any, else every file that looks like ours.
fn take_directory(found: &mut Found, loose: &mut Loose, dir: &FilePath) {
    let mut files = Vec::new();
    let complete = walk(&found.disk, dir, 0, &mut BTreeSet::new(), &mut files);
    if !complete {
        let message = format!(
            "{dir}: more than {MOST_FILES} files or {DEEPEST} levels; not all were looked at"
        );
        found.unreadable(
            message,
            Some("give the directory of the configuration itself"),
        );
    }
    let named = |name: &[u8]| files.iter().find(|path| path.name() == name).cloned();
    let nginx_main = named(b"nginx.conf");
    let fpm_mains: Vec<_> = files
        .iter()
        .filter(|path| path.name() == b"php-fpm.conf")
        .cloned()
        .collect();
    let before = found.nginx.len() + loose.mains.len() + loose.pools.len() + loose.php_inis.len();
    found.nginx.extend(nginx_main.clone());
    loose.mains.extend(fpm_mains.iter().cloned());
    for path in files {
        let Ok(bytes) = found.disk.read(&path) else {
            continue;
        };
        match detect(&path, &bytes) {
            Some(Kind::Nginx) if nginx_main.is_none() && looks_like_config(&path) => {
                found.nginx.push(path);
            }
            Some(Kind::FpmMain | Kind::FpmPool) if fpm_mains.is_empty() => loose.pools.push(path),
            Some(Kind::PhpIni) if fpm_mains.is_empty() && path.name().starts_with(b"php") => {
                loose.php_inis.push(path);
            }
            _ => {}
        }
    }
    let after = found.nginx.len() + loose.mains.len() + loose.pools.len() + loose.php_inis.len();
    if after == before {
        let message = format!("{dir}: no nginx, PHP-FPM or php.ini file in this directory");
        found.unreadable(message, None);
    }
}

/// A directory also holds scripts and pages whose lines end in `;`.
fn looks_like_config(path: &FilePath) -> bool {
    let name = path.name();
    name.ends_with(b".conf") || name.ends_with(b".vhost") || !name.contains(&b'.')
}

/// Collects regular files in sorted order; false when it had to stop.
fn walk(
    disk: &Disk,
    dir: &FilePath,
    depth: usize,
    seen: &mut BTreeSet<PathBuf>,
    out: &mut Vec<FilePath>,
) -> bool {
    let Ok(real) = disk.real_path(dir) else {
        return true;
    };
    let real = fs::canonicalize(&real).unwrap_or(real);
    if !seen.insert(real) {
        return true;
    }
    let mut names = disk.list(dir).unwrap_or_default();
    names.sort();
    let mut complete = true;
    for name in names.iter().filter(|name| !name.starts_with(b".git")) {
        if out.len() >= MOST_FILES || depth >= DEEPEST {
            return false;
        }
        let path = FilePath::new([dir.as_bytes(), b"/", name].concat());
        let Ok(real) = disk.real_path(&path) else {
            continue;
        };
        if real.is_dir() {
            complete &= walk(disk, &path, depth + 1, seen, out);
        } else if real.is_file() {
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
    let (address, pool) = text
        .rsplit_once('=')
        .ok_or_else(|| format!("`--map {text}`: write ADDRESS=POOL, such as php:9000=www"))?;
    let address = Address::parse(address.as_bytes(), None)
        .map_err(|reason| format!("`--map {text}`: {reason}"))?;
    Ok((address, pool.as_bytes().to_vec()))
}
