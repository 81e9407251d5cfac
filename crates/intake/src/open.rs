//! What was dropped, opened: dumps taken apart into their files, and what each file is.

use std::sync::Arc;

use base::FilePath;
use fix::Store;
use logs::LogKind;
use model::Files;
use model::detect::{Kind, split_nginx_dump};

use crate::everything::everything;
use crate::formats::Formats;
use crate::given::Given;
use crate::kind::FileKind;
use crate::tray::{Tray, path_of};

/// One file.
pub struct Opened {
    /// Its name as it was given, or its path in a dump.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// What it is.
    pub kind: FileKind,
    /// The name of the dump that it was in.
    pub via: Option<String>,
}

/// Opens everything. A dump whose files would lie where others do stays whole.
pub fn open(tray: &Tray) -> Vec<Opened> {
    let mut opened: Vec<Opened> = Vec::new();
    for path in tray.paths() {
        let bytes = tray.read(path).unwrap_or_default();
        let name = tray.name(path).unwrap_or_default().to_owned();
        let kind = FileKind::of(path, &bytes);
        let parts = match kind {
            FileKind::Config(Kind::NginxDump) => split(&bytes, &name),
            _ => None,
        };
        let is_taken = |part: &Opened| {
            let path = path_of(&part.name);
            tray.name(&path).is_some() || opened.iter().any(|known| path_of(&known.name) == path)
        };
        match parts {
            Some(parts) if !parts.iter().any(is_taken) => opened.extend(parts),
            _ => opened.push(Opened {
                name,
                bytes,
                kind,
                via: None,
            }),
        }
    }
    tell_access_logs(&mut opened);
    opened
}

/// The files of a dump; `None` when one has no name that can be written.
fn split(bytes: &[u8], dump: &str) -> Option<Vec<Opened>> {
    let parts = split_nginx_dump(bytes).into_iter().map(|part| {
        let name = String::from_utf8(part.path.as_bytes().to_vec()).ok()?;
        let bytes: Arc<[u8]> = bytes[part.range].into();
        Some(Opened {
            kind: kind_in_dump(&part.path, &bytes),
            name,
            bytes,
            via: Some(dump.to_owned()),
        })
    });
    parts.collect()
}

/// nginx has read it, so it is nginx's, whatever it looks like.
fn kind_in_dump(path: &FilePath, bytes: &[u8]) -> FileKind {
    match FileKind::of(path, bytes) {
        FileKind::Unknown | FileKind::Log(_) => FileKind::Config(Kind::Nginx),
        kind => kind,
    }
}

/// Access logs of formats that the configuration names.
fn tell_access_logs(opened: &mut [Opened]) {
    let is_unknown = |file: &&mut Opened| file.kind == FileKind::Unknown;
    if opened.iter().all(|file| file.kind != FileKind::Unknown) {
        return;
    }
    let formats = formats(opened);
    for file in opened.iter_mut().filter(is_unknown) {
        if formats.fit(&file.bytes, &[]) {
            file.kind = FileKind::Log(LogKind::NginxAccess);
        }
    }
}

fn formats(opened: &[Opened]) -> Formats {
    let configs = opened
        .iter()
        .filter(|file| matches!(file.kind, FileKind::Config(_)));
    let files = configs.map(|file| (file.name.as_str(), file.bytes.clone()));
    let Ok(tray) = Tray::new(files) else {
        return Formats::default();
    };
    let given = Given {
        found: everything(&tray),
        ..Given::default()
    };
    Formats::of(&given.model(&tray, &Store::default()))
}
