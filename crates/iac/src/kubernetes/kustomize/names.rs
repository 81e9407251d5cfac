//! Names: what is put around them, and who speaks of whom.

use base::SortedMap;

use super::build::Resource;
use super::draft::Draft;

/// Kinds whose names stay.
const KEPT: [&str; 3] = ["Namespace", "CustomResourceDefinition", "APIService"];

/// Puts a prefix and a suffix around all names.
pub(super) fn rename(resources: &mut [Resource], prefix: &str, suffix: &str) {
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    for resource in resources {
        if KEPT.contains(&resource.kind.as_str()) {
            continue;
        }
        let known = resource.names.last().map_or("", String::as_str);
        let new = format!("{prefix}{known}{suffix}");
        if let Some(name) = resource.draft.find_mut(&["metadata", "name"]) {
            name.write(new.clone());
        }
        resource.names.push(new);
        let affix = (prefix.to_owned(), suffix.to_owned());
        resource.affixes.push(affix);
    }
}

/// The `spec` of the pods that an object starts.
pub(super) fn pod_spec(draft: &mut Draft) -> Option<&mut Draft> {
    let path: &[&str] = match draft.word("kind")? {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    draft.find_mut(path)
}

/// What somebody may be called.
struct Known {
    names: Vec<String>,
    affixes: Vec<(String, String)>,
    namespace: Option<String>,
}

/// Everybody, by kind.
type Book = SortedMap<String, Vec<Known>>;

/// Makes those who speak of others use their last names.
pub(super) fn references(resources: &mut [Resource]) {
    let mut book = Book::new();
    for resource in &*resources {
        let known = Known {
            names: resource.names.clone(),
            affixes: resource.affixes.clone(),
            namespace: resource.namespace().map(str::to_owned),
        };
        book.entry(resource.kind.clone()).or_default().push(known);
    }
    for resource in resources {
        let from = (
            resource.affixes.clone(),
            resource.namespace().map(str::to_owned),
        );
        let draft = &mut resource.draft;
        let mut speak = |kind: &str, at: Option<&mut Draft>| {
            let Some(at) = at else { return };
            let new = at
                .text()
                .and_then(|name| last_name(&book, kind, name, &from));
            if let Some(new) = new {
                at.write(new);
            }
        };
        if resource.kind == "Ingress" {
            of_ingress(draft, &mut speak);
        } else if let Some(spec) = pod_spec(draft) {
            of_pod(spec, &mut speak);
        }
    }
}

/// The last name of who was once called `name`, as one with these affixes in this namespace means
/// it.
fn last_name(
    book: &Book,
    kind: &str,
    name: &str,
    from: &(Vec<(String, String)>, Option<String>),
) -> Option<String> {
    let is_meant = |known: &&Known| {
        let is_near = known.namespace == from.1;
        is_near && known.names.iter().any(|one| one == name)
    };
    let all: Vec<&Known> = book.get(kind)?.iter().filter(is_meant).collect();
    // Of two with the same first name the one that has come the same way.
    let same = all.iter().find(|known| known.affixes == from.0);
    let last = same.or(all.first())?.names.last()?;
    (last != name).then(|| last.clone())
}

fn of_pod(spec: &mut Draft, speak: &mut impl FnMut(&str, Option<&mut Draft>)) {
    for volume in spec.items_mut("volumes") {
        speak("ConfigMap", volume.find_mut(&["configMap", "name"]));
        speak("Secret", volume.find_mut(&["secret", "secretName"]));
        let Some(projected) = volume.get_mut("projected") else {
            continue;
        };
        for source in projected.items_mut("sources") {
            speak("ConfigMap", source.find_mut(&["configMap", "name"]));
            speak("Secret", source.find_mut(&["secret", "name"]));
        }
    }
    for list in ["containers", "initContainers"] {
        for container in spec.items_mut(list) {
            for from in container.items_mut("envFrom") {
                speak("ConfigMap", from.find_mut(&["configMapRef", "name"]));
                speak("Secret", from.find_mut(&["secretRef", "name"]));
            }
            for env in container.items_mut("env") {
                let Some(from) = env.get_mut("valueFrom") else {
                    continue;
                };
                speak("ConfigMap", from.find_mut(&["configMapKeyRef", "name"]));
                speak("Secret", from.find_mut(&["secretKeyRef", "name"]));
            }
        }
    }
}

fn of_ingress(draft: &mut Draft, speak: &mut impl FnMut(&str, Option<&mut Draft>)) {
    let mut of_backend = |backend: Option<&mut Draft>| {
        let Some(backend) = backend else { return };
        speak("Service", backend.find_mut(&["service", "name"]));
        speak("Service", backend.get_mut("serviceName"));
    };
    let Some(spec) = draft.get_mut("spec") else {
        return;
    };
    of_backend(spec.get_mut("defaultBackend"));
    of_backend(spec.get_mut("backend"));
    for rule in spec.items_mut("rules") {
        let Some(http) = rule.get_mut("http") else {
            continue;
        };
        for path in http.items_mut("paths") {
            of_backend(path.get_mut("backend"));
        }
    }
}
