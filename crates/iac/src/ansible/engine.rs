//! Expressions of Jinja. The grammar and the operators are minijinja's; filters that write values as
//! text are ours, because Python writes some of them in another way.
//!
//! A filter or test that is not in these lists makes an expression unknown, with its name.

use minijinja::value::{Kwargs, Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value as Jinja, filters, tests};
use regex::RegexBuilder;

use super::value::{Node, Value};

/// What an expression is made of, at most; a value of a variable is no data base.
const MOST_NODES: usize = 50_000;

/// How a value comes out of an expression.
pub(crate) enum Failure {
    /// Something in it is set nowhere.
    Missing,
    /// It is not understood, and why.
    Unknown(String),
}

/// What evaluates expressions.
pub(crate) struct Engine(Environment<'static>);

impl Engine {
    /// One for all.
    pub(crate) fn new() -> Engine {
        let mut env = Environment::empty();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        add_filters(&mut env);
        add_lists(&mut env);
        add_tests(&mut env);
        env.add_function("range", minijinja::functions::range);
        env.set_unknown_method_callback(|_, value, name, args| method(value, name, args));
        Engine(env)
    }

    /// The names that an expression asks for, with their fields: `a`, `a.b`.
    pub(crate) fn names(&self, expression: &str) -> Result<Vec<String>, Failure> {
        let compiled = self
            .0
            .compile_expression(expression)
            .map_err(|error| failure(&error))?;
        let mut names: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
        names.sort();
        Ok(names)
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, expression: &str, names: &[(String, Node)]) -> Result<Node, Failure> {
        let compiled = self
            .0
            .compile_expression(expression)
            .map_err(|error| failure(&error))?;
        let mut count = 0;
        let mut context: Vec<(String, Jinja)> = Vec::new();
        for (name, node) in names {
            let too_much = || Failure::Unknown(format!("`{name}` is too large"));
            context.push((name.clone(), jinja(node, &mut count).ok_or_else(too_much)?));
        }
        let value = compiled
            .eval(Jinja::from_pairs(context))
            .map_err(|error| failure(&error))?;
        node(&value, &mut 0).ok_or(Failure::Missing)
    }
}

fn failure(error: &Error) -> Failure {
    match error.kind() {
        ErrorKind::UndefinedError => Failure::Missing,
        _ => {
            let detail = error.detail().map(str::to_owned);
            Failure::Unknown(detail.unwrap_or_else(|| error.kind().to_string()))
        }
    }
}

fn jinja(node: &Node, count: &mut usize) -> Option<Jinja> {
    *count += 1;
    if *count > MOST_NODES {
        return None;
    }
    Some(match &node.value {
        Value::Null | Value::Unknown(_) => Jinja::from(()),
        Value::Bool(value) => Jinja::from(*value),
        Value::Int(number) => Jinja::from(*number),
        Value::Float(number) => Jinja::from(*number),
        Value::Text(text) => Jinja::from(&**text),
        Value::List(items) | Value::Tuple(items) => {
            let items = items.iter().map(|item| jinja(item, count));
            Jinja::from(items.collect::<Option<Vec<_>>>()?)
        }
        Value::Map(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| Some((key.clone(), jinja(value, count)?)));
            Jinja::from_pairs(fields.collect::<Option<Vec<_>>>()?)
        }
    })
}

fn node(value: &Jinja, count: &mut usize) -> Option<Node> {
    *count += 1;
    if *count > MOST_NODES {
        return Some(Node::unknown("a value is too large"));
    }
    Some(Node::from(match value.kind() {
        ValueKind::Undefined => return None,
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => match value.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Unknown("a number is too large".into()),
        },
        ValueKind::Number => match f64::try_from(value.clone()) {
            Ok(number) => Value::Float(number),
            Err(_) => Value::Unknown("a number is not understood".into()),
        },
        ValueKind::String => Value::Text(value.as_str()?.into()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().ok()?.map(|item| node(&item, count));
            if value.is_tuple() {
                let items = items.collect::<Option<Vec<_>>>()?;
                return Some(Node::from(Value::Tuple(items.into())));
            }
            return Some(Node::list(items.collect::<Option<Vec<_>>>()?));
        }
        ValueKind::Map => {
            let fields = value.try_iter().ok()?.map(|key| {
                let value = value.get_item(&key).ok()?;
                let key = node(&key, count)?.shown()?;
                Some((key, node(&value, count)?))
            });
            return Some(Node::map(fields.collect::<Option<Vec<_>>>()?));
        }
        _ => Value::Unknown("a value is of no kind that is known".into()),
    }))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// A value as Python writes it.
