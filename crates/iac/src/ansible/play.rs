//! Roles, lists of tasks and single tasks, done on one machine.

use std::sync::Arc;

use base::{FilePath, SortedMap, SortedSet};

use super::book::Book;
use super::engine::Engine;
use super::find::Play;
use super::host::Host;
use super::modules;
use super::scope::{Hole, Layer, Scope};
use super::text::Docs;
use super::value::{At, Node, Value};
use crate::compose::repo::joined;
use crate::project::Project;

/// Files of tasks in files of tasks, and roles in roles.
const DEEPEST: usize = 24;

/// Tasks of one machine, loops counted.
const MOST_STEPS: usize = 20_000;

/// Rounds of one loop.
const MOST_ROUNDS: usize = 2_000;

/// What tasks are done with.
pub(crate) struct Run<'r, 't> {
    pub(crate) book: &'r mut Book<'t>,
    pub(crate) project: &'r mut Project,
    pub(crate) engine: &'r Engine,
    pub(crate) docs: &'r mut Docs,
    pub(crate) host: Host,
    /// `--set`.
    pub(crate) set: Layer,
    /// Names that Ansible itself gives: `inventory_hostname`, `groups`.
    pub(crate) magic: Layer,
    /// Folders of roles, besides those next to a playbook.
    pub(crate) role_dirs: &'r [FilePath],
    /// Defaults and variables of all roles of the play.
    pub(crate) of_roles: (Layer, Layer),
    /// Roles that some play uses.
    pub(crate) used: &'r mut SortedSet<Vec<u8>>,
}

/// Where a task stands.
#[derive(Clone, Default)]
pub(crate) struct Place {
    /// The folder of the playbook.
    pub(crate) playbook: Vec<u8>,
    /// The folder of the role.
    pub(crate) role: Option<Vec<u8>>,
    /// The file of the tasks.
    pub(crate) tasks: Vec<u8>,
    /// Variables of the inventory, of the play, of its files, of the role, of blocks and tasks, and
    /// parameters.
    pub(crate) inventory: Layer,
    pub(crate) defaults: Layer,
    pub(crate) play: Layer,
    pub(crate) play_files: Layer,
    pub(crate) role_vars: Layer,
    pub(crate) task: Layer,
    pub(crate) params: Layer,
    /// Items of loops.
    pub(crate) items: Vec<(String, Node)>,
    /// Why what is done here may not happen.
    pub(crate) perhaps: Option<String>,
    depth: usize,
    roles: Vec<String>,
}

/// Adds variables on top of others.
pub(crate) fn over(below: &Layer, vars: &[(String, Node)]) -> Layer {
    if vars.is_empty() {
        return below.clone();
    }
    let mut map = SortedMap::clone(below);
    map.extend(vars.iter().cloned());
    Arc::new(map)
}

/// Words of a task that are no module.
fn is_keyword(name: &str) -> bool {
    const WORDS: [&str; 38] = [
        "name",
        "when",
        "vars",
        "loop",
        "loop_control",
        "register",
        "notify",
        "tags",
        "become",
        "become_user",
        "become_method",
        "become_flags",
        "ignore_errors",
        "changed_when",
        "failed_when",
        "delegate_to",
        "run_once",
        "until",
        "retries",
        "delay",
        "args",
        "environment",
        "no_log",
        "listen",
        "check_mode",
        "diff",
        "any_errors_fatal",
        "async",
        "poll",
        "collections",
        "connection",
        "delegate_facts",
        "ignore_unreachable",
        "module_defaults",
        "remote_user",
        "throttle",
        "timeout",
        "debugger",
    ];
    WORDS.contains(&name) || name.starts_with("with_")
}

