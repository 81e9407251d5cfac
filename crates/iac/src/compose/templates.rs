//! Templates of the official nginx image: when it starts, it fills in the variables of its environment
//! and nothing else, and puts the result into `conf.d` (`20-envsubst-on-templates.sh`).

use std::ops::Range;
use std::sync::Arc;

use base::outer::Piece;
use base::{FilePath, Outer, SortedMap};
use model::{Files as _, MemoryFiles, ReadErrorKind};

const FROM: &[u8] = b"/etc/nginx/templates/";
const TO: &[u8] = b"/etc/nginx/conf.d/";

/// Fills in all templates; a value that is not known makes a file unknown.
pub(crate) fn fill_in(env: &SortedMap<String, Option<String>>, files: &mut MemoryFiles) {
    let templates: Vec<(FilePath, Arc<[u8]>, Option<Outer>)> = files
        .iter()
        .filter(|(path, ..)| path.as_bytes().starts_with(FROM))
        .map(|(path, bytes, outer)| (path.clone(), bytes.clone(), outer.cloned()))
        .collect();
    for (path, bytes, outer) in templates {
        let rest = path.as_bytes().strip_prefix(FROM);
        let Some(name) = rest.and_then(|rest| rest.strip_suffix(b".template")) else {
            continue;
        };
        let target = [TO, name].concat();
        match filled(&bytes, env) {
            Err(name) => {
                let name = base::source::printable(name.as_bytes());
                let why = format!("its template {path} has `{name}`, whose value is not known");
                files.insert_unknown(target, why);
            }
            Ok((text, steps)) => match outer {
                None => files.insert(target, text),
                Some(outer) => {
                    let map = Arc::new(outer.map.through(&steps, &[]));
                    files.insert_inner(target, text, Outer { map, ..outer });
                }
            },
        }
    }
    let folder = FilePath::new(b"/etc/nginx/templates");
    let read = files.read(&folder);
    if read.is_err_and(|error| error.kind == ReadErrorKind::Other) {
        let why = "it is made of templates that are not known";
        files.insert_unknown([TO, b"templates.conf"].concat(), why);
    }
}

/// The text, and where its bytes stand in the template; or the name of a value that is not known.
fn filled(
    bytes: &[u8],
    env: &SortedMap<String, Option<String>>,
) -> Result<(Vec<u8>, Vec<Piece>), String> {
    let (mut text, mut steps) = (Vec::new(), Vec::new());
    let mut at = 0;
    let mut literal = 0;
    let mut push = |text: &mut Vec<u8>, bytes: &[u8], outer: Range<usize>, is_same: bool| {
        if bytes.is_empty() {
            return;
        }
        let start = number(text.len());
        text.extend_from_slice(bytes);
        let inner = start..number(text.len());
        let outer = number(outer.start)..number(outer.end);
        steps.push(match is_same {
            true => Piece::same(inner, outer),
            false => Piece::other(inner, outer),
        });
    };
    while at < bytes.len() {
        let Some((name, len)) = variable(&bytes[at..]) else {
            at += 1;
            continue;
        };
        match env.get(name) {
            // nginx's own variables are written in small letters.
            None if env.contains_key("") && name.bytes().all(|b| !b.is_ascii_lowercase()) => {
                return Err(name.to_owned());
            }
            None => at += len,
            Some(None) => return Err(name.to_owned()),
            Some(Some(value)) => {
                push(&mut text, &bytes[literal..at], literal..at, true);
                push(&mut text, value.as_bytes(), at..at + len, false);
                at += len;
                literal = at;
            }
        }
    }
    push(&mut text, &bytes[literal..], literal..bytes.len(), true);
    Ok((text, steps))
}

/// `$NAME` or `${NAME}` at the beginning: the name, and how many bytes it takes.
fn variable(bytes: &[u8]) -> Option<(&str, usize)> {
    let rest = bytes.strip_prefix(b"$")?;
    let (rest, braces) = match rest.strip_prefix(b"{") {
        Some(rest) => (rest, 1),
        None => (rest, 0),
    };
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let len = rest.iter().take_while(|b| is_part(b)).count();
    if len == 0 || braces == 1 && rest.get(len) != Some(&b'}') {
        return None;
    }
    let name = std::str::from_utf8(&rest[..len]).ok()?;
    Some((name, 1 + len + 2 * braces))
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
