//! From resources to machines.

use base::{FilePath, ProblemKind, SortedMap};
use intake::{Found, name_of};
use model::detect::Kind;
use model::php::FpmInput;
use model::{Files as _, Machine, MemoryFiles};

use super::cloud::{Told, is_for_configuration};
use super::containers;
use super::generated::Generated;
use super::manifests::{self, map};
use super::text::Text;
use super::value::{Hole, Value};
use super::world::World;
use super::{Resource, encode};
use crate::kubernetes::{self, is_interesting, kind};
use crate::project::Project;
use crate::system::System;

/// Arguments that tell a machine what to do when it starts.
const TOLD: [&str; 5] = [
    "user_data",
    "user_data_base64",
    "custom_data",
    "metadata_startup_script",
    "startup_script",
];

/// The same in a map of metadata.
const METADATA: [&str; 4] = ["user-data", "user_data", "startup-script", "cloud-init"];

/// Machines while they are put together.
pub(super) struct Machines<'w, 't> {
    world: &'w mut World<'t>,
    /// Stands before the names of machines.
    prefix: String,
    /// Machines by the addresses of their resources.
    hosts: Vec<(String, Told)>,
    /// Files that are written where Terraform runs.
    local: Told,
    has_local: bool,
    manifests: Generated,
    containers: Vec<(String, containers::Service, String)>,
    images: SortedMap<String, Value>,
    loose: Vec<Found>,
}

impl<'w, 't> Machines<'w, 't> {
    pub(super) fn new(world: &'w mut World<'t>, prefix: String) -> Machines<'w, 't> {
        let path = format!("{}/terraform.k8s.yaml", world.root);
        Machines {
            world,
            prefix,
            hosts: Vec::new(),
            local: Told::default(),
            has_local: false,
            manifests: Generated::new(FilePath::new(path)),
            containers: Vec::new(),
            images: SortedMap::new(),
            loose: Vec::new(),
        }
    }

    /// Adds what resources make.
    pub(super) fn add(&mut self, resources: &[Resource]) {
        for resource in resources.iter().filter(|one| one.kind == "docker_image") {
            self.image(resource);
        }
        let (late, early): (Vec<&Resource>, Vec<&Resource>) = resources
            .iter()
            .partition(|one| matches!(one.kind.as_str(), "null_resource" | "terraform_data"));
        // What comes to a machine later is written over what it was told.
        for resource in early.into_iter().chain(late) {
            self.one(resource);
        }
    }

    fn one(&mut self, resource: &Resource) {
        let arguments = &resource.arguments;
        match resource.kind.as_str() {
            "local_file" | "local_sensitive_file" => self.local_file(resource),
            "docker_container" => self.container(resource),
            "aws_ecs_task_definition" => {
                if let Some(text) = manifests::of_task(arguments) {
                    self.manifests.line(Text::made("---"), &resource.place);
                    self.manifests.line(text, &resource.place);
                }
            }
            "helm_release" => self.chart(resource),
            "kubectl_manifest" | "kubernetes_manifest_yaml" => {
                if let Some(text) = arguments.get("yaml_body").and_then(Value::to_text) {
                    self.manifests.line(Text::made("---"), &resource.place);
                    self.manifests.line(text, &resource.place);
                }
            }
            kind if kind.starts_with("kubernetes_") => {
                if let Some(text) = manifests::of(kind, arguments) {
                    self.manifests.line(Text::made("---"), &resource.place);
                    self.manifests.line(text, &resource.place);
                }
            }
            _ => self.host(resource),
        }
    }

