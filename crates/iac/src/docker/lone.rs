//! Dockerfiles that nothing else in the repository builds.

use base::source::some_of;
use base::{FilePath, ProblemKind, SortedMap};
use intake::{Tree, name_of};
use model::Machine;

use super::begins::Begins;
use super::build::matching;
use super::{Build, built};
use crate::project::Project;
use crate::system::System;

/// Adds the image of each Dockerfile as a machine of its own.
pub(crate) fn read(tree: &dyn Tree, files: &[FilePath], project: &mut Project) {
    let (templates, files): (Vec<&FilePath>, Vec<&FilePath>) = files
        .iter()
        .filter(|path| is_dockerfile(path) && !project.taken.contains(path))
        .partition(|path| is_template(path));
    let shown: Vec<String> = templates.iter().map(|path| name_of(tree, path)).collect();
    if !shown.is_empty() {
        let some = some_of(&shown);
        let message = format!("{some}: what is built with templates of Dockerfiles is not known");
        project.problem(ProblemKind::Unknown, message, None);
    }
    for path in files {
        if project.taken.contains(path) {
            continue;
        }
        let build = Build {
            context: context(tree, path),
            dockerfile: path.clone(),
            target: None,
            args: SortedMap::new(),
        };
        let Some(image) = built(tree, &build, project) else {
            continue;
        };
        let network = project.network();
        let shown = name_of(tree, path);
        let begins = image.begins();
        let mut system = System {
            machine: Machine {
                via: shown.clone(),
                shown,
                network,
                loopback: network,
                is_whole: image.is_whole,
                ..Machine::default()
            },
            files: image.started(),
            php: image.php,
            ..System::default()
        };
        if begins != Begins::default() {
            let (nginx, mut fpm) = system.mains(begins.nginx, begins.fpm);
            for input in &mut fpm {
                input.php_ini = begins.php_ini.clone().or(input.php_ini.take());
            }
            (system.nginx, system.fpm) = (Some(nginx), Some(fpm));
        }
        project.systems.push(system);
    }
}

/// By its name; what is in it is told when it is read.
pub(crate) fn is_dockerfile(path: &FilePath) -> bool {
    let name = String::from_utf8_lossy(path.name()).to_lowercase();
    let is_one = |word: &str| word == "dockerfile" || word == "containerfile";
    is_one(&name)
        || name
            .split_once('.')
            .is_some_and(|(first, rest)| is_one(first) && !is_other(rest) || is_one(rest))
}

/// Endings of what only speaks of Dockerfiles.
fn is_other(ending: &str) -> bool {
    let others = ["md", "py", "sh", "dockerignore"];
    others.iter().any(|other| ending.ends_with(other))
}

/// Whether Dockerfiles are made of this file.
fn is_template(path: &FilePath) -> bool {
    let endings = ["j2", "jinja2", "template", "tmpl", "tpl", "erb", "in"];
    let name = String::from_utf8_lossy(path.name()).to_lowercase();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.contains(&ending))
}

/// The folder that is most likely given to the build: the nearest one above in which most of what
/// is copied can be found.
fn context(tree: &dyn Tree, path: &FilePath) -> FilePath {
    let text = tree
        .read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_default();
    let sources: Vec<String> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let verb = words.next()?.to_ascii_uppercase();
            let is_copy = verb == "COPY" || verb == "ADD";
            let all: Vec<&str> = words.collect();
            let is_foreign = all.iter().any(|word| word.starts_with("--from"));
            let first = all.into_iter().find(|word| !word.starts_with("--"))?;
            let is_path = !first.contains(['$', '<', '[']) && !first.contains("://");
            (is_copy && !is_foreign && is_path).then(|| first.to_owned())
        })
        .collect();
    let mut dir = FilePath::new(path.parent());
    let mut best: Option<(usize, FilePath)> = None;
    for _ in 0..8 {
        let found = sources.iter().filter(|source| {
            let base = String::from_utf8_lossy(dir.as_bytes()).into_owned();
            let at = super::run::absolute(&base, source.trim_start_matches('/'));
            !matching(tree, &at).is_empty()
        });
        let count = found.count();
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            best = Some((count, dir.clone()));
        }
        let above = FilePath::new(dir.parent());
        if above == dir || above.as_bytes().is_empty() || count == sources.len() {
            break;
        }
        dir = above;
    }
    best.map_or(dir, |(_, dir)| dir)
}
