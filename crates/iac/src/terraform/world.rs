//! Modules: their files, variables, local values and what they call, as Terraform finds them.

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedMap, SortedSet};
use intake::{Tree, name_of, names};

use super::blocks::{folded, key_of, shown_key};
use super::eval::Scope;
use super::parse;
use super::syntax::{Block, Body, Expression, Part};
use super::text::{Home, Text, line_of};
use super::value::{Hole, Value};

/// A file of more bytes is data, and no configuration.
const LARGEST: usize = 8 << 20;

/// Modules in one run.
const MOST_MODULES: usize = 200;

/// A module and the values that it got.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// `module.web`; empty for the root.
    pub(super) name: String,
    /// Its folder.
    pub(super) dir: String,
    /// Its files.
    pub(super) bodies: Vec<(usize, Arc<Body>)>,
    /// Values of variables, and where they are given.
    pub(super) variables: SortedMap<String, (Value, String)>,
    /// Where local values are given: (file, argument).
    locals: SortedMap<String, (usize, usize, usize)>,
    /// What was worked out already.
    known: SortedMap<String, Value>,
    /// What is being worked out.
    open: SortedSet<String>,
    children: SortedMap<String, Vec<(Value, usize)>>,
}

/// Everything that one root module reaches.
pub(super) struct World<'t> {
    pub(super) tree: &'t dyn Tree,
    /// The folder in which Terraform is started.
    pub(super) root: String,
    pub(super) homes: Vec<Home>,
    pub(super) modules: Vec<Module>,
    /// What was packed as base64, by what came out.
    pub(super) packed: SortedMap<String, Text>,
    pub(super) depth: usize,
    pub(super) spent: usize,
    pub(super) problems: Vec<(ProblemKind, String)>,
    /// Templates, which are no configuration before they are filled in.
    pub(super) taken: SortedSet<FilePath>,
    by_path: SortedMap<FilePath, usize>,
    parsed: SortedMap<FilePath, Option<Arc<Body>>>,
    templates: SortedMap<usize, Option<Arc<Vec<Part>>>>,
    said: SortedSet<String>,
    /// Whether a file of code could not be read at all: anything may stand in it.
    pub(super) has_unread: bool,
}

