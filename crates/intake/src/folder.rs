//! A folder that was named: its main files if it has any, else every file that looks like ours.

use base::source::some_of;
use base::{FilePath, SortedSet};
use model::detect::{Kind, detect, nginx_share, without_template_ending};

use crate::gather::Gather;
use crate::ignored::Ignored;
use crate::tree::{Tree, name_of};

/// How deep a given folder is searched.
const DEEPEST: usize = 24;

/// Names that are not looked at: what git keeps, and the packages that npm puts beside a program.
const PASSED_OVER: [&[u8]; 2] = [b".git", b"node_modules"];

/// Files of a given folder that are looked at; a document root is no configuration.
const MOST_FILES: usize = 50_000;

impl Gather<'_> {
    /// Takes a folder.
    pub fn folder(&mut self, dir: &FilePath) {
        let tree = self.tree;
        let before = self.count();
        let mut walk = Walk::default();
        let ignored = Ignored::around(tree, dir);
        let complete = self.walk(dir, 0, &ignored, &mut walk);
        let Walk {
            mut files,
            left_out,
            ..
        } = walk;
        let shown = match name_of(tree, dir) {
            name if name.is_empty() => ".".to_owned(),
            name => name,
        };
        if !complete {
            let message = format!(
                "{shown}: more than {MOST_FILES} files or {DEEPEST} levels; not all were looked at"
            );
            self.found.unreadable(
                message,
                Some("give the directory of the configuration itself"),
            );
        }
        if let Some(installed) = self.installed(tree, &files) {
            files.retain(|path| !installed.taken.contains(path));
            self.found.add(installed.found);
        }
        // What a template makes is there already.
        let made: SortedSet<FilePath> = files.iter().cloned().collect();
        files.retain(|path| {
            let name = path.as_bytes();
            let plain = without_template_ending(name);
            plain.len() == name.len() || !made.contains(&FilePath::new(plain))
        });
        let nginx_mains = nginx_mains(tree, named(&files, b"nginx.conf"));
        let mut fpm_mains = named(&files, b"php-fpm.conf");
        fpm_mains.retain(|path| {
            let bytes = tree.read(path);
            bytes.map_or(true, |bytes| detect(path, &bytes).is_some())
        });
        self.found.nginx.extend(nginx_mains.iter().cloned());
        self.loose.mains.extend(fpm_mains.iter().cloned());
        self.parts(files, nginx_mains.is_empty(), fpm_mains.is_empty());
        if self.count() == before {
            self.nothing_in(&shown, left_out);
        }
    }

    /// Says that a folder has nothing for us. A machine without a file is none.
    fn nothing_in(&mut self, shown: &str, left_out: usize) {
        let images: SortedSet<&String> = self.found.images.iter().collect();
        let images: Vec<&String> = images.into_iter().collect();
        let mut message = format!("{shown}: no nginx, PHP-FPM or php.ini file in this directory");
        if !images.is_empty() {
            let some = some_of(&images);
            message += &format!("; what is in these images is not known: {some}");
        }
        let help = match left_out {
            0 => None,
            1 => Some("one file or folder is left out because .gitignore names it".to_owned()),
            count => Some(format!(
                "{count} files and folders are left out because .gitignore names them"
            )),
        };
        self.found.unreadable(message, help.as_deref());
    }

    /// What of these files belongs to no main file, because there is none.
    fn parts(&mut self, files: Vec<FilePath>, no_nginx: bool, no_fpm: bool) {
        for path in files {
            let bytes = match self.tree.read(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    // What a main file includes is reported when it is followed.
                    if no_nginx && no_fpm && is_named_as_config(&path) {
                        let path = name_of(self.tree, &path);
                        self.found
                            .unreadable(format!("cannot read {path}: {error}"), None);
                    }
                    continue;
                }
            };
            let mut claims = self.claims.iter().filter(|_| is_data(&path));
            if claims.any(|claims| (claims.found)(&bytes)) {
                self.found.others.push((path, bytes));
                continue;
            }
            match detect(&path, &bytes) {
                Some(Kind::Nginx) if no_nginx && looks_like_config(&path, &bytes) => {
                    self.found.nginx.push(path);
                }
                Some(Kind::FpmMain | Kind::FpmPool) if no_fpm && is_named_as_pool(&path) => {
                    self.loose.pools.push(path);
                }
                Some(Kind::PhpIni) if no_fpm && is_php_ini(&path) => {
                    self.loose.php_inis.push(path);
                }
                _ => {}
            }
        }
    }

    /// How much was found, or said of what could not be.
    fn count(&self) -> usize {
        let found = self.found.nginx.len()
            + self.found.fpm.len()
            + self.found.nginx_dumps.len()
            + self.found.fpm_dumps.len()
            + self.found.others.len();
        found + self.loose.count() + self.found.problems.len()
    }

    /// Collects what is no folder and what git knows, in sorted order; false when it had to stop.
    fn walk(&mut self, dir: &FilePath, depth: usize, around: &Ignored, out: &mut Walk) -> bool {
        let Some(folder) = self.tree.folder(dir) else {
            return true;
        };
        if !out.seen.insert(folder) {
            return true;
        }
        let mut names = match self.tree.list(dir) {
            Ok(names) => names,
            Err(error) => {
                let dir = name_of(self.tree, dir);
                self.found
                    .unreadable(format!("cannot list {dir}: {error}"), None);
                return true;
            }
        };
        names.sort();
        let ignored = around.within(self.tree, &names);
        let mut complete = true;
        for name in names.iter().filter(|name| !is_passed_over(name)) {
            if out.files.len() >= MOST_FILES || depth >= DEEPEST {
                return false;
            }
            let path = FilePath::new([dir.as_bytes(), b"/", name].concat());
            let is_folder = self.tree.folder(&path).is_some();
            if ignored.leaves_out(name, is_folder) {
                out.left_out += 1;
                continue;
            }
            match is_folder {
                true => complete &= self.walk(&path, depth + 1, &ignored.below(name), out),
                false => out.files.push(path),
            }
        }
        complete
    }
}

