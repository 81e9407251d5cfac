//! Files that are made when a container starts: the values of its environment are filled into
//! them. What is made remembers where each value is written.

mod environment;
mod made;
mod official;
mod own;

pub(crate) use environment::{Environment, Value};
pub(crate) use made::{Making, Piecewise, shown_at};
pub(crate) use official::{envsubst, templates};
pub(crate) use own::php;

/// `$NAME` or `${NAME}` at the beginning: the name, and how many bytes it takes.
pub(crate) fn variable(bytes: &[u8]) -> Option<(&str, usize)> {
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
