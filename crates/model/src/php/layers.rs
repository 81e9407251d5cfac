//! The layers of one PHP setting, from php.ini to what a request brings along.
//!
//! Applied in this order, the last wins:
//!
//! | layer | |
//! |---|---|
//! | php.ini, then its scan directory | |
//! | pool `php_value`, `php_flag` | |
//! | pool `php_admin_value`, `php_admin_flag` | locks `.user.ini` out |
//! | `fastcgi_param PHP_VALUE` | beats the pool's admin values too |
//! | `fastcgi_param PHP_ADMIN_VALUE` | locks `.user.ini` out |
//! | `.user.ini` of the document root | unless it is locked out |
//!
//! `fpm_php_zend_ini_alter_master` in `fpm_php.c` sets the values of pool and parameters without
//! asking anybody, for the rest of the worker's life; `php_ini_activate_config` in
//! `main/php_ini.c` asks whether the setting may still be changed. Each of the combinations is
//! tried in `lab/tests/live/layers.rs`.

use base::{FileId, FilePath, Origin, ProblemKind, Setting, Span};
use syntax::ini::{Dialect, EntryKind};

use super::defaults::{PHP_MANUAL, php_setting};
use super::{Assignment, FpmInput, PhpVersion, Unknown, grammar, templated};
use crate::load::Loader;

/// One php value that a pool sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhpSet {
    /// The PHP setting.
    pub name: Vec<u8>,
    /// `php_admin_value` or `php_admin_flag`: the script cannot change it.
    pub admin: bool,
    /// Where and what.
    pub assignment: Assignment,
}

/// What a request brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExtraKind {
    /// `fastcgi_param PHP_VALUE`.
    Value,
    /// `.user.ini` in the document root.
    UserIni,
    /// `fastcgi_param PHP_ADMIN_VALUE`.
    AdminValue,
}

/// One setting that a request brings along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// Through what.
    pub kind: ExtraKind,
    /// The PHP setting.
    pub name: Vec<u8>,
    /// Where and what.
    pub assignment: Assignment,
}

/// php.ini with its scan directories: all assignments in the order in which PHP reads them.
#[derive(Clone, Debug, Default)]
pub struct PhpIni {
    /// Whether any php.ini was there. Without one PHP uses its built-in defaults.
    pub read: bool,
    /// A file could not be read, or ends in an error: what it would have set is unknown.
    pub broken: bool,
    /// The PHP it belongs to, where the place tells it.
    pub version: Option<PhpVersion>,
    /// The assignments.
    pub sets: Vec<(Vec<u8>, Assignment)>,
    /// Comments of the files.
    pub comments: Vec<(FileId, Vec<(u32, u32)>)>,
}

impl PhpIni {
    /// Reads php.ini and the scan directories of an input.
    pub(crate) fn load(loader: &mut Loader<'_>, input: &FpmInput) -> PhpIni {
        let mut out = PhpIni {
            version: input.version,
            ..PhpIni::default()
        };
        let mut paths: Vec<FilePath> = input.php_ini.iter().cloned().collect();
        for dir in &input.scan_dirs {
            let pattern = [dir.as_bytes(), b"/*.ini"].concat();
            let (found, is_all) = loader.glob(&pattern, None);
            out.broken |= !is_all;
            paths.extend(found);
        }
        paths.extend(input.scan_files.iter().cloned());
        for path in paths {
            out.read_file(loader, &path);
        }
        out
    }

