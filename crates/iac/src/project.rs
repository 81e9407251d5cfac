//! An application's repository: what in it makes machines, and what is left.

use base::{FilePath, Problem, ProblemKind, SortedMap, SortedSet};
use intake::{Found, Installed, Tree, name_of};

use crate::kubernetes;
use crate::system::System;

/// What a repository says of machines.
#[derive(Default)]
pub struct Project {
    /// The machines. Each `via` is unique.
    pub systems: Vec<System>,
    /// Files of the repository that one of them has: they are not judged for themselves.
    pub taken: SortedSet<FilePath>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// Files that belong to no machine.
    pub loose: Vec<Found>,
    /// Values that are given by name: the strongest source of a variable.
    pub set: SortedMap<String, String>,
    networks: usize,
}

impl Project {
    /// A number for machines that reach each other by name.
    pub fn network(&mut self) -> usize {
        self.networks += 1;
        self.networks
    }

    /// Notes what keeps us from knowing.
    pub fn problem(&mut self, kind: ProblemKind, message: String, help: Option<&str>) {
        self.problems.push(Problem {
            kind,
            message,
            span: None,
            help: help.map(str::to_owned),
        });
    }
}

/// Reads the machines out of files of a repository.
pub fn machines(tree: &dyn Tree, files: &[FilePath], set: &SortedMap<String, String>) -> Installed {
    let mut project = Project {
        set: set.clone(),
        ..Project::default()
    };
    // Readers are asked one after the other: what a Compose file builds is no image by itself.
    let readers: [Reader; 6] = [
        crate::ansible::read,
        crate::terraform::read,
        crate::compose::read,
        kubernetes::read,
        kubernetes::values::read,
        crate::docker::read,
    ];
    for read in readers {
        read(tree, files, &mut project);
    }
    let mut found = Found {
        problems: project.problems,
        ..Found::default()
    };
    for system in project.systems {
        system.found(&mut found);
    }
    for loose in project.loose {
        found.add(loose);
    }
    Installed {
        found,
        taken: project.taken,
        named: named(tree, files, set),
    }
}

/// The names among these that a file of the repository speaks of: whether a reader needs one is
/// known to that reader alone, but a misspelt one stands nowhere.
fn named(
    tree: &dyn Tree,
    files: &[FilePath],
    set: &SortedMap<String, String>,
) -> SortedSet<String> {
    const ENDINGS: [&[u8]; 8] = [
        b".yml", b".yaml", b".tf", b".tfvars", b".hcl", b".json", b".j2", b".env",
    ];
    let is_data = |path: &&FilePath| ENDINGS.iter().any(|end| path.name().ends_with(end));
    let mut left: Vec<&String> = set.keys().collect();
    let mut out = SortedSet::new();
    for path in files.iter().filter(is_data) {
        if left.is_empty() {
            break;
        }
        let bytes = tree.read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let words: SortedSet<&str> = text.split(|c| !is_word(c)).collect();
        left.retain(|name| {
            let last = name.rsplit(['.', ':']).next().unwrap_or(name);
            let is_there = words.contains(last);
            if is_there {
                out.insert((*name).clone());
            }
            !is_there
        });
    }
    out
}

/// Adds the machines of one kind of file.
pub(crate) type Reader = fn(&dyn Tree, &[FilePath], &mut Project);

/// The bytes of a file of the repository; `None` when it cannot be read, which is said then.
pub(crate) fn bytes_of(
    tree: &dyn Tree,
    path: &FilePath,
    project: &mut Project,
) -> Option<std::sync::Arc<[u8]>> {
    match tree.read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let shown = name_of(tree, path);
            let message = format!("cannot read {shown}: {error}");
            project.problem(ProblemKind::Unreadable, message, None);
            None
        }
    }
}
