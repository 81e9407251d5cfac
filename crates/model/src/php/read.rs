//! Reading FPM's files as `fpm_conf_load_ini_file` and its callbacks in
//! `sapi/fpm/fpm/fpm_conf.c` do: sections, entries, arrays, includes, `$pool`.

use base::source::printable;
use base::{FileId, FilePath, ProblemKind, Span};
use syntax::SyntaxError;
use syntax::ini::{Dialect, EntryKind};

use super::defaults::{FpmType, Scope, fpm_option};
use super::fpm::{Fpm, Pool, Refusal, Stage};
use super::layers::{PhpIni, PhpSet};
use super::listen::full_path;
use super::settings::Settings;
use super::templated::{self, Known, Templated};
use super::value::fpm_boolean;
use super::{Assignment, FpmInput, InputKind, check, dump};
use crate::files::ReadErrorKind;
use crate::glob::is_pattern;
use crate::load::Loader;
use crate::template::hole_around;

/// How many files may be open at once (`ini_recursion` in `fpm_conf_load_ini_file`).
const DEEPEST_INCLUDE: usize = 5;

/// Where entries go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Current {
    Global,
    Pool(usize),
    /// A fragment before its first `[section]`.
    Nowhere,
}

pub(super) struct Reader<'l, 'f> {
    loader: &'l mut Loader<'f>,
    pub(super) fpm: Fpm,
    /// Stays as it is from file to file: what follows an `include` belongs to its last pool.
    current: Current,
    /// Where the section begins that is read, in the file that is read.
    since: Option<u32>,
    open: usize,
    /// Files include each other: FPM gives up, and so do we, or it would take for ever.
    gave_up: bool,
}

impl<'l, 'f> Reader<'l, 'f> {
    pub(super) fn new(loader: &'l mut Loader<'f>, input: &FpmInput, php_ini: PhpIni) -> Self {
        let main = input.files.first().cloned();
        let main = main.unwrap_or_else(|| FilePath::new(""));
        let prefix = match input.kind {
            InputKind::Main => prefix_of(&main),
            InputKind::Fragments | InputKind::Dump => None,
        };
        let fpm = Fpm {
            machine: None,
            watch: std::sync::OnceLock::new(),
            main,
            kind: input.kind,
            version: input.version,
            global: Settings::new(Scope::Global),
            pools: Vec::new(),
            php_ini,
            refusals: Vec::new(),
            prefix,
            comments: Vec::new(),
        };
        Self {
            loader,
            fpm,
            current: Current::Global,
            since: None,
            open: 0,
            gave_up: false,
        }
    }

    pub(super) fn read(&mut self, input: &FpmInput) {
        for path in &input.files {
            self.current = match input.kind {
                InputKind::Fragments => Current::Nowhere,
                InputKind::Main | InputKind::Dump => Current::Global,
            };
            self.file(path, None);
        }
        for index in 0..self.fpm.pools.len() {
            self.finish(index);
        }
    }

    fn file(&mut self, path: &FilePath, from: Option<Span>) {
        let file = match self.loader.read(path) {
            Ok(file) => file,
            // `glob` marks directories, and FPM skips them.
            Err(error) if error.kind == ReadErrorKind::Directory && from.is_some() => return,
            Err(error) => {
                let path = self.loader.shown(path);
                let message = format!("cannot read {path}: {error}; what it sets is unknown");
                return self.loader.problem(ProblemKind::Unreadable, from, message);
            }
        };
        if self.open >= DEEPEST_INCLUDE {
            self.gave_up = true;
            self.refuse(
                from,
                "failed to include more than 5 files recursively".to_owned(),
            );
            return;
        }
        self.open += 1;
        match self.fpm.kind {
            InputKind::Dump => self.dump(file),
            InputKind::Main | InputKind::Fragments => {
                let outer = self.since.take();
                self.text(file);
                self.since = outer;
            }
        }
        self.open -= 1;
    }

