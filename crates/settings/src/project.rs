//! `badgateway.toml`: what a team says about its own stack.

use std::collections::BTreeMap;

use base::{Millis, Severity};
use model::facts::NginxVersion;
use model::php::PhpVersion;
use rules::policy::{Demand, Quantity, Statement};
use serde::Deserialize;
use toml::Spanned;

use crate::policy::{demands, named};
use crate::read::{Refusal, parse};

/// The JSON Schema of the file, for editors.
pub const SCHEMA: &str = include_str!("../schema/badgateway.schema.json");

/// A file to begin with: everything in it is a comment.
pub const TEMPLATE: &str = include_str!("template.toml");

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Show notes too.
    pub strict: Option<bool>,
    /// From which severity on the exit code is 1; `None` inside for never.
    pub fail_on: Option<Option<Severity>>,
    /// The file with facts about the machine, relative to this one.
    pub facts: Option<String>,
    /// The file with known findings, relative to this one.
    pub baseline: Option<String>,
    /// The nginx that the configuration is for.
    pub nginx: Option<Said<NginxVersion>>,
    /// The PHP that it is for.
    pub php: Option<Said<PhpVersion>>,
    /// The least distance between two limits of a chain.
    pub margin: Option<Millis>,
    /// Severities by rule; `None` switches it off.
    pub levels: Vec<(Said<String>, Option<Severity>)>,
    /// What requests of some routes may take.
    pub routes: Vec<Policy>,
    /// What it states of its own numbers, in the order of their lines.
    pub policy: Vec<Said<(&'static Quantity, Demand)>>,
    /// Directories that lie elsewhere than the configuration says: from, to.
    pub paths: Vec<(String, String)>,
    /// `ADDRESS=POOL`, as `--map`.
    pub maps: Vec<String>,
    /// What the holes of templates are filled with, as `--set`.
    pub set: Vec<(String, String)>,
}

impl Project {
    /// What it says to the rules, in the name of a file.
    pub fn options(&self, name: &str) -> rules::Options {
        let levels = self.levels.iter();
        let routes = self.routes.iter();
        rules::Options {
            strict: self.strict.unwrap_or(false),
            margin: self.margin,
            levels: levels
                .map(|(rule, level)| (rule.value.clone(), *level))
                .collect(),
            policies: routes
                .map(|route| rules::Policy {
                    route: route.name.clone(),
                    may_take: route.may_take,
                    from: format!("{name}:{}", route.line),
                })
                .collect(),
            statements: self
                .policy
                .iter()
                .map(|said| statement(name, said))
                .collect(),
        }
    }
}

fn statement(name: &str, said: &Said<(&'static Quantity, Demand)>) -> Statement {
    let (quantity, demand) = &said.value;
    Statement {
        quantity,
        demand: demand.clone(),
        from: format!("{name}:{}", said.line),
    }
}

/// A value and the line that says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// The 1-based line.
    pub line: usize,
}

/// What requests of some routes may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A part of the route's name.
    pub name: String,
    /// So long, by wall time.
    pub may_take: Millis,
    /// The 1-based line.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    strict: Option<bool>,
    fail_on: Option<Spanned<String>>,
    facts: Option<String>,
    baseline: Option<String>,
    nginx: Option<Spanned<String>>,
    php: Option<Spanned<String>>,
    margin: Option<Spanned<String>>,
    #[serde(default)]
    levels: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    policy: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    route: Vec<RouteTable>,
    #[serde(default)]
    path: Vec<PathTable>,
    #[serde(default)]
    map: Vec<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteTable {
    name: Spanned<String>,
    may_take: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PathTable {
    from: String,
    to: String,
}

/// Reads the text of the file.
///
/// # Errors
/// What is wrong, with the line.
pub fn project(text: &str) -> Result<Project, Refusal> {
    let file: File = parse(text)?;
    let reader = Reader(text);
    Ok(Project {
        strict: file.strict,
        fail_on: reader
            .opt(file.fail_on, "fail_on", fail_on)?
            .map(|said| said.value),
        facts: file.facts,
        baseline: file.baseline,
        nginx: reader.opt(file.nginx, "nginx", NginxVersion::parse)?,
        php: reader.opt(file.php, "php", |v| {
            PhpVersion::parse(&crate::host::minor(v))
        })?,
        margin: reader
            .opt(file.margin, "margin", time)?
            .map(|said| said.value),
        levels: file
            .levels
            .into_iter()
            .map(|(rule, level)| {
                let level = reader.one(level, rule.as_ref(), level_of)?.value;
                let line = reader.line(rule.span().start);
                let value = rule.into_inner();
                Ok((Said { value, line }, level))
            })
            .collect::<Result<_, Refusal>>()?,
        routes: file
            .route
            .into_iter()
            .map(|route| {
                let may_take = reader.one(route.may_take, "may_take", time)?.value;
                let line = reader.line(route.name.span().start);
                let name = route.name.into_inner();
                Ok(Policy {
                    name,
                    may_take,
                    line,
                })
            })
            .collect::<Result<_, Refusal>>()?,
        policy: reader.policy(file.policy)?,
        paths: file
            .path
            .into_iter()
            .map(|path| (path.from, path.to))
            .collect(),
        maps: file.map,
        set: file.set.into_iter().collect(),
    })
}

struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn line(&self, offset: usize) -> usize {
        Refusal::at(self.0, offset, "").line.unwrap_or(1)
    }

    fn policy(
        &self,
        table: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> Result<Vec<Said<(&'static Quantity, Demand)>>, Refusal> {
        let mut lines: Vec<_> = table.into_iter().collect();
        lines.sort_by_key(|(name, _)| name.span().start);
        let mut out: Vec<Said<(&'static Quantity, Demand)>> = Vec::new();
        for (name, text) in lines {
            let at = name.span().start;
            let refuse = |why: String| Refusal::at(self.0, at, format!("[policy]: {why}"));
            let quantity = named(name.as_ref()).map_err(refuse)?;
            if out.iter().any(|said| said.value.0 == quantity) {
                return Err(refuse(format!("`{}` is there already", quantity.name)));
            }
            let line = self.line(at);
            for demand in demands(quantity, text.as_ref()).map_err(refuse)? {
                let value = (quantity, demand);
                out.push(Said { value, line });
            }
        }
        Ok(out)
    }

    fn one<T>(
        &self,
        value: Spanned<String>,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Said<T>, Refusal> {
        let at = value.span().start;
        let text = value.into_inner();
        let refusal = || Refusal::at(self.0, at, format!("`{name}` cannot be `{text}`"));
        Ok(Said {
            value: read(&text).ok_or_else(refusal)?,
            line: self.line(at),
        })
    }

    fn opt<T>(
        &self,
        value: Option<Spanned<String>>,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Said<T>>, Refusal> {
        value.map(|value| self.one(value, name, read)).transpose()
    }
}

fn level_of(text: &str) -> Option<Option<Severity>> {
    match text {
        "off" => Some(None),
        text => severity(text).map(Some),
    }
}

fn fail_on(text: &str) -> Option<Option<Severity>> {
    match text {
        "never" => Some(None),
        text => severity(text).map(Some),
    }
}

fn severity(text: &str) -> Option<Severity> {
    let all = [Severity::Info, Severity::Warning, Severity::Error];
    all.into_iter().find(|severity| severity.word() == text)
}

/// `10s`, `2m`, `500ms`, or seconds without a unit.
fn time(text: &str) -> Option<Millis> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
    let found = units
        .into_iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, scale)));
    let (digits, scale) = found.unwrap_or((text, 1000));
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(scale).map(Millis)
}
