//! Functions of Terraform that need nothing but their arguments and files of the repository.

use base::{FilePath, SortedMap};

use super::encode;
use super::eval::Scope;
use super::syntax::Expression;
use super::text::{Text, hole_text};
use super::value::{Hole, Value, shown_number};
use super::world::World;

/// What stands for the folder in which somebody starts Terraform.
const CWD: &str = "path.cwd";

/// Numbers that `range` may make.
const MOST: f64 = 10_000.0;

impl World<'_> {
    /// The value of a call.
    pub(super) fn call(
        &mut self,
        expression: &Expression,
        call: (&str, &[Expression], bool),
        scope: &Scope,
    ) -> Value {
        let (name, arguments, spreads) = call;
        let name = name.strip_prefix("core::").unwrap_or(name);
        let mut values: Vec<Value> = arguments.iter().map(|one| self.eval(one, scope)).collect();
        if spreads {
            match values.pop() {
                Some(Value::List(more)) => values.extend(more),
                other => {
                    return self.hole_of(&other.into_iter().collect::<Vec<_>>(), expression, scope);
                }
            }
        }
        let result = match name {
            "file" | "templatefile" | "filebase64" => {
                Some(self.of_file(name, &values, expression, scope))
            }
            "fileset" => self.fileset(&values),
            "base64encode" => self.base64(values.first()),
            "base64decode" => self.unpacked(values.first()).map(Value::Text),
            "try" | "coalesce" => first(&values, name == "coalesce"),
            _ => pure(name, &values),
        };
        result.unwrap_or_else(|| self.hole_of(&values, expression, scope))
    }

    fn base64(&mut self, value: Option<&Value>) -> Option<Value> {
        let text = value?.to_text()?;
        let packed = base::base64::encode(text.text.as_bytes());
        self.packed.insert(packed.clone(), text.clone());
        Some(Value::Text(text.packed(&packed)))
    }

    /// What was packed as base64, with its places where Terraform packed it.
    pub(super) fn unpacked(&self, value: Option<&Value>) -> Option<Text> {
        let text = value?.to_text()?;
        let plain: String = text.text.split_ascii_whitespace().collect();
        if let Some(known) = self.packed.get(&plain) {
            return Some(known.clone());
        }
        let bytes = base::base64::decode(plain.as_bytes())?;
        Some(text.packed(&String::from_utf8(bytes).ok()?))
    }

    /// The path of a file of the repository.
    pub(super) fn path(&self, name: &str) -> String {
        let cwd = hole_text(CWD);
        let name = name
            .strip_prefix(&cwd)
            .map_or(name, |rest| rest.trim_start_matches('/'));
        crate::docker::absolute(&self.root, name)
    }

    /// The whole text of a file.
    pub(super) fn file_text(&mut self, name: &str) -> Result<Text, String> {
        let path = self.path(name);
        let file = self.home(&path)?;
        let text = std::str::from_utf8(&self.homes[file].bytes);
        let text = text.map_err(|_| "it is no text".to_owned())?;
        Ok(Text::file(file, text))
    }

    fn of_file(
        &mut self,
        function: &str,
        values: &[Value],
        expression: &Expression,
        scope: &Scope,
    ) -> Value {
        let name = values.first().and_then(Value::to_text);
        let Some(name) = name.filter(|name| name.holes.iter().all(|hole| hole == CWD)) else {
            return self.hole_of(values, expression, scope);
        };
        let hole = || {
            Value::Hole(Hole {
                name: format!(
                    "{function}({})",
                    base::source::printable(name.text.as_bytes())
                ),
                at: (scope.file, expression.at.clone()),
            })
        };
        let text = match self.file_text(&name.text) {
            Ok(text) => text,
            Err(_) => return hole(),
        };
        match function {
            "filebase64" => self.base64(Some(&Value::Text(text))).unwrap_or_else(hole),
            "file" => Value::Text(text),
            _ => {
                let file = text.place().map(|(file, _)| file);
                let Some(file) = file else {
                    return Value::Text(text);
                };
                self.taken.insert(self.homes[file].path.clone());
                let Some(parts) = self.template_of(file) else {
                    return hole();
                };
                let inner = Scope {
                    module: scope.module,
                    file,
                    names: as_names(values.get(1)),
                    is_template: true,
                    ..Scope::default()
                };
                self.template(&parts, &inner)
            }
        }
    }

    /// The files of a folder: names with `*` in them.
    fn fileset(&self, values: &[Value]) -> Option<Value> {
        let (dir, pattern) = (values.first()?.words()?, values.get(1)?.words()?);
        let (inner, last) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
        if inner.contains(['*', '{', '[', '?'])
            || last.contains(['{', '[', '?', '\\'])
            || last.contains("**")
        {
            return None;
        }
        let folder = self.path(&format!("{dir}/{inner}"));
        let names = intake::names(self.tree, &FilePath::new(&folder)).ok()?;
        let pieces: Vec<&str> = last.split('*').collect();
        let is_it = |name: &&String| {
            let (Some(first), Some(end)) = (pieces.first(), pieces.last()) else {
                return false;
            };
            match pieces.len() {
                1 => name.as_str() == last,
                2 => {
                    name.len() >= first.len() + end.len()
                        && name.starts_with(first)
                        && name.ends_with(end)
                }
                _ => false,
            }
        };
        if pieces.len() > 2 {
            return None;
        }
        let is_file = |name: &&String| {
            self.tree
                .folder(&FilePath::new(format!("{folder}/{name}")))
                .is_none()
        };
        let found = names.iter().filter(is_it).filter(is_file);
        let found = found.map(|name| match inner {
            "" => name.clone(),
            inner => format!("{inner}/{name}"),
        });
        Some(Value::List(
            found.map(|name| Value::Text(Text::made(&name))).collect(),
        ))
    }
}

