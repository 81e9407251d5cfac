//! Manifests as people write them, as tools make them, and as nobody should.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read their fixtures, and stop the time of hostile files"
)]

mod hostile;
mod in_place;
mod told;

use std::path::{Path, PathBuf};

use base::{FilePath, Limit, Sources};
use intake::{Asked, Found, Gather, Given, Judged, judge};
use model::MemoryFiles;
use model::chain::{Known, chains};

/// Where the fixtures lie in memory.
const ROOT: &str = "/p";

/// The projects.
pub(crate) fn fixtures() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kubernetes");
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("a fixture")
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    all.sort();
    all
}

/// The files of a project, apart from what is expected of it.
pub(crate) fn project(dir: &Path) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    let mut open = vec![dir.to_owned()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).expect("a fixture") {
            let path = entry.expect("a fixture").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_none_or(|end| end != "told") {
                let name = path
                    .strip_prefix(dir)
                    .expect("a fixture")
                    .to_str()
                    .expect("a fixture");
                files.insert(
                    format!("{ROOT}/{name}"),
                    std::fs::read(&path).expect("a fixture"),
                );
            }
        }
    }
    files
}

/// What is found in the files of a project.
pub(crate) fn found(files: &MemoryFiles) -> Found {
    let mut gather = Gather::new(files).with_machines(Some(iac::machines));
    gather.folder(&FilePath::new(ROOT));
    gather.finish()
}

/// What is said of them, notes too.
pub(crate) fn judged(files: &MemoryFiles) -> Judged {
    let found = found(files);
    let problems = found.problems.clone();
    let given = Given {
        found,
        ..Given::default()
    };
    let model = given.model(files, &fix_store());
    judge(model, problems, Asked::everything(false))
}

fn fix_store<T: Default>() -> T {
    T::default()
}

/// A place without the root.
pub(crate) fn place(sources: &Sources, span: base::Span) -> String {
    sources.place(span).replace(&format!("{ROOT}/"), "")
}

/// All that was said, in one text.
pub(crate) fn told(judged: &Judged) -> String {
    let sources = &judged.model.sources;
    let limit = |known: &Known<Limit>| match known {
        Err(why) => format!("unknown ({why})"),
        Ok(setting) => {
            let value = match setting.value {
                Limit::After(time) => time.to_string(),
                Limit::AtOnce => "at once".to_owned(),
                Limit::Off => "off".to_owned(),
            };
            match setting.origin.span() {
                Some(span) => format!("{value} at {}", place(sources, span)),
                None => format!("{value} by default"),
            }
        }
    };
    let mut lines = Vec::new();
    for chain in chains(&judged.model) {
        let machine = judged.model.machine_of(chain.pool_id);
        let machine = machine.map_or("no machine", |machine| &machine.shown);
        lines.push(format!(
            "chain {} → {} ({machine})\n  M {}\n  T {}\n  R {}",
            chain.route.label,
            chain.pool.shown_name(),
            limit(&chain.execution),
            limit(&chain.terminate),
            limit(&chain.read),
        ));
    }
    for ladder in &judged.ladders {
        if let Err(why) = &ladder.pool {
            lines.push(format!(
                "no pool for {} → {}: {why}",
                ladder.route, ladder.target
            ));
        }
    }
    for finding in &judged.findings {
        let edits = finding.fix.as_ref().map_or(0, |fix| fix.edits.len());
        let fix = match edits {
            0 => String::new(),
            1 => " (1 edit)".to_owned(),
            count => format!(" ({count} edits)"),
        };
        let at = place(sources, finding.primary.span);
        lines.push(format!("{} @ {at}{fix}", finding.rule));
    }
    for problem in &judged.problems {
        let at = problem
            .span
            .map(|span| format!(" @ {}", place(sources, span)));
        let message = problem.message.replace(&format!("{ROOT}/"), "");
        lines.push(format!(
            "{:?}: {message}{}",
            problem.kind,
            at.unwrap_or_default()
        ));
    }
    lines.join("\n") + "\n"
}
