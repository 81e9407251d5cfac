//! The user's key: from a file, the environment or a prompt; never from an argument, for those are
//! seen by everybody on the machine.

use std::fmt;
use std::path::Path;

use base::source::printable;
use console::Term;
use refactor::Wire;

use crate::{disk, talk};

/// Longer ones are no keys.
const LONGEST: usize = 4096;

/// A key. It can be put into a header, and nothing else can be done with it by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a key)")
    }
}

impl Key {
    /// Takes the first line of a text.
    fn parse(text: &str) -> Option<Key> {
        let line = text.trim().lines().next().unwrap_or_default().trim();
        let is_key =
            !line.is_empty() && line.len() <= LONGEST && line.bytes().all(|b| b.is_ascii_graphic());
        is_key.then(|| Key(line.to_owned()))
    }

    /// For the header.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// A text without the key: some providers repeat what they refuse.
    pub(crate) fn cover(&self, text: &str) -> String {
        text.replace(&self.0, "(the key)")
    }
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A key, and where it comes from, for people.
    Key(Key, String),
    /// None, and none is needed.
    NotNeeded,
    /// None. Why, for people.
    None(String),
    /// The file cannot be used, which has been said.
    Wrong,
}

/// Looks for the key.
pub(crate) fn find(wire: Wire, file: Option<&Path>) -> Found {
    if let Some(path) = file {
        return from_file(path);
    }
    let variable = wire.key_variable();
    let named = variable.and_then(|name| Some((name, std::env::var(name).ok()?)));
    if let Some((name, text)) = named.filter(|(_, text)| !text.trim().is_empty()) {
        return match Key::parse(&text) {
            Some(key) => Found::Key(key, format!("from {name}")),
            None => Found::None(format!("{name} holds no key")),
        };
    }
    if !wire.needs_key() {
        return Found::NotNeeded;
    }
    prompt(wire, variable.unwrap_or_default())
}

fn from_file(path: &Path) -> Found {
    let shown = printable(path.as_os_str().as_encoded_bytes());
    match disk::read_settings(path) {
        Ok(text) => match Key::parse(&text) {
            Some(key) => Found::Key(key, format!("from {shown}")),
            None => {
                talk(&format!("error: --key-file {shown} holds no key"));
                Found::Wrong
            }
        },
        Err(error) => {
            talk(&format!("error: cannot read --key-file {shown}: {error}"));
            Found::Wrong
        }
    }
}

/// Asks on the terminal, without showing what is typed.
fn prompt(wire: Wire, variable: &str) -> Found {
    let none = || {
        let name = wire.name();
        Found::None(format!(
            "there is no key for {name} ({variable} is not set, and no --key-file was given)"
        ))
    };
    let term = Term::stderr();
    if !term.is_term() {
        return none();
    }
    let asked = term.write_str(&format!("Key for {} (not shown): ", wire.name()));
    let line = asked.and_then(|()| term.read_secure_line());
    match line.ok().and_then(|line| Key::parse(&line)) {
        Some(key) => Found::Key(key, "as typed".to_owned()),
        None => none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Key};

    #[test]
    fn a_key_is_never_shown() {
        let key = Key::parse(" sk-abc \nmore\n").expect("it is one");
        assert_eq!(key.secret(), "sk-abc");
        let shown = format!("{:?}", Found::Key(key.clone(), "from X".to_owned()));
        assert!(!shown.contains("sk-abc"), "{shown}");
        assert_eq!(key.cover("no sk-abc here"), "no (the key) here");
    }

    #[test]
    fn what_is_no_key() {
        for text in ["", " \n", "a b", "a\tb", "ü", &"x".repeat(5000)] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
    }
}
