//! Writing redacted texts, maps, and what was hidden where.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use base::base64;
use base::source::printable;
use redact::{Found, Map, Redacted, Text};
use serde::Serialize;

use crate::cli::RedactArgs;
use crate::talk;

use super::shown;

/// Where texts go.
pub(crate) struct Sink<'o> {
    dir: Option<&'o Path>,
    is_titled: bool,
    out: &'o mut dyn Write,
}

impl<'o> Sink<'o> {
    /// Below a directory, or to standard output; there several texts have a line with their name,
    /// as `nginx -T` has it.
    pub(crate) fn new(dir: Option<&'o Path>, count: usize, out: &'o mut dyn Write) -> Self {
        Self {
            dir,
            is_titled: count > 1,
            out,
        }
    }

    /// Writes a text; false when it could not be, which has been said.
    pub(crate) fn text(&mut self, name: &[u8], text: &[u8]) -> io::Result<bool> {
        let is_file = self.dir.is_some();
        let Some(mut file) = self.begin(name)? else {
            return Ok(false);
        };
        let written = file.write_all(text).and_then(|()| file.flush());
        match written {
            Err(error) if is_file => {
                talk(&format!("error: cannot write {}: {error}", printable(name)));
                Ok(false)
            }
            other => other.map(|()| true),
        }
    }

    /// Opens where a text goes.
    pub(crate) fn begin(&mut self, name: &[u8]) -> io::Result<Option<Box<dyn Write + '_>>> {
        let Some(dir) = self.dir else {
            if self.is_titled {
                writeln!(self.out, "# configuration file {}:", printable(name))?;
            }
            let ended = Ended {
                out: self.out,
                is_titled: self.is_titled,
            };
            return Ok(Some(Box::new(ended)));
        };
        let path = below(dir, name);
        match create(&path, name) {
            Ok(file) => Ok(Some(Box::new(BufWriter::new(file)))),
            Err(error) => {
                talk(&format!("error: cannot write {}: {error}", shown(&path)));
                Ok(None)
            }
        }
    }
}

/// Standard output; a dump has a line feed of its own behind every file.
struct Ended<'o> {
    out: &'o mut dyn Write,
    is_titled: bool,
}

impl Write for Ended<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_titled {
            self.out.write_all(b"\n")?;
        }
        self.out.flush()
    }
}

/// The place of a file below the directory: nothing leads out of it. A log that was unpacked loses
/// the ending that says it is packed.
fn below(dir: &Path, name: &[u8]) -> PathBuf {
    let name = String::from_utf8_lossy(name);
    let mut path = dir.to_owned();
    for part in Path::new(name.as_ref()).components() {
        if let Component::Normal(part) = part {
            path.push(part);
        }
    }
    let packed = path
        .extension()
        .is_some_and(|end| ["gz", "zst", "xz", "bz2"].iter().any(|known| end == *known));
    if packed {
        path.with_extension("")
    } else {
        path
    }
}

fn create(path: &Path, name: &[u8]) -> io::Result<File> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let source = PathBuf::from(String::from_utf8_lossy(name).into_owned());
    let real = |path: &Path| fs::canonicalize(path).ok();
    if real(path).is_some() && real(path) == real(&source) {
        return Err(io::Error::other(
            "this is the original; choose another directory",
        ));
    }
    File::create(path)
}

/// Writes the way back, for its owner alone.
pub(crate) fn write_map(path: &Path, map: &Map) -> bool {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(map.to_json().as_bytes())?;
        file.sync_all()
    });
    if let Err(error) = written {
        let why = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                "is there already, and may be the way back of another text".to_owned()
            }
            _ => error.to_string(),
        };
        talk(&format!(
            "error: cannot write the map {}: {why}",
            shown(path)
        ));
        return false;
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if absolute
        .ancestors()
        .skip(1)
        .any(|dir| dir.join(".git").exists())
    {
        talk(&format!(
            "warning: {} lies in a git repository and holds every secret: keep it out of commits",
            shown(path)
        ));
    }
    true
}

