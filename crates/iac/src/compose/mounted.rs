//! Puts what is mounted on top of an image's files.

use std::sync::Arc;

use base::outer::{Code, Piece};
use base::{FilePath, Outer, ProblemKind};

use super::book::Book;
use super::node::{At, Text};
use super::repo::joined;
use super::syntax::{Mount, What};
use crate::project::Project;
use crate::system::System;

/// Files of one mount. A folder of configuration has some dozens.
const MOST_FILES: usize = 2000;

/// Where nginx, PHP-FPM and PHP are configured.
const CONFIGURED: [&[u8]; 11] = [
    b"/etc/nginx",
    b"/etc/openresty",
    b"/etc/php",
    b"/etc/opt/remi/php",
    b"/opt/bitnami/nginx",
    b"/opt/bitnami/php",
    b"/opt/docker/etc",
    b"/opt/nginx",
    b"/usr/local/etc/nginx",
    b"/usr/local/etc/php",
    b"/usr/local/openresty",
];

/// Whether a path is one of configuration.
pub(crate) fn is_config(path: &FilePath) -> bool {
    let path = path.as_bytes();
    CONFIGURED.iter().any(|dir| path.starts_with(dir)) || path.starts_with(b"/usr/local/nginx")
}

/// Whether configuration may lie at a path or below it.
fn may_hold_config(path: &FilePath) -> bool {
    let prefix = [path.as_bytes(), b"/"].concat();
    is_config(path) || CONFIGURED.iter().any(|dir| dir.starts_with(&prefix))
}

/// Of folders that hold something else, such as an application: names that a server may be told
/// to include.
fn may_be_included(path: &FilePath) -> bool {
    let name = path.name();
    let ends: [&[u8]; 6] = [
        b".conf", b".ini", b".vhost", b".inc", b".sample", b"_params",
    ];
    let words: [&[u8]; 2] = [b"nginx", b"php-fpm"];
    let has = |word: &[u8]| name.windows(word.len()).any(|part| part == word);
    ends.iter().any(|end| name.ends_with(end)) || words.iter().any(|word| has(word))
}

/// What was mounted into a system.
#[derive(Default)]
pub(crate) struct Mounted {
    /// Places of files, and the files of the repository that lie there.
    pub(crate) files: Vec<(FilePath, Option<FilePath>)>,
}

/// Mounts everything: what lies deeper comes later, as in a container.
pub(crate) fn mount_all(
    book: &mut Book<'_>,
    mounts: &[Mount],
    system: &mut System,
    project: &mut Project,
) -> Mounted {
    let mut sorted: Vec<&Mount> = mounts.iter().collect();
    sorted.sort_by_key(|mount| {
        mount
            .target
            .as_bytes()
            .iter()
            .filter(|b| **b == b'/')
            .count()
    });
    let mut mounted = Mounted::default();
    for mount in sorted {
        one(book, mount, system, &mut mounted, project);
    }
    mounted
}

fn one(
    book: &mut Book<'_>,
    mount: &Mount,
    system: &mut System,
    mounted: &mut Mounted,
    project: &mut Project,
) {
    let target = &mount.target;
    if let Some(hole) = &mount.hole {
        return unknown(book, mount, hole, system);
    }
    match &mount.what {
        What::Anonymous => {}
        What::Empty => {
            system.files.remove(target);
            system.files.remove_below(target);
        }
        What::Volume(name) => {
            share(system, target, format!("volume:{name}").into_bytes());
            let name = base::source::printable(name.as_bytes());
            let why = format!("it lies in the volume `{name}`");
            unknown(book, mount, &why, system);
        }
        What::Elsewhere(why) => unknown(book, mount, why, system),
        What::Content(text, at) => {
            system.files.remove_below(target);
            take_content(book, target, text, *at, system);
            mounted.files.push((target.clone(), None));
        }
        What::Bind(source) => bind(book, mount, source, system, mounted, project),
    }
}

