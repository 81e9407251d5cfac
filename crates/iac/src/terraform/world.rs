//! Modules: their files, variables, local values and what they call, as Terraform finds them.

use std::sync::Arc;

use base::{FilePath, ProblemKind, SortedMap, SortedSet};
use intake::{Tree, name_of, names};

use super::eval::Scope;
use super::parse;
use super::syntax::{Block, Body, Expression, Part};
use super::text::{Home, Text, line_of};
use super::value::{Hole, Value};

/// A file of more bytes is data, and no configuration.
const LARGEST: usize = 8 << 20;

/// Modules in one run, and copies of one resource. The largest that people write have some hundreds.
const MOST_MODULES: usize = 200;
const MOST_COPIES: usize = 500;

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
    fn once(
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

    /// The scopes of each copy of a block with `count` or `for_each`.
    pub(super) fn copies(&mut self, block: &Block, base: &Scope) -> Vec<Scope> {
        let place =
            |world: &Self, expression: &Expression| world.place(base.file, expression.at.start);
        if let Some(count) = block.body.get("count") {
            let value = self.eval(count, base);
            // How many there are is not known; that there is one is what people mean.
            let number = value.number().unwrap_or(1.0);
            if number > MOST_COPIES as f64 {
                let place = place(self, count);
                self.say(
                    ProblemKind::Unreadable,
                    format!("{place}: more than {MOST_COPIES} copies; they were not looked at"),
                );
                return Vec::new();
            }
            let numbers = (0_u32..).take_while(|at| f64::from(*at) < number);
            let each = numbers.map(|at| {
                let mut scope = base.clone();
                scope
                    .each
                    .insert("index".to_owned(), Value::Number(f64::from(at)));
                scope
            });
            return each.collect();
        }
        let Some(over) = block.body.get("for_each") else {
            return vec![base.clone()];
        };
        let value = self.eval(over, base);
        let Some(pairs) = super::eval::pairs(&value) else {
            // One of each, with a key and a value that are not known.
            let mut scope = base.clone();
            for field in ["key", "value"] {
                let hole = Hole {
                    name: format!("each.{field}"),
                    at: (base.file, over.at.clone()),
                };
                scope.each.insert(field.to_owned(), Value::Hole(hole));
            }
            return vec![scope];
        };
        if pairs.len() > MOST_COPIES {
            let place = place(self, over);
            self.say(
                ProblemKind::Unreadable,
                format!("{place}: more than {MOST_COPIES} copies; they were not looked at"),
            );
            return Vec::new();
        }
        let is_set = matches!(value, Value::List(_));
        let each = pairs.into_iter().map(|(key, value)| {
            let mut scope = base.clone();
            // Of a set, the key is the value.
            let key = if is_set { value.clone() } else { key };
            scope.each.insert("key".to_owned(), key);
            scope.each.insert("value".to_owned(), value);
            scope
        });
        each.collect()
    }

    /// What a resource was given, which is what it has.
    fn resource(
        &mut self,
        of: &str,
        kind: &str,
        name: &str,
        expression: &Expression,
        scope: &Scope,
    ) -> Value {
        let is_plain = [
            "kubernetes_",
            "docker_",
            "local_",
            "template_",
            "terraform_data",
            "null_resource",
            "cloudinit_",
            "aws_ecs_",
        ];
        if !is_plain.iter().any(|prefix| kind.starts_with(prefix)) {
            return self.hole(expression, scope);
        }
        for (file, body) in self.modules[scope.module].bodies.clone() {
            let is_it = |block: &&Block| {
                block.labels.len() == 2 && block.labels[0] == kind && block.labels[1] == name
            };
            let Some(block) = body.all(of).find(is_it) else {
                continue;
            };
            let base = Scope {
                module: scope.module,
                file,
                ..Scope::default()
            };
            return self.once(format!("{of}.{kind}.{name}"), expression, scope, |world| {
                let mut all = Vec::new();
                for copy in world.copies(block, &base) {
                    let arguments = world.arguments(&block.body, &copy);
                    all.push((
                        key_of(&copy),
                        world.with_results(kind, arguments, block, &copy),
                    ));
                }
                folded(all).unwrap_or_else(|| world.hole(expression, scope))
            });
        }
        self.hole(expression, scope)
    }

    /// What a resource makes of what it was given, where that is plain.
    fn with_results(
        &mut self,
        kind: &str,
        arguments: Value,
        block: &Block,
        scope: &Scope,
    ) -> Value {
        let Value::Map(mut fields) = arguments else {
            return arguments;
        };
        let result = match kind {
            "docker_image" => {
                let name = fields.get("name").cloned();
                name.map(|name| {
                    vec![
                        ("image_id", name.clone()),
                        ("latest", name.clone()),
                        ("repo_digest", name),
                    ]
                })
            }
            "cloudinit_config" | "template_cloudinit_config" => {
                let text = super::cloud::multipart(&Value::Map(fields.clone()));
                Some(vec![("rendered", Value::Text(text))])
            }
            "template_file" => block.body.get("template").map(|template| {
                let value = self.eval(template, scope);
                let rendered = match (value, fields.get("vars")) {
                    (Value::Text(text), vars) => self.rendered(&text, vars),
                    (value, _) => value,
                };
                vec![("rendered", rendered)]
            }),
            "local_file" if block.kind == "data" => {
                let name = fields.get("filename").and_then(Value::words);
                let text = name.map(|name| self.file_text(&name));
                text.and_then(Result::ok)
                    .map(|text| vec![("content", Value::Text(text))])
            }
            "terraform_data" => fields
                .get("input")
                .cloned()
                .map(|input| vec![("output", input)]),
            _ => None,
        };
        for (name, value) in result.unwrap_or_default() {
            fields.insert(name.to_owned(), value);
        }
        Value::Map(fields)
    }

    /// A text that is a template still: of the old `template_file`.
    fn rendered(&mut self, text: &Text, vars: Option<&Value>) -> Value {
        let place = text.place();
        let whole = place.and_then(|(file, _)| {
            let home = &self.homes[file];
            (home.bytes.as_ref() == text.text.as_bytes()).then_some(file)
        });
        let (Some(file), Some(parts)) = (whole, whole.and_then(|file| self.template_of(file)))
        else {
            let at = text.place().unwrap_or((0, 0..0));
            return Value::Hole(Hole {
                name: "template_file".to_owned(),
                at,
            });
        };
        let scope = Scope {
            module: usize::MAX,
            file,
            names: super::functions::as_names(vars),
            is_template: true,
            ..Scope::default()
        };
        self.template(&parts, &scope)
    }

    /// What stands in a block: arguments, and blocks as lists.
    pub(super) fn arguments(&mut self, body: &Body, scope: &Scope) -> Value {
        let mut out: SortedMap<String, Value> = SortedMap::new();
        for argument in &body.arguments {
            if matches!(argument.name.as_str(), "count" | "for_each") {
                continue;
            }
            let value = self.eval(&argument.value, scope);
            out.insert(argument.name.clone(), value);
        }
        for block in &body.blocks {
            if block.kind == "dynamic" {
                self.dynamic(block, scope, &mut out);
                continue;
            }
            let mut value = self.arguments(&block.body, scope);
            if let (Value::Map(fields), Some(label)) = (&mut value, block.labels.first()) {
                fields.insert("label".to_owned(), Value::Text(Text::made(label)));
            }
            push(&mut out, &block.kind, value);
        }
        Value::Map(out)
    }

    fn dynamic(&mut self, block: &Block, scope: &Scope, out: &mut SortedMap<String, Value>) {
        let Some((kind, over)) = block.labels.first().zip(block.body.get("for_each")) else {
            return;
        };
        let iterator = match block.body.get("iterator").map(|name| &name.kind) {
            Some(super::syntax::Kind::Name(name)) => name.clone(),
            _ => kind.clone(),
        };
        let value = self.eval(over, scope);
        let Some(pairs) = super::eval::pairs(&value) else {
            let hole = self.hole_of(&[value], over, scope);
            push(out, kind, hole);
            return;
        };
        for (key, value) in pairs.into_iter().take(MOST_COPIES) {
            let mut inner = scope.clone();
            let fields = [("key".to_owned(), key), ("value".to_owned(), value)];
            inner
                .names
                .push((iterator.clone(), Value::Map(fields.into_iter().collect())));
            for content in block.body.all("content") {
                let value = self.arguments(&content.body, &inner);
                push(out, kind, value);
            }
        }
    }
}

