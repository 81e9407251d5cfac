//! From machines as their tasks left them to systems that are judged.

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedSet};
use model::php::{FpmInput, PhpVersion};
use model::{Files as _, Machine};

use super::book::Book;
use super::fewer::fewer;
use super::host::{Host, State};
use super::text::Docs;
use super::value::At;
use crate::compose::mounted::is_config;
use crate::project::Project;
use crate::system::System;

/// A machine whose tasks are done.
pub(crate) struct Made {
    pub(crate) host: Host,
    /// Hosts that are like this one.
    pub(crate) names: Vec<String>,
    /// `host`, `role`, `hosts:`
    pub(crate) what: &'static str,
    /// The inventory, when there are several.
    pub(crate) part: Option<String>,
    pub(crate) network: usize,
    /// Whether others reach it by its names.
    pub(crate) is_reached: bool,
}

/// Hosts with the same files are one machine.
pub(crate) fn merge(made: &mut Vec<Made>, begin: usize) {
    let mut out: Vec<Made> = Vec::new();
    for one in made.drain(begin..) {
        match out.iter_mut().find(|known| is_same(&known.host, &one.host)) {
            Some(known) => known.names.extend(one.names),
            None => out.push(one),
        }
    }
    made.extend(out);
}

fn is_same(a: &Host, b: &Host) -> bool {
    let is_one = |(a, b): (&State, &State)| match (a, b) {
        (State::Text(a), State::Text(b)) => {
            let is_run = |(a, b): (&super::text::Run, &super::text::Run)| {
                let places = |run: &super::text::Run| run.given.as_ref().map(|given| given.at);
                a.text == b.text && a.from == b.from && places(a) == places(b)
            };
            a.runs.len() == b.runs.len() && a.runs.iter().zip(&b.runs).all(is_run)
        }
        (State::Whole(a, _), State::Whole(b, _)) => a == b,
        (State::Unknown(a), State::Unknown(b)) => a == b,
        (State::Link(a), State::Link(b)) => a == b,
        _ => false,
    };
    a.unknown == b.unknown
        && a.php == b.php
        && a.files.len() == b.files.len()
        && a.files.keys().eq(b.files.keys())
        && a.files.values().zip(b.files.values()).all(is_one)
}

/// Adds the systems of all machines.
pub(crate) fn systems(
    book: &mut Book<'_>,
    mut docs: Docs,
    mut made: Vec<Made>,
    project: &mut Project,
) {
    for one in &mut made {
        one.host.assume_all();
        for state in one.host.files.values() {
            if let State::Text(text) = state {
                docs.count(text);
            }
        }
        docs.also(&one.host.also);
    }
    for (number, one) in made.iter().enumerate() {
        let mut system = system(book, &docs, one, number);
        let is_any = system.has_servers();
        if is_any && !system.files.is_empty() {
            project.systems.push(system);
            continue;
        }
        // What is said of no server is said all the same.
        for (_, message) in system.problems.drain(..) {
            book.unknown(project, message);
        }
    }
}

fn shown(one: &Made) -> String {
    let names: Vec<String> = one
        .names
        .iter()
        .map(|name| base::source::printable(name.as_bytes()))
        .collect();
    let names = match names.as_slice() {
        [first, second, third, _, ..] => {
            format!("{first}, {second}, {third} and {} more", names.len() - 3)
        }
        few => few.join(", "),
    };
    let what = match (one.what, one.names.len()) {
        ("host", 1) => "host",
        ("host", _) => "hosts",
        (what, _) => what,
    };
    match &one.part {
        Some(part) => format!("{what} {names} of {part}"),
        None => format!("{what} {names}"),
    }
}

