//! What a file is: configuration, a log, or neither.

use base::FilePath;
use logs::LogKind;
use model::detect::{Kind, detect};

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Configuration.
    Config(Kind),
    /// A log.
    Log(LogKind),
    /// Nothing that is known.
    Unknown,
}

impl FileKind {
    /// Tells it from the name and the content.
    pub fn of(path: &FilePath, bytes: &[u8]) -> FileKind {
        let config = detect(path, bytes);
        // A dump of FPM is what FPM logs when it is asked for one.
        if let Some(kind @ (Kind::NginxDump | Kind::FpmDump)) = config {
            return FileKind::Config(kind);
        }
        if let Some(kind) = logs::detect::detect(bytes) {
            return FileKind::Log(kind);
        }
        match config {
            Some(Kind::Nginx) if !may_be_nginx(path, bytes) => FileKind::Unknown,
            Some(kind) => FileKind::Config(kind),
            None => FileKind::Unknown,
        }
    }

    /// The word used in outputs.
    pub fn word(self) -> &'static str {
        match self {
            FileKind::Config(Kind::Nginx) => "nginx",
            FileKind::Config(Kind::NginxDump) => "nginx-dump",
            FileKind::Config(Kind::FpmMain) => "fpm-main",
            FileKind::Config(Kind::FpmPool) => "fpm-pool",
            FileKind::Config(Kind::FpmDump) => "fpm-dump",
            FileKind::Config(Kind::PhpIni) => "php-ini",
            FileKind::Config(Kind::UserIni) => "user-ini",
            FileKind::Log(kind) => kind.word(),
            FileKind::Unknown => "unknown",
        }
    }
}

/// Scripts and style sheets have lines that end in `;` and `}`, too; no configuration begins like
/// a page, a script or a value of JSON.
fn may_be_nginx(path: &FilePath, bytes: &[u8]) -> bool {
    const FOREIGN: [&[u8]; 16] = [
        b"c", b"cc", b"cpp", b"css", b"h", b"htm", b"html", b"java", b"js", b"json", b"mjs",
        b"php", b"scss", b"sql", b"svg", b"ts",
    ];
    let name = path.name();
    let dot = name.iter().rposition(|b| *b == b'.');
    let ending = dot.map_or(&[][..], |dot| &name[dot + 1..]);
    let begin = bytes.trim_ascii_start();
    let is_foreign = [b"<".as_slice(), b"{", b"[", b"#!"];
    !FOREIGN.contains(&ending) && !is_foreign.iter().any(|other| begin.starts_with(other))
}