fn push(out: &mut SortedMap<String, Value>, kind: &str, value: Value) {
    match out.get_mut(kind) {
        Some(Value::List(items)) => items.push(value),
        _ => drop(out.insert(kind.to_owned(), Value::List(vec![value]))),
    }
}

/// The key of a copy.
pub(super) fn key_of(scope: &Scope) -> Value {
    let key = scope.each.get("key").or_else(|| scope.each.get("index"));
    key.cloned().unwrap_or(Value::Null)
}

/// `["a"]` or `[0]` behind the name of a copy.
pub(super) fn shown_key(key: &Value) -> String {
    match key {
        Value::Null => String::new(),
        Value::Number(number) => format!("[{number}]"),
        value => match value.words() {
            Some(text) => format!("[{}]", base::source::printable(text.as_bytes())),
            None => "[…]".to_owned(),
        },
    }
}

/// Copies as one value: a map by key, a list by number, or the only one itself.
fn folded(all: Vec<(Value, Value)>) -> Option<Value> {
    match all.first()? {
        (Value::Null, _) => all.into_iter().next().map(|(_, value)| value),
        (Value::Number(_), _) => Some(Value::List(
            all.into_iter().map(|(_, value)| value).collect(),
        )),
        _ => {
            let mut map = SortedMap::new();
            for (key, value) in all {
                map.insert(key.words()?, value);
            }
            Some(Value::Map(map))
        }
    }
}

/// Whether a file holds code of Terraform or OpenTofu.
pub(super) fn is_code(name: &str) -> bool {
    name.ends_with(".tf") || name.ends_with(".tofu")
}
