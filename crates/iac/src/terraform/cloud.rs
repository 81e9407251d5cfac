//! What a machine of a cloud is told when it starts: `#cloud-config`, scripts, and several of them
//! in one MIME text.

use std::sync::Arc;

use base::{FilePath, Outer, OuterMap, ProblemKind, SortedMap};
use model::Files as _;
use yaml::{Id, Tree, Value as Node};

use super::syntax::Style;
use super::text::{Text, line_of};
use super::value::Value;
use super::world::World;
use crate::docker::{self, Image, Script};

/// Texts in texts: a MIME text in base64 in a MIME text is more than anybody writes.
const DEEPEST: usize = 5;

const BOUNDARY: &str = "MIMEBOUNDARY";

/// What is said of a machine's files while they are put together.
#[derive(Default)]
pub(super) struct Told {
    /// Its files.
    pub(super) image: Image,
    /// Its files whose bytes know their places, by path.
    texts: SortedMap<FilePath, Text>,
    /// Texts of scripts, by the names under which they run.
    scripts: Vec<(FilePath, Text)>,
    /// What could not be known.
    pub(super) problems: Vec<(ProblemKind, String)>,
}

impl Told {
    /// Puts a text there.
    pub(super) fn put(&mut self, path: &str, text: Text) {
        let path = FilePath::new(docker::absolute("/", path));
        self.image
            .files
            .insert(path.as_bytes(), text.text.as_bytes());
        self.texts.insert(path, text);
    }

    /// Installs a package, which keeps files that are there already.
    fn install(&mut self, name: &str) {
        docker::install(&mut self.image, name);
        for (path, text) in self.texts.iter() {
            self.image
                .files
                .insert(path.as_bytes(), text.text.as_bytes());
        }
    }

    /// What is not known of a file.
    pub(super) fn hide(&mut self, path: &str, why: String) {
        let path = docker::absolute("/", path);
        if is_for_configuration(&path) {
            self.image.files.insert_unknown(path, why);
        }
    }

    /// Runs a script.
    pub(super) fn script(&mut self, world: &World<'_>, text: &Text) {
        self.mark();
        let name = FilePath::new(format!("/script-{}", self.scripts.len()));
        let place = text.place();
        let (shown, line) = match &place {
            Some((file, at)) => {
                let home = &world.homes[*file];
                (home.shown.clone(), line_of(&home.bytes, at.start))
            }
            None => ("a script".to_owned(), 1),
        };
        let bytes: Arc<[u8]> = text.text.as_bytes().into();
        let script = Script {
            path: &name,
            shown: &FilePath::new(shown),
            line,
            bytes: &bytes,
        };
        docker::run_script(&mut self.image, &script);
        self.scripts.push((name, text.clone()));
    }

    /// Lets files keep their places when a script copies them.
    fn mark(&mut self) {
        let all: Vec<(FilePath, Text)> = self
            .texts
            .iter()
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        for (path, text) in all {
            let is_it = self.image.files.outer(&path).is_none()
                && self
                    .image
                    .files
                    .read(&path)
                    .is_ok_and(|bytes| *bytes == *text.text.as_bytes());
            if !is_it {
                self.texts.remove(&path);
                continue;
            }
            let name = FilePath::new(format!("/script-{}", self.scripts.len()));
            let bytes: Arc<[u8]> = text.text.as_bytes().into();
            let outer = Outer {
                path: name.clone(),
                bytes: bytes.clone(),
                map: Arc::new(OuterMap::whole(
                    u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                )),
            };
            self.image.files.insert_inner(path.as_bytes(), bytes, outer);
            self.texts.remove(&path);
            self.scripts.push((name, text));
        }
    }

    /// Lets all files point at where people write them.
    pub(super) fn finish(mut self, world: &World<'_>) -> (Image, Vec<(ProblemKind, String)>) {
        // Files that no script has seen have their own places.
        self.mark();
        let all: Vec<(FilePath, Arc<[u8]>, Outer)> = self
            .image
            .files
            .iter()
            .filter_map(|(path, bytes, outer)| Some((path.clone(), bytes.clone(), outer?.clone())))
            .collect();
        for (path, bytes, outer) in all {
            let script = self.scripts.iter().find(|(name, _)| *name == outer.path);
            let Some((_, text)) = script else {
                continue;
            };
            let inner = String::from_utf8_lossy(&bytes).into_owned();
            let mut moved = text.through(&inner, &outer.map);
            // What a script writes out as it stands, such as a file in a heredoc, is still a script's.
            if *outer.map != OuterMap::whole(u32::try_from(bytes.len()).unwrap_or(u32::MAX)) {
                moved.restyle(Style::Script);
            }
            super::put(&mut self.image.files, world, path.as_bytes(), &moved);
        }
        (self.image, self.problems)
    }
}

