//! What keeps nginx from starting, as far as the directive tables tell: a directive in the wrong
//! place, with the wrong number of arguments, twice, or with a value that its type refuses
//! (`ngx_conf_handler` and the `ngx_conf_set_*_slot` functions in `src/core/ngx_conf_file.c`).
//!
//! The classic is a missing `;`: nginx then takes the next line for arguments.

use std::collections::HashSet;

use base::source::printable;
use base::{ProblemKind, Span};

use super::config::{Config, Item, Scope, ScopeId, ScopeKind};
use super::value;
use crate::load::Loader;
use crate::tables::{self, Directive};
use crate::template::template_hole;

/// nginx itself stops at the first.
const MOST: usize = 20;

type Rows = &'static [Directive];

/// Puts what nginx would refuse into the problems.
pub(crate) fn check(loader: &mut Loader<'_>, config: &Config) {
    let mut checker = Checker {
        config,
        rows: vec![None; config.name_count()],
        refused: Vec::new(),
        seen: HashSet::new(),
    };
    for (id, scope) in config.scopes() {
        if checker.refused.len() > MOST {
            break;
        }
        checker.scope(id, scope);
    }
    let refused = checker.refused;
    let is_more = refused.len() > MOST;
    for (span, message) in refused.into_iter().take(MOST) {
        let message = format!("{message}; nginx would refuse to start");
        loader.problem(ProblemKind::Syntax, Some(span), message);
    }
    if is_more {
        let message =
            format!("nginx would refuse more than {MOST} directives; the rest is left out");
        loader.problem(ProblemKind::Syntax, None, message);
    }
}

struct Checker<'c> {
    config: &'c Config,
    /// The rows of each name, looked up once.
    rows: Vec<Option<Rows>>,
    refused: Vec<(Span, String)>,
    /// An include is read in many places and reported in one.
    seen: HashSet<Span>,
}

impl Checker<'_> {
    fn scope(&mut self, id: ScopeId, scope: &Scope) {
        let Some(context) = context(self.config, id) else {
            return;
        };
        let openers = scope
            .children
            .iter()
            .filter_map(|id| self.config.scope(*id).opener);
        let blocks: Vec<Item> = openers.collect();
        let mut before: Vec<Item> = Vec::new();
        for item in &scope.items {
            let why = self.directive(*item, context, false);
            let why = why.or_else(|| self.duplicate(*item, context, &before));
            self.refuse(*item, why);
            before.push(*item);
        }
        for item in blocks {
            let why = self.directive(item, context, true);
            self.refuse(item, why);
        }
    }

    fn refuse(&mut self, item: Item, why: Option<String>) {
        let span = self.config.span(item);
        if let Some(why) = why
            && self.seen.insert(span)
        {
            self.refused.push((span, why));
        }
    }

    fn rows_of(&mut self, item: Item) -> Rows {
        let slot = &mut self.rows[item.name.0 as usize];
        match slot {
            Some(rows) => rows,
            None => {
                let name = self.config.word(item, 0).unwrap_or_default();
                slot.insert(tables::lookup(&name))
            }
        }
    }

    /// `ngx_conf_handler`.
    fn directive(&mut self, item: Item, context: &str, is_block: bool) -> Option<String> {
        let rows = self.rows_of(item);
        let name = || printable(&self.config.word(item, 0).unwrap_or_default());
        if rows.is_empty() {
            return self.misspelt(item);
        }
        let fitting: Vec<&Directive> = rows.iter().filter(|row| row.allowed_in(context)).collect();
        if fitting.is_empty() {
            return Some(format!("\"{}\" directive is not allowed here", name()));
        }
        let count = self.config.arg_count(item);
        let is_template = || {
            let mut args = self.config.args(item).into_iter();
            args.any(|arg| template_hole(&arg).is_some())
        };
        if !fitting.iter().any(|row| row.block == is_block) {
            let name = name();
            return Some(match is_block {
                true => format!("directive \"{name}\" is not terminated by \";\""),
                false => format!("directive \"{name}\" has no opening \"{{\""),
            });
        }
        if !fitting.iter().any(|row| takes(row.args, count)) {
            let why = || format!("invalid number of arguments in \"{}\" directive", name());
            return (!is_template()).then(why);
        }
        let [row] = fitting.as_slice() else {
            return None;
        };
        let first = self.config.word(item, 1)?;
        match refuses(row.slot, &first) && !is_template() {
            false => None,
            true if row.slot == "flag" => Some(format!(
                "invalid value \"{}\" in \"{}\" directive, it must be \"on\" or \"off\"",
                printable(&first),
                name()
            )),
            true => Some(format!("\"{}\" directive invalid value", name())),
        }
    }

    /// A name that no nginx has, but nearly. Whole unknown names belong to other modules.
    fn misspelt(&self, item: Item) -> Option<String> {
        let name = self.config.word(item, 0)?;
        let near = tables::nearest(&name)?;
        let name = printable(&name);
        Some(format!(
            "unknown directive \"{name}\", perhaps `{near}` is meant"
        ))
    }

    /// Values of a plain type may stand once in a block.
    fn duplicate(&mut self, item: Item, context: &str, before: &[Item]) -> Option<String> {
        const ONCE: [&str; 9] = [
            "flag", "msec", "sec", "size", "offset", "number", "text", "buffers", "choice",
        ];
        let rows = self.rows_of(item);
        let mut fitting = rows.iter().filter(|row| row.allowed_in(context));
        let (row, None) = (fitting.next()?, fitting.next()) else {
            return None;
        };
        let is_twice = ONCE.contains(&row.slot) && before.iter().any(|b| b.name == item.name);
        is_twice.then(|| format!("\"{}\" directive is duplicate", row.name))
    }
}

