//! A service as plain data.

use std::sync::Arc;

use base::outer::{Code, Piece};
use base::{FilePath, Outer, OuterMap};

use super::book::Book;
use super::mounted::outer_of;
use super::node::{At, Node, Text};
use super::repo::joined;
use super::syntax::{Mount, What, config, volume, words};
use super::variables::{Variables, env_places};
use crate::command::{Told, told};
use crate::filled::{Environment, Value};
use crate::project::Project;

/// A service.
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: String,
    /// Where it is written.
    pub(crate) at: At,
    /// The image that it is pulled as.
    pub(crate) image: Option<Text>,
    /// Where that, or what it is built from, is written.
    pub(crate) image_at: Option<At>,
    /// What it is built from.
    pub(crate) build: Option<Node>,
    /// What it has besides its image.
    pub(crate) mounts: Vec<Mount>,
    /// Services whose mounts it has too.
    pub(crate) volumes_from: Vec<String>,
    /// How others call it.
    pub(crate) names: Vec<Vec<u8>>,
    /// How it calls others: (service, alias).
    pub(crate) links: Vec<(String, String)>,
    /// Its networks.
    pub(crate) segments: Vec<Vec<u8>>,
    /// Whose loopback it has.
    pub(crate) loopback: Loopback,
    /// Its environment.
    pub(crate) env: Environment,
    /// What its command says, and where.
    pub(crate) told: Told,
    /// Whether it says how it is started.
    pub(crate) has_command: bool,
    /// Where its command is written.
    pub(crate) command_at: At,
    /// Profiles without which it does not run.
    pub(crate) profiles: Vec<String>,
}

/// Whose loopback a service has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loopback {
    /// Its own.
    Own,
    /// That of another service.
    Of(String),
    /// That of the machine on which everything runs.
    Host,
}

/// Reads a service of a stack.
pub(crate) fn service(
    book: &mut Book<'_>,
    root: &Node,
    name: &str,
    node: &Node,
    project: &mut Project,
) -> Service {
    let mut service = Service {
        name: name.to_owned(),
        at: node.at,
        image: node.field("image").and_then(Node::text).cloned(),
        image_at: ["build", "image"]
            .iter()
            .find_map(|name| Some(node.field(name)?.at)),
        build: node.field("build").cloned(),
        mounts: mounts(root, node),
        volumes_from: strings(node, "volumes_from"),
        names: vec![name.as_bytes().to_vec()],
        links: Vec::new(),
        segments: Vec::new(),
        loopback: Loopback::Own,
        env: environment(book, node, project),
        told: Told::default(),
        has_command: false,
        command_at: node.at,
        profiles: strings(node, "profiles"),
    };
    for field in ["container_name", "hostname"] {
        let name = node.field(field).and_then(Node::text);
        let name = name.filter(|name| name.hole().is_none());
        service
            .names
            .extend(name.map(|name| name.text.clone().into_bytes()));
    }
    for link in strings(node, "links") {
        if let Some((other, alias)) = link.split_once(':') {
            service.links.push((other.to_owned(), alias.to_owned()));
        }
    }
    networks(root, node, &mut service);
    let mut line = Vec::new();
    for field in ["entrypoint", "command"] {
        if let Some(command) = node.field(field) {
            service.command_at = command.at;
            service.has_command = true;
            line.extend(words(command));
        }
    }
    service.told = told(&line);
    service
}

fn strings(node: &Node, field: &str) -> Vec<String> {
    let items = node.field(field).map(Node::items).unwrap_or_default();
    let texts = items.iter().filter_map(Node::text);
    texts.map(|text| text.text.clone()).collect()
}

/// Everything that lies at a place of the container.
fn mounts(root: &Node, node: &Node) -> Vec<Mount> {
    let items = |field: &str| node.field(field).map(Node::items).unwrap_or_default();
    let mut mounts: Vec<Mount> = items("volumes").iter().filter_map(volume).collect();
    for mount in &mut mounts {
        name_volume(root, mount);
    }
    let tmpfs = items("tmpfs").iter().filter_map(|item| {
        let text = item.text()?;
        let target = text.text.split(':').next()?;
        Some(Mount {
            target: joined(b"/", target.as_bytes()),
            what: What::Empty,
            at: item.at,
            hole: text.hole(),
        })
    });
    mounts.extend(tmpfs);
    for (field, dir) in [("configs", "/"), ("secrets", "/run/secrets")] {
        let defined = root.field(field);
        let of_field = items(field).iter();
        mounts.extend(of_field.filter_map(|item| config(item, defined, dir)));
    }
    mounts
}

/// A volume of another name, or one that is a folder.
fn name_volume(root: &Node, mount: &mut Mount) {
    let What::Volume(name) = &mount.what else {
        return;
    };
    let Some(defined) = root.field("volumes").and_then(|all| all.field(name)) else {
        return;
    };
    let options = defined.field("driver_opts");
    let is_bind = options
        .and_then(|options| options.word("o"))
        .is_some_and(|o| o.split(',').any(|o| matches!(o, "bind" | "rbind")));
    let device = options.and_then(|options| options.field("device"));
    if let Some((at, device)) = device
        .filter(|_| is_bind)
        .and_then(|d| Some((d.at, d.text()?)))
    {
        mount.what = What::Bind(device.text.clone());
        mount.at = at;
        mount.hole = mount.hole.take().or_else(|| device.hole());
    } else if let Some(name) = defined.word("name") {
        mount.what = What::Volume(name.to_owned());
    }
}

