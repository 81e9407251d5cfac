//! What git leaves out of a folder: `.gitignore` and `.git/info/exclude`, as git reads them.
//!
//! Only a work tree of git has them. What a user keeps in the home directory is not asked, and
//! neither are the files of other tools (`.ignore`): a repository says the same to everybody.

mod pattern;

use std::cell::Cell;
use std::rc::Rc;

use base::FilePath;

use crate::tree::Tree;
use pattern::Pattern;

/// Patterns that apply to one folder; thousands are made by no hand.
const MOST_PATTERNS: usize = 5000;

/// What is tried in one walk: seconds of work, which only patterns take that are made for that.
/// When it is used up, nothing more is left out.
const MOST_STEPS: usize = 2_000_000_000;

/// What is left out of the folder `here`.
#[derive(Clone)]
pub(crate) struct Ignored {
    /// The folder, without links and dots; nothing when no work tree holds it.
    here: Vec<u8>,
    /// The files of patterns, outermost first: inner ones and later lines win.
    levels: Vec<Rc<Level>>,
    is_work_tree: bool,
    steps: Rc<Cell<usize>>,
}

/// A file of patterns.
struct Level {
    /// The folder that the patterns begin at.
    dir: Vec<u8>,
    patterns: Vec<Pattern>,
}

impl Ignored {
    /// What the folders around this one say of what is in it.
    pub(crate) fn around(tree: &dyn Tree, dir: &FilePath) -> Ignored {
        let real = tree.resolve(dir).unwrap_or_else(|| dir.clone());
        let mut parents = vec![trimmed(real.as_bytes()).to_vec()];
        while let Some(last) = parents.last().filter(|last| !last.is_empty()) {
            let parent = FilePath::new(last).parent().to_vec();
            parents.push(trimmed(&parent).to_vec());
        }
        let mut around = Ignored {
            here: Vec::new(),
            levels: Vec::new(),
            is_work_tree: false,
            steps: Rc::new(Cell::new(MOST_STEPS)),
        };
        // The folder itself is entered by whoever walks it.
        for outer in parents.iter().skip(1).rev() {
            around = around.entered(tree, outer, |name| is_there(tree, outer, name));
        }
        around.here.clone_from(&parents[0]);
        around
    }

    /// The same in the folder itself, which holds these names.
    pub(crate) fn within(&self, tree: &dyn Tree, names: &[Vec<u8>]) -> Ignored {
        let is_there = |name: &[u8]| names.iter().any(|one| one == name);
        self.clone().entered(tree, &self.here, is_there)
    }

    /// The same for a folder in it.
    pub(crate) fn below(&self, name: &[u8]) -> Ignored {
        let mut below = self.clone();
        below.here = joined(&self.here, name);
        below
    }

    fn entered(mut self, tree: &dyn Tree, dir: &[u8], has: impl Fn(&[u8]) -> bool) -> Ignored {
        self.here = dir.to_vec();
        // A repository in another one has patterns of its own.
        if has(b".git") {
            self.is_work_tree = true;
            self.levels.clear();
            self.read(tree, dir, &excludes(tree, dir));
        }
        if self.is_work_tree && has(b".gitignore") {
            self.read(tree, dir, &FilePath::new(joined(dir, b".gitignore")));
        }
        self
    }

    fn read(&mut self, tree: &dyn Tree, dir: &[u8], path: &FilePath) {
        let Ok(bytes) = tree.read(path) else {
            return;
        };
        let known: usize = self.levels.iter().map(|level| level.patterns.len()).sum();
        let patterns: Vec<Pattern> = pattern::read(&bytes)
            .take(MOST_PATTERNS.saturating_sub(known))
            .collect();
        if !patterns.is_empty() {
            let dir = dir.to_vec();
            self.levels.push(Rc::new(Level { dir, patterns }));
        }
    }

    /// Whether git leaves out what has this name here.
    pub(crate) fn leaves_out(&self, name: &[u8], is_folder: bool) -> bool {
        if self.levels.is_empty() {
            return false;
        }
        let path = joined(&self.here, name);
        let decided = self.levels.iter().rev().find_map(|level| {
            let below = path.get(level.dir.len() + 1..)?;
            let mut last_first = level.patterns.iter().rev();
            last_first.find(|pattern| pattern.is_match(below, name, is_folder, &self.steps))
        });
        decided.is_some_and(|pattern| !pattern.is_negative)
    }
}

/// Where a work tree at this folder keeps patterns that are not committed.
fn excludes(tree: &dyn Tree, dir: &[u8]) -> FilePath {
    let word = |path: &[u8], before: &[u8]| {
        let bytes = tree.read(&FilePath::new(path)).ok()?;
        let word = bytes.trim_ascii().strip_prefix(before)?.trim_ascii();
        Some(word.to_vec())
    };
    let git = joined(dir, b".git");
    // A second work tree, or a submodule: a file that says where the folder is.
    let git = match word(&git, b"gitdir:") {
        Some(there) => led(dir, &there),
        None => git,
    };
    let common = match word(&joined(&git, b"commondir"), b"") {
        Some(there) => led(&git, &there),
        None => git,
    };
    FilePath::new(joined(&common, b"info/exclude"))
}

/// Where a path leads that is read in a folder.
fn led(dir: &[u8], path: &[u8]) -> Vec<u8> {
    let path = match path.starts_with(b"/") {
        true => path.to_vec(),
        false => joined(dir, path),
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    joined(b"", &parts.join(&b'/'))
}

fn joined(dir: &[u8], name: &[u8]) -> Vec<u8> {
    [dir, b"/", name].concat()
}

/// Without slashes at the end; nothing of the root.
fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&b| b != b'/').map_or(0, |at| at + 1);
    &path[..end]
}

fn is_there(tree: &dyn Tree, dir: &[u8], name: &[u8]) -> bool {
    let path = FilePath::new(joined(dir, name));
    tree.folder(&path).is_some() || tree.head(&path).is_ok()
}