    /// A machine of a cloud, or what comes to one later.
    fn host(&mut self, resource: &Resource) {
        let arguments = &resource.arguments;
        let mut texts: Vec<&Value> = TOLD.iter().filter_map(|name| arguments.get(name)).collect();
        if let Some(metadata) = arguments.get("metadata") {
            texts.extend(METADATA.iter().filter_map(|name| metadata.get(name)));
        }
        if let Some(Value::Map(all)) = arguments.get("user_data") {
            texts.extend(all.values());
        }
        let steps = arguments
            .get("provisioner")
            .map(Value::items)
            .unwrap_or_default();
        if texts.is_empty() && steps.is_empty() {
            return;
        }
        let mut told = Told::default();
        let mut address = resource.address.clone();
        let host = arguments
            .get("connection")
            .and_then(|connection| connection.get("host"));
        if let Some(at) = host.and_then(|host| self.known(host)) {
            (address, told) = self.hosts.remove(at);
        }
        for value in texts {
            match value {
                Value::Hole(hole) => self.untold(resource, hole),
                value => {
                    if let Some(text) = value.to_text() {
                        self.world.tell(&text, &mut told, 0);
                    }
                }
            }
        }
        for step in steps {
            self.step(step, resource, &mut told);
        }
        self.hosts.push((address, told));
    }

