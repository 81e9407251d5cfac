//! Manifests of Kubernetes: ConfigMaps and Secrets with configuration in them, the pods that mount
//! them, the Services between pods, and the Ingress in front of them.
//!
//! Each container is a machine with the files of its image and those that are mounted; containers
//! of a pod share a loopback. What no pod mounts is judged like a file without a place.

mod cluster;
mod container;
mod data;
mod environment;
mod hint;
mod ingress;
mod kustomize;
mod loose;
mod manifest;
mod mount;
mod pod;
mod service;
mod text;
pub(crate) mod values;

pub(crate) use hint::{is_interesting, kind};

use base::{FilePath, ProblemKind, SortedMap, SortedSet};
use intake::Tree;
use model::Machine;
use yaml::Id;

use crate::project::Project;
use crate::system::System;
use cluster::Cluster;
use data::{Data, Unpacked};
use manifest::{At, Manifest};
use pod::Pod;
use service::{Names, Service};

/// More containers than a repository has; a file of a few lines can name millions.
const MOST_CONTAINERS: usize = 2000;

/// Adds the machines of the manifests among these files.
pub(crate) fn read(tree: &dyn Tree, files: &[FilePath], project: &mut Project) {
    let mut manifests = manifest::all(tree, files, project);
    let plain = manifests.len();
    let leaves = kustomize::read(tree, files, &mut manifests, project);
    if manifests.is_empty() {
        return;
    }
    let (mut clusters, is_whole) = cluster::clusters(&manifests[..plain]);
    if !leaves.is_empty() {
        clusters.retain(|cluster| !cluster.objects.is_empty());
    }
    let is_only = clusters.is_empty() && leaves.len() == 1;
    for leaf in leaves {
        let name = if is_only { String::new() } else { leaf.name };
        clusters.push(cluster::of_one(name, &manifests, leaf.file));
    }
    let mut reader = Reader {
        manifests: &manifests,
        unpacked: Unpacked::default(),
        used: SortedSet::new(),
        vias: SortedSet::new(),
        systems: Vec::new(),
        is_whole,
        project,
    };
    let mut all = Vec::new();
    for cluster in &clusters {
        let parts = reader.parts(cluster);
        reader.containers(&parts);
        all.push(parts);
    }
    for parts in &all {
        reader.loose(parts);
    }
    reader.finish(tree, files);
}

/// The objects of a cluster, by what they are.
struct Parts<'m> {
    /// Stands before the names of its machines, when there are several clusters.
    prefix: String,
    network: usize,
    /// ConfigMaps and Secrets by kind, namespace and name.
    data: SortedMap<(&'m str, String, &'m str), Data<'m>>,
    pods: Vec<Pod<'m>>,
    services: Vec<Service<'m>>,
    ingresses: Vec<ingress::Ingress<'m>>,
}

struct Reader<'m, 'p> {
    manifests: &'m [Manifest],
    unpacked: Unpacked,
    /// What somebody mounts.
    used: SortedSet<(usize, Id)>,
    vias: SortedSet<String>,
    systems: Vec<System>,
    is_whole: bool,
    project: &'p mut Project,
}

