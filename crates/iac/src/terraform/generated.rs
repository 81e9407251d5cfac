//! Objects of other readers: manifests and Compose files that a configuration of Terraform stands
//! for. They are written out, one object on each line, read as such files are, and what comes out is
//! moved to where people write it.

use std::sync::Arc;

use base::{FilePath, Outer};
use intake::Tree;
use model::{Files, MemoryFiles, ReadError};

use super::text::Text;
use super::world::World;
use crate::project::{Project, Reader};

/// A file that stands for a configuration.
pub(super) struct Generated {
    /// Where it is said to lie.
    pub(super) path: FilePath,
    /// Its lines.
    lines: Vec<Text>,
    /// Where the object of each line is written.
    places: Vec<String>,
}

impl Generated {
    pub(super) fn new(path: FilePath) -> Generated {
        Generated {
            path,
            lines: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Adds an object, or another line.
    pub(super) fn line(&mut self, text: Text, place: &str) {
        self.lines.push(text);
        self.places.push(place.to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Asks a reader, which sees `files` beside it.
    pub(super) fn read(
        self,
        world: &World<'_>,
        reader: Reader,
        files: &[FilePath],
        project: &mut Project,
    ) {
        let mut text = Text::default();
        for line in &self.lines {
            text.add(line);
            text.add_made("\n");
        }
        let tree = Overlay {
            tree: world.tree,
            path: &self.path,
            bytes: text.text.as_bytes().into(),
        };
        let before = (
            project.systems.len(),
            project.loose.len(),
            project.problems.len(),
        );
        let mut all = files.to_vec();
        all.push(self.path.clone());
        reader(&tree, &all, project);
        for system in &mut project.systems[before.0..] {
            self.moved(world, &text, &mut system.files);
            for (_, message) in &mut system.problems {
                *message = self.said(message);
            }
        }
        for found in &mut project.loose[before.1..] {
            for (_, files, _) in &mut found.nginx_dumps {
                self.moved(world, &text, files);
            }
            for (_, files, _) in &mut found.fpm_dumps {
                self.moved(world, &text, files);
            }
            for problem in &mut found.problems {
                problem.message = self.said(&problem.message);
            }
        }
        for problem in &mut project.problems[before.2..] {
            problem.message = self.said(&problem.message);
        }
        project.taken.remove(&self.path);
    }

    /// Moves files that lie in this one to where it is written.
    fn moved(&self, world: &World<'_>, text: &Text, files: &mut MemoryFiles) {
        let all: Vec<(FilePath, Arc<[u8]>, Outer)> = files
            .iter()
            .filter_map(|(path, bytes, outer)| Some((path.clone(), bytes.clone(), outer?.clone())))
            .filter(|(.., outer)| outer.path == self.path)
            .collect();
        for (path, bytes, outer) in all {
            let inner = String::from_utf8_lossy(&bytes).into_owned();
            let moved = text.through(&inner, &outer.map);
            super::put(files, world, path.as_bytes(), &moved);
        }
        // Reasons have places too.
        let own = self.path.to_string();
        for path in files.paths() {
            if let Err(error) = files.read(&path)
                && error.reason.contains(&own)
            {
                files.insert_unknown(path.as_bytes(), self.said(&error.reason));
            }
        }
    }

    /// A message with the places that people know.
    fn said(&self, message: &str) -> String {
        let path = self.path.to_string();
        let mut message = message.to_owned();
        for (number, place) in self.places.iter().enumerate() {
            let here = format!("{path}:{}", number + 1);
            let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
            if let Some(at) = message
                .find(&here)
                .filter(|at| is_whole(&message[at + here.len()..]))
            {
                message.replace_range(at..at + here.len(), place);
            }
        }
        match self.places.first() {
            Some(first) => message.replace(&path, first.split(':').next().unwrap_or(first)),
            None => message,
        }
    }
}

/// A tree with one more file.
struct Overlay<'t> {
    tree: &'t dyn Tree,
    path: &'t FilePath,
    bytes: Arc<[u8]>,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        match path == self.path {
            true => Ok(self.bytes.clone()),
            false => self.tree.read(path),
        }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        self.tree.list(dir)
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        match path == self.path {
            true => Some(path.clone()),
            false => self.tree.resolve(path),
        }
    }

    fn shown(&self, path: &FilePath) -> Option<FilePath> {
        self.tree.shown(path)
    }

    fn outer(&self, path: &FilePath) -> Option<Outer> {
        self.tree.outer(path)
    }
}

impl Tree for Overlay<'_> {
    fn may_exist(&self, path: &FilePath) -> bool {
        path == self.path || self.tree.may_exist(path)
    }

    fn folder(&self, path: &FilePath) -> Option<FilePath> {
        self.tree.folder(path)
    }

    fn head(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        self.read(path)
    }

    fn dump(&self, path: &FilePath) -> Result<Arc<[u8]>, ReadError> {
        self.read(path)
    }
}