fn text(value: &Jinja) -> Result<String, Error> {
    let node = node(value, &mut 0);
    let node = node.ok_or_else(|| Error::from(ErrorKind::UndefinedError))?;
    match &node.value {
        Value::Null => Ok("None".to_owned()),
        _ => node
            .shown()
            .ok_or_else(|| wrong("a value cannot be written as text")),
    }
}

fn add_filters(env: &mut Environment<'static>) {
    let default = |value: &Jinja, args: Rest<Jinja>| -> Result<Jinja, Error> {
        let is_kwargs = |value: &&Jinja| value.is_kwargs();
        let named = args.iter().find(is_kwargs);
        let boolean = named.and_then(|named| named.get_attr("boolean").ok());
        let plain: Vec<&Jinja> = args.iter().filter(|arg| !arg.is_kwargs()).collect();
        let asked = plain.get(1).map(|arg| arg.is_true());
        let asked = asked.unwrap_or_else(|| boolean.is_some_and(|arg| arg.is_true()));
        let other = named.and_then(|named| named.get_attr("default_value").ok());
        let other = plain.first().map(|arg| (*arg).clone()).or(other);
        Ok(match value.is_undefined() || asked && !value.is_true() {
            true => other.unwrap_or_else(|| Jinja::from("")),
            false => value.clone(),
        })
    };
    env.add_filter("default", default);
    env.add_filter("d", default);
    env.add_filter("mandatory", |value: &Jinja| match value.is_undefined() {
        true => Err(Error::from(ErrorKind::UndefinedError)),
        false => Ok(value.clone()),
    });
    env.add_filter("string", |value: &Jinja| text(value));
    env.add_filter("lower", |value: &Jinja| {
        Ok::<_, Error>(text(value)?.to_lowercase())
    });
    env.add_filter("upper", |value: &Jinja| {
        Ok::<_, Error>(text(value)?.to_uppercase())
    });
    env.add_filter("trim", |value: &Jinja| {
        Ok::<_, Error>(text(value)?.trim().to_owned())
    });
    env.add_filter("capitalize", |value: &Jinja| {
        let text = text(value)?;
        let mut chars = text.chars();
        let first: String = chars
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        Ok::<_, Error>(first + &chars.as_str().to_lowercase())
    });
    env.add_filter("replace", |value: &Jinja, from: &Jinja, to: &Jinja| {
        let (from, to) = (text(from)?, text(to)?);
        Ok::<_, Error>(text(value)?.replace(&from, &to))
    });
    env.add_filter(
        "regex_replace",
        |value: &Jinja, pattern: &str, to: Option<&str>, named: Kwargs| {
            regex_replace(value, pattern, to, &named)
        },
    );
    env.add_filter("regex_escape", |value: &Jinja| {
        Ok::<_, Error>(escaped(&text(value)?))
    });
    env.add_filter("bool", |value: &Jinja| {
        // Ansible's own: everything that is not clearly yes is no.
        let word = text(value)?.to_lowercase();
        Ok::<_, Error>(matches!(word.as_str(), "yes" | "on" | "1" | "true"))
    });
    env.add_filter("int", |value: &Jinja, other: Option<i64>| {
        if let ValueKind::Bool = value.kind() {
            return Ok(i64::from(value.is_true()));
        }
        let text = text(value)?;
        let whole = text.trim().parse::<i64>();
        Ok::<_, Error>(match (whole, text.trim().parse::<f64>()) {
            (Ok(number), _) => number,
            (_, Ok(number)) if number.abs() < 1e15 => number.trunc() as i64,
            _ => other.unwrap_or(0),
        })
    });
    env.add_filter(
        "ternary",
        |value: &Jinja, yes: Jinja, no: Jinja| match value.is_true() {
            true => yes,
            false => no,
        },
    );
    add_more(env);
}

