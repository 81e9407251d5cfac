//! From services to machines that reach each other by name.

use std::sync::Arc;

use base::{FilePath, Outer, ProblemKind, SortedMap};
use model::detect::{Kind, detect};
use model::php::FpmInput;
use model::{Files as _, Machine};

use super::book::Book;
use super::mounted::{Mounted, is_config, mount_all, take_settings};
use super::node::{Node, Text};
use super::repo::joined;
use super::service::{Loopback, Service, service};
use super::{Images, find, name};
use crate::docker::{self, Begins, Build, Image};
use crate::filled::shown_at;
use crate::images::{Start, start};
use crate::project::Project;
use crate::system::System;

/// The machine on which everything runs; services count from one.
const HOST: usize = 0;

/// Adds the machines of a stack.
pub(crate) fn of_stack(
    book: &mut Book<'_>,
    stack: &find::Files,
    root: &Node,
    images: &mut Images,
    project: &mut Project,
) {
    let Some(nodes) = root.field("services").and_then(Node::map) else {
        return;
    };
    let mut services = Vec::new();
    for (name, node) in nodes.iter().filter(|(_, node)| node.map().is_some()) {
        services.push(service(book, root, name, node, project));
    }
    let at: SortedMap<String, usize> = services
        .iter()
        .enumerate()
        .map(|(index, service)| (service.name.clone(), index))
        .collect();
    share_loopbacks(&mut services, &at);
    link(&mut services, &at);
    let mounts = all_mounts(&services, &at);
    let network = project.network();
    let files = name(book, stack);
    for (index, service) in services.iter().enumerate() {
        let image = image(book, service, images, project);
        let mut system = System {
            machine: Machine {
                via: format!("{files}: service {}", shown(&service.name)),
                shown: shown_name(service, stack, &files),
                names: service.names.clone(),
                network,
                segments: service.segments.clone(),
                loopback: loopback(service, index, &at),
                // Anything may listen on the machine on which everything runs.
                is_whole: image.is_whole
                    && service.loopback != Loopback::Host
                    && !service.told.is_other
                    && !service.told.is_scripted,
                ..Machine::default()
            },
            files: image.files.clone(),
            php: image.php,
            image: unread(service, &image),
            ..System::default()
        };
        let mounted = mount_all(book, &mounts[index], &mut system, project);
        begin(book, service, &mut system, project);
        let mut env = image.environment();
        env.extend(service.env.clone());
        let begin = Start {
            image: image.known,
            env: &env,
            set: "in `environment`",
            named: image.named.clone().or_else(|| named(book, service)),
        };
        start(&begin, &mut system.files);
        let has_main = mains(book, service, &image, &mounted, &mut system);
        take(book, &image, &mounted, &has_main, project);
        project.systems.push(system);
    }
}

/// The name of an image of which nothing is known.
fn unread(service: &Service, image: &Image) -> Option<String> {
    let name = service.image.as_ref()?;
    let is_read = image.is_whole || !image.files.is_empty() || service.build.is_some();
    (!is_read).then(|| shown(&name.text))
}

/// Where the image of a service is named.
fn named(book: &Book<'_>, service: &Service) -> Option<Outer> {
    let at = service.image_at.unwrap_or(service.at);
    let file = book.files.get(at.file)?;
    let line = file.bytes.get(at.range.0 as usize..at.range.1 as usize)?;
    let len = line.iter().take_while(|b| **b != b'\n').count();
    let end = at.range.0 + u32::try_from(len).unwrap_or(u32::MAX);
    Some(Outer {
        path: book.repo.given(&file.path),
        bytes: file.bytes.clone(),
        map: Arc::new(shown_at(u32::MAX, at.range.0..end)),
    })
}

fn shown(name: &str) -> String {
    base::source::printable(name.as_bytes())
}

fn shown_name(service: &Service, stack: &find::Files, files: &str) -> String {
    let mut text = format!("service {}", shown(&service.name));
    if !service.profiles.is_empty() {
        let profiles = shown(&service.profiles.join(", "));
        text += &format!(" (profile {profiles})");
    }
    if !stack.is_default {
        text += &format!(" of {files}");
    }
    text
}

/// Who is in another's network is reached by its names, and has none of its own.
fn share_loopbacks(services: &mut [Service], at: &SortedMap<String, usize>) {
    for index in 0..services.len() {
        let Loopback::Of(other) = services[index].loopback.clone() else {
            continue;
        };
        let Some(other) = at.get(&other).copied().filter(|other| *other != index) else {
            services[index].segments = vec![b"mode:unknown".to_vec()];
            services[index].names.clear();
            continue;
        };
        services[index].segments = services[other].segments.clone();
        services[index].names = services[other].names.clone();
    }
}