/// The names that a template knows.
pub(super) fn as_names(values: Option<&Value>) -> Vec<(String, Value)> {
    match values {
        Some(Value::Map(fields)) => fields
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        _ => Vec::new(),
    }
}

fn first(values: &[Value], skips: bool) -> Option<Value> {
    let is_there =
        |value: &&Value| !skips || **value != Value::Null && value.words().as_deref() != Some("");
    let found = values.iter().find(is_there)?;
    // What is not known may fail, and then it would be the next.
    (!matches!(found, Value::Hole(_))).then(|| found.clone())
}

fn made(text: &str) -> Option<Value> {
    Some(Value::Text(Text::made(text)))
}

fn pure(name: &str, values: &[Value]) -> Option<Value> {
    let text = |at: usize| values.get(at).and_then(Value::to_text);
    let words = |at: usize| values.get(at).and_then(Value::words);
    match name {
        "nonsensitive" | "sensitive" | "ephemeralasnull" | "tolist" | "tomap" => {
            values.first().cloned()
        }
        "toset" => match values.first()? {
            Value::List(items) => {
                let mut sorted: Vec<(String, Value)> = Vec::new();
                for item in items {
                    sorted.push((item.words()?, item.clone()));
                }
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                sorted.dedup_by(|a, b| a.0 == b.0);
                Some(Value::List(
                    sorted.into_iter().map(|(_, item)| item).collect(),
                ))
            }
            _ => None,
        },
        "tostring" => text(0).map(Value::Text),
        "tonumber" => values.first()?.number().map(Value::Number),
        "tobool" => values.first()?.is_true().map(Value::Bool),
        "jsonencode" => encode::json(values.first()?).map(Value::Text),
        "yamlencode" => encode::json(values.first()?).map(|mut text| {
            text.add_made("\n");
            Value::Text(text)
        }),
        "join" | "indent" | "trimspace" | "chomp" | "replace" | "trimprefix" | "trimsuffix"
        | "split" => on_texts(name, values),
        "format" => format(&text(0)?, values.get(1..)?),
        "upper" => made(&words(0)?.to_uppercase()),
        "lower" => made(&words(0)?.to_lowercase()),
        "startswith" => Some(Value::Bool(words(0)?.starts_with(&words(1)?))),
        "endswith" => Some(Value::Bool(words(0)?.ends_with(&words(1)?))),
        "strcontains" => Some(Value::Bool(words(0)?.contains(&words(1)?))),
        "basename" => made(words(0)?.rsplit('/').next()?),
        "dirname" => made(words(0)?.rsplit_once('/').map_or(".", |(dir, _)| dir)),
        "abspath" => {
            let path = words(0)?;
            if path.starts_with('/') {
                return made(&path);
            }
            let path = path.trim_start_matches("./");
            let mut out = Text::made(&format!("{}/{path}", hole_text(CWD)));
            out.holes.push(CWD.to_owned());
            Some(Value::Text(out))
        }
        "max" | "min" | "ceil" | "floor" | "abs" | "range" => numbers(name, values),
        _ => of_several(name, values),
    }
}

