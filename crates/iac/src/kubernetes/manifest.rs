//! Files of manifests, and the objects in them.

use std::sync::Arc;

use base::{FilePath, OuterMap, ProblemKind, SortedMap};
use intake::Tree;
use yaml::Id;

use super::hint;
use crate::project::{Project, bytes_of};

/// Lists in lists: `kubectl` writes one level.
const DEEPEST: usize = 4;

/// A file that holds objects.
pub(crate) struct Manifest {
    /// Its path in the tree.
    pub path: FilePath,
    /// Its path for people.
    pub shown: FilePath,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// What is in it.
    pub tree: yaml::Tree,
    /// Its objects: the nodes of their maps.
    pub objects: Vec<Object>,
    /// Of one that nobody has written: what each of its values is from.
    pub made: Option<Made>,
}

/// What the values of a manifest are from that is made of others.
#[derive(Default)]
pub(crate) struct Made {
    /// For each node its file.
    pub homes: Vec<Arc<Home>>,
    /// Values that are no scalar of YAML there: where they stand.
    pub maps: SortedMap<Id, Arc<OuterMap>>,
}

/// A file that values stand in.
pub(crate) struct Home {
    /// Tells it from others.
    pub number: usize,
    /// Its path in the tree.
    pub path: FilePath,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// What says that it is an object of Kubernetes.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Its node.
    pub id: Id,
    /// `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace, where it says one.
    pub namespace: Option<String>,
}

/// A value in a manifest.
#[derive(Clone, Copy)]
pub(crate) struct At<'m> {
    /// The file.
    pub manifest: &'m Manifest,
    /// The node.
    pub id: Id,
}

impl<'m> At<'m> {
    fn to(self, id: Id) -> At<'m> {
        At { id, ..self }
    }

    /// The fields of a map, merged ones too; nothing when it is no map.
    pub(crate) fn fields(self) -> Vec<(&'m str, At<'m>)> {
        let tree = &self.manifest.tree;
        let fields = tree.fields(self.id).unwrap_or_default();
        let named = fields
            .into_iter()
            .filter_map(|(key, value)| Some((tree.text(key)?, self.to(value))));
        named.collect()
    }

    /// The value of a field.
    pub(crate) fn get(self, name: &str) -> Option<At<'m>> {
        let tree = &self.manifest.tree;
        if let Some(id) = tree.field(self.id, name) {
            return Some(self.to(id));
        }
        let mut fields = self.fields().into_iter();
        fields.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The value at the end of a path of fields.
    pub(crate) fn find(self, path: &[&str]) -> Option<At<'m>> {
        path.iter().try_fold(self, |at, name| at.get(name))
    }

    /// The text of a scalar that is not nothing.
    pub(crate) fn text(self) -> Option<&'m str> {
        let tree = &self.manifest.tree;
        let is_null = tree.is_null(self.id);
        tree.text(self.id).filter(|_| !is_null)
    }

    /// The text of a field.
    pub(crate) fn word(self, name: &str) -> Option<&'m str> {
        self.get(name)?.text()
    }

    /// The elements of a list in a field.
    pub(crate) fn items(self, name: &str) -> Vec<At<'m>> {
        let list = self.get(name);
        let ids = list.and_then(|list| self.manifest.tree.list(list.id));
        let ids = ids.unwrap_or_default().iter();
        ids.map(|id| self.to(*id)).collect()
    }

    /// The texts of a list in a field.
    pub(crate) fn words(self, name: &str) -> Vec<&'m str> {
        let items = self.items(name).into_iter();
        items.filter_map(At::text).collect()
    }

    /// The file that it stands in.
    fn home(self) -> Option<&'m Home> {
        let made = self.manifest.made.as_ref()?;
        made.homes.get(self.id).map(Arc::as_ref)
    }

    /// The path of the file that it stands in.
    pub(crate) fn path(self) -> &'m FilePath {
        self.home().map_or(&self.manifest.path, |home| &home.path)
    }

    /// The bytes of that file.
    pub(crate) fn bytes(self) -> &'m Arc<[u8]> {
        self.home().map_or(&self.manifest.bytes, |home| &home.bytes)
    }

    /// What tells it from others, in whatever manifests it is used; `file` is the number of this
    /// one.
    pub(crate) fn identity(self, file: usize) -> (usize, usize) {
        let file = self.home().map_or(file, |home| home.number);
        (file, self.range().start as usize)
    }

    /// Where its text stands, when that is no scalar of YAML.
    pub(crate) fn map(self) -> Option<OuterMap> {
        let made = self.manifest.made.as_ref()?;
        made.maps.get(&self.id).map(|map| map.as_ref().clone())
    }

    /// Its bytes in the file.
    pub(crate) fn range(self) -> std::ops::Range<u32> {
        let (start, end) = self.manifest.tree.node(self.id).range;
        start..end.max(start)
    }
}