fn loopback(service: &Service, index: usize, at: &SortedMap<String, usize>) -> usize {
    match &service.loopback {
        Loopback::Own => index + 1,
        Loopback::Host => HOST,
        Loopback::Of(other) => at.get(other).copied().unwrap_or(index) + 1,
    }
}

/// An alias of a link is one more name of the service.
fn link(services: &mut [Service], at: &SortedMap<String, usize>) {
    let links: Vec<(String, String)> = services
        .iter()
        .flat_map(|service| service.links.clone())
        .collect();
    for (other, alias) in links {
        if let Some(other) = at.get(&other) {
            services[*other].names.push(alias.into_bytes());
        }
    }
}

/// What each service has, with what it takes from others; its own wins.
fn all_mounts(
    services: &[Service],
    at: &SortedMap<String, usize>,
) -> Vec<Vec<super::syntax::Mount>> {
    let of = |service: &Service| {
        let others = service.volumes_from.iter().filter_map(|other| {
            let other = other.split(':').next()?;
            Some(&services[*at.get(other)?].mounts)
        });
        let mut mounts: Vec<_> = others.flatten().cloned().collect();
        mounts.retain(|mount| service.mounts.iter().all(|own| own.target != mount.target));
        mounts.extend_from_slice(&service.mounts);
        mounts
    };
    services.iter().map(of).collect()
}

/// The image of a service; an unknown one when it cannot be told.
fn image(
    book: &mut Book<'_>,
    service: &Service,
    images: &mut Images,
    project: &mut Project,
) -> Image {
    let pulled = service.image.as_ref();
    let Some(build) = &service.build else {
        return match pulled.filter(|image| image.hole().is_none()) {
            Some(image) => {
                let known = images.entry(format!("image {}", image.text));
                let pulled = known.or_insert_with(|| Some(docker::pulled(&image.text)));
                pulled.clone().unwrap_or_default()
            }
            None => unknown_image(pulled),
        };
    };
    let Some(build) = build_of(book, build, project) else {
        return unknown_image(pulled);
    };
    let key = format!("build {build:?}");
    if !images.contains_key(&key) {
        let is_there = book.repo.has(&joined(b"/", build.dockerfile.as_bytes()));
        let built = is_there.then(|| docker::built(book.repo.tree, &build, project));
        let built = built.flatten();
        if !is_there {
            let place = book.place(service.at);
            let path = book.repo.shown(&build.dockerfile);
            let message = format!(
                "{place}: {path}, from which service {} is built, is not among the files",
                shown(&service.name)
            );
            project.problem(ProblemKind::Unknown, message, None);
        }
        images.insert(key.clone(), built);
    }
    let known = images.get(&key).and_then(Option::clone);
    known.unwrap_or_else(|| Image {
        shown: book.repo.shown(&build.dockerfile).to_string(),
        ..Image::default()
    })
}

fn unknown_image(image: Option<&Text>) -> Image {
    let raw = image.map(|image| image.raw.as_ref().map_or(&image.text, |(raw, _)| raw));
    Image {
        shown: raw.map(|raw| shown(raw)).unwrap_or_default(),
        ..Image::default()
    }
}

/// What `build` says; `None` for what lies outside of the repository.
fn build_of(book: &Book<'_>, node: &Node, project: &mut Project) -> Option<Build> {
    let context = match node.text() {
        Some(_) => Some(node),
        None => node.field("context"),
    };
    let mut refuse = |why: &str| {
        let message = format!("{}: {why}", book.place(node.at));
        project.problem(ProblemKind::Unknown, message, None);
    };
    if node.field("dockerfile_inline").is_some() {
        refuse("what an inline Dockerfile builds was not read");
        return None;
    }
    let dockerfile = node.field("dockerfile").and_then(Node::text);
    let target = node.field("target").and_then(Node::text);
    let text = context.and_then(Node::text);
    let holes = [text, dockerfile, target].into_iter().flatten();
    if let Some(hole) = holes.filter_map(Text::hole).next() {
        refuse(&format!("what is built is unknown: {hole}"));
        return None;
    }
    let text = text.map_or(".", |text| text.text.as_str());
    if text.contains("://") || text.starts_with("git@") {
        refuse("what is built from another repository was not read");
        return None;
    }
    let file = context.map_or(node.at.file, |context| context.at.file);
    let context = joined(book.files[file].dir.as_bytes(), text.as_bytes());
    let dockerfile = dockerfile.map_or("Dockerfile", |name| name.text.as_str());
    let args = node.field("args").map(Node::pairs).unwrap_or_default();
    let args = args.into_iter().filter_map(|(name, value)| {
        let value = value?;
        let text = value.text().filter(|text| text.hole().is_none())?;
        Some((name, text.text.clone()))
    });
    Some(Build {
        dockerfile: book
            .repo
            .given(&joined(context.as_bytes(), dockerfile.as_bytes())),
        context,
        target: target.map(|target| target.text.clone()),
        args: args.collect(),
    })
}