fn bind(
    book: &mut Book<'_>,
    mount: &Mount,
    source: &str,
    system: &mut System,
    mounted: &mut Mounted,
    project: &mut Project,
) {
    let target = &mount.target;
    if source.starts_with(['/', '~', '\\']) {
        share(system, target, format!("bind:{source}").into_bytes());
        let source = base::source::printable(source.as_bytes());
        let why = format!("`{source}` is not in the repository");
        return unknown(book, mount, &why, system);
    }
    let dir = book.files[mount.at.file].dir.as_bytes().to_vec();
    let path = joined(&dir, source.as_bytes());
    if book.repo.has(&path) {
        return take(book, &path, target, system, mounted, project);
    }
    share(system, target, [b"bind:", path.as_bytes()].concat());
    let mut below: Vec<FilePath> = book
        .repo
        .below(&path)
        .take(MOST_FILES + 1)
        .cloned()
        .collect();
    if may_hold_config(target) {
        below.extend(book.repo.left_out_below(&path));
    }
    if below.is_empty() {
        let source = base::source::printable(source.as_bytes());
        let why = format!("`{source}` is not among the files");
        return unknown(book, mount, &why, system);
    }
    system.files.remove(target);
    system.files.remove_below(target);
    if below.len() > MOST_FILES && may_hold_config(target) {
        let place = book.place(mount.at);
        let message = format!(
            "{place}: more than {MOST_FILES} files are mounted at {target}; not all were read"
        );
        project.problem(ProblemKind::Unknown, message, None);
    }
    below.truncate(MOST_FILES);
    for file in below {
        let rest = &file.as_bytes()[path.as_bytes().len()..];
        let place = FilePath::new([target.as_bytes(), rest].concat());
        if is_config(&place) || may_be_included(&file) {
            take(book, &file, &place, system, mounted, project);
        }
    }
}

/// A file of the repository lies at a place.
fn take(
    book: &mut Book<'_>,
    path: &FilePath,
    target: &FilePath,
    system: &mut System,
    mounted: &mut Mounted,
    project: &mut Project,
) {
    system.files.remove_below(target);
    match book.repo.read(path, project) {
        Some(bytes) => system.take(target.as_bytes(), bytes, book.repo.given(path)),
        None => {
            let why = format!("{} cannot be read", book.repo.shown(path));
            system.files.insert_unknown(target.as_bytes(), why);
        }
    }
    book.mounted.insert(path.clone());
    mounted.files.push((target.clone(), Some(path.clone())));
}

/// What is mounted is not known; that matters where it can be configuration.
fn unknown(book: &Book<'_>, mount: &Mount, why: &str, system: &mut System) {
    if !may_hold_config(&mount.target) {
        return;
    }
    system.files.remove_below(&mount.target);
    let why = format!("{}: {why}", book.place(mount.at));
    system.files.insert_unknown(mount.target.as_bytes(), why);
}

fn share(system: &mut System, target: &FilePath, what: Vec<u8>) {
    // Images have `/var/run` as a link, and so do socket paths of the model.
    let target = match target.as_bytes().strip_prefix(b"/var/run") {
        Some(rest) if rest.is_empty() || rest.starts_with(b"/") => [b"/run", rest].concat(),
        _ => target.as_bytes().to_vec(),
    };
    system.machine.shared.push((target, what));
}

/// A text of a Compose file lies at a place.
fn take_content(book: &Book<'_>, target: &FilePath, text: &Text, at: At, system: &mut System) {
    if let Some(hole) = text.hole() {
        let why = format!("{}: {hole}", book.place(at));
        return system.files.insert_unknown(target.as_bytes(), why);
    }
    let outer = outer_of(book, at, text);
    system.take_inner(target.as_bytes(), &text.text, outer);
}

/// Where a text of a Compose file stands.
pub(crate) fn outer_of(book: &Book<'_>, at: At, text: &Text) -> Outer {
    let file = &book.files[at.file];
    let raw = text.raw.as_ref().map_or(&text.text, |(raw, _)| raw);
    let map = yaml::inner(&file.bytes, at.range, raw, text.style);
    let map = match &text.raw {
        Some((_, steps)) => map.through(steps, &[(b'$', b"$$")]),
        // What is added must be written for Compose, too.
        None => map.through(&whole(raw), &[(b'$', b"$$")]),
    };
    Outer {
        path: book.repo.given(&file.path),
        bytes: file.bytes.clone(),
        map: Arc::new(map),
    }
}

fn whole(text: &str) -> Vec<base::outer::Piece> {
    let len = base::offset(text.len());
    vec![Piece::same(0..len, 0..len)]
}

/// Settings of a command line, as the ini file that they are like.
pub(crate) fn take_settings(
    book: &Book<'_>,
    settings: &[String],
    at: At,
    system: &mut System,
) -> FilePath {
    let path = FilePath::new("/(the command of php-fpm).ini");
    let text: String = settings
        .iter()
        .map(|setting| format!("{setting}\n"))
        .collect();
    let file = &book.files[at.file];
    let len = base::offset(text.len());
    let piece = Piece::other(0..len, at.range.0..at.range.1);
    let code = Code {
        is_sealed: true,
        ..Code::default()
    };
    let outer = Outer {
        path: book.repo.given(&file.path),
        bytes: file.bytes.clone(),
        map: Arc::new(base::OuterMap::new(vec![piece], code)),
    };
    system.take_inner(path.as_bytes(), &text, outer);
    path
}
