//! Where folders would lie on the machine that they were copied from: main files name what they
//! include by whole paths, and of such a path some end is there beside the main file.

use base::{FilePath, SortedMap};
use model::Files;
use model::detect::Kind;
use model::glob::{glob, is_pattern};

use crate::kind::FileKind;
use crate::tray::Tray;

/// What tells the root of a system, with a slash in front.
const OF_SYSTEMS: [&[u8]; 4] = [
    b"/etc/nginx/",
    b"/etc/php/",
    b"/etc/php-fpm",
    b"/usr/local/etc/",
];

/// Folders that the files name by another path: from, to. A tree of a whole system below a folder
/// comes last: what lies nearer is meant first.
pub(crate) fn guess(tray: &Tray) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut moved: SortedMap<Vec<u8>, Vec<Vec<u8>>> = SortedMap::new();
    for path in tray.paths() {
        let bytes = tray.read(path).unwrap_or_default();
        if !is_main(path, &bytes) {
            continue;
        }
        for included in includes(&bytes).filter(|path| path.starts_with(b"/")) {
            if let Some((from, to)) = beside(tray, path, included) {
                let places = moved.entry(from).or_default();
                if !places.contains(&to) {
                    places.push(to);
                }
            }
        }
    }
    // Copies of two machines: which one a path means is not known.
    moved.retain(|_, places| places.len() == 1);
    let mut moved: Vec<_> = moved
        .into_iter()
        .flat_map(|(from, places)| places.into_iter().map(move |to| (from.clone(), to)))
        .collect();
    moved.extend(root(tray).map(|root| (Vec::new(), root)));
    moved
}

/// The folder that holds a whole system, if there is one and nothing lies where systems have it.
fn root(tray: &Tray) -> Option<Vec<u8>> {
    let mut found: Option<&[u8]> = None;
    for path in tray.paths().map(FilePath::as_bytes) {
        let starts = (0..path.len()).filter(|at| path[*at] == b'/');
        let mut starts =
            starts.filter(|at| OF_SYSTEMS.iter().any(|part| path[*at..].starts_with(part)));
        let Some(at) = starts.next() else { continue };
        match found {
            Some(root) if root != &path[..at] => return None,
            _ => found = Some(&path[..at]),
        }
    }
    found.filter(|root| !root.is_empty()).map(<[u8]>::to_vec)
}

/// A file that includes others by whole paths.
fn is_main(path: &FilePath, bytes: &[u8]) -> bool {
    matches!(
        FileKind::of(path, bytes),
        FileKind::Config(Kind::Nginx | Kind::FpmMain)
    )
}

/// The paths and patterns that `include` names.
pub(crate) fn includes(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|b| matches!(b, b'\n' | b'{' | b';'));
    lines.filter_map(|line| {
        let rest = line.trim_ascii_start().strip_prefix(b"include")?;
        let rest = rest.trim_ascii();
        let rest = rest.strip_prefix(b"=").unwrap_or(rest);
        let is_quote = |b: &u8| matches!(b, b'"' | b'\'');
        let path = rest.trim_ascii_start();
        let path = path.strip_prefix(b"\"").unwrap_or(path);
        let end = path.iter().position(is_quote).unwrap_or(path.len());
        Some(&path[..end])
    })
}

/// What of a path lies beside a main file, unless the path itself leads somewhere.
fn beside(tray: &Tray, main: &FilePath, included: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let is_there = |path: &[u8]| match is_pattern(path) {
        true => !glob(tray, path).paths.is_empty(),
        false => tray.read(&FilePath::new(path)).is_ok(),
    };
    if is_there(included) {
        return None;
    }
    let here = main.parent();
    let here = if here == b"/" { b"".as_slice() } else { here };
    let slashes = (1..included.len()).filter(|at| included[*at] == b'/');
    let mut ends = slashes.filter(|at| {
        let end = &included[*at..];
        // `*.conf` would take what lies there by chance.
        let is_telling = !is_pattern(end) || end[1..].contains(&b'/');
        is_telling && is_there(&[here, end].concat())
    });
    let at = ends.next()?;
    Some((included[..at].to_vec(), here.to_vec()))
}
