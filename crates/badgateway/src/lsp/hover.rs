//! What a directive, a setting or a variable is worth, and why.

use base::{Origin, Setting};
use model::nginx::Config;
use model::php::defaults::{FPM_MANUAL, PHP_MANUAL, Scope, fpm_option, php_setting};
use model::tables;
use serde_json::{Value, json};

use super::diagnostics::reference;
use super::ladder;
use super::place::{Directive, Entry, Here, Layer, directives, entry, touches, variable};
use super::world::{See, code, prose};

/// Places of a file that is included more than once.
const MOST_PLACES: usize = 3;

/// The answer to a hover.
pub(crate) fn hover(see: &See<'_>, here: Here) -> Value {
    let model = &see.world.model;
    let found = directives(model, here);
    let mut parts = Vec::new();
    let mut span = None;
    if let Some(first) = found.first() {
        span = Some(first.span());
        match variable(model, here) {
            Some(name) => parts.push(of_variable(see, &found, &name)),
            None => parts.push(of_directives(see, &found)),
        }
    } else if let Some(entry) = entry(model, here) {
        span = Some(entry.assignment.span);
        parts.push(of_entry(see, &entry));
    }
    parts.extend(of_findings(see, here));
    if parts.is_empty() {
        return Value::Null;
    }
    let text = parts.join("\n\n---\n\n");
    let mut out = json!({"contents": {"kind": "markdown", "value": text}});
    if let Some(span) = span {
        out["range"] = see.range(span);
    }
    out
}

/// The page's first words of each rule that speaks at a place.
fn of_findings(see: &See<'_>, here: Here) -> Option<String> {
    let findings = see.world.findings.iter();
    let mut rules: Vec<&str> = findings
        .filter(|finding| touches(finding.primary.span, here))
        .map(|finding| finding.rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    let told = rules.iter().filter_map(|id| {
        let summary = rules::by_id(id)?.summary();
        let link = reference(id).map_or_else(String::new, |url| format!(" ([manual]({url}))"));
        Some(format!("**{id}**: {summary}{link}"))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("\n\n"))
}

fn of_directives(see: &See<'_>, found: &[Directive<'_>]) -> String {
    let mut out = String::new();
    for directive in found.iter().take(MOST_PLACES) {
        let config = &directive.nginx.config;
        let label = code(&prose(&config.label(directive.scope)));
        out.push_str(&format!(
            "`{}` in `{label}`\n\n",
            see.quote(directive.span())
        ));
        if directive.opens.is_none() {
            out.push_str(&in_force(see, directive));
        }
    }
    if found.len() > MOST_PLACES {
        out.push_str(&format!(
            "and in {} more blocks\n\n",
            found.len() - MOST_PLACES
        ));
    }
    let Some(first) = found.first() else {
        return out;
    };
    out.push_str(&about(&first.name()));
    let is_pass = first.name().ends_with("_pass");
    let ladders = match is_pass {
        true => {
            let labels = found.iter().map(|d| d.nginx.config.label(d.scope));
            labels
                .flat_map(|label| ladder::of_route(see, &label))
                .collect()
        }
        false => ladder::with_limit(see, first.span()),
    };
    out.push_str(&ladder::tell(see, &ladders));
    out
}

/// Whether this very line is in force, and what it silences.
fn in_force(see: &See<'_>, directive: &Directive<'_>) -> String {
    let (config, scope, name) = (&directive.nginx.config, directive.scope, directive.name());
    let rows = tables::lookup(name.as_bytes());
    let inherits = |how: &str| rows.iter().any(|row| row.inherit == how);
    let mut out = String::new();
    if inherits("array") {
        let around = config.scope(scope).parent;
        let lost = around.map(|around| config.find_all(around, &name));
        for item in lost.unwrap_or_default() {
            let span = config.span(item);
            let (quote, place) = (see.quote(span), see.place(span));
            out.push_str(&format!("- silences `{quote}` ({place})\n"));
        }
        return out;
    }
    if !inherits("merge") {
        return out;
    }
    match config.effective(scope, &name, |text| Some(text.to_vec())) {
        Ok(Setting { origin, .. }) if origin.span() == Some(directive.span()) => {
            out.push_str("- in force, set here\n");
            out.push_str(&silenced(see, &origin));
        }
        Ok(Setting { origin, .. }) => {
            out.push_str(&format!(
                "- not in force: {}\n",
                ladder::origin_of(see, &origin)
            ));
        }
        Err(why) => out.push_str(&format!("- not known: {}\n", prose(&why))),
    }
    out
}

fn silenced(see: &See<'_>, origin: &Origin) -> String {
    let Origin::Overriding { over, .. } = origin else {
        return String::new();
    };
    let lines = over.iter().map(|span| {
        let (quote, place) = (see.quote(*span), see.place(*span));
        format!("- silences `{quote}` ({place})\n")
    });
    lines.collect()
}

/// Default, first version, contexts and manual of a directive.
fn about(name: &str) -> String {
    let rows = tables::lookup(name.as_bytes());
    let Some(row) = rows
        .iter()
        .find(|row| row.contexts.contains("http"))
        .or(rows.first())
    else {
        return format!("`{}` is no directive that is known", code(&prose(name)));
    };
    let default = match row.default {
        Some(default) => format!("default `{default}` (nginx 1.18+)"),
        None => "no plain default".to_owned(),
    };
    let since = match row.since {
        "1.18" => "nginx 1.18 or before".to_owned(),
        since => format!("nginx {since}"),
    };
    let (contexts, manual) = (row.contexts, ladder::manual_of(row.manual));
    format!("\n{default}; since {since}; may stand in {contexts}; {manual}")
}

/// What a variable may be: the lines that give it its values.
fn of_variable(see: &See<'_>, found: &[Directive<'_>], name: &str) -> String {
    let mut out = format!("`{name}`\n");
    for directive in found.iter().take(MOST_PLACES) {
        let config: &Config = &directive.nginx.config;
        let label = code(&prose(&config.label(directive.scope)));
        match config.constants(directive.scope, name.as_bytes()) {
            Ok(constants) => {
                for constant in constants {
                    let from: Vec<String> = constant
                        .from
                        .iter()
                        .map(|span| format!("`{}` ({})", see.quote(*span), see.place(*span)))
                        .collect();
                    let from = from.join(", ");
                    out.push_str(&format!("\n- in `{label}` it may be what {from} says"));
                }
            }
            Err(why) => out.push_str(&format!("\n- in `{label}`: {}", prose(&why))),
        }
    }
    out
}

