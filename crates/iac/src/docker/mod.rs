//! Images: what is in the ones that everybody takes, and what a Dockerfile adds.

use base::{FilePath, SortedMap};
use intake::Tree;
use model::MemoryFiles;

use crate::project::Project;

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
    Image {
        shown: name.to_owned(),
        ..Image::default()
    }
}

/// An image that is built; what could not be understood is said in `project`. `None` when there is
/// no such Dockerfile.
pub fn built(_tree: &dyn Tree, _build: &Build, _project: &mut Project) -> Option<Image> {
    None
}
