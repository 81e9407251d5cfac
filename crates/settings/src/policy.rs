//! `[policy]` of `badgateway.toml`: reading what a team states of its own numbers.
//!
//! A demand is `required`, or a relation (`<=`, `>=`, `==`, `<`, `>`) and a value, another
//! quantity, or `quantity + value`; several are joined by ` and `.

use model::nginx::value;
use rules::policy::{Bound, Demand, Kind, QUANTITIES, Quantity, Relation, quantity};

/// The quantity of a name.
pub(crate) fn named(name: &str) -> Result<&'static Quantity, String> {
    quantity(name).ok_or_else(|| no_such(name))
}

fn no_such(name: &str) -> String {
    let all: Vec<&str> = QUANTITIES.iter().map(|one| one.name).collect();
    format!("there is no `{name}`; there are {}", all.join(", "))
}

/// What is demanded of it.
pub(crate) fn demands(of: &Quantity, text: &str) -> Result<Vec<Demand>, String> {
    let parts = text.split(" and ").map(str::trim);
    parts.map(|part| demand(of, part)).collect()
}

fn demand(of: &Quantity, text: &str) -> Result<Demand, String> {
    if text == "required" {
        return Ok(Demand::Required);
    }
    let relation = Relation::ALL
        .into_iter()
        .find_map(|(relation, word)| Some((relation, text.strip_prefix(word)?.trim())));
    let (relation, rest) = relation.ok_or_else(|| {
        format!("`{text}` is neither `required` nor begins with one of <= >= == < >")
    })?;
    let (first, more) = match rest.split_once('+') {
        Some((first, more)) => (first.trim(), Some(more.trim())),
        None => (rest, None),
    };
    let other = match (quantity(first), more) {
        (Some(other), _) => other,
        (None, Some(_)) => return Err(no_such(first)),
        (None, None) => {
            let value = amount(of.kind, first)?;
            let bound = Bound { other: None, value };
            return Ok(Demand::Compared(relation, bound));
        }
    };
    if other.kind != of.kind {
        return Err(format!(
            "`{}` is {} and `{}` is {}",
            of.name,
            noun(of.kind),
            other.name,
            noun(other.kind)
        ));
    }
    let value = more.map_or(Ok(0), |more| amount(of.kind, more))?;
    let other = Some(other);
    Ok(Demand::Compared(relation, Bound { other, value }))
}

/// A value with a unit, as nginx writes it.
fn amount(kind: Kind, text: &str) -> Result<u64, String> {
    let bytes = text.as_bytes();
    let read = match kind {
        Kind::Time => value::time_msec(bytes).ok(),
        Kind::Size => value::offset(bytes).ok(),
        Kind::Count => text.parse().ok(),
    };
    let example = match kind {
        Kind::Time => "write such as 90s, 500ms, 2m or 1m30s",
        Kind::Size => "write such as 64m, 512k or 1g",
        Kind::Count => "write such as 20",
    };
    read.ok_or_else(|| {
        format!(
            "`{text}` is no {}: {example}",
            noun(kind).trim_start_matches("a ")
        )
    })
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Time => "a time",
        Kind::Size => "a size",
        Kind::Count => "a number",
    }
}
