//! `host.toml`: what is known of a machine, as `badgateway facts` prints it and people may write
//! it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base::{Bytes, Limit, Millis};
use model::accounts::Accounts;
use model::facts::{Fact, Facts, FpmFacts, NginxFacts, NginxVersion, Service};
use model::php::PhpVersion;
use serde::Deserialize;
use toml::Spanned;

use crate::read::{Refusal, parse};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    memory: Option<Spanned<Text>>,
    cores: Option<Spanned<u32>>,
    somaxconn: Option<Spanned<u32>>,
    nginx: Option<NginxTable>,
    #[serde(default)]
    fpm: Vec<FpmTable>,
    users: Option<BTreeMap<String, Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NginxTable {
    version: Option<Spanned<String>>,
    modules: Option<Spanned<Vec<String>>>,
    timeout_stop: Option<Spanned<Text>>,
    kill_signal: Option<Spanned<String>>,
    memory_max: Option<Spanned<Text>>,
    limit_nofile: Option<Spanned<u64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FpmTable {
    version: Option<Spanned<String>>,
    worker_memory: Option<Spanned<Text>>,
    timeout_stop: Option<Spanned<Text>>,
    kill_signal: Option<Spanned<String>>,
    memory_max: Option<Spanned<Text>>,
    limit_nofile: Option<Spanned<u64>>,
}

/// A number or a number with a unit.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Number(u64),
    Text(String),
}

/// The text and name of the file, for messages and origins.
#[derive(Clone, Copy)]
struct Source<'t> {
    name: &'t str,
    text: &'t str,
}

/// Reads the text of a file that people know as `name`.
///
/// # Errors
/// What is wrong, with the line.
pub fn facts(name: &str, text: &str) -> Result<Facts, Refusal> {
    let file: File = parse(text)?;
    let source = Source { name, text };
    let mut facts = Facts {
        memory: source.read(file.memory, "memory", bytes)?,
        cores: source.as_is(file.cores),
        somaxconn: source.as_is(file.somaxconn),
        accounts: (file.users).map(|users| Accounts::from_groups(users.into_iter().collect())),
        ..Facts::default()
    };
    if let Some(table) = file.nginx {
        facts.nginx = NginxFacts {
            version: source.read(table.version, "version", |v| NginxVersion::parse(&v))?,
            modules: source.as_is(table.modules),
            service: source.service(
                (table.timeout_stop, table.kill_signal),
                table.memory_max,
                table.limit_nofile,
            )?,
        };
    }
    for table in file.fpm {
        let full = source.as_is(table.version);
        let version = match &full {
            None => None,
            Some(fact) => Some(
                PhpVersion::parse(&minor(&fact.value)).ok_or_else(|| Refusal {
                    line: None,
                    message: format!("`{}` is no version of PHP", fact.value),
                })?,
            ),
        };
        facts.fpm.push(FpmFacts {
            version,
            full_version: full,
            service: source.service(
                (table.timeout_stop, table.kill_signal),
                table.memory_max,
                table.limit_nofile,
            )?,
            worker_memory: source.read(table.worker_memory, "worker_memory", bytes)?,
        });
    }
    Ok(facts)
}

/// `8.2` of `8.2.31`.
pub(crate) fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

impl Source<'_> {
    fn from(self, offset: usize) -> String {
        let line = Refusal::at(self.text, offset, "").line.unwrap_or(1);
        format!("{}:{line}", self.name)
    }

    fn as_is<T>(self, value: Option<Spanned<T>>) -> Option<Fact<T>> {
        value.map(|value| Fact {
            from: self.from(value.span().start),
            value: value.into_inner(),
        })
    }

    fn read<T, U>(
        self,
        value: Option<Spanned<T>>,
        name: &str,
        read: impl Fn(T) -> Option<U>,
    ) -> Result<Option<Fact<U>>, Refusal> {
        let Some(value) = value else { return Ok(None) };
        let at = value.span().start;
        let refusal = || Refusal::at(self.text, at, format!("`{name}` has no such value"));
        Ok(Some(Fact {
            value: read(value.into_inner()).ok_or_else(refusal)?,
            from: self.from(at),
        }))
    }

    fn service(
        self,
        (stop, signal): (Option<Spanned<Text>>, Option<Spanned<String>>),
        memory: Option<Spanned<Text>>,
        files: Option<Spanned<u64>>,
    ) -> Result<Service, Refusal> {
        Ok(Service {
            timeout_stop: self.read(stop, "timeout_stop", time)?,
            kill_signal: self.as_is(signal),
            memory_max: self.read(memory, "memory_max", |text| match text {
                Text::Text(text) if text == "infinity" => Some(None),
                text => bytes(text).map(Some),
            })?,
            limit_nofile: self.as_is(files),
        })
    }
}

