//! What was given, ready to become a model, as often as it is needed.

use base::FilePath;
use fix::{Overlay, Store};
use model::filled::{FilledFiles, Set};
use model::php::PhpVersion;
use model::{Address, Facts, Files, Inputs, Model, Source};

use crate::everything::everything;
use crate::gather::Found;
use crate::logbook::Configured;
use crate::tray::Tray;

/// Files and what is known besides.
#[derive(Default)]
pub struct Given {
    /// The files and what they are.
    pub found: Found,
    /// Which pool answers at an address.
    pub maps: Vec<(Address, Vec<u8>)>,
    /// Take what a fragment does not set as the default.
    pub assume_defaults: bool,
    /// What is known of the machine.
    pub facts: Facts,
    /// What the holes of templates are filled with.
    pub set: Set,
}

impl Given {
    /// What a tray holds; `facts` is the text of a file of facts.
    ///
    /// # Errors
    /// What is wrong with a map or with the facts.
    pub fn of(tray: &Tray, maps: &[String], facts: Option<&str>) -> Result<Given, String> {
        let parse = |text: &String| {
            let shown = base::source::printable(text.as_bytes());
            parse_map(text).map_err(|why| format!("`{shown}`: {why}"))
        };
        let facts = facts.map(|text| settings::host::facts("host.toml", text));
        let facts = facts.transpose();
        Ok(Given {
            found: everything(tray),
            maps: maps.iter().map(parse).collect::<Result<_, _>>()?,
            assume_defaults: false,
            facts: facts
                .map_err(|refusal| format!("host.toml: {refusal}"))?
                .unwrap_or_default(),
            set: Set::default(),
        })
    }

    /// What a diagnosis wants of the configuration.
    pub fn configured(&self, tree: &dyn Files) -> Configured {
        if self.found.is_empty() && self.found.problems.is_empty() {
            return Configured::default();
        }
        let model = self.model(tree, &Store::default());
        Configured::of(model, self.found.problems.clone())
    }

    /// What the place of a file does not tell, a team may: the version of its PHP.
    pub fn say_php(&mut self, version: PhpVersion) {
        let dumps = self.found.fpm_dumps.iter_mut().map(|(input, ..)| input);
        for input in self.found.fpm.iter_mut().chain(dumps) {
            input.version = input.version.or(Some(version));
        }
    }

    /// The model, with some contents replaced. `tree` holds what is no dump.
    pub fn model(&self, tree: &dyn Files, store: &Store) -> Model {
        let over = |files, via| Overlay { files, via, store };
        let filled = |files| FilledFiles {
            files,
            set: &self.set,
        };
        let tree = filled(tree);
        let tree = over(&tree, None);
        let dumps = self.found.nginx_dumps.iter();
        let dumps: Vec<_> = dumps.map(|(_, files, _)| filled(files)).collect();
        let of_nginx = self.found.nginx_dumps.iter().zip(&dumps);
        let of_nginx: Vec<_> = of_nginx
            .map(|((main, _, via), files)| (main, over(files, said(via))))
            .collect();
        let dumps = self.found.fpm_dumps.iter();
        let dumps: Vec<_> = dumps.map(|(_, files, _)| filled(files)).collect();
        let of_fpm = self.found.fpm_dumps.iter().zip(&dumps);
        let of_fpm: Vec<_> = of_fpm
            .map(|((input, _, via), files)| (input, over(files, said(via))))
            .collect();
        let mut inputs = Inputs {
            maps: self.maps.clone(),
            assume_defaults: self.assume_defaults,
            facts: self.facts.clone(),
            machines: self.found.machines.clone(),
            ..Inputs::default()
        };
        let mains = self.found.nginx.iter();
        inputs.nginx.extend(mains.map(|main| source(main, &tree)));
        let mains = of_nginx.iter();
        inputs
            .nginx
            .extend(mains.map(|(main, files)| source(*main, files)));
        let mains = self.found.fpm.iter();
        inputs.fpm.extend(mains.map(|input| source(input, &tree)));
        let mains = of_fpm.iter();
        inputs
            .fpm
            .extend(mains.map(|(input, files)| source(*input, files)));
        Model::load(inputs, &tree)
    }

    /// The real path of a source.
    pub fn resolve(&self, tree: &dyn Files, via: Option<&str>, path: &FilePath) -> FilePath {
        match via.is_some() || self.is_streamed(path) {
            true => path.clone(),
            false => tree.resolve(path).unwrap_or_else(|| path.clone()),
        }
    }

    /// Whether a file came through a stream or is a dump itself: nothing to write to.
    pub fn is_streamed(&self, path: &FilePath) -> bool {
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

/// Which pool answers at an address: `php:9000=www`.
///
/// # Errors
/// What is wrong with the text, or what to write.
pub fn parse_map(text: &str) -> Result<(Address, Vec<u8>), String> {
    let (address, pool) = text
        .split_once('=')
        .filter(|(address, pool)| !address.is_empty() && !pool.is_empty())
        .ok_or("write ADDRESS=POOL, such as php:9000=www")?;
    let address = Address::parse(address.as_bytes(), None)?;
    Ok((address, pool.as_bytes().to_vec()))
}