    /// The machine that an address of a connection is of.
    fn known(&self, host: &Value) -> Option<usize> {
        let hole = host.hole()?;
        self.hosts.iter().position(|(address, _)| {
            let own = address.rsplit("module.").next().unwrap_or(address);
            let own = if own == address.as_str() {
                own
            } else {
                own.split_once('.').map_or(own, |(_, rest)| rest)
            };
            hole.name
                .strip_prefix(own)
                .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    fn untold(&mut self, resource: &Resource, hole: &Hole) {
        let name = base::source::printable(hole.name.as_bytes());
        let message = format!(
            "{}: what {} is told is not known: `{name}`",
            resource.place, resource.address
        );
        self.world.say(ProblemKind::Unknown, message);
    }

    fn step(&mut self, step: &Value, resource: &Resource, told: &mut Told) {
        let label = step.get("label").and_then(Value::words).unwrap_or_default();
        let text = |name: &str| step.get(name).and_then(Value::to_text);
        match label.as_str() {
            "file" => {
                let Some(to) = text("destination").filter(|to| to.holes.is_empty()) else {
                    return;
                };
                match (text("content"), text("source")) {
                    (Some(content), _) => told.put(&to.text, content),
                    (None, Some(source)) => self.copy(&source, &to.text, resource, told),
                    (None, None) => {}
                }
            }
            "remote-exec" => {
                let inline = step.get("inline").map(Value::items).unwrap_or_default();
                let mut script = Text::default();
                for line in inline.iter().filter_map(|line| line.to_text()) {
                    script.add(&line);
                    script.add_made("\n");
                }
                let scripts = step.get("scripts").map(Value::items).unwrap_or_default();
                let scripts = scripts
                    .into_iter()
                    .filter_map(Value::words)
                    .chain(text("script").map(|one| one.text));
                let mut all = vec![script];
                for name in scripts {
                    match self.world.file_text(&name) {
                        Ok(text) => all.push(text),
                        Err(why) => {
                            let name = base::source::printable(name.as_bytes());
                            let message =
                                format!("{}: what {name} does is not known: {why}", resource.place);
                            self.world.say(ProblemKind::Unknown, message);
                        }
                    }
                }
                for script in all.iter().filter(|script| !script.text.is_empty()) {
                    told.script(self.world, script);
                }
            }
            _ => {}
        }
    }

    /// A file, or a folder, of the repository.
    fn copy(&mut self, source: &Text, to: &str, resource: &Resource, told: &mut Told) {
        let hide = |why: &str| format!("{why} ({})", resource.place);
        if source.holes.iter().any(|hole| hole != "path.cwd") {
            return told.hide(to, hide("where it comes from is not known"));
        }
        let path = self.world.path(&source.text);
        let folder = FilePath::new(&path);
        if self.world.tree.folder(&folder).is_none() {
            return match self.world.file_text(&source.text) {
                Ok(text) => told.put(to, text),
                Err(why) => told.hide(to, hide(&why)),
            };
        }
        // With a slash at its end the folder's files are copied, else the folder itself.
        let to = match source.text.ends_with('/') {
            true => to.trim_end_matches('/').to_owned(),
            false => format!(
                "{}/{}",
                to.trim_end_matches('/'),
                path.rsplit('/').next().unwrap_or_default()
            ),
        };
        for name in intake::names(self.world.tree, &folder)
            .unwrap_or_default()
            .into_iter()
            .take(1000)
        {
            if let Ok(text) = self.world.file_text(&format!("{path}/{name}")) {
                told.put(&format!("{to}/{name}"), text);
            }
        }
    }

    fn local_file(&mut self, resource: &Resource) {
        let arguments = &resource.arguments;
        let Some(name) = arguments.get("filename").and_then(Value::to_text) else {
            return;
        };
        let path = match name.holes.iter().all(|hole| hole == "path.cwd") {
            true => self.world.path(&name.text),
            false => format!("/{}", name.text.rsplit('/').next().unwrap_or_default()),
        };
        let content = ["content", "sensitive_content"]
            .iter()
            .find_map(|name| arguments.get(name));
        let content = content.and_then(Value::to_text);
        let content = match (
            content,
            arguments.get("content_base64"),
            arguments.get("source").and_then(Value::words),
        ) {
            (Some(content), ..) => Some(content),
            (None, Some(packed), _) => self.world.unpacked(Some(packed)),
            (None, None, Some(source)) => self.world.file_text(&source).ok(),
            (None, None, None) => None,
        };
        match content {
            Some(text) => {
                let is_ours = kind(&path, text.text.as_bytes()).is_some()
                    || !text.holes.is_empty()
                        && (is_interesting(text.text.as_bytes()) || is_for_configuration(&path));
                if !is_ours {
                    return;
                }
                self.local.put(&path, text);
            }
            None if is_for_configuration(&path) => {
                self.local.hide(
                    &path,
                    format!("its content is not known ({})", resource.place),
                );
            }
            None => return,
        }
        self.has_local = true;
    }

    fn image(&mut self, resource: &Resource) {
        let arguments = &resource.arguments;
        let Some((name, build)) = arguments
            .get("name")
            .and_then(Value::words)
            .zip(arguments.get("build"))
        else {
            return;
        };
        let path = |name: &str| {
            let text = build
                .get(name)
                .or_else(|| build.get("path").filter(|_| name == "context"))?
                .to_text()?;
            let path = self.world.path(&text.text);
            Some(Value::Text(Text::made(&path)))
        };
        let word = |name: &str| Some(Value::Text(build.get(name)?.to_text()?));
        let args = build
            .get("build_args")
            .or_else(|| build.get("build_arg"))
            .cloned();
        let build = map([
            ("context", path("context")),
            ("dockerfile", word("dockerfile")),
            ("target", word("target")),
            ("args", args),
        ]);
        self.images.insert(name, build);
    }

    fn container(&mut self, resource: &Resource) {
        let images = |name: &str| self.images.get(name).cloned();
        match containers::service(&resource.arguments, &images) {
            Some(service) => {
                self.containers
                    .push((resource.address.clone(), service, resource.place.clone()))
            }
            None => {
                let message = format!(
                    "{}: the name of {} is not known",
                    resource.place, resource.address
                );
                self.world.say(ProblemKind::Unknown, message);
            }
        }
    }

    /// Values of a chart: whole files in them are judged like files without a place.
    fn chart(&mut self, resource: &Resource) {
        let mut texts: Vec<(String, Text)> = Vec::new();
        for values in resource
            .arguments
            .get("values")
            .map(Value::items)
            .unwrap_or_default()
        {
            let Some(text) = values.to_text() else {
                continue;
            };
            let Ok(tree) = yaml::parse(text.text.as_bytes()) else {
                if is_interesting(text.text.as_bytes()) {
                    let message = format!(
                        "{}: the values of {} are not known",
                        resource.place, resource.address
                    );
                    self.world.say(ProblemKind::Unknown, message);
                }
                continue;
            };
            for node in tree.nodes() {
                let yaml::Value::Map(fields) = &node.value else {
                    continue;
                };
                for (key, value) in fields {
                    let name = tree.text(*key).unwrap_or_default().to_owned();
                    texts.extend(
                        super::cloud::scalar(&text, &tree, *value).map(|text| (name, text)),
                    );
                }
            }
        }
        for set in resource
            .arguments
            .get("set")
            .map(Value::items)
            .unwrap_or_default()
        {
            let name = set.get("name").and_then(Value::words).unwrap_or_default();
            let name = name.rsplit('.').next().unwrap_or_default().to_owned();
            texts.extend(
                set.get("value")
                    .and_then(Value::to_text)
                    .map(|text| (name, text)),
            );
        }
        texts.retain(|(name, text)| {
            text.text.contains('\n') && kind(name, text.text.as_bytes()).is_some()
        });
        if texts.is_empty() {
            return;
        }
        let message = format!(
            "{}: what the chart of {} makes of its values is not known",
            resource.place, resource.address
        );
        self.world.say(ProblemKind::Unknown, message);
        let mut files = MemoryFiles::default();
        let (mut nginx, mut pools) = (Vec::new(), Vec::new());
        for (name, text) in texts {
            let path = FilePath::new(format!("{}/{name}", resource.address));
            super::put(&mut files, self.world, path.as_bytes(), &text);
            match kind(&name, text.text.as_bytes()) {
                Some(Kind::Nginx) => nginx.push(path),
                Some(Kind::FpmMain | Kind::FpmPool) => pools.push(path),
                _ => {}
            }
        }
        let via = format!("{}{}", self.prefix, resource.address);
        let mut found = Found::default();
        found.nginx_dumps.extend(
            nginx
                .into_iter()
                .map(|main| (main, files.clone(), via.clone())),
        );
        if !pools.is_empty() {
            found
                .fpm_dumps
                .push((FpmInput::fragments(pools), files, via));
        }
        self.loose.push(found);
    }

    /// Hands everything over.
    pub(super) fn finish(mut self, files: &[FilePath], project: &mut Project) {
        let before = project.systems.len();
        if self.has_local {
            let told = std::mem::take(&mut self.local);
            self.hosts.push(("local files".to_owned(), told));
        }
        let mut all = Vec::new();
        for (address, told) in std::mem::take(&mut self.hosts) {
            let (image, problems) = told.finish(self.world);
            let shown = format!("{}{address}", self.prefix);
            let network = project.network();
            let mut system = System {
                machine: Machine {
                    via: shown.clone(),
                    shown,
                    network,
                    loopback: network,
                    ..Machine::default()
                },
                files: image.files,
                php: image.php,
                problems,
                ..System::default()
            };
            mains(&mut system);
            if system.has_servers() {
                all.push(system);
            }
        }
        self.compose(files, project);
        if !self.manifests.is_empty() {
            let empty = Generated::new(FilePath::new(b""));
            let manifests = std::mem::replace(&mut self.manifests, empty);
            manifests.read(self.world, kubernetes::read, &[], project);
        }
        project.systems.extend(all);
        project.loose.append(&mut self.loose);
        for system in &mut project.systems[before..] {
            let name = &system.machine.via;
            if !self.prefix.is_empty() && !name.starts_with(&self.prefix) {
                let name = format!("{}{name}", self.prefix);
                system.machine.via.clone_from(&name);
                system.machine.shown = name;
            }
            for (_, _, outer) in system.files.iter() {
                project.taken.extend(outer.map(|outer| outer.path.clone()));
            }
        }
        unique(&mut project.systems);
    }

    fn compose(&mut self, files: &[FilePath], project: &mut Project) {
        if self.containers.is_empty() {
            return;
        }
        let path = FilePath::new(format!("{}/compose.terraform.yaml", self.world.root));
        let shown = name_of(self.world.tree, &path);
        let mut generated = Generated::new(path);
        let first = self.containers[0].2.clone();
        generated.line(Text::made("{\"services\":{"), &first);
        let mut configs: Vec<(String, Text, String)> = Vec::new();
        let mut addresses: SortedMap<String, String> = SortedMap::new();
        for (address, service, place) in std::mem::take(&mut self.containers) {
            let Some(mut line) = encode::json(&Value::Text(Text::made(&service.name))) else {
                continue;
            };
            line.add_made(":");
            line.add(&service.text);
            line.add_made(",");
            generated.line(line, &place);
            configs.extend(
                service
                    .configs
                    .into_iter()
                    .map(|(id, text)| (id, text, place.clone())),
            );
            addresses.insert(service.name, address);
        }
        generated.line(Text::made("},\"configs\":{"), &first);
        for (id, text, place) in configs {
            let Some(mut line) = encode::json(&Value::Text(Text::made(&id))) else {
                continue;
            };
            line.add_made(":");
            line.add(&text);
            line.add_made(",");
            generated.line(line, &place);
        }
        generated.line(Text::made("}}"), &first);
        // Compose files of the repository are somebody else's.
        let is_other = |path: &&FilePath| {
            let ends = [b".yml".as_slice(), b".yaml", b".json", b".tf"];
            !ends.iter().any(|end| path.name().ends_with(end))
        };
        let beside: Vec<FilePath> = files.iter().filter(is_other).cloned().collect();
        let before = project.systems.len();
        generated.read(self.world, crate::compose::read, &beside, project);
        for system in &mut project.systems[before..] {
            let name = system
                .machine
                .via
                .rsplit("service ")
                .next()
                .unwrap_or_default();
            if let Some(address) = addresses.get(name) {
                system.machine.shown.clone_from(address);
                system.machine.via.clone_from(address);
            }
            system.machine.via = system.machine.via.replace(&shown, &self.world.root);
        }
    }
}

/// No two machines have one name.
fn unique(systems: &mut [System]) {
    let mut seen = base::SortedSet::new();
    for system in systems {
        let name = system.machine.via.clone();
        let mut count = 1;
        while !seen.insert(system.machine.via.clone()) {
            count += 1;
            system.machine.via = format!("{name} ({count})");
        }
    }
}

/// The files that servers are started with, when the usual ones are not known.
fn mains(system: &mut System) {
    let usual = system.usual();
    let of_kind = |wanted: &[Kind]| {
        let files = system.files.iter().filter(|(.., outer)| outer.is_some());
        let files = files.filter(|(path, bytes, _)| {
            let name = path.to_string();
            kind(&name, bytes).is_some_and(|kind| wanted.contains(&kind))
        });
        files.map(|(path, ..)| path.clone()).collect::<Vec<_>>()
    };
    if usual.nginx.is_empty() {
        let parts = of_kind(&[Kind::Nginx]);
        system.nginx = (!parts.is_empty()).then_some(parts);
    }
    if usual.fpm.is_empty() {
        let (pools, inis) = (
            of_kind(&[Kind::FpmPool, Kind::FpmMain]),
            of_kind(&[Kind::PhpIni]),
        );
        if !pools.is_empty() {
            let mut input = FpmInput::fragments(pools);
            for ini in inis {
                match ini.name() == b"php.ini" {
                    true => input.php_ini = Some(ini),
                    false => input.scan_files.push(ini),
                }
            }
            if input.php_ini.is_none() {
                let path = FilePath::new(b"/etc/php/php.ini");
                let why = "the image of the machine is not known";
                system.files.insert_unknown(path.as_bytes(), why);
                input.php_ini = Some(path);
            }
            system.fpm = Some(vec![input]);
        } else {
            for ini in inis {
                let message = format!(
                    "{ini} of {}: its PHP-FPM is not known; the file was not judged",
                    system.machine.shown
                );
                system.problems.push((ProblemKind::Unknown, message));
            }
        }
    }
    // What is not known would be read by nobody.
    let unknown: Vec<FilePath> = system.files.paths();
    for path in unknown {
        let name = path.to_string();
        let is_known = system.files.resolve(&path).is_none() || system.files.read(&path).is_ok();
        let is_read = usual_reads(&usual, &name) || name == "/etc/php/php.ini";
        if is_known || is_read || !is_for_configuration(&name) {
            continue;
        }
        if let Err(error) = system.files.read(&path) {
            let message = format!("{name} of {}: {error}", system.machine.shown);
            system.problems.push((ProblemKind::Unknown, message));
        }
    }
}

/// Whether a main file that is there will say that a file cannot be read.
fn usual_reads(usual: &Found, name: &str) -> bool {
    let nginx = !usual.nginx.is_empty() && name.contains("nginx");
    let fpm = !usual.fpm.is_empty() && name.contains("php");
    nginx || fpm
}
