//! The files that builds read, each once, and what could not be known of them.

use std::sync::Arc;

use base::{FilePath, SortedMap, SortedSet};
use intake::Tree;
use yaml::Style;

use super::super::hint;
use super::super::manifest::{Home, Manifest};
use super::draft::{Draft, What};
use super::{NAMES, shown};
use crate::compose::joined;

/// Values of all builds together; a file of a few lines can name the same ones again and again.
const MOST_VALUES: usize = 1_000_000;
/// Kustomizations that are read for all builds together.
pub(super) const MOST_BUILDS: usize = 1000;

const HELP: &str = "give what is made of it: `kustomize build . | badgateway check -`";

/// What is known of the files.
pub(super) struct Book<'t> {
    pub tree: &'t dyn Tree,
    homes: SortedMap<FilePath, Arc<Home>>,
    taken: SortedSet<FilePath>,
    problems: Vec<(String, Option<&'static str>)>,
    /// Whether something of ours stands in a file that could not be used.
    is_ours: bool,
    /// Values that may still be read.
    pub left: usize,
    /// Kustomizations that may still be read.
    pub builds: usize,
}

impl<'t> Book<'t> {
    pub(super) fn new(tree: &'t dyn Tree, manifests: &[Manifest]) -> Self {
        let mut book = Book {
            tree,
            homes: SortedMap::new(),
            taken: SortedSet::new(),
            problems: Vec::new(),
            is_ours: false,
            left: MOST_VALUES,
            builds: MOST_BUILDS,
        };
        for (number, manifest) in manifests.iter().enumerate() {
            let home = Home {
                number,
                path: manifest.path.clone(),
                bytes: manifest.bytes.clone(),
            };
            book.homes.insert(manifest.path.clone(), Arc::new(home));
        }
        // Those that are read now come behind all manifests, also those that are made.
        book
    }

    /// A file, if it can be read.
    pub(super) fn home(&mut self, path: &FilePath) -> Option<Arc<Home>> {
        if let Some(known) = self.homes.get(path) {
            return Some(known.clone());
        }
        let bytes = self.tree.read(path).ok()?;
        let home = Arc::new(Home {
            number: self.homes.len() + MOST_BUILDS,
            path: path.clone(),
            bytes,
        });
        self.homes.insert(path.clone(), home.clone());
        Some(home)
    }

    /// The same for one that a build uses: nobody else judges it.
    pub(super) fn take(&mut self, path: &FilePath) -> Option<Arc<Home>> {
        let home = self.home(path)?;
        self.taken.insert(path.clone());
        Some(home)
    }

    /// The files that builds have used.
    pub(super) fn taken(self) -> SortedSet<FilePath> {
        self.taken
    }

    /// What kept us from knowing what the last build makes.
    pub(super) fn problems(&mut self) -> Vec<(String, Option<&'static str>)> {
        std::mem::take(&mut self.problems)
    }

    /// Whether the last build had something of ours in a file that could not be used.
    pub(super) fn is_ours(&mut self) -> bool {
        std::mem::take(&mut self.is_ours)
    }

    /// Notes that something of a kustomization is not known.
    pub(super) fn unknown(&mut self, path: &FilePath, what: &str) {
        let shown = shown(self.tree, path);
        self.problems.push((format!("{shown}: {what}"), Some(HELP)));
    }

    /// The documents of a file.
    pub(super) fn documents(&mut self, home: &Arc<Home>) -> Vec<Draft> {
        self.parsed(home, &home.bytes)
    }

    /// The documents that a text holds, such as a patch in a kustomization.
    pub(super) fn documents_in(&mut self, text: &Draft) -> Vec<Draft> {
        let What::Text(content, _) = &text.what else {
            return vec![text.clone()];
        };
        let mut documents = self.parsed(&text.home, content.as_bytes());
        let outer = text.outer();
        for document in &mut documents {
            document.move_outward(content.as_bytes(), &outer);
        }
        documents
    }

    fn parsed(&mut self, home: &Arc<Home>, bytes: &[u8]) -> Vec<Draft> {
        let tree = match yaml::parse(bytes) {
            Ok(tree) => tree,
            Err(refusal) => {
                self.is_ours |= hint::is_interesting(bytes);
                self.unknown(&home.path.clone(), &refusal.message);
                return Vec::new();
            }
        };
        let ids = tree.documents.iter();
        let documents = ids.map(|id| Draft::of(home, &tree, *id, &mut self.left));
        let Some(documents) = documents.collect::<Option<Vec<_>>>() else {
            self.too_much(&home.path.clone());
            return Vec::new();
        };
        documents
            .into_iter()
            .filter(|document| !document.is_null())
            .collect()
    }

    /// Notes that there is more than anybody writes.
    pub(super) fn too_much(&mut self, path: &FilePath) {
        self.is_ours = true;
        let what = format!("more than {MOST_VALUES} values or {MOST_BUILDS} kustomizations");
        self.unknown(path, &what);
    }

    /// A kustomization, if it is one.
    pub(super) fn kustomization(&mut self, path: &FilePath) -> Option<Draft> {
        let home = self.home(path)?;
        let document = self.documents(&home).into_iter().next()?;
        // Flux calls something else so.
        let version = document.word("apiVersion").unwrap_or_default();
        let is_it = version.is_empty() || version.starts_with("kustomize.config.k8s.io/");
        is_it.then_some(document)
    }

    pub(super) fn is_component(&mut self, path: &FilePath) -> bool {
        let read = self.kustomization(path);
        self.problems.clear();
        read.is_none_or(|read| read.word("kind") == Some("Component"))
    }

    /// The kustomization of a folder.
    pub(super) fn of_folder(&self, dir: &FilePath) -> Option<FilePath> {
        let paths = NAMES.map(|name| joined(dir.as_bytes(), name));
        paths.into_iter().find(|path| self.tree.head(path).is_ok())
    }

    /// Those that others name.
    pub(super) fn inner(&mut self, found: &[&FilePath]) -> SortedSet<FilePath> {
        let mut inner = SortedSet::new();
        for path in found {
            let Some(read) = self.kustomization(path) else {
                continue;
            };
            for field in ["resources", "bases", "components"] {
                for text in read.items(field).iter().filter_map(Draft::text) {
                    let dir = joined(path.parent(), text.as_bytes());
                    inner.extend(self.of_folder(&dir).filter(|inner| inner != *path));
                }
            }
        }
        self.problems.clear();
        inner
    }
}

/// Whether a text is a place on the network.
pub(super) fn is_remote(text: &str) -> bool {
    let hosts = ["://", "?ref=", "git@", "git::"];
    let first = text.split('/').next().unwrap_or_default();
    hosts.iter().any(|part| text.contains(part))
        || first.contains('.') && !first.starts_with('.') && text.contains('/')
}

/// A text that was not written as one of YAML.
pub(super) fn plain(text: &str) -> What {
    What::Text(text.to_owned(), Style::Plain)
}
