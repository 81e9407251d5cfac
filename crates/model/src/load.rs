//! The state of one load: sources read so far, and everything that could not be read.

use std::sync::Arc;

use base::outer::Part;
use base::{FileId, FilePath, Outer, OuterMap, Problem, ProblemKind, SortedMap, Sources, Span};

use syntax::holes::{Language, Template};

use crate::files::{Files, ReadError};
use crate::glob::glob;
use crate::template::Holes;

/// Collects sources and problems while the model is built.
pub struct Loader<'f> {
    /// Where files are that others lie in.
    host: &'f dyn Files,
    /// Where files come from.
    pub files: &'f dyn Files,
    /// Everything read so far.
    pub sources: Sources,
    /// Everything that kept us from knowing.
    pub problems: Vec<Problem>,
    /// Where virtual files come from, such as `dump.txt (nginx -T)`.
    pub via: Option<String>,
    /// What is filled in elsewhere.
    pub(crate) holes: Holes,
    seen: SortedMap<FilePath, FileId>,
    /// Files that others lie in, by their paths.
    outers: SortedMap<FilePath, FileId>,
}

impl<'f> Loader<'f> {
    /// An empty load.
    pub fn new(files: &'f dyn Files) -> Self {
        Self {
            host: files,
            files,
            sources: Sources::default(),
            problems: Vec::new(),
            via: None,
            holes: Holes::default(),
            seen: SortedMap::new(),
            outers: SortedMap::new(),
        }
    }

    /// Goes on with other files: the same path may then be another file.
    pub fn switch(&mut self, files: &'f dyn Files, via: Option<String>) {
        self.files = files;
        self.via = via;
        self.seen.clear();
    }

    /// Reads a file once; later calls give the same id.
    ///
    /// # Errors
    /// As [`Files::read`]; the caller decides whether that is a problem.
    pub fn read(&mut self, path: &FilePath) -> Result<FileId, ReadError> {
        if let Some(&id) = self.seen.get(path) {
            return Ok(id);
        }
        let bytes = self.files.read(path)?;
        let id = self.sources.add(path.clone(), bytes, self.via.clone());
        self.sources.get_mut(id).shown = self.files.shown(path);
        if let Some(outer) = self.files.outer(path) {
            let parts = outer.map.parts().to_vec();
            self.sources.get_mut(id).outer = Some(self.placed(outer));
            self.take_parts(id, parts);
        }
        self.take_parts(id, self.files.parts(path));
        self.seen.insert(path.clone(), id);
        Ok(id)
    }

    /// What of a file stands in others.
    fn take_parts(&mut self, id: FileId, parts: Vec<Part>) {
        for Part {
            inner,
            stands,
            help,
        } in parts
        {
            let stands = stands.map(|outer| self.placed(outer));
            let part = Part {
                inner,
                stands,
                help,
            };
            self.sources.get_mut(id).parts.push(part);
        }
    }

    /// The file in which another one lies, which is read once.
    fn placed(&mut self, outer: Outer) -> (FileId, Arc<OuterMap>) {
        let (sources, host) = (&mut self.sources, self.host);
        let add = || {
            let id = sources.add(outer.path.clone(), outer.bytes.clone(), None);
            sources.get_mut(id).shown = host.shown(&outer.path);
            id
        };
        let file = *self.outers.entry(outer.path.clone()).or_insert_with(add);
        (file, outer.map)
    }

    /// The holes of a file; a condition without an end is said.
    pub(crate) fn template(&mut self, file: FileId, language: Language) -> Arc<Template> {
        let bytes = self.sources.get(file).bytes.clone();
        let is_new = !self.holes.has_read(file);
        let template = self.holes.of(file, &bytes, language);
        if let Some(region) = template.unclosed().filter(|_| is_new) {
            let span = Span::new(file, region.start, region.opened);
            let message = format!(
                "nothing closes `{}` of a template: what stands behind it is unknown",
                region.name
            );
            self.problem(ProblemKind::Unknown, Some(span), message);
        }
        template
    }

    /// A path for people.
    pub fn shown(&self, path: &FilePath) -> FilePath {
        self.files.shown(path).unwrap_or_else(|| path.clone())
    }

    /// Notes something that kept us from knowing.
    pub fn problem(&mut self, kind: ProblemKind, span: Option<Span>, message: String) {
        self.problems.push(Problem {
            kind,
            message,
            span,
            help: None,
        });
    }

    /// The files that a pattern stands for, and whether that is all: a directory that may not be
    /// listed looks empty to a pattern, but is not.
    pub fn glob(&mut self, pattern: &[u8], from: Option<Span>) -> (Vec<FilePath>, bool) {
        let found = glob(self.files, pattern);
        for (dir, error) in &found.unlisted {
            let dir = self.shown(dir);
            let message = format!("cannot list {dir}: {error}; what is included is unknown");
            self.problem(ProblemKind::Unreadable, from, message);
        }
        (found.paths, found.unlisted.is_empty())
    }
}
