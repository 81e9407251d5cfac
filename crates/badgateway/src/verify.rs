//! Asking nginx and PHP-FPM whether they take the result, on a shadow copy.
//!
//! The shadow holds everything that was read, and nginx's configuration directory, below a
//! temporary folder; absolute paths of includes are led there. All other paths stay as they are,
//! so that certificates and logs are those of the host.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use base::source::printable;
use base::{Edit, FilePath, Span};
use fix::{Overlay, Store};
use model::Files;
use model::php::{FpmInput, InputKind};
use syntax::ini::{self, Dialect, EntryKind};
use syntax::nginx::{self, NodeId, Tree};

/// What the servers said.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Every program that is there takes it; the programs asked.
    Taken(Vec<String>),
    /// The program, and why it refuses the result although it takes what is there now.
    Refused(String, String),
    /// The program refuses even what is there now, so nothing can be proven.
    Unproven(String, String),
}

/// A folder that goes away.
struct Shadow(PathBuf);

impl Drop for Shadow {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Asks for each nginx and each FPM whose files change.
pub(crate) fn verify(
    disk: &dyn Files,
    mains: &[FilePath],
    fpms: &[FpmInput],
    read: &[FilePath],
    store: &Store,
) -> io::Result<Verdict> {
    let mut taken = Vec::new();
    let old = Store::default();
    if let (Some(program), Some(main)) = (nginx_program(), mains.first()) {
        let test = |store: &Store| test_nginx(&program, disk, main, read, store);
        match compare(&program, test, &old, store)? {
            None => taken.push(shown(&program)),
            Some(verdict) => return Ok(verdict),
        }
    }
    for input in fpms.iter().filter(|input| input.kind == InputKind::Main) {
        let Some(program) = fpm_program(input) else {
            continue;
        };
        let test = |store: &Store| test_fpm(&program, disk, input, read, store);
        match compare(&program, test, &old, store)? {
            None => taken.push(shown(&program)),
            Some(verdict) => return Ok(verdict),
        }
    }
    Ok(Verdict::Taken(taken))
}

fn shown(program: &Path) -> String {
    printable(program.as_os_str().as_bytes())
}

/// The new first; when it is refused, whether the old is refused just so.
fn compare(
    program: &Path,
    test: impl Fn(&Store) -> io::Result<Option<String>>,
    old: &Store,
    new: &Store,
) -> io::Result<Option<Verdict>> {
    let Some(why) = test(new)? else {
        return Ok(None);
    };
    Ok(Some(match test(old)? {
        Some(before) if before == why => Verdict::Unproven(shown(program), why),
        _ => Verdict::Refused(shown(program), why),
    }))
}

fn nginx_program() -> Option<PathBuf> {
    let usual = [
        "/usr/sbin/nginx",
        "/usr/local/sbin/nginx",
        "/usr/local/nginx/sbin/nginx",
    ];
    usual.iter().map(PathBuf::from).find(|path| path.is_file())
}

/// The program of the input's version, or the only one there is.
fn fpm_program(input: &FpmInput) -> Option<PathBuf> {
    if let Some(version) = input.version {
        let plain = version.to_string();
        let names = [
            format!("php-fpm{plain}"),
            format!("php-fpm{}", plain.replace('.', "")),
        ];
        let found = names.iter().map(|name| Path::new("/usr/sbin").join(name));
        if let Some(path) = found.into_iter().find(|path| path.is_file()) {
            return Some(path);
        }
    }
    let mut found: Vec<PathBuf> = ["/usr/sbin", "/usr/local/sbin"]
        .iter()
        .filter_map(|dir| fs::read_dir(dir).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|n| n.as_bytes().starts_with(b"php-fpm"))
        })
        .collect();
    found.sort();
    found.pop()
}

fn shadow() -> io::Result<Shadow> {
    let name = format!("badgateway-{}", std::process::id());
    for n in 0..100 {
        let path = std::env::temp_dir().join(format!("{name}-{n}"));
        // Configuration holds passwords, and must not lie open in a shared folder.
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(Shadow(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("no free name for a temporary folder"))
}

/// Where a file of the host is in the shadow.
fn inside(shadow: &Path, path: &FilePath) -> PathBuf {
    let path = Path::new(OsStr::from_bytes(path.as_bytes()));
    shadow.join(path.strip_prefix("/").unwrap_or(path))
}

/// Writes what was read, and what else is beside the main file, with includes led into the shadow.
fn fill(
    shadow: &Path,
    disk: &dyn Files,
    main: &FilePath,
    read: &[FilePath],
    store: &Store,
    lead: impl Fn(&Path, &[u8]) -> Vec<u8>,
) -> io::Result<()> {
    let over = Overlay {
        files: disk,
        via: None,
        store,
    };
    let mut all: BTreeMap<FilePath, Arc<[u8]>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    collect(&over, &FilePath::new(main.parent()), 0, &mut seen, &mut all);
    for path in read {
        if let Ok(bytes) = over.read(path) {
            all.insert(path.clone(), bytes);
        }
    }
    for (path, bytes) in &all {
        let copy = inside(shadow, path);
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent)?;
        }
        let is_text = read.contains(path) || path == main;
        let bytes = match is_text {
            true => lead(shadow, bytes),
            false => bytes.to_vec(),
        };
        fs::write(copy, bytes)?;
    }
    Ok(())
}