/// Reads the way back.
pub(crate) fn read_map(path: &Path) -> Option<Map> {
    let read = crate::disk::read_settings(path).map_err(|error| error.to_string());
    match read.and_then(|text| Map::from_json(text.as_bytes())) {
        Ok(map) => Some(map),
        Err(why) => {
            talk(&format!(
                "error: cannot read the map {}: {why}",
                shown(path)
            ));
            None
        }
    }
}

/// Says of every place what was hidden there.
pub(crate) fn explain(texts: &[Text<'_>], redacted: &Redacted) {
    for found in &redacted.found {
        let (line, column) = place(texts, found);
        talk(&format!(
            "{}:{line}:{column}: {} [{}, {}]: {}",
            printable(texts[found.text].path),
            found.placeholder,
            found.rule,
            found.layer.word(),
            found.reason
        ));
    }
}

/// Line and column of a place, from 1.
fn place(texts: &[Text<'_>], found: &Found) -> (usize, usize) {
    let before = &texts[found.text].bytes[..found.start];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}

/// Values that --reveal names, by finder or place. `None` when one is wrong, which has been said.
pub(crate) fn revealed(
    wanted: &[String],
    texts: &[Text<'_>],
    redacted: &Redacted,
) -> Option<Vec<Vec<u8>>> {
    let mut out = Vec::new();
    for what in wanted {
        let is_it = |found: &&Found| {
            let place = format!(
                "{}:{}",
                printable(texts[found.text].path),
                place(texts, found).0
            );
            found.rule == what.as_str() || place == *what
        };
        let before = out.len();
        let values = redacted.found.iter().filter(is_it);
        out.extend(values.map(|found| texts[found.text].bytes[found.start..found.end].to_vec()));
        if out.len() == before {
            talk(&format!(
                "error: `--reveal {}`: nothing is hidden there",
                printable(what.as_bytes())
            ));
            talk("\nhint: --explain gives the finders and places");
            return None;
        }
    }
    Some(out)
}

/// What was done, for people.
pub(crate) fn summary(count: usize, args: &RedactArgs) {
    let s = if count == 1 { "" } else { "s" };
    let more = match (args.explain || count == 0, args.map.is_some()) {
        (true, _) => "",
        (false, true) => " (--explain says which)",
        (false, false) => " (--explain says which, --map keeps the way back)",
    };
    talk(&format!("{count} place{s} hidden{more}"));
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    files: Vec<FileJson<'a>>,
}

#[derive(Serialize)]
struct FileJson<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// What is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    found: Vec<FoundJson<'a>>,
}

#[derive(Serialize)]
struct FoundJson<'a> {
    line: usize,
    column: usize,
    rule: &'a str,
    layer: &'static str,
    reason: &'a str,
    placeholder: &'a str,
}

/// Texts and places as one document.
pub(crate) fn json(texts: &[Text<'_>], redacted: &Redacted, out: &mut dyn Write) -> io::Result<()> {
    let files = texts
        .iter()
        .zip(&redacted.texts)
        .enumerate()
        .map(|(index, (text, bytes))| {
            let found = redacted.found.iter().filter(|found| found.text == index);
            let found = found.map(|found| {
                let (line, column) = place(texts, found);
                FoundJson {
                    line,
                    column,
                    rule: &found.rule,
                    layer: found.layer.word(),
                    reason: &found.reason,
                    placeholder: &found.placeholder,
                }
            });
            FileJson {
                path: printable(text.path),
                text: std::str::from_utf8(bytes).ok(),
                base64: std::str::from_utf8(bytes)
                    .is_err()
                    .then(|| base64::encode(bytes)),
                found: found.collect(),
            }
        });
    let document = Document {
        schema_version: 1,
        files: files.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
