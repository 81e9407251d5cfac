//! A Dockerfile, followed instruction by instruction.

use std::sync::Arc;

use base::source::printable;
use base::{FilePath, Outer, OuterMap, ProblemKind, SortedMap};
use intake::{Tree, name_of};
use model::{Files, MemoryFiles};
use parse_dockerfile::{Command, Flag, HereDoc, Instruction, Source};

use super::begins::may_start;
use super::heredoc::{self, Taken};
use super::ignored::Ignored;
use super::run::{Run, absolute, is_config};
use super::shell::{self, Part, Placed};
use super::{Build, Image, known};
use crate::filled::shown_at;
use crate::project::{Project, bytes_of};

/// Files of a folder that is copied.
const MOST_FILES: usize = 5_000;

/// One stage.
struct Stage {
    name: Option<String>,
    image: Image,
    args: SortedMap<String, String>,
    cwd: String,
    /// What is done in stages that begin with it: numbers of instructions.
    onbuild: Vec<usize>,
}

impl Stage {
    /// What `$NAME` is: the environment wins over arguments.
    fn variables(&self) -> SortedMap<String, String> {
        let mut all = self.args.clone();
        all.extend(self.image.env.iter().map(|(k, v)| (k.clone(), v.clone())));
        all
    }
}

impl Stage {
    /// Sets a variable of the environment.
    fn set(&mut self, name: &str, value: String, place: Option<Outer>) {
        self.image.env.insert(name.to_owned(), value);
        match place {
            Some(place) => self.image.places.insert(name.to_owned(), place),
            None => self.image.places.remove(name),
        };
    }
}

struct Builder<'a> {
    tree: &'a dyn Tree,
    build: &'a Build,
    shown: FilePath,
    bytes: Arc<[u8]>,
    /// Where lines end.
    feeds: Vec<usize>,
    /// Heredocs in the middle of commands.
    taken: Vec<Taken>,
    stages: Vec<Stage>,
    /// What the build does not see.
    ignored: Ignored,
}

/// Builds the image; `None` when there is no such file.
pub(super) fn built(tree: &dyn Tree, build: &Build, project: &mut Project) -> Option<Image> {
    let bytes = bytes_of(tree, &build.dockerfile, project)?;
    project.taken.insert(build.dockerfile.clone());
    let shown = name_of(tree, &build.dockerfile);
    let refuse = |project: &mut Project, why: String| {
        let message = format!("{shown}: {why}: what is in this image is not known");
        project.problem(ProblemKind::Unreadable, message, None);
    };
    let Ok(text) = std::str::from_utf8(&bytes) else {
        refuse(project, "this is no text".to_owned());
        return None;
    };
    let (plain, taken) = heredoc::taken(text);
    let parsed = match parse_dockerfile::parse(&plain) {
        Ok(parsed) => parsed,
        Err(error) => {
            refuse(project, printable(error.to_string().as_bytes()));
            return None;
        }
    };
    let feeds = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
    let mut builder = Builder {
        tree,
        build,
        shown: FilePath::new(&shown),
        bytes: bytes.clone(),
        feeds: feeds.map(|(at, _)| at).collect(),
        taken,
        stages: Vec::new(),
        ignored: Ignored::of(tree, build),
    };
    let mut global = build.args.clone();
    for (number, instruction) in parsed.instructions.iter().enumerate() {
        if builder.is_done() && matches!(instruction, Instruction::From(_)) {
            break;
        }
        match instruction {
            Instruction::Arg(arg) if builder.stages.is_empty() => {
                set_args(
                    &arg.arguments.value,
                    &global.clone(),
                    &build.args,
                    &mut global,
                );
            }
            Instruction::From(from) => {
                let image = expanded(&from.image.value, &global).unwrap_or_default();
                let name = from.as_.as_ref().map(|(_, name)| name.value.to_lowercase());
                let earlier = builder.earlier(&image);
                let triggers = earlier.map(|stage| stage.onbuild.clone());
                builder.begin(&image, name, from.image.span.clone());
                for number in triggers.unwrap_or_default() {
                    if let Instruction::Onbuild(trigger) = &parsed.instructions[number] {
                        builder.step(&trigger.instruction, &global);
                    }
                }
            }
            Instruction::Onbuild(_) => {
                let stage = builder.stages.last_mut();
                stage
                    .into_iter()
                    .for_each(|stage| stage.onbuild.push(number));
            }
            other => builder.step(other, &global),
        }
    }
    let of_stages = builder.stages.iter().flat_map(|stage| &stage.image.taken);
    project.taken.extend(of_stages.cloned());
    let stage = builder.stages.pop()?;
    let mut image = stage.image;
    image.shown = shown;
    Some(image)
}

