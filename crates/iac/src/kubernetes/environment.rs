//! The environment of a container: `envFrom`, and `env` on top.

use super::Parts;
use super::data::{Data, inner};
use super::manifest::At;
use super::pod::Pod;
use crate::filled::{Environment, Value};

/// What a container sets.
pub(crate) fn environment(parts: &Parts<'_>, pod: &Pod<'_>, container: At<'_>) -> Environment {
    let mut env = Environment::default();
    for source in container.items("envFrom") {
        let prefix = source.word("prefix").unwrap_or_default();
        let Some(data) = named(parts, pod, source, &["configMapRef", "secretRef"]) else {
            env.has_gaps = true;
            continue;
        };
        env.has_gaps |= !data.broken.is_empty();
        for entry in &data.entries {
            env.set(format!("{prefix}{}", entry.key), value(entry));
        }
    }
    for variable in container.items("env") {
        let Some(name) = variable.word("name") else {
            continue;
        };
        env.set(name, one(parts, pod, variable));
    }
    env
}

fn one(parts: &Parts<'_>, pod: &Pod<'_>, variable: At<'_>) -> Value {
    if let Some(from) = variable.get("valueFrom") {
        let refs = ["configMapKeyRef", "secretKeyRef"];
        let key = refs.iter().find_map(|kind| from.get(kind)?.word("key"));
        let entry = named(parts, pod, from, &refs).and_then(|data| {
            data.entries
                .iter()
                .find(|entry| Some(entry.key.as_str()) == key)
        });
        return entry.map(value).unwrap_or_default();
    }
    let Some(at) = variable.get("value") else {
        return Value::at("", None);
    };
    let text = at.text().unwrap_or_default();
    match text.contains("$(") {
        // It is made of others.
        true => Value::default(),
        false => Value::at(text, Some(inner(at))),
    }
}

fn value(entry: &super::data::Entry) -> Value {
    match std::str::from_utf8(&entry.bytes) {
        Ok(text) => Value::at(text, Some(entry.outer.clone())),
        Err(_) => Value::default(),
    }
}

/// The ConfigMap or Secret that a field of one of these names (the second is of a Secret) names.
fn named<'p>(
    parts: &'p Parts<'_>,
    pod: &Pod<'_>,
    at: At<'_>,
    fields: &[&str; 2],
) -> Option<&'p Data<'p>> {
    let kinds = ["ConfigMap", "Secret"].iter().zip(fields);
    let mut found = kinds.filter_map(|(kind, field)| Some((kind, at.get(field)?.word("name")?)));
    let (kind, name) = found.next()?;
    parts.data(&pod.namespace, kind, name)
}
