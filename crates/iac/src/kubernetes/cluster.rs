//! Which manifests are one cluster. Files that lie together are, until they say the same object
//! twice: then they are environments (`dev/` and `prod/`), each a cluster of its own with what lies
//! beside them.

use base::{SortedMap, SortedSet};

use super::manifest::{Manifest, Object};

/// More environments than anybody has.
const MOST: usize = 100;

/// The objects of one cluster.
pub(crate) struct Cluster<'m> {
    /// The folder or file that tells it from others; empty when it is the only one.
    pub name: String,
    /// Its objects, with the numbers of their manifests, in the order of the files.
    pub objects: Vec<(usize, &'m Object)>,
    /// The namespace of what names none.
    pub namespace: String,
}

/// What tells an object from others.
type Identity<'m> = (&'m str, Option<&'m str>, &'m str);

fn identity(object: &Object) -> Identity<'_> {
    let namespace = object.namespace.as_deref();
    (object.kind.as_str(), namespace, object.name.as_str())
}

/// The clusters, and whether that is all of them.
pub(crate) fn clusters(manifests: &[Manifest]) -> (Vec<Cluster<'_>>, bool) {
    let environments = environments(manifests);
    let is_whole = environments.len() <= MOST;
    let mut out = Vec::new();
    for name in environments.iter().take(MOST) {
        // Outer ones first: what an inner one says again wins.
        let is_in = |file: &usize| {
            let path = manifests[*file].path.as_bytes();
            let owner = owner(&environments, path);
            owner.is_none_or(|owner| is_below(name, owner))
        };
        let mut files: Vec<usize> = (0..manifests.len()).filter(is_in).collect();
        files.sort_by_key(|file| {
            owner(&environments, manifests[*file].path.as_bytes()).map_or(0, <[u8]>::len)
        });
        let shown = manifests
            .iter()
            .find(|one| is_below(one.path.as_bytes(), name));
        let name = shown.map_or_else(String::new, |one| shown_part(one, name));
        out.push(cluster(name, manifests, &files));
    }
    if out.is_empty() {
        let files: Vec<usize> = (0..manifests.len()).collect();
        out.push(cluster(String::new(), manifests, &files));
    }
    (out, is_whole)
}

/// The part of the shown path that is an environment's.
fn shown_part(manifest: &Manifest, name: &[u8]) -> String {
    let shown = manifest.shown.as_bytes();
    let behind = manifest.path.as_bytes().len() - name.len();
    let end = shown.len().saturating_sub(behind);
    base::source::printable(&shown[..end])
}

/// The objects of one manifest as a cluster.
pub(crate) fn of_one(name: String, manifests: &[Manifest], file: usize) -> Cluster<'_> {
    cluster(name, manifests, &[file])
}

fn cluster<'m>(name: String, manifests: &'m [Manifest], files: &[usize]) -> Cluster<'m> {
    let mut by_identity: SortedMap<Identity<'_>, usize> = SortedMap::new();
    let mut objects: Vec<Option<(usize, &Object)>> = Vec::new();
    for &file in files {
        for object in &manifests[file].objects {
            // What is applied last is what there is.
            if let Some(before) = by_identity.insert(identity(object), objects.len()) {
                objects[before] = None;
            }
            objects.push(Some((file, object)));
        }
    }
    let objects: Vec<_> = objects.into_iter().flatten().collect();
    let said = objects
        .iter()
        .filter_map(|(_, object)| object.namespace.as_deref());
    let said: SortedSet<&str> = said.collect();
    let only = said.first().filter(|_| said.len() == 1);
    Cluster {
        name,
        namespace: only.map_or("default", |only| only).to_owned(),
        objects,
    }
}

/// Folders and files that say the same objects: the parts at which their paths part.
fn environments(manifests: &[Manifest]) -> Vec<Vec<u8>> {
    let mut first: SortedMap<Identity<'_>, usize> = SortedMap::new();
    let mut pairs: SortedSet<(usize, usize)> = SortedSet::new();
    for (file, manifest) in manifests.iter().enumerate() {
        for object in &manifest.objects {
            let known = *first.entry(identity(object)).or_insert(file);
            if known != file {
                pairs.insert((known, file));
            }
        }
    }
    let mut out: Vec<Vec<u8>> = Vec::new();
    for (one, other) in pairs {
        let (one, other) = (
            manifests[one].path.as_bytes(),
            manifests[other].path.as_bytes(),
        );
        let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
        let folder = one[..common]
            .iter()
            .rposition(|&b| b == b'/')
            .map_or(0, |at| at + 1);
        for path in [one, other] {
            let end = path[folder..].iter().position(|&b| b == b'/');
            out.push(path[..end.map_or(path.len(), |end| folder + end)].to_vec());
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The innermost environment that a path lies in.
fn owner<'e>(environments: &'e [Vec<u8>], path: &[u8]) -> Option<&'e [u8]> {
    let mut end = path.len();
    loop {
        let found = environments.binary_search_by(|one| one.as_slice().cmp(&path[..end]));
        if let Ok(found) = found {
            return Some(&environments[found]);
        }
        end = path[..end].iter().rposition(|&b| b == b'/')?;
    }
}

fn is_below(path: &[u8], dir: &[u8]) -> bool {
    let rest = path.strip_prefix(dir);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}