impl Builder<'_> {
    /// Whether the stage that is wanted has been begun; it ends where the next one begins.
    fn is_done(&self) -> bool {
        let wanted = self.build.target.as_ref().map(|name| name.to_lowercase());
        wanted.is_some() && self.stages.last().is_some_and(|stage| stage.name == wanted)
    }

    fn earlier(&self, name: &str) -> Option<&Stage> {
        let by_name = self.stages.iter().rev();
        let mut by_name = by_name.filter(|one| one.name.as_deref() == Some(&name.to_lowercase()));
        by_name
            .next()
            .or_else(|| self.stages.get(name.parse::<usize>().ok()?))
    }

    fn begin(&mut self, image: &str, name: Option<String>, span: std::ops::Range<usize>) {
        let begun = match self.earlier(image) {
            Some(stage) => stage.image.clone(),
            None => Image {
                named: Some(self.named(span)),
                ..known::image(image)
            },
        };
        self.stages.push(Stage {
            name,
            image: begun,
            args: SortedMap::new(),
            cwd: "/".to_owned(),
            onbuild: Vec::new(),
        });
    }

    /// Where an image is named.
    fn named(&self, span: std::ops::Range<usize>) -> Outer {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let map = shown_at(u32::MAX, number(span.start)..number(span.end));
        Outer {
            path: self.build.dockerfile.clone(),
            bytes: self.bytes.clone(),
            map: Arc::new(map),
        }
    }

    fn line(&self, at: usize) -> usize {
        self.feeds.partition_point(|feed| *feed < at) + 1
    }

    fn step(&mut self, instruction: &Instruction<'_>, global: &SortedMap<String, String>) {
        let Some(mut stage) = self.stages.pop() else {
            return;
        };
        match instruction {
            Instruction::Arg(arg) => {
                let known = stage.variables();
                let mut given = global.clone();
                given.extend(self.build.args.clone());
                set_args(&arg.arguments.value, &known, &given, &mut stage.args);
            }
            Instruction::Env(env) => self.set_env(env.arguments.span.clone(), &mut stage),
            Instruction::Cmd(cmd) => stage.image.command = command(&cmd.arguments),
            Instruction::Entrypoint(entry) => {
                stage.image.entrypoint = command(&entry.arguments);
                stage.image.command.clear();
            }
            Instruction::Workdir(to) => {
                if let Some(to) = expanded(&to.arguments.value, &stage.variables()) {
                    stage.cwd = absolute(&stage.cwd, &to);
                }
            }
            Instruction::Copy(copy) => {
                let at = self.line(copy.copy.span.start);
                self.copy(&mut stage, &copy.options, &copy.src, &copy.dest.value, at);
            }
            Instruction::Add(add) => {
                let at = self.line(add.add.span.start);
                self.copy(&mut stage, &add.options, &add.src, &add.dest.value, at);
            }
            Instruction::Run(run) => {
                let line = self.line(run.run.span.start);
                let variables = stage.variables();
                let known = run.here_docs.iter().map(|doc| self.body(doc, &variables));
                let begin = run.run.span.start;
                let from = self.taken.partition_point(|taken| taken.run < begin);
                let own = self.taken[from..].iter();
                let own = own.take_while(|taken| taken.run == begin);
                let own = own.map(|taken| {
                    let text = String::from_utf8_lossy(&self.bytes[taken.body.clone()]);
                    let text = match taken.strips {
                        true => text
                            .split_inclusive('\n')
                            .map(|line| line.trim_start_matches('\t'))
                            .collect(),
                        false => text.into_owned(),
                    };
                    let range = taken.body.clone();
                    self.filled(text.as_bytes(), range, taken.expands, &variables)
                });
                let mut heredocs: std::collections::VecDeque<_> = known.chain(own).collect();
                let parts = match &run.arguments {
                    Command::Shell(text) => {
                        // `RUN <<EOF`: the body is the script.
                        let is_script = text.value.trim_start().starts_with("<<");
                        match heredocs.pop_front_if(|_| is_script) {
                            Some(Ok(body)) => script(&body, &self.bytes, &variables),
                            Some(Err(_)) => Vec::new(),
                            None => shell::read(text.value, text.span.start, &variables),
                        }
                    }
                    Command::Exec(words) => {
                        let text: Vec<String> =
                            words.value.iter().map(|word| quoted(&word.value)).collect();
                        shell::read(&text.join(" "), words.span.start, &variables)
                    }
                    _ => Vec::new(),
                };
                let mut running = Run {
                    image: &mut stage.image,
                    dockerfile: &self.build.dockerfile,
                    shown: &self.shown,
                    bytes: &self.bytes,
                    line,
                    cwd: stage.cwd.clone(),
                    heredocs,
                };
                running.all(&parts);
            }
            _ => {}
        }
        self.stages.push(stage);
    }

    /// `ENV`: names and values, each with its place.
    fn set_env(&self, span: std::ops::Range<usize>, stage: &mut Stage) {
        let known = stage.variables();
        let base = span.start;
        let text = String::from_utf8_lossy(self.bytes.get(span).unwrap_or_default());
        let text = text.as_ref();
        let is_old = (text.split_whitespace().next()).is_some_and(|first| !first.contains('='));
        if is_old {
            // `ENV NAME the rest of the line`
            let Some((name, value)) = text.trim().split_once(char::is_whitespace) else {
                return;
            };
            let value = value.trim();
            let begin = base + text.find(value).unwrap_or_default();
            let filled = expanded(value, &known).unwrap_or_default();
            let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let placed: Vec<Placed> = (value.bytes().enumerate())
                .map(|(at, byte)| (byte, number(begin + at), number(begin + at + 1)))
                .collect();
            let is_same = filled == value;
            let place = is_same.then(|| self.at(&placed));
            stage.set(name, filled, place);
            return;
        }
        for word in shell::read(text, base, &known)
            .into_iter()
            .flat_map(words_of)
        {
            let all = word.text();
            let Some((name, value)) = all.split_once('=').filter(|_| !word.has_hole) else {
                continue;
            };
            let placed = word.bytes.get(name.len() + 1..).unwrap_or_default();
            let place = (placed.len() == value.len()).then(|| self.at(placed));
            stage.set(name, value.to_owned(), place);
        }
    }

    fn at(&self, placed: &[Placed]) -> Outer {
        Outer {
            path: self.build.dockerfile.clone(),
            bytes: self.bytes.clone(),
            map: Arc::new(super::run::map(placed)),
        }
    }

    /// The bytes of a heredoc with their places; an error says what in it is not known.
    fn body(
        &self,
        doc: &HereDoc<'_>,
        variables: &SortedMap<String, String>,
    ) -> Result<Vec<Placed>, String> {
        self.filled(
            doc.value.as_bytes(),
            doc.span.clone(),
            doc.expand,
            variables,
        )
    }

    /// A text that stands somewhere in a range of the file, with its variables filled in.
    fn filled(
        &self,
        value: &[u8],
        range: std::ops::Range<usize>,
        expands: bool,
        variables: &SortedMap<String, String>,
    ) -> Result<Vec<Placed>, String> {
        // The range may have the lines of the marks around the body.
        let whole = self.bytes.get(range.clone()).unwrap_or_default();
        let found = find(whole, value).map(|at| range.start + at);
        // Tabs that `<<-` takes away make the body another text than the file: its bytes have no
        // places of their own then.
        let place = |from: usize, to: usize| match found {
            Some(begin) => (base::offset(begin + from), base::offset(begin + to)),
            None => (base::offset(range.start), base::offset(range.end)),
        };
        heredoc::filled(value, &place, expands, variables)
    }

    fn copy(
        &self,
        stage: &mut Stage,
        options: &[Flag<'_>],
        sources: &[Source<'_>],
        dest: &str,
        line: usize,
    ) {
        let variables = stage.variables();
        let Some(to) = expanded(dest, &variables) else {
            return;
        };
        let is_dir = to.ends_with('/') || sources.len() > 1;
        let to = absolute(&stage.cwd, &to);
        let from = options.iter().find(|flag| flag.name.value == "from");
        let from = from.and_then(|flag| flag.value.as_ref());
        for source in sources {
            match source {
                Source::HereDoc(doc) => {
                    let mut run = Run {
                        image: &mut stage.image,
                        dockerfile: &self.build.dockerfile,
                        shown: &self.shown,
                        bytes: &self.bytes,
                        line,
                        cwd: String::new(),
                        heredocs: std::collections::VecDeque::new(),
                    };
                    match self.body(doc, &variables) {
                        Ok(body) => run.place(&to, &body),
                        Err(why) => stage.image.files.insert_unknown(&to, why),
                    }
                }
                Source::Path(path) => {
                    let Some(path) = expanded(&path.value, &variables) else {
                        if is_config(&to) {
                            let why = format!(
                                "what is copied to it at {}:{line} is not known",
                                self.shown
                            );
                            stage.image.files.insert_unknown(&to, why);
                        }
                        continue;
                    };
                    match from.map(|name| expanded(&name.value, &variables).unwrap_or_default()) {
                        Some(name) => {
                            let files = match self.earlier(&name) {
                                Some(earlier) => settled(&earlier.image),
                                None => settled(&known::image(&name)),
                            };
                            from_image(&files, &path, &to, is_dir, &mut stage.image.files);
                        }
                        None => self.take_all(&path, &to, is_dir, line, stage),
                    }
                }
                _ => {}
            }
        }
    }

    /// Files of the repository.
    fn take_all(&self, path: &str, to: &str, is_dir: bool, line: usize, stage: &mut Stage) {
        let unknown = |stage: &mut Stage, what: &str| {
            let path = match is_dir {
                true => absolute(to, path.rsplit('/').next().unwrap_or_default()),
                false => to.to_owned(),
            };
            if is_config(&path) {
                let why = format!("{what} ({}:{line})", self.shown);
                stage.image.files.insert_unknown(&path, why);
            }
        };
        if path.contains("://") || path.starts_with("git@") {
            return unknown(stage, "it is fetched from elsewhere");
        }
        let context = String::from_utf8_lossy(self.build.context.as_bytes()).into_owned();
        let pattern = absolute(&context, path.trim_start_matches('/'));
        let mut found = matching(self.tree, &pattern);
        let count = found.len();
        let is_dir_of = |path: &FilePath| self.tree.folder(path).is_some();
        found.retain(|path| is_dir_of(path) || !self.ignored.has(path));
        if found.is_empty() && count > 0 {
            return unknown(
                stage,
                "`.dockerignore` keeps what is copied to it out of the build",
            );
        }
        if found.is_empty() {
            return unknown(stage, "what is copied to it is not in the repository");
        }
        let several = found.len() > 1;
        for source in found {
            if self.tree.folder(&source).is_some() {
                self.folder(&source, to, stage);
                continue;
            }
            let name = String::from_utf8_lossy(source.name()).into_owned();
            let target = match is_dir || several {
                true => absolute(to, &name),
                false => to.to_owned(),
            };
            self.take(&source, &target, stage);
        }
    }

    fn folder(&self, dir: &FilePath, to: &str, stage: &mut Stage) {
        let mut open = vec![(dir.clone(), to.to_owned())];
        let mut seen = 0;
        while let Some((dir, to)) = open.pop() {
            let mut names = self.tree.list(&dir).unwrap_or_default();
            names.sort();
            for name in names {
                seen += 1;
                if seen > MOST_FILES || name.starts_with(b".git") || name == b"node_modules" {
                    continue;
                }
                let path = FilePath::new([dir.as_bytes(), b"/", &name].concat());
                let target = absolute(&to, &String::from_utf8_lossy(&name));
                match self.tree.folder(&path) {
                    Some(_) => open.push((path, target)),
                    // An application's own files are no configuration of a server.
                    None if self.ignored.has(&path) => {}
                    None if is_config(&target) || may_be_moved(&target) => {
                        self.take(&path, &target, stage);
                    }
                    None => {}
                }
            }
        }
    }

    fn take(&self, source: &FilePath, target: &str, stage: &mut Stage) {
        match self.tree.read(source) {
            Ok(bytes) => {
                let len = base::offset(bytes.len());
                let outer = Outer {
                    path: source.clone(),
                    bytes: bytes.clone(),
                    map: Arc::new(OuterMap::whole(len)),
                };
                stage.image.files.insert_inner(target, bytes, outer);
                stage.image.taken.push(source.clone());
            }
            Err(error) if is_config(target) => {
                let why = format!("{}: {error}", name_of(self.tree, source));
                stage.image.files.insert_unknown(target, why);
            }
            Err(_) => {}
        }
    }
}

/// What is there of a pattern.
pub(super) fn matching(tree: &dyn Tree, pattern: &str) -> Vec<FilePath> {
    let mut found = model::glob::glob(tree, pattern.as_bytes()).paths;
    found.retain(|path| tree.may_exist(path));
    found
}

/// Names that are often moved to where a server reads them later, or that start one.
fn may_be_moved(target: &str) -> bool {
    let is_named = [".conf", ".ini", ".template", ".vhost"]
        .iter()
        .any(|end| target.ends_with(end));
    is_named || may_start(target)
}

/// The words of a command.
fn command(command: &Command<'_>) -> Vec<String> {
    match command {
        Command::Exec(words) => words
            .value
            .iter()
            .map(|word| word.value.to_string())
            .collect(),
        Command::Shell(text) => vec!["sh".to_owned(), "-c".to_owned(), text.value.to_owned()],
        _ => Vec::new(),
    }
}

fn from_image(from: &MemoryFiles, path: &str, to: &str, is_dir: bool, files: &mut MemoryFiles) {
    let path = absolute("/", path);
    for one in from.paths() {
        let text = String::from_utf8_lossy(one.as_bytes()).into_owned();
        let target = match text.strip_prefix(&path) {
            Some("") if is_dir => absolute(to, text.rsplit('/').next().unwrap_or_default()),
            Some("") => to.to_owned(),
            Some(rest) if rest.starts_with('/') || path == "/" => {
                absolute(to, rest.trim_start_matches('/'))
            }
            _ => continue,
        };
        match (from.read(&one), from.outer(&one)) {
            (Ok(bytes), Some(outer)) => files.insert_inner(&target, bytes, outer),
            (Ok(bytes), None) => files.insert(&target, bytes),
            (Err(error), _) => files.insert_unknown(&target, error.reason),
        }
    }
}

/// A script whose bytes stand in the file one after the other.
fn script(body: &[Placed], file: &[u8], variables: &SortedMap<String, String>) -> Vec<Part> {
    let (Some((_, from, _)), Some((_, _, to))) = (body.first(), body.last()) else {
        return Vec::new();
    };
    let text: Vec<u8> = body.iter().map(|(byte, ..)| *byte).collect();
    let is_same = file.get(*from as usize..*to as usize) == Some(text.as_slice());
    let text = String::from_utf8_lossy(&text).into_owned();
    match is_same {
        true => shell::read(&text, *from as usize, variables),
        // Its places are not those of the file.
        false => shell::read(&text, 0, variables)
            .into_iter()
            .map(|part| Part::Opaque(words_of(part)))
            .collect(),
    }
}

fn words_of(part: Part) -> Vec<shell::Word> {
    match part {
        Part::Simple(one) => one
            .words
            .into_iter()
            .chain(one.to.map(|(_, to)| to))
            .collect(),
        Part::Group(inner, to, _) => {
            let inner = inner.into_iter().flat_map(words_of);
            inner.chain(to.map(|(_, to)| to)).collect()
        }
        Part::Opaque(words) => words,
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

/// `NAME`, `NAME=default`, several.
fn set_args(
    text: &str,
    known: &SortedMap<String, String>,
    given: &SortedMap<String, String>,
    args: &mut SortedMap<String, String>,
) {
    for word in words(text, known) {
        let (name, default) = match word.split_once('=') {
            Some((name, default)) => (name.to_owned(), Some(default.to_owned())),
            None => (word, None),
        };
        if let Some(value) = given.get(&name).cloned().or(default) {
            args.insert(name, value);
        }
    }
}

/// The files of an image, none of which waits for its environment.
fn settled(image: &Image) -> MemoryFiles {
    match image.known {
        Some(_) => image.started(),
        None => image.files.clone(),
    }
}

/// The words of a text that have no hole.
fn words(text: &str, known: &SortedMap<String, String>) -> Vec<String> {
    let mut out = Vec::new();
    for part in shell::read(text, 0, known) {
        let words = words_of(part).into_iter();
        out.extend(words.filter(|word| !word.has_hole).map(|word| word.text()));
    }
    out
}

/// A text with its variables; `None` when one is not known.
fn expanded(text: &str, known: &SortedMap<String, String>) -> Option<String> {
    if !text.contains('$') {
        return Some(text.to_owned());
    }
    let quoted = format!("\"{}\"", text.replace('"', "\\\""));
    match shell::read(&quoted, 0, known).as_slice() {
        [Part::Simple(one)] if one.words.len() == 1 && !one.words[0].has_hole => {
            Some(one.words[0].text())
        }
        _ => None,
    }
}
