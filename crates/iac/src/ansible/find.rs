//! What of a repository is Ansible's: playbooks, roles, `ansible.cfg`, and variables beside them.

use base::{FilePath, SortedMap, SortedSet};

use super::book::Book;
use super::inventory::Inventory;
use super::play::{Run, over};
use super::scope::{Layer, Scope};
use super::value::{Node, Value};
use crate::compose::repo::joined;
use crate::project::Project;

/// Playbooks in playbooks.
const DEEPEST: usize = 20;

/// A play, and where it stands.
#[derive(Clone)]
pub(crate) struct Play {
    /// The play.
    pub(crate) node: Node,
    /// The folder of its playbook.
    pub(crate) dir: Vec<u8>,
    /// Why it may not be done.
    pub(crate) perhaps: Option<String>,
}

/// What `ansible.cfg` says.
pub(crate) struct Config {
    pub(crate) inventories: Vec<FilePath>,
    pub(crate) role_dirs: Vec<FilePath>,
    pub(crate) managed: Node,
}

/// Reads all `ansible.cfg`.
pub(crate) fn config(book: &mut Book<'_>, project: &mut Project) -> Config {
    let mut out = Config {
        inventories: Vec::new(),
        role_dirs: Vec::new(),
        managed: Node::text("Ansible managed"),
    };
    let is_it = |path: &&FilePath| path.name() == b"ansible.cfg";
    let paths: Vec<FilePath> = book.repo.paths().filter(is_it).cloned().collect();
    for path in paths {
        let Some(bytes) = book.repo.read(&path, project) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for line in text.lines() {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let values = value
                .split([',', ':'])
                .map(str::trim)
                .filter(|value| !value.is_empty());
            let values = values.map(|value| joined(path.parent(), value.as_bytes()));
            match name.trim() {
                "inventory" => {
                    for value in values {
                        if book.repo.has(&value) {
                            out.inventories.push(value);
                        }
                    }
                }
                "roles_path" => out.role_dirs.extend(values),
                "ansible_managed" if value.contains(['%', '{']) => {
                    out.managed = Node::unknown("`ansible_managed` is made when the play runs");
                }
                "ansible_managed" => out.managed = Node::text(value.trim()),
                "hash_behaviour" if value.trim() == "merge" => {
                    let shown = book.repo.shown(&path);
                    let message = format!("{shown}: `hash_behaviour = merge` is not read");
                    project.problem(base::ProblemKind::Unknown, message, None);
                }
                _ => {}
            }
        }
        project.taken.insert(book.repo.given(&path));
    }
    out
}

fn parts(path: &FilePath) -> Vec<&[u8]> {
    path.as_bytes().split(|b| *b == b'/').collect()
}

fn is_yaml(path: &FilePath) -> bool {
    path.name().ends_with(b".yml") || path.name().ends_with(b".yaml")
}

/// The playbooks that no other one imports.
pub(crate) fn playbooks(book: &mut Book<'_>, project: &mut Project) -> Vec<FilePath> {
    let others: [&[u8]; 12] = [
        b"group_vars",
        b"host_vars",
        b"templates",
        b"files",
        b"tasks",
        b"handlers",
        b"defaults",
        b"vars",
        b"meta",
        b"molecule",
        b"node_modules",
        b"vendor",
    ];
    let is_other = |path: &FilePath| {
        let parts = parts(path);
        let is_test = parts.len() > 2
            && parts[parts.len() - 2] == b"tests"
            && [b"tasks".as_slice(), b"defaults", b"meta"]
                .iter()
                .any(|name| {
                    let own = parts[..parts.len() - 2].join(&b'/');
                    book.repo.below(&joined(&own, name)).next().is_some()
                });
        is_test
            || parts
                .iter()
                .any(|part| others.contains(part) || part.starts_with(b".") && part.len() > 2)
    };
    let paths = book
        .repo
        .paths()
        .filter(|path| is_yaml(path) && !is_other(path));
    let paths: Vec<FilePath> = paths.cloned().collect();
    let mut out = Vec::new();
    let mut imported = SortedSet::new();
    for path in paths {
        let is_it = book
            .repo
            .read(&path, project)
            .is_some_and(|bytes| looks_like_plays(&bytes));
        if !is_it {
            continue;
        }
        let Some(root) = book.yaml(&path, project) else {
            continue;
        };
        for play in root.items().unwrap_or_default() {
            if let Some(name) = imported_by(play) {
                imported.insert(joined(path.parent(), name.as_bytes()));
            }
        }
        out.push(path);
    }
    out.retain(|path| !imported.contains(path));
    out
}

fn imported_by(play: &Node) -> Option<&str> {
    let names = ["import_playbook", "ansible.builtin.import_playbook"];
    names.iter().find_map(|name| play.field(name)?.as_text())
}

