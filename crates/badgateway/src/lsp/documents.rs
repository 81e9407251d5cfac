//! The texts that are open in the editor, and names of files as the protocol writes them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::text::{Encoding, Text};

/// One open text.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Its real path, links followed.
    pub(crate) path: PathBuf,
    /// The editor's version of it.
    pub(crate) version: Value,
    /// What it says now.
    pub(crate) bytes: Arc<[u8]>,
}

/// All open texts by the names that the editor has for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents(pub(crate) BTreeMap<String, Document>);

impl Documents {
    /// `didOpen`; nothing when it is not a file or the message is not as it should be.
    pub(crate) fn open(&mut self, params: &Value) -> Option<()> {
        let item = &params["textDocument"];
        let uri = item["uri"].as_str()?;
        let document = Document {
            path: real(&path_of(uri)?),
            version: item["version"].clone(),
            bytes: item["text"].as_str()?.as_bytes().into(),
        };
        self.0.insert(uri.to_owned(), document);
        Some(())
    }

    /// `didChange`: whole texts or ranges, each on top of the one before.
    pub(crate) fn change(&mut self, params: &Value, encoding: Encoding) -> Option<()> {
        let item = &params["textDocument"];
        let document = self.0.get_mut(item["uri"].as_str()?)?;
        for change in params["contentChanges"].as_array()? {
            let new = change["text"].as_str()?.as_bytes();
            let range = &change["range"];
            if range.is_null() {
                document.bytes = new.into();
                continue;
            }
            let range = Text::new(&document.bytes, encoding).bytes_of(range)?;
            let old = &document.bytes;
            document.bytes = [&old[..range.start], new, &old[range.end..]]
                .concat()
                .into();
        }
        document.version = item["version"].clone();
        Some(())
    }

    /// `didClose`.
    pub(crate) fn close(&mut self, params: &Value) -> Option<()> {
        self.0.remove(params["textDocument"]["uri"].as_str()?)?;
        Some(())
    }
}

/// The path with links followed, as far as it is there.
pub(crate) fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The path of a `file:` name.
pub(crate) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let mut bytes = rest.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    let path = PathBuf::from(OsString::from_vec(out));
    path.is_absolute().then_some(path)
}

/// The `file:` name of a path.
pub(crate) fn uri_of(path: &Path) -> String {
    let mut out = String::from("file://");
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
