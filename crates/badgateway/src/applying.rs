//! Showing, proving and writing edits, whoever proposed them.

use base::FilePath;
use base::mask::masked;
use fix::{Changed, Models, Store};
use model::Model;
use report::Diff;

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

/// The files on disk that were read.
pub(crate) fn files_of(model: &Model) -> Vec<FilePath> {
    let sources = model
        .sources
        .iter()
        .filter(|(_, source)| source.via.is_none());
    sources.map(|(_, source)| source.path.clone()).collect()
}

/// Old and new as they may be shown.
pub(crate) fn diffs(
    prepared: &Prepared,
    files: &[Changed],
    (mut before, after): Models,
    show_secrets: bool,
) -> Vec<Diff> {
    let Some(mut after) = after else {
        return Vec::new();
    };
    let shown = |model: &mut Model, changed: &Changed, bytes: &[u8]| {
        if show_secrets {
            return bytes.to_vec();
        }
        let is_it = |source: &base::Source| {
            source.via == changed.via
                && prepared.resolve(source.via.as_deref(), &source.path) == changed.path
        };
        let found = model
            .sources
            .iter()
            .find(|(_, source)| is_it(source))
            .map(|(id, _)| id);
        let Some(id) = found else {
            // Never shown unmasked.
            return Vec::new();
        };
        redact::mark(&mut model.sources, id);
        masked(bytes, 0..bytes.len(), &model.sources.get(id).secrets)
    };
    files
        .iter()
        .map(|changed| Diff {
            path: changed.shown.to_string(),
            old: shown(&mut before, changed, &changed.old),
            new: shown(&mut after, changed, &changed.new),
        })
        .collect()
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
    read: &[FilePath],
    problems: usize,
) -> Outcome {
    if problems > 0 {
        talk("error: nothing was written: not everything could be read");
        return Outcome::Undecided;
    }
    let is_dump = |file: &&Changed| file.via.is_some() || prepared.is_streamed(&file.path);
    if let Some(dump) = files.iter().find(is_dump) {
        let name = dump.via.clone().unwrap_or_else(|| dump.shown.to_string());
        talk(&format!(
            "error: nothing was written: {name} is not the files themselves"
        ));
        return Outcome::Undecided;
    }
    if !manner.no_verify && !prove(prepared, files, read) {
        return Outcome::Undecided;
    }
    let mut targets = Vec::new();
    for changed in files {
        let real = match prepared.found.disk.real_path(&changed.path) {
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

/// Whether the real servers take the result.
pub(crate) fn prove(prepared: &Prepared, files: &[Changed], read: &[FilePath]) -> bool {
    let mut store = Store::default();
    for changed in files {
        store.0.insert(
            (changed.via.clone(), changed.path.clone()),
            changed.new.clone(),
        );
    }
    let found = &prepared.found;
    match verify(&found.disk, &found.nginx, &found.fpm, read, &store) {
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