/// Whether a text is a list with `hosts:` in it.
fn looks_like_plays(bytes: &[u8]) -> bool {
    let lines = || bytes.split(|b| *b == b'\n');
    let is_play = |line: &[u8]| {
        let line = line.trim_ascii_start();
        let line = line.strip_prefix(b"- ").unwrap_or(line).trim_ascii_start();
        let words: [&[u8]; 3] = [
            b"hosts:",
            b"import_playbook:",
            b"ansible.builtin.import_playbook:",
        ];
        words.iter().any(|word| line.starts_with(word))
    };
    lines().any(|line| line.starts_with(b"-")) && lines().any(is_play)
}

/// The plays of a playbook, with those of the playbooks that it imports.
pub(crate) fn plays(
    book: &mut Book<'_>,
    path: &FilePath,
    depth: usize,
    perhaps: Option<&str>,
    out: &mut Vec<Play>,
    project: &mut Project,
) {
    let Some(root) = book.yaml(path, project) else {
        return;
    };
    let shown = book.repo.shown(path);
    if depth > DEEPEST || out.len() > 1000 {
        let message = format!("{shown}: playbooks that import each other; not all were read");
        return book.unknown(project, message);
    }
    for node in root.items().unwrap_or_default() {
        let when = node.field("when").and_then(Node::word);
        let at = book.place(node.at);
        let when = when.map(|when| {
            let when = base::source::printable(when.as_bytes());
            format!("{at}: it is only there when `{when}`")
        });
        let perhaps = perhaps.map(str::to_owned).or(when);
        match imported_by(node) {
            Some(name) => {
                let next = joined(path.parent(), name.as_bytes());
                if !book.repo.has(&next) {
                    let name = base::source::printable(name.as_bytes());
                    let message = format!("{at}: `{name}` is not among the files");
                    book.unknown(project, message);
                    continue;
                }
                plays(book, &next, depth + 1, perhaps.as_deref(), out, project);
            }
            None if node.field("hosts").is_some() => out.push(Play {
                node: node.clone(),
                dir: path.parent().to_vec(),
                perhaps,
            }),
            None => {}
        }
    }
}

/// The folders of all roles.
pub(crate) fn roles(book: &Book<'_>) -> Vec<Vec<u8>> {
    let mut out = SortedSet::new();
    for path in book.repo.paths() {
        let dir = FilePath::new(path.parent());
        if !is_yaml(path) || !path.name().starts_with(b"main.") || dir.name() != b"tasks" {
            continue;
        }
        let role = dir.parent();
        let is_among = FilePath::new(FilePath::new(role).parent()).name() == b"roles";
        let others: [&[u8]; 4] = [b"defaults", b"meta", b"templates", b"handlers"];
        let has_other = others
            .iter()
            .any(|name| book.repo.below(&joined(role, name)).next().is_some());
        let is_hidden = parts(path).contains(&b"molecule".as_slice());
        if (is_among || has_other) && !is_hidden {
            out.insert(role.to_vec());
        }
    }
    out.into_iter().collect()
}

/// Whether the tasks speak of Debian: its package manager, its folders.
pub(crate) fn is_debian(book: &mut Book<'_>, files: &[FilePath], project: &mut Project) -> bool {
    let signs: [&[u8]; 4] = [b"apt:", b"sites-enabled", b"/etc/php/", b"sites-available"];
    let paths: Vec<FilePath> = book
        .repo
        .paths()
        .filter(|path| is_yaml(path))
        .cloned()
        .collect();
    let few = paths.into_iter().take(files.len().min(5000));
    for path in few {
        let parts = parts(&path);
        let is_ours = parts.iter().any(|part| {
            matches!(
                *part,
                b"tasks" | b"roles" | b"group_vars" | b"defaults" | b"vars"
            )
        });
        if !is_ours && parts.len() > 4 {
            continue;
        }
        let Some(bytes) = book.repo.read(&path, project) else {
            continue;
        };
        let has = |sign: &&[u8]| bytes.windows(sign.len()).any(|part| part == *sign);
        if signs.iter().any(has) {
            return true;
        }
    }
    false
}

/// `--set ansible_os_family=Debian` is `ansible_facts['os_family']`, too.
pub(crate) fn with_facts(mut set: SortedMap<String, Node>) -> SortedMap<String, Node> {
    let facts = set.iter().filter_map(|(name, node)| {
        let name = name.strip_prefix("ansible_")?;
        Some((name.to_owned(), node.clone()))
    });
    let facts: Vec<(String, Node)> = facts.collect();
    if !facts.is_empty() {
        set.insert("ansible_facts".to_owned(), Node::map(facts));
    }
    set
}

/// The hosts of a play.
pub(crate) struct Pattern(String);

