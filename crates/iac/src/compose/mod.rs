//! Compose files: each service is a machine, with the files that are mounted into it.
//!
//! What `docker compose up` would run is one stack; a file beside it that can be put on top, or
//! stands alone, is another one. docs/compose.md says which.

mod book;
mod find;
mod machine;
mod merge;
pub(crate) mod mounted;
mod node;
pub(crate) mod repo;
mod service;
mod syntax;
mod variables;

pub(crate) use repo::joined;

use base::{FilePath, ProblemKind, SortedMap};
use intake::Tree;

use crate::docker::Image;
use crate::project::Project;
use book::Book;
use node::Node;
use repo::Repo;
use syntax::What;

/// Services of one repository. The largest stacks that people write have some fifty.
const MOST_SERVICES: usize = 1000;

/// Images that were looked at, by what names them.
pub(crate) type Images = SortedMap<String, Option<Image>>;

/// Adds the machines of all Compose files.
pub(crate) fn read(tree: &dyn Tree, files: &[FilePath], project: &mut Project) {
    let mut book = Book::new(Repo::new(tree, files));
    let stacks = find::stacks(&mut book, project);
    let mut loaded: Vec<(find::Files, Option<Node>)> = Vec::new();
    for stack in stacks {
        let first = stack.paths.first();
        let dir = first.map_or(b"/".to_vec(), |path| path.parent().to_vec());
        let variables = book.variables(&dir, project);
        let root = book.stack(&stack.paths, &variables, project);
        loaded.push((stack, root));
    }
    let (mut images, mut count) = (Images::new(), 0);
    for (stack, root) in loaded {
        let is_part = |path: &FilePath| book.used.contains(path);
        let (true, Some(root)) = (!stack.paths.last().is_some_and(is_part), root) else {
            continue;
        };
        let services = root.field("services").and_then(Node::map);
        let more = services.map_or(0, SortedMap::len);
        if count + more > MOST_SERVICES {
            let shown = name(&book, &stack);
            let message = format!(
                "{shown}: more than {MOST_SERVICES} services; those of this file were not looked at"
            );
            project.problem(ProblemKind::Unreadable, message, None);
            continue;
        }
        count += more;
        machine::of_stack(&mut book, &stack, &root, &mut images, project);
    }
    take_replaced(&mut book, project);
    let read = book.files.iter();
    let read: Vec<FilePath> = read.map(|file| book.repo.given(&file.path)).collect();
    project.taken.extend(read);
    // Two stacks may say the same of one file.
    let mut all: Vec<base::Problem> = Vec::new();
    for problem in project.problems.drain(..) {
        if !all.contains(&problem) {
            all.push(problem);
        }
    }
    project.problems = all;
}

/// A file that one Compose file mounts and another one replaces is known to be of no use.
fn take_replaced(book: &mut Book<'_>, project: &mut Project) {
    for file in 0..book.files.len() {
        let dir = book.files[file].dir.as_bytes().to_vec();
        let variables = book.variables(&dir, project);
        let root = book.node(file, &variables, project);
        let services = root.as_ref().and_then(|root| root.field("services"));
        for (_, service) in services.and_then(Node::map).into_iter().flatten() {
            let volumes = service.field("volumes").map(Node::items);
            let mounts = volumes
                .unwrap_or_default()
                .iter()
                .filter_map(syntax::volume);
            for mount in mounts {
                let What::Bind(source) = &mount.what else {
                    continue;
                };
                let path = repo::joined(&dir, source.as_bytes());
                if !book.mounted.contains(&path) && book.repo.has(&path) {
                    project.taken.insert(book.repo.given(&path));
                }
            }
        }
    }
}

/// The files of a stack, for people.
pub(crate) fn name(book: &Book<'_>, stack: &find::Files) -> String {
    let shown = stack
        .paths
        .iter()
        .map(|path| book.repo.shown(path).to_string());
    shown.collect::<Vec<_>>().join(" + ")
}
