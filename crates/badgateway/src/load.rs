//! From arguments to a model, as often as it is needed.

use std::path::Path;

use base::{FilePath, Problem};
use fix::{Changed, Models, Store};
use intake::{Claims, Given, parse_map};
use model::filled::Set;
use model::{Fact, Facts, Model};
use report::Diff;

use crate::cli::InputArgs;
use crate::disk::Disk;
use crate::{facts, inputs, project, rulefiles, talk};

/// What was found, ready to be loaded.
pub(crate) struct Prepared {
    /// The system's files.
    pub(crate) disk: Disk,
    /// The files and what they are.
    pub(crate) given: Given,
    /// What badgateway.toml says.
    pub(crate) project: project::Found,
}

/// A model, and what kept us from finding its files.
pub(crate) struct Loaded {
    /// What badgateway.toml says.
    pub(crate) project: project::Found,
    pub(crate) model: Model,
    pub(crate) problems: Vec<Problem>,
}

/// Finds the inputs; `None` when an argument is wrong, which has been said then.
pub(crate) fn prepare(args: &InputArgs) -> Option<Prepared> {
    claimed(args, None)
}

fn claimed(args: &InputArgs, claims: Option<Claims>) -> Option<Prepared> {
    let project = project::find(args.settings.as_deref())?;
    let mut maps = Vec::new();
    for text in args.maps.iter().chain(&project.project.maps) {
        match parse_map(text) {
            Ok(map) => maps.push(map),
            Err(reason) => {
                let shown = base::source::printable(text.as_bytes());
                talk(&format!("error: `--map {shown}`: {reason}"));
                return None;
            }
        }
    }
    let moved = project.project.paths.iter();
    let moved = moved.map(|(from, to)| (from.clone().into_bytes(), absolute(&project.beside(to))));
    let set = set_of(args, &project)?;
    let (disk, found) = inputs::find(args, &moved.collect::<Vec<_>>(), claims, &set);
    let facts = facts_for(args, &project, &disk)?;
    let mut given = Given {
        found,
        maps,
        assume_defaults: args.assume_defaults,
        facts,
        set,
    };
    if let Some(php) = &project.project.php {
        given.say_php(php.value);
    }
    let prepared = Prepared {
        disk,
        given,
        project,
    };
    names_are_used(args, &prepared).then_some(prepared)
}

/// What was given for the holes of templates; the command line is stronger than the file.
fn set_of(args: &InputArgs, project: &project::Found) -> Option<Set> {
    let mut all = project.project.set.clone();
    for text in &args.sets {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                all.push((name.trim().to_owned(), value.to_owned()));
            }
            _ => {
                // What was meant as a value may be a secret.
                talk("error: `--set` wants NAME=VALUE, such as `--set timeout=60s`");
                return None;
            }
        }
    }
    Some(Set::new(all))
}

/// Whether each name of the command line fills something: a misspelt one must not pass.
fn names_are_used(args: &InputArgs, prepared: &Prepared) -> bool {
    let set = &prepared.given.set;
    if args.sets.is_empty() {
        return true;
    }
    prepared.model(&Store::default());
    for name in &prepared.given.found.named {
        set.mark(name);
    }
    let given: Vec<&str> = args
        .sets
        .iter()
        .filter_map(|text| Some(text.split_once('=')?.0))
        .collect();
    let is_given = |name: &String| {
        let mut given = given.iter().map(|name| name.trim());
        given.any(|given| syntax_name(given) == *name)
    };
    let unused: Vec<String> = set.unused().into_iter().filter(is_given).collect();
    for name in &unused {
        let shown = base::source::printable(name.as_bytes());
        talk(&format!(
            "error: `--set {shown}=…`: no file that was read has a place of this name to fill"
        ));
    }
    unused.is_empty()
}

fn syntax_name(name: &str) -> String {
    model::filled::plain_name(name).unwrap_or_else(|| name.to_owned())
}

/// Finds and loads the inputs; `None` when an argument is wrong.
pub(crate) fn load(args: &InputArgs) -> Option<Loaded> {
    let prepared = prepare(args)?;
    Some(Loaded {
        model: prepared.model(&Store::default()),
        problems: prepared.given.found.problems,
        project: prepared.project,
    })
}

/// The same with the rule files of Prometheus among the inputs, judged.
pub(crate) fn load_all(args: &InputArgs) -> Option<(Loaded, rules::Beside)> {
    let prepared = claimed(args, Some(rulefiles::CLAIMS))?;
    let mut model = prepared.model(&Store::default());
    let mut problems = prepared.given.found.problems.clone();
    let others = &prepared.given.found.others;
    let beside = rulefiles::judge(&prepared.disk, others, &mut model.sources, &mut problems);
    let loaded = Loaded {
        model,
        problems,
        project: prepared.project,
    };
    Some((loaded, beside))
}

fn absolute(path: &Path) -> Vec<u8> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.into_os_string().into_encoded_bytes()
}

/// The facts that were asked for, with the versions that badgateway.toml names.
fn facts_for(args: &InputArgs, project: &project::Found, disk: &Disk) -> Option<Facts> {
    let named = args.facts.clone();
    let named = named.or_else(|| Some(project.beside(project.project.facts.as_ref()?)));
    let mut facts = match named.as_deref().map(|path| (path, path.to_str())) {
        Some((_, Some("none"))) => Facts::default(),
        Some((_, Some("host"))) => facts::collect(&Disk::host()),
        Some((path, _)) => facts::read(path)?,
        // The system that is judged tells of itself.
        None if args.inputs.is_empty() => facts::collect(disk),
        None => Facts::default(),
    };
    let said = |line: usize| format!("{}:{line}", project.name());
    if let Some(nginx) = &project.project.nginx {
        facts.nginx.version = Some(Fact {
            value: nginx.value,
            from: said(nginx.line),
        });
    }
    Some(facts)
}

impl Prepared {
    /// The model, with some contents replaced.
    pub(crate) fn model(&self, store: &Store) -> Model {
        self.given.model(&self.disk, store)
    }

    /// The real path of a source.
    pub(crate) fn resolve(&self, via: Option<&str>, path: &FilePath) -> FilePath {
        self.given.resolve(&self.disk, via, path)
    }

    /// Old and new as they may be shown.
    pub(crate) fn diffs(&self, files: &[Changed], models: Models, show_secrets: bool) -> Vec<Diff> {
        self.given.diffs(&self.disk, files, models, show_secrets)
    }
}