    fn text(&mut self, file: FileId) {
        let bytes = self.loader.sources.get(file).bytes.clone();
        let grammar = super::grammar(self.fpm.version);
        let templated = templated::parse(self.loader, file, Dialect::Fpm, grammar);
        let tree = &templated.tree;
        let mut filled = 0;
        self.fpm.comments.push((file, tree.comments().to_vec()));
        // FPM stops at the first line that it refuses, so the order matters.
        let mut errors = tree.errors().iter().peekable();
        for entry in tree.entries() {
            // An error at a line's end is before the next line; an entry of blanks alone is before
            // what it stumbles over.
            let is_before = |error: &&SyntaxError| {
                error.start < entry.span.0
                    || error.start == entry.span.0 && entry.span.1 > entry.span.0
            };
            while let Some(error) = errors.next_if(is_before) {
                self.syntax_error(file, &bytes, &templated, error);
            }
            if self.gave_up {
                return;
            }
            if let Some(why) = templated.lines_before(self.loader, entry.span.0, &mut filled) {
                self.may_hold_more(why);
            }
            let known = templated.known(self.loader, entry, self.since);
            let entry = &known.entry;
            match entry.kind {
                EntryKind::Section => {
                    let span = Span::new(file, entry.span.0, entry.span.1);
                    self.since = Some(entry.span.0);
                    self.section(&entry.value.text, span);
                }
                EntryKind::Bare | EntryKind::Pair => self.entry(file, &bytes, &known),
            }
        }
        if let Some(why) = templated.lines_before(self.loader, u32::MAX, &mut filled) {
            self.may_hold_more(why);
        }
        for error in errors {
            self.syntax_error(file, &bytes, &templated, error);
        }
    }

    fn syntax_error(
        &mut self,
        file: FileId,
        bytes: &[u8],
        templated: &Templated,
        error: &SyntaxError,
    ) {
        let span = Span::new(file, error.start, error.end);
        if templated.decides(bytes, error) && hole_around(bytes, error.start as usize).is_none() {
            let message = "a template decides what stands here".to_owned();
            return self
                .loader
                .problem(ProblemKind::Unknown, Some(span), message);
        }
        match hole_around(bytes, error.start as usize) {
            Some(hole) => {
                let message = format!("`{hole}` is filled in by a template");
                self.loader
                    .problem(ProblemKind::Unknown, Some(span), message);
            }
            None => self.refuse(Some(span), error.message.clone()),
        }
    }

    fn dump(&mut self, file: FileId) {
        let bytes = self.loader.sources.get(file).bytes.clone();
        let span = |from: usize, to: usize| Span::new(file, offset(from), offset(to));
        for line in dump::lines(&bytes) {
            match line {
                dump::Line::Section(from, to) => {
                    self.section(&bytes[from..to], span(from - 1, to + 1));
                }
                dump::Line::Pair { key, offset, value } => {
                    let assignment = Assignment {
                        span: span(key.0, value.1),
                        value: span(value.0, value.1),
                        text: bytes[value.0..value.1].to_vec(),
                        holes: Vec::new(),
                        template: None,
                    };
                    let name = bytes[key.0..key.1].to_vec();
                    let offset = offset.map(|(from, to)| bytes[from..to].to_vec());
                    self.set(name, offset, assignment);
                }
            }
        }
        for pool in &mut self.fpm.pools {
            // The dump lists them from the last to the first.
            pool.php.reverse();
            pool.env.reverse();
        }
    }

    /// `fpm_conf_ini_parser_section`: a name already known, in any case, is opened again.
    fn section(&mut self, name: &[u8], header: Span) {
        if name.eq_ignore_ascii_case(b"global") {
            self.current = Current::Global;
            return;
        }
        let mut pools = self.fpm.pools.iter();
        let known = pools.position(|pool| pool.name.eq_ignore_ascii_case(name));
        let index = known.unwrap_or_else(|| self.new_pool(name.to_vec(), Some(header)));
        self.current = Current::Pool(index);
    }

