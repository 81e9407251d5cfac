//! What the commands of a `RUN` do to the files of an image.

use std::sync::Arc;

use base::outer::{Code, joined};
use base::{FilePath, Outer, OuterMap, SortedSet};
use model::{Files, ReadErrorKind};

use super::shell::{Part, Placed, Simple, Word};
use super::{Image, known, sed};

/// Where configuration lies in images.
const PLACES: [&str; 7] = [
    "/etc/nginx",
    "/etc/php",
    "/usr/local/etc",
    "/usr/local/nginx",
    "/usr/local/openresty",
    "/opt/bitnami",
    "/opt/docker/etc",
];

/// Commands that bring no server with them, whatever files they write.
const NO_SERVER: [&str; 32] = [
    "a2dismod",
    "a2enmod",
    "addgroup",
    "adduser",
    "apt-key",
    "chsh",
    "corepack",
    "curl",
    "docker-php-source",
    "dpkg-reconfigure",
    "gem",
    "git",
    "gosu",
    "gpg",
    "groupdel",
    "groupmod",
    "gunzip",
    "install-php-extensions",
    "ldconfig",
    "locale-gen",
    "pip",
    "pip3",
    "pnpm",
    "rmdir",
    "sed",
    "tar",
    "touch",
    "unzip",
    "update-ca-certificates",
    "userdel",
    "wget",
    "yarn",
];

/// Commands that change no content of a file.
const HARMLESS: [&str; 38] = [
    "[",
    "[[",
    ":",
    "apk",
    "apt",
    "apt-get",
    "apt-mark",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "composer",
    "docker-php-ext-configure",
    "docker-php-ext-enable",
    "docker-php-ext-install",
    "echo",
    "exit",
    "export",
    "find",
    "grep",
    "groupadd",
    "id",
    "ls",
    "mkdir",
    "nginx",
    "npm",
    "pecl",
    "php",
    "php-fpm",
    "printf",
    "set",
    "setcap",
    "sleep",
    "test",
    "true",
    "useradd",
    "usermod",
];

/// A `RUN` of a Dockerfile.
pub(super) struct Run<'a> {
    pub(super) image: &'a mut Image,
    /// The Dockerfile, its path for people, and its bytes.
    pub(super) dockerfile: &'a FilePath,
    pub(super) shown: &'a FilePath,
    pub(super) bytes: &'a Arc<[u8]>,
    /// The line of the instruction.
    pub(super) line: usize,
    pub(super) cwd: String,
    /// Bodies of its heredocs, in order; `None` for one that is not known.
    pub(super) heredocs: std::collections::VecDeque<Result<Vec<Placed>, String>>,
}

/// What a command writes to its output.
type Output = Result<Vec<Placed>, String>;