/// Everything below a directory, links followed; configuration directories are small.
fn collect(
    files: &Overlay<'_>,
    dir: &FilePath,
    depth: usize,
    seen: &mut BTreeSet<FilePath>,
    out: &mut BTreeMap<FilePath, Arc<[u8]>>,
) {
    let real = files.resolve(dir).unwrap_or_else(|| dir.clone());
    if depth > 8 || out.len() > 20_000 || !seen.insert(real) {
        return;
    }
    for name in files.list(dir).unwrap_or_default() {
        let path = FilePath::new([dir.as_bytes(), b"/", &name].concat());
        match files.read(&path) {
            Ok(bytes) => drop(out.insert(path, bytes)),
            Err(_) => collect(files, &path, depth + 1, seen, out),
        }
    }
}

fn test_nginx(
    program: &Path,
    disk: &dyn Files,
    main: &FilePath,
    read: &[FilePath],
    store: &Store,
) -> io::Result<Option<String>> {
    let shadow = shadow()?;
    fill(&shadow.0, disk, main, read, store, lead_nginx)?;
    let conf = inside(&shadow.0, main);
    let output = Command::new(program)
        .arg("-t")
        .arg("-q")
        .arg("-c")
        .arg(&conf)
        .stdin(Stdio::null())
        .output()?;
    Ok(words(output.status.success(), &output.stderr, &shadow.0))
}

fn test_fpm(
    program: &Path,
    disk: &dyn Files,
    input: &FpmInput,
    read: &[FilePath],
    store: &Store,
) -> io::Result<Option<String>> {
    let shadow = shadow()?;
    let Some(main) = input.files.first() else {
        return Ok(None);
    };
    fill(&shadow.0, disk, main, read, store, lead_fpm)?;
    let mut command = Command::new(program);
    command.arg("-t").arg("-y").arg(inside(&shadow.0, main));
    match &input.php_ini {
        Some(ini) => command.arg("-c").arg(inside(&shadow.0, ini)),
        None => command.arg("-n"),
    };
    let output = command.stdin(Stdio::null()).output()?;
    Ok(words(output.status.success(), &output.stderr, &shadow.0))
}

/// The first complaint, with the host's own paths and without the time; `None` for none.
fn words(ok: bool, stderr: &[u8], shadow: &Path) -> Option<String> {
    if ok {
        return None;
    }
    let text = String::from_utf8_lossy(stderr);
    let text = text.replace(&shadow.display().to_string(), "");
    let is_complaint = |line: &&str| {
        ["[emerg]", "ERROR", "ALERT", "PHP:"]
            .iter()
            .any(|mark| line.contains(mark))
    };
    let line = text.lines().find(is_complaint).or(text.lines().next());
    let line = line.unwrap_or("it says nothing");
    Some(printable(without_time(line).as_bytes()))
}

/// Without what differs from run to run: `[23-Nov-2026 13:00:06] ERROR: …`,
/// `2026/11/23 13:00:06 [emerg] 7#7: …`.
fn without_time(line: &str) -> &str {
    if let Some((_, rest)) = line.split_once("[emerg] ") {
        let (process, words) = rest.split_once(": ").unwrap_or(("", rest));
        let is_process = process.contains('#') && !process.contains(' ');
        return if is_process { words } else { rest };
    }
    match line
        .strip_prefix('[')
        .and_then(|line| line.split_once("] "))
    {
        Some((_, rest)) => rest,
        None => line,
    }
}

/// Leads absolute includes of nginx into the shadow.
fn lead_nginx(shadow: &Path, bytes: &[u8]) -> Vec<u8> {
    let tree = nginx::parse(bytes);
    let ids = (0..u32::try_from(tree.len()).unwrap_or(0)).map(NodeId);
    let edits = ids.filter_map(|id| {
        let [name, path] = tree.words(id) else {
            return None;
        };
        let is_include = &*Tree::value(bytes, *name) == b"include";
        let is_absolute = Tree::value(bytes, *path).starts_with(b"/");
        let at = bytes[path.start as usize..]
            .iter()
            .position(|&b| b == b'/')?;
        (is_include && is_absolute).then(|| insertion(path.start as usize + at, shadow))
    });
    led(bytes, &edits.collect::<Vec<_>>())
}

/// Leads absolute includes of FPM into the shadow.
fn lead_fpm(shadow: &Path, bytes: &[u8]) -> Vec<u8> {
    let tree = ini::parse(bytes, Dialect::Fpm);
    let edits = tree.entries().iter().filter_map(|entry| {
        let key = &bytes[entry.key.0 as usize..entry.key.1 as usize];
        let is_include = entry.kind == EntryKind::Pair && key == b"include";
        let start = entry.value.span.0 as usize;
        let at = bytes[start..entry.value.span.1 as usize]
            .iter()
            .position(|&b| b == b'/')?;
        let is_absolute = entry.value.text.starts_with(b"/");
        (is_include && is_absolute).then(|| insertion(start + at, shadow))
    });
    led(bytes, &edits.collect::<Vec<_>>())
}

fn insertion(at: usize, shadow: &Path) -> Edit {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    Edit {
        span: Span::new(base::FileId(0), at, at),
        text: shadow.as_os_str().as_bytes().to_vec(),
    }
}

fn led(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    fix::apply(bytes, edits).unwrap_or_else(|_| bytes.to_vec())
}
