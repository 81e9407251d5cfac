//! Ansible: what playbooks and roles put on machines.
//!
//! Every host of an inventory is a machine; hosts whose variables are the same are one. Without an
//! inventory each group that plays name is a machine, and each role that no play uses is one.
//! docs/ansible.md says what is read.

mod args;
mod book;
mod edit;
mod engine;
mod fewer;
mod files;
mod find;
mod host;
mod inventory;
mod lex;
mod made;
mod modules;
mod play;
mod render;
mod scope;
mod text;
mod value;

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedMap, SortedSet};
use intake::Tree;

use crate::project::Project;
use book::Book;
use engine::Engine;
use find::Play;
use host::Host;
use inventory::Inventory;
use made::{Made, systems};
use play::{Place, Run, over};
use scope::{Layer, Scope};
use text::Docs;
use value::{Node, Value};

/// Kinds of hosts of one inventory that are looked at.
const MOST_MACHINES: usize = 300;

/// Hosts whose files name them, of one kind.
const MOST_NAMED: usize = 20;

/// Adds the machines of all playbooks and roles.
pub(crate) fn read(tree: &dyn Tree, files: &[FilePath], project: &mut Project) {
    let mut book = Book::new(tree, files);
    let config = find::config(&mut book, project);
    let books = find::playbooks(&mut book, project);
    let roles = find::roles(&book);
    if books.is_empty() && roles.is_empty() {
        return;
    }
    let mut plays: Vec<Play> = Vec::new();
    for path in &books {
        find::plays(&mut book, path, 0, None, &mut plays, project);
    }
    let inventories = match plays.is_empty() {
        true => Vec::new(),
        false => inventory::find(&mut book, &config.inventories, project),
    };
    let mut weakest = SortedMap::new();
    weakest.insert("omit".to_owned(), Node::text(args::OMIT));
    weakest.insert("ansible_managed".to_owned(), config.managed.clone());
    let set = project.set.iter();
    let set = set.map(|(name, value)| (name.clone(), Node::text(value)));
    let mut session = Session {
        engine: Engine::new(),
        docs: Docs::default(),
        set: Arc::new(find::with_facts(set.collect())),
        weakest: Arc::new(weakest),
        is_debian: find::is_debian(&mut book, files, project),
        role_dirs: config.role_dirs,
        used: SortedSet::new(),
        made: Vec::new(),
    };
    let is_one = inventories.len() == 1;
    let mut matched = vec![false; plays.len()];
    for inventory in &inventories {
        let network = project.network();
        let part = (!is_one).then(|| {
            let path = inventory.path.as_ref();
            path.map_or_else(String::new, |path| book.repo.shown(path).to_string())
        });
        session.inventory(
            &mut book,
            inventory,
            &plays,
            (network, part),
            &mut matched,
            project,
        );
    }
    let alone: Vec<&Play> = plays
        .iter()
        .zip(&matched)
        .filter(|(_, matched)| !**matched)
        .map(|(play, _)| play)
        .collect();
    session.without_inventory(&mut book, &alone, project);
    for role in roles {
        if !session.used.contains(&role) {
            session.lone_role(&mut book, &role, project);
        }
    }
    systems(&mut book, session.docs, session.made, project);
    find::take_templates(&book, project);
}

/// What is the same for all machines.
struct Session {
    engine: Engine,
    docs: Docs,
    set: Layer,
    weakest: Layer,
    is_debian: bool,
    role_dirs: Vec<FilePath>,
    /// Roles that some play uses.
    used: SortedSet<Vec<u8>>,
    made: Vec<Made>,
}

impl Session {
    /// What runs on a host that nothing was done to yet.
    fn run<'r, 't>(
        &'r mut self,
        book: &'r mut Book<'t>,
        project: &'r mut Project,
        magic: Layer,
    ) -> Run<'r, 't> {
        Run {
            book,
            project,
            engine: &self.engine,
            docs: &mut self.docs,
            host: Host {
                is_debian: self.is_debian,
                ..Host::default()
            },
            set: self.set.clone(),
            magic,
            role_dirs: &self.role_dirs,
            of_roles: (self.weakest.clone(), Layer::default()),
            used: &mut self.used,
        }
    }