impl World<'_> {
    /// Reads what a machine is told.
    pub(super) fn tell(&mut self, text: &Text, told: &mut Told, depth: usize) {
        let begin = text.text.trim_start();
        if depth > DEEPEST {
            return;
        }
        if begin.starts_with("#cloud-config") || begin.starts_with("## template: jinja") {
            self.config(text, told);
        } else if begin.starts_with("#!") || begin.starts_with("#cloud-boothook") {
            told.script(self, text);
        } else if is_mime(begin) {
            // Scripts run when everything else is done.
            let is_script = |part: &Text| part.text.trim_start().starts_with("#!");
            let (scripts, others): (Vec<Text>, Vec<Text>) =
                parts(text).into_iter().partition(is_script);
            for part in others.iter().chain(&scripts) {
                self.tell(part, told, depth + 1);
            }
        } else if let Some(inner) = self.unpacked(Some(&Value::Text(text.clone()))) {
            self.tell(&inner, told, depth + 1);
        } else if let Some(hole) = text.holes.first() {
            let place = text.place().map(|(file, at)| self.place(file, at.start));
            let place = place.unwrap_or_else(|| "the configuration".to_owned());
            let message = format!(
                "{place}: what the machine is told is not known: `{}`",
                shown(hole)
            );
            told.problems.push((ProblemKind::Unknown, message));
        }
    }

    fn config(&mut self, text: &Text, told: &mut Told) {
        if text.text.trim_start().starts_with("##") {
            let message = format!(
                "{}: this cloud-config is a template: what it writes is unknown",
                place_in(self, text, 0)
            );
            told.problems.push((ProblemKind::Unknown, message));
            return;
        }
        let tree = match yaml::parse(text.text.as_bytes()) {
            Ok(tree) => tree,
            Err(refusal) => {
                if crate::kubernetes::is_interesting(text.text.as_bytes()) {
                    let at = (refusal.at as usize).min(text.text.len().saturating_sub(1));
                    let place = place_in(self, text, at);
                    let message = format!("{place}: {}", refusal.message);
                    told.problems.push((ProblemKind::Syntax, message));
                }
                return;
            }
        };
        let Some(root) = tree.documents.first().copied() else {
            return;
        };
        let list = |name: &str| {
            tree.field(root, name)
                .and_then(|id| tree.list(id))
                .unwrap_or_default()
                .to_vec()
        };
        for package in list("packages") {
            let first = tree.list(package).and_then(|items| items.first().copied());
            if let Some(name) = tree.text(first.unwrap_or(package)) {
                told.install(name);
            }
        }
        for file in list("write_files") {
            self.write_file(text, &tree, file, told);
        }
        for name in ["bootcmd", "runcmd"] {
            for command in list(name) {
                if let Some(script) = command_of(text, &tree, command) {
                    told.script(self, &script);
                }
            }
        }
    }

    fn write_file(&mut self, text: &Text, tree: &Tree, file: Id, told: &mut Told) {
        let field = |name: &str| tree.field(file, name);
        let Some(path) = field("path").and_then(|id| tree.text(id)) else {
            return;
        };
        let place = place_in(self, text, tree.node(file).range.0 as usize);
        let content = field("content").map(|id| scalar(text, tree, id));
        let Some(Some(content)) = content else {
            return told.hide(path, format!("its content is not known ({place})"));
        };
        let encoding = field("encoding")
            .and_then(|id| tree.text(id))
            .unwrap_or_default();
        let content = match encoding {
            "" | "text/plain" => Some(content),
            "b64" | "base64" => self.unpacked(Some(&Value::Text(content))),
            _ => None,
        };
        let Some(mut content) = content else {
            let encoding = shown(encoding);
            return told.hide(
                path,
                format!("its content is packed as `{encoding}` ({place})"),
            );
        };
        let appends = field("append").and_then(|id| tree.text(id)) == Some("true");
        let at = FilePath::new(docker::absolute("/", path));
        match told.texts.get(&at).filter(|_| appends) {
            Some(before) => {
                let mut both = before.clone();
                both.add(&content);
                content = both;
            }
            None if appends && told.image.files.resolve(&at).is_some() => {
                return told.hide(path, format!("something is appended to it ({place})"));
            }
            None => {}
        }
        told.put(path, content);
    }
}

/// The text of a scalar, with its places.
pub(super) fn scalar(text: &Text, tree: &Tree, id: Id) -> Option<Text> {
    let node = tree.node(id);
    let Node::Scalar(value, style) = &node.value else {
        return None;
    };
    let map = yaml::inner(text.text.as_bytes(), node.range, value, *style);
    let mut out = text.through(value, &map);
    if *style != yaml::Style::Block {
        out.restyle(Style::Sealed);
    }
    Some(out)
}

