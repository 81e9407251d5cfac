//! From words to a tree, with the checks that Prometheus makes when it reads a rule.

use super::functions::{Function, by_name};
use super::lex::{Token, Word, lex};
use super::{
    Aggregate, Binary, Expr, Id, Kind, Labels, MatchOp, Matcher, Part, Range, Refusal, Selector,
    Type, pattern,
};

/// People nest a handful; each level costs a piece of the call stack.
const DEEPEST: usize = 128;

/// Operators and how strongly they bind.
const OPERATORS: &[(&str, usize)] = &[
    ("or", 1),
    ("and", 2),
    ("unless", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 3),
    ("<", 3),
    (">=", 3),
    (">", 3),
    ("+", 4),
    ("-", 4),
    ("*", 5),
    ("/", 5),
    ("%", 5),
    ("atan2", 5),
    ("^", 6),
];
const POWER: usize = 6;

/// Ways to make several series one, and what they take besides.
const AGGREGATES: &[(&str, Option<Type>)] = &[
    ("avg", None),
    ("bottomk", Some(Type::Scalar)),
    ("count", None),
    ("count_values", Some(Type::Text)),
    ("group", None),
    ("limit_ratio", Some(Type::Scalar)),
    ("limitk", Some(Type::Scalar)),
    ("max", None),
    ("min", None),
    ("quantile", Some(Type::Scalar)),
    ("stddev", None),
    ("stdvar", None),
    ("sum", None),
    ("topk", Some(Type::Scalar)),
];

/// Words that cannot name a metric without braces.
const NO_METRIC: &[&str] = &[
    "atan2",
    "bool",
    "group_left",
    "group_right",
    "ignoring",
    "on",
];

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Expr, Refusal> {
    let (tokens, comments) = lex(text)?;
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        depth: 0,
        parts: Vec::new(),
    };
    parser.expression(0)?;
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected("an operator or the end"));
    }
    Ok(Expr {
        parts: parser.parts,
        comments,
    })
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    parts: Vec<Part>,
}

/// What stands between an operator and its right side.
#[derive(Default)]
struct Modifiers {
    is_bool: bool,
    on: Option<(bool, Vec<String>)>,
    group: Option<Vec<String>>,
}

