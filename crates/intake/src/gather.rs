//! Putting together what was named: files, folders, streams and dumps.

use std::sync::Arc;

use base::{FilePath, Problem, ProblemKind, SortedMap, SortedSet};
use model::detect::{Kind, detect, split_nginx_dump};
use model::php::FpmInput;
use model::{Machine, MemoryFiles, ReadError};

use crate::discover;
use crate::loose::Loose;
use crate::tree::{Tree, name_of};

/// What was found to load.
#[derive(Default)]
pub struct Found {
    /// nginx main files and fragments.
    pub nginx: Vec<FilePath>,
    /// PHP-FPM instances.
    pub fpm: Vec<FpmInput>,
    /// `nginx -T` dumps: the main file, the files, and the name of the dump.
    pub nginx_dumps: Vec<(FilePath, MemoryFiles, String)>,
    /// FPM inputs that came through a stream or a dump, with the files to read them from.
    pub fpm_dumps: Vec<(FpmInput, MemoryFiles, String)>,
    /// Files that another judge takes, with their bytes.
    pub others: Vec<(FilePath, Arc<[u8]>)>,
    /// The machines that dumps are for, by the names of the dumps.
    pub machines: Vec<Machine>,
    /// What was named and cannot be used.
    pub problems: Vec<Problem>,
    /// Names of given values that the files of machines speak of.
    pub named: SortedSet<String>,
}

/// Tells which files another judge takes, so that this room need not know what they are.
#[derive(Clone, Copy)]
pub struct Claims {
    /// Whether a file that was named is one.
    pub named: fn(&[u8]) -> bool,
    /// Whether a file of a folder, or a stream, is one.
    pub found: fn(&[u8]) -> bool,
}

/// Reads machines out of the files of a folder, so that this room need not know how.
pub type Machines = fn(&dyn Tree, &[FilePath], &SortedMap<String, String>) -> Installed;

/// What a folder says of machines.
#[derive(Default)]
pub struct Installed {
    /// The machines and their files.
    pub found: Found,
    /// Files of the folder that one of them has: they need not be judged for themselves.
    pub taken: SortedSet<FilePath>,
    /// Names of given values that its files speak of.
    pub named: SortedSet<String>,
}

impl Installed {
    /// Whether nothing was said.
    fn is_nothing(&self) -> bool {
        let found = &self.found;
        found.is_empty() && found.machines.is_empty() && found.problems.is_empty()
    }
}

impl Found {
    /// Adds what was found elsewhere.
    pub fn add(&mut self, other: Found) {
        self.nginx.extend(other.nginx);
        self.fpm.extend(other.fpm);
        self.nginx_dumps.extend(other.nginx_dumps);
        self.fpm_dumps.extend(other.fpm_dumps);
        self.others.extend(other.others);
        self.machines.extend(other.machines);
        self.problems.extend(other.problems);
        self.named.extend(other.named);
    }

    /// Whether there is nothing to load.
    pub fn is_empty(&self) -> bool {
        self.nginx.is_empty()
            && self.fpm.is_empty()
            && self.nginx_dumps.is_empty()
            && self.fpm_dumps.is_empty()
            && self.others.is_empty()
    }

    /// Notes what could not be used.
    pub fn unreadable(&mut self, message: String, help: Option<&str>) {
        self.problems.push(unreadable(message, help));
    }
}

/// A problem of something that could not be read.
pub fn unreadable(message: String, help: Option<&str>) -> Problem {
    Problem {
        kind: ProblemKind::Unreadable,
        message,
        span: None,
        help: help.map(str::to_owned),
    }
}

/// Takes what is named, one after the other; which files belong together is known at the end.
pub struct Gather<'t> {
    pub(crate) tree: &'t dyn Tree,
    /// What was found so far.
    pub found: Found,
    pub(crate) loose: Loose,
    pub(crate) claims: Option<Claims>,
    pub(crate) machines: Option<Machines>,
    /// Values that are given by name: what templates and variables are filled with.
    set: SortedMap<String, String>,
}

impl<'t> Gather<'t> {
    /// Nothing yet.
    pub fn new(tree: &'t dyn Tree) -> Self {
        Gather {
            tree,
            found: Found::default(),
            loose: Loose::default(),
            claims: None,
            machines: None,
            set: SortedMap::new(),
        }
    }

    /// The same beside another judge.
    pub fn claimed_by(tree: &'t dyn Tree, claims: Option<Claims>) -> Self {
        Gather {
            claims,
            ..Gather::new(tree)
        }
    }

    /// The same for folders that say which machines have their files.
    #[must_use]
    pub fn with_machines(self, machines: Option<Machines>) -> Self {
        Gather { machines, ..self }
    }

    /// The same with values for names.
    #[must_use]
    pub fn with_set(self, set: SortedMap<String, String>) -> Self {
        Gather { set, ..self }
    }

    /// Asks for the machines of these files.
    pub(crate) fn installed(&mut self, tree: &dyn Tree, files: &[FilePath]) -> Option<Installed> {
        let mut installed = self.machines?(tree, files, &self.set);
        let named = std::mem::take(&mut installed.named);
        self.found.named.extend(named);
        Some(installed)
    }

