//! Configurations around the open files: found, loaded with the editor's texts on top, judged.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use base::ladder::Ladder;
use base::mask::masked;
use base::source::printable;
use base::{FileId, FilePath, Finding, Problem, Severity, Span};
use fix::Store;
use model::Model;
use redact::masked_text;
use serde_json::{Value, json};

use super::documents::{Documents, real, uri_of};
use super::text::Text;
use super::worker::{Options, State};
use crate::cli::InputArgs;
use crate::load::{Prepared, prepare};

/// Where servers keep their configuration on a host.
const SYSTEM: &[&str] = &["/etc", "/usr/local", "/opt"];

/// Folders above a lone file that are looked at for a main file.
const ABOVE: usize = 4;

/// What a file belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    /// A folder of the workspace, or one with a main file.
    Folder(PathBuf),
    /// This host's own configuration.
    System,
    /// Nothing else.
    Alone(PathBuf),
}

/// One configuration.
pub(crate) struct World {
    prepared: Rc<Prepared>,
    /// Everything joined.
    pub(crate) model: Model,
    /// What is wrong, with edits.
    pub(crate) findings: Vec<Finding>,
    /// What kept us from knowing.
    pub(crate) problems: Vec<Problem>,
    /// Limits of each route.
    pub(crate) ladders: Vec<Ladder>,
    /// The real path of each source, if it is a file.
    paths: Vec<Option<PathBuf>>,
}

/// All configurations that open files belong to.
#[derive(Default)]
pub(crate) struct Worlds {
    /// In the order of their homes.
    pub(crate) list: Vec<World>,
    found: BTreeMap<Home, Rc<Prepared>>,
    epoch: u64,
    generation: Option<u64>,
}

impl Worlds {
    /// Loads what is not as the state has it.
    pub(crate) fn update(&mut self, state: &State) {
        if self.generation == Some(state.generation) {
            return;
        }
        if self.epoch != state.epoch {
            self.found.clear();
            self.epoch = state.epoch;
        }
        // A fault on the way must not leave an old world under a new number.
        self.generation = None;
        self.list.clear();
        let documents = || state.documents.0.values();
        let mut homes: Vec<Home> = documents()
            .map(|document| home_of(&document.path, &state.folders))
            .collect();
        homes.sort();
        homes.dedup();
        homes.into_iter().for_each(|home| self.load(home, state));
        for document in documents() {
            if !self
                .list
                .iter()
                .any(|world| world.file_at(&document.path).is_some())
            {
                self.load(Home::Alone(document.path.clone()), state);
            }
        }
        self.generation = Some(state.generation);
    }

    /// The configuration that reads an open text, and the file it is there.
    pub(crate) fn of(&self, uri: &str, state: &State) -> Option<(&World, FileId)> {
        let path = &state.documents.0.get(uri)?.path;
        let mut worlds = self.list.iter();
        worlds.find_map(|world| Some((world, world.file_at(path)?)))
    }

    fn load(&mut self, home: Home, state: &State) {
        let prepared = match self.found.get(&home) {
            Some(known) => known.clone(),
            None => {
                let Some(prepared) = prepare(&inputs(&home, &state.options)) else {
                    return;
                };
                let prepared = Rc::new(prepared);
                self.found.insert(home, prepared.clone());
                prepared
            }
        };
        let world = World::load(prepared, state);
        if world.model.sources.iter().next().is_some() {
            self.list.push(world);
        }
    }
}

fn inputs(home: &Home, options: &Options) -> InputArgs {
    InputArgs {
        inputs: match home {
            Home::Folder(path) | Home::Alone(path) => vec![path.clone()],
            Home::System => Vec::new(),
        },
        root: None,
        maps: options.maps.clone(),
        facts: None,
        settings: Some(settings_of(home)),
        assume_defaults: false,
        sets: Vec::new(),
    }
}

/// The team's own settings lie at the top of the folder. The directory that the editor was started
/// in says nothing, and a file that is wrong is said on standard error and left out.
fn settings_of(home: &Home) -> PathBuf {
    let none = PathBuf::from("none");
    let Home::Folder(folder) = home else {
        return none;
    };
    let file = folder.join("badgateway.toml");
    match file.is_file() && crate::project::find(Some(&file)).is_some() {
        true => file,
        false => none,
    }
}

fn home_of(path: &Path, folders: &[PathBuf]) -> Home {
    let around = folders.iter().filter(|folder| path.starts_with(folder));
    if let Some(folder) = around.max_by_key(|folder| folder.as_os_str().len()) {
        return Home::Folder(folder.clone());
    }
    if SYSTEM.iter().any(|dir| path.starts_with(dir)) {
        return Home::System;
    }
    let has_main = |dir: &&Path| {
        let mains = ["nginx.conf", "php-fpm.conf", "etc/nginx/nginx.conf"];
        mains.iter().any(|main| dir.join(main).is_file())
    };
    let above: Vec<&Path> = path.ancestors().skip(1).take(ABOVE).collect();
    // The outermost has the most to tell: a whole system rather than one of its servers.
    match above.into_iter().rev().find(has_main) {
        Some(dir) => Home::Folder(dir.to_owned()),
        None => Home::Alone(path.to_owned()),
    }
}