/// What was seen on the way through a folder.
#[derive(Default)]
struct Walk {
    files: Vec<FilePath>,
    seen: SortedSet<FilePath>,
    /// How much git leaves out.
    left_out: usize,
}

fn is_passed_over(name: &[u8]) -> bool {
    name.starts_with(PASSED_OVER[0]) || name == PASSED_OVER[1]
}

/// The files of this name.
pub(crate) fn named(files: &[FilePath], name: &[u8]) -> Vec<FilePath> {
    let files = files.iter().filter(|path| path.name() == name);
    files.cloned().collect()
}

/// Of several files called `nginx.conf` those with an `http` block, such as those of two images
/// in one repository; the others are parts that one of them may include.
pub(crate) fn nginx_mains(tree: &dyn Tree, named: Vec<FilePath>) -> Vec<FilePath> {
    let is_main = |path: &&FilePath| has_block(&tree.read(path).unwrap_or_default(), b"http");
    let mains: Vec<FilePath> = named.iter().filter(is_main).cloned().collect();
    match mains.is_empty() {
        true => named.into_iter().take(1).collect(),
        false => mains,
    }
}

/// Whether a line begins a block of this name.
pub(crate) fn has_block(bytes: &[u8], name: &[u8]) -> bool {
    let mut lines = bytes.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    lines.any(|line| {
        let rest = line.strip_prefix(name).map(<[u8]>::trim_ascii_start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"{"))
    })
}

/// Names that only configuration has.
fn is_named_as_config(path: &FilePath) -> bool {
    let name = without_template_ending(path.name());
    [b".conf".as_slice(), b".vhost"]
        .iter()
        .any(|end| name.ends_with(end))
        || name.starts_with(b"php") && name.ends_with(b".ini")
}

/// `php.ini`, `php.ini-production`, `php-fpm-overrides.ini`; not `phpunit.xml`.
fn is_php_ini(path: &FilePath) -> bool {
    let name = path.name();
    name.starts_with(b"php") && name.windows(4).any(|part| part == b".ini")
}

/// Names of files in which other programs keep theirs.
fn is_data(path: &FilePath) -> bool {
    let ends = [b".yml".as_slice(), b".yaml", b".json", b".rules"];
    ends.iter().any(|end| path.name().ends_with(end))
}

/// Endings of configuration that is there to be copied.
const PERHAPS: [&[u8]; 7] = [
    b".sample",
    b".example",
    b".nginx",
    b".inc",
    b".site",
    b".default",
    b".cfg",
];

/// Playbooks, pages and programs have lines such as `listen = 9000`, too.
fn is_named_as_pool(path: &FilePath) -> bool {
    let name = without_template_ending(path.name());
    let is_usual = [&b".conf"[..], b".pool", b".ini"]
        .iter()
        .any(|end| name.ends_with(end));
    !name.contains(&b'.') || is_usual || PERHAPS.iter().any(|end| name.ends_with(end))
}

/// A folder also holds scripts, licences and pages whose lines end in `;`.
pub(crate) fn looks_like_config(path: &FilePath, bytes: &[u8]) -> bool {
    let name = without_template_ending(path.name());
    let is_script = bytes.starts_with(b"#!") || bytes.starts_with(b"<");
    if name.ends_with(b".conf") || name.ends_with(b".vhost") {
        return nginx_share(bytes) > 0.0;
    }
    let may_be = !name.contains(&b'.') || PERHAPS.iter().any(|end| name.ends_with(end));
    may_be && !is_script && nginx_share(bytes) >= 0.5
}