    fn new_pool(&mut self, name: Vec<u8>, header: Option<Span>) -> usize {
        self.fpm.pools.push(Pool {
            name,
            header,
            settings: Settings::new(Scope::Pool),
            php: Vec::new(),
            env: Vec::new(),
            prefix: None,
        });
        self.fpm.pools.len() - 1
    }

    /// A template may set more of what is read.
    fn may_hold_more(&mut self, why: String) {
        match self.current {
            Current::Pool(index) => self.fpm.pools[index].settings.may_hold_more(why),
            Current::Global | Current::Nowhere => self.fpm.global.may_hold_more(why),
        }
    }

    fn entry(&mut self, file: FileId, bytes: &[u8], known: &Known) {
        let entry = &known.entry;
        let key = &bytes[entry.key.0 as usize..entry.key.1 as usize];
        let mut assignment = Assignment::of(file, entry);
        assignment.template.clone_from(&known.why);
        if known.is_nameless {
            return self.may_hold_more(known.why.clone().unwrap_or_default());
        }
        if self.current == Current::Nowhere {
            let is_global = fpm_option(Scope::Global, key).is_some();
            let in_pools = fpm_option(Scope::Pool, key).is_some();
            self.current = match is_global && !in_pools || key == b"include" {
                true => Current::Global,
                false => Current::Pool(self.headerless_pool(file)),
            };
        }
        let scope = match self.current {
            Current::Pool(_) => Scope::Pool,
            Current::Global | Current::Nowhere => Scope::Global,
        };
        if let Some(why) = check::entry(scope, self.fpm.version, key, entry) {
            return self.refuse(Some(assignment.span), why);
        }
        if key == b"include" && entry.offset.is_none() {
            return self.include(&assignment);
        }
        let offset = entry.offset.as_ref().map(|offset| offset.text.clone());
        self.set(key.to_vec(), offset, assignment);
    }

    /// Puts an entry where it belongs.
    fn set(&mut self, name: Vec<u8>, offset: Option<Vec<u8>>, mut assignment: Assignment) {
        let Current::Pool(index) = self.current else {
            return self.fpm.global.push(name, assignment);
        };
        let pool = &mut self.fpm.pools[index];
        let Some(offset) = offset else {
            let is_text = |kind| matches!(kind, FpmType::Text);
            if fpm_option(Scope::Pool, &name).is_none_or(|row| is_text(row.kind)) {
                replace_pool_name(&mut assignment.text, &pool.name);
            }
            return pool.settings.push(name, assignment);
        };
        match name.ends_with(b"_flag") {
            // FPM writes `1` or `0` for PHP.
            true => {
                if let Ok(on) = fpm_boolean(&assignment.text) {
                    assignment.text = if on { b"1".to_vec() } else { b"0".to_vec() };
                }
            }
            false => replace_pool_name(&mut assignment.text, &pool.name),
        }
        match name.as_slice() {
            b"env" => pool.env.push((offset, assignment)),
            b"php_value" | b"php_flag" | b"php_admin_value" | b"php_admin_flag" => {
                pool.php.push(PhpSet {
                    name: offset,
                    admin: name.starts_with(b"php_admin_"),
                    assignment,
                });
            }
            _ => pool.settings.push(name, assignment),
        }
    }

    /// A part of a pool without its header: it is named after its file.
    fn headerless_pool(&mut self, file: FileId) -> usize {
        let name = self.loader.sources.get(file).path.name();
        let stem = name.strip_suffix(b".conf").unwrap_or(name).to_vec();
        self.new_pool(stem, None)
    }

    /// `fpm_conf_ini_parser_include`: a pattern, relative to the prefix PHP was built with.
    fn include(&mut self, assignment: &Assignment) {
        let from = Some(assignment.span);
        let unknown = match assignment.known() {
            Err(why) => Err(why),
            Ok(text) => full_path(text, self.fpm.prefix.as_deref()).ok_or_else(|| {
                let shown = printable(text);
                format!("`{shown}` is relative to the prefix that PHP was built with")
            }),
        };
        let full = match unknown {
            Ok(full) => full,
            Err(why) => {
                let message = format!("which files are included is unknown: {why}");
                return self.loader.problem(ProblemKind::Unknown, from, message);
            }
        };
        if !is_pattern(&full) {
            return self.file(&FilePath::new(full), from);
        }
        for path in self.loader.glob(&full, from).0 {
            if !self.gave_up {
                self.file(&path, from);
            }
        }
    }

