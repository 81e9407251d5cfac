//! FPM instances and their pools.

use base::mask::{is_secret_name, password_in_url};
use base::{FileId, FilePath, Limit, Millis, Origin, ProblemKind, Setting, Span};
use syntax::ini::{self, Dialect, Entry, EntryKind, Tree};

use super::layers::{Extra, PhpIni, PhpSet};
use super::value::{FpmTime, fpm_time};
use super::{Assignment, FpmInput, InputKind, PhpVersion, Unknown, check, dump};
use crate::address::{Address, Host};
use crate::glob::{glob, is_pattern};
use crate::load::Loader;

/// Settings of `[global]` or of one pool, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    sets: Vec<(Vec<u8>, Assignment)>,
}

impl Settings {
    pub(super) fn push(&mut self, name: Vec<u8>, assignment: Assignment) {
        self.sets.push((name, assignment));
    }

    /// The assignment in force: the last, as FPM replaces what was there.
    pub fn get(&self, name: &str) -> Option<&Assignment> {
        let found = self.sets.iter().rev();
        let mut found = found.filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        found.next().map(|(_, assignment)| assignment)
    }

    /// All assignments of a name. FPM compares names without case.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Assignment> {
        let named = move |(n, _): &&(Vec<u8>, Assignment)| n.eq_ignore_ascii_case(name.as_bytes());
        self.sets
            .iter()
            .filter(named)
            .map(|(_, assignment)| assignment)
    }

    fn origin(&self, name: &str, winner: &Assignment) -> Origin {
        let over: Vec<Span> = self
            .all(name)
            .map(|a| a.span)
            .filter(|span| *span != winner.span)
            .collect();
        match over.is_empty() {
            true => Origin::Here(winner.span),
            false => Origin::Overriding {
                at: winner.span,
                over,
            },
        }
    }

    /// A text; `None` when it is not set.
    pub fn text(&self, name: &str) -> Option<Result<Setting<Vec<u8>>, Unknown>> {
        let winner = self.get(name)?;
        Some(winner.known().map(|text| Setting {
            value: text.to_vec(),
            origin: self.origin(name, winner),
        }))
    }

    /// A time; off when it is not set.
    ///
    /// # Errors
    /// When a template or the environment fills it, or FPM would refuse it.
    pub fn time(&self, name: &str) -> Result<Setting<FpmTime>, Unknown> {
        let Some(text) = self.text(name) else {
            return Ok(Setting {
                value: FpmTime::Off,
                origin: fpm_default(),
            });
        };
        let text = text?;
        let value = fpm_time(&text.value).map_err(|why| format!("`{name}`: {why}"))?;
        Ok(text.map(|_| value))
    }

    /// A whole number, or the given default.
    ///
    /// # Errors
    /// As [`Settings::time`].
    pub fn number(&self, name: &str, default: i32) -> Result<Setting<i32>, Unknown> {
        let Some(text) = self.text(name) else {
            return Ok(Setting {
                value: default,
                origin: fpm_default(),
            });
        };
        let text = text?;
        let value =
            super::value::fpm_integer(&text.value).map_err(|why| format!("`{name}`: {why}"))?;
        Ok(text.map(|_| value))
    }
}

fn fpm_default() -> Origin {
    Origin::Default {
        version: "PHP-FPM 7.2+",
        manual: "php.net: FPM configuration",
    }
}

/// One pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name.
    pub name: Vec<u8>,
    /// Its `[name]`; a part of a pool has none.
    pub header: Option<Span>,
    /// Its settings.
    pub settings: Settings,
    /// Its php values.
    pub php: Vec<PhpSet>,
}

impl Pool {
    /// Where it listens; `None` when that is not set or not known.
    pub fn listen_address(&self) -> Option<Address> {
        let text = self.settings.text("listen")?.ok()?;
        parse_listen(&text.value)
    }

    /// A place that stands for the pool: its `listen`, else its header, else any setting.
    pub fn place(&self) -> Option<Span> {
        let listen = self.settings.get("listen").map(|a| a.span);
        let any = || self.settings.sets.first().map(|(_, a)| a.span);
        listen.or(self.header).or_else(any)
    }