    /// All machines of an inventory.
    fn inventory(
        &mut self,
        book: &mut Book<'_>,
        inventory: &Inventory,
        plays: &[Play],
        (network, part): (usize, Option<String>),
        matched: &mut [bool],
        project: &mut Project,
    ) {
        let groups = inventory.groups_of_hosts();
        let magic = groups_of(inventory, &groups);
        let mut classes: SortedMap<String, (Vec<usize>, Vec<usize>)> = SortedMap::new();
        let patterns: Vec<find::Pattern> = plays
            .iter()
            .map(|play| find::Pattern::of(play, &self.scope(play)))
            .collect();
        for (host, (name, vars)) in inventory.hosts.iter().enumerate() {
            let of: Vec<usize> = (0..plays.len())
                .filter(|at| patterns[*at].matches(name, &groups[host]))
                .collect();
            for at in &of {
                matched[*at] = true;
            }
            if of.is_empty() {
                continue;
            }
            let own = find::host_vars(book, inventory, plays, name);
            let own = if own.is_empty() { "" } else { name.as_str() };
            let vars: String = vars
                .iter()
                .map(|(name, node)| format!("{name}={:?};", node.shown()))
                .collect();
            let key = format!("{of:?} {:?} {own} {vars}", groups[host]);
            let class = classes.entry(key).or_insert_with(|| (Vec::new(), of));
            class.0.push(host);
        }
        let mut classes: Vec<(Vec<usize>, Vec<usize>)> = classes.into_values().collect();
        classes.sort();
        if classes.len() > MOST_MACHINES {
            let path = inventory.path.as_ref();
            let shown = path.map_or_else(String::new, |path| book.repo.shown(path).to_string());
            let message = format!(
                "{shown}: hosts of more than {MOST_MACHINES} kinds; {} kinds were not looked at",
                classes.len() - MOST_MACHINES
            );
            project.problem(ProblemKind::Unknown, message, None);
            classes.truncate(MOST_MACHINES);
        }
        let begin = self.made.len();
        for (hosts, of) in classes {
            let plays: Vec<&Play> = of.iter().map(|at| &plays[*at]).collect();
            let mut done = 0;
            for (nth, host) in hosts.iter().enumerate() {
                let (name, vars) = &inventory.hosts[*host];
                let at = (
                    inventory,
                    name.as_str(),
                    vars.as_slice(),
                    groups[*host].as_slice(),
                );
                let host = self.host(book, at, &magic, &plays, project);
                let is_named = host.is_named;
                let names: Vec<String> = match is_named && hosts.len() > 1 {
                    true => vec![name.clone()],
                    false => hosts
                        .iter()
                        .map(|at| inventory.hosts[*at].0.clone())
                        .collect(),
                };
                self.made.push(Made {
                    host,
                    names,
                    what: "host",
                    part: part.clone(),
                    network,
                    is_reached: true,
                });
                done = nth + 1;
                if !is_named || done >= MOST_NAMED {
                    break;
                }
            }
            if done > 1 && done < hosts.len() {
                let message = format!(
                    "{} hosts have files that name them; {} of them were looked at",
                    hosts.len(),
                    MOST_NAMED
                );
                project.problem(ProblemKind::Unknown, message, None);
            }
        }
        made::merge(&mut self.made, begin);
    }

