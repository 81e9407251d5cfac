//! A stack in memory that can be fixed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::{FilePath, Finding, Severity};
use fix::{Fixed, Overlay, Store, Wants};
use model::php::FpmInput;
use model::{Files, Inputs, MemoryFiles, Model, Source};

pub(crate) const NGINX: &str = "/etc/nginx/nginx.conf";
pub(crate) const FPM: &str = "/etc/php/8.2/fpm/php-fpm.conf";
pub(crate) const INI: &str = "/etc/php/8.2/fpm/php.ini";

/// Files by absolute path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct World(pub(crate) BTreeMap<String, Vec<u8>>);

/// Where the fixtures of the rules are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/fixtures")
}

impl World {
    /// The sound stack.
    pub(crate) fn sound() -> World {
        World::default().over(&fixtures().join("sound"))
    }

    /// The same with the files of a case.
    pub(crate) fn over(mut self, case: &Path) -> World {
        for (name, path) in [
            ("nginx.conf", NGINX),
            ("php-fpm.conf", FPM),
            ("php.ini", INI),
        ] {
            if let Ok(bytes) = fs::read(case.join(name)) {
                self.0.insert(path.to_owned(), bytes);
            }
        }
        let root = case.join("root");
        let mut open = vec![root.clone()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let inside = path.strip_prefix(&root).expect("below the root");
                let bytes = fs::read(&path).expect("a fixture can be read");
                self.0.insert(format!("/{}", inside.display()), bytes);
            }
        }
        self
    }

    /// The same with one file more or another one.
    pub(crate) fn with(mut self, path: &str, bytes: impl AsRef<[u8]>) -> World {
        self.0.insert(path.to_owned(), bytes.as_ref().to_vec());
        self
    }

    /// A file as text.
    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.0[path]).into_owned()
    }

    pub(crate) fn files(&self) -> MemoryFiles {
        let mut files = MemoryFiles::default();
        for (path, bytes) in &self.0 {
            files.insert(path, bytes.clone());
        }
        files
    }

    fn load(files: &MemoryFiles, store: &Store) -> Model {
        let over = Overlay {
            files,
            via: None,
            store,
        };
        let mut fpm = FpmInput::main(FilePath::new(FPM));
        fpm.php_ini = Some(FilePath::new(INI));
        let mut inputs = Inputs::default();
        inputs.nginx.push(Source {
            input: FilePath::new(NGINX),
            files: &over,
            via: None,
        });
        inputs.fpm.push(Source {
            input: fpm,
            files: &over,
            via: None,
        });
        Model::load(inputs, &over)
    }

    /// The model of all files.
    pub(crate) fn model(&self) -> Model {
        World::load(&self.files(), &Store::default())
    }

    /// Everything that is found, and how many problems there are.
    pub(crate) fn check(&self) -> (Vec<Finding>, usize) {
        let files = self.files();
        let model = World::load(&files, &Store::default());
        let findings = rules::check(&rules::Context::new(&model, true));
        (findings, model.problems.len())
    }

    /// How often a rule finds something.
    pub(crate) fn count(&self, rule: &str) -> usize {
        self.check().0.iter().filter(|f| f.rule == rule).count()
    }

    /// The world after fixing.
    pub(crate) fn fixed(&self, wants: &Wants) -> (World, Fixed) {
        let files = self.files();
        let load = |store: &Store| World::load(&files, store);
        let resolve =
            |_: Option<&str>, path: &FilePath| files.resolve(path).unwrap_or_else(|| path.clone());
        let (fixed, _) = fix::run(&load, &resolve, wants);
        let mut after = self.clone();
        for changed in &fixed.files {
            after
                .0
                .insert(changed.path.to_string(), changed.new.to_vec());
        }
        (after, fixed)
    }
}

/// With what is unsafe.
pub(crate) fn all() -> Wants {
    Wants {
        unsafe_too: true,
        ..Wants::default()
    }
}

/// Every rule that found something, with its worst severity and how often.
pub(crate) fn tally(findings: &[Finding]) -> BTreeMap<&'static str, (Severity, usize)> {
    let mut out: BTreeMap<&'static str, (Severity, usize)> = BTreeMap::new();
    for finding in findings {
        let entry = out.entry(finding.rule).or_insert((finding.severity, 0));
        entry.0 = entry.0.max(finding.severity);
        entry.1 += 1;
    }
    out
}
