//! A user's own rules for secrets, in the form of gitleaks' TOML.
//!
//! Read are `id`, `description`, `regex`, `secretGroup`, `entropy`, `keywords`, `path`, and
//! allowlists by `regexes`, `paths` and `stopwords`, of a rule and of the file. Keys that gitleaks
//! alone understands (`commits`, `tags`) are passed over; a rule that cannot be used is an error,
//! because a rule that silently does nothing is worse than none.

use std::sync::Arc;

use redact::{Detector, Named, Text};
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::read::{Refusal, parse};

/// Patterns of token lists are large when they are compiled.
const MOST_SIZE: usize = 128 << 20;

/// The rules of one file.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    allowed: Vec<Allowed>,
    skipped: Vec<String>,
}

#[derive(Debug)]
struct Rule {
    id: Arc<str>,
    reason: Arc<str>,
    regex: Regex,
    group: usize,
    entropy: f64,
    /// Lower case; the pattern is tried only where one of them is in the text.
    keywords: Vec<Vec<u8>>,
    path: Option<Regex>,
    allowed: Vec<Allowed>,
}

#[derive(Debug)]
struct Allowed {
    regexes: Vec<Regex>,
    target: Target,
    paths: Vec<Regex>,
    stopwords: Vec<Vec<u8>>,
    is_all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Secret,
    Match,
    Line,
}

impl Rules {
    /// Reads a file's text.
    ///
    /// # Errors
    /// What is wrong with it: not TOML, a rule without an id, a pattern that is none.
    pub fn parse(text: &str) -> Result<Rules, Refusal> {
        let file: File = parse(text)?;
        let mut skipped = Vec::new();
        if file.extend.is_some() {
            skipped
                .push("`extend` is passed over: only the rules of this file are used".to_owned());
        }
        let mut rules = Vec::new();
        for rule in file.rules {
            match rule.regex {
                Some(_) => rules.push(rule.compile()?),
                None => skipped.push(format!(
                    "rule `{}` has no regex and finds files, not secrets",
                    rule.id
                )),
            }
        }
        let lists = file.allowlist.into_iter().chain(file.allowlists);
        let allowed = lists.map(|list| list.compile("allowlist"));
        Ok(Rules {
            rules,
            allowed: allowed.collect::<Result<_, _>>()?,
            skipped,
        })
    }

    /// What of the file is not used, for people.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }
}

impl Detector for Rules {
    fn find(&self, text: Text<'_>, out: &mut Vec<Named>) {
        let lower = text.bytes.to_ascii_lowercase();
        let has = |word: &Vec<u8>| memchr::memmem::find(&lower, word).is_some();
        for rule in &self.rules {
            let is_elsewhere = rule
                .path
                .as_ref()
                .is_some_and(|path| !path.is_match(text.path));
            if is_elsewhere || !rule.keywords.is_empty() && !rule.keywords.iter().any(has) {
                continue;
            }
            for found in rule.regex.captures_iter(text.bytes) {
                let whole = found.get(0).map_or(0..0, |all| all.range());
                let secret = rule.secret(&found);
                let lists = self.allowed.iter().chain(&rule.allowed);
                let mut lists = lists.filter(|list| list.allows(text, &whole, &secret));
                if lists.next().is_none() && entropy(&text.bytes[secret.clone()]) >= rule.entropy {
                    out.push(Named {
                        range: secret,
                        rule: Arc::clone(&rule.id),
                        reason: Arc::clone(&rule.reason),
                    });
                }
            }
        }
    }
}

impl Rule {
    /// The group that the rule names, or the first that matched, or all.
    fn secret(&self, found: &regex::bytes::Captures<'_>) -> std::ops::Range<usize> {
        let named = match self.group {
            0 => {
                (1..found.len()).find_map(|group| found.get(group).filter(|part| !part.is_empty()))
            }
            group => found.get(group),
        };
        named
            .or_else(|| found.get(0))
            .map_or(0..0, |part| part.range())
    }
}

