//! `badgateway.toml`: finding it, and the commands about it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base::source::printable;
use settings::project::{Project, SCHEMA, TEMPLATE, project};

use crate::cli::ConfigCommand;
use crate::disk;
use crate::run::Outcome;
use crate::{no_such_rule, talk};

/// The name that is looked for.
const NAME: &str = "badgateway.toml";

/// The file and what it says.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Where it lies; relative paths in it are relative to that.
    pub(crate) path: Option<PathBuf>,
    /// What it says.
    pub(crate) project: Project,
}

impl Found {
    /// A path that the file names.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        let dir = self.path.as_deref().and_then(Path::parent);
        dir.unwrap_or(Path::new("")).join(name)
    }

    /// What it says to the rules.
    pub(crate) fn options(&self) -> rules::Options {
        self.project.options(&self.name())
    }

    /// Its name for messages.
    pub(crate) fn name(&self) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new(NAME));
        printable(path.as_os_str().as_encoded_bytes())
    }
}

/// Reads the file that was named, or the nearest one from the working directory upwards, up to
/// the top of a repository. `none` means none. `None` when it is wrong, which has been said then.
pub(crate) fn find(named: Option<&Path>) -> Option<Found> {
    let path = match named {
        Some(path) if path == Path::new("none") => return Some(Found::default()),
        Some(path) => path.to_owned(),
        None => match nearest() {
            Some(path) => path,
            None => return Some(Found::default()),
        },
    };
    read(&path)
}

fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    for (up, dir) in here.ancestors().enumerate() {
        if dir.join(NAME).is_file() {
            return Some(Path::new(&"../".repeat(up)).join(NAME));
        }
        if dir.join(".git").exists() {
            return None;
        }
    }
    None
}

fn read(path: &Path) -> Option<Found> {
    let name = printable(path.as_os_str().as_encoded_bytes());
    let text = match disk::read_settings(path) {
        Ok(text) => text,
        Err(error) => {
            talk(&format!("error: cannot read {name}: {error}"));
            return None;
        }
    };
    match project(&text) {
        Ok(project) => {
            let unknown = project
                .levels
                .iter()
                .find(|(rule, _)| !crate::registry::is_rule(&rule.value));
            if let Some((rule, _)) = unknown {
                talk(&format!(
                    "error: {name}: line {}: a level for what is no rule",
                    rule.line
                ));
                no_such_rule(&rule.value);
                return None;
            }
            Some(Found {
                path: Some(path.to_owned()),
                project,
            })
        }
        Err(refusal) => {
            talk(&format!("error: {name}: {refusal}"));
            talk("\nhint: `badgateway config schema` prints what may stand in it");
            None
        }
    }
}

/// `config init`, `config check`, `config schema`.
pub(crate) fn command(command: &ConfigCommand, out: &mut dyn Write) -> io::Result<Outcome> {
    match command {
        ConfigCommand::Schema => {
            write!(out, "{SCHEMA}")?;
            Ok(Outcome::Clean)
        }
        ConfigCommand::Check { file } => {
            let Some(found) = find(file.as_deref()) else {
                return Ok(Outcome::Undecided);
            };
            if found.path.is_none() {
                talk(&format!("error: there is no {NAME} here or above"));
                return Ok(Outcome::Undecided);
            }
            let files = [&found.project.facts, &found.project.baseline];
            for name in files.into_iter().flatten() {
                let path = found.beside(name);
                if !path.is_file() {
                    let shown = printable(path.as_os_str().as_encoded_bytes());
                    talk(&format!("error: {}: there is no {shown}", found.name()));
                    return Ok(Outcome::Undecided);
                }
            }
            writeln!(out, "{} is right", found.name())?;
            Ok(Outcome::Clean)
        }
        ConfigCommand::Init => {
            match crate::write::create_new(Path::new(NAME), TEMPLATE.as_bytes()) {
                Ok(()) => writeln!(out, "{NAME} written; all in it are comments")?,
                Err(error) => {
                    talk(&format!("error: {NAME}: {error}"));
                    return Ok(Outcome::Undecided);
                }
            }
            Ok(Outcome::Clean)
        }
    }
}
