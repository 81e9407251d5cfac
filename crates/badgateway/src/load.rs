//! From arguments to a model, as often as it is needed.

use std::path::Path;

use base::{FilePath, Problem};
use fix::{Overlay, Store};
use model::{Address, Fact, Facts, Files, Inputs, Model, Source};

use crate::cli::InputArgs;
use crate::disk::Disk;
use crate::inputs::{self, Found};
use crate::{facts, project, talk};

/// What was found, ready to be loaded.
pub(crate) struct Prepared {
    /// The files and what they are.
    pub(crate) found: Found,
    maps: Vec<(Address, Vec<u8>)>,
    assume_defaults: bool,
    facts: Facts,
    /// What badgateway.toml says.
    pub(crate) project: project::Found,
}

/// A model with everything that kept us from knowing.
pub(crate) struct Loaded {
    /// What badgateway.toml says.
    pub(crate) project: project::Found,
    pub(crate) model: Model,
    pub(crate) problems: Vec<Problem>,
}

/// Finds the inputs; `None` when an argument is wrong, which has been said then.
pub(crate) fn prepare(args: &InputArgs) -> Option<Prepared> {
    let project = project::find(args.settings.as_deref())?;
    let mut maps = Vec::new();
    for text in args.maps.iter().chain(&project.project.maps) {
        match inputs::parse_map(text) {
            Ok(map) => maps.push(map),
            Err(reason) => {
                talk(&format!("error: {reason}"));
                return None;
            }
        }
    }
    let moved = project.project.paths.iter();
    let moved = moved.map(|(from, to)| (from.clone().into_bytes(), absolute(&project.beside(to))));
    let mut found = inputs::find(args, &moved.collect::<Vec<_>>());
    // What the place of a file does not tell, the team may.
    if let Some(php) = &project.project.php {
        let dumps = found.fpm_dumps.iter_mut().map(|(input, ..)| input);
        for input in found.fpm.iter_mut().chain(dumps) {
            input.version = input.version.or(Some(php.value));
        }
    }
    let facts = facts_for(args, &project, &found)?;
    Some(Prepared {
        found,
        maps,
        assume_defaults: args.assume_defaults,
        facts,
        project,
    })
}

/// Finds and loads the inputs; `None` when an argument is wrong.
pub(crate) fn load(args: &InputArgs) -> Option<Loaded> {
    let prepared = prepare(args)?;
    let mut model = prepared.model(&Store::default());
    let mut problems = prepared.found.problems;
    problems.append(&mut model.problems);
    Some(Loaded {
        project: prepared.project,
        model,
        problems,
    })
}

fn absolute(path: &Path) -> Vec<u8> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.into_os_string().into_encoded_bytes()
}

/// The facts that were asked for, with the versions that badgateway.toml names.
fn facts_for(args: &InputArgs, project: &project::Found, found: &Found) -> Option<Facts> {
    let named = args.facts.clone();
    let named = named.or_else(|| Some(project.beside(project.project.facts.as_ref()?)));
    let mut facts = match named.as_deref().map(|path| (path, path.to_str())) {
        Some((_, Some("none"))) => Facts::default(),
        Some((_, Some("host"))) => facts::collect(&Disk::host()),
        Some((path, _)) => facts::read(path)?,
        // The system that is judged tells of itself.
        None if args.inputs.is_empty() => facts::collect(&found.disk),
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
        let over = |files, via| Overlay { files, via, store };
        let disk = over(&self.found.disk, None);
        let of_nginx = self.found.nginx_dumps.iter();
        let of_nginx: Vec<_> = of_nginx
            .map(|(main, files, via)| (main, over(files, said(via))))
            .collect();
        let of_fpm = self.found.fpm_dumps.iter();
        let of_fpm: Vec<_> = of_fpm
            .map(|(input, files, via)| (input, over(files, said(via))))
            .collect();
        let mut inputs = Inputs {
            maps: self.maps.clone(),
            assume_defaults: self.assume_defaults,
            facts: self.facts.clone(),
            ..Inputs::default()
        };
        let mains = self.found.nginx.iter();
        inputs.nginx.extend(mains.map(|main| source(main, &disk)));
        let mains = of_nginx.iter();
        inputs
            .nginx
            .extend(mains.map(|(main, files)| source(*main, files)));
        let mains = self.found.fpm.iter();
        inputs.fpm.extend(mains.map(|input| source(input, &disk)));
        let mains = of_fpm.iter();
        inputs
            .fpm
            .extend(mains.map(|(input, files)| source(*input, files)));
        Model::load(inputs, &disk)
    }

    /// The real path of a source.
    pub(crate) fn resolve(&self, via: Option<&str>, path: &FilePath) -> FilePath {
        match via.is_some() || self.is_streamed(path) {
            true => path.clone(),
            false => {
                let real = self.found.disk.resolve(path);
                real.unwrap_or_else(|| path.clone())
            }
        }
    }

    /// Whether a file came through standard input or is a dump itself: nothing to write to.
    pub(crate) fn is_streamed(&self, path: &FilePath) -> bool {
        let mut nginx = self.found.nginx_dumps.iter().map(|(main, ..)| main);
        let fpm = self.found.fpm_dumps.iter();
        let mut fpm = fpm.flat_map(|(input, ..)| &input.files);
        nginx.any(|main| main == path) || fpm.any(|file| file == path)
    }
}

fn source<'f, T: Clone>(input: &T, files: &'f Overlay<'f>) -> Source<'f, T> {
    Source {
        input: input.clone(),
        files,
        via: files.via.clone(),
    }
}

fn said(via: &str) -> Option<String> {
    Some(via.to_owned()).filter(|via| !via.is_empty())
}