    fn refuse(&mut self, span: Option<Span>, message: String) {
        let pool = match self.current {
            Current::Pool(index) => Some(index),
            Current::Global | Current::Nowhere => None,
        };
        self.fpm.refusals.push(Refusal {
            span,
            pool,
            message,
            stage: Stage::Test,
            has_rule: false,
        });
    }

    /// The prefix of a pool, and the paths of PHP settings behind it (`FPM_PHP_INI_TO_EXPAND`).
    fn finish(&mut self, index: usize) {
        if self.fpm.kind == InputKind::Dump {
            return;
        }
        let built_in = self.fpm.prefix.clone();
        let pool = &mut self.fpm.pools[index];
        pool.prefix = match pool.settings.text("prefix") {
            None => built_in,
            Some(Err(_)) => None,
            Some(Ok(text)) if text.value.is_empty() => Some(Vec::new()),
            Some(Ok(text)) => full_path(&text.value, built_in.as_deref()),
        };
        if pool.settings.get("chroot").is_some() {
            return;
        }
        let prefix = pool.prefix.clone();
        for set in pool.php.iter_mut().filter(|set| is_path(&set.name)) {
            let text = &set.assignment.text;
            let is_syslog = set.admin
                && set.name.eq_ignore_ascii_case(b"error_log")
                && text.eq_ignore_ascii_case(b"syslog");
            if is_syslog || !set.assignment.holes.is_empty() {
                continue;
            }
            match full_path(text, prefix.as_deref()) {
                Some(path) => set.assignment.text = path,
                None => set.assignment.holes.push("the prefix of PHP".to_owned()),
            }
        }
    }
}

fn is_path(name: &[u8]) -> bool {
    const NAMES: [&str; 15] = [
        "error_log",
        "extension_dir",
        "mime_magic.magicfile",
        "sendmail_path",
        "session.cookie_path",
        "session_pgsql.sem_file_name",
        "soap.wsdl_cache_dir",
        "uploadprogress.file.filename_template",
        "xdebug.output_dir",
        "xdebug.profiler_output_dir",
        "xdebug.trace_output_dir",
        "xmms.path",
        "axis2.client_home",
        "blenc.key_file",
        "coin_acceptor.device",
    ];
    NAMES
        .iter()
        .any(|n| n.as_bytes().eq_ignore_ascii_case(name))
}

/// The prefix that PHP was built with, told from where its main file is: `/usr/local` for
/// `/usr/local/etc/php-fpm.conf`, `/usr` for distributions. Unknown for a file that lies anywhere.
fn prefix_of(main: &FilePath) -> Option<Vec<u8>> {
    let dir = main.parent();
    if let Some(scl) = dir.strip_prefix(b"/etc/opt/remi/") {
        let name = scl.split(|&b| b == b'/').next().unwrap_or_default();
        return Some([b"/opt/remi/".as_slice(), name, b"/root/usr"].concat());
    }
    if dir == b"/etc" || dir.starts_with(b"/etc/") {
        return Some(b"/usr".to_vec());
    }
    let known = dir.starts_with(b"/usr/") || dir.starts_with(b"/opt/");
    let prefix = dir.strip_suffix(b"/etc").filter(|_| known);
    prefix.map(<[u8]>::to_vec)
}

/// `fpm_conf_expand_pool_name`.
fn replace_pool_name(text: &mut Vec<u8>, pool: &[u8]) {
    const TOKEN: &[u8] = b"$pool";
    let mut from = 0;
    while let Some(at) = text[from..].windows(TOKEN.len()).position(|w| w == TOKEN) {
        let at = from + at;
        text.splice(at..at + TOKEN.len(), pool.iter().copied());
        // A pool named `$pool` would go on for ever, as it does in FPM.
        from = at + pool.len();
    }
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
