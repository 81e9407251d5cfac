//! What a machine will have.

use std::sync::Arc;

use base::{FilePath, Outer, OuterMap, Problem, ProblemKind, SortedSet};
use intake::{Found, Gather};
use model::php::{FpmInput, PhpVersion};
use model::{Files, Machine, MemoryFiles};

/// A machine and its files.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// Its names and its place in a network. `via` names it in messages, and no other is called so.
    pub machine: Machine,
    /// Its files, by the paths that its servers use.
    pub files: MemoryFiles,
    /// The files that nginx is started with, when that is known; the usual ones otherwise.
    pub nginx: Option<Vec<FilePath>>,
    /// The same for PHP-FPM.
    pub fpm: Option<Vec<FpmInput>>,
    /// The version of its PHP, when it is known.
    pub php: Option<PhpVersion>,
    /// The image it begins with, when nothing in that is known.
    pub image: Option<String>,
    /// What could not be known of it.
    pub problems: Vec<(ProblemKind, String)>,
}

impl System {
    /// Adds a whole file of the repository, which is `from` there.
    pub fn take(&mut self, path: impl AsRef<[u8]>, bytes: Arc<[u8]>, from: FilePath) {
        let len = base::offset(bytes.len());
        let outer = Outer {
            path: from,
            bytes: bytes.clone(),
            map: Arc::new(OuterMap::whole(len)),
        };
        self.files.insert_inner(path, bytes, outer);
    }

    /// Adds a file that lies in another: `outer` says where.
    pub fn take_inner(&mut self, path: impl AsRef<[u8]>, text: &str, outer: Outer) {
        self.files.insert_inner(path, text.as_bytes(), outer);
    }

    /// The files that its servers begin with: those that are named, or the usual ones.
    pub(crate) fn mains(
        &self,
        nginx: Option<FilePath>,
        fpm: Option<FilePath>,
    ) -> (Vec<FilePath>, Vec<FpmInput>) {
        let usual = self.usual();
        let mut inputs = usual.fpm;
        if let Some(main) = fpm {
            let mut input = inputs.pop().unwrap_or_else(|| FpmInput::main(main.clone()));
            input.files = vec![main];
            inputs = vec![input];
        }
        (nginx.map_or(usual.nginx, |main| vec![main]), inputs)
    }

    /// What lies in the usual places.
    pub(crate) fn usual(&self) -> Found {
        usual(&self.files)
    }

    /// Whether there is anything to judge.
    pub(crate) fn has_servers(&self) -> bool {
        let is_named = self.nginx.is_some() || self.fpm.is_some();
        is_named || !self.problems.is_empty() || !self.usual().is_empty()
    }

    /// Adds what is to be judged of it.
    pub(crate) fn found(self, found: &mut Found) {
        let mut here = self.usual();
        if let Some(nginx) = self.nginx {
            here.nginx = nginx;
        }
        if let Some(fpm) = self.fpm {
            here.fpm = fpm;
        }
        once(&self.files, &mut here);
        let via = &self.machine.via;
        for main in here.nginx {
            let dump = (main, self.files.clone(), via.clone());
            found.nginx_dumps.push(dump);
        }
        for mut input in here.fpm {
            input.version = input.version.or(self.php);
            let dump = (input, self.files.clone(), via.clone());
            found.fpm_dumps.push(dump);
        }
        found.problems.extend(here.problems);
        let own = self.problems.into_iter();
        found.problems.extend(own.map(|(kind, message)| Problem {
            kind,
            message,
            span: None,
            help: None,
        }));
        found.images.extend(self.image);
        found.machines.push(self.machine);
    }
}

/// What hides a folder hides every PHP-FPM that may lie in it: its reason is said once.
fn once(files: &MemoryFiles, found: &mut Found) {
    let mut said: SortedSet<String> = SortedSet::new();
    found.fpm.retain_mut(|input| {
        let Some(Err(error)) = input.files.first().map(|main| files.read(main)) else {
            return true;
        };
        input.php_ini = None;
        input.scan_dirs.clear();
        said.insert(error.to_string())
    });
    let is_new = |problem: &Problem| !said.iter().any(|why| problem.message.ends_with(why));
    found.problems.retain(is_new);
}

/// What of a machine's files lies in the usual places.
pub(crate) fn usual(files: &MemoryFiles) -> Found {
    let mut gather = Gather::new(files);
    gather.quietly_system();
    gather.finish()
}
