//! The texts of images, filled in.

use crate::filled::{Environment, Piecewise, Value};

/// How a text is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct How {
    /// Whether lines have conditions: the texts of this room have, those of people have none.
    pub(super) has_conditions: bool,
    /// Whether a value that is not known may stay a variable, which PHP then does not know.
    pub(super) is_ini: bool,
}

/// A text with its values, or the name of one that is not known.
pub(super) fn render(text: &str, env: &Environment, how: How) -> Result<Piecewise, String> {
    let mut out = Piecewise::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (begin, end) = (at, at + line.len());
        at = end;
        let condition = match how.has_conditions {
            true => line.strip_prefix('@').and_then(|rest| rest.split_once('@')),
            false => None,
        };
        match condition {
            None => fill(line, begin, env, how, &mut out)?,
            Some((prefix, _)) if prefix.ends_with('*') => {
                let prefix = prefix.trim_end_matches('*');
                every(prefix, begin..end, env, &mut out)?;
            }
            Some((condition, line)) => {
                if holds(condition, env)? {
                    fill(line, end - line.len(), env, how, &mut out)?;
                }
            }
        }
    }
    Ok(out)
}

/// Whether a condition holds; an error names a variable that is not known.
pub(super) fn holds(condition: &str, env: &Environment) -> Result<bool, String> {
    let text = |name: &str| -> Result<Option<String>, String> {
        Ok(env.get(name)?.and_then(|value| value.text.clone()))
    };
    if condition.is_empty() {
        return Ok(true);
    }
    if let Some((name, wanted)) = condition.split_once('=') {
        let value = text(name)?.unwrap_or_default().to_lowercase();
        return Ok(wanted.split(',').any(|one| one == value));
    }
    if let Some(name) = condition.strip_suffix('+') {
        return Ok(text(name)?.is_some());
    }
    let (name, wanted) = match condition.strip_prefix('!') {
        Some(name) => (name, false),
        None => (condition, true),
    };
    let is_set = text(name)?.is_some_and(|text| !text.is_empty());
    Ok(is_set == wanted)
}

fn fill(
    line: &str,
    begin: usize,
    env: &Environment,
    how: How,
    out: &mut Piecewise,
) -> Result<(), String> {
    let mut at = 0;
    let mut literal = 0;
    while let Some(found) = line[at..].find("${").map(|found| at + found) {
        at = found + 2;
        let rest = &line[at..];
        let Some((inner, _)) = rest.split_once('}') else {
            break;
        };
        let (name, default) = match inner.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inner, None),
        };
        let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        // Other variables are nginx's own, but for images that call theirs so.
        let is_ours = name.bytes().all(is_part) || how.has_conditions;
        if name.is_empty() || !is_ours {
            continue;
        }
        let range = begin + found..begin + at + inner.len() + 1;
        out.same(&line.as_bytes()[literal..found], begin + literal);
        at += inner.len() + 1;
        literal = at;
        let is_set = |value: &&Value| {
            let text = value.text.as_deref();
            default.is_none() || text.is_some_and(|text| !text.is_empty())
        };
        match env.get(name) {
            Err(name) if how.is_ini => {
                out.made(&format!("${{{name}}}"), range);
            }
            Err(name) => return Err(name),
            Ok(value) => match (value.filter(is_set), default) {
                (Some(value), _) => out.value(name, value, range),
                (None, default) => out.stands_for(name, default.unwrap_or_default(), None, range),
            },
        }
    }
    out.same(&line.as_bytes()[literal..], begin + literal);
    Ok(())
}

/// A line for each variable that begins so.
fn every(
    prefix: &str,
    range: std::ops::Range<usize>,
    env: &Environment,
    out: &mut Piecewise,
) -> Result<(), String> {
    if env.has_gaps {
        return Err(format!("{prefix}*"));
    }
    for (name, value) in env.iter() {
        let Some(rest) = name.strip_prefix(prefix).filter(|rest| !rest.is_empty()) else {
            continue;
        };
        let value = env.get(name)?.unwrap_or(value);
        let text = value.text.as_deref().unwrap_or_default();
        // `PHP_INI_MEMORY_LIMIT`, `PHP_INI_SESSION__NAME`
        let (setting, quote) = match prefix {
            "PHP_INI_" => {
                let is_plain = text.parse::<f64>().is_ok() || rest == "ERROR_REPORTING";
                (rest.to_lowercase().replace("__", "."), !is_plain)
            }
            _ => (rest.to_owned(), false),
        };
        let quote = if quote { "\"" } else { "" };
        out.made(&format!("{setting} = {quote}"), range.clone());
        out.value(name, value, range.clone());
        out.made(&format!("{quote}\n"), range.clone());
    }
    Ok(())
}