    /// The name for messages.
    pub fn shown_name(&self) -> String {
        base::source::printable(&self.name)
    }
}

/// `fpm_sockets_domain_from_address`: a number is a port, a colon makes TCP, else a path.
fn parse_listen(text: &[u8]) -> Option<Address> {
    if text.is_empty() {
        return None;
    }
    if text.iter().all(u8::is_ascii_digit) {
        let port = std::str::from_utf8(text).ok()?.parse().ok()?;
        return Some(Address::Tcp(Host::Any, port));
    }
    match text.contains(&b':') && !text.contains(&b'/') {
        true => Address::parse(text, None).ok(),
        false => Some(Address::Unix(text.to_vec())),
    }
}

/// One PHP-FPM.
#[derive(Debug)]
pub struct Fpm {
    /// Its main file, or the first of its fragments.
    pub main: FilePath,
    /// What the input was.
    pub kind: InputKind,
    /// Its version, where the place tells it.
    pub version: Option<PhpVersion>,
    /// `[global]`.
    pub global: Settings,
    /// Its pools.
    pub pools: Vec<Pool>,
    /// Its php.ini.
    pub php_ini: PhpIni,
    comments: Vec<(FileId, Vec<(u32, u32)>)>,
}

/// FPM looks at least this often (`FPM_PCTL_MIN_HEARTBEAT` in `fpm_process_ctl.h`).
const SHORTEST_HEARTBEAT: u64 = 130;

impl Fpm {
    /// A limit of a pool that FPM watches. A negative value in any pool switches the watch off for
    /// all (`fpm_pctl_heartbeat` takes the smallest).
    ///
    /// # Errors
    /// Why the value is not known.
    pub fn limit(&self, pool: &Pool, name: &str) -> Result<Setting<Limit>, Unknown> {
        let time = pool.settings.time(name)?;
        let off = self.watch_off().is_some();
        Ok(time.map(|time| match time {
            FpmTime::After(after) if !off => Limit::After(after),
            _ => Limit::Off,
        }))
    }

    /// The pool and the place whose negative time switches the watch off, if one does.
    pub fn watch_off(&self) -> Option<(&Pool, Span)> {
        self.pools.iter().find_map(|pool| {
            let time = pool.settings.time("request_terminate_timeout").ok()?;
            let at = time.origin.span()?;
            (time.value == FpmTime::Negative).then_some((pool, at))
        })
    }

    /// How late FPM may be: it looks every third of the shortest limit of any pool.
    pub fn lateness(&self) -> Millis {
        let times = self.pools.iter().flat_map(|pool| {
            ["request_terminate_timeout", "request_slowlog_timeout"]
                .map(|name| pool.settings.time(name).ok().map(|s| s.value))
        });
        let thirds = times.filter_map(|time| match time {
            Some(FpmTime::After(after)) => Some(after.0 / 3),
            _ => None,
        });
        Millis(thirds.min().unwrap_or(0).max(SHORTEST_HEARTBEAT))
    }

    /// The effective value of a PHP setting for requests of a pool.
    ///
    /// # Errors
    /// Why the value is not known.
    pub fn php(
        &self,
        pool: &Pool,
        extras: &[Extra],
        name: &str,
    ) -> Result<Setting<Vec<u8>>, Unknown> {
        self.php_ini.effective(&pool.php, extras, name)
    }

    /// Comments of every file, as byte ranges.
    pub fn comments(&self) -> impl Iterator<Item = (FileId, &[(u32, u32)])> {
        let all = self.comments.iter().chain(&self.php_ini.comments);
        all.map(|(file, comments)| (*file, comments.as_slice()))
    }
}

/// Reads one FPM. What cannot be read, and what would keep it from starting, goes to the loader's
/// problems.
pub fn load(loader: &mut Loader<'_>, input: &FpmInput) -> Fpm {
    let php_ini = PhpIni::load(loader, input);
    let first = input.files.first().cloned();
    let mut reader = Reader {
        loader,
        fpm: Fpm {
            main: first.unwrap_or_else(|| FilePath::new("")),
            kind: input.kind,
            version: input.version,
            global: Settings::default(),
            pools: Vec::new(),
            php_ini,
            comments: Vec::new(),
        },
        current: None,
        open: Vec::new(),
    };
    for path in &input.files {
        reader.current = None;
        reader.file(path, None);
    }
    let fpm = reader.fpm;
    check::instance(loader, &fpm);
    fpm
}