    fn read_file(&mut self, loader: &mut Loader<'_>, path: &FilePath) {
        let file = match loader.read(path) {
            Ok(file) => file,
            Err(error) => {
                self.broken = true;
                let path = loader.shown(path);
                let message = format!("cannot read {path}: {error}; what it sets is unknown");
                loader.problem(ProblemKind::Unreadable, None, message);
                return;
            }
        };
        self.read = true;
        let bytes = loader.sources.get(file).bytes.clone();
        let templated = templated::parse(loader, file, Dialect::PhpIni, grammar(self.version));
        let tree = &templated.tree;
        let is_filled = templated.lines_before(loader, u32::MAX, &mut 0).is_some();
        self.broken |= is_filled;
        if let Some(error) = tree.errors().first() {
            let span = Span::new(file, error.start, error.end);
            let message = format!("{}; PHP ignores the rest of the file", error.message);
            let kind = match templated.decides(&bytes, error) {
                true => ProblemKind::Unknown,
                false => ProblemKind::Syntax,
            };
            loader.problem(kind, Some(span), message);
        }
        // `[PATH=…]` and `[HOST=…]` hold for some requests only, and so does all that follows:
        // `php_ini_parser_cb` never goes back.
        let mut per_dir = false;
        for entry in tree.entries() {
            let known = templated.known(loader, entry, None);
            let entry = &known.entry;
            match entry.kind {
                EntryKind::Section => per_dir = per_dir || is_per_dir(&entry.value.text),
                EntryKind::Pair if !per_dir && entry.offset.is_none() => {
                    let name = bytes[entry.key.0 as usize..entry.key.1 as usize].to_vec();
                    let mut assignment = Assignment::of(file, entry);
                    assignment.template.clone_from(&known.why);
                    self.broken |= known.is_nameless;
                    self.sets.push((name, assignment));
                }
                EntryKind::Pair | EntryKind::Bare => {}
            }
        }
        self.comments.push((file, tree.comments().to_vec()));
    }

    /// The value of a setting before any pool or request changes it.
    fn base(&self, name: &[u8]) -> (Option<&Assignment>, Vec<Span>) {
        let mut sets = self.sets.iter().rev().filter(|(n, _)| n == name);
        let last = sets.next().map(|(_, assignment)| assignment);
        (last, sets.map(|(_, assignment)| assignment.span).collect())
    }

    /// The effective value of a PHP setting for requests of a pool that bring `extras` along.
    ///
    /// # Errors
    /// Why the value is not known.
    pub fn effective(
        &self,
        pool: &[PhpSet],
        extras: &[Extra],
        name: &str,
    ) -> Result<Setting<Vec<u8>>, Unknown> {
        let name = name.as_bytes();
        let (base_set, mut over) = self.base(name);
        over.splice(0..0, base_set.map(|b| b.span));
        let in_pool = |admin: bool| {
            let mut found = pool
                .iter()
                .filter(move |s| s.admin == admin && s.name == name);
            // The first of equal names: see `Pool::php`.
            found.next().map(|s| &s.assignment)
        };
        let extra = |kind: ExtraKind| {
            let mut found = extras
                .iter()
                .filter(move |e| e.kind == kind && e.name == name);
            found.next_back().map(|e| &e.assignment)
        };
        let (admin, admin_param) = (in_pool(true), extra(ExtraKind::AdminValue));
        let is_locked = admin.is_some() || admin_param.is_some();
        let layers = [
            in_pool(false),
            admin,
            extra(ExtraKind::Value),
            admin_param,
            extra(ExtraKind::UserIni).filter(|_| !is_locked),
        ];
        let mut winner = base_set;
        for layer in layers.into_iter().flatten() {
            if let Some(loser) = winner.filter(|loser| !over.contains(&loser.span)) {
                over.insert(0, loser.span);
            }
            winner = Some(layer);
        }
        let is_base = winner.is_none() || winner == base_set;
        if self.broken && is_base {
            let shown = base::source::printable(name);
            return Err(format!(
                "a php.ini file that may set `{shown}` could not be read"
            ));
        }
        let Some(winner) = winner else {
            return self.built_in(name);
        };
        over.retain(|span| *span != winner.span);
        let value = winner.known()?.to_vec();
        let at = winner.span;
        let origin = match over.is_empty() {
            true => Origin::Here(at),
            false => Origin::Overriding { at, over },
        };
        Ok(Setting { value, origin })
    }

    fn built_in(&self, name: &[u8]) -> Result<Setting<Vec<u8>>, Unknown> {
        let shown = base::source::printable(name);
        let row = php_setting(name, self.version)
            .ok_or_else(|| format!("`{shown}` is not set and has no known default"))?;
        Ok(Setting {
            value: row.default.as_bytes().to_vec(),
            origin: Origin::Default {
                version: "PHP 7.2+",
                manual: PHP_MANUAL,
            },
        })
    }
}

/// Whether a section holds for requests of one directory or host only.
pub fn is_per_dir(section: &[u8]) -> bool {
    let begins = |word: &[u8]| {
        section.len() > word.len() && section[..word.len()].eq_ignore_ascii_case(word)
    };
    begins(b"PATH") || begins(b"HOST")
}
