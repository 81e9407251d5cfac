//! What a name means at a task, with the precedence that Ansible documents ("Understanding variable
//! precedence" in its user guide): role defaults, the inventory's groups and hosts, facts, the play's
//! `vars`, its `vars_files`, the role's `vars`, those of blocks and tasks, `include_vars`,
//! `set_fact`, parameters of roles and includes, and on top `--set`, which stands for `-e`.
//!
//! Values that name others are filled in when they are asked for.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use base::{SortedMap, SortedSet};

use super::engine::{Engine, Failure};
use super::lex::split;
use super::render::{Rendered, render};
use super::value::{At, Node, Value};

/// Names and what they mean, from one source.
pub(crate) type Layer = Arc<SortedMap<String, Node>>;

/// Variables that name variables: deeper than people write them.
const DEEPEST: usize = 24;

/// Values that are looked at for one task.
const MOST_STEPS: usize = 200_000;

/// Why something has no value.
#[derive(Clone, Debug)]
pub(crate) enum Hole {
    /// A name that is set nowhere.
    Missing(String),
    /// In words.
    Unknown(String),
}

impl Hole {
    /// In words.
    pub(crate) fn why(&self) -> String {
        match self {
            Hole::Missing(name) => {
                format!(
                    "`{}` is set nowhere",
                    base::source::printable(name.as_bytes())
                )
            }
            Hole::Unknown(why) => why.clone(),
        }
    }
}

/// Everything that names are looked for in.
pub(crate) struct Scope<'s> {
    /// The strongest first.
    pub(crate) layers: Vec<Layer>,
    /// Names of loops and of `set`, the newest last.
    pub(crate) locals: Vec<(String, Node)>,
    /// What evaluates expressions.
    pub(crate) engine: &'s Engine,
    /// Why a name that is set nowhere may be set all the same.
    pub(crate) closed: Option<Arc<str>>,
    /// Whether backslashes of texts in expressions stand for themselves, as in tasks.
    pub(crate) is_task: Cell<bool>,
    depth: Cell<usize>,
    steps: Cell<usize>,
    /// Whether the name of the host was asked for.
    pub(crate) is_named: Cell<bool>,
    /// Where values stand that an expression makes another one of.
    pub(crate) also: RefCell<SortedSet<At>>,
}

impl<'s> Scope<'s> {
    /// A scope of layers, the strongest first.
    pub(crate) fn new(layers: Vec<Layer>, engine: &'s Engine, closed: Option<Arc<str>>) -> Self {
        Scope {
            layers,
            locals: Vec::new(),
            engine,
            closed,
            is_task: Cell::new(true),
            depth: Cell::new(0),
            steps: Cell::new(0),
            is_named: Cell::new(false),
            also: RefCell::default(),
        }
    }

    /// Goes on counting where another one is.
    pub(crate) fn inherit(&self, other: &Scope<'_>) {
        self.depth.set(other.depth.get());
        self.steps.set(other.steps.get());
    }

    /// Takes over what another one has counted and learnt.
    pub(crate) fn learn(&self, other: &Scope<'_>) {
        self.steps.set(other.steps.get());
        self.is_named
            .set(self.is_named.get() || other.is_named.get());
        self.also
            .borrow_mut()
            .extend(other.also.borrow().iter().copied());
    }

    fn step(&self) -> Result<(), Hole> {
        self.steps.set(self.steps.get() + 1);
        match self.steps.get() > MOST_STEPS {
            true => Err(Hole::Unknown("it is made of too many values".to_owned())),
            false => Ok(()),
        }
    }

    /// The value of a name, filled in.
    pub(crate) fn get(&self, name: &str) -> Result<Node, Hole> {
        self.step()?;
        if name.starts_with("inventory_hostname") {
            self.is_named.set(true);
        }
        let local = self.locals.iter().rev().find(|(known, _)| known == name);
        let found = local.map(|(_, node)| node).or_else(|| {
            let mut layers = self.layers.iter();
            layers.find_map(|layer| layer.get(name))
        });
        match found {
            Some(node) => self.resolved(&node.clone()),
            None => Err(self.missing(name)),
        }
    }