/// The context of a scope in the words of the tables; `None` where the tables say nothing: bodies
/// of data, other protocols, and the surroundings of a fragment.
fn context(config: &Config, id: ScopeId) -> Option<&'static str> {
    let scope = config.scope(id);
    Some(match scope.kind {
        ScopeKind::Main if config.is_fragment() => return None,
        ScopeKind::Main => "main",
        ScopeKind::Http => "http",
        ScopeKind::Server => "server",
        ScopeKind::Location => "location",
        ScopeKind::If => match config.enclosing(id, ScopeKind::Location) {
            Some(_) => "location-if",
            None => "server-if",
        },
        ScopeKind::LimitExcept => "limit_except",
        ScopeKind::Upstream => "upstream",
        ScopeKind::Map => return None,
        ScopeKind::Other => {
            let name = config.word(scope.opener?, 0)?;
            let outer = config.scope(scope.parent?).kind;
            return (outer == ScopeKind::Main && *name == *b"events").then_some("events");
        }
    })
}

/// Whether a form such as `1`, `1-2`, `1+`, `flag`, `any` takes so many arguments.
fn takes(forms: &str, count: usize) -> bool {
    forms.split(' ').any(|form| {
        if let Some(least) = form.strip_suffix('+') {
            return least.parse().is_ok_and(|least: usize| count >= least);
        }
        match (form, form.split_once('-')) {
            ("any", _) => true,
            ("flag", _) => count == 1,
            (_, Some((least, most))) => {
                let within = |least: usize, most: usize| (least..=most).contains(&count);
                matches!((least.parse(), most.parse()), (Ok(l), Ok(m)) if within(l, m))
            }
            (exact, None) => exact.parse() == Ok(count),
        }
    })
}

/// Whether a slot refuses a value.
fn refuses(slot: &str, text: &[u8]) -> bool {
    match slot {
        "flag" => !text.eq_ignore_ascii_case(b"on") && !text.eq_ignore_ascii_case(b"off"),
        "msec" => value::time_msec(text).is_err(),
        "sec" => value::time_sec(text).is_err(),
        "size" => value::size(text).is_err(),
        "offset" => value::offset(text).is_err(),
        "number" => text.is_empty() || !text.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}