/// Filters of numbers, paths and other forms.
fn add_more(env: &mut Environment<'static>) {
    env.add_filter("abs", filters::abs);
    env.add_filter(
        "round",
        |value: &Jinja, digits: Option<i32>, how: Option<String>| {
            let number = f64::try_from(value.clone())?;
            let scale = 10_f64.powi(digits.unwrap_or(0));
            let scaled = number * scale;
            let rounded = match how.as_deref() {
                None | Some("common") => (scaled.abs() + 0.5).floor().copysign(scaled),
                Some("ceil") => scaled.ceil(),
                Some("floor") => scaled.floor(),
                Some(_) => return Err(wrong("a way of rounding is not known")),
            };
            Ok(rounded / scale)
        },
    );
    env.add_filter("to_json", |value: &Jinja| json(value));
    env.add_filter("tojson", |value: &Jinja| json(value));
    env.add_filter("basename", |value: &Jinja| {
        let text = text(value)?;
        Ok::<_, Error>(text.rsplit('/').next().unwrap_or_default().to_owned())
    });
    env.add_filter("dirname", |value: &Jinja| {
        let text = text(value)?;
        Ok::<_, Error>(match text.rsplit_once('/') {
            Some(("", _)) => "/".to_owned(),
            Some((dir, _)) => dir.to_owned(),
            None => String::new(),
        })
    });
    env.add_filter("comment", |value: &Jinja| {
        let text = text(value)?;
        let lines: Vec<String> = text.split('\n').map(|line| format!("# {line}")).collect();
        Ok::<_, Error>(format!("#\n{}\n#", lines.join("\n")))
    });
    env.add_filter(
        "indent",
        |value: &Jinja, width: Option<usize>, first: Option<bool>| {
            let text = text(value)?;
            let blanks = " ".repeat(width.unwrap_or(4).min(1000));
            let lines = text.split('\n').enumerate().map(|(at, line)| {
                let is_bare = line.is_empty() || at == 0 && !first.unwrap_or(false);
                if is_bare {
                    line.to_owned()
                } else {
                    format!("{blanks}{line}")
                }
            });
            Ok::<_, Error>(lines.collect::<Vec<_>>().join("\n"))
        },
    );
}

fn add_lists(env: &mut Environment<'static>) {
    env.add_filter(
        "join",
        |value: &Jinja, sign: Option<Jinja>, named: Kwargs| {
            let mut items: Vec<Jinja> = value.try_iter()?.collect();
            if let Ok(name) = named.get::<&str>("attribute") {
                let all = items.iter().map(|item| item.get_attr(name));
                items = all.collect::<Result<_, _>>()?;
            }
            let sign = sign.map_or_else(|| Ok(String::new()), |sign| text(&sign))?;
            let items = items.iter().map(text).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, Error>(items.join(&sign))
        },
    );
    env.add_filter("split", |value: &Jinja, sign: Option<String>| {
        let text = text(value)?;
        let parts: Vec<Jinja> = match &sign {
            Some(sign) => text.split(sign.as_str()).map(Jinja::from).collect(),
            None => text.split_whitespace().map(Jinja::from).collect(),
        };
        Jinja::from(parts)
            .try_iter()
            .map(|parts| Jinja::from(parts.collect::<Vec<_>>()))
    });
    env.add_filter("combine", |value: &Jinja, others: Rest<Jinja>| {
        let mut all = vec![value.clone()];
        for other in others.iter() {
            if other.is_kwargs() {
                return Err(wrong("`combine` with options is not read"));
            }
            all.push(other.clone());
        }
        let mut pairs: Vec<(String, Jinja)> = Vec::new();
        for map in &all {
            if map.kind() != ValueKind::Map {
                return Err(wrong("`combine` of something that is no map"));
            }
            for key in map.try_iter()? {
                let value = map.get_item(&key)?;
                let key = text(&key)?;
                match pairs.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => *known = value,
                    None => pairs.push((key, value)),
                }
            }
        }
        Ok(Jinja::from_pairs(pairs))
    });
    env.add_filter("dict2items", |value: &Jinja| {
        let items = value.try_iter()?.map(|key| {
            let value = value.get_item(&key)?;
            Ok(Jinja::from_pairs([("key", key), ("value", value)]))
        });
        Ok::<_, Error>(Jinja::from(items.collect::<Result<Vec<_>, Error>>()?))
    });
    env.add_filter("flatten", |value: &Jinja| {
        let mut out = Vec::new();
        flatten(value, &mut out, 0)?;
        Ok::<_, Error>(Jinja::from(out))
    });
    add_sets(env);
}