impl Parser<'_> {
    fn expression(&mut self, least: usize) -> Result<Id, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let range = self.here();
            return Err(refusal(range, "nested more than 128 levels deep"));
        }
        let mut left = self.signed()?;
        while let Some((op, strength)) = self.operator().filter(|(_, s)| *s >= least) {
            let at = self.here();
            self.at += 1;
            let modifiers = self.modifiers()?;
            // Only `^` groups to the right.
            let right = self.expression(strength + usize::from(op != "^"))?;
            left = self.binary(op, at, &modifiers, (left, right))?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn signed(&mut self) -> Result<Id, Refusal> {
        let start = self.here().0;
        if !(self.take("+") || self.take("-")) {
            return self.postfixed();
        }
        let of = self.expression(POWER)?;
        let gives = self.parts[of].gives;
        if !matches!(gives, Type::Scalar | Type::Vector) {
            return Err(self.wants(of, "a sign is for numbers and instant vectors"));
        }
        Ok(self.push(start, Kind::Signed(of), gives))
    }

    fn binary(
        &mut self,
        op: &'static str,
        at: Range,
        modifiers: &Modifiers,
        (left, right): (Id, Id),
    ) -> Result<Id, Refusal> {
        let is_set = matches!(op, "and" | "or" | "unless");
        let is_comparison = matches!(op, "==" | "!=" | "<=" | "<" | ">=" | ">");
        for side in [left, right] {
            if !matches!(self.parts[side].gives, Type::Scalar | Type::Vector) {
                let what = format!("the sides of `{op}` must be numbers or instant vectors");
                return Err(self.wants(side, &what));
            }
        }
        let is_vector = |id: Id| self.parts[id].gives == Type::Vector;
        let (both, any) = (
            is_vector(left) && is_vector(right),
            is_vector(left) || is_vector(right),
        );
        let refuse = |message: &str| Err(refusal(at, message));
        if modifiers.is_bool && !is_comparison {
            return refuse("`bool` is for comparisons");
        }
        if is_comparison && !any && !modifiers.is_bool {
            return refuse("comparing two numbers needs `bool`");
        }
        if is_set && !both {
            return refuse("`and`, `or` and `unless` are for two instant vectors");
        }
        if is_set && modifiers.group.is_some() {
            return refuse("`and`, `or` and `unless` take no `group_left` and no `group_right`");
        }
        // An empty `on ()` beside a number is let through, as Prometheus does.
        let has_labels = modifiers
            .on
            .as_ref()
            .is_some_and(|(_, names)| !names.is_empty());
        if has_labels && !both {
            return refuse("`on` and `ignoring` are for two instant vectors");
        }
        if let (Some((true, on)), Some(group)) = (&modifiers.on, &modifiers.group)
            && let Some(name) = group.iter().find(|name| on.contains(name))
        {
            return refuse(&format!("`{name}` stands in `on` and in the group at once"));
        }
        let gives = if any { Type::Vector } else { Type::Scalar };
        let binary = Binary {
            op,
            at,
            is_matched: modifiers.on.is_some(),
            left,
            right,
        };
        let start = self.parts[left].range.0;
        Ok(self.push(start, Kind::Binary(binary), gives))
    }

    fn modifiers(&mut self) -> Result<Modifiers, Refusal> {
        let mut modifiers = Modifiers {
            is_bool: self.take_word("bool"),
            ..Modifiers::default()
        };
        let is_on = self.take_word("on");
        if is_on || self.take_word("ignoring") {
            modifiers.on = Some((is_on, self.label_names()?));
            if self.take_word("group_left") || self.take_word("group_right") {
                modifiers.group = Some(match self.is("(") {
                    true => self.label_names()?,
                    false => Vec::new(),
                });
            }
        }
        Ok(modifiers)
    }

    /// A value with what stands behind it: a range, `offset`, `@`.
    fn postfixed(&mut self) -> Result<Id, Refusal> {
        let start = self.here().0;
        let mut id = self.primary()?;
        loop {
            let at = self.here();
            if self.take("[") {
                id = self.ranged(id, start)?;
            } else if self.take_word("offset") {
                let minus = self.take("-");
                let _plus = !minus && self.take("+");
                let by = self.duration()?;
                id = self.moved(id, start, at, "offset", &by)?;
            } else if self.take("@") {
                let when = self.instant()?;
                id = self.moved(id, start, at, "@", &when)?;
            } else {
                return Ok(id);
            }
        }
    }

    fn ranged(&mut self, of: Id, start: usize) -> Result<Id, Refusal> {
        let range = self.duration()?;
        if self.take(":") {
            if !self.is("]") {
                self.duration()?;
            }
            self.expect("]")?;
            if self.parts[of].gives != Type::Vector {
                return Err(self.wants(of, "a subquery is of an instant vector"));
            }
            return Ok(self.push(start, Kind::Range(of, range), Type::Range));
        }
        self.expect("]")?;
        if !matches!(self.parts[of].kind, Kind::Selector(_)) {
            return Err(self.wants(of, "a range is of a selector alone; a subquery has a colon"));
        }
        Ok(self.push(start, Kind::Range(of, range), Type::Range))
    }

    /// `offset` or `@`, each at most once.
    fn moved(
        &mut self,
        of: Id,
        start: usize,
        at: Range,
        how: &str,
        by: &str,
    ) -> Result<Id, Refusal> {
        let mut inner = of;
        while let Kind::Moved(deeper, what) = &self.parts[inner].kind {
            if what.starts_with(how) {
                return Err(refusal(at, &format!("`{how}` stands here twice")));
            }
            inner = *deeper;
        }
        if !matches!(self.parts[inner].kind, Kind::Selector(_) | Kind::Range(..)) {
            let message = format!("`{how}` must follow a selector or a subquery");
            return Err(refusal(at, &message));
        }
        let gives = self.parts[of].gives;
        Ok(self.push(start, Kind::Moved(of, format!("{how} {by}")), gives))
    }

    fn primary(&mut self) -> Result<Id, Refusal> {
        let (start, end) = self.here();
        let Some(token) = self.tokens.get(self.at) else {
            return Err(self.unexpected("a value"));
        };
        match &token.kind {
            Word::Number | Word::Duration => {
                self.at += 1;
                Ok(self.push(start, Kind::Constant, Type::Scalar))
            }
            Word::Text(_) => {
                self.at += 1;
                Ok(self.push(start, Kind::Constant, Type::Text))
            }
            Word::Sign("(") => {
                self.at += 1;
                let of = self.expression(0)?;
                self.expect(")")?;
                let gives = self.parts[of].gives;
                Ok(self.push(start, Kind::Paren(of), gives))
            }
            Word::Sign("{") => self.selector(None),
            Word::Name => {
                let name = self.text[start..end].to_owned();
                self.at += 1;
                self.named(name, (start, end))
            }
            Word::Sign(_) => Err(self.unexpected("a value")),
        }
    }

    /// What a name begins: an aggregate, a call, a number or a selector.
    fn named(&mut self, name: String, range: Range) -> Result<Id, Refusal> {
        let lower = name.to_ascii_lowercase();
        if matches!(lower.as_str(), "inf" | "nan") {
            return Ok(self.push(range.0, Kind::Constant, Type::Scalar));
        }
        let opens = self.is("(");
        let aggregate = AGGREGATES.iter().find(|(name, _)| *name == lower);
        if let Some((how, takes)) = aggregate
            && (opens || self.is_word("by") || self.is_word("without"))
        {
            return self.aggregate(how, *takes, range);
        }
        if opens {
            let Some(function) = by_name(&name) else {
                let message = format!("`{name}` is no function of Prometheus that is known here");
                return Err(refusal(range, &message));
            };
            return self.call(&function, range);
        }
        if NO_METRIC.contains(&lower.as_str()) {
            return Err(refusal(range, &format!("`{name}` is no value")));
        }
        self.selector(Some((name, range)))
    }

    fn aggregate(
        &mut self,
        how: &'static str,
        takes: Option<Type>,
        range: Range,
    ) -> Result<Id, Refusal> {
        let mut labels = self.grouping()?;
        let mut args = self.arguments(range)?;
        if labels.is_none() {
            labels = self.grouping()?;
        }
        let wanted = 1 + usize::from(takes.is_some());
        if args.len() != wanted {
            let message = format!("`{how}` takes {wanted}, not {}", args.len());
            return Err(refusal(range, &message));
        }
        let of = args.pop().unwrap_or_default();
        for (arg, wanted) in args.iter().zip(takes).chain([(&of, Type::Vector)]) {
            self.is_of(*arg, wanted, how)?;
        }
        let aggregate = Aggregate { how, labels, of };
        Ok(self.push(range.0, Kind::Aggregate(aggregate), Type::Vector))
    }

    fn grouping(&mut self) -> Result<Option<Labels>, Refusal> {
        let is_by = self.take_word("by");
        if !(is_by || self.take_word("without")) {
            return Ok(None);
        }
        let names = self.label_names()?;
        Ok(Some(Labels { is_by, names }))
    }

    fn call(&mut self, function: &Function, range: Range) -> Result<Id, Refusal> {
        let args = self.arguments(range)?;
        let (name, most) = (function.name, function.takes.len());
        let least = most - function.optional;
        if args.len() < least || args.len() > most && !function.is_open {
            let message = format!("`{name}` does not take {} values", args.len());
            return Err(refusal(range, &message));
        }
        for (index, arg) in args.iter().enumerate() {
            self.is_of(*arg, function.takes[index.min(most - 1)], name)?;
        }
        Ok(self.push(range.0, Kind::Call(name, args), function.gives))
    }

    fn arguments(&mut self, of: Range) -> Result<Vec<Id>, Refusal> {
        let mut args = Vec::new();
        if !self.take("(") {
            return Err(refusal(of, "a `(` is missing behind this"));
        }
        if self.take(")") {
            return Ok(args);
        }
        loop {
            args.push(self.expression(0)?);
            if !self.take(",") {
                self.expect(")")?;
                return Ok(args);
            }
        }
    }

    fn label_names(&mut self) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        self.expect("(")?;
        while !self.take(")") {
            names.push(self.label_name()?);
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(names)
    }

    fn label_name(&mut self) -> Result<String, Refusal> {
        let range = self.here();
        let name = match self.tokens.get(self.at).map(|token| &token.kind) {
            Some(Word::Text(name)) if !name.is_empty() => name.clone(),
            Some(Word::Name) if !self.text[range.0..range.1].contains(':') => {
                self.text[range.0..range.1].to_owned()
            }
            _ => return Err(self.unexpected("the name of a label")),
        };
        self.at += 1;
        Ok(name)
    }

    fn selector(&mut self, mut metric: Option<(String, Range)>) -> Result<Id, Refusal> {
        let start = metric.as_ref().map_or(self.here().0, |(_, range)| range.0);
        let mut matchers = Vec::new();
        let is_named = metric.is_some();
        let (mut is_bound, mut names) = (is_named, 0);
        if self.take("{") {
            while !self.take("}") {
                let matcher = self.matcher()?;
                if matcher.label == "__name__" {
                    if is_named {
                        return Err(refusal(matcher.range, "the metric is named twice"));
                    }
                    // Of two names in braces neither is surely meant.
                    let is_one = matcher.op == MatchOp::Equal && names == 0;
                    metric = is_one.then(|| (matcher.value.clone(), matcher.range));
                    names += 1;
                }
                is_bound |= matcher.needs_value();
                if matcher.label != "__name__" {
                    matchers.push(matcher);
                }
                if !self.take(",") {
                    self.expect("}")?;
                    break;
                }
            }
        }
        let selector = Selector { metric, matchers };
        let id = self.push(start, Kind::Selector(selector), Type::Vector);
        if !is_bound {
            let message = "a selector needs a name or a matcher that does not match nothing";
            return Err(refusal(self.parts[id].range, message));
        }
        Ok(id)
    }

    fn matcher(&mut self) -> Result<Matcher, Refusal> {
        let start = self.here().0;
        let is_text = matches!(
            self.tokens.get(self.at).map(|token| &token.kind),
            Some(Word::Text(_))
        );
        let label = self.label_name()?;
        let ops = [
            ("=", MatchOp::Equal),
            ("!=", MatchOp::NotEqual),
            ("=~", MatchOp::Regex),
            ("!~", MatchOp::NotRegex),
        ];
        let Some((_, op)) = ops.into_iter().find(|(sign, _)| self.take(sign)) else {
            // Prometheus 3: a quoted name of a metric.
            if is_text {
                let range = (start, self.end());
                return Ok(Matcher {
                    label: "__name__".to_owned(),
                    op: MatchOp::Equal,
                    value: label,
                    range,
                });
            }
            return Err(self.unexpected("`=`, `!=`, `=~` or `!~`"));
        };
        let at = self.here();
        let Some(Word::Text(value)) = self.tokens.get(self.at).map(|token| &token.kind) else {
            return Err(self.unexpected("a text in quotes"));
        };
        let value = value.clone();
        self.at += 1;
        if matches!(op, MatchOp::Regex | MatchOp::NotRegex) {
            readable(&value, at)?;
        }
        let range = (start, self.end());
        Ok(Matcher {
            label,
            op,
            value,
            range,
        })
    }

    /// A duration, or in Prometheus 3 a number of seconds, in one spelling.
    fn duration(&mut self) -> Result<String, Refusal> {
        let range = self.here();
        let kind = self.tokens.get(self.at).map(|token| &token.kind);
        let text = &self.text[range.0..range.1];
        let spelt = match kind {
            Some(Word::Duration) => crate::duration::milliseconds(text).map(|ms| ms.to_string()),
            Some(Word::Number) => Some(format!("{text}s")),
            _ => return Err(self.unexpected("a duration such as `5m`")),
        };
        self.at += 1;
        match spelt.as_deref() {
            None | Some("0" | "0s") => Err(refusal(range, "a duration must be longer than 0")),
            Some(spelt) => Ok(spelt.to_owned()),
        }
    }

    /// The time behind `@`.
    fn instant(&mut self) -> Result<String, Refusal> {
        let start = self.here().0;
        if self.take_word("start") || self.take_word("end") {
            self.expect("(")?;
            self.expect(")")?;
        } else {
            let _sign = self.take("-") || self.take("+");
            let is_number = matches!(
                self.tokens.get(self.at).map(|token| &token.kind),
                Some(Word::Number)
            );
            if !is_number {
                return Err(self.unexpected("a time in seconds, `start()` or `end()`"));
            }
            self.at += 1;
        }
        Ok(self.text[start..self.end()].to_owned())
    }

    fn operator(&self) -> Option<(&'static str, usize)> {
        let token = self.tokens.get(self.at)?;
        let text = self.text[token.range.0..token.range.1].to_ascii_lowercase();
        let is_sign = matches!(token.kind, Word::Sign(_) | Word::Name);
        OPERATORS
            .iter()
            .find(|(op, _)| is_sign && *op == text)
            .copied()
    }

    fn is(&self, sign: &str) -> bool {
        let token = self.tokens.get(self.at);
        token.is_some_and(|token| matches!(token.kind, Word::Sign(own) if own == sign))
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn is_word(&self, word: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| {
            let text = &self.text[token.range.0..token.range.1];
            token.kind == Word::Name && text.eq_ignore_ascii_case(word)
        })
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), Refusal> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    fn is_of(&self, id: Id, wanted: Type, by: &str) -> Result<(), Refusal> {
        match self.parts[id].gives == wanted {
            true => Ok(()),
            false => Err(self.wants(id, &format!("`{by}` takes {} here", word(wanted)))),
        }
    }

    fn wants(&self, id: Id, what: &str) -> Refusal {
        let part = &self.parts[id];
        refusal(
            part.range,
            &format!("{what}, and this is {}", word(part.gives)),
        )
    }

    fn unexpected(&self, wanted: &str) -> Refusal {
        let (start, end) = self.here();
        let message = match self.tokens.get(self.at) {
            Some(_) => {
                let shown = base::source::printable(&self.text.as_bytes()[start..end]);
                format!("`{shown}` stands where {wanted} must")
            }
            None => format!("the expression ends where {wanted} must stand"),
        };
        refusal((start, end), &message)
    }

    /// The range of the next word; behind the last one when there is none.
    fn here(&self) -> Range {
        let end = self.tokens.last().map_or(0, |token| token.range.1);
        let token = self.tokens.get(self.at);
        token.map_or((end, end), |token| token.range)
    }

    /// Where the last word ended.
    fn end(&self) -> usize {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(0, |token| token.range.1)
    }

    fn push(&mut self, start: usize, kind: Kind, gives: Type) -> Id {
        let range = (start, self.end());
        self.parts.push(Part { range, kind, gives });
        self.parts.len() - 1
    }
}

/// Whether Prometheus could read a pattern. What Go knows and we do not is let through.
fn readable(text: &str, range: Range) -> Result<(), Refusal> {
    let only_go = ["\\Q", "\\C", "[:", "\\pN", "\\pL"];
    let too_large = |error: &regex::Error| matches!(error, regex::Error::CompiledTooBig(_));
    match pattern(text) {
        Err(error) if !too_large(&error) && !only_go.iter().any(|go| text.contains(go)) => {
            Err(refusal(range, "this is no regular expression"))
        }
        _ => Ok(()),
    }
}

fn word(gives: Type) -> &'static str {
    match gives {
        Type::Scalar => "a number",
        Type::Text => "a text",
        Type::Vector => "an instant vector",
        Type::Range => "a range vector",
    }
}

fn refusal(range: Range, message: &str) -> Refusal {
    Refusal {
        range,
        message: message.to_owned(),
    }
}
