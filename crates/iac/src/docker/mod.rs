//! Images: what is in the ones that everybody takes, and what a Dockerfile adds.

mod begins;
mod build;
mod heredoc;
mod ignored;
mod known;
mod lone;
mod run;
mod script;
mod sed;
mod shell;
mod shipped;

use base::{FilePath, Outer, SortedMap};
use intake::Tree;
use model::MemoryFiles;
use model::php::PhpVersion;

use crate::filled::{Environment, Value};
use crate::images::{EnvImage, Start, start};
use crate::project::Project;
pub(crate) use begins::Begins;
pub(crate) use lone::read;
pub(crate) use run::absolute;
pub(crate) use script::{Script, run as run_script};

/// The files of an image, as a container begins with them.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// What it is built from or called, for people: `php:8.3-fpm`, `docker/php/Dockerfile`.
    pub shown: String,
    /// Its files, as far as they are known. A file that some command writes is there, and unknown.
    pub files: MemoryFiles,
    /// Its environment.
    pub env: SortedMap<String, String>,
    /// Whether everything that listens in a container of it is known.
    pub is_whole: bool,
    /// Files of the repository that are in it.
    pub taken: Vec<FilePath>,
    /// The version of its PHP, where its name or its packages tell.
    pub php: Option<PhpVersion>,
    /// Whether nginx's own packages were added to those of the distribution.
    pub upstream: bool,
    /// Whether it stands on Alpine: another shell, and other places of packages.
    pub alpine: bool,
    /// `ENTRYPOINT` and `CMD`, as words.
    pub(crate) entrypoint: Vec<String>,
    pub(crate) command: Vec<String>,
    /// Where values of its environment are written: those that a Dockerfile sets.
    pub(crate) places: SortedMap<String, Outer>,
    /// What it makes of its environment when it starts.
    pub(crate) known: Option<&'static EnvImage>,
    /// Where the image that it is built from is named.
    pub(crate) named: Option<Outer>,
}

impl Image {
    /// The environment of a container of it, before more is added.
    pub(crate) fn environment(&self) -> Environment {
        let mut env = Environment::default();
        for (name, text) in &self.env {
            let place = self.places.get(name).cloned();
            env.set(name.clone(), Value::at(text, place));
        }
        env
    }

    /// Its files once a container of it has started, with nothing added.
    pub(crate) fn started(&self) -> MemoryFiles {
        let mut files = self.files.clone();
        let begin = Start {
            image: self.known,
            env: &self.environment(),
            set: "with `ENV` in the Dockerfile",
            named: self.named.clone(),
        };
        start(&begin, &mut files);
        files
    }
}

/// What is built: the arguments of `docker build`.
#[derive(Clone, Debug)]
pub struct Build {
    /// The folder whose files can be copied.
    pub context: FilePath,
    /// The Dockerfile.
    pub dockerfile: FilePath,
    /// The stage that is wanted; the last one when none is named.
    pub target: Option<String>,
    /// `--build-arg`.
    pub args: SortedMap<String, String>,
}

/// An image that is pulled: `php:8.3-fpm-alpine`, `registry.example/team/app:1`. One that is not
/// known has no files, and is not whole.
pub fn pulled(name: &str) -> Image {
    known::image(name)
}

/// Adds what a package of a distribution brings.
pub(crate) fn install(image: &mut Image, package: &str) {
    known::install(image, package);
}

/// An image that is built; what could not be understood is said in `project`. `None` when there is
/// no such Dockerfile, or it is none.
pub fn built(tree: &dyn Tree, build: &Build, project: &mut Project) -> Option<Image> {
    build::built(tree, build, project)
}

/// What a package of Debian brings, and the version of its PHP; `None` for one that is not known.
pub(crate) fn debian_package(name: &str) -> Option<(MemoryFiles, Option<PhpVersion>)> {
    let mut image = Image::default();
    known::install(&mut image, name).then_some((image.files, image.php))
}