impl<'m> Reader<'m, '_> {
    fn parts(&mut self, cluster: &Cluster<'m>) -> Parts<'m> {
        let prefix = match cluster.name.as_str() {
            "" => String::new(),
            name => format!("{name}: "),
        };
        let mut parts = Parts {
            prefix,
            network: self.project.network(),
            data: SortedMap::new(),
            pods: Vec::new(),
            services: Vec::new(),
            ingresses: Vec::new(),
        };
        for (file, object) in &cluster.objects {
            let at = At {
                manifest: &self.manifests[*file],
                id: object.id,
            };
            let name = object.name.as_str();
            let namespace = object.namespace.as_ref().unwrap_or(&cluster.namespace);
            let namespace = namespace.clone();
            let kind = object.kind.as_str();
            match kind {
                "ConfigMap" | "Secret" => {
                    let shown = pod::shown(at, kind, name);
                    let data = self.unpacked.data(*file, at, shown);
                    parts.data.insert((kind, namespace, name), data);
                }
                "Service" => parts.services.extend(Service::of(at, name, namespace)),
                "Ingress" => parts
                    .ingresses
                    .extend(ingress::Ingress::of(at, name, namespace)),
                _ => {
                    let pod = Pod::of(at, name, namespace);
                    if pod.as_ref().is_some_and(Pod::is_patch) {
                        self.patch(at.manifest);
                        continue;
                    }
                    parts.pods.extend(pod);
                }
            }
        }
        parts
    }

    /// A part of a workload that is laid over another one: who does that knows what comes out.
    fn patch(&mut self, manifest: &Manifest) {
        let message = format!(
            "{} changes what a container has: what comes out of it is unknown",
            manifest.shown
        );
        let help = "give what is made of it: `kustomize build . | badgateway check -`";
        if self
            .project
            .problems
            .iter()
            .all(|known| known.message != message)
        {
            self.project
                .problem(ProblemKind::Unknown, message, Some(help));
        }
    }

    fn containers(&mut self, parts: &Parts<'m>) {
        for (number, pod) in parts.pods.iter().enumerate() {
            let names = names_of(pod, &parts.services);
            for container in pod.containers() {
                if self.systems.len() >= MOST_CONTAINERS {
                    self.is_whole = false;
                    return;
                }
                let Some(mut system) = container::system(parts, pod, &container, &mut self.used)
                else {
                    continue;
                };
                let shown = format!(
                    "{}{}, container {}",
                    parts.prefix, pod.shown, container.name
                );
                let machine = &mut system.machine;
                machine.via = self.unique(&base::source::printable(shown.as_bytes()));
                machine.shown = machine.via.clone();
                machine.network = parts.network;
                machine.loopback = number + 1;
                machine.search = search(&pod.namespace);
                for name in &names {
                    match name {
                        Names::Pods(name) => machine.names.push(name.clone()),
                        Names::Door(door) => machine.doors.push(door.clone()),
                    }
                }
                self.systems.push(system);
            }
        }
        self.strangers(parts);
        let ingresses = ingress::systems(parts);
        for mut system in ingresses {
            system.machine.via = self.unique(&system.machine.via);
            self.systems.push(system);
        }
    }

    /// Services whose pods are not in the files: nobody knows who listens there.
    fn strangers(&mut self, parts: &Parts<'m>) {
        for service in &parts.services {
            if parts.pods.iter().any(|pod| service.selects(pod)) {
                continue;
            }
            let shown = format!(
                "{}Service {}/{}",
                parts.prefix, service.namespace, service.name
            );
            let via = self.unique(&base::source::printable(shown.as_bytes()));
            let mut machine = Machine {
                shown: via.clone(),
                via,
                network: parts.network,
                loopback: usize::MAX - self.systems.len(),
                ..Machine::default()
            };
            match service.names(None) {
                Names::Pods(name) => machine.names.push(name),
                Names::Door(door) => machine.doors.push(door),
            }
            self.systems.push(System {
                machine,
                ..System::default()
            });
        }
    }

    fn unique(&mut self, via: &str) -> String {
        let mut unique = via.to_owned();
        let mut count = 1;
        while !self.vias.insert(unique.clone()) {
            count += 1;
            unique = format!("{via} ({count})");
        }
        unique
    }

    /// What no pod mounts, as files without a place.
    fn loose(&mut self, parts: &Parts<'m>) {
        for data in parts.data.values() {
            let via = format!("{}{}", parts.prefix, data.shown);
            let found = loose::found(data, &via, &mut self.used);
            self.project.loose.push(found);
        }
    }

    fn finish(mut self, tree: &dyn Tree, files: &[FilePath]) {
        let is_something = |project: &Project| {
            project.loose.iter().any(|found| !found.is_empty()) || !project.problems.is_empty()
        };
        let has_servers = self.systems.iter().any(System::has_servers);
        if !self.is_whole {
            let message = format!(
                "more than {MOST_CONTAINERS} containers or 100 environments in these manifests; \
                 not all were looked at"
            );
            let help = "give the manifests of one environment";
            self.project
                .problem(ProblemKind::Unreadable, message, Some(help));
        }
        if has_servers {
            self.project.systems.append(&mut self.systems);
        } else if files.len() == 1 && !is_something(self.project) {
            let shown = intake::name_of(tree, &files[0]);
            let message =
                format!("{shown}: no nginx, PHP-FPM or php.ini configuration in these manifests");
            let help = "an image has its own: give the folder with its Dockerfile too";
            self.project
                .problem(ProblemKind::Unreadable, message, Some(help));
        }
        let paths = self.manifests.iter().map(|manifest| manifest.path.clone());
        self.project.taken.extend(paths);
    }
}

impl<'m> Parts<'m> {
    /// A ConfigMap or Secret as a pod of a namespace sees it.
    fn data(&self, namespace: &str, kind: &str, name: &str) -> Option<&Data<'m>> {
        let mut all = self.data.iter();
        let found = all
            .find(|((of, there, called), _)| *of == kind && there == namespace && *called == name);
        found.map(|(_, data)| data)
    }
}

/// The names by which a pod is reached.
fn names_of(pod: &Pod<'_>, services: &[Service<'_>]) -> Vec<Names> {
    let selecting = services.iter().filter(|service| service.selects(pod));
    selecting.map(|service| service.names(Some(pod))).collect()
}

/// What the resolver of a pod tries behind a name.
fn search(namespace: &str) -> Vec<Vec<u8>> {
    [
        format!("{namespace}.svc.cluster.local"),
        "svc.cluster.local".to_owned(),
        "cluster.local".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}