/// The manifests among files. Those that cannot be understood are said, when nginx or PHP-FPM are
/// in them.
pub(crate) fn all(tree: &dyn Tree, files: &[FilePath], project: &mut Project) -> Vec<Manifest> {
    let mut out = Vec::new();
    for path in files {
        if project.taken.contains(path) {
            continue;
        }
        // A file that was named may be called as it likes.
        if files.len() > 1 && !is_named_so(path) {
            continue;
        }
        // Whoever named a file hears of it elsewhere; data may be larger than configuration.
        let bytes = match files.len() > 1 && !path.name().ends_with(b".json") {
            true => bytes_of(tree, path, project),
            false => tree.read(path).ok(),
        };
        out.extend(bytes.and_then(|bytes| read(tree, path, bytes, project)));
    }
    out
}

fn is_named_so(path: &FilePath) -> bool {
    let ends = [b".yml".as_slice(), b".yaml", b".json"];
    ends.iter().any(|end| path.name().ends_with(end))
}

fn read(
    tree: &dyn Tree,
    path: &FilePath,
    bytes: Arc<[u8]>,
    project: &mut Project,
) -> Option<Manifest> {
    if !(hint::holds(&bytes, b"apiVersion") && hint::holds(&bytes, b"kind")) {
        return None;
    }
    let shown = tree.shown(path).unwrap_or_else(|| path.clone());
    let parsed = match yaml::parse(&bytes) {
        Ok(parsed) => parsed,
        Err(refusal) => {
            if hint::is_interesting(&bytes) {
                refuse(&shown, &bytes, &refusal, project);
            }
            return None;
        }
    };
    let mut manifest = Manifest {
        path: path.clone(),
        shown,
        bytes,
        tree: parsed,
        objects: Vec::new(),
        made: None,
    };
    let (objects, is_template) = objects(&manifest);
    if is_template && hint::is_interesting(&manifest.bytes) {
        template(&manifest.shown, project);
    }
    manifest.objects = objects;
    (!manifest.objects.is_empty()).then_some(manifest)
}

fn refuse(shown: &FilePath, bytes: &[u8], refusal: &yaml::Refusal, project: &mut Project) {
    if hint::holds(bytes, b"{{") {
        return template(shown, project);
    }
    let before = &bytes[..bytes.len().min(refusal.at as usize)];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let message = format!("{shown}:{line}: {}", refusal.message);
    let help = "the nginx or PHP-FPM configuration in it was not judged";
    project.problem(ProblemKind::Syntax, message, Some(help));
}

fn template(shown: &FilePath, project: &mut Project) {
    let message =
        format!("{shown} is a template: the nginx or PHP-FPM configuration in it is unknown");
    let help = "give what is made of it: `helm template . | badgateway check -`";
    project.problem(ProblemKind::Unknown, message, Some(help));
}

/// The objects of all documents, and whether something that a template fills in looked like one.
pub(crate) fn objects(manifest: &Manifest) -> (Vec<Object>, bool) {
    let (mut out, mut is_template) = (Vec::new(), false);
    let documents = manifest.tree.documents.iter().rev();
    let mut open: Vec<(Id, usize)> = documents.map(|id| (*id, 0)).collect();
    while let Some((id, depth)) = open.pop() {
        let at = At { manifest, id };
        let (Some(_), Some(kind)) = (at.word("apiVersion"), at.word("kind")) else {
            continue;
        };
        if kind.ends_with("List") && depth < DEEPEST {
            let items = at.items("items").into_iter().rev();
            open.extend(items.map(|item| (item.id, depth + 1)));
            continue;
        }
        let name = at.find(&["metadata", "name"]);
        let Some(text) = name.and_then(At::text) else {
            is_template |= name.is_some();
            continue;
        };
        let namespace = at.find(&["metadata", "namespace"]);
        out.push(Object {
            id,
            kind: kind.to_owned(),
            name: text.to_owned(),
            namespace: namespace.and_then(At::text).map(str::to_owned),
        });
    }
    (out, is_template)
}
