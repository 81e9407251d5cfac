//! All files that there are, taken at once: which of them are mains, which belong to a main, and
//! which stand for themselves.
//!
//! What lies in the usual places counts as a system, like this host. Otherwise main files are told
//! by their names, as in a folder. Files that were given one by one are meant, as on the command
//! line, unless a main file includes them anyway.

use base::{FilePath, SortedSet};
use model::detect::Kind;
use model::php::FpmInput;
use model::{Files, Inputs, Model, Source};

use crate::discover;
use crate::folder::{looks_like_config, named, nginx_mains};
use crate::gather::{Found, Gather};
use crate::kind::FileKind;
use crate::tray::{Tray, is_loose};
use crate::tree::name_of;

/// Puts together what a tray holds.
pub fn everything(tray: &Tray) -> Found {
    let mut gather = Gather::new(tray);
    let configs = configs(tray);
    for (path, kind) in &configs {
        if matches!(kind, Kind::NginxDump | Kind::FpmDump) {
            let shown = name_of(tray, path);
            if let Err(error) = gather.file(path.clone(), &shown) {
                let message = format!("cannot read {shown}: {error}");
                gather.found.unreadable(message, None);
            }
        }
    }
    take_mains(&mut gather, tray, &configs);
    take_others(&mut gather, tray, &configs);
    let mut found = gather.finish();
    if found.is_empty() && found.problems.is_empty() {
        found.unreadable(
            "no nginx and no PHP-FPM configuration in these files".to_owned(),
            Some("nothing in them looks like a directive or a setting"),
        );
    }
    found
}

/// The configuration among the files, sorted by path.
fn configs(tray: &Tray) -> Vec<(FilePath, Kind)> {
    let kind_of = |path: &FilePath| {
        let bytes = tray.read(path).ok()?;
        match FileKind::of(path, &bytes) {
            FileKind::Config(Kind::Nginx)
                if !is_loose(path) && !looks_like_config(path, &bytes) =>
            {
                None
            }
            FileKind::Config(kind) => Some((path.clone(), kind)),
            FileKind::Log(_) | FileKind::Unknown => None,
        }
    };
    tray.paths().filter_map(kind_of).collect()
}

fn of_kind<'c>(
    configs: &'c [(FilePath, Kind)],
    wanted: &'c [Kind],
) -> impl Iterator<Item = &'c FilePath> {
    let fits = |(_, kind): &&(FilePath, Kind)| wanted.contains(kind);
    configs.iter().filter(fits).map(|(path, _)| path)
}

fn take_mains(gather: &mut Gather<'_>, tray: &Tray, configs: &[(FilePath, Kind)]) {
    let nginx: Vec<FilePath> = of_kind(configs, &[Kind::Nginx]).cloned().collect();
    match discover::nginx_main(tray) {
        Some(main) => gather.found.nginx.push(main),
        None => {
            let mains = nginx_mains(tray, named(&nginx, b"nginx.conf"));
            gather.found.nginx.extend(mains);
        }
    }
    let (systems, _) = discover::fpm_mains(tray);
    if systems.is_empty() {
        let mains = of_kind(configs, &[Kind::FpmMain]);
        let mains = mains.filter(|path| is_loose(path) || path.name() == b"php-fpm.conf");
        gather.loose.mains.extend(mains.cloned());
    }
    gather.found.fpm.extend(systems);
}

fn take_others(gather: &mut Gather<'_>, tray: &Tray, configs: &[(FilePath, Kind)]) {
    let no_nginx = gather.found.nginx.is_empty() && gather.found.nginx_dumps.is_empty();
    let no_fpm = gather.found.fpm.is_empty()
        && gather.loose.mains.is_empty()
        && gather.found.fpm_dumps.is_empty();
    let read = read_by(gather, tray);
    let is_meant = |path: &&FilePath, alone: bool| {
        let is_read = tray.resolve(path).is_some_and(|path| read.contains(&path));
        !is_read && (alone || is_loose(path))
    };
    let nginx = of_kind(configs, &[Kind::Nginx]).filter(|path| is_meant(path, no_nginx));
    gather.found.nginx.extend(nginx.cloned());
    let pools = of_kind(configs, &[Kind::FpmMain, Kind::FpmPool]);
    let pools = pools.filter(|path| is_meant(path, no_fpm));
    gather.loose.pools.extend(pools.cloned());
    let inis = of_kind(configs, &[Kind::PhpIni]).filter(|path| {
        let is_whole = path.name().starts_with(b"php");
        is_loose(path) || no_fpm && is_whole
    });
    gather.loose.php_inis.extend(inis.cloned());
}

/// The files that the mains found so far read, by their real paths.
fn read_by(gather: &Gather<'_>, tray: &Tray) -> SortedSet<FilePath> {
    let mut inputs = Inputs::default();
    let nginx = gather.found.nginx.iter().cloned();
    inputs.nginx.extend(nginx.map(|main| source(main, tray)));
    let mains = gather.loose.mains.iter().cloned().map(FpmInput::main);
    let fpm = gather.found.fpm.iter().cloned().chain(mains);
    inputs.fpm.extend(fpm.map(|input| source(input, tray)));
    let model = Model::load(inputs, tray);
    let paths = model.sources.iter().map(|(_, source)| &source.path);
    paths.filter_map(|path| tray.resolve(path)).collect()
}

fn source<T>(input: T, tray: &Tray) -> Source<'_, T> {
    Source {
        input,
        files: tray,
        via: None,
    }
}