/// The words of a pattern.
pub(crate) fn words(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .split([',', ':'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

impl Pattern {
    /// Of a play.
    pub(crate) fn of(play: &Play, scope: &Scope<'_>) -> Pattern {
        let hosts = play.node.field("hosts");
        let hosts = hosts.and_then(|hosts| scope.deep(hosts).ok());
        Pattern(match hosts.map(|hosts| hosts.value) {
            Some(Value::List(items)) => {
                let words: Vec<String> = items.iter().filter_map(Node::word).collect();
                words.join(",")
            }
            Some(Value::Text(text)) => text.to_string(),
            // A name that is given when the play is started may be any.
            _ => "all".to_owned(),
        })
    }

    /// For people.
    pub(crate) fn shown(&self) -> String {
        self.0.clone()
    }

    /// Whether a host is meant.
    pub(crate) fn matches(&self, name: &str, groups: &[String]) -> bool {
        let is_it = |word: &str| {
            matches!(word, "all" | "*")
                || word == name
                || is_like(word, name)
                || groups
                    .iter()
                    .any(|group| group == word || is_like(word, group))
        };
        let mut found = false;
        for word in words(&self.0) {
            if !word.starts_with(['!', '&']) {
                found |= is_it(word);
            }
        }
        let kept = words(&self.0).all(|word| match word.as_bytes().first() {
            Some(b'!') => !is_it(&word[1..]),
            Some(b'&') => is_it(&word[1..]),
            _ => true,
        });
        found && kept
    }
}

/// `web*` and `web*.example.com`.
fn is_like(pattern: &str, name: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else {
        return false;
    };
    let is_long = name.len() >= start.len() + end.len();
    is_long && name.starts_with(start) && name.ends_with(end)
}

/// The files of variables of a name: `group_vars/web.yml`, or those in `group_vars/web/`.
fn files_of(book: &Book<'_>, dir: &[u8], kind: &str, name: &str) -> Vec<FilePath> {
    let base = joined(dir, format!("{kind}/{name}").as_bytes());
    let mut out = Vec::new();
    for ext in ["", ".yml", ".yaml", ".json"] {
        let path = FilePath::new([base.as_bytes(), ext.as_bytes()].concat());
        if book.repo.has(&path) {
            out.push(path);
        }
    }
    out.extend(book.repo.below(&base).cloned());
    out
}

/// The folders in which variables of an inventory and of a playbook lie.
fn dirs(inventory: &Inventory, play: &Play) -> Vec<Vec<u8>> {
    let own = inventory.path.as_ref().map(|path| path.parent().to_vec());
    let mut out: Vec<Vec<u8>> = own.into_iter().collect();
    if !out.contains(&play.dir) {
        out.push(play.dir.clone());
    }
    out
}

/// The files of `host_vars` of a host.
pub(crate) fn host_vars(
    book: &Book<'_>,
    inventory: &Inventory,
    plays: &[Play],
    name: &str,
) -> Vec<FilePath> {
    let mut all = SortedSet::new();
    for play in plays {
        for dir in dirs(inventory, play) {
            all.extend(files_of(book, &dir, "host_vars", name));
        }
    }
    all.into_iter().collect()
}

/// What the inventory and the folders beside it and beside the playbook say of a host.
pub(crate) fn inventory_vars(
    run: &mut Run<'_, '_>,
    inventory: &Inventory,
    play: &Play,
    name: &str,
    vars: &[(String, Node)],
    groups: &[String],
) -> Layer {
    let mut layer = Layer::default();
    let mut add = |run: &mut Run<'_, '_>, kind: &str, of: &str| {
        for dir in dirs(inventory, play) {
            for path in files_of(run.book, &dir, kind, of) {
                let vars = run.vars_of(&path);
                layer = over(&layer, &vars);
            }
        }
    };
    let all = std::iter::once("all").chain(groups.iter().map(String::as_str));
    let inline: Vec<(String, Node)> = all
        .filter_map(|group| inventory.groups.get(group))
        .flat_map(|group| group.vars.clone())
        .collect();
    add(run, "group_vars", "all");
    for group in groups {
        add(run, "group_vars", group);
    }
    let of_groups = std::mem::take(&mut layer);
    let add = |run: &mut Run<'_, '_>, of: &str| {
        let mut out = Vec::new();
        for dir in dirs(inventory, play) {
            for path in files_of(run.book, &dir, "host_vars", of) {
                out.extend(run.vars_of(&path));
            }
        }
        out
    };
    let of_host = add(run, name);
    let mut out = over(&Layer::default(), &inline);
    let of_groups: Vec<(String, Node)> = of_groups
        .iter()
        .map(|(name, node)| (name.clone(), node.clone()))
        .collect();
    out = over(&out, &of_groups);
    out = over(&out, vars);
    over(&out, &of_host)
}

/// Templates are no configuration by themselves.
pub(crate) fn take_templates(book: &Book<'_>, project: &mut Project) {
    for path in book.repo.paths() {
        let parts = parts(path);
        let Some(at) = parts.iter().rposition(|part| *part == b"templates") else {
            continue;
        };
        let owner = parts[..at].join(&b'/');
        let is_role = book.repo.below(&joined(&owner, b"tasks")).next().is_some();
        if is_role || path.name().ends_with(b".j2") {
            project.taken.insert(book.repo.given(path));
        }
    }
}