/// Functions that keep the places of their texts.
fn on_texts(name: &str, values: &[Value]) -> Option<Value> {
    let text = |at: usize| values.get(at).and_then(Value::to_text);
    let words = |at: usize| values.get(at).and_then(Value::words);
    let out = match name {
        "join" => {
            let mut out = Text::default();
            let items = values.get(1..)?.iter().flat_map(Value::items);
            for (at, item) in items.enumerate() {
                if at > 0 {
                    out.add_made(&words(0)?);
                }
                out.add(&item.to_text()?);
            }
            out
        }
        "indent" => {
            let count = values
                .first()?
                .number()
                .filter(|count| (0.0..=200.0).contains(count))?;
            let pad = " ".repeat(count as usize);
            let text = text(1)?;
            let mut out = Text::default();
            let mut at = 0;
            for line in text.text.split_inclusive('\n') {
                out.add(&text.part(at..at + line.len()));
                at += line.len();
                if line.ends_with('\n') {
                    out.add_made(&pad);
                }
            }
            out
        }
        "trimspace" | "chomp" => {
            let text = text(0)?;
            let is_cut =
                |c: char| c.is_whitespace() && (name == "trimspace" || matches!(c, '\r' | '\n'));
            let end = text.text.trim_end_matches(is_cut).len();
            let begin = match name {
                "trimspace" => text.text.len() - text.text.trim_start().len(),
                _ => 0,
            };
            text.part(begin.min(end)..end)
        }
        "trimprefix" | "trimsuffix" => {
            let (text, cut) = (text(0)?, words(1)?);
            let len = text.text.len();
            match name {
                "trimprefix" if text.text.starts_with(&cut) => text.part(cut.len()..len),
                "trimsuffix" if text.text.ends_with(&cut) => text.part(0..len - cut.len()),
                _ => text,
            }
        }
        "replace" => {
            let (text, from, to) = (text(0)?, words(1)?, text(2)?);
            let is_regex = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
            if is_regex || from.is_empty() {
                return None;
            }
            let mut out = Text::default();
            let mut at = 0;
            for (found, _) in text.text.match_indices(&from) {
                out.add(&text.part(at..found));
                out.add(&to);
                at = found + from.len();
            }
            out.add(&text.part(at..text.text.len()));
            out
        }
        _ => {
            let (by, text) = (words(0)?, text(1)?);
            if by.is_empty() || !text.holes.is_empty() {
                return None;
            }
            let mut items = Vec::new();
            let mut at = 0;
            for piece in text.text.split(by.as_str()) {
                items.push(Value::Text(text.part(at..at + piece.len())));
                at += piece.len() + by.len();
            }
            return Some(Value::List(items));
        }
    };
    Some(Value::Text(out))
}

/// `%s`, `%d`, `%v` and `%%`.
fn format(text: &Text, values: &[Value]) -> Option<Value> {
    let mut out = Text::default();
    let mut values = values.iter();
    let (mut at, bytes) = (0, text.text.as_bytes());
    while let Some(found) = text.text[at..].find('%') {
        out.add(&text.part(at..at + found));
        at += found;
        match bytes.get(at + 1)? {
            b'%' => out.add_made("%"),
            b's' | b'v' => out.add(&values.next()?.to_text()?),
            b'd' => out.add_made(&shown_number(values.next()?.number()?)),
            _ => return None,
        }
        at += 2;
    }
    out.add(&text.part(at..text.text.len()));
    Some(Value::Text(out))
}

