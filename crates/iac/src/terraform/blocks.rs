//! Blocks with `count` and `for_each`, and what stands in them.

use base::{ProblemKind, SortedMap};

use super::eval::Scope;
use super::syntax::{Block, Body, Expression};
use super::text::Text;
use super::value::{Hole, Value};
use super::world::World;

/// Copies of one resource. The largest that people write have some hundreds.
const MOST_COPIES: usize = 500;

impl World<'_> {
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
    pub(super) fn resource(
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
pub(super) fn folded(all: Vec<(Value, Value)>) -> Option<Value> {
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
