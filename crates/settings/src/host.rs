//! `host.toml`: what is known of a machine, as `badgateway facts` prints it and people may write
//! it.

use std::fmt::Write as _;

use base::{Bytes, Limit, Millis};
use model::accounts::Accounts;
use model::facts::{Fact, Facts, FpmFacts, NginxFacts, NginxVersion, Service};
use model::php::PhpVersion;

use crate::plain::{self, FromPlain, Said, Table, Value, quoted};
use crate::read::Refusal;

/// A number or a number with a unit.
enum Text {
    Number(u64),
    Text(String),
}

impl FromPlain for Text {
    fn from_plain(value: Said<Value>) -> Result<Self, Said<String>> {
        match value.value {
            Value::Number(number) => Ok(Text::Number(number)),
            Value::Text(text) => Ok(Text::Text(text)),
            _ => Err(Said {
                value: "a number or a string is expected".to_owned(),
                at: value.at,
            }),
        }
    }
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
    let mut file = plain::read(text)?;
    let source = Source { name, text };
    let read = source.facts(&mut file);
    read.map_err(|unfit| Refusal::at(text, unfit.at, unfit.value))
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

    fn facts(self, file: &mut Table) -> Result<Facts, Said<String>> {
        let mut facts = Facts {
            memory: self.read(file, "memory", bytes)?,
            cores: self.as_is(file, "cores")?,
            somaxconn: self.as_is(file, "somaxconn")?,
            ..Facts::default()
        };
        if let Some(mut table) = file.take::<Table>("nginx")? {
            facts.nginx = NginxFacts {
                version: self.read(&mut table, "version", |v: String| NginxVersion::parse(&v))?,
                modules: self.as_is(&mut table, "modules")?,
                service: self.service(&mut table)?,
            };
            table.end()?;
        }
        for mut table in file.take::<Vec<Table>>("fpm")?.unwrap_or_default() {
            facts.fpm.push(self.fpm(&mut table)?);
            table.end()?;
        }
        if let Some(users) = file.take::<Table>("users")? {
            let users = users.rest()?.into_iter().collect();
            facts.accounts = Some(Accounts::from_groups(users));
        }
        file.end()?;
        Ok(facts)
    }

    fn fpm(self, table: &mut Table) -> Result<FpmFacts, Said<String>> {
        let said: Option<Said<String>> = table.take("version")?;
        let version = said.as_ref().map(|said| {
            PhpVersion::parse(&minor(&said.value)).ok_or_else(|| Said {
                value: format!("`{}` is no version of PHP", said.value),
                at: said.at,
            })
        });
        Ok(FpmFacts {
            version: version.transpose()?,
            full_version: said.map(|said| self.fact(said)),
            service: self.service(table)?,
            worker_memory: self.read(table, "worker_memory", bytes)?,
        })
    }

    fn fact<T>(self, said: Said<T>) -> Fact<T> {
        Fact {
            from: self.from(said.at),
            value: said.value,
        }
    }

    fn as_is<T: FromPlain>(
        self,
        table: &mut Table,
        name: &str,
    ) -> Result<Option<Fact<T>>, Said<String>> {
        let said = table.take(name)?;
        Ok(said.map(|said| self.fact(said)))
    }

    fn read<T: FromPlain, U>(
        self,
        table: &mut Table,
        name: &str,
        read: impl Fn(T) -> Option<U>,
    ) -> Result<Option<Fact<U>>, Said<String>> {
        let Some(said) = table.take::<Said<T>>(name)? else {
            return Ok(None);
        };
        let at = said.at;
        let value = read(said.value).ok_or_else(|| Said {
            value: format!("`{name}` has no such value"),
            at,
        })?;
        Ok(Some(self.fact(Said { value, at })))
    }

    fn service(self, table: &mut Table) -> Result<Service, Said<String>> {
        Ok(Service {
            timeout_stop: self.read(table, "timeout_stop", time)?,
            kill_signal: self.as_is(table, "kill_signal")?,
            memory_max: self.read(table, "memory_max", |text| match text {
                Text::Text(text) if text == "infinity" => Some(None),
                text => bytes(text).map(Some),
            })?,
            limit_nofile: self.as_is(table, "limit_nofile")?,
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
    decimal(digits, 1 << shift).map(Bytes)
}

/// So many of a unit, where the number may have a few digits behind a point.
fn decimal(digits: &str, unit: u64) -> Option<u64> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(all_digits(whole) && all_digits(part) && part.len() <= 18) {
        return None;
    }
    let part_of = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let part = part.parse::<u128>().ok()? * u128::from(unit) / part_of;
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    whole.checked_add(u64::try_from(part).ok()?)
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