impl<'r, 't> Run<'r, 't> {
    /// What names mean at a place.
    pub(crate) fn scope(&self, place: &Place) -> Scope<'r> {
        let layers = vec![
            self.set.clone(),
            self.magic.clone(),
            place.params.clone(),
            self.host.facts.clone(),
            self.host.included.clone(),
            place.task.clone(),
            place.role_vars.clone(),
            self.of_roles.1.clone(),
            place.play_files.clone(),
            place.play.clone(),
            place.inventory.clone(),
            place.defaults.clone(),
            self.of_roles.0.clone(),
        ];
        let mut scope = Scope::new(layers, self.engine, self.host.closed.clone());
        scope.locals.clone_from(&place.items);
        scope
    }

    /// Does what a play does.
    pub(crate) fn play(&mut self, play: &Play, inventory: Layer) {
        let node = &play.node;
        let mut place = Place {
            playbook: play.dir.clone(),
            tasks: [play.dir.as_slice(), b"/."].concat(),
            inventory,
            perhaps: play.perhaps.clone(),
            ..Place::default()
        };
        let vars = node
            .field("vars")
            .and_then(Node::fields)
            .unwrap_or_default();
        place.play = over(&place.play, vars);
        for prompt in node
            .field("vars_prompt")
            .and_then(Node::items)
            .unwrap_or_default()
        {
            if let Some(name) = prompt.field("name").and_then(Node::word) {
                let why = format!("`{name}` is asked for when the play is started");
                place.play = over(&place.play, &[(name, Node::unknown(why))]);
            }
        }
        for file in node
            .field("vars_files")
            .and_then(Node::items)
            .unwrap_or_default()
        {
            let alternatives = file
                .items()
                .map_or_else(|| vec![file.clone()], <[Node]>::to_vec);
            let named = self.scope(&place);
            let named: Vec<_> = alternatives.iter().map(|file| named.text(file)).collect();
            let mut vars = None;
            for name in named {
                let path = name.map(|name| joined(&play.dir, name.as_bytes()));
                match path {
                    Ok(path) if self.book.repo.has(&path) => {
                        vars = Some(self.vars_of(&path));
                        break;
                    }
                    _ => {}
                }
            }
            match vars {
                Some(vars) => place.play_files = over(&place.play_files, &vars),
                None => {
                    let at = self.book.place(file.at);
                    let why = format!("{at} names a file that is not among the files");
                    self.host.closed = Some(why.as_str().into());
                }
            }
        }
        let roles = node
            .field("roles")
            .and_then(Node::items)
            .unwrap_or_default();
        for role in roles {
            let name = role.field("role").or_else(|| role.field("name"));
            let name = name.unwrap_or(role).word().unwrap_or_default();
            if let Some(dir) = self.find_role(&name, &place) {
                let defaults = self.of_role(&dir, "defaults", "main");
                let vars = self.of_role(&dir, "vars", "main");
                self.of_roles.0 = over(&self.of_roles.0, &defaults);
                self.of_roles.1 = over(&self.of_roles.1, &vars);
            }
        }
        let list = |run: &mut Self, what: &str| {
            if let Some(tasks) = node.field(what) {
                run.tasks(tasks, &place);
            }
        };
        list(self, "pre_tasks");
        for role in roles {
            self.role(role, &place, &SortedMap::new());
        }
        list(self, "tasks");
        list(self, "post_tasks");
    }

    /// Notes that something is not known.
    pub(crate) fn unknown(&mut self, message: String) {
        if !self.host.unknown.contains(&message) && self.host.unknown.len() < 1000 {
            self.host.unknown.push(message);
        }
    }

    /// A role by its name.
    pub(crate) fn find_role(&self, name: &str, place: &Place) -> Option<Vec<u8>> {
        let own = [place.playbook.as_slice(), b"/roles"].concat();
        let beside = place
            .role
            .as_ref()
            .map(|role| joined(role, b"..").as_bytes().to_vec());
        let others = self.role_dirs.iter().map(|dir| dir.as_bytes().to_vec());
        let mut dirs: Vec<Vec<u8>> = vec![own];
        dirs.extend(beside);
        dirs.extend(others);
        dirs.push(place.playbook.clone());
        let last = name.rsplit('/').next().unwrap_or(name);
        let found = dirs
            .iter()
            .flat_map(|dir| [name, last].map(|name| joined(dir, name.as_bytes())));
        found
            .filter(|dir| self.book.repo.below(dir).next().is_some())
            .map(|dir| dir.as_bytes().to_vec())
            .next()
    }

    /// A file of YAML of a role or play: `vars/main` as `.yml`, `.yaml` or without.
    pub(crate) fn main_of(&self, dir: &[u8], what: &str) -> Option<FilePath> {
        ["yml", "yaml", ""].into_iter().find_map(|ext| {
            let name = match ext {
                "" => what.to_owned(),
                ext => format!("{what}.{ext}"),
            };
            let path = joined(dir, name.as_bytes());
            self.book.repo.has(&path).then_some(path)
        })
    }

    /// Variables of a file; one that is encrypted may set every name.
    pub(crate) fn vars_of(&mut self, path: &FilePath) -> Vec<(String, Node)> {
        let Some(file) = self.book.open(path, self.project) else {
            return Vec::new();
        };
        if self.book.file(file).is_closed {
            let shown = self.book.repo.shown(path);
            let why = format!("{shown} is encrypted by ansible-vault");
            self.host.closed = Some(why.as_str().into());
            return Vec::new();
        }
        let root = self.book.yaml(path, self.project);
        root.as_ref()
            .and_then(Node::fields)
            .unwrap_or_default()
            .to_vec()
    }

    /// The variables of a role: `defaults` or `vars`.
    pub(crate) fn of_role(&mut self, dir: &[u8], what: &str, from: &str) -> Vec<(String, Node)> {
        if let Some(path) = self.main_of(dir, &format!("{what}/{from}")) {
            return self.vars_of(&path);
        }
        let dir = joined(dir, format!("{what}/{from}").as_bytes());
        let below: Vec<FilePath> = self.book.repo.below(&dir).cloned().collect();
        below.iter().flat_map(|path| self.vars_of(path)).collect()
    }

    /// Does what a role does.
    pub(crate) fn role(&mut self, node: &Node, place: &Place, from: &SortedMap<String, String>) {
        let name = match &node.value {
            Value::Text(text) => text.to_string(),
            _ => {
                let named = node.field("role").or_else(|| node.field("name"));
                named.and_then(Node::word).unwrap_or_default()
            }
        };
        let name = match self.scope(place).text(&Node {
            is_final: false,
            ..Node::text(&name)
        }) {
            Ok(name) => name,
            Err(hole) => {
                let at = self.book.place(node.at);
                return self.unknown(format!("{at}: which role this is: {}", hole.why()));
            }
        };
        let Some(dir) = self.find_role(&name, place) else {
            let (at, name) = (
                self.book.place(node.at),
                base::source::printable(name.as_bytes()),
            );
            return self.unknown(format!(
                "{at}: the role `{name}` is not among the files; what it does is not known"
            ));
        };
        let mut inner = place.clone();
        inner.depth += 1;
        if inner.depth > DEEPEST || place.roles.contains(&name) {
            let (at, name) = (
                self.book.place(node.at),
                base::source::printable(name.as_bytes()),
            );
            return self.unknown(format!("{at}: the role `{name}` needs itself"));
        }
        inner.roles.push(name);
        let words = [
            "role",
            "name",
            "tags",
            "when",
            "vars",
            "become",
            "become_user",
            "tasks_from",
            "vars_from",
            "defaults_from",
            "handlers_from",
            "apply",
            "public",
            "allow_duplicates",
            "rolespec_validate",
            "delegate_to",
        ];
        let params = node.fields().unwrap_or_default().iter();
        let mut params: Vec<(String, Node)> = params
            .filter(|(key, _)| !words.contains(&key.as_str()))
            .cloned()
            .collect();
        params.extend(
            node.field("vars")
                .and_then(Node::fields)
                .unwrap_or_default()
                .to_vec(),
        );
        inner.params = over(&place.params, &params);
        match self.condition(node.field("when"), &inner) {
            Ok(true) => {}
            Ok(false) => return,
            Err(why) => inner.perhaps = inner.perhaps.or(Some(why)),
        }
        self.role_in(&dir, inner, from);
    }

    /// Does what the role of a folder does.
    pub(crate) fn role_in(
        &mut self,
        dir: &[u8],
        mut inner: Place,
        from: &SortedMap<String, String>,
    ) {
        let file = |what: &str| from.get(what).cloned().unwrap_or_else(|| "main".to_owned());
        let stem = |name: String| {
            let bare = name
                .strip_suffix(".yml")
                .or_else(|| name.strip_suffix(".yaml"));
            bare.unwrap_or(&name).to_owned()
        };
        inner.role = Some(dir.to_vec());
        self.used.insert(dir.to_vec());
        let defaults = self.of_role(dir, "defaults", &stem(file("defaults_from")));
        let vars = self.of_role(dir, "vars", &stem(file("vars_from")));
        inner.defaults = over(&inner.defaults, &defaults);
        inner.role_vars = over(&inner.role_vars, &vars);
        // All tasks of the play see what the roles before them brought.
        self.of_roles.0 = over(&self.of_roles.0, &defaults);
        self.of_roles.1 = over(&self.of_roles.1, &vars);
        if let Some(meta) = self.main_of(dir, "meta/main") {
            let meta = self.book.yaml(&meta, self.project);
            let needs = meta
                .as_ref()
                .and_then(|meta| meta.field("dependencies"))
                .cloned();
            for need in needs.as_ref().and_then(Node::items).unwrap_or_default() {
                let outer = Place {
                    defaults: Layer::default(),
                    role_vars: Layer::default(),
                    ..inner.clone()
                };
                self.role(need, &outer, &SortedMap::new());
            }
        }
        let name = Node::text(&String::from_utf8_lossy(
            dir.rsplit(|b| *b == b'/').next().unwrap_or_default(),
        ));
        let path = Node::text(&String::from_utf8_lossy(dir));
        let own = [
            ("role_name".to_owned(), name),
            ("role_path".to_owned(), path),
        ];
        inner.params = over(&inner.params, &own);
        let Some(tasks) = self.main_of(dir, &format!("tasks/{}", stem(file("tasks_from")))) else {
            return;
        };
        self.task_file(&tasks, &inner);
    }

    /// Does the tasks of a file.
    pub(crate) fn task_file(&mut self, path: &FilePath, place: &Place) {
        let mut inner = place.clone();
        inner.depth += 1;
        inner.tasks = path.as_bytes().to_vec();
        if inner.depth > DEEPEST {
            let shown = self.book.repo.shown(path);
            return self.unknown(format!(
                "{shown}: tasks that include each other in more than {DEEPEST} levels; what they do \
                 is not known"
            ));
        }
        let Some(root) = self.book.yaml(path, self.project) else {
            if self.book.repo.has(path) {
                let shown = self.book.repo.shown(path);
                self.unknown(format!(
                    "{shown}: its tasks cannot be read; what they do is not known"
                ));
            }
            return;
        };
        self.tasks(&root, &inner);
    }

    /// Does a list of tasks.
    pub(crate) fn tasks(&mut self, list: &Node, place: &Place) {
        for task in list.items().unwrap_or_default() {
            self.host.steps += 1;
            if self.host.steps > MOST_STEPS {
                let at = self.book.place(task.at);
                return self.unknown(format!(
                    "{at}: more than {MOST_STEPS} tasks; what this one and others do is not known"
                ));
            }
            self.task(task, place);
        }
    }

    fn task(&mut self, task: &Node, place: &Place) {
        let Some(fields) = task.fields() else { return };
        let mut place = place.clone();
        if let Some(vars) = task.field("vars").and_then(Node::fields) {
            place.task = over(&place.task, vars);
        }
        if let Some(block) = task.field("block") {
            match self.condition(task.field("when"), &place) {
                Ok(true) => {}
                Ok(false) => return,
                Err(why) => place.perhaps = place.perhaps.or(Some(why)),
            }
            self.tasks(block, &place);
            if let Some(always) = task.field("always") {
                self.tasks(always, &place);
            }
            return;
        }
        let module = fields.iter().find(|(key, _)| !is_keyword(key));
        let Some((module, args)) = module else { return };
        let own = [
            "ansible.builtin.",
            "ansible.legacy.",
            "community.general.",
            "ansible.posix.",
        ];
        let bare = own.iter().find_map(|prefix| module.strip_prefix(prefix));
        let bare = bare.unwrap_or(module).to_owned();
        if let Some(name) = task.field("register").and_then(Node::as_text) {
            let why = format!("`{name}` is known only when the play runs");
            self.host.fact(name, Node::unknown(why));
        }
        // What is done for another machine is not done on this one.
        if task.field("delegate_to").is_some() && !bare.contains("include") && bare != "set_fact" {
            return;
        }
        for (place, item) in self.rounds(task, &place) {
            let mut place = place;
            place.items.extend(item);
            match self.condition(task.field("when"), &place) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(why) => place.perhaps = place.perhaps.or(Some(why)),
            }
            self.host.steps += 1;
            if self.host.steps > MOST_STEPS {
                return;
            }
            modules::run(self, &bare, args, task, &place);
        }
    }

    /// What a loop goes over: for each round the place, and its item.
    fn rounds(&mut self, task: &Node, place: &Place) -> Vec<(Place, Option<(String, Node)>)> {
        let fields = task.fields().unwrap_or_default();
        let is_loop = |key: &str| key == "loop" || key.starts_with("with_");
        let Some((kind, list)) = fields.iter().find(|(key, _)| is_loop(key)) else {
            return vec![(place.clone(), None)];
        };
        let control = task
            .field("loop_control")
            .and_then(|control| control.field("loop_var"));
        let name = control
            .and_then(Node::word)
            .unwrap_or_else(|| "item".to_owned());
        let scope = self.scope(place);
        let found = items(kind, list, &scope);
        self.host.is_named |= scope.is_named.get();
        match found {
            Ok(items) if items.len() <= MOST_ROUNDS => {
                let round = |item: Node| (place.clone(), Some((name.clone(), item)));
                items.into_iter().map(round).collect()
            }
            other => {
                let why = match other {
                    Ok(_) => format!("more than {MOST_ROUNDS} rounds"),
                    Err(hole) => hole.why(),
                };
                let at = self.book.place(list.at.or(task.at));
                let why = format!("{at}: what the loop goes over is not known: {why}");
                let mut place = place.clone();
                let item = Node::unknown(&why);
                place.perhaps = place.perhaps.or(Some(why));
                vec![(place, Some((name, item)))]
            }
        }
    }

    /// Whether a `when` holds; or why that is not known.
    pub(crate) fn condition(&mut self, when: Option<&Node>, place: &Place) -> Result<bool, String> {
        let Some(when) = when else { return Ok(true) };
        let all = match &when.value {
            Value::List(items) => items.to_vec(),
            _ => vec![when.clone()],
        };
        let scope = self.scope(place);
        let mut unknown = None;
        for one in &all {
            let said = match &one.value {
                Value::Bool(value) => Ok(*value),
                Value::Null => Ok(true),
                _ => {
                    let text = one.word().unwrap_or_default();
                    let bare = text.trim();
                    let bare = bare
                        .strip_prefix("{{")
                        .and_then(|text| text.strip_suffix("}}"));
                    scope.is_true(bare.unwrap_or(&text))
                }
            };
            match said {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(hole) => {
                    let at = self.book.place(one.at.or(when.at));
                    let text = one.word().unwrap_or_default();
                    let text = base::source::printable(text.as_bytes());
                    let why = hole.why();
                    let why = format!("{at}: it is only there when `{text}` ({why})");
                    unknown.get_or_insert(why);
                }
            }
        }
        self.host.is_named |= scope.is_named.get();
        match unknown {
            Some(why) => Err(why),
            None => Ok(true),
        }
    }

    /// The place of something in a file.
    pub(crate) fn shown(&self, at: Option<At>) -> String {
        self.book.place(at)
    }
}

