//! How a Compose file goes on top of another one.

use base::SortedMap;

use super::node::{Node, Tag, Value};
use super::syntax::target_of;

/// Puts `over` on top of `under`, both whole files.
pub(crate) fn merge_files(under: Node, over: Node) -> Node {
    merge_maps(under, over, &|name, under, over| match name {
        "services" => merge_maps(under, over, &|_, under, over| merge_services(under, over)),
        _ => merge_maps(under, over, &|_, under, over| merge_any(under, over)),
    })
}

/// Puts a service on top of another one.
pub(crate) fn merge_services(under: Node, over: Node) -> Node {
    merge_maps(under, over, &|name, under, over| match name {
        "command" | "entrypoint" => over,
        "volumes" | "configs" | "secrets" => by_target(&under, &over),
        "environment" | "networks" | "depends_on" | "labels" | "extra_hosts" => {
            merge_any(as_map(under), as_map(over))
        }
        "build" => merge_maps(
            as_build(under),
            as_build(over),
            &|name, under, over| match name {
                "args" => merge_any(as_map(under), as_map(over)),
                _ => merge_any(under, over),
            },
        ),
        "env_file" | "tmpfs" | "dns" => append(&under, &over),
        _ => merge_any(under, over),
    })
}

/// Merges one field: its name, what is below, what is on top.
type Fields<'f> = &'f dyn Fn(&str, Node, Node) -> Node;

/// Two maps, field by field; anything else is replaced.
fn merge_maps(under: Node, over: Node, merge: Fields<'_>) -> Node {
    if over.tag != Tag::None {
        return over;
    }
    let (Value::Map(mut fields), Value::Map(new)) = (under.value.clone(), over.value.clone())
    else {
        return match over.value {
            Value::Null => under,
            _ => over,
        };
    };
    for (name, value) in new {
        let merged = match (fields.remove(&name), value.tag) {
            (_, Tag::Reset) => continue,
            (Some(old), Tag::None) => merge(&name, old, value),
            _ => value,
        };
        fields.insert(name, merged);
    }
    Node {
        value: Value::Map(fields),
        ..over
    }
}

fn merge_any(under: Node, over: Node) -> Node {
    match (&under.value, &over.value) {
        (Value::Map(_), Value::Map(_)) => {
            merge_maps(under, over, &|_, under, over| merge_any(under, over))
        }
        (Value::List(_), Value::List(_)) => append(&under, &over),
        _ => over,
    }
}

fn append(under: &Node, over: &Node) -> Node {
    let mut items = under.items().to_vec();
    items.extend_from_slice(over.items());
    Node {
        value: Value::List(items),
        ..over.clone()
    }
}

/// What is mounted at the same place is replaced.
fn by_target(under: &Node, over: &Node) -> Node {
    let mut items = under.items().to_vec();
    let mut at: SortedMap<String, usize> = SortedMap::new();
    for (index, item) in items.iter().enumerate() {
        at.insert(target_of(item), index);
    }
    for item in over.items() {
        match at.get(&target_of(item)) {
            Some(index) => items[*index] = item.clone(),
            None => {
                at.insert(target_of(item), items.len());
                items.push(item.clone());
            }
        }
    }
    Node {
        value: Value::List(items),
        ..over.clone()
    }
}

/// `[A=1, B]` as `{A: 1, B: }`.
fn as_map(node: Node) -> Node {
    let Value::List(_) = &node.value else {
        return node;
    };
    let (at, tag) = (node.at, Tag::None);
    let null = || Node {
        at,
        tag,
        value: Value::Null,
    };
    let pairs = node.pairs().into_iter();
    let fields = pairs.map(|(name, value)| (name, value.unwrap_or_else(null)));
    Node {
        value: Value::Map(fields.collect()),
        ..node
    }
}

/// `build: DIR` as `build: {context: DIR}`.
fn as_build(node: Node) -> Node {
    match &node.value {
        Value::Text(_) => Node {
            value: Value::Map([("context".to_owned(), node.clone())].into()),
            ..node
        },
        _ => node,
    }
}
