//! The short and long forms of what is mounted.

use crate::command::shell_words;
use base::FilePath;

use super::node::{At, Node, Text};
use super::repo::joined;

/// Something at a place of a container.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    /// Where in the container.
    pub(crate) target: FilePath,
    /// What.
    pub(crate) what: What,
    /// Where it is written.
    pub(crate) at: At,
    /// What of it is not known, in words.
    pub(crate) hole: Option<String>,
}

/// Kinds of what is mounted.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A file or a folder, by its path as it is written.
    Bind(String),
    /// A volume, by its name.
    Volume(String),
    /// A volume that has the image's files and nobody else.
    Anonymous,
    /// Nothing.
    Empty,
    /// A text of the Compose file, with the place of its scalar.
    Content(Text, At),
    /// Something that is not in the repository, in words.
    Elsewhere(String),
}

/// Where something is mounted; what two files mount at the same place is merged by this.
pub(crate) fn target_of(node: &Node) -> String {
    let Some(text) = node.text() else {
        let target = node.word("target").or_else(|| node.word("source"));
        return target.unwrap_or_default().trim_end_matches('/').to_owned();
    };
    let (_, target, _) = split(&text.text);
    target.trim_end_matches('/').to_owned()
}

/// `SOURCE:TARGET:MODE`; a single word is a target.
fn split(text: &str) -> (Option<&str>, &str, &str) {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(source), Some(target), mode) => (Some(source), target, mode.unwrap_or_default()),
        (target, ..) => (None, target.unwrap_or_default(), ""),
    }
}

/// An element of a service's `volumes`.
pub(crate) fn volume(node: &Node) -> Option<Mount> {
    if let Some(text) = node.text() {
        let (source, target, _) = split(&text.text);
        let what = match source {
            None => What::Anonymous,
            Some(source) if is_path(source) || !text.holes.is_empty() && source.is_empty() => {
                What::Bind(source.to_owned())
            }
            Some(source) => What::Volume(source.to_owned()),
        };
        return Some(Mount {
            target: joined(b"/", target.as_bytes()),
            what,
            at: node.at,
            hole: text.hole(),
        });
    }
    let target = node.field("target")?.text()?;
    let source = node.field("source").and_then(Node::text);
    let name = source.map_or("", |source| source.text.as_str());
    let what = match (node.word("type").unwrap_or_default(), source) {
        ("tmpfs", _) => What::Empty,
        ("bind", _) => What::Bind(name.to_owned()),
        ("volume" | "", None) => What::Anonymous,
        ("" | "volume", Some(_)) if !is_path(name) => {
            let below = node.field("volume");
            match below.and_then(|volume| volume.word("subpath")) {
                Some(below) => What::Volume(format!("{name}/{below}")),
                None => What::Volume(name.to_owned()),
            }
        }
        ("", Some(_)) => What::Bind(name.to_owned()),
        (kind, _) => {
            let kind = base::source::printable(kind.as_bytes());
            What::Elsewhere(format!(
                "a mount of the type `{kind}` is not in the repository"
            ))
        }
    };
    let holes = [Some(target), source].into_iter().flatten();
    Some(Mount {
        target: joined(b"/", target.text.as_bytes()),
        what,
        at: node.at,
        hole: holes.filter_map(Text::hole).next(),
    })
}

/// Whether it is a path and no volume's name.
fn is_path(source: &str) -> bool {
    source.starts_with(['/', '.', '~', '\\']) || source.get(1..3) == Some(":\\")
}

/// An element of a service's `configs` or `secrets`; `defined` are those of the whole file.
pub(crate) fn config(node: &Node, defined: Option<&Node>, dir: &str) -> Option<Mount> {
    let source = match node.text() {
        Some(text) => text,
        None => node.field("source")?.text()?,
    };
    let target = node.field("target").and_then(Node::text);
    let name = target.unwrap_or(source);
    let hole = [Some(source), target].into_iter().flatten();
    let hole = hole.filter_map(Text::hole).next();
    let shown = base::source::printable(source.text.as_bytes());
    let what = match defined.and_then(|defined| defined.field(&source.text)) {
        None => What::Elsewhere(format!("`{shown}` is defined nowhere in the file")),
        Some(one) => match (one.field("content"), one.field("file")) {
            (Some(content), _) => What::Content(content.text()?.clone(), content.at),
            (None, Some(file)) => {
                let text = file.text()?;
                return Some(Mount {
                    target: joined(dir.as_bytes(), name.text.as_bytes()),
                    what: What::Bind(text.text.clone()),
                    // The path is seen from the file that defines it.
                    at: file.at,
                    hole: hole.or_else(|| text.hole()),
                });
            }
            (None, None) => What::Elsewhere(format!("`{shown}` comes from outside")),
        },
    };
    Some(Mount {
        target: joined(dir.as_bytes(), name.text.as_bytes()),
        what,
        at: node.at,
        hole,
    })
}

/// The words of a command: a list, or a line as a shell would split it.
pub(crate) fn words(node: &Node) -> Vec<String> {
    match node.text() {
        Some(text) => shell_words(&text.text),
        None => {
            let items = node.items().iter().filter_map(Node::text);
            items.map(|text| text.text.clone()).collect()
        }
    }
}