/// The items of a loop.
fn items(kind: &str, list: &Node, scope: &Scope<'_>) -> Result<Vec<Node>, Hole> {
    let list = scope.resolved(list)?;
    let all = |list: &Node| match &list.value {
        Value::List(items) => Ok(items.to_vec()),
        Value::Null => Ok(Vec::new()),
        _ => Err(Hole::Unknown("it is no list".to_owned())),
    };
    match kind {
        "loop" => all(&list),
        "with_list" => all(&list),
        "with_items" => {
            // Lists in the list are laid out, one level deep.
            let mut out = Vec::new();
            let own = match &list.value {
                Value::List(items) => items.to_vec(),
                _ => vec![list.clone()],
            };
            for item in own {
                let item = scope.resolved(&item)?;
                match &item.value {
                    Value::List(items) => out.extend(items.iter().cloned()),
                    _ => out.push(item),
                }
            }
            Ok(out)
        }
        "with_dict" => {
            let fields = list.fields().unwrap_or_default().iter();
            Ok(fields
                .map(|(key, value)| {
                    Node::map(vec![
                        ("key".to_owned(), Node::text(key)),
                        ("value".to_owned(), value.clone()),
                    ])
                })
                .collect())
        }
        other => Err(Hole::Unknown(format!("`{other}` is not read"))),
    }
}