fn numbers(name: &str, values: &[Value]) -> Option<Value> {
    let numbers: Option<Vec<f64>> = values.iter().map(Value::number).collect();
    let numbers = numbers?;
    let all = numbers.iter().copied();
    let number = match name {
        "max" => all.reduce(f64::max)?,
        "min" => all.reduce(f64::min)?,
        "ceil" => numbers.first()?.ceil(),
        "floor" => numbers.first()?.floor(),
        "abs" => numbers.first()?.abs(),
        _ => {
            let (from, to) = match numbers.as_slice() {
                [to] => (0.0, *to),
                [from, to] => (*from, *to),
                _ => return None,
            };
            if to - from > MOST {
                return None;
            }
            let mut out = Vec::new();
            let mut at = from;
            while at < to {
                out.push(Value::Number(at));
                at += 1.0;
            }
            return Some(Value::List(out));
        }
    };
    Some(Value::Number(number))
}

/// Functions of lists and maps.
fn of_several(name: &str, values: &[Value]) -> Option<Value> {
    let first = values.first()?;
    let map = |value: &Value| match value {
        Value::Map(fields) => Some(fields.clone()),
        Value::Null => Some(SortedMap::new()),
        _ => None,
    };
    let list = |value: &Value| match value {
        Value::List(items) => Some(items.clone()),
        _ => None,
    };
    match name {
        "merge" => {
            let mut out = SortedMap::new();
            for value in values {
                out.extend(map(value)?);
            }
            Some(Value::Map(out))
        }
        "lookup" => {
            let fields = map(first)?;
            let key = values.get(1)?.words()?;
            fields.get(&key).or_else(|| values.get(2)).cloned()
        }
        "keys" => Some(Value::List(
            map(first)?
                .keys()
                .map(|key| Value::Text(Text::made(key)))
                .collect(),
        )),
        "values" => Some(Value::List(map(first)?.values().cloned().collect())),
        "length" => {
            let count = match first {
                Value::List(items) => items.len(),
                Value::Map(fields) => fields.len(),
                value => value.words()?.chars().count(),
            };
            Some(Value::Number(f64::from(u32::try_from(count).ok()?)))
        }
        "concat" => {
            let mut out = Vec::new();
            for value in values {
                out.extend(list(value)?);
            }
            Some(Value::List(out))
        }
        "flatten" => {
            let mut out = Vec::new();
            flatten(first, &mut out);
            Some(Value::List(out))
        }
        "compact" => {
            let is_there =
                |value: &Value| *value != Value::Null && value.words().as_deref() != Some("");
            Some(Value::List(
                list(first)?.into_iter().filter(is_there).collect(),
            ))
        }
        "reverse" => Some(Value::List(list(first)?.into_iter().rev().collect())),
        "element" => {
            let items = list(first)?;
            let at = values.get(1)?.number()?;
            let at =
                (at >= 0.0 && !items.is_empty()).then_some(at as usize % items.len().max(1))?;
            items.get(at).cloned()
        }
        "contains" => {
            let wanted = values.get(1)?.words()?;
            let items = list(first)?;
            if items.iter().any(|item| item.hole().is_some()) {
                return None;
            }
            Some(Value::Bool(
                items
                    .iter()
                    .any(|item| item.words().as_ref() == Some(&wanted)),
            ))
        }
        "one" => match list(first)?.as_slice() {
            [] => Some(Value::Null),
            [only] => Some(only.clone()),
            _ => None,
        },
        _ => of_lists(name, values),
    }
}

/// Functions of lists of texts.
fn of_lists(name: &str, values: &[Value]) -> Option<Value> {
    let list = |value: &Value| match value {
        Value::List(items) => Some(items.clone()),
        _ => None,
    };
    let first = values.first()?;
    match name {
        "distinct" => {
            let mut out: Vec<Value> = Vec::new();
            for value in list(first)? {
                if value.hole().is_some() || out.len() > 1000 {
                    return None;
                }
                if !out.iter().any(|known| known.words() == value.words()) {
                    out.push(value);
                }
            }
            Some(Value::List(out))
        }
        "zipmap" => {
            let mut out = SortedMap::new();
            for (key, value) in list(first)?.iter().zip(list(values.get(1)?)?) {
                out.insert(key.words()?, value);
            }
            Some(Value::Map(out))
        }
        _ => None,
    }
}

/// Lists in lists; values are no deeper than the expressions that made them.
fn flatten(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::List(items) => {
            for item in items {
                flatten(item, out);
            }
        }
        value => out.push(value.clone()),
    }
}