    /// The usual places of a system; there may be nothing.
    pub fn quietly_system(&mut self) {
        self.found.nginx.extend(discover::nginx_main(self.tree));
        let (mains, closed) = discover::fpm_mains(self.tree);
        self.found.fpm.extend(mains);
        for (dir, error) in closed {
            let dir = name_of(self.tree, &dir);
            self.found
                .unreadable(format!("cannot list {dir}: {error}"), None);
        }
    }

    /// The usual places of a system.
    pub fn system(&mut self) {
        self.quietly_system();
        if self.found.is_empty() && self.found.problems.is_empty() {
            let first = name_of(self.tree, &FilePath::new(discover::NGINX_MAINS[0]));
            self.found.unreadable(
                format!("no nginx and no PHP-FPM configuration in the usual places ({first}, …)"),
                Some("give the files or their directory as arguments"),
            );
        }
    }

    /// One file; `shown` is its name for messages.
    ///
    /// # Errors
    /// When it cannot be read; the caller knows what to advise.
    pub fn file(&mut self, path: FilePath, shown: &str) -> Result<(), ReadError> {
        let head = self.tree.head(&path)?;
        let is_claimed = |bytes: &[u8]| self.claims.is_some_and(|claims| (claims.named)(bytes));
        if is_claimed(&head) {
            let bytes = self.tree.read(&path)?;
            if is_claimed(&bytes) {
                self.found.others.push((path, bytes));
                return Ok(());
            }
        }
        if self.takes_machines(self.tree, &path) {
            return Ok(());
        }
        match detect(&path, &head) {
            Some(Kind::NginxDump | Kind::FpmDump) => {
                let bytes = self.tree.dump(&path)?;
                self.stream(shown, bytes);
            }
            Some(kind) => self.add(kind, path),
            None if head.trim_ascii().is_empty() => self.empty(shown),
            None => self.found.unreadable(
                format!("{shown}:1: this is no nginx, PHP-FPM or php.ini file"),
                Some("nothing in it looks like a directive or a setting"),
            ),
        }
        Ok(())
    }

    /// A file whose kind is known.
    pub(crate) fn add(&mut self, kind: Kind, path: FilePath) {
        match kind {
            Kind::Nginx => self.found.nginx.push(path),
            Kind::FpmMain => self.loose.mains.push(path),
            Kind::FpmPool => self.loose.pools.push(path),
            Kind::PhpIni => self.loose.php_inis.push(path),
            Kind::UserIni => self.found.unreadable(
                format!(
                    "{}: a `.user.ini` belongs to the document root of a route",
                    name_of(self.tree, &path)
                ),
                Some("give nginx's configuration: the file is read through its `root`"),
            ),
            Kind::NginxDump | Kind::FpmDump => {}
        }
    }

    /// Takes a file that says which machines have which files, if it does.
    fn takes_machines(&mut self, tree: &dyn Tree, path: &FilePath) -> bool {
        let Some(installed) = self.installed(tree, std::slice::from_ref(path)) else {
            return false;
        };
        let is_it = !installed.is_nothing();
        self.found.add(installed.found);
        is_it
    }

    /// Bytes without a file around them: standard input, or a dump of this name.
    pub fn stream(&mut self, name: &str, bytes: Arc<[u8]>) {
        let path = FilePath::new(name);
        if self.claims.is_some_and(|claims| (claims.found)(&bytes)) {
            return self.found.others.push((path, bytes));
        }
        let mut files = MemoryFiles::default();
        files.insert(name, bytes.clone());
        if self.takes_machines(&files, &path) {
            return;
        }
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
                self.found.nginx_dumps.push((main, files, via));
            }
            Some(Kind::Nginx) => {
                files.insert(name, bytes);
                self.found.nginx_dumps.push((path, files, String::new()));
            }
            Some(Kind::FpmDump) => {
                files.insert(name, bytes);
                let input = FpmInput::dump(path);
                self.found.fpm_dumps.push((input, files, String::new()));
            }
            Some(Kind::FpmMain | Kind::FpmPool) => {
                files.insert(name, bytes);
                let input = FpmInput::fragments(vec![path]);
                self.found.fpm_dumps.push((input, files, String::new()));
            }
            None if bytes.trim_ascii().is_empty() => self.empty(name),
            Some(Kind::PhpIni | Kind::UserIni) | None => self.found.unreadable(
                format!("{name}:1: this is no nginx or PHP-FPM configuration"),
                Some("give the output of `nginx -T` or `php-fpm -tt`, or one file"),
            ),
        }
    }

    /// Nothing came: most often a dump whose other stream was kept.
    fn empty(&mut self, shown: &str) {
        self.found.unreadable(
            format!("{shown} is empty"),
            Some("a dump needs root, and `php-fpm -tt` writes to standard error: add `2>&1`"),
        );
    }

    /// Everything, put together.
    pub fn finish(mut self) -> Found {
        self.loose.finish(self.tree, &mut self.found);
        self.found
    }
}