fn system(book: &mut Book<'_>, docs: &Docs, one: &Made, number: usize) -> System {
    let shown = shown(one);
    let mut system = System {
        machine: Machine {
            via: format!("{shown} (Ansible)"),
            shown,
            network: one.network,
            loopback: number,
            ..Machine::default()
        },
        php: one.host.php,
        ..System::default()
    };
    if one.is_reached {
        system.machine.names = one
            .names
            .iter()
            .map(|name| name.clone().into_bytes())
            .collect();
    }
    for (path, state) in &one.host.files {
        match state {
            State::Text(text) => {
                let value = |at: At| {
                    let file = book.file(at.file);
                    let place = book.place(Some(at));
                    (book.repo.given(&file.path), file.bytes.clone(), place)
                };
                let (outer, parts) = docs.places(text, &value);
                let bytes: Arc<[u8]> = text.joined().into_bytes().into();
                system
                    .files
                    .insert_parts(path.as_bytes(), bytes, outer, parts);
            }
            State::Whole(from, bytes) => system.take(path.as_bytes(), bytes.clone(), from.clone()),
            State::Unknown(why) => system.files.insert_unknown(path.as_bytes(), why.clone()),
            State::Link(target) => system.files.link(path.as_bytes(), target.as_bytes()),
        }
    }
    for path in &one.host.partial {
        system.problems.push((
            ProblemKind::Unknown,
            format!(
                "{path} of {}: only what tasks set in it is known",
                system.machine.shown
            ),
        ));
    }
    for package in &one.host.assumed {
        system.problems.push((
            ProblemKind::Unknown,
            format!(
                "{}: no task that is known installs `{package}`; its other files are taken to be as \
                 Debian's package brings them",
                system.machine.shown
            ),
        ));
    }
    if one.host.files.keys().any(is_config) {
        let unknown = fewer(&one.host.unknown).into_iter();
        system
            .problems
            .extend(unknown.map(|why| (ProblemKind::Unknown, why)));
    }
    fragments(&mut system);
    system
}

/// Sites and pools whose main file no task writes and no package of the tasks brings are judged
/// by themselves.
fn fragments(system: &mut System) {
    let paths = system.files.paths();
    let is_there = |path: &str| system.files.resolve(&FilePath::new(path)).is_some();
    if !is_there("/etc/nginx/nginx.conf") {
        let dirs: [&[u8]; 3] = [
            b"/etc/nginx/sites-enabled",
            b"/etc/nginx/conf.d",
            b"/etc/nginx/sites-available",
        ];
        let mut seen = SortedSet::new();
        let mut found = Vec::new();
        for dir in dirs {
            for path in paths.iter().filter(|path| path.parent() == dir) {
                let real = system.files.resolve(path).unwrap_or_else(|| path.clone());
                if seen.insert(real.clone()) {
                    found.push(real);
                }
            }
        }
        if !found.is_empty() {
            system.nginx = Some(found);
        }
    }
    let mut dirs: SortedSet<Vec<u8>> = SortedSet::new();
    for path in &paths {
        let dir = path.parent();
        let is_pool = dir.ends_with(b"/pool.d") || dir.ends_with(b"/php-fpm.d");
        if is_pool && is_config(path) && path.name().ends_with(b".conf") {
            dirs.insert(dir.to_vec());
        }
    }
    let mut inputs = Vec::new();
    for dir in dirs {
        let main = FilePath::new([FilePath::new(&dir).parent(), b"/php-fpm.conf"].concat());
        if system.files.resolve(&main).is_some() {
            return;
        }
        let pools = paths.iter().filter(|path| path.parent() == dir);
        let pools = pools.filter(|path| path.name().ends_with(b".conf"));
        let mut input = FpmInput::fragments(pools.cloned().collect());
        let ini = FilePath::new([FilePath::new(&dir).parent(), b"/php.ini"].concat());
        input.php_ini = system.files.resolve(&ini).is_some().then_some(ini);
        let version = dir.strip_prefix(b"/etc/php/");
        let version = version.and_then(|rest| rest.split(|b| *b == b'/').next());
        let version = version.and_then(|version| std::str::from_utf8(version).ok());
        input.version = version.and_then(PhpVersion::parse);
        inputs.push(input);
    }
    if !inputs.is_empty() {
        system.fpm = Some(inputs);
    }
}