impl Allowed {
    fn allows(
        &self,
        text: Text<'_>,
        whole: &std::ops::Range<usize>,
        secret: &std::ops::Range<usize>,
    ) -> bool {
        let looked = match self.target {
            Target::Secret => secret.clone(),
            Target::Match => whole.clone(),
            Target::Line => line(text.bytes, whole),
        };
        let looked = &text.bytes[looked];
        let lower = text.bytes[secret.clone()].to_ascii_lowercase();
        let checks = [
            (!self.regexes.is_empty())
                .then(|| self.regexes.iter().any(|regex| regex.is_match(looked))),
            (!self.paths.is_empty())
                .then(|| self.paths.iter().any(|path| path.is_match(text.path))),
            (!self.stopwords.is_empty()).then(|| {
                self.stopwords
                    .iter()
                    .any(|word| memchr::memmem::find(&lower, word).is_some())
            }),
        ];
        let mut given = checks.into_iter().flatten().peekable();
        match self.is_all {
            true => given.peek().is_some() && given.all(|holds| holds),
            false => given.any(|holds| holds),
        }
    }
}

fn line(text: &[u8], whole: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = memchr::memrchr(b'\n', &text[..whole.start]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &text[whole.end..]).map_or(text.len(), |at| whole.end + at);
    start..end
}

/// Bits a byte, after Shannon, as gitleaks counts them.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    value
        .iter()
        .for_each(|byte| counts[usize::from(*byte)] += 1);
    #[expect(clippy::cast_precision_loss, reason = "a secret has few bytes")]
    let all = value.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0);
    shares
        .map(|count| f64::from(*count) / all)
        .map(|share| -share * share.log2())
        .sum()
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    rules: Vec<RuleFile>,
    allowlist: Option<AllowedFile>,
    #[serde(default)]
    allowlists: Vec<AllowedFile>,
    extend: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleFile {
    id: String,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    #[serde(default)]
    secret_group: usize,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<String>,
    allowlist: Option<AllowedFile>,
    #[serde(default)]
    allowlists: Vec<AllowedFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllowedFile {
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    regex_target: String,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default, alias = "stopWords")]
    stopwords: Vec<String>,
    #[serde(default)]
    condition: String,
}

impl RuleFile {
    fn compile(self) -> Result<Rule, Refusal> {
        let of = format!("rule `{}`", self.id);
        let pattern = self.regex.as_deref().unwrap_or_default();
        let regex = compiled(pattern, &of)?;
        if self.secret_group >= regex.captures_len() {
            let groups = regex.captures_len() - 1;
            return Err(refusal(
                &of,
                &format!(
                    "`secretGroup` is {}, the pattern has {groups}",
                    self.secret_group
                ),
            ));
        }
        let lists = self.allowlist.into_iter().chain(self.allowlists);
        let allowed = lists
            .map(|list| list.compile(&of))
            .collect::<Result<_, _>>()?;
        let reason = match self.description.is_empty() {
            true => "a rule of your own".to_owned(),
            false => self.description,
        };
        Ok(Rule {
            regex,
            group: self.secret_group,
            entropy: self.entropy,
            keywords: lower(&self.keywords),
            path: self
                .path
                .as_deref()
                .map(|path| compiled(path, &of))
                .transpose()?,
            allowed,
            reason: reason.into(),
            id: self.id.into(),
        })
    }
}

impl AllowedFile {
    fn compile(self, of: &str) -> Result<Allowed, Refusal> {
        let all = |patterns: &[String]| {
            patterns
                .iter()
                .map(|pattern| compiled(pattern, of))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Allowed {
            regexes: all(&self.regexes)?,
            target: match self.regex_target.as_str() {
                "match" => Target::Match,
                "line" => Target::Line,
                _ => Target::Secret,
            },
            paths: all(&self.paths)?,
            stopwords: lower(&self.stopwords),
            is_all: self.condition.eq_ignore_ascii_case("and"),
        })
    }
}

fn lower(words: &[String]) -> Vec<Vec<u8>> {
    words
        .iter()
        .map(|word| word.to_ascii_lowercase().into_bytes())
        .collect()
}

/// Compiles a pattern over bytes. Without Unicode's classes it is some hundred times faster; the few
/// that need them have them.
fn compiled(pattern: &str, of: &str) -> Result<Regex, Refusal> {
    let build = |unicode: bool| {
        RegexBuilder::new(pattern)
            .unicode(unicode)
            .size_limit(MOST_SIZE)
            .build()
    };
    build(false).or_else(|_| build(true)).map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        refusal(of, last.trim_start_matches("error: "))
    })
}

fn refusal(of: &str, why: &str) -> Refusal {
    Refusal {
        line: None,
        message: format!("{of}: {why}"),
    }
}
