//! Values of Helm charts that hold whole files: `nginx: config: |`, `serverBlock: |-`.
//!
//! What a chart makes of them is not known; a text that is configuration beyond doubt is judged as
//! it stands. Each file of values is an environment: `values-prod.yaml` with what it takes from the
//! `values.yaml` beside it.

use std::sync::Arc;

use base::{FilePath, Outer, ProblemKind, SortedMap};
use intake::{Tree, name_of};
use model::Machine;
use model::detect::Kind;
use model::php::FpmInput;
use yaml::{Id, Value};

use super::hint;
use crate::project::{Project, bytes_of};
use crate::system::System;

/// Values of one file that are looked at; an alias may name the same ones again and again.
const MOST: usize = 100_000;

/// What a text includes that every image of nginx has.
const OF_IMAGE: [&str; 5] = [
    "fastcgi.conf",
    "fastcgi_params",
    "mime.types",
    "scgi_params",
    "uwsgi_params",
];

/// A text in values, by its path.
#[derive(Clone)]
struct Payload {
    kind: Kind,
    bytes: Arc<[u8]>,
    outer: Outer,
}

/// What a file of values says: each path, and whether configuration stands there.
struct Values {
    path: FilePath,
    shown: String,
    set: SortedMap<Vec<String>, Option<Payload>>,
}

/// Adds what the values among these files hold.
pub(crate) fn read(tree: &dyn Tree, files: &[FilePath], project: &mut Project) {
    let is_it = |path: &&FilePath| is_named_so(path.name()) && !project.taken.contains(*path);
    let named: Vec<&FilePath> = files.iter().filter(is_it).collect();
    let all = named
        .into_iter()
        .filter_map(|path| values(tree, path, project));
    let all: Vec<Values> = all.collect();
    for one in &all {
        let is_base = |other: &&Values| {
            let is_plain = matches!(other.path.name(), b"values.yaml" | b"values.yml");
            is_plain && other.path.parent() == one.path.parent() && other.path != one.path
        };
        let base = all.iter().find(is_base);
        let payloads = merged(base, one);
        if payloads.is_empty() {
            continue;
        }
        project.taken.insert(one.path.clone());
        let system = system(project.network(), one, payloads);
        project.systems.push(system);
    }
}

/// `values.yaml`, `values-prod.yaml`, `prod-values.yml`, `values.prod.yaml`
fn is_named_so(name: &[u8]) -> bool {
    let ends = [b".yaml".as_slice(), b".yml"];
    let stem = ends.iter().find_map(|end| name.strip_suffix(*end));
    stem.is_some_and(|stem| stem.starts_with(b"values") || stem.ends_with(b"values"))
}

fn values(tree: &dyn Tree, path: &FilePath, project: &mut Project) -> Option<Values> {
    let bytes = bytes_of(tree, path, project)?;
    // A manifest may be called so, too.
    if hint::holds(&bytes, b"apiVersion:") && hint::holds(&bytes, b"\nkind:") {
        return None;
    }
    let shown = name_of(tree, path);
    let parsed = match yaml::parse(&bytes) {
        Ok(parsed) => parsed,
        Err(refusal) if hint::is_interesting(&bytes) => {
            let before = &bytes[..bytes.len().min(refusal.at as usize)];
            let line = before.iter().filter(|b| **b == b'\n').count() + 1;
            let message = format!("{shown}:{line}: {}", refusal.message);
            let help = "the nginx or PHP-FPM configuration in it was not judged";
            project.taken.insert(path.clone());
            project.problem(ProblemKind::Syntax, message, Some(help));
            return None;
        }
        Err(_) => return None,
    };
    let mut set = SortedMap::new();
    let mut open: Vec<(Id, Vec<String>)> = Vec::new();
    open.extend(parsed.documents.first().map(|id| (*id, Vec::new())));
    let mut seen = 0;
    while let Some((id, at)) = open.pop() {
        seen += 1;
        if seen > MOST {
            if !hint::is_interesting(&bytes) {
                return None;
            }
            let message = format!("{shown}: more than {MOST} values; not all were looked at");
            project.problem(ProblemKind::Unknown, message, None);
            break;
        }
        match &parsed.node(id).value {
            Value::Map(_) => {
                for (key, value) in parsed.fields(id).unwrap_or_default() {
                    let key = parsed.text(key).unwrap_or_default().to_owned();
                    open.push((value, [at.as_slice(), &[key]].concat()));
                }
            }
            Value::Scalar(text, style) => {
                let kind = kind(&at, text);
                if kind.is_some() && text.contains("{{") {
                    let message = format!(
                        "{shown}: `{}` is a template: the configuration in it is unknown",
                        base::source::printable(at.join(".").as_bytes())
                    );
                    let help = "give what is made of it: `helm template . | badgateway check -`";
                    project.taken.insert(path.clone());
                    project.problem(ProblemKind::Unknown, message, Some(help));
                    set.insert(at, None);
                    continue;
                }
                let payload = kind.map(|kind| Payload {
                    kind,
                    bytes: text.as_bytes().into(),
                    outer: Outer {
                        path: path.clone(),
                        bytes: bytes.clone(),
                        map: Arc::new(yaml::inner(&bytes, parsed.node(id).range, text, *style)),
                    },
                });
                set.insert(at, payload);
            }
            // A list of an environment takes the place of the other one.
            Value::List(_) => {
                set.insert(at, None);
            }
        }
    }
    Some(Values {
        path: path.clone(),
        shown,
        set,
    })
}