impl Run<'_> {
    /// Does what the parts do, in order.
    pub(super) fn all(&mut self, parts: &[Part]) {
        let mut input: Option<Output> = None;
        for part in parts {
            if let Part::Simple(Simple { words, .. }) | Part::Opaque(words) = part {
                let mut words = words.iter();
                self.image.upstream |= words.any(|word| word.text().contains("nginx.org/packages"));
            }
            input = match part {
                Part::Simple(one) => {
                    let output = self.simple(one, input.take());
                    self.put(one.to.as_ref(), one.pipes, output)
                }
                Part::Group(inner, to, pipes) => {
                    let output = self.group(inner);
                    self.put(to.as_ref(), *pipes, output)
                }
                Part::Opaque(words) => {
                    self.touched(words, "a script");
                    self.perhaps(words);
                    None
                }
            };
        }
    }

    /// What goes into the next command.
    fn put(
        &mut self,
        to: Option<&(bool, Word)>,
        pipes: bool,
        output: Option<Output>,
    ) -> Option<Output> {
        if let Some((append, word)) = to {
            let output = output.unwrap_or_else(|| Err("a command".to_owned()));
            self.write(word, *append, output);
            return None;
        }
        output.filter(|_| pipes)
    }

    fn group(&mut self, inner: &[Part]) -> Option<Output> {
        let mut all: Output = Ok(Vec::new());
        for part in inner {
            let (output, to) = match part {
                Part::Simple(one) => (self.simple(one, None), one.to.as_ref()),
                Part::Group(inner, to, _) => (self.group(inner), to.as_ref()),
                Part::Opaque(words) => {
                    self.touched(words, "a script");
                    self.perhaps(words);
                    (Some(Err("a script".to_owned())), None)
                }
            };
            if to.is_some() {
                self.put(to, false, output);
                continue;
            }
            all = match (all, output) {
                (Ok(mut all), Some(Ok(more))) => {
                    all.extend(more);
                    Ok(all)
                }
                (Ok(_), Some(Err(why))) => Err(why),
                (all, _) => all,
            };
        }
        Some(all)
    }

    /// Does a command; its output, when it has one that is read here.
    fn simple(&mut self, one: &Simple, input: Option<Output>) -> Option<Output> {
        // `NAME=value command`
        let is_set = |word: &&Word| {
            let text = word.text();
            let name = text.split('=').next().unwrap_or("");
            text.contains('=') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let skipped = one.words.iter().take_while(is_set).count();
        let words = as_root(&one.words[skipped..]);
        let heredoc = one.heredoc.then(|| self.heredocs.pop_front()).flatten();
        let name = words.first()?.text();
        let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let args = &words[1..];
        match name.as_str() {
            "echo" => Some(echo(args, !self.image.alpine)),
            "printf" => Some(printf(args)),
            "cat" if heredoc.is_some() => heredoc,
            "cat" if args.len() == 1 => Some(self.read(&args[0])),
            "tee" => {
                let append = args.iter().any(|word| word.text() == "-a");
                let output = input.or(heredoc).unwrap_or_else(|| Err("`tee`".to_owned()));
                for word in plain(args) {
                    self.write(word, append, output.clone());
                }
                Some(output)
            }
            "cd" => {
                if let Some(to) = args.first() {
                    self.cwd = self.path(to);
                }
                None
            }
            "cp" | "mv" | "install" => {
                self.copy(args, name == "mv");
                None
            }
            "rm" => {
                for word in plain(args).filter(|word| !word.has_hole) {
                    self.remove(&self.path(word));
                }
                None
            }
            "ln" => {
                if let [target, link] = plain(args).collect::<Vec<_>>().as_slice()
                    && !target.has_hole
                    && !link.has_hole
                {
                    let target = self.path(target);
                    let link = self.path(link);
                    self.image.files.link(link, target);
                }
                None
            }
            "sed" => {
                self.sed(args);
                None
            }
            "apk" | "apt" | "apt-get" => {
                self.install(args);
                None
            }
            name if HARMLESS.contains(&name) => Some(Err(format!("`{name}`"))),
            name => {
                self.touched(words, &format!("`{name}`"));
                if !NO_SERVER.contains(&name) {
                    self.may_serve();
                }
                Some(Err(format!("`{name}`")))
            }
        }
    }

    fn path(&self, word: &Word) -> String {
        absolute(&self.cwd, &word.text())
    }

    fn why(&self, what: &str) -> String {
        format!("it is written by {what} at {}:{}", self.shown, self.line)
    }

    fn unknown(&mut self, path: &str, what: &str) {
        let why = self.why(what);
        self.image.files.insert_unknown(path, why);
    }

    fn read(&self, word: &Word) -> Output {
        let path = self.path(word);
        match self.image.files.read(&FilePath::new(&path)) {
            // What is copied by hand is not followed back to where it came from.
            Ok(bytes) => {
                let last = word
                    .bytes
                    .last()
                    .map_or((0, 0), |(_, from, to)| (*from, *to));
                Ok(bytes.iter().map(|b| (*b, last.0, last.1)).collect())
            }
            Err(error) => Err(error.reason),
        }
    }

    fn write(&mut self, word: &Word, append: bool, output: Output) {
        let path = self.path(word);
        if word.has_hole || path.starts_with("/dev/") || path.starts_with("/proc/") {
            return;
        }
        let mut text = match output {
            Ok(text) => text,
            Err(what) => return self.unknown(&path, &what),
        };
        if append {
            match self.image.files.read(&FilePath::new(&path)) {
                Ok(before) => {
                    let outer = self.image.files.outer(&FilePath::new(&path));
                    let outer = outer.filter(|outer| outer.path == *self.dockerfile);
                    let begin = text.first().map_or(0, |(_, from, _)| *from);
                    let place = |at: usize| match &outer {
                        Some(outer) => {
                            let at = base::offset(at);
                            outer.map.shown(at..at.saturating_add(1))
                        }
                        // What stood there before stands elsewhere.
                        None => begin..begin,
                    };
                    let before = before.iter().enumerate().map(|(at, byte)| {
                        let place = place(at);
                        (*byte, place.start, place.end)
                    });
                    let before: Vec<Placed> = before.collect();
                    text.splice(0..0, before);
                }
                // Appended to what is not known.
                Err(error) if error.kind != ReadErrorKind::Missing => {
                    return self.unknown(&path, "several commands");
                }
                Err(_) => {}
            }
        }
        self.place(&path, &text);
    }

    /// Puts a file there whose bytes stand in the Dockerfile.
    pub(super) fn place(&mut self, path: &str, text: &[Placed]) {
        let bytes: Vec<u8> = text.iter().map(|(byte, ..)| *byte).collect();
        let outer = Outer {
            path: self.dockerfile.clone(),
            bytes: self.bytes.clone(),
            map: Arc::new(map(text)),
        };
        self.image.files.insert_inner(path, bytes, outer);
    }

    fn copy(&mut self, args: &[Word], moves: bool) {
        let all: Vec<&Word> = plain(args).collect();
        let Some((to, from)) = all.split_last().filter(|(to, _)| !to.has_hole) else {
            return;
        };
        let to = self.path(to);
        let is_dir = self.image.files.list(&FilePath::new(&to)).is_ok() || from.len() > 1;
        for word in from {
            let source = self.path(word);
            let name = source.rsplit('/').next().unwrap_or_default();
            let path = if is_dir {
                absolute(&to, name)
            } else {
                to.clone()
            };
            // Onto itself: the command says no.
            if source == path {
                continue;
            }
            if word.has_hole {
                self.unknown(&path, "a copy of what is not known");
                continue;
            }
            let source = FilePath::new(&source);
            match self.image.files.read(&source) {
                Ok(bytes) => match self.image.files.outer(&source) {
                    Some(outer) => self.image.files.insert_inner(&path, bytes, outer),
                    None => self.image.files.insert(&path, bytes),
                },
                Err(error) if error.kind == ReadErrorKind::Missing && !is_config(&path) => continue,
                Err(_) => self.unknown(&path, "a copy of what is not known"),
            }
            if moves {
                self.image.files.remove(&source);
            }
        }
    }

    fn remove(&mut self, path: &str) {
        let wanted = path.as_bytes();
        let paths = self.image.files.paths();
        for one in paths {
            let bytes = one.as_bytes();
            let is_below = bytes
                .strip_prefix(wanted)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
            let is_matched = path.ends_with("/*") && bytes.starts_with(&wanted[..wanted.len() - 1]);
            if is_below || is_matched {
                self.image.files.remove(&one);
            }
        }
    }

    fn sed(&mut self, args: &[Word]) {
        let Some((edits, files)) = sed::arguments(args) else {
            return self.touched(args, "`sed`");
        };
        for word in files {
            let path = FilePath::new(self.path(word));
            if word.has_hole {
                continue;
            }
            let Ok(bytes) = self.image.files.read(&path) else {
                continue;
            };
            match sed::edited(&bytes, &edits) {
                Some((text, pieces)) => match self.image.files.outer(&path) {
                    Some(outer) => {
                        let map = Arc::new(sed::outward(&outer.map, &pieces));
                        let outer = Outer { map, ..outer };
                        self.image.files.insert_inner(path.as_bytes(), text, outer);
                    }
                    None => self.image.files.insert(path.as_bytes(), text),
                },
                None => {
                    let path = String::from_utf8_lossy(path.as_bytes()).into_owned();
                    self.unknown(&path, "`sed`");
                }
            }
        }
    }

    fn install(&mut self, args: &[Word]) {
        let mut all = plain(args).map(Word::text);
        let is_verb = |word: &str| matches!(word, "install" | "add");
        if !all.any(|word| is_verb(&word)) {
            return;
        }
        for package in all {
            known::install(self.image, &package);
        }
    }

    /// A script that is not read may install what it names.
    fn perhaps(&mut self, words: &[Word]) {
        let is_tool = |word: &Word| {
            let tools = ["apk", "apt", "apt-get", "yum", "dnf", "microdnf"];
            tools.contains(&word.text().as_str())
        };
        if !words.iter().any(is_tool) {
            return;
        }
        for word in words {
            let mut image = self.image.clone();
            if known::install(&mut image, &word.text()) {
                let before: SortedSet<FilePath> = self.image.files.paths().into_iter().collect();
                for path in image.files.paths() {
                    if !before.contains(&path) {
                        let path = String::from_utf8_lossy(path.as_bytes()).into_owned();
                        self.unknown(&path, "a script");
                    }
                }
                self.image.php = self.image.php.or(image.php);
            }
        }
        self.may_serve();
    }

    /// What a command is that is not known may be a server, where there was none before.
    fn may_serve(&mut self) {
        let paths = self.image.files.paths();
        let is_main = |path: &FilePath| {
            let name = path.name();
            name == b"nginx.conf" || name == b"php-fpm.conf"
        };
        self.image.is_whole &= paths.iter().any(is_main);
    }

    /// A command that is not read may have changed what it names.
    fn touched(&mut self, words: &[Word], what: &str) {
        for word in words {
            let text = word.text();
            let candidates = text.split([' ', '\'', '"', '=', '>', ';', '(', ')', '\n']);
            for text in candidates.filter(|text| text.contains('/')) {
                let path = absolute(&self.cwd, text);
                let is_there = self.image.files.read(&FilePath::new(&path)).is_ok();
                if is_there || has_ending(&path) {
                    self.unknown(&path, what);
                }
            }
        }
    }
}

