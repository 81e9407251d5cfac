//! Terraform and OpenTofu: machines that get files when they start, files that are written, and
//! containers and manifests that a configuration makes; and plans, in which all of it is worked out.
//!
//! A root module is a folder that no other one calls. What only Terraform knows (attributes of
//! resources, data from elsewhere) is a hole with its name, and a file with a hole in it is unknown.

mod blocks;
mod cloud;
mod containers;
mod encode;
mod eval;
mod functions;
mod generated;
mod machines;
mod manifests;
mod parse;
mod plan;
mod syntax;
mod template;
mod text;
mod value;
mod world;

use base::{FilePath, ProblemKind, SortedMap, SortedSet};
use intake::{Tree, name_of, names};
use model::MemoryFiles;

use crate::kubernetes::is_interesting;
use crate::project::Project;
use blocks::{key_of, shown_key};
use eval::Scope;
use machines::Machines;
use syntax::Kind;
use text::Text;
use value::Value;
use world::{World, is_code};

/// Files of variables beside a root module. Each is an environment.
const MOST_ENVIRONMENTS: usize = 20;

/// Root modules in one repository.
const MOST_ROOTS: usize = 200;

/// A resource with what it was given.
#[derive(Debug)]
struct Resource {
    /// `aws_instance`
    kind: String,
    /// `module.web.aws_instance.app[0]`
    address: String,
    /// Its arguments; blocks are lists.
    arguments: Value,
    /// `main.tf:3`
    place: String,
}

/// Adds the machines of all configurations of Terraform, and of plans.
pub(crate) fn read(tree: &dyn Tree, files: &[FilePath], project: &mut Project) {
    plan::read(tree, files, project);
    let folders = folders(files);
    if folders.is_empty() {
        return;
    }
    let called = called(tree, &folders);
    let is_root = |folder: &&String| files.len() == 1 || !called.contains(*folder);
    let mut roots: Vec<&String> = folders.iter().filter(is_root).collect();
    // Modules that call each other in a circle: something must begin.
    if roots.is_empty() {
        roots.extend(folders.first());
    }
    if roots.len() > MOST_ROOTS {
        let message =
            format!("more than {MOST_ROOTS} root modules of Terraform; not all were looked at");
        project.problem(ProblemKind::Unreadable, message, None);
        roots.truncate(MOST_ROOTS);
    }
    let is_only = roots.len() == 1;
    let before = (
        project.systems.len(),
        project.loose.len(),
        project.problems.len(),
    );
    for root in roots {
        of_root(tree, files, root, is_only, project);
    }
    let is_something = before
        != (
            project.systems.len(),
            project.loose.len(),
            project.problems.len(),
        );
    if files.len() == 1 && !is_something {
        let shown = name_of(tree, &files[0]);
        let message =
            format!("{shown}: no nginx, PHP-FPM or php.ini configuration in what it describes");
        project.problem(
            ProblemKind::Unreadable,
            message,
            Some("an image of a machine has its own"),
        );
    }
}

/// The texts of the outputs of a root module, or the name of what is not known: what the lab
/// compares with Terraform itself.
pub fn outputs(tree: &dyn Tree, root: &str) -> SortedMap<String, Result<String, String>> {
    let mut world = World::new(tree, root);
    world.load(root, "", &SortedMap::new());
    let mut out = SortedMap::new();
    if let Value::Map(all) = world.outputs(0) {
        for (name, value) in all {
            let text = value.to_text().unwrap_or_default();
            let result = match text.holes.first() {
                Some(hole) => Err(hole.clone()),
                None => Ok(text.text),
            };
            out.insert(name, result);
        }
    }
    for (_, message) in world.problems {
        out.insert("problem".to_owned(), Err(message));
    }
    out
}

/// The folders with code, without those that Terraform has fetched.
fn folders(files: &[FilePath]) -> SortedSet<String> {
    let code = files.iter().filter(|path| {
        let name = String::from_utf8_lossy(path.name()).into_owned();
        is_code(&name)
            && !path
                .as_bytes()
                .windows(12)
                .any(|part| part == b"/.terraform/")
    });
    code.map(|path| String::from_utf8_lossy(path.parent()).into_owned())
        .collect()
}

/// The folders that others call as modules.
fn called(tree: &dyn Tree, folders: &SortedSet<String>) -> SortedSet<String> {
    let mut out = SortedSet::new();
    for folder in folders {
        for name in names(tree, &FilePath::new(folder)).unwrap_or_default() {
            let bytes = match is_code(&name) {
                true => tree.read(&FilePath::new(format!("{folder}/{name}"))).ok(),
                false => None,
            };
            let Some(body) = bytes.and_then(|bytes| parse::file(&bytes).ok()) else {
                continue;
            };
            for block in body.all("module") {
                let source = block.body.get("source").map(|source| &source.kind);
                if let Some(Kind::Template(parts)) = source
                    && let [syntax::Part::Text(text)] = parts.as_slice()
                    && text.text.starts_with('.')
                {
                    let target = crate::docker::absolute(folder, &text.text);
                    if target != *folder {
                        out.insert(target);
                    }
                }
            }
        }
    }
    out
}

