//! From arguments to a model, as often as it is needed.

use base::{FilePath, Problem};
use fix::{Overlay, Store};
use model::{Address, Files, Inputs, Model, Source};

use crate::cli::InputArgs;
use crate::inputs::{self, Found};
use crate::talk;

/// What was found, ready to be loaded.
pub(crate) struct Prepared {
    /// The files and what they are.
    pub(crate) found: Found,
    maps: Vec<(Address, Vec<u8>)>,
    assume_defaults: bool,
}

/// A model with everything that kept us from knowing.
pub(crate) struct Loaded {
    pub(crate) model: Model,
    pub(crate) problems: Vec<Problem>,
}

/// Finds the inputs; `None` when an argument is wrong, which has been said then.
pub(crate) fn prepare(args: &InputArgs) -> Option<Prepared> {
    let mut maps = Vec::new();
    for text in &args.maps {
        match inputs::parse_map(text) {
            Ok(map) => maps.push(map),
            Err(reason) => {
                talk(&format!("error: {reason}"));
                return None;
            }
        }
    }
    Some(Prepared {
        found: inputs::find(args),
        maps,
        assume_defaults: args.assume_defaults,
    })
}

/// Finds and loads the inputs; `None` when an argument is wrong.
pub(crate) fn load(args: &InputArgs) -> Option<Loaded> {
    let prepared = prepare(args)?;
    let mut model = prepared.model(&Store::default());
    let mut problems = prepared.found.problems;
    problems.append(&mut model.problems);
    Some(Loaded { model, problems })
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