/// Filters that put lists together, and those that are minijinja's own.
fn add_sets(env: &mut Environment<'static>) {
    env.add_filter("union", |value: &Jinja, other: &Jinja| {
        let mut out: Vec<Jinja> = Vec::new();
        for item in value.try_iter()?.chain(other.try_iter()?) {
            if !out.contains(&item) {
                out.push(item);
            }
        }
        Ok::<_, Error>(Jinja::from(out))
    });
    env.add_filter("difference", |value: &Jinja, other: &Jinja| {
        let other: Vec<Jinja> = other.try_iter()?.collect();
        let kept = value.try_iter()?.filter(|item| !other.contains(item));
        Ok::<_, Error>(Jinja::from(kept.collect::<Vec<_>>()))
    });
    env.add_filter("first", filters::first);
    env.add_filter("last", filters::last);
    env.add_filter("length", filters::length);
    env.add_filter("count", filters::length);
    env.add_filter("list", filters::list);
    env.add_filter(
        "sort",
        |state: &minijinja::State<'_, '_>, value: Jinja, named: Kwargs| {
            filters::sort(state, of_one_kind(value)?, named)
        },
    );
    env.add_filter("unique", filters::unique);
    env.add_filter(
        "min",
        |state: &minijinja::State<'_, '_>, value: Jinja, named: Kwargs| {
            filters::min(state, of_one_kind(value)?, named)
        },
    );
    env.add_filter(
        "max",
        |state: &minijinja::State<'_, '_>, value: Jinja, named: Kwargs| {
            filters::max(state, of_one_kind(value)?, named)
        },
    );
    env.add_filter("sum", filters::sum);
    env.add_filter("reverse", filters::reverse);
    env.add_filter("map", filters::map);
    env.add_filter("select", filters::select);
    env.add_filter("reject", filters::reject);
    env.add_filter("selectattr", filters::selectattr);
    env.add_filter("rejectattr", filters::rejectattr);
}

fn add_tests(env: &mut Environment<'static>) {
    env.add_test("defined", tests::is_defined);
    env.add_test("undefined", tests::is_undefined);
    env.add_test("none", tests::is_none);
    env.add_test("string", tests::is_string);
    env.add_test("number", tests::is_number);
    env.add_test("integer", tests::is_integer);
    env.add_test("boolean", tests::is_boolean);
    env.add_test("sequence", |value: &Jinja| {
        let kind = value.kind();
        // In Python a text and a map are sequences, too.
        matches!(kind, ValueKind::Seq | ValueKind::String | ValueKind::Map)
    });
    env.add_test("iterable", |value: &Jinja| {
        let kind = value.kind();
        matches!(kind, ValueKind::Seq | ValueKind::String | ValueKind::Map)
    });
    env.add_test("mapping", tests::is_mapping);
    env.add_test("odd", tests::is_odd);
    env.add_test("even", tests::is_even);
    for (name, test) in [
        ("eq", true),
        ("equalto", true),
        ("==", true),
        ("ne", false),
        ("!=", false),
    ] {
        env.add_test(name, move |value: &Jinja, other: &Jinja| {
            (value == other) == test
        });
    }
    env.add_test("in", tests::is_in);
    env.add_test("truthy", |value: &Jinja| value.is_true());
    env.add_test("falsy", |value: &Jinja| !value.is_true());
    env.add_test("match", |value: &Jinja, pattern: &str| {
        let found = compiled(pattern, false, false)?;
        let text = text(value)?;
        Ok::<_, Error>(found.find(&text).is_some_and(|found| found.start() == 0))
    });
    env.add_test("search", |value: &Jinja, pattern: &str| {
        Ok::<_, Error>(compiled(pattern, false, false)?.is_match(&text(value)?))
    });
}

/// A list whose elements Python compares.
fn of_one_kind(value: Jinja) -> Result<Jinja, Error> {
    let kinds: Vec<ValueKind> = value.try_iter()?.map(|item| item.kind()).collect();
    match kinds.windows(2).all(|two| two[0] == two[1]) {
        true => Ok(value),
        false => Err(wrong("values of several kinds cannot be compared")),
    }
}

fn flatten(value: &Jinja, out: &mut Vec<Jinja>, depth: usize) -> Result<(), Error> {
    for item in value.try_iter()? {
        match item.kind() {
            ValueKind::Seq if depth < 20 => flatten(&item, out, depth + 1)?,
            _ => out.push(item),
        }
    }
    Ok(())
}

/// A pattern of Python's, where both mean the same.
pub(crate) fn compiled(pattern: &str, no_case: bool, lines: bool) -> Result<regex::Regex, Error> {
    // `\Z` is the very end in Python; `$` is also before a last line feed, which a caller cuts.
    let pattern = pattern.replace("\\Z", "\\z");
    let mut builder = RegexBuilder::new(&pattern);
    builder.case_insensitive(no_case).multi_line(lines);
    let pattern = builder.size_limit(1 << 20).build();
    pattern.map_err(|_| wrong("a regular expression is not understood"))
}

