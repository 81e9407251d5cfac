//! A build: resources of files and other kustomizations, then what is generated, then what is
//! changed, in kustomize's order.

use base::FilePath;

use super::book::{Book, is_remote};
use super::draft::Draft;
use super::names;
use crate::compose::joined;

/// How many kustomizations name each other in a row.
const DEEPEST: usize = 20;

/// What may change anything, and is not read.
const NOT_READ: [&str; 6] = [
    "helmCharts",
    "helmChartInflationGenerator",
    "replacements",
    "vars",
    "transformers",
    "generators",
];

/// An object on its way.
pub(super) struct Resource {
    pub draft: Draft,
    pub kind: String,
    /// The names it has had; the last one is its name.
    pub names: Vec<String>,
    /// What was put around its name, by each kustomization that did.
    pub affixes: Vec<(String, String)>,
}

impl Resource {
    /// Of an object; `None` for what is none.
    pub(super) fn of(draft: Draft) -> Option<Resource> {
        draft.word("apiVersion")?;
        let kind = draft.word("kind")?.to_owned();
        let name = draft.find(&["metadata", "name"])?.text()?.to_owned();
        Some(Resource {
            draft,
            kind,
            names: vec![name],
            affixes: Vec::new(),
        })
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.draft.find(&["metadata", "namespace"])?.text()
    }

    /// Whether it is or was called so.
    pub(super) fn is_called(&self, kind: &str, name: &str) -> bool {
        self.kind == kind && self.names.iter().any(|known| known == name)
    }
}

impl Book<'_> {
    /// What the kustomization at this path makes.
    pub(super) fn build(&mut self, path: &FilePath) -> Vec<Resource> {
        let mut resources = Vec::new();
        self.add(path, &mut vec![], &mut resources);
        resources
    }

    fn add(&mut self, path: &FilePath, way: &mut Vec<FilePath>, out: &mut Vec<Resource>) {
        let Some(builds) = self.builds.checked_sub(1) else {
            return self.too_much(path);
        };
        self.builds = builds;
        if way.len() >= DEEPEST || way.contains(path) {
            return self.unknown(path, "it names itself, over others");
        }
        self.take(path);
        let Some(read) = self.kustomization(path) else {
            return;
        };
        way.push(path.clone());
        // A component changes what is there already.
        let is_component = read.word("kind") == Some("Component");
        let begin = if is_component { 0 } else { out.len() };
        for field in ["resources", "bases"] {
            for item in read.items(field) {
                self.resource(path, item, way, out);
            }
        }
        let mut own = out.split_off(begin);
        for item in read.items("components") {
            self.resource(path, item, way, &mut own);
        }
        way.pop();
        for (field, kind) in [
            ("configMapGenerator", "ConfigMap"),
            ("secretGenerator", "Secret"),
        ] {
            for item in read.items(field) {
                self.generate(path, kind, item, &mut own);
            }
        }
        self.change(path, &read, &mut own);
        for field in NOT_READ {
            if read.get(field).is_some() {
                let what = format!("what `{field}` make of it is not known");
                self.unknown(path, &what);
            }
        }
        out.append(&mut own);
    }

    fn resource(
        &mut self,
        by: &FilePath,
        item: &Draft,
        way: &mut Vec<FilePath>,
        out: &mut Vec<Resource>,
    ) {
        let Some(text) = item.text() else {
            return;
        };
        let path = joined(by.parent(), text.as_bytes());
        if let Some(inner) = self.of_folder(&path) {
            return self.add(&inner, way, out);
        }
        let Some(home) = self.take(&path) else {
            let text = base::source::printable(text.as_bytes());
            let what = match is_remote(&text) {
                true => format!("`{text}` lies elsewhere"),
                false => format!("`{text}` is not there, or no kustomization"),
            };
            return self.unknown(by, &what);
        };
        for document in self.documents(&home) {
            let items = document.items("items");
            let is_list = document
                .word("kind")
                .is_some_and(|kind| kind.ends_with("List"));
            match is_list && !items.is_empty() {
                true => out.extend(items.iter().cloned().filter_map(Resource::of)),
                false => out.extend(Resource::of(document)),
            }
        }
    }

    /// What a kustomization changes in all that it has.
    fn change(&mut self, path: &FilePath, read: &Draft, own: &mut Vec<Resource>) {
        for item in read.items("patchesStrategicMerge") {
            self.patch(path, item, None, own);
        }
        for item in read.items("patches") {
            self.patch_item(path, item, own);
        }
        if let Some(namespace) = read.get("namespace") {
            for resource in &mut *own {
                if let Some(metadata) = resource.draft.get_mut("metadata") {
                    metadata.set("namespace", namespace.clone());
                }
            }
        }
        let affix = |name: &str| read.word(name).unwrap_or_default().to_owned();
        names::rename(own, &affix("namePrefix"), &affix("nameSuffix"));
        for item in read.items("patchesJson6902") {
            self.patch_item(path, item, own);
        }
        for change in read.items("images") {
            for resource in &mut *own {
                change_images(&mut resource.draft, change);
            }
        }
    }
}

/// Changes the images of containers, wherever they stand.
fn change_images(draft: &mut Draft, change: &Draft) {
    let Some(spec) = names::pod_spec(draft) else {
        return;
    };
    for list in ["containers", "initContainers"] {
        for container in spec.items_mut(list) {
            let Some(image) = container.get_mut("image") else {
                continue;
            };
            let new = image.text().and_then(|image| changed_image(image, change));
            if let Some(new) = new {
                image.write(new);
            }
        }
    }
}

fn changed_image(image: &str, change: &Draft) -> Option<String> {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    // A colon before the last slash is a port.
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest[slash..].split_once(':') {
        Some((name, tag)) => (&rest[..slash + name.len()], Some(tag)),
        None => (rest, None),
    };
    if change.word("name") != Some(name) {
        return None;
    }
    let name = change.word("newName").unwrap_or(name);
    let (tag, digest) = match (change.word("newTag"), change.word("digest")) {
        (_, Some(digest)) => (None, Some(digest)),
        (Some(tag), None) => (Some(tag), None),
        (None, None) => (tag, digest),
    };
    let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = digest.map(|one| format!("@{one}")).unwrap_or_default();
    Some(format!("{name}{tag}{digest}"))
}
