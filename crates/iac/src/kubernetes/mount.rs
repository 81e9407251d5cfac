//! What a container finds in its file system: its image, and over it what is mounted.

use base::{FilePath, SortedSet};
use model::MemoryFiles;
use yaml::Id;

use super::data::{Data, Entry};
use super::manifest::At;

/// What a volume brings.
pub(crate) enum Volume {
    /// Files, by their paths in it, and what they come from.
    Files(Files, String),
    /// A folder that is empty when the pod starts, and that its containers share.
    Empty,
    /// Something that is not in the files, or a part of which is not.
    Unknown(String),
}

/// The files of a volume; of those that cannot be read, why.
type Files = Vec<(String, Result<Entry, String>)>;

/// Where ConfigMaps and Secrets are looked up: by kind and name.
pub(crate) type Lookup<'l> = dyn Fn(&str, &str) -> Option<&'l Data<'l>> + 'l;

/// Reads a volume of a pod.
pub(crate) fn volume(volume: At<'_>, lookup: &Lookup<'_>) -> Volume {
    if volume.get("emptyDir").is_some() {
        return Volume::Empty;
    }
    if let Some(projected) = volume.get("projected") {
        let (mut files, mut shown) = (Vec::new(), Vec::new());
        for source in projected.items("sources") {
            match of_source(source, lookup) {
                Some(Ok((more, name))) => {
                    files.extend(more);
                    shown.push(name);
                }
                Some(Err(why)) => return Volume::Unknown(why),
                // A token or the names of the pod: never configuration.
                None => {}
            }
        }
        return Volume::Files(files, shown.join(", "));
    }
    match of_source(volume, lookup) {
        Some(Ok((files, shown))) => Volume::Files(files, shown),
        Some(Err(why)) => Volume::Unknown(why),
        None => {
            let kinds = volume.fields().into_iter().map(|(kind, _)| kind);
            let kind = kinds
                .into_iter()
                .find(|kind| *kind != "name")
                .unwrap_or("volume");
            Volume::Unknown(format!(
                "what a volume of kind {kind} holds is not in the files"
            ))
        }
    }
}

type Source = Result<(Files, String), String>;

fn of_source(volume: At<'_>, lookup: &Lookup<'_>) -> Option<Source> {
    let (kind, at) = match (volume.get("configMap"), volume.get("secret")) {
        (Some(at), _) => ("ConfigMap", at),
        (None, Some(at)) => ("Secret", at),
        (None, None) => return None,
    };
    let name = at.word("name").or_else(|| at.word("secretName"));
    let name = name.unwrap_or_default();
    let Some(data) = lookup(kind, name) else {
        return Some(Err(format!("{kind} {name} is not in the files")));
    };
    let why = |key: &str| format!("`{key}` of {} cannot be read", data.shown);
    let items = at.items("items");
    let mut files = Vec::new();
    if items.is_empty() {
        let all = data.entries.iter();
        files.extend(all.map(|entry| (entry.key.clone(), Ok(entry.clone()))));
        let broken = data.broken.iter();
        files.extend(broken.map(|key| (key.clone(), Err(why(key)))));
    }
    for item in items {
        let (Some(key), Some(path)) = (item.word("key"), item.word("path")) else {
            continue;
        };
        let entry = data.entries.iter().find(|entry| entry.key == key);
        match entry {
            Some(entry) => files.push((clean(path), Ok(entry.clone()))),
            None if data.broken.iter().any(|broken| broken == key) => {
                files.push((clean(path), Err(why(key))));
            }
            None => return Some(Err(format!("{} has no `{key}`", data.shown))),
        }
    }
    Some(Ok((files, data.shown.clone())))
}

/// A container's files while volumes are put over them.
pub(crate) struct Mounted<'f> {
    /// Its files.
    pub files: &'f mut MemoryFiles,
    /// Folders that others have too: (path, what lies there).
    pub shared: Vec<(Vec<u8>, Vec<u8>)>,
    /// What was put there.
    pub put: Vec<(FilePath, Entry)>,
    /// Which files of ConfigMaps and Secrets somebody mounts.
    pub used: &'f mut SortedSet<(usize, Id)>,
}

impl Mounted<'_> {
    /// Puts a volume at its place; `what` tells it from the volumes of others.
    pub(crate) fn put(&mut self, mount: At<'_>, volume: &Volume, what: &str) {
        let Some(path) = mount.word("mountPath") else {
            return;
        };
        let path = format!("/{}", clean(path));
        let part = mount.word("subPath").map(clean);
        let part = part.filter(|part| !part.is_empty());
        match volume {
            Volume::Files(files, shown) => self.files(&path, part.as_deref(), files, shown),
            Volume::Empty => {
                self.share(&path, part.as_deref(), what);
                self.hide(&path, "a volume that is filled when the pod starts");
            }
            Volume::Unknown(why) => {
                self.share(&path, part.as_deref(), what);
                self.hide(&path, why);
            }
        }
    }

    fn files(&mut self, path: &str, part: Option<&str>, files: &Files, shown: &str) {
        let Some(part) = part else {
            self.files.remove_below(&FilePath::new(path));
            for (name, entry) in files {
                self.file(&format!("{path}/{name}"), entry);
            }
            return;
        };
        let mut is_there = false;
        for (name, entry) in files {
            let rest = name.strip_prefix(part);
            match rest {
                Some("") => self.file(path, entry),
                Some(rest) if rest.starts_with('/') => self.file(&format!("{path}{rest}"), entry),
                _ => continue,
            }
            is_there = true;
        }
        if !is_there {
            // The kubelet makes an empty folder of it; what is meant is somewhere else.
            let why = format!("{shown} has no `{part}` that could be mounted here");
            self.files.insert_unknown(path, why);
        }
    }

    fn file(&mut self, path: &str, entry: &Result<Entry, String>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(why) => return self.files.insert_unknown(path, why),
        };
        self.used.insert(entry.at);
        self.files
            .insert_inner(path, entry.bytes.clone(), entry.outer.clone());
        self.put.push((FilePath::new(path), entry.clone()));
    }

    fn share(&mut self, path: &str, part: Option<&str>, what: &str) {
        let what = match part {
            Some(part) => format!("{what}/{part}"),
            None => what.to_owned(),
        };
        // The one is a link to the other everywhere, and addresses are compared without it.
        let path = match path.strip_prefix("/var/run") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/run{rest}"),
            _ => path.to_owned(),
        };
        self.shared.push((path.into_bytes(), what.into_bytes()));
    }

    /// Nothing is known of what lies there, if it is a place of configuration.
    fn hide(&mut self, path: &str, why: &str) {
        self.files.remove_below(&FilePath::new(path));
        if is_for_configuration(path) {
            self.files.insert_unknown(path, why);
        }
    }
}

/// Where servers look for their files; a document root or a folder of sockets is none.
fn is_for_configuration(path: &str) -> bool {
    let places = [
        "/etc",
        "/usr/local/etc",
        "/opt/bitnami",
        "/opt/docker/etc",
        "/usr/local/openresty",
    ];
    let is_in = |place: &str| {
        path.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    places.into_iter().any(is_in)
}

/// A path without doubled slashes, single dots, and slashes at its ends.
pub(crate) fn clean(path: &str) -> String {
    let parts = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}

/// How deep a mount lies: outer ones are mounted first.
pub(crate) fn depth(mount: &At<'_>) -> usize {
    let path = mount.word("mountPath").unwrap_or_default();
    path.split('/').filter(|part| !part.is_empty()).count()
}