    fn missing(&self, name: &str) -> Hole {
        let shown = base::source::printable(name.as_bytes());
        if name.starts_with("ansible_") {
            return Hole::Unknown(format!("`{shown}` is a fact of the machine"));
        }
        if matches!(name, "lookup" | "query" | "q" | "hostvars" | "now" | "vars") {
            return Hole::Unknown(format!("`{shown}` is known only when the play runs"));
        }
        match &self.closed {
            Some(why) => Hole::Unknown(format!("`{shown}` may be set where {why}")),
            None => Hole::Missing(name.to_owned()),
        }
    }

    /// A value whose own templates are filled in; those of its parts are not yet.
    pub(crate) fn resolved(&self, node: &Node) -> Result<Node, Hole> {
        let node = match &node.value {
            Value::Text(text) if !node.is_final && is_template(text) => {
                if self.depth.get() >= DEEPEST {
                    return Err(Hole::Unknown(
                        "variables name each other in a circle".to_owned(),
                    ));
                }
                self.depth.set(self.depth.get() + 1);
                // The value of a variable is read like a text of a task, also for a template.
                let was = self.is_task.replace(true);
                let value = self.value(text);
                self.is_task.set(was);
                self.depth.set(self.depth.get() - 1);
                value?
            }
            _ => node.clone(),
        };
        match &node.value {
            Value::Unknown(why) => Err(Hole::Unknown(why.to_string())),
            _ => Ok(node),
        }
    }

    /// The value that a text of YAML stands for.
    fn value(&self, text: &str) -> Result<Node, Hole> {
        let bare = text.trim();
        let inner = bare
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"));
        if let Some(inner) = inner.filter(|inner| !inner.contains("{{") && !inner.contains("}}")) {
            let inner = inner.trim_matches('-').trim();
            let node = self.eval(inner)?;
            let is_name = inner.chars().all(|c| c.is_alphanumeric() || c == '_');
            return Ok(match &node.value {
                _ if is_name => node,
                // A number comes out of a template as a text.
                Value::Int(_) | Value::Float(_) | Value::Null => {
                    let shown = node.shown();
                    let shown = shown.ok_or_else(|| Hole::Unknown("a number".to_owned()))?;
                    Node {
                        value: Value::Text(shown.as_str().into()),
                        is_final: true,
                        ..node
                    }
                }
                _ => node,
            });
        }
        let rendered = render(text, self, super::lex::Cut::default(), 0);
        let rendered = rendered.map_err(Hole::Unknown)?;
        if let Some(hole) = rendered.holes.first() {
            return Err(Hole::Unknown(hole.clone()));
        }
        let text = rendered.joined();
        let is_between = |open: char, close: char| text.starts_with(open) && text.ends_with(close);
        if is_between('[', ']') || is_between('{', '}') {
            let why = "a text that may be a list or a map is not read";
            return Err(Hole::Unknown(why.to_owned()));
        }
        Ok(match text.as_str() {
            "True" => Node::from(Value::Bool(true)),
            "False" => Node::from(Value::Bool(false)),
            text => Node::text(text),
        })
    }