/// A command of `runcmd`: a line for the shell, or words.
fn command_of(text: &Text, tree: &Tree, id: Id) -> Option<Text> {
    let Some(words) = tree.list(id) else {
        return scalar(text, tree, id);
    };
    let words: Vec<Text> = words
        .iter()
        .filter_map(|word| scalar(text, tree, *word))
        .collect();
    // `[sh, -c, "…"]`
    if let [shell, option, script] = words.as_slice()
        && option.text.starts_with('-')
        && option.text.contains('c')
        && shell.text.ends_with("sh")
    {
        return Some(script.clone());
    }
    let mut out = Text::default();
    for word in words {
        out.add_made("'");
        out.add_made(&word.text.replace('\'', "'\\''"));
        out.add_made("' ");
    }
    Some(out)
}

/// A place in a text, for people.
fn place_in(world: &World<'_>, text: &Text, at: usize) -> String {
    let mut at = at.min(text.text.len());
    while !text.text.is_char_boundary(at) {
        at -= 1;
    }
    let rest = text.part(at..text.text.len());
    match rest.place().or_else(|| text.place()) {
        Some((file, at)) => world.place(file, at.start),
        None => "the configuration".to_owned(),
    }
}

fn shown(text: &str) -> String {
    base::source::printable(text.as_bytes())
}

fn is_mime(text: &str) -> bool {
    let head: String = text
        .chars()
        .take(200)
        .collect::<String>()
        .to_ascii_lowercase();
    head.starts_with("content-type:") || head.starts_with("mime-version:")
}

/// The parts of a MIME text.
fn parts(text: &Text) -> Vec<Text> {
    let all = &text.text;
    let boundary = all.find("boundary=").map(|at| &all[at + 9..]);
    let boundary = boundary.and_then(|rest| match rest.strip_prefix('"') {
        Some(rest) => rest.split('"').next(),
        None => rest.split([';', '\r', '\n', ' ']).next(),
    });
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else {
        return Vec::new();
    };
    let mark = format!("--{boundary}");
    let mut out = Vec::new();
    let mut begin: Option<usize> = None;
    let mut at = 0;
    for line in all.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if !line.trim_end().starts_with(&mark) {
            continue;
        }
        if let Some(begin) = begin {
            out.extend(part(text, begin, start));
        }
        begin = Some(at);
    }
    if let Some(begin) = begin.filter(|begin| *begin < at) {
        out.extend(part(text, begin, at));
    }
    out
}

/// What stands behind the head of a part.
fn part(text: &Text, begin: usize, end: usize) -> Option<Text> {
    let mut at = begin;
    let mut is_packed = false;
    for line in text.text[begin..end].split_inclusive('\n') {
        at += line.len();
        let line = line.trim().to_ascii_lowercase();
        is_packed |= line.starts_with("content-transfer-encoding:") && line.ends_with("base64");
        if line.is_empty() {
            break;
        }
    }
    let inner = text.part(at.min(end)..end);
    match is_packed {
        true => {
            let plain: String = inner.text.split_ascii_whitespace().collect();
            let bytes = base::base64::decode(plain.as_bytes())?;
            Some(inner.packed(&String::from_utf8(bytes).ok()?))
        }
        false => Some(inner),
    }
}

/// The MIME text that `cloudinit_config` makes of its parts.
pub(super) fn multipart(config: &Value) -> Text {
    let mut out = Text::made(&format!(
        "Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\nMIME-Version: 1.0\n\n"
    ));
    let parts = config.get("part").map(Value::items).unwrap_or_default();
    for part in parts {
        out.add_made(&format!("--{BOUNDARY}\nContent-Type: text/plain\n\n"));
        if let Some(content) = part.get("content").and_then(Value::to_text) {
            out.add(&content);
        }
        out.add_made("\n");
    }
    out.add_made(&format!("--{BOUNDARY}--\n"));
    out
}

/// Where servers look for their files.
pub(super) fn is_for_configuration(path: &str) -> bool {
    let places = [
        "/etc/nginx",
        "/etc/php",
        "/usr/local/etc",
        "/usr/local/nginx",
        "/opt/bitnami",
        "/usr/local/openresty",
    ];
    let is_named = [".conf", ".ini", ".vhost"]
        .iter()
        .any(|end| path.ends_with(end));
    let is_ours = path.contains("nginx") || path.contains("php");
    places.iter().any(|place| path.starts_with(place)) || is_named && is_ours
}