/// Files of variables in folders below a root module that hold no code: `env/prod.tfvars`.
fn below<'f>(files: &'f [FilePath], root: &'f str) -> impl Iterator<Item = String> + 'f {
    let folders = folders(files);
    files.iter().filter_map(move |path| {
        let text = String::from_utf8_lossy(path.as_bytes()).into_owned();
        let rest = text.strip_prefix(root)?.strip_prefix('/')?;
        let (dir, name) = rest.rsplit_once('/')?;
        let is_environment = name.ends_with(".tfvars") && !name.ends_with(".auto.tfvars");
        let is_plain = !folders.contains(&format!("{root}/{dir}")) && !dir.contains(".terraform");
        (is_environment && is_plain).then(|| rest.to_owned())
    })
}

/// One root module, in each of its environments.
fn of_root(tree: &dyn Tree, files: &[FilePath], root: &str, is_only: bool, project: &mut Project) {
    let all = names(tree, &FilePath::new(root)).unwrap_or_default();
    let json: Vec<String> = all
        .iter()
        .filter(|name| name.ends_with(".tfvars.json"))
        .cloned()
        .collect();
    let is_auto = |name: &String| name == "terraform.tfvars" || name.ends_with(".auto.tfvars");
    let (auto, others): (Vec<String>, Vec<String>) = all
        .into_iter()
        .filter(|name| name.ends_with(".tfvars"))
        .partition(is_auto);
    let mut environments: Vec<Option<String>> = others.into_iter().map(Some).collect();
    environments.extend(below(files, root).map(Some));
    if environments.len() > MOST_ENVIRONMENTS {
        let shown = name_of(tree, &FilePath::new(root));
        let message = format!(
            "{shown}: more than {MOST_ENVIRONMENTS} files of variables; not all were looked at"
        );
        project.problem(ProblemKind::Unreadable, message, None);
        environments.truncate(MOST_ENVIRONMENTS);
    }
    if environments.is_empty() {
        environments.push(None);
    }
    for environment in environments {
        let mut world = World::new(tree, root);
        let mut given = SortedMap::new();
        let first = auto.iter().filter(|name| *name == "terraform.tfvars");
        let rest = auto.iter().filter(|name| *name != "terraform.tfvars");
        for name in first.chain(rest).chain(&environment) {
            given.extend(world.values(&format!("{root}/{name}")));
        }
        for name in &json {
            let shown = name_of(tree, &FilePath::new(format!("{root}/{name}")));
            world.say(
                ProblemKind::Unknown,
                format!("{shown} is not read: what it sets is unknown"),
            );
        }
        for (name, value) in &project.set {
            let name = name.strip_prefix("var.").unwrap_or(name);
            let value = Value::Text(Text::made(value));
            given.insert(name.to_owned(), (value, "`--set`".to_owned()));
        }
        let mut prefix = match is_only {
            true => String::new(),
            false => format!("{}: ", name_of(tree, &FilePath::new(root))),
        };
        if let Some(environment) = &environment {
            prefix = format!("{prefix}{environment}: ");
        }
        world.load(root, "", &given);
        let resources = world.resources();
        let mut machines = Machines::new(&mut world, prefix);
        machines.add(&resources);
        machines.finish(files, project);
        finish(world, project);
    }
}

/// Hands on what could not be known, where it has to do with servers of ours.
fn finish(world: World<'_>, project: &mut Project) {
    let is_ours = world.has_unread || world.homes.iter().any(|home| is_interesting(&home.bytes));
    project.taken.extend(world.taken);
    if !is_ours {
        return;
    }
    for (kind, message) in world.problems {
        if project
            .problems
            .iter()
            .all(|known| known.message != message)
        {
            project.problem(kind, message, None);
        }
    }
}

impl World<'_> {
    /// The resources of the root module and of all that it calls.
    fn resources(&mut self) -> Vec<Resource> {
        let mut out = Vec::new();
        let mut module = 0;
        while module < self.modules.len() {
            for (file, body) in self.modules[module].bodies.clone() {
                let base = Scope {
                    module,
                    file,
                    ..Scope::default()
                };
                for block in body.all("module") {
                    if let Some(name) = block.labels.first() {
                        self.children(module, name);
                    }
                }
                for block in body.all("resource") {
                    let [kind, name] = block.labels.as_slice() else {
                        continue;
                    };
                    for scope in self.copies(block, &base) {
                        let prefix = match self.modules[module].name.as_str() {
                            "" => String::new(),
                            name => format!("{name}."),
                        };
                        let key = shown_key(&key_of(&scope));
                        let address = format!("{prefix}{kind}.{name}{key}");
                        out.push(Resource {
                            kind: kind.clone(),
                            address: base::source::printable(address.as_bytes()),
                            arguments: self.arguments(&block.body, &scope),
                            place: self.place(file, block.at.start),
                        });
                    }
                }
            }
            module += 1;
        }
        out
    }
}

/// Puts a text into files. One that is nothing but something unknown is unknown as a whole; else
/// the hole stands in it with its name.
fn put(files: &mut MemoryFiles, world: &World<'_>, path: &[u8], text: &Text) {
    let whole = text
        .holes
        .first()
        .filter(|hole| text.text.trim() == text::hole_text(hole));
    if let Some(hole) = whole {
        let place = text
            .hole_place()
            .map(|(file, at)| world.place(file, at.start));
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        let hole = base::source::printable(hole.as_bytes());
        files.insert_unknown(path, format!("it is `{hole}`, which is not known{place}"));
        return;
    }
    match text.outer(&world.homes) {
        Some(outer) => files.insert_inner(path, text.text.as_bytes(), outer),
        None => files.insert(path, text.text.as_bytes()),
    }
}
