//! Files that were dropped one by one beside their main file, put where it looks for them: nobody
//! keeps `conf.d` and `pool.d` when four files are picked out.

use base::FilePath;
use model::Files;
use model::detect::Kind;
use model::glob::{glob, is_pattern, matches};

use crate::folder::has_block;
use crate::kind::FileKind;
use crate::moved::includes;
use crate::tray::{Tray, is_loose};

/// Links: where a file is looked for, and where it lies.
pub(crate) fn place(tray: &Tray) -> Vec<(FilePath, FilePath)> {
    let mut links = Vec::new();
    for main in tray.paths().filter(|path| is_loose(path)) {
        let bytes = tray.read(main).unwrap_or_default();
        let part = match FileKind::of(main, &bytes) {
            FileKind::Config(Kind::Nginx) if has_block(&bytes, b"http") => Kind::Nginx,
            FileKind::Config(Kind::FpmMain) => Kind::FpmPool,
            _ => continue,
        };
        let folders = folders(tray, &bytes);
        let is_named = |path: &FilePath| includes(&bytes).any(|name| name == path.name());
        let parts = tray.paths().filter(|path| is_loose(path) && *path != main);
        for path in parts.filter(|path| is_part(tray, path, part) && !is_named(path)) {
            let mut fitting = folders.iter();
            let fitting = fitting.find(|pattern| matches(pattern.name(), path.name()));
            let taken = links.iter().any(|(_, target)| target == path);
            if let (Some(pattern), false) = (fitting, taken) {
                let at = [pattern.parent(), b"/", path.name()].concat();
                links.push((FilePath::new(at), path.clone()));
            }
        }
    }
    links
}

/// Patterns that a main file includes and that stand for nothing. Modules are loaded by files that
/// look like no others.
fn folders(tray: &Tray, main: &[u8]) -> Vec<FilePath> {
    let patterns = includes(main).filter(|path| is_pattern(path));
    let patterns = patterns.map(|path| match path.starts_with(b"/") {
        true => path.to_vec(),
        false => [b"/", path].concat(),
    });
    let is_meant = |path: &Vec<u8>| {
        let is_module = path.windows(8).any(|word| word == b"/modules");
        !is_module && glob(tray, path).paths.is_empty()
    };
    patterns.filter(is_meant).map(FilePath::new).collect()
}

/// A pool, or servers without the `http` around them.
fn is_part(tray: &Tray, path: &FilePath, wanted: Kind) -> bool {
    let bytes = tray.read(path).unwrap_or_default();
    let is_wanted = FileKind::of(path, &bytes) == FileKind::Config(wanted);
    let is_server = || has_block(&bytes, b"server") && !has_block(&bytes, b"http");
    is_wanted && (wanted == Kind::FpmPool || is_server())
}
