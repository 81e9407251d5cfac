//! Python packages that tests compare with or run against, in a cache folder of the user's.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Packages in a folder of their own.
#[derive(Debug)]
pub struct Packages {
    folder: PathBuf,
    names: Vec<&'static str>,
}

impl Packages {
    /// Installs them where they are missing; `test` is a program that fails then. Options of pip
    /// may stand among the names.
    ///
    /// # Panics
    /// When they cannot be installed, with what to do about it.
    pub fn of(folder: &str, names: &[&'static str], test: &str) -> Self {
        let packages = Self {
            folder: cache().join(folder),
            names: names.to_vec(),
        };
        if !packages.passes(test) {
            let installed = Command::new("python3")
                .args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
                .arg(&packages.folder)
                .args(names)
                .status();
            let is_fine = installed.is_ok_and(|status| status.success()) && packages.passes(test);
            let missing = names.join(" ").to_uppercase();
            assert!(is_fine, "{missing} ARE MISSING. {}", packages.by_hand());
        }
        packages
    }

    /// Python with the packages.
    pub fn python(&self) -> Command {
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", &self.folder);
        command
    }

    /// A file of one of them.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What to type where installing fails.
    pub fn by_hand(&self) -> String {
        format!(
            "Install them: apt-get install -y python3-pip; python3 -m pip install --target {} {}",
            self.folder.display(),
            self.names.join(" ")
        )
    }

    fn passes(&self, test: &str) -> bool {
        let tried = self
            .python()
            .args(["-c", test])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        tried.is_ok_and(|status| status.success())
    }
}

/// Outside the repository: it would be thrown away with every fresh clone.
pub(crate) fn cache() -> PathBuf {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let cache = named("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(named("HOME")?).join(".cache")));
    cache
        .unwrap_or_else(std::env::temp_dir)
        .join("badgateway-lab")
}
