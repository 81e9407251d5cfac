//! What expressions come to, as far as files alone can tell. Everything else is a hole with its name.

use std::ops::Range;
use std::sync::Arc;

use base::SortedMap;

use super::syntax::{Expression, For, Kind, Part};
use super::text::Text;
use super::value::{Hole, Value};
use super::world::World;

/// Bytes of values that one run makes: a few lines can ask for more than any machine has.
const MOST_BYTES: usize = 64 << 20;

/// Values that go through each other.
const DEEPEST: usize = 90;

/// Where an expression stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The module.
    pub(super) module: usize,
    /// The file.
    pub(super) file: usize,
    /// Names of loops and of templates, innermost last.
    pub(super) names: Vec<(String, Value)>,
    /// `each` or `count` of a resource.
    pub(super) each: SortedMap<String, Value>,
    /// Whether only its own names are known, as in a template.
    pub(super) is_template: bool,
}

impl World<'_> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, expression: &Expression, scope: &Scope) -> Value {
        if self.depth >= DEEPEST {
            self.limit(
                "values that go through more than 90 others",
                expression,
                scope,
            );
            return self.hole(expression, scope);
        }
        self.depth += 1;
        let value = self.value(expression, scope);
        self.depth -= 1;
        self.spent = self.spent.saturating_add(value.size());
        if self.spent > MOST_BYTES {
            self.limit("more text than a configuration has", expression, scope);
            return self.hole(expression, scope);
        }
        value
    }

    fn value(&mut self, expression: &Expression, scope: &Scope) -> Value {
        match &expression.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(*number),
            Kind::Template(parts) => self.template(parts, scope),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.eval(item, scope));
                Value::List(items.collect())
            }
            Kind::Object(fields) => self.object(fields, scope),
            Kind::Name(_) | Kind::Field(..) | Kind::Index(..) => self.reference(expression, scope),
            Kind::Splat(of, asked) => self.splat(expression, of, asked, scope),
            Kind::Call(name, arguments, spreads) => {
                self.call(expression, (name, arguments, *spreads), scope)
            }
            Kind::Unary(sign, of) => {
                let of = self.eval(of, scope);
                match (sign, of.number(), of.is_true(), &of) {
                    (_, _, _, Value::Hole(hole)) => Value::Hole(hole.clone()),
                    ('-', Some(number), ..) => Value::Number(-number),
                    ('!', _, Some(value), _) => Value::Bool(!value),
                    _ => self.hole(expression, scope),
                }
            }
            Kind::Binary(operator, left, right) => {
                let (left, right) = (self.eval(left, scope), self.eval(right, scope));
                binary(operator, &left, &right)
                    .unwrap_or_else(|| self.hole_of(&[left, right], expression, scope))
            }
            Kind::Condition(three) => {
                let [condition, yes, no] = three.as_ref();
                let condition = self.eval(condition, scope);
                match condition.is_true() {
                    Some(true) => self.eval(yes, scope),
                    Some(false) => self.eval(no, scope),
                    None => self.hole_of(&[condition], expression, scope),
                }
            }
            Kind::For(one) => self.for_each(expression, one, scope),
        }
    }

    /// The hole among values, or the expression itself as one.
    pub(super) fn hole_of(
        &self,
        values: &[Value],
        expression: &Expression,
        scope: &Scope,
    ) -> Value {
        match values.iter().find_map(Value::hole) {
            Some(hole) => Value::Hole(Hole {
                at: (scope.file, expression.at.clone()),
                ..hole
            }),
            None => self.hole(expression, scope),
        }
    }

    /// An expression as something that is not known.
    pub(super) fn hole(&self, expression: &Expression, scope: &Scope) -> Value {
        Value::Hole(Hole {
            name: name_of(expression),
            at: (scope.file, expression.at.clone()),
        })
    }

    fn object(&mut self, fields: &[(Expression, Expression)], scope: &Scope) -> Value {
        let mut out = SortedMap::new();
        for (key, value) in fields {
            let name = match &key.kind {
                // A bare word is itself; in parentheses its place is wider than its name.
                Kind::Name(name) if key.at.len() == name.len() => Some(name.clone()),
                Kind::Null => Some("null".to_owned()),
                _ => self.eval(key, scope).words(),
            };
            let Some(name) = name else {
                return self.hole(key, scope);
            };
            let value = self.eval(value, scope);
            out.insert(name, value);
        }
        Value::Map(out)
    }

    fn for_each(&mut self, expression: &Expression, one: &For, scope: &Scope) -> Value {
        let over = self.eval(&one.over, scope);
        let Some(pairs) = pairs(&over) else {
            return self.hole_of(&[over], expression, scope);
        };
        let (mut list, mut map) = (Vec::new(), SortedMap::<String, Value>::new());
        let mut inner = scope.clone();
        for (key, value) in pairs {
            inner.names.truncate(scope.names.len());
            if let Some(name) = &one.key {
                inner.names.push((name.clone(), key));
            }
            inner.names.push((one.value.clone(), value));
            if let Some(condition) = &one.condition {
                let condition = self.eval(condition, &inner);
                match condition.is_true() {
                    Some(true) => {}
                    Some(false) => continue,
                    None => return self.hole_of(&[condition], expression, scope),
                }
            }
            let value = self.eval(&one.to_value, &inner);
            if self.is_full() {
                return self.hole(expression, scope);
            }
            let Some(to_key) = &one.to_key else {
                list.push(value);
                continue;
            };
            let key = self.eval(to_key, &inner);
            let Some(key) = key.words() else {
                return self.hole_of(&[key], expression, scope);
            };
            match (one.is_grouped, map.get_mut(&key)) {
                (true, Some(Value::List(all))) => all.push(value),
                (true, _) => drop(map.insert(key, Value::List(vec![value]))),
                (false, _) => drop(map.insert(key, value)),
            }
        }
        match one.to_key {
            Some(_) => Value::Map(map),
            None => Value::List(list),
        }
    }

    fn splat(
        &mut self,
        expression: &Expression,
        of: &Expression,
        asked: &[String],
        scope: &Scope,
    ) -> Value {
        let of = self.eval(of, scope);
        if let Value::Hole(_) = of {
            return self.hole(expression, scope);
        }
        let mut out = Vec::new();
        for item in of.items() {
            let found = asked.iter().try_fold(item, |item, name| item.get(name));
            match found {
                Some(value) => out.push(value.clone()),
                None => return self.hole(expression, scope),
            }
        }
        Value::List(out)
    }

    /// `var.x`, `local.x.y["z"]`, a name of a loop.
    fn reference(&mut self, expression: &Expression, scope: &Scope) -> Value {
        match &expression.kind {
            Kind::Name(name) => self.root(name, expression, scope),
            Kind::Field(of, field) => {
                if let Some(value) = self.named(of, field, expression, scope) {
                    return value;
                }
                let of = self.eval(of, scope);
                self.inner(&of, field, expression, scope)
            }
            Kind::Index(of, index) => {
                let of = self.eval(of, scope);
                let index = self.eval(index, scope);
                match index.words() {
                    Some(index) => self.inner(&of, &index, expression, scope),
                    None => self.hole_of(&[index], expression, scope),
                }
            }
            _ => self.hole(expression, scope),
        }
    }

    fn inner(&self, of: &Value, field: &str, expression: &Expression, scope: &Scope) -> Value {
        let found = match of {
            Value::Map(fields) => fields.get(field),
            Value::List(items) => field.parse().ok().and_then(|at: usize| items.get(at)),
            _ => None,
        };
        match found {
            Some(value) => value.clone(),
            // What a resource has is known to Terraform alone.
            None => self.hole(expression, scope),
        }
    }

    /// The text of a template; what a single `${}` holds when there is nothing else.
    pub(super) fn template(&mut self, parts: &[Part], scope: &Scope) -> Value {
        if let [Part::Value(value, at)] = parts {
            let value = self.eval(value, scope);
            return match value {
                Value::Hole(hole) => Value::Hole(Hole {
                    at: (scope.file, at.clone()),
                    ..hole
                }),
                value => value,
            };
        }
        let mut out = Text::default();
        match self.parts(parts, scope, &mut out) {
            Ok(()) => Value::Text(out),
            Err(hole) => Value::Hole(hole),
        }
    }

    fn parts(&mut self, parts: &[Part], scope: &Scope, out: &mut Text) -> Result<(), Hole> {
        for part in parts {
            match part {
                Part::Text(written) => out.add(&Text::written(scope.file, written)),
                Part::Value(expression, at) => {
                    let value = self.eval(expression, scope);
                    let text = self.shown_in(expression, &value, at, scope);
                    match text {
                        Some(text) => out.add(&text),
                        None => return Err(self.as_hole(&[value], expression, scope)),
                    }
                }
                Part::If(condition, then, other) => {
                    let value = self.eval(condition, scope);
                    match value.is_true() {
                        Some(true) => self.parts(then, scope, out)?,
                        Some(false) => self.parts(other, scope, out)?,
                        None => return Err(self.as_hole(&[value], condition, scope)),
                    }
                }
                Part::For(key, name, over, inner) => {
                    let value = self.eval(over, scope);
                    let Some(pairs) = pairs(&value) else {
                        return Err(self.as_hole(&[value], over, scope));
                    };
                    let mut here = scope.clone();
                    for (index, value) in pairs {
                        here.names.truncate(scope.names.len());
                        if let Some(key) = key {
                            here.names.push((key.clone(), index));
                        }
                        here.names.push((name.clone(), value));
                        self.parts(inner, &here, out)?;
                        self.spent += 64;
                        if self.is_full() || out.text.len() > MOST_BYTES {
                            return Err(self.as_hole(&[], over, scope));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// What stands for `${…}`. A text of lines is a file that is put together, and is edited where it
    /// stands; a short value is shown where it is used.
    fn shown_in(
        &self,
        expression: &Expression,
        value: &Value,
        at: &Range<u32>,
        scope: &Scope,
    ) -> Option<Text> {
        let place = (scope.file, at.clone());
        match value {
            Value::Hole(hole) => {
                let hole = Hole {
                    at: place,
                    ..hole.clone()
                };
                Some(hole.to_text())
            }
            Value::Text(text) if text.text.contains('\n') => Some(text.clone()),
            value => {
                let text = value.to_text()?;
                let why = self.whence(expression, scope);
                let mut shown = Text::stand_in(&text.text, place, why);
                shown.holes = text.holes;
                Some(shown)
            }
        }
    }

    fn as_hole(&self, values: &[Value], expression: &Expression, scope: &Scope) -> Hole {
        match self.hole_of(values, expression, scope) {
            Value::Hole(hole) => hole,
            _ => Hole {
                name: name_of(expression),
                at: (scope.file, expression.at.clone()),
            },
        }
    }

    /// Why a value is not edited where it is used: where it comes from.
    fn whence(&self, expression: &Expression, scope: &Scope) -> Arc<str> {
        let name = name_of(expression);
        match self.defined(&name, scope) {
            Some(place) => format!("it is `{name}`, which is given at {place}").into(),
            None => format!("it is the value of `{name}`").into(),
        }
    }

    /// Whether there is no room for more.
    pub(super) fn is_full(&self) -> bool {
        self.spent > MOST_BYTES
    }
}

/// What a loop goes through: keys and values.
pub(super) fn pairs(over: &Value) -> Option<Vec<(Value, Value)>> {
    match over {
        Value::List(items) => {
            let index = |at: usize| Value::Number(f64::from(u32::try_from(at).unwrap_or(u32::MAX)));
            let items = items.iter().enumerate();
            Some(items.map(|(at, item)| (index(at), item.clone())).collect())
        }
        Value::Map(fields) => {
            let fields = fields.iter();
            Some(
                fields
                    .map(|(key, value)| (Value::Text(Text::made(key)), value.clone()))
                    .collect(),
            )
        }
        _ => None,
    }
}

fn binary(operator: &str, left: &Value, right: &Value) -> Option<Value> {
    let is_known = left.hole().is_none() && right.hole().is_none();
    match operator {
        "&&" | "||" => {
            let (a, b) = (left.is_true(), right.is_true());
            let decides = operator == "||";
            match (a, b) {
                (Some(a), Some(b)) => Some(Value::Bool(if decides { a || b } else { a && b })),
                _ => None,
            }
        }
        "==" | "!=" if is_known => {
            let is_same = match (left, right) {
                (Value::Text(a), Value::Text(b)) => a.text == b.text,
                (Value::List(_) | Value::Map(_), _) | (_, Value::List(_) | Value::Map(_)) => {
                    return None;
                }
                (a, b) => a == b,
            };
            Some(Value::Bool(is_same == (operator == "==")))
        }
        _ => {
            let (a, b) = (left.number()?, right.number()?);
            let number = |value: f64| value.is_finite().then_some(Value::Number(value));
            match operator {
                ">=" => Some(Value::Bool(a >= b)),
                "<=" => Some(Value::Bool(a <= b)),
                ">" => Some(Value::Bool(a > b)),
                "<" => Some(Value::Bool(a < b)),
                "+" => number(a + b),
                "-" => number(a - b),
                "*" => number(a * b),
                "/" => number(a / b),
                "%" => number(a % b),
                _ => None,
            }
        }
    }
}

/// The name of an expression for people: as it is written where it is a reference, and never a
/// value.
pub(super) fn name_of(expression: &Expression) -> String {
    fn part(expression: &Expression, out: &mut String) {
        match &expression.kind {
            Kind::Name(name) => out.push_str(name),
            Kind::Field(of, field) => {
                part(of, out);
                out.push('.');
                out.push_str(field);
            }
            Kind::Index(of, index) => {
                part(of, out);
                match &index.kind {
                    Kind::Number(number) => {
                        out.push_str(&format!("[{}]", super::value::shown_number(*number)));
                    }
                    _ => out.push_str("[…]"),
                }
            }
            Kind::Splat(of, asked) => {
                part(of, out);
                out.push_str("[*]");
                for name in asked {
                    out.push('.');
                    out.push_str(name);
                }
            }
            Kind::Call(name, ..) => {
                out.push_str(name);
                out.push_str("()");
            }
            Kind::Unary(_, of) => part(of, out),
            Kind::Binary(_, left, _) => {
                part(left, out);
                out.push_str(" …");
            }
            Kind::Condition(three) => {
                part(&three[0], out);
                out.push_str(" ? …");
            }
            _ => out.push('…'),
        }
    }
    let mut out = String::new();
    part(expression, &mut out);
    out
}
