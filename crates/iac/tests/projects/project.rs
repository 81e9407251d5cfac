//! A project in memory, and what is said of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::{FilePath, Limit, Setting, Span};
use intake::{Asked, Gather, Given, Judged};
use model::chain::Known;
use model::{Backend, Machine, MemoryFiles};

/// Files by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Project(pub(crate) BTreeMap<String, Vec<u8>>);

/// Where the projects of a kind are: `compose`, `docker`.
pub(crate) fn folder(kind: &str) -> PathBuf {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    all.join(kind)
}

/// The names of all projects of a kind.
pub(crate) fn fixtures(kind: &str) -> Vec<String> {
    let entries = fs::read_dir(folder(kind))
        .expect("the fixtures are there")
        .flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> = folders
        .map(|entry| {
            entry
                .file_name()
                .into_string()
                .expect("a fixture has a plain name")
        })
        .collect();
    names.sort();
    names
}

impl Project {
    /// The files of a fixture.
    pub(crate) fn fixture(kind: &str, name: &str) -> Project {
        let mut project = Project::default();
        let root = folder(kind).join(name);
        let mut open = vec![root.clone()];
        while let Some(at) = open.pop() {
            for entry in fs::read_dir(&at).expect("a fixture can be read").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let name = path
                    .strip_prefix(&root)
                    .expect("it lies in the fixture")
                    .display()
                    .to_string();
                project
                    .0
                    .insert(name, fs::read(&path).expect("a fixture can be read"));
            }
        }
        assert!(!project.0.is_empty(), "there is no project `{name}`");
        project
    }

    /// Files that are written here.
    pub(crate) fn of(files: &[(&str, &str)]) -> Project {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        Project(files.collect())
    }

    pub(crate) fn tree(&self) -> MemoryFiles {
        let mut tree = MemoryFiles::default();
        for (name, bytes) in &self.0 {
            tree.insert(format!("/repo/{name}"), bytes.clone());
        }
        tree
    }

    /// What every rule says, and the machines.
    pub(crate) fn judged(&self) -> (Judged, Vec<Machine>) {
        let tree = self.tree();
        let given = given(&tree);
        let model = given.model(&tree, &fix::Store::default());
        let problems = given.found.problems.clone();
        let machines = given.found.machines;
        let judged = intake::judge(model, problems, Asked::everything(false));
        (judged, machines)
    }

    /// Does what `fix --write` does.
    pub(crate) fn fix(&mut self) {
        self.fix_as(&fix::Wants::default());
    }

    /// What is left to people, on a copy.
    pub(crate) fn left(&self) -> (Project, Vec<String>) {
        let mut copy = self.clone();
        let left = copy.fix_as(&fix::Wants::default());
        (
            copy,
            left.into_iter()
                .map(|line| line.replace("/repo/", ""))
                .collect(),
        )
    }

    /// The same as somebody wants it; what is left to people.
    pub(crate) fn fix_as(&mut self, wants: &fix::Wants) -> Vec<String> {
        let tree = self.tree();
        let given = given(&tree);
        let (fixed, mut models) = given.fix(&tree, wants);
        let mut left: Vec<String> = fixed.rejected.into_iter().map(|(_, why)| why).collect();
        let (plain, outward) = intake::changes(&mut models.0, fixed.files, false);
        for changed in plain.into_iter().chain(outward.files) {
            let path = changed.path.to_string();
            let name = path
                .strip_prefix("/repo/")
                .expect("it is of the repository");
            self.0.insert(name.to_owned(), changed.new.to_vec());
        }
        left.extend(outward.left);
        left
    }

    /// All of it as text.
    pub(crate) fn said(&self) -> String {
        let (judged, machines) = self.judged();
        let mut lines: Vec<String> = Vec::new();
        for machine in &machines {
            let names = machine
                .names
                .iter()
                .map(|name| base::source::printable(name));
            let names = names.collect::<Vec<_>>().join(" ");
            lines.push(format!("machine {}: {names}", machine.shown));
        }
        for (id, pool) in judged.model.pools() {
            let there = judged.model.machine_of(id);
            let listen = pool.listen_address();
            lines.push(format!(
                "pool {} of {}: {}",
                pool.shown_name(),
                there.map_or("nowhere", |there| &there.shown),
                listen.map_or_else(|| "not known".to_owned(), |listen| listen.to_string())
            ));
        }
        let cx = rules::Context::new(&judged.model, true);
        for (_, route) in judged.model.routes() {
            for (peer, backend) in judged.model.backends(route) {
                let from = peer.machine.map_or("nowhere", |at| &machines[at].shown);
                let line = match backend {
                    Backend::Pool(id) => {
                        let mut chains = cx.chains().iter();
                        let chain = chains
                            .find(|chain| std::ptr::eq(chain.route, route) && chain.pool_id == id)
                            .expect("a known pool makes a chain");
                        let there = judged.model.machine_of(id).expect("it has a machine");
                        format!(
                            "pool {} of {}, M {} T {} R {}",
                            chain.pool.shown_name(),
                            there.shown,
                            limit(&chain.execution),
                            limit(&chain.terminate),
                            limit(&chain.read)
                        )
                    }
                    Backend::Loopback(id) => {
                        let there = judged.model.machine_of(id).expect("it has a machine");
                        format!("the loopback of {}", there.shown)
                    }
                    Backend::Nobody => "nobody".to_owned(),
                    Backend::Unknown(why) => format!("unknown: {why}"),
                };
                let label = &route.label;
                let label = label.strip_suffix(&format!(" of {from}")).unwrap_or(label);
                lines.push(format!("route {label} of {from}: {line}"));
            }
        }
        let place = |span: Span| {
            let source = judged.model.sources.get(span.file);
            let line = source.line_column(span.start).line;
            let path = source.shown().to_string();
            format!("{path}:{line}")
        };
        for finding in &judged.findings {
            let at = place(finding.primary.span);
            lines.push(format!("finding {} @ {at}", finding.rule));
        }
        for problem in &judged.problems {
            let at = problem.span.map(|span| format!(" @ {}", place(span)));
            let message = &problem.message;
            lines.push(format!("problem {message}{}", at.unwrap_or_default()));
        }
        let text: String = lines.into_iter().map(|line| line + "\n").collect();
        text.replace("/repo/", "")
    }
}

/// What is found in the folder of a tree.
fn given(tree: &MemoryFiles) -> Given {
    let mut gather = Gather::new(tree).with_machines(Some(iac::machines));
    gather.folder(&FilePath::new("/repo"));
    Given {
        found: gather.finish(),
        ..Given::default()
    }
}

fn limit(limit: &Known<Limit>) -> String {
    match limit {
        Ok(Setting { value, .. }) => value.to_string(),
        Err(why) => format!("unknown ({why})"),
    }
}
