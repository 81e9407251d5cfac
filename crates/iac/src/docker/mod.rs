//! Images: what is in the ones that everybody takes, and what a Dockerfile adds.

mod build;
mod heredoc;
mod known;
mod lone;
mod run;
mod sed;
mod shell;

use base::{FilePath, SortedMap};
use intake::Tree;
use model::MemoryFiles;
use model::php::PhpVersion;

use crate::project::Project;
pub(crate) use lone::read;

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
    /// Whether it stands on Alpine: another shell, and other places of packages.
    pub alpine: bool,
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

/// An image that is built; what could not be understood is said in `project`. `None` when there is
/// no such Dockerfile, or it is none.
pub fn built(tree: &dyn Tree, build: &Build, project: &mut Project) -> Option<Image> {
    build::built(tree, build, project)
}

/// What a package of Debian brings, and the version of its PHP; `None` for one that is not known.
pub(crate) fn debian_package(name: &str) -> Option<(MemoryFiles, Option<PhpVersion>)> {
    let mut image = Image::default();
    if !known::install(&mut image, name) {
        return None;
    }
    let version = name
        .strip_prefix("php")
        .and_then(|rest| rest.strip_suffix("-fpm"));
    if let Some(version) = version {
        // The package makes it of `php.ini-production`.
        let ini = known::production_ini("Off");
        let path = format!("/etc/php/{version}/fpm/php.ini");
        image.files.insert(path, ini.into_bytes());
    }
    Some((image.files, image.php))
}