/// FPM itself refuses more (`ini_recursion` in `fpm_conf_load_ini_file`).
const DEEPEST_INCLUDE: usize = 5;

pub(super) struct Reader<'l, 'f> {
    pub(super) loader: &'l mut Loader<'f>,
    pub(super) fpm: Fpm,
    /// The pool that entries go to; `None` for `[global]`.
    pub(super) current: Option<usize>,
    open: Vec<FileId>,
}

impl Reader<'_, '_> {
    fn file(&mut self, path: &FilePath, from: Option<Span>) {
        let file = match self.loader.read(path) {
            Ok(file) => file,
            Err(error) => {
                let path = self.loader.shown(path);
                let message = format!("cannot read {path}: {error}; what it sets is unknown");
                return self.loader.problem(ProblemKind::Unreadable, from, message);
            }
        };
        if self.open.contains(&file) || self.open.len() >= DEEPEST_INCLUDE {
            let message = format!(
                "{path}: files include each other more than {DEEPEST_INCLUDE} deep; PHP-FPM would \
                 refuse to start"
            );
            return self.loader.problem(ProblemKind::Syntax, from, message);
        }
        let bytes = self.loader.sources.get(file).bytes.clone();
        if self.fpm.kind == InputKind::Dump {
            let text = dump::to_ini(&bytes);
            let tree = ini::parse(&text, Dialect::Fpm);
            self.entries(file, &text, &tree);
            return;
        }
        let tree = ini::parse(&bytes, Dialect::Fpm);
        if let Some(error) = tree.errors().first() {
            let span = Span::new(file, error.start, error.end);
            let message = format!("{}; PHP-FPM would refuse to start", error.message);
            self.loader
                .problem(ProblemKind::Syntax, Some(span), message);
        }
        self.open.push(file);
        self.entries(file, &bytes, &tree);
        self.open.pop();
    }

    fn entries(&mut self, file: FileId, bytes: &[u8], tree: &Tree) {
        mark_secrets(self.loader, file, tree);
        self.fpm.comments.push((file, tree.comments().to_vec()));
        for entry in tree.entries() {
            match entry.kind {
                EntryKind::Section => self.section(file, entry),
                EntryKind::Bare | EntryKind::Pair => self.entry(file, bytes, entry),
            }
        }
    }

    fn section(&mut self, file: FileId, entry: &Entry) {
        let name = &entry.value.text;
        if name.eq_ignore_ascii_case(b"global") {
            self.current = None;
            return;
        }
        let mut pools = self.fpm.pools.iter();
        let known = pools.position(|pool| pool.name.eq_ignore_ascii_case(name));
        self.current = known.or_else(|| {
            let header = Span::new(file, entry.span.0, entry.span.1);
            self.fpm.pools.push(Pool {
                name: name.clone(),
                header: Some(header),
                settings: Settings::default(),
                php: Vec::new(),
            });
            Some(self.fpm.pools.len() - 1)
        });
    }

    fn entry(&mut self, file: FileId, bytes: &[u8], entry: &Entry) {
        let key = &bytes[entry.key.0 as usize..entry.key.1 as usize];
        let mut assignment = Assignment::of(file, entry);
        if key == b"include" && entry.kind == EntryKind::Pair {
            return self.include(&assignment);
        }
        if self.fpm.kind == InputKind::Fragments && self.current.is_none() {
            self.headerless_pool(file);
        }
        // A dump holds what a running FPM accepted, in a form of its own.
        let refused = match self.fpm.kind {
            InputKind::Dump => None,
            _ => check::entry(self.current.is_some(), key, entry, &assignment.text),
        };
        if let Some(why) = refused {
            let shown = base::source::printable(key);
            let message = format!("`{shown}`: {why}; PHP-FPM would refuse to start");
            self.loader
                .problem(ProblemKind::Syntax, Some(assignment.span), message);
            return;
        }
        let Some(index) = self.current else {
            self.fpm.global.push(key.to_vec(), assignment);
            return;
        };
        let pool = &mut self.fpm.pools[index];
        replace_pool_name(&mut assignment.text, &pool.name);
        let Some(offset) = &entry.offset else {
            return pool.settings.push(key.to_vec(), assignment);
        };
        let is_php = key.starts_with(b"php_");
        let name = offset.text.clone();
        if is_php {
            pool.php.push(PhpSet {
                name,
                admin: key.starts_with(b"php_admin_"),
                assignment,
            });
        }
    }

