//! What a machine will have.

use std::sync::Arc;

use base::{FilePath, Outer, OuterMap, Problem, ProblemKind};
use intake::{Found, Gather};
use model::php::FpmInput;
use model::{Machine, MemoryFiles};

/// A machine and its files.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// Its names and its place in a network. `via` names it in messages, and no other is called so.
    pub machine: Machine,
    /// Its files, by the paths that its servers use.
    pub files: MemoryFiles,
    /// The files that nginx is started with, when they are not the usual ones.
    pub nginx: Vec<FilePath>,
    /// The same for PHP-FPM.
    pub fpm: Vec<FpmInput>,
    /// What could not be known of it.
    pub problems: Vec<(ProblemKind, String)>,
}

impl System {
    /// Adds a whole file of the repository: `shown` is its path for people.
    pub fn take(&mut self, path: impl AsRef<[u8]>, bytes: Arc<[u8]>, shown: FilePath) {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let outer = Outer {
            path: shown,
            bytes: bytes.clone(),
            map: Arc::new(OuterMap::whole(len)),
        };
        self.files.insert_inner(path, bytes, outer);
    }

    /// Adds a file that lies in another: `outer` says where.
    pub fn take_inner(&mut self, path: impl AsRef<[u8]>, text: &str, outer: Outer) {
        self.files.insert_inner(path, text.as_bytes(), outer);
    }

    /// Whether there is anything to judge.
    pub(crate) fn has_servers(&self) -> bool {
        let mut gather = Gather::new(&self.files);
        gather.quietly_system();
        let is_named = !self.nginx.is_empty() || !self.fpm.is_empty();
        is_named || !self.problems.is_empty() || !gather.finish().is_empty()
    }

    /// Adds what is to be judged of it.
    pub(crate) fn found(self, found: &mut Found) {
        let mut gather = Gather::new(&self.files);
        gather.quietly_system();
        let mut here = gather.finish();
        if !self.nginx.is_empty() {
            here.nginx = self.nginx;
        }
        if !self.fpm.is_empty() {
            here.fpm = self.fpm;
        }
        let via = &self.machine.via;
        for main in here.nginx {
            let dump = (main, self.files.clone(), via.clone());
            found.nginx_dumps.push(dump);
        }
        for input in here.fpm {
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
        found.machines.push(self.machine);
    }
}