impl<'t> World<'t> {
    pub(super) fn new(tree: &'t dyn Tree, root: &str) -> World<'t> {
        World {
            tree,
            root: root.to_owned(),
            homes: Vec::new(),
            modules: Vec::new(),
            packed: SortedMap::new(),
            depth: 0,
            spent: 0,
            problems: Vec::new(),
            taken: SortedSet::new(),
            by_path: SortedMap::new(),
            parsed: SortedMap::new(),
            templates: SortedMap::new(),
            said: SortedSet::new(),
            has_unread: false,
        }
    }

    /// Says something once.
    pub(super) fn say(&mut self, kind: ProblemKind, message: String) {
        if self.said.insert(message.clone()) {
            self.problems.push((kind, message));
        }
    }

    /// `path:line` of a place.
    pub(super) fn place(&self, file: usize, at: u32) -> String {
        match self.homes.get(file) {
            Some(home) => format!("{}:{}", home.shown, line_of(&home.bytes, at)),
            None => "the configuration".to_owned(),
        }
    }

    /// Says that something is too much.
    pub(super) fn limit(&mut self, what: &str, expression: &Expression, scope: &Scope) {
        let place = self.place(scope.file, expression.at.start);
        self.say(
            ProblemKind::Unreadable,
            format!("{place}: {what}; it was not followed"),
        );
    }

    /// The number of a file of the tree; an error says why it cannot be read.
    pub(super) fn home(&mut self, path: &str) -> Result<usize, String> {
        let path = FilePath::new(path);
        if let Some(known) = self.by_path.get(&path) {
            return Ok(*known);
        }
        let bytes = self.tree.read(&path).map_err(|error| error.reason)?;
        if bytes.len() > LARGEST {
            return Err("it is larger than any configuration".to_owned());
        }
        self.homes.push(Home {
            shown: name_of(self.tree, &path),
            path: path.clone(),
            bytes,
        });
        self.by_path.insert(path, self.homes.len() - 1);
        Ok(self.homes.len() - 1)
    }

    /// Adds a file that was read already.
    pub(super) fn add_home(&mut self, path: &FilePath, shown: &str, bytes: Arc<[u8]>) -> usize {
        self.homes.push(Home {
            path: path.clone(),
            shown: shown.to_owned(),
            bytes,
        });
        self.homes.len() - 1
    }

    fn body(&mut self, path: &str) -> Option<(usize, Arc<Body>)> {
        let file = match self.home(path) {
            Ok(file) => file,
            Err(why) => {
                let shown = name_of(self.tree, &FilePath::new(path));
                self.has_unread = true;
                self.say(
                    ProblemKind::Unreadable,
                    format!("cannot read {shown}: {why}"),
                );
                return None;
            }
        };
        let home = &self.homes[file];
        if let Some(known) = self.parsed.get(&home.path) {
            return known.clone().map(|body| (file, body));
        }
        let (path, bytes) = (home.path.clone(), home.bytes.clone());
        let body = match parse::file(&bytes) {
            Ok(body) => Some(Arc::new(body)),
            Err(refusal) => {
                let place = self.place(file, refusal.at);
                self.say(ProblemKind::Syntax, format!("{place}: {}", refusal.message));
                None
            }
        };
        self.parsed.insert(path, body.clone());
        body.map(|body| (file, body))
    }

    /// A file as a template.
    pub(super) fn template_of(&mut self, file: usize) -> Option<Arc<Vec<Part>>> {
        if let Some(known) = self.templates.get(&file) {
            return known.clone();
        }
        let parts = match parse::template(&self.homes[file].bytes) {
            Ok(parts) => Some(Arc::new(parts)),
            Err(refusal) => {
                let place = self.place(file, refusal.at);
                self.say(ProblemKind::Syntax, format!("{place}: {}", refusal.message));
                None
            }
        };
        self.templates.insert(file, parts.clone());
        parts
    }

    /// Loads the module of a folder. `given` are the values that it gets.
    pub(super) fn load(
        &mut self,
        dir: &str,
        name: &str,
        given: &SortedMap<String, (Value, String)>,
    ) -> usize {
        let mut module = Module {
            name: name.to_owned(),
            dir: dir.to_owned(),
            ..Module::default()
        };
        let all = names(self.tree, &FilePath::new(dir)).unwrap_or_default();
        for file in &all {
            if file.ends_with(".tf.json") || file.ends_with(".tofu.json") {
                let shown = name_of(self.tree, &FilePath::new(format!("{dir}/{file}")));
                self.say(
                    ProblemKind::Unknown,
                    format!("{shown} is not read: what it adds is unknown"),
                );
            }
            // It is laid over the blocks of others, and would be a second one of each here.
            if ["override.tf", "override.tofu"]
                .iter()
                .any(|name| file == name || file.ends_with(&format!("_{name}")))
            {
                let shown = name_of(self.tree, &FilePath::new(format!("{dir}/{file}")));
                self.say(ProblemKind::Unknown, format!("{shown} changes what other files say: it is not read, and what comes out is unknown"));
                continue;
            }
            // OpenTofu reads `x.tofu` instead of `x.tf`.
            let stem = file.strip_suffix(".tf");
            let is_replaced = stem.is_some_and(|stem| all.contains(&format!("{stem}.tofu")));
            if !is_code(file) || is_replaced {
                continue;
            }
            module.bodies.extend(self.body(&format!("{dir}/{file}")));
        }
        for (number, (_, body)) in module.bodies.iter().enumerate() {
            for (at, block) in body
                .blocks
                .iter()
                .enumerate()
                .filter(|(_, block)| block.kind == "locals")
            {
                for (index, argument) in block.body.arguments.iter().enumerate() {
                    module
                        .locals
                        .insert(argument.name.clone(), (number, at, index));
                }
            }
        }
        self.modules.push(module);
        let number = self.modules.len() - 1;
        for (file, body) in self.modules[number].bodies.clone() {
            for block in body.all("variable") {
                let Some(name) = block.labels.first() else {
                    continue;
                };
                let value = match given.get(name) {
                    Some(value) => value.clone(),
                    None => match block.body.get("default") {
                        Some(default) => {
                            let scope = Scope {
                                module: number,
                                file,
                                ..Scope::default()
                            };
                            (
                                self.eval(default, &scope),
                                self.place(file, default.at.start),
                            )
                        }
                        None => {
                            let hole = Hole {
                                name: format!("var.{name}"),
                                at: (file, block.at.clone()),
                            };
                            (Value::Hole(hole), self.place(file, block.at.start))
                        }
                    },
                };
                self.modules[number].variables.insert(name.clone(), value);
            }
        }
        number
    }

    /// The values of a file of variables.
    pub(super) fn values(&mut self, path: &str) -> SortedMap<String, (Value, String)> {
        let mut out = SortedMap::new();
        if let Some((file, body)) = self.body(path) {
            for argument in &body.arguments {
                let scope = Scope {
                    module: usize::MAX,
                    file,
                    is_template: true,
                    ..Scope::default()
                };
                let value = self.eval(&argument.value, &scope);
                let place = self.place(file, argument.value.at.start);
                out.insert(argument.name.clone(), (value, place));
            }
        }
        out
    }

    /// A single name: of a loop, of a template, or the beginning of something longer.
    pub(super) fn root(&mut self, name: &str, expression: &Expression, scope: &Scope) -> Value {
        let known = scope.names.iter().rev().find(|(known, _)| known == name);
        match known {
            Some((_, value)) => value.clone(),
            None => self.hole(expression, scope),
        }
    }

    /// `var.x`, `local.x`, `each.value`, `module.x`, `path.module`, `aws_instance.web`.
    pub(super) fn named(
        &mut self,
        of: &Expression,
        field: &str,
        expression: &Expression,
        scope: &Scope,
    ) -> Option<Value> {
        use super::syntax::Kind;
        let (first, second) = match &of.kind {
            Kind::Name(first) => (first.as_str(), None),
            Kind::Field(of, second) => match &of.kind {
                Kind::Name(first) if first == "data" => ("data", Some(second.as_str())),
                _ => return None,
            },
            _ => return None,
        };
        if scope.is_template || scope.names.iter().any(|(known, _)| known == first) {
            return None;
        }
        let hole = || {
            Value::Hole(Hole {
                name: super::eval::name_of(expression),
                at: (scope.file, expression.at.clone()),
            })
        };
        Some(match (first, second) {
            ("var", None) => {
                let variables = &self.modules[scope.module].variables;
                variables
                    .get(field)
                    .map_or_else(hole, |(value, _)| value.clone())
            }
            ("local", None) => self.local(field, expression, scope),
            ("each" | "count" | "self", None) => {
                scope.each.get(field).cloned().unwrap_or_else(hole)
            }
            ("path", None) => match field {
                "module" => Value::Text(Text::made(
                    &self.relative(&self.modules[scope.module].dir.clone()),
                )),
                "root" => Value::Text(Text::made(".")),
                _ => hole(),
            },
            ("terraform" | "data", None) => return None,
            ("module", None) => self.called(field, expression, scope),
            ("data", Some(kind)) => self.resource("data", kind, field, expression, scope),
            (kind, None) => self.resource("resource", kind, field, expression, scope),
            _ => hole(),
        })
    }

    /// A folder as seen from the one in which Terraform is started.
    fn relative(&self, dir: &str) -> String {
        match dir.strip_prefix(self.root.as_str()) {
            Some("") => ".".to_owned(),
            Some(rest) if rest.starts_with('/') => rest[1..].to_owned(),
            _ => dir.to_owned(),
        }
    }

    /// Where a variable or local value is given, for people.
    pub(super) fn defined(&self, name: &str, scope: &Scope) -> Option<String> {
        let module = self
            .modules
            .get(scope.module)
            .filter(|_| !scope.is_template)?;
        let (kind, rest) = name.split_once('.')?;
        let field = rest.split(['.', '[']).next()?;
        match kind {
            "var" => module.variables.get(field).map(|(_, place)| place.clone()),
            "local" => {
                let (body, block, argument) = module.locals.get(field)?;
                let (file, body) = &module.bodies[*body];
                let at = body.blocks[*block].body.arguments[*argument].value.at.start;
                Some(self.place(*file, at))
            }
            _ => None,
        }
    }

    /// Works something out once; a value that needs itself is a hole.
    pub(super) fn once(
        &mut self,
        key: String,
        expression: &Expression,
        scope: &Scope,
        work: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let module = &mut self.modules[scope.module];
        if let Some(known) = module.known.get(&key) {
            return known.clone();
        }
        if !module.open.insert(key.clone()) {
            let place = self.place(scope.file, expression.at.start);
            let name = base::source::printable(super::eval::name_of(expression).as_bytes());
            self.say(
                ProblemKind::Unreadable,
                format!("{place}: `{name}` needs itself"),
            );
            return self.hole(expression, scope);
        }
        let value = work(self);
        let module = &mut self.modules[scope.module];
        module.open.remove(&key);
        module.known.insert(key, value.clone());
        value
    }

    fn local(&mut self, name: &str, expression: &Expression, scope: &Scope) -> Value {
        let Some((body, block, argument)) = self.modules[scope.module].locals.get(name).copied()
        else {
            return self.hole(expression, scope);
        };
        let (file, body) = self.modules[scope.module].bodies[body].clone();
        let value = &body.blocks[block].body.arguments[argument].value;
        let inner = Scope {
            module: scope.module,
            file,
            ..Scope::default()
        };
        self.once(format!("local.{name}"), expression, scope, |world| {
            world.eval(value, &inner)
        })
    }

    /// What a module that is called gives back.
    fn called(&mut self, name: &str, expression: &Expression, scope: &Scope) -> Value {
        self.once(format!("module.{name}"), expression, scope, |world| {
            let mut all = Vec::new();
            for (key, child) in world.children(scope.module, name) {
                all.push((key, world.outputs(child)));
            }
            folded(all).unwrap_or_else(|| world.hole(expression, scope))
        })
    }

    pub(super) fn outputs(&mut self, module: usize) -> Value {
        let mut out = SortedMap::new();
        for (file, body) in self.modules[module].bodies.clone() {
            for block in body.all("output") {
                if let (Some(name), Some(value)) = (block.labels.first(), block.body.get("value")) {
                    let scope = Scope {
                        module,
                        file,
                        ..Scope::default()
                    };
                    let value = self.eval(value, &scope);
                    out.insert(name.clone(), value);
                }
            }
        }
        Value::Map(out)
    }

    /// The modules that a call makes, with the key of each.
    pub(super) fn children(&mut self, module: usize, name: &str) -> Vec<(Value, usize)> {
        if let Some(known) = self.modules[module].children.get(name) {
            return known.clone();
        }
        let mut out = Vec::new();
        for (file, body) in self.modules[module].bodies.clone() {
            let is_it = |block: &&Block| block.labels.first().is_some_and(|label| label == name);
            if let Some(block) = body.all("module").find(is_it) {
                out = self.call_module(module, file, block, name);
            }
        }
        self.modules[module]
            .children
            .insert(name.to_owned(), out.clone());
        out
    }

    fn call_module(
        &mut self,
        module: usize,
        file: usize,
        block: &Block,
        name: &str,
    ) -> Vec<(Value, usize)> {
        let base = Scope {
            module,
            file,
            ..Scope::default()
        };
        let source = block
            .body
            .get("source")
            .map(|source| self.eval(source, &base));
        let source = source.and_then(|source| source.words()).unwrap_or_default();
        // Others come from a registry, and only Terraform has them.
        if !(source.starts_with("./") || source.starts_with("../")) {
            return Vec::new();
        }
        let dir = crate::docker::absolute(&self.modules[module].dir, &source);
        let place = self.place(file, block.at.start);
        let prefix = match self.modules[module].name.as_str() {
            "" => String::new(),
            name => format!("{name}."),
        };
        let full = format!("{prefix}module.{name}");
        if full.matches("module.").count() > 20 || self.modules.len() >= MOST_MODULES {
            let message = format!(
                "{place}: more than {MOST_MODULES} modules, or 20 in each other; not all were read"
            );
            self.say(ProblemKind::Unreadable, message);
            return Vec::new();
        }
        let mut out = Vec::new();
        for scope in self.copies(block, &base) {
            let mut given = SortedMap::new();
            for argument in &block.body.arguments {
                let value = self.eval(&argument.value, &scope);
                let at = self.place(file, argument.value.at.start);
                given.insert(argument.name.clone(), (value, at));
            }
            let key = key_of(&scope);
            let shown = format!("{full}{}", shown_key(&key));
            out.push((key, self.load(&dir, &shown, &given)));
        }
        out
    }
}

/// Whether a file holds code of Terraform or OpenTofu.
pub(super) fn is_code(name: &str) -> bool {
    name.ends_with(".tf") || name.ends_with(".tofu")
}
