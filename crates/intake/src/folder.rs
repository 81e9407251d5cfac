//! A folder that was named: its main files if it has any, else every file that looks like ours.

use base::{FilePath, SortedSet};
use model::detect::{Kind, detect, without_template_ending};

use crate::gather::Gather;
use crate::tree::{Tree, name_of};

/// How deep a given folder is searched.
const DEEPEST: usize = 8;

/// Files of a given folder that are looked at; a document root is no configuration.
const MOST_FILES: usize = 20_000;

impl Gather<'_> {
    /// Takes a folder.
    pub fn folder(&mut self, dir: &FilePath) {
        let tree = self.tree;
        let before = self.count();
        let mut files = Vec::new();
        let complete = self.walk(dir, 0, &mut SortedSet::new(), &mut files);
        let shown = name_of(tree, dir);
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
        let fpm_mains = named(&files, b"php-fpm.conf");
        self.found.nginx.extend(nginx_mains.iter().cloned());
        self.loose.mains.extend(fpm_mains.iter().cloned());
        self.parts(files, nginx_mains.is_empty(), fpm_mains.is_empty());
        if self.count() == before {
            let message = format!("{shown}: no nginx, PHP-FPM or php.ini file in this directory");
            self.found.unreadable(message, None);
        }
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
                Some(Kind::Nginx) if no_nginx && looks_like_config(&path) => {
                    self.found.nginx.push(path);
                }
                Some(Kind::FpmMain | Kind::FpmPool) if no_fpm => self.loose.pools.push(path),
                Some(Kind::PhpIni) if no_fpm && path.name().starts_with(b"php") => {
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
            + self.found.machines.len()
            + self.found.others.len();
        found + self.loose.count() + self.found.problems.len()
    }

    /// Collects what is no folder, in sorted order; false when it had to stop.
    fn walk(
        &mut self,
        dir: &FilePath,
        depth: usize,
        seen: &mut SortedSet<FilePath>,
        out: &mut Vec<FilePath>,
    ) -> bool {
        let Some(folder) = self.tree.folder(dir) else {
            return true;
        };
        if !seen.insert(folder) {
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
        let mut complete = true;
        for name in names.iter().filter(|name| !name.starts_with(b".git")) {
            if out.len() >= MOST_FILES || depth >= DEEPEST {
                return false;
            }
            let path = FilePath::new([dir.as_bytes(), b"/", name].concat());
            match self.tree.folder(&path) {
                Some(_) => complete &= self.walk(&path, depth + 1, seen, out),
                None => out.push(path),
            }
        }
        complete
    }
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

/// Names of files in which other programs keep theirs.
fn is_data(path: &FilePath) -> bool {
    let ends = [b".yml".as_slice(), b".yaml", b".json", b".rules"];
    ends.iter().any(|end| path.name().ends_with(end))
}

/// A folder also holds scripts and pages whose lines end in `;`.
pub(crate) fn looks_like_config(path: &FilePath) -> bool {
    let name = without_template_ending(path.name());
    name.ends_with(b".conf") || name.ends_with(b".vhost") || !name.contains(&b'.')
}