fn of_entry(see: &See<'_>, entry: &Entry<'_>) -> String {
    let (fpm, name) = (entry.fpm, entry.name.as_str());
    let mut out = format!("`{}`\n\n", see.quote(entry.assignment.span));
    let mut say = |label: &str, origin: Result<Origin, String>| match origin {
        Ok(origin) if origin.span() == Some(entry.assignment.span) => {
            out.push_str(&format!(
                "- in force for {label}\n{}",
                silenced(see, &origin)
            ));
        }
        Ok(origin) => {
            let from = ladder::origin_of(see, &origin);
            let quote = origin
                .span()
                .map(|span| see.quote(span))
                .unwrap_or_default();
            out.push_str(&format!("- not in force for {label}: `{quote}`, {from}\n"));
        }
        Err(why) => out.push_str(&format!("- not known for {label}: {}\n", prose(&why))),
    };
    match (entry.layer, entry.pool) {
        (Layer::Global, _) => {
            if let Some(text) = fpm.global.text(name) {
                say("the instance", text.map(|setting| setting.origin));
            }
        }
        (Layer::Pool, Some((_, pool))) => {
            if let Some(text) = pool.settings.text(name) {
                say(
                    &of_pool(&pool.shown_name()),
                    text.map(|setting| setting.origin),
                );
            }
        }
        (Layer::PhpOfPool, Some((_, pool))) => {
            let value = fpm.php(pool, &[], name);
            say(
                &of_pool(&pool.shown_name()),
                value.map(|setting| setting.origin),
            );
        }
        _ => {
            for pool in &fpm.pools {
                let value = fpm.php(pool, &[], name);
                say(
                    &of_pool(&pool.shown_name()),
                    value.map(|setting| setting.origin),
                );
            }
        }
    }
    out.push_str(&default_of(entry));
    out.push_str(&ladder::tell(
        see,
        &ladder::with_limit(see, entry.assignment.span),
    ));
    out
}

fn of_pool(name: &str) -> String {
    format!("pool `{}`", code(name))
}

/// Default, first version and manual of a setting.
fn default_of(entry: &Entry<'_>) -> String {
    let name = entry.name.as_bytes();
    let scope = match entry.layer {
        Layer::Global => Some(Scope::Global),
        Layer::Pool => Some(Scope::Pool),
        Layer::PhpOfPool | Layer::PhpIni => None,
    };
    let Some(scope) = scope else {
        return match php_setting(name, entry.fpm.version) {
            Some(row) => format!("\ndefault `{}`; [manual]({PHP_MANUAL})", row.default),
            None => format!("\n[manual]({PHP_MANUAL})"),
        };
    };
    let Some(row) = fpm_option(scope, name) else {
        return format!("\n[manual]({FPM_MANUAL})");
    };
    let default = match row.default {
        Some(default) => format!("default `{default}`"),
        None => "no default".to_owned(),
    };
    format!(
        "\n{default}; since PHP {}; [manual]({FPM_MANUAL})",
        row.since
    )
}