fn networks(root: &Node, node: &Node, service: &mut Service) {
    let own = |what: &str| vec![format!("{what}:{}", service.name).into_bytes()];
    if let Some(mode) = node.word("network_mode") {
        (service.loopback, service.segments) = match mode.split_once(':') {
            _ if mode == "host" => (Loopback::Host, vec![b"host".to_vec()]),
            Some(("service" | "container", other)) => (Loopback::Of(other.to_owned()), Vec::new()),
            _ if mode == "none" => (Loopback::Own, own("none")),
            _ => (Loopback::Own, vec![format!("mode:{mode}").into_bytes()]),
        };
        if matches!(mode, "host" | "none") {
            service.names.clear();
        }
        return;
    }
    let networks = node.field("networks").map(Node::pairs).unwrap_or_default();
    if networks.is_empty() {
        service.segments.push(b"net:default".to_vec());
    }
    for (name, how) in networks {
        let defined = root.field("networks").and_then(|all| all.field(&name));
        let real = defined.and_then(|one| one.word("name")).unwrap_or(&name);
        service.segments.push(format!("net:{real}").into_bytes());
        let aliases = how.map(|how| strings(&how, "aliases")).unwrap_or_default();
        service
            .names
            .extend(aliases.into_iter().map(String::into_bytes));
    }
}

/// The files of `env_file`, and `environment` on top.
fn environment(book: &mut Book<'_>, node: &Node, project: &mut Project) -> Environment {
    let (mut known, mut env) = (Variables::new(), Environment::default());
    for item in node.field("env_file").map(Node::items).unwrap_or_default() {
        let text = item.text().or_else(|| item.field("path")?.text());
        let text = text.filter(|text| text.hole().is_none());
        let dir = book.files[item.at.file].dir.as_bytes().to_vec();
        let path = text.map(|text| joined(&dir, text.text.as_bytes()));
        let is_there = path.is_some_and(|path| {
            let is_there = book.add_env(&path, &mut known, project);
            of_file(book, &path, &known, &mut env, project);
            is_there
        });
        env.has_gaps |= !is_there;
    }
    let Some(own) = node.field("environment") else {
        return env;
    };
    // A map, or a list of `NAME=value`. A name alone is passed on from whoever starts the stack.
    for (name, value) in own.map().into_iter().flatten() {
        let text = value.text().filter(|text| text.hole().is_none());
        let value = text.map(|text| Value::at(&text.text, Some(outer_of(book, value.at, text))));
        env.set(name.clone(), value.unwrap_or_default());
    }
    for item in own.map().map_or(own.items(), |_| &[]) {
        let Some(text) = item.text() else {
            continue;
        };
        let (name, value) = match text.text.split_once('=') {
            Some((name, value)) if text.hole().is_none() => (name, Some(value)),
            Some((name, _)) => (name, None),
            None => (text.text.as_str(), None),
        };
        let value = value.map(|value| {
            let outer = outer_of(book, item.at, text);
            Value::at(value, Some(behind(outer, name.len() + 1, value.len())))
        });
        env.set(name, value.unwrap_or_default());
    }
    env
}

/// The variables of a file, with their places.
fn of_file(
    book: &mut Book<'_>,
    path: &FilePath,
    known: &Variables,
    env: &mut Environment,
    project: &mut Project,
) {
    let Some(bytes) = book.repo.read_if_there(path, project) else {
        return;
    };
    let text = String::from_utf8_lossy(&bytes);
    for (name, range) in env_places(&text) {
        let Some(value) = known.get(&name) else {
            continue;
        };
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let outer = number(range.start)..number(range.end);
        let len = number(value.len());
        let piece = match bytes.get(range) == Some(value.as_bytes()) {
            true => Piece::same(0..len, outer),
            false => Piece::other(0..len, outer),
        };
        let code = Code {
            forbidden: b"\r\n\"'$#\\".to_vec(),
            ..Code::default()
        };
        let pieces = if value.is_empty() {
            Vec::new()
        } else {
            vec![piece]
        };
        let outer = Outer {
            path: book.repo.given(path),
            bytes: bytes.clone(),
            map: Arc::new(OuterMap::new(pieces, code)),
        };
        env.set(name, Value::at(value, Some(outer)));
    }
}

/// A part of a text.
fn behind(outer: Outer, begin: usize, len: usize) -> Outer {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let (begin, len) = (number(begin), number(len));
    let steps: &[Piece] = match len {
        0 => &[],
        _ => &[Piece::same(0..len, begin..begin + len)],
    };
    let map = Arc::new(outer.map.through(steps, &[]));
    Outer { map, ..outer }
}
