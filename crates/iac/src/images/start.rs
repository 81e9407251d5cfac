//! What an image does with its environment when a container of it starts.

use base::{FilePath, Outer};
use model::{Files as _, MemoryFiles};

use super::render::{How, holds, render};
use super::{EnvImage, File};
use crate::filled::{self, Environment, Making};

/// A container that starts.
pub(crate) struct Start<'s> {
    /// What is known of its image.
    pub(crate) image: Option<&'static EnvImage>,
    /// Its environment: that of the image, and what the container adds.
    pub(crate) env: &'s Environment,
    /// How its variables are set, for people: "in `environment`".
    pub(crate) set: &'static str,
    /// What is shown of a file that comes with the image: where that is named.
    pub(crate) named: Option<Outer>,
}

/// Makes the files that a container has once it has started. What was made of templates of nginx
/// comes back, with the template of each.
pub(crate) fn start(start: &Start<'_>, files: &mut MemoryFiles) -> Vec<(FilePath, FilePath)> {
    let mut making = Making::new(start.set);
    if let Some(image) = start.image {
        own(start, image, &mut making, files);
        for dir in image.fills {
            people(dir, start.env, &mut making, files);
        }
    }
    // Other images have no such folder.
    let made = filled::templates(start.env, &mut making, files);
    filled::php(start.env, &mut making, files);
    making.finish(files);
    made
}

fn is_ini(path: &FilePath) -> bool {
    let path = path.as_bytes();
    path.windows(4).any(|part| part == b"/php")
}

/// The files of the image.
fn own(start: &Start<'_>, image: &EnvImage, making: &mut Making, files: &mut MemoryFiles) {
    let mut seen: Vec<&str> = Vec::new();
    for file in image.all() {
        if seen.contains(&file.path) {
            continue;
        }
        seen.push(file.path);
        let path = FilePath::new(file.path);
        if !image.is_untouched(file.path, files) {
            touched(image, file, files);
            continue;
        }
        let template = FilePath::new(file.from);
        if let (Ok(bytes), Some(outer)) = (files.read(&template), files.outer(&template)) {
            match filled::envsubst(&bytes, start.env) {
                Ok(text) => making.add(path, text, Some(outer)),
                Err(name) => unknown(&path, &name, start.env, files),
            }
            continue;
        }
        let mut all = image.all().filter(|other| other.path == file.path);
        let chosen = loop {
            let Some(one) = all.next() else {
                break Ok(None);
            };
            match holds(one.when, start.env) {
                Ok(true) => break Ok(Some(one)),
                Ok(false) => {}
                Err(name) => break Err(name),
            }
        };
        let how = How {
            has_conditions: true,
            is_ini: is_ini(&path),
        };
        match chosen {
            Ok(None) => files.remove(&path),
            Ok(Some(file)) => match render(file.text, start.env, how) {
                Ok(text) => making.add(path, text, start.named.clone()),
                Err(name) => unknown(&path, &name, start.env, files),
            },
            Err(name) => unknown(&path, &name, start.env, files),
        }
    }
}

fn unknown(path: &FilePath, name: &str, env: &Environment, files: &mut MemoryFiles) {
    let is_named = env
        .iter()
        .any(|(known, value)| known == name && value.place.is_some());
    let name = base::source::printable(name.as_bytes());
    let why = match env.has_gaps && !is_named {
        true => format!(
            "it is made of variables such as `{name}`, which may be set in a file that is not there"
        ),
        false => format!("it is made of `{name}`, whose value is not known"),
    };
    files.insert_unknown(path.as_bytes(), why);
}

/// A file that somebody has changed or replaced.
fn touched(image: &EnvImage, file: &File, files: &mut MemoryFiles) {
    let path = FilePath::new(file.path);
    let Ok(bytes) = files.read(&path) else {
        return;
    };
    let is_replaced = files.outer(&path).is_some() && !bytes.starts_with(file.text.as_bytes());
    let why = match is_replaced {
        true if !image.overwrites => return,
        true => "the image writes it anew when it starts",
        false => "it comes with the image, and a command has changed it",
    };
    files.insert_unknown(path.as_bytes(), why);
}

/// Files that people have put into a folder in which everything is filled in.
fn people(dir: &str, env: &Environment, making: &mut Making, files: &mut MemoryFiles) {
    let is_there = |path: &FilePath| path.as_bytes().starts_with(dir.as_bytes());
    let all: Vec<_> = files
        .iter()
        .filter(|(path, _, outer)| is_there(path) && outer.is_some() && !making.has(path))
        .map(|(path, bytes, outer)| (path.clone(), bytes.clone(), outer.cloned()))
        .collect();
    for (path, bytes, outer) in all {
        let Ok(text) = std::str::from_utf8(&bytes) else {
            continue;
        };
        let how = How {
            has_conditions: false,
            is_ini: is_ini(&path),
        };
        match render(text, env, how) {
            Ok(text) if text.has_values() => making.add(path, text, outer),
            Ok(_) => {}
            Err(name) => unknown(&path, &name, env, files),
        }
    }
}
