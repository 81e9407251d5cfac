//! Services: the names of pods, and the ports behind them.

use model::Door;

use super::manifest::At;
use super::pod::Pod;

/// A Service.
pub(crate) struct Service<'m> {
    /// Its name.
    pub name: &'m str,
    /// Its namespace.
    pub namespace: String,
    selector: Vec<(&'m str, &'m str)>,
    ports: Vec<Port<'m>>,
    is_headless: bool,
}

struct Port<'m> {
    name: Option<&'m str>,
    port: u16,
    target: &'m str,
}

/// Who is meant by a Service.
pub(crate) enum Names {
    /// A name of the pods themselves: every port is open.
    Pods(Vec<u8>),
    /// A door in front of them.
    Door(Door),
}

impl<'m> Service<'m> {
    /// Of an object; `None` when the name leads out of the cluster.
    pub(crate) fn of(object: At<'m>, name: &'m str, namespace: String) -> Option<Service<'m>> {
        let spec = object.get("spec")?;
        if spec.word("type") == Some("ExternalName") {
            return None;
        }
        let selector = spec.get("selector").map(At::fields).unwrap_or_default();
        let selector = selector
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.text()?)));
        let ports = spec.items("ports").into_iter().filter_map(|port| {
            let number = port.word("port")?;
            Some(Port {
                name: port.word("name"),
                port: number.parse().ok()?,
                target: port.word("targetPort").unwrap_or(number),
            })
        });
        Some(Service {
            name,
            namespace,
            selector: selector.collect(),
            ports: ports.collect(),
            is_headless: spec.word("clusterIP") == Some("None"),
        })
    }

    /// Whether it leads to this pod.
    pub(crate) fn selects(&self, pod: &Pod<'_>) -> bool {
        let has = |wanted: &(&str, &str)| pod.labels.contains(wanted);
        !self.selector.is_empty()
            && self.namespace == pod.namespace
            && self.selector.iter().all(has)
    }

    /// The whole name.
    pub(crate) fn host(&self) -> String {
        format!("{}.{}.svc.cluster.local", self.name, self.namespace).to_ascii_lowercase()
    }

    /// The number of a port that has this name or number.
    pub(crate) fn port(&self, wanted: &str) -> Option<u16> {
        let is_it = |port: &&Port<'_>| port.name == Some(wanted) || wanted.parse() == Ok(port.port);
        self.ports.iter().find(is_it).map(|port| port.port)
    }

    /// What it makes of a pod; `None` for one that is not in the files.
    pub(crate) fn names(&self, pod: Option<&Pod<'_>>) -> Names {
        let name = self.host().into_bytes();
        // The addresses of a headless one are the pods' own, with all their ports.
        if self.is_headless {
            return Names::Pods(name);
        }
        let ports = self.ports.iter();
        let ports = ports.map(|port| {
            let number = port.target.parse().ok();
            let named = || pod.and_then(|pod| pod.port(port.target));
            (port.port, number.or_else(named))
        });
        Names::Door(Door {
            name,
            ports: ports.collect(),
        })
    }
}