    /// A value with everything in it filled in.
    pub(crate) fn deep(&self, node: &Node) -> Result<Node, Hole> {
        self.step()?;
        let node = self.resolved(node)?;
        let value = match &node.value {
            Value::List(items) => {
                let items = items.iter().map(|item| self.deep(item));
                Value::List(Arc::new(items.collect::<Result<_, _>>()?))
            }
            Value::Tuple(items) => {
                let items = items.iter().map(|item| self.deep(item));
                Value::Tuple(Arc::new(items.collect::<Result<_, _>>()?))
            }
            Value::Map(fields) => {
                let fields = fields
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.deep(value)?)));
                Value::Map(Arc::new(fields.collect::<Result<_, Hole>>()?))
            }
            value => value.clone(),
        };
        Ok(Node { value, ..node })
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, expression: &str) -> Result<Node, Hole> {
        self.step()?;
        let expression = expression.trim();
        if let Some(path) = path_of(expression) {
            return self.follow(&path);
        }
        let parts = split(expression, b'|');
        if let [value, filter] = parts.as_slice()
            && let Some(path) = path_of(value)
            && let Some(other) = default_of(filter)
        {
            match self.follow(&path) {
                Err(Hole::Missing(_)) if other.is_empty() => return Ok(Node::text("")),
                Err(Hole::Missing(_)) => return self.eval(other),
                found => return found,
            }
        }
        if let [value, "dict2items"] = parts.as_slice()
            && let Some(path) = path_of(value)
        {
            return Ok(pairs(&self.follow(&path)?, true));
        }
        if let Some(value) = expression.strip_suffix(".items()")
            && let Some(path) = path_of(value)
        {
            return Ok(pairs(&self.follow(&path)?, false));
        }
        self.general(expression)
    }

    /// An expression that is more than a path.
    fn general(&self, expression: &str) -> Result<Node, Hole> {
        let shown = base::source::printable(expression.as_bytes());
        let said = |failure: Failure| match failure {
            Failure::Missing => Hole::Missing(expression.to_owned()),
            Failure::Unknown(why) => {
                let why = base::source::printable(why.as_bytes());
                Hole::Unknown(format!("`{shown}` is not read: {why}"))
            }
        };
        let written = match self.is_task.get() {
            true => doubled(expression),
            false => expression.to_owned(),
        };
        let asked = self.engine.names(&written).map_err(said)?;
        let mut names: Vec<(String, Node)> = Vec::new();
        for path in asked {
            let mut steps = path.split('.');
            let name = steps.next().unwrap_or_default();
            if name == "range" {
                continue;
            }
            let mut node = match self.get(name) {
                Ok(node) => node,
                // Whether something is defined can be asked.
                Err(Hole::Missing(_)) => continue,
                Err(hole) => return Err(hole),
            };
            // What is in the end must be known; its neighbours need not be.
            let mut is_there = true;
            for step in steps {
                let next = node.field(step).cloned();
                match next {
                    Some(next) => node = self.resolved(&next)?,
                    None => {
                        is_there = node.fields().is_none();
                        break;
                    }
                }
            }
            let is_known = names.iter().any(|(known, _)| known == name);
            if is_there {
                self.deep(&node)?;
                self.also.borrow_mut().extend(node.at);
            }
            if !is_known {
                names.push((name.to_owned(), self.lenient(&self.get(name)?)?));
            }
        }
        let has_python = names.iter().any(|(_, node)| has_python_text(node, 0));
        if has_python && split(expression, b'~').len() > 1 {
            let why = "`~` writes some values in Python's way";
            return Err(Hole::Unknown(format!("`{shown}` is not read: {why}")));
        }
        self.engine.eval(&written, &names).map_err(said)
    }

    /// A value with everything in it filled in that can be.
    fn lenient(&self, node: &Node) -> Result<Node, Hole> {
        self.step()?;
        let Ok(node) = self.resolved(node) else {
            return Ok(Node::from(Value::Null));
        };
        let value = match &node.value {
            Value::List(items) | Value::Tuple(items) => {
                let items = items.iter().map(|item| self.lenient(item));
                Value::List(Arc::new(items.collect::<Result<_, _>>()?))
            }
            Value::Map(fields) => {
                let fields = fields
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.lenient(value)?)));
                Value::Map(Arc::new(fields.collect::<Result<_, Hole>>()?))
            }
            value => value.clone(),
        };
        Ok(Node { value, ..node })
    }

    fn follow(&self, path: &[Step]) -> Result<Node, Hole> {
        let mut steps = path.iter();
        let Some(Step::Name(first)) = steps.next() else {
            return Err(Hole::Missing(String::new()));
        };
        let mut node = match first.as_str() {
            "true" | "True" => Node::from(Value::Bool(true)),
            "false" | "False" => Node::from(Value::Bool(false)),
            "none" | "None" => Node::from(Value::Null),
            name => self.get(name)?,
        };
        let mut shown = first.clone();
        for step in steps {
            let next = match step {
                Step::Name(name) => {
                    shown = format!("{shown}.{name}");
                    node.field(name)
                }
                Step::At(at) => {
                    shown = format!("{shown}[{at}]");
                    let items = node.items();
                    items.and_then(|items| {
                        let len = i64::try_from(items.len()).ok()?;
                        let at = if *at < 0 { len + at } else { *at };
                        items.get(usize::try_from(at).ok()?)
                    })
                }
                Step::Value(name) => {
                    shown = format!("{shown}[{name}]");
                    let name = self.get(name)?.word().unwrap_or_default();
                    node.field(&name)
                }
            };
            let Some(next) = next.cloned() else {
                return Err(Hole::Missing(shown));
            };
            node = self.resolved(&next)?;
        }
        Ok(node)
    }

    /// What a condition of a task or a template says.
    pub(crate) fn is_true(&self, condition: &str) -> Result<bool, Hole> {
        self.eval(condition)?.is_true().map_err(Hole::Unknown)
    }

    /// A text of a task, filled in.
    pub(crate) fn text(&self, node: &Node) -> Result<String, Hole> {
        let node = self.resolved(node)?;
        let shown = node.shown();
        shown.ok_or_else(|| Hole::Unknown("it is no text".to_owned()))
    }

    /// A text that becomes a file, or a part of one.
    pub(crate) fn rendered(&self, node: &Node) -> Result<Rendered, String> {
        match &node.value {
            Value::Text(text) if !node.is_final && is_template(text) => {
                render(text, self, super::lex::Cut::default(), 0)
            }
            Value::Unknown(why) => Err(why.to_string()),
            _ => {
                let text = node.shown().ok_or("it is no text")?;
                Ok(Rendered::literal(&text))
            }
        }
    }
}

