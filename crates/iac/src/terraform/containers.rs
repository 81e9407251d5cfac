//! Containers of the Docker provider, as services of a Compose file.

use base::SortedMap;

use super::encode;
use super::manifests::map;
use super::text::Text;
use super::value::Value;

/// A service: its name, itself, and the texts that it takes from the top of the file.
pub(super) struct Service {
    pub(super) name: String,
    pub(super) text: Text,
    pub(super) configs: Vec<(String, Text)>,
}

/// Of a `docker_container`; `None` when its name is not known.
pub(super) fn service(
    arguments: &Value,
    images: &dyn Fn(&str) -> Option<Value>,
) -> Option<Service> {
    let name = arguments.get("name")?.words()?;
    let mut fields: SortedMap<String, Value> = SortedMap::new();
    if let Some(image) = arguments.get("image").and_then(Value::to_text) {
        if let Some(build) = images(&image.text) {
            fields.insert("build".to_owned(), build);
        }
        fields.insert("image".to_owned(), Value::Text(escaped(&image)));
    }
    for (from, to) in [
        ("env", "environment"),
        ("command", "command"),
        ("entrypoint", "entrypoint"),
        ("links", "links"),
    ] {
        let items = arguments.get(from).map(Value::items).unwrap_or_default();
        let items: Vec<Value> = items
            .iter()
            .filter_map(|item| Some(Value::Text(escaped(&item.to_text()?))))
            .collect();
        if !items.is_empty() {
            fields.insert(to.to_owned(), Value::List(items));
        }
    }
    networks(arguments, &mut fields);
    let mut volumes = Vec::new();
    for volume in arguments
        .get("volumes")
        .map(Value::items)
        .unwrap_or_default()
    {
        let text = |name: &str| Some(Value::Text(escaped(&volume.get(name)?.to_text()?)));
        let target = text("container_path");
        volumes.push(match (text("host_path"), text("volume_name")) {
            (Some(host), _) => map([
                ("type", made("bind")),
                ("source", Some(source(host))),
                ("target", target),
            ]),
            (None, named) => map([
                ("type", made("volume")),
                ("source", named),
                ("target", target),
            ]),
        });
    }
    for mount in arguments
        .get("mounts")
        .map(Value::items)
        .unwrap_or_default()
    {
        let text = |name: &str| Some(Value::Text(escaped(&mount.get(name)?.to_text()?)));
        volumes.push(map([
            ("type", text("type")),
            ("source", text("source").map(source)),
            ("target", text("target")),
        ]));
    }
    let (mut configs, mut uploads) = (Vec::new(), Vec::new());
    for upload in arguments
        .get("upload")
        .map(Value::items)
        .unwrap_or_default()
    {
        let Some(target) = upload.get("file").and_then(Value::to_text) else {
            continue;
        };
        if let Some(from) = upload.get("source").and_then(Value::to_text) {
            let from = Value::Text(escaped(&from));
            volumes.push(map([
                ("type", made("bind")),
                ("source", Some(source(from))),
                ("target", Some(Value::Text(escaped(&target)))),
            ]));
            continue;
        }
        let content = upload.get("content").and_then(Value::to_text);
        let id = format!("{name}-{}", configs.len());
        uploads.push(map([
            ("source", made(&id)),
            ("target", Some(Value::Text(escaped(&target)))),
        ]));
        // What is packed stands there as it is, and is no configuration then.
        let content = content.unwrap_or_else(|| Text::made(""));
        let config = map([("content", Some(Value::Text(escaped(&content))))]);
        configs.push((id, encode::json(&config)?));
    }
    if !volumes.is_empty() {
        fields.insert("volumes".to_owned(), Value::List(volumes));
    }
    if !uploads.is_empty() {
        fields.insert("configs".to_owned(), Value::List(uploads));
    }
    Some(Service {
        name,
        text: encode::json(&Value::Map(fields))?,
        configs,
    })
}

fn networks(arguments: &Value, fields: &mut SortedMap<String, Value>) {
    let mut out = SortedMap::new();
    for network in arguments
        .get("networks_advanced")
        .map(Value::items)
        .unwrap_or_default()
    {
        if let Some(name) = network.get("name").and_then(Value::words) {
            let aliases = network.get("aliases").cloned();
            out.insert(name, map([("aliases", aliases)]));
        }
    }
    let mode = arguments.get("network_mode").and_then(Value::words);
    match mode {
        Some(mode) if out.is_empty() => {
            fields.insert("network_mode".to_owned(), Value::Text(Text::made(&mode)));
        }
        // Without a network of its own a container is in one in which names mean nothing.
        None if out.is_empty() => {
            fields.insert("network_mode".to_owned(), Value::Text(Text::made("bridge")));
        }
        _ => drop(fields.insert("networks".to_owned(), Value::Map(out))),
    }
}

/// A path on the machine on which Terraform runs.
fn source(path: Value) -> Value {
    let Value::Text(text) = &path else {
        return path;
    };
    let cwd = super::text::hole_text("path.cwd");
    match text.text.strip_prefix(&cwd) {
        Some(rest) => Value::Text(Text::made(&format!("./{}", rest.trim_start_matches('/')))),
        None if text.text.starts_with(['/', '.', '{']) => path,
        None => Value::Text(Text::made(&format!("./{}", text.text))),
    }
}

fn made(text: &str) -> Option<Value> {
    Some(Value::Text(Text::made(text)))
}

/// Compose would fill in what stands behind a dollar sign.
fn escaped(text: &Text) -> Text {
    text.encoded(|c| (c == '$').then(|| "$$".to_owned()))
}
