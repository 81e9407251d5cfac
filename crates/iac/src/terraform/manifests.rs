//! Resources of the Kubernetes provider, and tasks of ECS, as manifests.

use base::SortedMap;

use super::encode;
use super::text::Text;
use super::value::Value;

/// Blocks that stand for one element of a list each, and the name of the list.
const LISTS: [(&str, &str); 14] = [
    ("container", "containers"),
    ("init_container", "initContainers"),
    ("volume", "volumes"),
    ("volume_mount", "volumeMounts"),
    ("env", "env"),
    ("env_from", "envFrom"),
    ("items", "items"),
    ("sources", "sources"),
    ("rule", "rules"),
    ("path", "paths"),
    ("tls", "tls"),
    ("port", "ports"),
    ("volume_claim_template", "volumeClaimTemplates"),
    ("image_pull_secrets", "imagePullSecrets"),
];

/// The manifest of a resource, on one line; `None` for one of another kind.
pub(super) fn of(kind: &str, arguments: &Value) -> Option<Text> {
    if kind == "kubernetes_manifest" {
        return encode::json(arguments.get("manifest")?);
    }
    let name = kind.strip_prefix("kubernetes_")?;
    let versions = ["_v1", "_v1beta1", "_v2"];
    let name = versions
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    let kind = match name {
        "config_map" => "ConfigMap",
        "secret" => "Secret",
        "deployment" => "Deployment",
        "stateful_set" => "StatefulSet",
        "daemonset" | "daemon_set" => "DaemonSet",
        "replication_controller" => "ReplicationController",
        "pod" => "Pod",
        "job" => "Job",
        "cron_job" => "CronJob",
        "service" => "Service",
        "ingress" => "Ingress",
        _ => return None,
    };
    let Value::Map(fields) = plain(arguments, name) else {
        return None;
    };
    let mut fields: SortedMap<String, Value> = fields;
    fields.insert("apiVersion".to_owned(), Value::Text(Text::made("v1")));
    fields.insert("kind".to_owned(), Value::Text(Text::made(kind)));
    if kind == "Secret" {
        // The provider packs what a manifest has packed already.
        let (data, binary) = (fields.remove("data"), fields.remove("binaryData"));
        fields.extend(data.map(|data| ("stringData".to_owned(), data)));
        fields.extend(binary.map(|binary| ("data".to_owned(), binary)));
    }
    for extra in [
        "provisioner",
        "lifecycle",
        "timeouts",
        "dependsOn",
        "provider",
    ] {
        fields.remove(extra);
    }
    encode::json(&Value::Map(fields))
}

/// Blocks as objects and lists, with the names of manifests. What is a map already has names of its
/// own.
fn plain(value: &Value, within: &str) -> Value {
    let Value::Map(fields) = value else {
        return value.clone();
    };
    let mut out = SortedMap::new();
    for (name, value) in fields {
        let blocks = match value {
            Value::List(items) if items.iter().all(|item| matches!(item, Value::Map(_))) => items,
            value => {
                out.insert(camel(name), value.clone());
                continue;
            }
        };
        let each = || blocks.iter().map(|block| plain(block, name));
        let is_list = LISTS.iter().find(|(one, _)| one == name);
        // A port of the service behind a path is one, and so is `path` where it is a text.
        let is_list = is_list.filter(|_| !(name == "port" && within == "service_backend"));
        match is_list {
            Some((_, list)) => drop(out.insert((*list).to_owned(), Value::List(each().collect()))),
            None => {
                if let Some(block) = blocks.first() {
                    let is_backend = name == "service" && within.ends_with("backend");
                    let inner = if is_backend { "service_backend" } else { name };
                    out.insert(camel(name), plain(block, inner));
                }
            }
        }
    }
    Value::Map(out)
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut is_next = false;
    for c in name.chars() {
        match c {
            '_' => is_next = true,
            c if std::mem::take(&mut is_next) => out.extend(c.to_uppercase()),
            c => out.push(c),
        }
    }
    out
}

/// A task of ECS: containers that share a loopback, as those of a pod do.
pub(super) fn of_task(arguments: &Value) -> Option<Text> {
    let family = arguments.get("family")?.to_text()?;
    let definitions = arguments.get("container_definitions")?.to_text()?;
    let tree = yaml::parse(definitions.text.as_bytes()).ok()?;
    let root = tree.documents.first().copied()?;
    let mut containers = Vec::new();
    for id in tree.list(root)? {
        let word = |name: &str| {
            let id = tree.field(*id, name)?;
            super::cloud::scalar(&definitions, &tree, id)
        };
        let words = |name: &str| {
            let ids = tree
                .field(*id, name)
                .and_then(|id| tree.list(id))
                .unwrap_or_default();
            let words = ids
                .iter()
                .filter_map(|id| super::cloud::scalar(&definitions, &tree, *id));
            Value::List(words.map(Value::Text).collect())
        };
        let mut env = Vec::new();
        let variables = tree.field(*id, "environment").and_then(|id| tree.list(id));
        for variable in variables.unwrap_or_default() {
            let text = |name: &str| {
                let id = tree.field(*variable, name)?;
                Some(Value::Text(super::cloud::scalar(&definitions, &tree, id)?))
            };
            env.push(map([("name", text("name")), ("value", text("value"))]));
        }
        let secrets = tree.field(*id, "secrets").and_then(|id| tree.list(id));
        for secret in secrets.unwrap_or_default() {
            let name = tree.field(*secret, "name").and_then(|id| tree.text(id));
            let from = map([("secretKeyRef", Some(map([])))]);
            env.push(map([
                ("name", name.map(|name| Value::Text(Text::made(name)))),
                ("valueFrom", Some(from)),
            ]));
        }
        containers.push(map([
            ("name", word("name").map(Value::Text)),
            ("image", word("image").map(Value::Text)),
            ("command", Some(words("entryPoint"))),
            ("args", Some(words("command"))),
            ("env", Some(Value::List(env))),
        ]));
    }
    let spec = map([("containers", Some(Value::List(containers)))]);
    let object = map([
        ("apiVersion", Some(Value::Text(Text::made("v1")))),
        ("kind", Some(Value::Text(Text::made("ECS task")))),
        ("metadata", Some(map([("name", Some(Value::Text(family)))]))),
        (
            "spec",
            Some(map([("template", Some(map([("spec", Some(spec))])))])),
        ),
    ]);
    encode::json(&object)
}

/// An object of the fields that are there.
pub(super) fn map<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let there = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Map(there.collect())
}
