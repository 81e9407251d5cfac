//! The rule files of Prometheus among the inputs: those that were named or found, and those that
//! Prometheus' main file names.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{FileId, FilePath, Problem, ProblemKind, Sources, Span};
use intake::{Claims, name_of, unreadable};
use model::Files;
use model::glob::{glob, is_pattern};
use prometheus::Role;

use crate::disk::Disk;

/// Which files are ours to judge. The main file is followed only when it was named: in a folder
/// its rule files are found by themselves, and it may name what lies on another machine.
pub(crate) const CLAIMS: Claims = Claims {
    named: |bytes| prometheus::role(bytes).is_some(),
    found: |bytes| prometheus::role(bytes) == Some(Role::Rules),
};

/// Judges them; what cannot be read goes to the problems, and every file to the sources.
pub(crate) fn judge(
    disk: &Disk,
    others: &[(FilePath, Arc<[u8]>)],
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> rules::Beside {
    let mut taken = Taken {
        disk,
        sources,
        problems,
        files: Vec::new(),
        seen: BTreeSet::new(),
    };
    for (path, bytes) in others {
        match prometheus::role(bytes) {
            Some(Role::Main) => taken.main(path, bytes),
            Some(Role::Rules) | None => taken.rules(path, bytes.clone()),
        }
    }
    let files = taken.files;
    let judged = prometheus::judge(sources, &files);
    problems.extend(judged.problems);
    rules::Beside {
        findings: judged.findings,
        comments: judged.comments,
        keys: judged.keys,
        rules: prometheus::all().iter().map(|rule| rule.id).collect(),
    }
}

struct Taken<'a> {
    disk: &'a Disk,
    sources: &'a mut Sources,
    problems: &'a mut Vec<Problem>,
    files: Vec<FileId>,
    /// Named twice is judged once.
    seen: BTreeSet<FilePath>,
}

impl Taken<'_> {
    fn rules(&mut self, path: &FilePath, bytes: Arc<[u8]>) {
        let real = self.disk.resolve(path).unwrap_or_else(|| path.clone());
        if self.seen.insert(real) {
            let file = self.add(path, bytes);
            self.files.push(file);
        }
    }

    fn add(&mut self, path: &FilePath, bytes: Arc<[u8]>) -> FileId {
        let file = self.sources.add(path.clone(), bytes, None);
        self.sources.get_mut(file).shown = self.disk.shown(path);
        file
    }

    /// The rule files that the main file names, relative to it.
    fn main(&mut self, main: &FilePath, bytes: &Arc<[u8]>) {
        let file = self.add(main, bytes.clone());
        let patterns = match prometheus::rule_files(bytes) {
            Ok(patterns) => patterns,
            Err((at, message)) => {
                return self.problems.push(Problem {
                    kind: ProblemKind::Syntax,
                    message,
                    span: Some(Span::new(file, at, at)),
                    help: Some("`promtool check config` reads it as Prometheus does".to_owned()),
                });
            }
        };
        for pattern in patterns {
            let pattern = match pattern.starts_with('/') {
                true => pattern.into_bytes(),
                false => [main.parent(), b"/", pattern.as_bytes()].concat(),
            };
            self.named(&pattern, &name_of(self.disk, main));
        }
    }

    fn named(&mut self, pattern: &[u8], main: &str) {
        let found = match is_pattern(pattern) {
            true => glob(self.disk, pattern),
            false => model::glob::Matched {
                paths: vec![FilePath::new(pattern)],
                unlisted: Vec::new(),
            },
        };
        for (dir, error) in found.unlisted {
            self.trouble(main, &dir, &format!("cannot be listed: {error}"));
        }
        for path in found.paths {
            match self.disk.read(&path) {
                Ok(bytes) => self.rules(&path, bytes),
                Err(error) => self.trouble(main, &path, &format!("cannot be read: {error}")),
            }
        }
    }

    fn trouble(&mut self, main: &str, path: &FilePath, what: &str) {
        let path = name_of(self.disk, path);
        let message = format!("{path}, which {main} names, {what}");
        self.problems.push(unreadable(message, None));
    }
}