/// What takes the place of a match, with its groups: `\1`, `\g<1>`; as the regex crate writes it.
pub(crate) fn replacement(text: &str) -> Result<String, Error> {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '$' => out.push_str("$$"),
            '\\' => match chars.next() {
                Some(digit @ '1'..='9') => {
                    let mut number = digit.to_string();
                    if let Some(more) = chars.next_if(char::is_ascii_digit) {
                        number.push(more);
                    }
                    out += &format!("${{{number}}}");
                }
                Some('g') if chars.next_if_eq(&'<').is_some() => {
                    let name: String = chars.by_ref().take_while(|c| *c != '>').collect();
                    out += &format!("${{{name}}}");
                }
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('\\') => out.push('\\'),
                Some(sign) if !sign.is_ascii_alphanumeric() => {
                    out.push('\\');
                    out.push(sign);
                }
                _ => return Err(wrong("an escape of a replacement is not understood")),
            },
            c => out.push(c),
        }
    }
    Ok(out)
}

fn regex_replace(
    value: &Jinja,
    pattern: &str,
    to: Option<&str>,
    named: &Kwargs,
) -> Result<String, Error> {
    let flag = |name: &str| named.get::<Option<bool>>(name).ok().flatten() == Some(true);
    let pattern = compiled(pattern, flag("ignorecase"), flag("multiline"))?;
    let text = text(value)?;
    if text.ends_with('\n') && pattern.as_str().contains('$') {
        return Err(wrong("`$` before a last line feed is not read"));
    }
    let to = replacement(to.unwrap_or_default())?;
    Ok(pattern.replace_all(&text, to.as_str()).into_owned())
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() && c != '_' && c.is_ascii() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn json(value: &Jinja) -> Result<String, Error> {
    Ok(match value.kind() {
        ValueKind::None => "null".to_owned(),
        ValueKind::Bool => value.is_true().to_string(),
        ValueKind::Number => text(value)?,
        ValueKind::String => {
            let text = text(value)?;
            let is_odd = |c: char| c.is_control() || !c.is_ascii();
            if text.chars().any(is_odd) {
                return Err(wrong("`to_json` of other signs than ASCII is not read"));
            }
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
        ValueKind::Seq => {
            let items = value.try_iter()?.map(|item| json(&item));
            format!("[{}]", items.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        ValueKind::Map => {
            let fields = value.try_iter()?.map(|key| {
                let value = json(&value.get_item(&key)?)?;
                Ok(format!("{}: {value}", json(&key)?))
            });
            format!(
                "{{{}}}",
                fields.collect::<Result<Vec<_>, Error>>()?.join(", ")
            )
        }
        _ => return Err(wrong("`to_json` of such a value is not read")),
    })
}

/// Methods of Python's texts and maps.
fn method(value: &Jinja, name: &str, args: &[Jinja]) -> Result<Jinja, Error> {
    let arg = |at: usize| args.get(at).map(text).transpose();
    if value.kind() == ValueKind::Map {
        let keys: Vec<Jinja> = value.try_iter()?.collect();
        return match name {
            "keys" => Ok(Jinja::from(keys)),
            "values" => {
                let values = keys.iter().map(|key| value.get_item(key));
                Ok(Jinja::from(values.collect::<Result<Vec<_>, _>>()?))
            }
            "get" => {
                let asked = args.first().ok_or_else(|| wrong("`get` without a name"))?;
                let found = value.get_item(asked).unwrap_or_default();
                Ok(match (found.is_undefined(), args.get(1)) {
                    (true, Some(other)) => other.clone(),
                    (true, None) => Jinja::from(()),
                    (false, _) => found,
                })
            }
            _ => Err(wrong(format!("the method `{name}` is not read"))),
        };
    }
    if value.kind() != ValueKind::String {
        return Err(wrong(format!("the method `{name}` is not read")));
    }
    let own = text(value)?;
    Ok(match (name, arg(0)?, arg(1)?) {
        ("lower", None, None) => Jinja::from(own.to_lowercase()),
        ("upper", None, None) => Jinja::from(own.to_uppercase()),
        ("strip", None, None) => Jinja::from(own.trim()),
        ("startswith", Some(start), None) => Jinja::from(own.starts_with(&start)),
        ("endswith", Some(end), None) => Jinja::from(own.ends_with(&end)),
        ("replace", Some(from), Some(to)) => Jinja::from(own.replace(&from, &to)),
        ("split", Some(sign), None) => Jinja::from(
            own.split(sign.as_str())
                .map(Jinja::from)
                .collect::<Vec<_>>(),
        ),
        ("split", None, None) => {
            Jinja::from(own.split_whitespace().map(Jinja::from).collect::<Vec<_>>())
        }
        _ => return Err(wrong(format!("the method `{name}` is not read"))),
    })
}