/// What the command does before the server starts.
fn begin(book: &Book<'_>, service: &Service, system: &mut System, project: &mut Project) {
    for path in service.told.written.iter().filter(|path| is_config(path)) {
        let place = book.place(service.command_at);
        let why = format!("{place}: it is written when the container starts");
        system.files.insert_unknown(path.as_bytes(), why);
    }
    let scripts = FilePath::new("/docker-entrypoint.d");
    for name in system.files.list(&scripts).unwrap_or_default() {
        let is_script = name.ends_with(b".sh") || name.ends_with(b".envsh");
        let path = joined(scripts.as_bytes(), &name);
        if is_script && let Some(outer) = system.files.outer(&path) {
            let message = format!(
                "{}: what this script changes when service {} starts is unknown",
                book.repo.shown(&outer.path),
                shown(&service.name)
            );
            project.problem(ProblemKind::Unknown, message, None);
        }
    }
}

/// Which kinds of main files a machine has.
#[derive(Default)]
struct Mains {
    nginx: bool,
    fpm: bool,
}

/// The files that the servers begin with: those that the command names, the usual ones, or parts
/// of which the rest lies in an image that is not known.
fn mains(
    book: &Book<'_>,
    service: &Service,
    image: &Image,
    mounted: &Mounted,
    system: &mut System,
) -> Mains {
    let told = &service.told;
    if told.is_other {
        (system.nginx, system.fpm) = (Some(Vec::new()), Some(Vec::new()));
        return Mains::default();
    }
    // A command of the service is there instead of the image's.
    let begins = match service.has_command {
        true => Begins::default(),
        false => image.begins(),
    };
    let first = |told: &Option<FilePath>, begins: Option<FilePath>| told.clone().or(begins);
    let (mut nginx, mut fpm) = system.mains(
        first(&told.nginx, begins.nginx),
        first(&told.fpm, begins.fpm),
    );
    if nginx.is_empty() && !image.is_whole {
        let has_server = |path: &FilePath| {
            let bytes = system.files.read(path).unwrap_or_default();
            let mut lines = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_start);
            lines.any(|line| line.starts_with(b"server") && line.contains(&b'{'))
        };
        let parts = parts(mounted, system, &[Kind::Nginx]);
        nginx = parts.into_iter().filter(has_server).collect();
    }
    if fpm.is_empty() && !image.is_whole {
        let parts = parts(mounted, system, &[Kind::FpmMain, Kind::FpmPool]);
        fpm.extend((!parts.is_empty()).then(|| FpmInput::fragments(parts)));
    }
    let is_unknown = !image.is_whole && image.files.paths().is_empty();
    for input in fpm
        .iter_mut()
        .filter(|input| is_unknown && input.php_ini.is_none())
    {
        let ini = FilePath::new("/(php.ini of the image)");
        let name = Some(&image.shown).filter(|name| !name.is_empty());
        let name = name.map_or("its image".to_owned(), |name| format!("the image `{name}`"));
        let why = format!("{name} is not known");
        system.files.insert_unknown(ini.as_bytes(), why);
        input.scan_files.push(ini);
    }
    let settings = (!told.settings.is_empty())
        .then(|| take_settings(book, &told.settings, service.command_at, system));
    for input in &mut fpm {
        let ini = first(&told.php_ini, begins.php_ini.clone());
        input.php_ini = ini.or(input.php_ini.take());
        input.scan_files.extend(settings.clone());
    }
    let mains = Mains {
        nginx: !nginx.is_empty(),
        fpm: !fpm.is_empty(),
    };
    (system.nginx, system.fpm) = (Some(nginx), Some(fpm));
    mains
}

/// Mounted files of these kinds.
fn parts(mounted: &Mounted, system: &System, kinds: &[Kind]) -> Vec<FilePath> {
    let is_part = |path: &FilePath| {
        let bytes = system.files.read(path).unwrap_or_default();
        is_config(path) && detect(path, &bytes).is_some_and(|kind| kinds.contains(&kind))
    };
    let paths = mounted.files.iter().map(|(path, _)| path);
    paths.filter(|path| is_part(path)).cloned().collect()
}

/// Notes which files of the repository a machine has. Without a server that reads it a file is
/// judged for itself.
fn take(
    book: &Book<'_>,
    image: &Image,
    mounted: &Mounted,
    has_main: &Mains,
    project: &mut Project,
) {
    project.taken.extend(image.taken.iter().cloned());
    for (target, source) in &mounted.files {
        let is_php = target.as_bytes().windows(3).any(|part| part == b"php");
        let has_main = match is_php {
            true => has_main.fpm,
            false => has_main.nginx,
        };
        if let (true, true, Some(source)) = (has_main, is_config(target), source) {
            project.taken.insert(book.repo.given(source));
        }
    }
}