/// Whether something is filled in.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Whether a value is one that Python writes in another way than others.
fn has_python_text(node: &Node, depth: usize) -> bool {
    match &node.value {
        Value::Text(_) | Value::Int(_) => false,
        Value::Map(fields) if depth < 20 => fields
            .iter()
            .any(|(_, value)| has_python_text(value, depth + 1)),
        Value::List(items) if depth < 20 => {
            items.iter().any(|item| has_python_text(item, depth + 1))
        }
        _ => true,
    }
}

/// The fields of a map as a list, for a loop.
fn pairs(node: &Node, is_named: bool) -> Node {
    let fields = node.fields().unwrap_or_default().iter();
    let pair = |(key, value): &(String, Node)| match is_named {
        true => Node::map(vec![
            ("key".to_owned(), Node::text(key)),
            ("value".to_owned(), value.clone()),
        ]),
        false => Node::from(Value::Tuple(Arc::new(vec![Node::text(key), value.clone()]))),
    };
    Node::list(fields.map(pair).collect())
}

/// Backslashes of texts in the expressions of a task are doubled before they are read.
fn doubled(expression: &str) -> String {
    let mut out = String::new();
    let mut open: Option<char> = None;
    for c in expression.chars() {
        match (c, open) {
            ('\\', Some(_)) => out.push('\\'),
            ('"' | '\'', None) => open = Some(c),
            (c, Some(quote)) if c == quote => open = None,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// The value that `default(…)` gives; `None` for another filter, or one with options.
fn default_of(filter: &str) -> Option<&str> {
    let rest = filter
        .strip_prefix("default")
        .or_else(|| filter.strip_prefix('d'))?;
    let inner = rest.trim_start().strip_prefix('(')?.strip_suffix(')')?;
    let is_one = split(inner, b',').len() == 1 && split(inner, b'=').len() == 1;
    let balanced = split(inner, b')').len() == 1;
    (is_one && balanced).then(|| inner.trim())
}

/// A step of a path.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// `.name` or `['name']`
    Name(String),
    /// `[0]`
    At(i64),
    /// `[name]`
    Value(String),
}

/// An expression that only follows names: `a.b['c'][0]`.
fn path_of(expression: &str) -> Option<Vec<Step>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let name_len = |text: &str| text.find(|c| !is_part(c)).unwrap_or(text.len());
    let mut rest = expression.trim();
    let len = name_len(rest);
    if len == 0 || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // Words of the language are no names.
    if matches!(
        &rest[..len],
        "not" | "and" | "or" | "in" | "is" | "if" | "else"
    ) {
        return None;
    }
    let mut out = vec![Step::Name(rest[..len].to_owned())];
    rest = &rest[len..];
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let len = name_len(after);
            if len == 0 {
                return None;
            }
            let name = &after[..len];
            out.push(match name.parse::<i64>() {
                Ok(at) => Step::At(at),
                Err(_) => Step::Name(name.to_owned()),
            });
            rest = &after[len..];
            continue;
        }
        let after = rest.strip_prefix('[')?;
        let end = after.find(']')?;
        let inner = after[..end].trim();
        let quoted = ['\'', '"']
            .into_iter()
            .find_map(|quote| inner.strip_prefix(quote)?.strip_suffix(quote));
        out.push(match (quoted, inner.parse::<i64>()) {
            (Some(name), _) if !name.contains(['\'', '"', '\\']) => Step::Name(name.to_owned()),
            (None, Ok(at)) => Step::At(at),
            (None, Err(_)) if !inner.is_empty() && inner.chars().all(is_part) => {
                Step::Value(inner.to_owned())
            }
            _ => return None,
        });
        rest = &after[end + 1..];
    }
    Some(out)
}