/// Bytes, with `K`, `M`, `G` or `T` of 1024.
fn bytes(text: Text) -> Option<Bytes> {
    let text = match text {
        Text::Number(bytes) => return Some(Bytes(bytes)),
        Text::Text(text) => text,
    };
    let (digits, shift) = match text.strip_suffix(['K', 'M', 'G', 'T']) {
        Some(digits) => (digits, 10 * (1 + "KMGT".find(text.chars().last()?)?)),
        None => (text.as_str(), 0),
    };
    let number: f64 = digits.parse().ok()?;
    let bytes = number * (1_u64 << shift) as f64;
    (bytes.is_finite() && bytes >= 0.0).then_some(Bytes(bytes as u64))
}

/// Seconds, or a number with `s` or `min`, or `infinity`.
fn time(text: Text) -> Option<Limit> {
    let text = match text {
        Text::Number(seconds) => return Some(limit(seconds)),
        Text::Text(text) => text,
    };
    if text == "infinity" {
        return Some(Limit::Off);
    }
    let (digits, scale) = match (text.strip_suffix("min"), text.strip_suffix('s')) {
        (Some(digits), _) => (digits, 60),
        (_, Some(digits)) => (digits, 1),
        (None, None) => (text.as_str(), 1),
    };
    Some(limit(
        digits.trim().parse::<u64>().ok()?.checked_mul(scale)?,
    ))
}

/// systemd takes zero for "never" here.
fn limit(seconds: u64) -> Limit {
    match seconds {
        0 => Limit::Off,
        seconds => Limit::After(Millis::from_secs(seconds)),
    }
}

/// The facts as a file that [`facts`] reads, each with a comment that says where it comes from.
pub fn text(facts: &Facts) -> String {
    let mut out = String::from("# Facts about one machine, for `badgateway check --facts FILE`.\n");
    line(&mut out, "memory", &facts.memory, |v| {
        quoted(&v.to_string())
    });
    line(&mut out, "cores", &facts.cores, u32::to_string);
    line(&mut out, "somaxconn", &facts.somaxconn, u32::to_string);
    out.push_str("\n[nginx]\n");
    let nginx = &facts.nginx;
    line(&mut out, "version", &nginx.version, |v| {
        quoted(&v.to_string())
    });
    line(&mut out, "modules", &nginx.modules, |names| {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        format!("[{}]", names.join(", "))
    });
    service(&mut out, &nginx.service);
    for fpm in &facts.fpm {
        out.push_str("\n[[fpm]]\n");
        line(&mut out, "version", &fpm.full_version, |v| quoted(v));
        line(&mut out, "worker_memory", &fpm.worker_memory, |v| {
            quoted(&v.to_string())
        });
        service(&mut out, &fpm.service);
    }
    if let Some(accounts) = &facts.accounts {
        out.push_str("\n# Users with their groups, the primary one first.\n[users]\n");
        for (user, groups) in accounts.groups() {
            let groups: Vec<String> = groups.iter().map(|group| quoted(group)).collect();
            let _written = writeln!(out, "{} = [{}]", quoted(&user), groups.join(", "));
        }
    }
    out
}

fn service(out: &mut String, service: &Service) {
    line(
        out,
        "timeout_stop",
        &service.timeout_stop,
        |limit| match limit {
            Limit::Off => quoted("infinity"),
            limit => quoted(&limit.to_string()),
        },
    );
    line(out, "kill_signal", &service.kill_signal, |v| quoted(v));
    line(out, "memory_max", &service.memory_max, |max| match max {
        None => quoted("infinity"),
        Some(bytes) => quoted(&bytes.to_string()),
    });
    line(out, "limit_nofile", &service.limit_nofile, u64::to_string);
}

fn line<T>(out: &mut String, name: &str, fact: &Option<Fact<T>>, show: impl Fn(&T) -> String) {
    let _written = match fact {
        Some(fact) => {
            let from = fact.from.replace(char::is_control, " ");
            writeln!(out, "{name} = {}  # {from}", show(&fact.value))
        }
        None => writeln!(out, "# {name} is not known"),
    };
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
