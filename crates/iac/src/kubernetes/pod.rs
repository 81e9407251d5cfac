//! Pods: what the workloads of a cluster start.

use super::manifest::At;

/// A pod, or the template of one.
pub(crate) struct Pod<'m> {
    /// `deployment shop/web`, for people.
    pub shown: String,
    /// Its namespace.
    pub namespace: String,
    /// What Services select it by.
    pub labels: Vec<(&'m str, &'m str)>,
    /// Its `spec`.
    pub spec: At<'m>,
}

/// A container of a pod.
#[derive(Clone, Copy)]
pub(crate) struct Container<'m> {
    /// Its name.
    pub name: &'m str,
    /// Its image.
    pub image: &'m str,
    /// Its map.
    pub at: At<'m>,
}

/// What a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    /// What its image says.
    Image,
    /// Something that may start anything.
    Script,
    /// No server of ours: `php artisan queue:work`.
    Other,
}

impl<'m> Pod<'m> {
    /// Of an object; `None` for one that starts no pods.
    pub(crate) fn of(object: At<'m>, name: &'m str, namespace: String) -> Option<Pod<'m>> {
        let kind = object.word("kind")?;
        let template = match kind {
            "Pod" => Some(object),
            "CronJob" => object.find(&["spec", "jobTemplate", "spec", "template"]),
            _ => object.find(&["spec", "template"]),
        }?;
        let spec = template.get("spec")?;
        spec.get("containers")?;
        let labels = template.find(&["metadata", "labels"]);
        let labels = labels.map(At::fields).unwrap_or_default();
        let labels = labels
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.text()?)));
        Some(Pod {
            shown: shown(object, kind, name),
            namespace,
            labels: labels.collect(),
            spec,
        })
    }

    /// Whether it is only a part of a workload, and one that changes files.
    pub(crate) fn is_patch(&self) -> bool {
        let containers = self.spec.items("containers");
        let changes = ["volumeMounts", "command", "args"];
        let changes = |at: &At<'_>| changes.iter().any(|name| at.get(name).is_some());
        containers.iter().all(|at| at.get("image").is_none())
            && (self.spec.get("volumes").is_some() || containers.iter().any(changes))
    }

    /// The containers that go on running.
    pub(crate) fn containers(&self) -> Vec<Container<'m>> {
        let inits = self.spec.items("initContainers").into_iter();
        let sidecars = inits.filter(|at| at.word("restartPolicy") == Some("Always"));
        let all = sidecars.chain(self.spec.items("containers"));
        let all = all.filter_map(|at| {
            Some(Container {
                name: at.word("name")?,
                image: at.word("image").unwrap_or_default(),
                at,
            })
        });
        all.collect()
    }

    /// The number of a port that a container gives a name.
    pub(crate) fn port(&self, name: &str) -> Option<u16> {
        let containers = self.containers().into_iter();
        let ports = containers.flat_map(|container| container.at.items("ports"));
        let mut named = ports.filter(|port| port.word("name") == Some(name));
        named.find_map(|port| port.word("containerPort")?.parse().ok())
    }
}

/// `deployment web`, with its namespace where it says one.
pub(crate) fn shown(object: At<'_>, kind: &str, name: &str) -> String {
    let kind = match kind {
        "ConfigMap" | "Ingress" | "Secret" | "Service" => kind.to_owned(),
        kind => kind.to_lowercase(),
    };
    let text = match object.find(&["metadata", "namespace"]).and_then(At::text) {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    };
    base::source::printable(text.as_bytes())
}

impl<'m> Container<'m> {
    /// The words of its command line, as far as they are not the image's.
    pub(crate) fn words(&self) -> Vec<&'m str> {
        let mut words = self.at.words("command");
        words.extend(self.at.words("args"));
        words
    }

    /// What it runs.
    pub(crate) fn runs(&self) -> Runs {
        let words = self.words();
        let Some(first) = words.first() else {
            return Runs::Image;
        };
        let program = first.rsplit('/').next().unwrap_or(first);
        let line = words.join(" ");
        let is_server = line.contains("php-fpm") || line.contains("nginx");
        let is_shell = matches!(program, "sh" | "bash" | "ash" | "dash");
        match program {
            // Options for the image's own program.
            _ if program.starts_with('-') => Runs::Image,
            "nginx" | "php-fpm" => Runs::Image,
            _ if is_shell && line.contains('/') && !line.contains(' ') => Runs::Script,
            _ if is_server => Runs::Script,
            "php" | "artisan" | "composer" | "crond" | "supercronic" | "sleep" => Runs::Other,
            _ if is_shell
                && words
                    .iter()
                    .any(|word| word.starts_with("-") && word.contains('c')) =>
            {
                Runs::Other
            }
            _ => Runs::Script,
        }
    }

    /// The word behind an option: the file that a server is started with.
    pub(crate) fn option(&self, names: &[&str]) -> Option<&'m str> {
        let words = self.words();
        let at = words.iter().position(|word| names.contains(word))?;
        words.get(at + 1).copied()
    }

    /// Files that its command writes.
    pub(crate) fn written(&self) -> Vec<&'m str> {
        let lines = self.words().into_iter().filter(|word| word.contains('>'));
        let targets = lines.flat_map(|line| line.split('>').skip(1));
        let paths = targets.filter_map(|target| {
            let path = target.split_ascii_whitespace().next()?;
            let path = path.trim_matches(['"', '\'', ';', ')', '&', '|']);
            path.starts_with('/').then_some(path)
        });
        paths.collect()
    }
}
