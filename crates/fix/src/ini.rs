//! Where a setting of FPM or PHP is changed or added.

use base::{Edit, Sources, Span};
use model::php::{Assignment, Fpm, Pool};

use crate::edit::{line_after, replace_value};

/// Another value in the place of one.
pub(crate) fn set_value(sources: &Sources, assignment: &Assignment, new: &str) -> Edit {
    let text = &sources.get(assignment.span.file).bytes;
    let value = assignment.value;
    if value.start == value.end {
        // `key =` with nothing behind it.
        let end = assignment.span.end.max(value.end);
        let at = Span::new(assignment.span.file, end, end);
        let is_blank = text[..end as usize].ends_with(b" ");
        let new = if is_blank {
            new.to_owned()
        } else {
            format!(" {new}")
        };
        return Edit {
            span: at,
            text: new.into_bytes(),
        };
    }
    replace_value(text, value, new.as_bytes())
}

/// A setting of a pool: its own line is changed, or one is added behind the pool's last.
pub(crate) fn set_in_pool(sources: &Sources, pool: &Pool, name: &str, value: &str) -> Option<Edit> {
    if let Some(assignment) = pool.settings.get(name) {
        return Some(set_value(sources, assignment, value));
    }
    add_to_pool(sources, pool, name, value)
}

/// A new line behind the pool's `listen`-like settings or its last one in the same file.
pub(crate) fn add_to_pool(sources: &Sources, pool: &Pool, name: &str, value: &str) -> Option<Edit> {
    let file = pool.place()?.file;
    let own = pool.settings.iter().map(|(_, assignment)| assignment.span);
    let php = pool.php.iter().map(|set| set.assignment.span);
    // PHP settings and the environment stand last in most files, each with its own kind.
    let spans: Vec<Span> = match name.starts_with("php_") {
        true => own.chain(php).collect(),
        false => own.collect(),
    };
    let in_file = spans.into_iter().filter(|span| span.file == file);
    let anchor = in_file.max_by_key(|span| span.end)?;
    Some(added(sources, anchor, name, value))
}

/// The same in `[global]`.
pub(crate) fn set_in_global(sources: &Sources, fpm: &Fpm, name: &str, value: &str) -> Option<Edit> {
    if let Some(assignment) = fpm.global.get(name) {
        return Some(set_value(sources, assignment, value));
    }
    let spans = fpm.global.iter().map(|(_, assignment)| assignment.span);
    let main = |span: &Span| sources.get(span.file).path == fpm.main;
    let anchor = spans.filter(main).max_by_key(|span| span.end)?;
    Some(added(sources, anchor, name, value))
}

/// `name = value` in the style of its neighbour: `a=1`, `a = 1`.
pub(crate) fn added(sources: &Sources, anchor: Span, name: &str, value: &str) -> Edit {
    let text = &sources.get(anchor.file).bytes;
    let statement = &text[anchor.start as usize..anchor.end as usize];
    let equals = statement.iter().position(|&b| b == b'=').unwrap_or(0);
    let tight = equals > 0 && !matches!(statement[equals - 1], b' ' | b'\t');
    let line = match tight {
        true => format!("{name}={value}"),
        false => format!("{name} = {value}"),
    };
    line_after(text, anchor, line.as_bytes())
}
