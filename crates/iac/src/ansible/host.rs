//! A machine while the tasks of its plays are done on it, one after the other.

use std::sync::Arc;

use base::{FilePath, SortedMap, SortedSet};
use model::php::PhpVersion;
use model::{Files as _, MemoryFiles};

use super::scope::Layer;
use super::text::Text;
use super::value::{At, Node};
use crate::compose::repo::joined;

/// What lies at a path.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// A text.
    Text(Text),
    /// A file of the repository that is no text.
    Whole(FilePath, Arc<[u8]>),
    /// Something of which only that is known that it is there, and why no more.
    Unknown(String),
    /// A link.
    Link(FilePath),
}

/// Everything that is known of a machine.
#[derive(Clone, Default)]
pub(crate) struct Host {
    /// Its files.
    pub(crate) files: SortedMap<FilePath, State>,
    /// Files of which only what tasks set is known.
    pub(crate) partial: SortedSet<FilePath>,
    /// Packages that no task installs, and whose files are there all the same: of Debian.
    pub(crate) assumed: SortedSet<String>,
    /// What was taken away.
    pub(crate) removed: SortedSet<FilePath>,
    /// What `set_fact` and `register` set.
    pub(crate) facts: Layer,
    /// What `include_vars` read.
    pub(crate) included: Layer,
    /// The version of PHP that a package tells.
    pub(crate) php: Option<PhpVersion>,
    /// A package of PHP-FPM whose version only a path can tell.
    pub(crate) pending_fpm: bool,
    /// What could not be known, in words.
    pub(crate) unknown: Vec<String>,
    /// Whether something asked for the name of the host.
    pub(crate) is_named: bool,
    /// Why names that are set nowhere may be set.
    pub(crate) closed: Option<Arc<str>>,
    /// Tasks that were done.
    pub(crate) steps: usize,
    /// Where values stand that something other than a place of a file is made of.
    pub(crate) also: SortedSet<At>,
    /// Whether it stands on Debian, as far as the tasks tell.
    pub(crate) is_debian: bool,
}

impl Host {
    /// Puts something at a path. `perhaps` says why that may not happen.
    pub(crate) fn put(&mut self, path: &FilePath, state: State, perhaps: Option<&str>) {
        self.bring(path);
        let path = self.real(path);
        self.partial.remove(&path);
        self.removed.remove(&path);
        let state = match perhaps {
            Some(why) => State::Unknown(why.to_owned()),
            None => state,
        };
        self.files.insert(path, state);
    }

    /// Takes something away, and what is below it.
    pub(crate) fn remove(&mut self, path: &FilePath, perhaps: Option<&str>) {
        self.bring(path);
        if perhaps.is_none() {
            self.removed.insert(path.clone());
        }
        let prefix = [path.as_bytes(), b"/"].concat();
        let is_it = |known: &FilePath| known == path || known.as_bytes().starts_with(&prefix);
        let gone: Vec<FilePath> = self
            .files
            .keys()
            .filter(|known| is_it(known))
            .cloned()
            .collect();
        for known in gone {
            match perhaps {
                Some(why) => drop(self.files.insert(known, State::Unknown(why.to_owned()))),
                None => drop(self.files.remove(&known)),
            }
        }
    }

    /// What lies at a path, links followed.
    pub(crate) fn at(&mut self, path: &FilePath) -> Option<&State> {
        self.bring(path);
        self.files.get(&self.real(path))
    }

    /// The path behind links.
    pub(crate) fn real(&self, path: &FilePath) -> FilePath {
        let mut at = path.clone();
        for _ in 0..40 {
            match self.files.get(&at) {
                Some(State::Link(target)) => at = target.clone(),
                _ => break,
            }
        }
        at
    }

    /// Sets a fact.
    pub(crate) fn fact(&mut self, name: &str, node: Node) {
        Arc::make_mut(&mut self.facts).insert(name.to_owned(), node);
    }

    /// What a package brings: only where nothing lies yet, as the package manager keeps what it finds.
    pub(crate) fn install(&mut self, package: &str, perhaps: Option<&str>) -> bool {
        let Some((files, php)) = crate::docker::debian_package(package) else {
            return false;
        };
        self.php = php.or(self.php);
        for path in files.paths() {
            let target = files.resolve(&path).filter(|target| *target != path);
            let state = match target {
                Some(target) => State::Link(target),
                None => State::Text(packaged(&files, &path)),
            };
            if !self.files.contains_key(&path) && !self.removed.contains(&path) {
                let state = match perhaps {
                    Some(why) => State::Unknown(why.to_owned()),
                    None => state,
                };
                self.files.insert(path, state);
            }
        }
        true
    }

    /// The package whose file this is on Debian, taken for installed.
    pub(crate) fn assume(&mut self, path: &FilePath) {
        let rest = path.as_bytes().strip_prefix(b"/etc/php/");
        let mut parts = rest.into_iter().flat_map(|rest| rest.split(|b| *b == b'/'));
        let package = match (parts.next(), parts.next()) {
            (Some(version), Some(b"fpm")) => format!("php{}-fpm", String::from_utf8_lossy(version)),
            _ if path.as_bytes().starts_with(b"/etc/nginx/") && self.is_debian => {
                "nginx".to_owned()
            }
            _ => return,
        };
        let main = match package.as_str() {
            "nginx" => "/etc/nginx/nginx.conf".to_owned(),
            name => {
                let version = name.trim_start_matches("php").trim_end_matches("-fpm");
                format!("/etc/php/{version}/fpm/php-fpm.conf")
            }
        };
        if !self.files.contains_key(&FilePath::new(main)) && self.install(&package, None) {
            self.assumed.insert(package);
        }
    }

    /// Takes for installed what files of other packages need.
    pub(crate) fn assume_all(&mut self) {
        let paths: Vec<FilePath> = self.files.keys().cloned().collect();
        for path in paths {
            self.assume(&path);
        }
    }

    /// `php-fpm` is the version whose folder is named then.
    fn bring(&mut self, path: &FilePath) {
        let rest = path.as_bytes().strip_prefix(b"/etc/php/");
        let version = rest.and_then(|rest| rest.split(|b| *b == b'/').next());
        let version = version.and_then(|version| std::str::from_utf8(version).ok());
        if let Some(version) = version.filter(|_| self.pending_fpm) {
            self.pending_fpm = false;
            let package = format!("php{version}-fpm");
            self.install(&package, None);
        }
    }
}

fn packaged(files: &MemoryFiles, path: &FilePath) -> Text {
    let bytes = files
        .read(path)
        .unwrap_or_else(|_| Arc::from([].as_slice()));
    Text {
        is_abridged: true,
        ..Text::plain(&String::from_utf8_lossy(&bytes))
    }
}

/// A path of a machine, without `.` and doubled slashes; `None` when it is none.
pub(crate) fn path_of(text: &str) -> Option<FilePath> {
    text.starts_with('/').then(|| joined(b"/", text.as_bytes()))
}