/// The command behind `sudo`.
fn as_root(words: &[Word]) -> &[Word] {
    let is_sudo = words.first().is_some_and(|word| word.text() == "sudo");
    let skipped = words
        .iter()
        .skip(1)
        .take_while(|word| matches!(word.text().as_str(), "-E" | "-H" | "-n"));
    match is_sudo {
        true => &words[1 + skipped.count()..],
        false => words,
    }
}

/// Words that are no options.
fn plain(args: &[Word]) -> impl Iterator<Item = &Word> {
    args.iter().filter(|word| !word.text().starts_with('-'))
}

/// Whether a path is where configuration lies.
pub(super) fn is_config(path: &str) -> bool {
    PLACES.iter().any(|place| path.starts_with(place))
}

fn has_ending(path: &str) -> bool {
    [".conf", ".ini", ".template"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// A path without `.` and `..`.
pub(crate) fn absolute(cwd: &str, path: &str) -> String {
    let joined = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{cwd}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Bytes that may be put between quotes of any kind, or none.
fn is_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._/-:".contains(&byte)
}

/// The map of a text whose bytes each know their place.
pub(super) fn map(text: &[Placed]) -> OuterMap {
    // What stands for a byte is longer than one, or nothing at all.
    let places = text
        .iter()
        .map(|(_, from, to)| (*from..*to, *to == *from + 1));
    let code = Code {
        forbidden: (0..=u8::MAX).filter(|byte| !is_safe(*byte)).collect(),
        ..Code::default()
    };
    OuterMap::new(joined(places), code)
}

fn echo(args: &[Word], interprets: bool) -> Output {
    let is_option = |word: &&Word| {
        let text = word.text();
        text.len() > 1 && text.starts_with('-') && text[1..].bytes().all(|b| b"neE".contains(&b))
    };
    let options: Vec<String> = args.iter().take_while(is_option).map(Word::text).collect();
    let has = |letter: char| options.iter().any(|option| option.contains(letter));
    let words = &args[options.len()..];
    if words.iter().any(|word| word.has_hole) {
        return Err("`echo` of what is not known".to_owned());
    }
    let mut out: Vec<Placed> = Vec::new();
    let end = |out: &[Placed]| out.last().map_or(0, |(_, _, to)| *to);
    for word in words {
        if !out.is_empty() {
            let at = end(&out);
            out.push((b' ', at, at));
        }
        out.extend(&word.bytes);
    }
    let mut out = match interprets || has('e') {
        true => unescaped(&out),
        false => out,
    };
    if !has('n') {
        let at = end(&out);
        out.push((b'\n', at, at));
    }
    Ok(out)
}

/// `\n`, `\t` and `\\` as `echo -e` and `printf` read them.
fn unescaped(text: &[Placed]) -> Vec<Placed> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some((byte, from, to)) = text.get(at) {
        let next = text.get(at + 1).map(|(byte, _, to)| (*byte, *to));
        let stands_for = match (byte, next) {
            (b'\\', Some((b'n', to))) => Some((b'\n', to)),
            (b'\\', Some((b't', to))) => Some((b'\t', to)),
            (b'\\', Some((b'\\', to))) => Some((b'\\', to)),
            _ => None,
        };
        match stands_for {
            Some((byte, to)) => {
                out.push((byte, *from, to));
                at += 2;
            }
            None => {
                out.push((*byte, *from, *to));
                at += 1;
            }
        }
    }
    out
}

/// `printf FORMAT ARG…`, as far as the format has `%s` and escapes only.
fn printf(args: &[Word]) -> Output {
    let Some((format, args)) = args.split_first() else {
        return Ok(Vec::new());
    };
    if format.has_hole || args.iter().any(|word| word.has_hole) {
        return Err("`printf` of what is not known".to_owned());
    }
    let mut out = Vec::new();
    let mut args = args.iter();
    loop {
        let (mut at, mut took) = (0, false);
        let left = args.len();
        while let Some(placed) = format.bytes.get(at) {
            let next = format.bytes.get(at + 1).map(|(byte, ..)| *byte);
            match (placed.0, next) {
                (b'%', Some(b's')) => {
                    out.extend(
                        args.next()
                            .map(|word| word.bytes.clone())
                            .unwrap_or_default(),
                    );
                    took = true;
                    at += 2;
                }
                (b'%', Some(b'%')) => {
                    out.push(*placed);
                    at += 2;
                }
                (b'%', _) => return Err("`printf`".to_owned()),
                (b'\\', Some(_)) => {
                    out.extend(unescaped(&format.bytes[at..at + 2]));
                    at += 2;
                }
                _ => {
                    out.push(*placed);
                    at += 1;
                }
            }
        }
        if args.len() == 0 || !took || args.len() == left {
            return Ok(out);
        }
    }
}
