//! A small sound stack into which an example is put: what the example does not say is right.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::{FilePath, Finding};
use model::php::FpmInput;
use model::{Facts, Files, Inputs, Machine, MemoryFiles, Model, Source};
use report::{Format, Report, Style, Summary};
use rules::example::{Example, FPM, NGINX, PHP_INI};

/// One example or fixture.
#[derive(Debug)]
pub(crate) struct Stack(pub(crate) Example, pub(crate) Machines);

/// The machines of nginx and PHP-FPM, when they are two: the names of each.
pub(crate) type Machines = Option<(String, String)>;

/// Where the fixtures are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

impl Stack {
    /// Reads a case: `nginx.conf`, `php-fpm.conf`, `php.ini`, `host.toml`,
    /// `badgateway.toml`, `machines` (nginx's names, then PHP-FPM's), and below `root` any other
    /// file.
    pub(crate) fn from_folder(folder: &Path) -> Stack {
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let mut more = BTreeMap::new();
        let root = folder.join("root");
        let mut open = vec![root.clone()];
        while let Some(at) = open.pop() {
            for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let inside = path.strip_prefix(&root).expect("below the root");
                let text = fs::read_to_string(&path).expect("a fixture is text");
                more.insert(format!("/{}", inside.display()), text);
            }
        }
        let machines = text("machines");
        let machines = machines.split_once('\n');
        let machines = machines.map(|(nginx, fpm)| (nginx.to_owned(), fpm.trim().to_owned()));
        let example = Example {
            nginx: text("nginx.conf"),
            fpm: text("php-fpm.conf"),
            php_ini: text("php.ini"),
            facts: text("host.toml"),
            policy: text("badgateway.toml"),
            more,
        };
        Stack(example, machines)
    }

    /// Reads the fenced blocks of a section.
    pub(crate) fn from_markdown(text: &str) -> Stack {
        Stack(
            Example::from_markdown(text).expect("the examples are right"),
            None,
        )
    }

    /// All files, completed by those of the sound stack.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        self.0.files()
    }

    /// Everything that is found in the stack.
    pub(crate) fn check(&self) -> (Model, Vec<Finding>) {
        let mut files = MemoryFiles::default();
        for (path, text) in self.files() {
            files.insert(&path, text.into_bytes());
        }
        let facts = settings::host::facts("host.toml", &self.0.facts).expect("host.toml is right");
        check_machines(&files, facts, &self.0.policy, &self.1)
    }
}

/// Loads `/etc/nginx/nginx.conf` and `/etc/php/8.2/fpm/php-fpm.conf` and runs every rule.
pub(crate) fn check_files(
    files: &MemoryFiles,
    facts: Facts,
    policy: &str,
) -> (Model, Vec<Finding>) {
    check_machines(files, facts, policy, &None)
}

/// A machine that others reach by names.
fn machine(names: &str, loopback: usize) -> Machine {
    Machine {
        via: names.to_owned(),
        shown: format!("service {names}"),
        names: names
            .split(' ')
            .map(|name| name.as_bytes().to_vec())
            .collect(),
        loopback,
        is_whole: true,
        ..Machine::default()
    }
}

pub(crate) fn check_machines(
    files: &dyn Files,
    facts: Facts,
    policy: &str,
    machines: &Machines,
) -> (Model, Vec<Finding>) {
    let mut fpm = FpmInput::main(FilePath::new(FPM));
    fpm.php_ini = Some(FilePath::new(PHP_INI));
    let mut inputs = Inputs {
        facts,
        ..Inputs::default()
    };
    if let Some((nginx, fpm)) = machines {
        inputs.machines = vec![machine(nginx, 1), machine(fpm, 2)];
    }
    inputs.nginx.push(Source {
        input: FilePath::new(NGINX),
        files,
        via: machines.as_ref().map(|(nginx, _)| nginx.clone()),
    });
    inputs.fpm.push(Source {
        input: fpm,
        files,
        via: machines.as_ref().map(|(_, fpm)| fpm.clone()),
    });
    let model = Model::load(inputs, files);
    let project = settings::project::project(policy).expect("badgateway.toml is right");
    let mut options = project.options("badgateway.toml");
    options.strict = true;
    let findings = rules::check(&rules::Context::with(&model, options));
    (model, findings)
}

/// What people see of the findings.
pub(crate) fn report(model: &Model, findings: &[Finding]) -> String {
    let report = Report {
        sources: &model.sources,
        findings,
        problems: &model.problems,
        unjudged: &[],
        ladders: &[],
        summary: Summary {
            routes: model.routes().count(),
            pools: model.pools().count(),
            files: model.sources.iter().count(),
            hidden: 0,
            known: 0,
            gone: 0,
            version: "0",
        },
    };
    let style = Style {
        colour: false,
        width: 100,
        show_secrets: false,
        strict: true,
    };
    let mut out = Vec::new();
    report::render(&report, &[], Format::Full, &style, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("a report is text")
}