/// What a text of this path is, if it is configuration beyond doubt.
fn kind(at: &[String], text: &str) -> Option<Kind> {
    if !text.contains('\n') {
        return None;
    }
    let name = at.last()?;
    let kind = hint::kind(name, text.as_bytes());
    kind.or_else(|| {
        // `phpConfiguration` has no ending.
        let is_php = at.iter().any(|part| part.to_lowercase().contains("php"));
        hint::kind(&format!("{name}.ini"), text.as_bytes()).filter(|_| is_php)
    })
}

/// The texts of an environment: its own, and those of the base that it does not set.
fn merged(base: Option<&Values>, own: &Values) -> Vec<(String, Payload)> {
    let is_set = |path: &[String]| (1..=path.len()).any(|len| own.set.contains_key(&path[..len]));
    let of_base = base.into_iter().flat_map(|base| base.set.iter());
    let of_base = of_base.filter(|(path, _)| !is_set(path));
    let all = of_base.chain(own.set.iter());
    let all = all.filter_map(|(path, payload)| Some((path.join("."), payload.clone()?)));
    all.collect()
}

fn system(network: usize, values: &Values, payloads: Vec<(String, Payload)>) -> System {
    let shown = base::source::printable(values.shown.as_bytes());
    let mut system = System {
        machine: Machine {
            via: shown.clone(),
            shown,
            network,
            loopback: 1,
            ..Machine::default()
        },
        ..System::default()
    };
    for name in OF_IMAGE {
        let why = "it comes with the image".to_owned();
        system.files.insert_unknown(format!("values/{name}"), why);
    }
    let (mut nginx, mut mains, mut pools, mut inis) = (vec![], vec![], vec![], vec![]);
    for (name, payload) in payloads {
        let path = FilePath::new(format!("values/{name}"));
        system
            .files
            .insert_inner(path.as_bytes(), payload.bytes, payload.outer);
        match payload.kind {
            Kind::Nginx => nginx.push(path),
            Kind::FpmMain => mains.push(path),
            Kind::FpmPool => pools.push(path),
            _ => inis.push(path),
        }
    }
    let mut fpm: Vec<FpmInput> = mains.into_iter().map(FpmInput::main).collect();
    if !pools.is_empty() {
        fpm.push(FpmInput::fragments(pools));
    }
    for input in &mut fpm {
        input.scan_files.clone_from(&inis);
    }
    if fpm.is_empty() {
        for ini in inis {
            let message = format!(
                "{}: `{}` belongs to no pool in it; it was not judged",
                values.shown,
                String::from_utf8_lossy(ini.name())
            );
            system.problems.push((ProblemKind::Unreadable, message));
        }
    }
    system.nginx = Some(nginx);
    system.fpm = Some(fpm);
    system
}
