//! Templates of the official nginx image: when it starts, it fills in the variables of its environment
//! and nothing else, and puts the result into `conf.d` (`20-envsubst-on-templates.sh`).

use std::sync::Arc;

use base::{FilePath, Outer};
use model::{Files as _, MemoryFiles};

use super::{Environment, Making, Piecewise, variable};

const FROM: &[u8] = b"/etc/nginx/templates/";
const TO: &[u8] = b"/etc/nginx/conf.d/";

/// Fills in all templates; a value that is not known makes a file unknown. The files that were
/// made, and those that they are made of.
pub(crate) fn templates(
    env: &Environment,
    making: &mut Making,
    files: &mut MemoryFiles,
) -> Vec<(FilePath, FilePath)> {
    let templates: Vec<(FilePath, Arc<[u8]>, Option<Outer>)> = files
        .iter()
        .filter(|(path, ..)| path.as_bytes().starts_with(FROM))
        .map(|(path, bytes, outer)| (path.clone(), bytes.clone(), outer.cloned()))
        .collect();
    let mut made = Vec::new();
    for (path, bytes, outer) in templates {
        let rest = path.as_bytes().strip_prefix(FROM);
        let Some(name) = rest.and_then(|rest| rest.strip_suffix(b".template")) else {
            continue;
        };
        let target = FilePath::new([TO, name].concat());
        match envsubst(&bytes, env) {
            Err(name) => {
                let name = base::source::printable(name.as_bytes());
                let why = format!("its template {path} has `{name}`, whose value is not known");
                files.insert_unknown(target.as_bytes(), why);
            }
            Ok(text) => {
                making.add(target.clone(), text, outer);
                made.push((target, path));
            }
        }
    }
    let folder = FilePath::new(b"/etc/nginx/templates");
    if files.resolve(&folder).is_some() && files.list(&folder).is_err() {
        let why = "it is made of templates that are not known";
        files.insert_unknown([TO, b"templates.conf"].concat(), why);
    }
    made
}

/// A text with its variables, or the name of one that is not known.
pub(crate) fn envsubst(bytes: &[u8], env: &Environment) -> Result<Piecewise, String> {
    let mut text = Piecewise::default();
    let (mut at, mut literal) = (0, 0);
    while at < bytes.len() {
        let Some((name, len)) = variable(&bytes[at..]) else {
            at += 1;
            continue;
        };
        // nginx's own variables are written in small letters.
        let value = match env.get(name) {
            Err(_) if env.text(name).is_none() && is_nginx(name, env) => None,
            value => value?,
        };
        let Some(value) = value else {
            at += len;
            continue;
        };
        text.same(&bytes[literal..at], literal);
        text.value(name, value, at..at + len);
        at += len;
        literal = at;
    }
    text.same(&bytes[literal..], literal);
    Ok(text)
}

fn is_nginx(name: &str, env: &Environment) -> bool {
    !env.has(name) && name.bytes().any(|b| b.is_ascii_lowercase())
}
