//! PromQL: an expression as a tree in which every part knows its place.
//!
//! Written here because what there is keeps no places, needs thirty packages, and calls itself as
//! deep as the expression is nested. The lab holds it against promtool.

mod functions;
mod lex;
mod parse;

pub(crate) use parse::parse;

/// A part's number. What a part is made of has smaller numbers.
pub(crate) type Id = usize;

/// Where a part stands: bytes of the expression.
pub(crate) type Range = (usize, usize);

/// An expression.
#[derive(Debug)]
pub(crate) struct Expr {
    parts: Vec<Part>,
    /// Comments in it.
    pub(crate) comments: Vec<Range>,
}

/// A part of an expression.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its bytes.
    pub(crate) range: Range,
    /// What it is.
    pub(crate) kind: Kind,
    /// What it gives.
    pub(crate) gives: Type,
}

/// What a part gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// A number.
    Scalar,
    /// A text.
    Text,
    /// Series with a value each.
    Vector,
    /// Series with the values of a range of time.
    Range,
}

/// Kinds of parts.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A number or a text.
    Constant,
    /// Series.
    Selector(Selector),
    /// `… [5m]`, `… [1h:5m]`
    Range(Id, String),
    /// `… offset 5m`, `… @ start()`
    Moved(Id, String),
    /// `rate(…)`
    Call(&'static str, Vec<Id>),
    /// `sum by (a) (…)`
    Aggregate(Aggregate),
    /// `a / b`
    Binary(Binary),
    /// `-a`
    Signed(Id),
    /// `(a)`
    Paren(Id),
}

/// Series by name and labels.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    /// The metric, when it is one.
    pub(crate) metric: Option<(String, Range)>,
    /// What is asked of labels, the name left out.
    pub(crate) matchers: Vec<Matcher>,
}

/// What is asked of a label.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    /// The label.
    pub(crate) label: String,
    /// How it is compared.
    pub(crate) op: MatchOp,
    /// With what.
    pub(crate) value: String,
    /// All of it.
    pub(crate) range: Range,
}

/// Comparisons of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

/// Several series made one.
#[derive(Debug)]
pub(crate) struct Aggregate {
    /// How, in lower case.
    pub(crate) how: &'static str,
    /// Which labels stay, or go.
    pub(crate) labels: Option<Labels>,
    /// Of what.
    pub(crate) of: Id,
}

/// Labels that stay or go.
#[derive(Debug)]
pub(crate) struct Labels {
    /// `by`, and not `without`.
    pub(crate) is_by: bool,
    /// The labels.
    pub(crate) names: Vec<String>,
}

/// Two sides.
#[derive(Debug)]
pub(crate) struct Binary {
    /// The operator.
    pub(crate) op: &'static str,
    /// Its place.
    pub(crate) at: Range,
    /// Whether `on` or `ignoring` says what matches.
    pub(crate) is_matched: bool,
    /// The left side.
    pub(crate) left: Id,
    /// The right side.
    pub(crate) right: Id,
}

/// Why an expression is none, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The bytes meant.
    pub(crate) range: Range,
    /// The reason, in words.
    pub(crate) message: String,
}

impl Expr {
    /// A part.
    pub(crate) fn part(&self, id: Id) -> &Part {
        &self.parts[id]
    }

    /// All parts, the innermost first.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl Matcher {
    /// Whether a value fits; unknown when the pattern cannot be read here.
    pub(crate) fn fits(&self, value: &str) -> Option<bool> {
        let (is_wanted, fits) = match self.op {
            MatchOp::Equal => (true, self.value == value),
            MatchOp::NotEqual => (false, self.value == value),
            MatchOp::Regex => (true, pattern(&self.value).ok()?.is_match(value)),
            MatchOp::NotRegex => (false, pattern(&self.value).ok()?.is_match(value)),
        };
        Some(fits == is_wanted)
    }

    /// Whether it is never met by a series without the label.
    pub(crate) fn needs_value(&self) -> bool {
        self.fits("") == Some(false)
    }
}

/// A pattern as Prometheus anchors it.
fn pattern(text: &str) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(&format!("^(?s:{})$", with_plain_braces(text)))
        .size_limit(1 << 20)
        .build()
}

/// Go takes a brace that repeats nothing for itself.
fn with_plain_braces(text: &str) -> String {
    let repeats = |rest: &str| {
        let inner = rest.split_once('}').map_or("", |(inner, _)| inner);
        let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
        let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        !least.is_empty() && are_digits(least) && are_digits(most)
    };
    let mut out = String::with_capacity(text.len());
    let mut before = [' '; 2];
    for (at, c) in text.char_indices() {
        let is_escaped = before[1] == '\\';
        let is_class = before[0] == '\\' && matches!(before[1], 'p' | 'P' | 'x');
        if c == '{'
            && !is_escaped
            && !is_class
            && !repeats(text.get(at + 1..at + 12).unwrap_or(&text[at + 1..]))
        {
            out.push('\\');
        }
        out.push(c);
        // Of two backslashes the second escapes nothing.
        before = match is_escaped && c == '\\' {
            true => [' '; 2],
            false => [before[1], c],
        };
    }
    out
}