impl World {
    fn load(prepared: Rc<Prepared>, state: &State) -> World {
        let disk = &prepared.disk;
        let root = disk.real_path(&FilePath::new("/")).unwrap_or_default();
        let root = real(&root);
        let texts = state.documents.0.values().filter_map(|document| {
            let inner = Path::new("/").join(document.path.strip_prefix(&root).ok()?);
            let path = FilePath::new(inner.as_os_str().as_bytes());
            Some(((None, path), document.bytes.clone()))
        });
        let mut model = prepared.model(&Store(texts.collect()));
        let mut problems = prepared.given.found.problems.clone();
        problems.append(&mut model.problems);
        let mut options = prepared.project.options();
        options.strict |= state.options.strict;
        let (findings, ladders, unknown) = judged(&model, options);
        problems.extend(unknown);
        let files: Vec<FileId> = model.sources.iter().map(|(id, _)| id).collect();
        files
            .into_iter()
            .for_each(|file| redact::mark(&mut model.sources, file));
        let sources = model.sources.iter().map(|(_, source)| source);
        let paths = sources.map(|source| match source.via.is_none() {
            true => prepared.disk.real_path(&source.path).ok(),
            false => None,
        });
        let paths = paths.map(|path| Some(real(&path?))).collect();
        World {
            prepared,
            model,
            findings,
            problems,
            ladders,
            paths,
        }
    }

    fn file_at(&self, path: &Path) -> Option<FileId> {
        let at = self.paths.iter().position(|p| p.as_deref() == Some(path))?;
        Some(FileId(u32::try_from(at).ok()?))
    }

    /// Looks at it with the editor's eyes.
    pub(crate) fn see<'w>(&'w self, documents: &'w Documents, options: &'w Options) -> See<'w> {
        See {
            world: self,
            documents,
            options,
            texts: self.paths.iter().map(|_| OnceCell::new()).collect(),
        }
    }
}

fn judged(model: &Model, options: rules::Options) -> (Vec<Finding>, Vec<Ladder>, Vec<Problem>) {
    let strict = options.strict;
    let cx = rules::Context::with(model, options);
    let mut findings = rules::check(&cx);
    findings.retain(|finding| strict || finding.severity > Severity::Info);
    fix::attach(&cx, &mut findings);
    (findings, cx.ladders(), cx.unknowns())
}

/// A configuration as the editor counts and names its places.
pub(crate) struct See<'w> {
    /// The configuration.
    pub(crate) world: &'w World,
    /// Open texts.
    pub(crate) documents: &'w Documents,
    /// What the client can do.
    pub(crate) options: &'w Options,
    texts: Vec<OnceCell<Text<'w>>>,
}

impl<'w> See<'w> {
    /// The lines of a file.
    pub(crate) fn text(&self, file: FileId) -> &Text<'w> {
        let bytes = &self.world.model.sources.get(file).bytes;
        self.texts[file.0 as usize].get_or_init(|| Text::new(bytes, self.options.encoding))
    }

    /// The editor's name of a file; nothing for what is no file.
    pub(crate) fn uri(&self, file: FileId) -> Option<String> {
        let path = self.world.paths[file.0 as usize].as_ref()?;
        let mut open = self.documents.0.iter();
        let open = open.find(|(_, document)| document.path == *path);
        Some(open.map_or_else(|| uri_of(path), |(uri, _)| uri.clone()))
    }

    /// A range.
    pub(crate) fn range(&self, span: Span) -> Value {
        self.text(span.file).range(span.start, span.end)
    }

    /// A place in a file.
    pub(crate) fn location(&self, span: Span) -> Option<Value> {
        Some(json!({"uri": self.uri(span.file)?, "range": self.range(span)}))
    }

    /// The file of a path as the server sees it.
    pub(crate) fn uri_at(&self, path: &FilePath) -> Option<String> {
        let on_disk = self.world.prepared.disk.real_path(path).ok()?;
        Some(uri_of(&real(Path::new(OsStr::new(&on_disk)))))
    }

    /// Files that a pattern stands for.
    pub(crate) fn glob(&self, pattern: &[u8]) -> Vec<FilePath> {
        model::glob::glob(&self.world.prepared.disk, pattern).paths
    }

    /// What is written at a place, on one line, without secrets.
    pub(crate) fn quote(&self, span: Span) -> String {
        let source = self.world.model.sources.get(span.file);
        let window = span.start as usize..span.end as usize;
        let bytes = masked(&source.bytes, window, &source.secrets);
        let words: Vec<String> = bytes
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .map(printable)
            .collect();
        code(&words.join(" "))
    }

    /// `file:line`.
    pub(crate) fn place(&self, span: Span) -> String {
        self.world.model.sources.place(span)
    }
}

/// A text of ours that may quote the configuration.
pub(crate) fn prose(text: &str) -> String {
    printable(masked_text(text).as_bytes())
}

/// Text between backticks must not end them.
pub(crate) fn code(text: &str) -> String {
    masked_text(text).replace('`', "'")
}
