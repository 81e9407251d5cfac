//! Showing, proving and writing edits, whoever proposed them.

use std::collections::BTreeSet;

use base::FilePath;
use fix::{Changed, Store};
use model::Model;
use model::filled::FilledFiles;

use crate::load::Prepared;
use crate::run::Outcome;
use crate::talk;
use crate::verify::{Verdict, verify};
use crate::write::{Target, back_up, write_all};

/// How edits are to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Keep dated copies.
    pub(crate) backup: bool,
    /// Ask nobody.
    pub(crate) no_verify: bool,
}

/// What the real servers are shown before anything is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof<'p> {
    /// The changes as they were planned, those of files that lie in others as well.
    pub(crate) planned: &'p [Changed],
    /// The files on disk that were read.
    pub(crate) read: &'p [FilePath],
}

/// The files on disk that were read.
pub(crate) fn files_of(model: &Model) -> Vec<FilePath> {
    let sources = model
        .sources
        .iter()
        .filter(|(_, source)| source.via.is_none());
    sources.map(|(_, source)| source.path.clone()).collect()
}

/// `1 file`, `2 files`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Proves and writes.
pub(crate) fn write(
    manner: Manner,
    prepared: &Prepared,
    files: &[Changed],
    proof: Proof<'_>,
    problems: usize,
) -> Outcome {
    if problems > 0 {
        talk("error: nothing was written: not everything could be read");
        return Outcome::Undecided;
    }
    let is_dump = |file: &&Changed| file.via.is_some() || prepared.given.is_streamed(&file.path);
    if let Some(dump) = files.iter().find(is_dump) {
        let name = dump.via.clone().unwrap_or_else(|| dump.shown.to_string());
        talk(&format!(
            "error: nothing was written: {name} is not the files themselves"
        ));
        return Outcome::Undecided;
    }
    if !manner.no_verify && !prove(prepared, proof.planned, proof.read) {
        return Outcome::Undecided;
    }
    let mut targets = Vec::new();
    for changed in files {
        let real = match prepared.disk.real_path(&changed.path) {
            Ok(real) => real,
            Err(error) => {
                talk(&format!(
                    "error: nothing was written: {}: {error}",
                    changed.shown
                ));
                return Outcome::Undecided;
            }
        };
        targets.push(Target {
            path: real,
            old: changed.old.to_vec(),
            new: changed.new.to_vec(),
        });
    }
    if manner.backup {
        match back_up(&targets) {
            Ok(dir) => talk(&format!("the old files are in {}", dir.display())),
            Err((path, error)) => {
                talk(&format!(
                    "error: nothing was written: {}: {error}",
                    path.display()
                ));
                return Outcome::Undecided;
            }
        }
    }
    match write_all(&targets) {
        Ok(()) => {
            talk(&format!(
                "written: {}; reload nginx and PHP-FPM",
                counted(targets.len(), "file")
            ));
            Outcome::Clean
        }
        Err(refused) => {
            talk(&format!("error: {refused}"));
            Outcome::Undecided
        }
    }
}

/// Asks the servers about the files of this disk, and about each machine that changes.
fn asked(
    prepared: &Prepared,
    files: &[Changed],
    read: &[FilePath],
    store: &Store,
) -> std::io::Result<Verdict> {
    let found = &prepared.given.found;
    let filled = |files| FilledFiles {
        files,
        set: &prepared.given.set,
    };
    let mut taken = Vec::new();
    if files.iter().any(|changed| changed.via.is_none()) {
        let disk = filled(&prepared.disk);
        match verify(&disk, &found.nginx, &found.fpm, read, store)? {
            Verdict::Taken(programs) => taken.extend(programs),
            other => return Ok(other),
        }
    }
    let vias: BTreeSet<&String> = files.iter().filter_map(|one| one.via.as_ref()).collect();
    for via in vias {
        let of_nginx = found.nginx_dumps.iter().filter(|(_, _, name)| name == via);
        let of_fpm = found.fpm_dumps.iter().filter(|(_, _, name)| name == via);
        let mains: Vec<FilePath> = of_nginx.clone().map(|(main, ..)| main.clone()).collect();
        let inputs: Vec<_> = of_fpm.clone().map(|(input, ..)| input.clone()).collect();
        let files = of_nginx.map(|(_, files, _)| files);
        let Some(files) = files.chain(of_fpm.map(|(_, files, _)| files)).next() else {
            continue;
        };
        let own = store
            .0
            .iter()
            .filter(|((from, _), _)| from.as_ref() == Some(via));
        let own = own.map(|((_, path), bytes)| ((None, path.clone()), bytes.clone()));
        match verify(
            &filled(files),
            &mains,
            &inputs,
            &files.paths(),
            &Store(own.collect()),
        )? {
            Verdict::Taken(programs) => taken.extend(programs),
            other => return Ok(other),
        }
    }
    taken.sort();
    taken.dedup();
    Ok(Verdict::Taken(taken))
}

/// Whether the real servers take the result.
pub(crate) fn prove(prepared: &Prepared, files: &[Changed], read: &[FilePath]) -> bool {
    let mut store = Store::default();
    for changed in files {
        store.0.insert(
            (changed.via.clone(), changed.path.clone()),
            changed.new.clone(),
        );
    }
    match asked(prepared, files, read, &store) {
        Ok(Verdict::Taken(programs)) if programs.is_empty() => {
            talk("neither nginx nor PHP-FPM is installed here: the result is not proven");
            talk("    --no-verify writes it all the same");
            false
        }
        Ok(Verdict::Taken(programs)) => {
            talk(&format!(
                "proven: {} take the result",
                programs.join(" and ")
            ));
            true
        }
        Ok(Verdict::Refused(program, why)) => {
            talk(&format!(
                "error: nothing was written: {program} refuses the result: {why}"
            ));
            false
        }
        Ok(Verdict::Unproven(program, why)) => {
            talk(&format!(
                "error: nothing was written: {program} refuses the files as they are, so the \
                 result cannot be proven: {why}"
            ));
            talk("    --no-verify writes it all the same");
            false
        }
        Err(error) => {
            talk(&format!(
                "error: nothing was written: no proof was possible: {error}"
            ));
            false
        }
    }
}
