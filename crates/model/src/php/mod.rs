//! The PHP side: FPM instances, pools, php.ini and the layers between them.
//!
//! Follows `sapi/fpm/fpm/fpm_conf.c` (files, sections, entries), `fpm_php.c` (php values of a
//! pool) and `main/php_ini.c` (php.ini and its scan directories).

mod check;
pub mod defaults;
pub mod dump;
mod fpm;
mod layers;
mod listen;
mod read;
mod settings;
pub(crate) mod templated;
pub mod value;

use base::{FilePath, Span};
use syntax::ini::{Entry, Grammar};

pub use fpm::{Fpm, Pool, Refusal, Stage, load};
pub use layers::{Extra, ExtraKind, PhpIni, PhpSet, is_per_dir};
pub use listen::NoListen;
pub use settings::Settings;
pub use value::FpmTime;

/// Why a value cannot be told.
pub type Unknown = String;

/// A PHP version such as 8.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhpVersion {
    /// 8 of 8.2.
    pub major: u8,
    /// 2 of 8.2.
    pub minor: u8,
}

impl PhpVersion {
    /// Parses `8.2`, or `82` as some distributions write it in directory names.
    pub fn parse(text: &str) -> Option<PhpVersion> {
        let (major, minor) = match text.split_once('.') {
            Some(parts) => parts,
            None if text.len() >= 2 && text.is_ascii() => text.split_at(1),
            None => return None,
        };
        Some(PhpVersion {
            major: major.parse().ok()?,
            minor: minor.parse().ok()?,
        })
    }
}

impl std::fmt::Display for PhpVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What an FPM input consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// A main file, which includes its pools.
    Main,
    /// Pool files, or parts of one without a `[name]`; what surrounds them is not known.
    Fragments,
    /// The output of `php-fpm -tt`.
    Dump,
}

/// One PHP-FPM with its php.ini.
#[derive(Clone, Debug)]
pub struct FpmInput {
    /// What the files are.
    pub kind: InputKind,
    /// The main file, the pool files, or the dump.
    pub files: Vec<FilePath>,
    /// php.ini, if there is one.
    pub php_ini: Option<FilePath>,
    /// Directories whose `*.ini` files are read after php.ini.
    pub scan_dirs: Vec<FilePath>,
    /// Further ini files, read after those of the directories.
    pub scan_files: Vec<FilePath>,
    /// The version, where the place tells it.
    pub version: Option<PhpVersion>,
}

impl FpmInput {
    /// A main file.
    pub fn main(path: FilePath) -> Self {
        Self::new(InputKind::Main, vec![path])
    }

    /// Pool files without their main file.
    pub fn fragments(paths: Vec<FilePath>) -> Self {
        Self::new(InputKind::Fragments, paths)
    }

    /// The output of `php-fpm -tt`.
    pub fn dump(path: FilePath) -> Self {
        Self::new(InputKind::Dump, vec![path])
    }

    fn new(kind: InputKind, files: Vec<FilePath>) -> Self {
        Self {
            kind,
            files,
            php_ini: None,
            scan_dirs: Vec::new(),
            scan_files: Vec::new(),
            version: None,
        }
    }
}

/// One `key = value` in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The whole statement.
    pub span: Span,
    /// The value as written, with its quotes.
    pub value: Span,
    /// The value as PHP reads it.
    pub text: Vec<u8>,
    /// Parts that the files do not tell.
    pub holes: Vec<String>,
    /// Why a template decides it, when one does.
    pub template: Option<String>,
}

impl Assignment {
    pub(crate) fn of(file: base::FileId, entry: &Entry) -> Self {
        Self {
            span: Span::new(file, entry.span.0, entry.span.1),
            value: Span::new(file, entry.value.span.0, entry.value.span.1),
            text: entry.value.text.clone(),
            holes: entry.value.holes.clone(),
            template: None,
        }
    }

    /// The value, or why it is not known.
    ///
    /// # Errors
    /// When the environment or a template fills a part of it.
    pub fn known(&self) -> Result<&[u8], Unknown> {
        if let Some(why) = &self.template {
            return Err(why.clone());
        }
        match self.holes.first() {
            Some(hole) => Err(format!("`{hole}` is filled in when PHP starts")),
            None => Ok(&self.text),
        }
    }
}

/// The grammar of a version; of current PHP when it is not known.
fn grammar(version: Option<PhpVersion>) -> Grammar {
    match version {
        Some(PhpVersion { major: 8, minor: 3 }) => Grammar::Php83,
        Some(version) if version < (PhpVersion { major: 8, minor: 3 }) => Grammar::Php72,
        Some(_) => Grammar::Php84,
        None => Grammar::default(),
    }
}