    /// A part of a pool without its header: it is named after its file.
    fn headerless_pool(&mut self, file: FileId) {
        let name = self.loader.sources.get(file).path.name();
        let stem = name.strip_suffix(b".conf").unwrap_or(name).to_vec();
        self.fpm.pools.push(Pool {
            name: stem,
            header: None,
            settings: Settings::default(),
            php: Vec::new(),
        });
        self.current = Some(self.fpm.pools.len() - 1);
    }

    /// `fpm_conf_ini_parser_include`: a pattern, relative to the prefix PHP was built with.
    fn include(&mut self, assignment: &Assignment) {
        let from = Some(assignment.span);
        let text = match assignment.known() {
            Ok(text) => text,
            Err(why) => {
                let message = format!("which files are included is unknown: {why}");
                return self.loader.problem(ProblemKind::Unknown, from, message);
            }
        };
        let full = match text.starts_with(b"/") {
            true => text.to_vec(),
            false => [prefix_of(&self.fpm.main), b"/", text].concat(),
        };
        let paths = match is_pattern(&full) {
            true => glob(self.loader.files, &full),
            false => vec![FilePath::new(full)],
        };
        for path in paths {
            self.file(&path, from);
        }
    }
}

/// The prefix that PHP was built with, told from where its main file is: `/usr/local` for
/// `/usr/local/etc/php-fpm.conf`, `/usr` for everything below `/etc`.
fn prefix_of(main: &FilePath) -> &[u8] {
    match main.parent().strip_suffix(b"/etc") {
        Some(b"") | None => b"/usr",
        Some(prefix) => prefix,
    }
}

/// `fpm_conf_expand_pool_name`.
fn replace_pool_name(text: &mut Vec<u8>, pool: &[u8]) {
    const TOKEN: &[u8] = b"$pool";
    let mut from = 0;
    while let Some(at) = text[from..].windows(TOKEN.len()).position(|w| w == TOKEN) {
        let at = from + at;
        text.splice(at..at + TOKEN.len(), pool.iter().copied());
        // A pool named `$pool` would go on for ever.
        from = at + pool.len();
    }
}

/// Marks the values of secret-looking keys, so that the file can be shown.
pub(super) fn mark_secrets(loader: &mut Loader<'_>, file: FileId, tree: &Tree) {
    let bytes = loader.sources.get(file).bytes.clone();
    let text = |range: (u32, u32)| &bytes[range.0 as usize..range.1 as usize];
    let mut secrets = Vec::new();
    for entry in tree.entries() {
        let secret_key = is_secret_name(text(entry.key))
            || entry
                .offset
                .as_ref()
                .is_some_and(|offset| is_secret_name(text(offset.span)));
        let value = entry.value.span;
        if secret_key && entry.kind == EntryKind::Pair {
            secrets.push(value);
        } else if let Some(range) = password_in_url(text(value)) {
            let offset = |n: usize| value.0 + u32::try_from(n).unwrap_or(0);
            secrets.push((offset(range.start), offset(range.end)));
        }
    }
    for &comment in tree.comments() {
        let is_pair = text(comment).iter().position(|&b| b == b'=');
        if let Some(at) = is_pair.filter(|at| is_secret_name(&text(comment)[..*at])) {
            secrets.push((comment.0 + u32::try_from(at).unwrap_or(0) + 1, comment.1));
        }
    }
    secrets.sort_unstable();
    loader.sources.get_mut(file).secrets = secrets;
}