    /// What names mean before any host is known.
    fn scope(&self, play: &Play) -> Scope<'_> {
        let vars = play
            .node
            .field("vars")
            .and_then(Node::fields)
            .unwrap_or_default();
        let layers = vec![
            self.set.clone(),
            over(&Layer::default(), vars),
            self.weakest.clone(),
        ];
        Scope::new(layers, &self.engine, None)
    }

    /// Does all plays of one host.
    fn host(
        &mut self,
        book: &mut Book<'_>,
        (inventory, name, vars, groups): (&Inventory, &str, &[(String, Node)], &[String]),
        magic: &Layer,
        plays: &[&Play],
        project: &mut Project,
    ) -> Host {
        let short = name.split('.').next().unwrap_or(name);
        let own = groups.iter().map(|group| Node::text(group));
        let own = [
            ("inventory_hostname".to_owned(), Node::text(name)),
            ("inventory_hostname_short".to_owned(), Node::text(short)),
            ("group_names".to_owned(), Node::list(own.collect())),
        ];
        let weakest = self.weakest.clone();
        let mut run = self.run(book, project, over(magic, &own));
        for play in plays {
            let layer = find::inventory_vars(&mut run, inventory, play, name, vars, groups);
            run.of_roles = (weakest.clone(), Layer::default());
            run.play(play, layer);
        }
        run.host
    }

    /// Plays whose hosts are in no inventory: each group that they name is a machine.
    fn without_inventory(&mut self, book: &mut Book<'_>, plays: &[&Play], project: &mut Project) {
        let mut by_hosts: Vec<(String, Vec<&Play>)> = Vec::new();
        for play in plays {
            let hosts = find::Pattern::of(play, &self.scope(play)).shown();
            match by_hosts.iter_mut().find(|(known, _)| *known == hosts) {
                Some((_, plays)) => plays.push(play),
                None => by_hosts.push((hosts, vec![play])),
            }
        }
        for (hosts, plays) in by_hosts {
            let groups: Vec<String> = find::words(&hosts).map(str::to_owned).collect();
            let groups: Vec<String> = groups.into_iter().filter(|name| name != "all").collect();
            let inventory = Inventory::of_one(&hosts, &groups);
            let all = inventory.groups_of_hosts();
            let own = all.first().cloned().unwrap_or_default();
            let at = (&inventory, hosts.as_str(), [].as_slice(), own.as_slice());
            let mut host = self.host(book, at, &Layer::default(), &plays, project);
            if host.is_named {
                host.unknown.push(format!(
                    "the files of `hosts: {}` name the host, and there is no inventory that has one",
                    base::source::printable(hosts.as_bytes())
                ));
            }
            let network = project.network();
            self.made.push(Made {
                host,
                names: vec![hosts],
                what: "hosts:",
                part: None,
                network,
                is_reached: false,
            });
        }
    }

    /// A role that no play uses, with its own values.
    fn lone_role(&mut self, book: &mut Book<'_>, dir: &[u8], project: &mut Project) {
        let name = String::from_utf8_lossy(dir.rsplit(|b| *b == b'/').next().unwrap_or_default());
        let name = name.into_owned();
        let mut run = self.run(book, project, Layer::default());
        let playbook = FilePath::new(dir).parent().to_vec();
        let playbook = FilePath::new(playbook).parent().to_vec();
        let mut place = Place::default();
        place.playbook = playbook;
        run.role_in(dir, place, &SortedMap::new());
        let host = run.host;
        let network = project.network();
        self.made.push(Made {
            host,
            names: vec![name],
            what: "role",
            part: None,
            network,
            is_reached: false,
        });
    }
}

/// `groups`, as templates see it.
fn groups_of(inventory: &Inventory, of_hosts: &[Vec<String>]) -> Layer {
    let mut groups: SortedMap<&str, Vec<Node>> = SortedMap::new();
    for (name, _) in inventory.groups.iter().filter(|(name, _)| *name != "all") {
        groups.insert(name, Vec::new());
    }
    let mut all = Vec::new();
    for ((name, _), of_host) in inventory.hosts.iter().zip(of_hosts) {
        all.push(Node::text(name));
        for group in of_host {
            groups.entry(group).or_default().push(Node::text(name));
        }
    }
    groups.insert("all", all);
    let fields = groups
        .into_iter()
        .map(|(name, hosts)| (name.to_owned(), Node::list(hosts)));
    let mut out = SortedMap::new();
    out.insert(
        "groups".to_owned(),
        Node::from(Value::Map(Arc::new(fields.collect()))),
    );
    Arc::new(out)
}
