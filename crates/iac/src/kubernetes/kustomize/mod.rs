//! Kustomize: what its builds are made of, with the place of every value.
//!
//! Each `kustomization.yaml` that no other one names is a cluster of its own: an overlay with what
//! it takes from its base. The objects come out as `kustomize build` writes them, apart from the
//! hashes behind generated names; each value stands in the file that people write.

mod book;
mod build;
mod draft;
mod generate;
mod names;
mod patch;

use base::{FilePath, ProblemKind, SortedSet};
use intake::{Tree, name_of};

use super::hint;
use super::manifest::{self, Made, Manifest};
use crate::project::Project;
use book::Book;
use build::Resource;
use draft::{Draft, What};

/// Names of the file in a folder.
pub(super) const NAMES: [&[u8]; 3] = [
    b"kustomization.yaml",
    b"kustomization.yml",
    b"Kustomization",
];

/// What a build makes, as a manifest.
pub(super) struct Leaf {
    /// The number of the manifest.
    pub file: usize,
    /// Its folder, for people.
    pub name: String,
}

/// Adds what the builds among these files make; manifests that go into one are nobody else's.
pub(super) fn read(
    tree: &dyn Tree,
    files: &[FilePath],
    manifests: &mut Vec<Manifest>,
    project: &mut Project,
) -> Vec<Leaf> {
    let is_it = |path: &&FilePath| NAMES.contains(&path.name());
    let found: Vec<&FilePath> = files.iter().filter(is_it).collect();
    let mut leaves = Vec::new();
    if found.is_empty() {
        return leaves;
    }
    let mut book = Book::new(tree, manifests);
    let inner = book.inner(&found);
    for path in found {
        if inner.contains(path) || project.taken.contains(path) || book.is_component(path) {
            continue;
        }
        let mut resources = book.build(path);
        names::references(&mut resources);
        let problems = book.problems();
        if !resources.iter().any(is_ours) && !book.is_ours() {
            continue;
        }
        for (message, help) in problems {
            project.problem(ProblemKind::Unknown, message, help);
        }
        let shown = tree.shown(path).unwrap_or_else(|| path.clone());
        let name = base::source::printable(FilePath::new(shown.parent()).as_bytes());
        if let Some(manifest) = manifest_of(&mut book, path, shown, resources) {
            let file = manifests.len();
            manifests.push(manifest);
            leaves.push(Leaf { file, name });
        }
    }
    let consumed: SortedSet<FilePath> = book.taken();
    for manifest in manifests.iter_mut().filter(|one| one.made.is_none()) {
        if consumed.contains(&manifest.path) {
            manifest.objects.clear();
        }
    }
    project.taken.extend(consumed);
    leaves
}

fn manifest_of(
    book: &mut Book<'_>,
    path: &FilePath,
    shown: FilePath,
    resources: Vec<Resource>,
) -> Option<Manifest> {
    let home = book.home(path)?;
    let (mut tree, mut made) = (yaml::Tree::default(), Made::default());
    for resource in resources {
        let id = resource.draft.put(&mut tree, &mut made);
        tree.documents.push(id);
    }
    let mut manifest = Manifest {
        path: path.clone(),
        shown,
        bytes: home.bytes.clone(),
        tree,
        objects: Vec::new(),
        made: Some(made),
    };
    manifest.objects = manifest::objects(&manifest).0;
    Some(manifest)
}

/// Whether it has to do with nginx or PHP-FPM.
fn is_ours(resource: &Resource) -> bool {
    let is_text = |draft: &Draft| match &draft.what {
        What::Text(text, _) => hint::is_interesting(text.as_bytes()),
        _ => false,
    };
    let is_image = |(key, value): &(String, Draft)| {
        let image = value.text().unwrap_or_default();
        key == "image" && (image.contains("nginx") || image.contains("php"))
    };
    let mut open = vec![&resource.draft];
    while let Some(draft) = open.pop() {
        match &draft.what {
            What::Map(fields) if fields.iter().any(is_image) => return true,
            What::Map(fields) => open.extend(fields.iter().map(|(_, value)| value)),
            What::List(items) => open.extend(items),
            What::Text(..) if is_text(draft) => return true,
            What::Text(..) => {}
        }
    }
    false
}

/// A path for messages.
fn shown(tree: &dyn Tree, path: &FilePath) -> String {
    base::source::printable(name_of(tree, path).as_bytes())
}
