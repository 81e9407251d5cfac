//! Plans (`terraform show -json plan`): every value that is known stands in them, worked out.

use base::{FilePath, ProblemKind};
use intake::{Tree, name_of};
use yaml::{Id, Value as Node};

use super::Resource;
use super::machines::Machines;
use super::syntax::Style;
use super::text::Text;
use super::value::Value;
use super::world::World;
use crate::kubernetes::is_interesting;
use crate::project::Project;

/// Reads the plans among files.
pub(super) fn read(tree: &dyn Tree, files: &[FilePath], project: &mut Project) {
    for path in files {
        let is_named = files.len() == 1 || path.name().ends_with(b".json");
        if !is_named || project.taken.contains(path) {
            continue;
        }
        let Ok(head) = tree.head(path) else {
            continue;
        };
        if !is_plan(&head) {
            continue;
        }
        of_file(tree, path, files, project);
    }
}

fn is_plan(head: &[u8]) -> bool {
    let holds = |word: &[u8]| head.windows(word.len()).any(|part| part == word);
    head.trim_ascii_start().starts_with(b"{")
        && holds(b"\"format_version\"")
        && holds(b"\"terraform_version\"")
}

fn of_file(tree: &dyn Tree, path: &FilePath, files: &[FilePath], project: &mut Project) {
    let shown = name_of(tree, path);
    let root = String::from_utf8_lossy(path.parent()).into_owned();
    let mut world = World::new(tree, &root);
    let Ok(bytes) = tree.dump(path) else {
        return;
    };
    let parsed = match yaml::parse(&bytes) {
        Ok(parsed) => parsed,
        Err(refusal) => {
            if is_interesting(&bytes) {
                let message = format!("{shown}: this plan cannot be read: {}", refusal.message);
                project.problem(ProblemKind::Syntax, message, None);
            }
            return;
        }
    };
    let (Some(document), Ok(text)) = (
        parsed.documents.first().copied(),
        std::str::from_utf8(&bytes),
    ) else {
        return;
    };
    let file = world.add_home(path, &shown, bytes.clone());
    let mut whole = Text::file(file, text);
    // A plan is made, and edited nowhere.
    whole.restyle(Style::Sealed);
    let mut reader = Reader {
        tree: &parsed,
        whole,
        shown: shown.clone(),
        resources: Vec::new(),
    };
    let planned = parsed
        .field(document, "planned_values")
        .and_then(|id| parsed.field(id, "root_module"));
    if let Some(module) = planned {
        reader.module(module, 0);
    }
    for change in parsed
        .field(document, "resource_changes")
        .and_then(|id| parsed.list(id))
        .unwrap_or_default()
    {
        reader.change(*change, planned.is_some(), &mut world);
    }
    let resources = reader.resources;
    let before = (
        project.systems.len(),
        project.problems.len(),
        project.loose.len(),
    );
    let mut machines = Machines::new(&mut world, String::new());
    machines.add(&resources);
    machines.finish(files, project);
    super::finish(world, project);
    project.taken.insert(path.clone());
    if files.len() == 1
        && before
            == (
                project.systems.len(),
                project.problems.len(),
                project.loose.len(),
            )
    {
        let message = format!("{shown}: no nginx, PHP-FPM or php.ini configuration in this plan");
        project.problem(ProblemKind::Unreadable, message, None);
    }
}

struct Reader<'t> {
    tree: &'t yaml::Tree,
    whole: Text,
    shown: String,
    resources: Vec<Resource>,
}

impl Reader<'_> {
    fn module(&mut self, module: Id, depth: usize) {
        for id in self
            .tree
            .field(module, "resources")
            .and_then(|id| self.tree.list(id))
            .unwrap_or_default()
        {
            let values = self.tree.field(*id, "values");
            self.resource(*id, values);
        }
        let children = self
            .tree
            .field(module, "child_modules")
            .and_then(|id| self.tree.list(id));
        for child in children.unwrap_or_default() {
            if depth < 30 {
                self.module(*child, depth + 1);
            }
        }
    }

    fn resource(&mut self, id: Id, values: Option<Id>) {
        let word = |name: &str| self.tree.field(id, name).and_then(|id| self.tree.text(id));
        let (Some(kind), Some(address)) = (word("type"), word("address")) else {
            return;
        };
        if word("mode") == Some("data") {
            return;
        }
        let Some(values) = values else {
            return;
        };
        self.resources.push(Resource {
            kind: kind.to_owned(),
            address: base::source::printable(address.as_bytes()),
            arguments: self.value(values),
            place: self.shown.clone(),
        });
    }

    /// What is not known before it is applied; and the values, where the plan has them only here.
    fn change(&mut self, id: Id, is_planned: bool, world: &mut World<'_>) {
        let Some(change) = self.tree.field(id, "change") else {
            return;
        };
        if !is_planned {
            let after = self.tree.field(change, "after");
            self.resource(id, after);
        }
        let Some(unknown) = self.tree.field(change, "after_unknown") else {
            return;
        };
        let address = self
            .tree
            .field(id, "address")
            .and_then(|id| self.tree.text(id))
            .unwrap_or_default();
        for name in [
            "user_data",
            "user_data_base64",
            "custom_data",
            "metadata_startup_script",
            "content",
        ] {
            let is_unknown = self
                .tree
                .field(unknown, name)
                .and_then(|id| self.tree.text(id))
                == Some("true");
            if is_unknown {
                let address = base::source::printable(address.as_bytes());
                let message = format!(
                    "{}: `{name}` of {address} is known after it is applied, and not before",
                    self.shown
                );
                world.say(ProblemKind::Unknown, message);
            }
        }
    }

    fn value(&self, id: Id) -> Value {
        match &self.tree.node(id).value {
            Node::Scalar(text, yaml::Style::Plain) => match text.as_str() {
                "null" | "" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                number => number.parse().map_or(Value::Null, Value::Number),
            },
            Node::Scalar(..) => {
                super::cloud::scalar(&self.whole, self.tree, id).map_or(Value::Null, Value::Text)
            }
            Node::List(items) => Value::List(items.iter().map(|item| self.value(*item)).collect()),
            Node::Map(fields) => {
                let fields = fields.iter().filter_map(|(key, value)| {
                    let key = self.tree.text(*key)?.to_owned();
                    Some((key, self.value(*value)))
                });
                Value::Map(fields.collect())
            }
        }
    }
}
