//! What keeps nginx from starting, as far as the directive tables tell: a directive in the wrong
//! place, with the wrong number of arguments, twice, or with a value that its type refuses
//! (`ngx_conf_handler` and the `ngx_conf_set_*_slot` functions in `src/core/ngx_conf_file.c`).
//!
//! The classic is a missing `;`: nginx then takes the next line for arguments.

use std::rc::Rc;

use base::source::printable;
use base::{ProblemKind, SortedSet, Span};

use super::config::{Config, Item, Scope, ScopeId, ScopeKind};
use super::{Modifier, value};
use crate::load::Loader;
use crate::tables::{self, Directive};

/// nginx itself stops at the first.
const MOST: usize = 20;

/// The rows of a name that fit a context, and whether the name is known at all.
#[derive(Clone)]
struct Fitting {
    rows: Rc<[&'static Directive]>,
    is_known: bool,
}

/// Puts what nginx would refuse into the problems.
pub(crate) fn check(loader: &mut Loader<'_>, config: &Config) {
    let mut checker = Checker {
        config,
        fitting: vec![[const { None }; CONTEXTS.len()]; config.name_count()],
        refused: Vec::new(),
        seen: SortedSet::new(),
    };
    for (id, scope) in config.scopes() {
        if checker.refused.len() > MOST {
            break;
        }
        checker.scope(id, scope);
    }
    let refused = checker.refused;
    let has_events = config
        .scopes()
        .any(|(id, _)| context(config, id) == Some(EVENTS));
    if !has_events && !config.is_fragment() && !config.has_gap(ScopeId(0)) {
        let message = "no \"events\" section in configuration; nginx would refuse to start";
        loader.problem(ProblemKind::Syntax, config.start(), message.to_owned());
    }
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
    /// For each name and context, looked up once.
    fitting: Vec<[Option<Fitting>; CONTEXTS.len()]>,
    refused: Vec<(Span, String)>,
    /// An include is read in many places and reported in one.
    seen: SortedSet<Span>,
}

impl Checker<'_> {
    fn scope(&mut self, id: ScopeId, scope: &Scope) {
        let Some(context) = context(self.config, id) else {
            return;
        };
        self.duplicate_locations(scope);
        let openers = scope
            .children
            .iter()
            .filter_map(|id| self.config.scope(*id).opener);
        let blocks: Vec<Item> = openers.collect();
        let mut before: Vec<Item> = Vec::new();
        for item in &scope.items {
            // Behind an error nothing stands where it seems to.
            if self.config.is_broken(*item) {
                continue;
            }
            let fitting = self.fitting(*item, context);
            let why = self.directive(*item, &fitting, false);
            if self.config.unsure(*item).is_some() {
                self.refuse(*item, why);
                continue;
            }
            let why = why.or_else(|| duplicate(*item, &fitting, &before));
            self.refuse(*item, why);
            before.push(*item);
        }
        for item in blocks
            .into_iter()
            .filter(|item| !self.config.is_broken(*item))
        {
            let fitting = self.fitting(item, context);
            let why = self.directive(item, &fitting, true);
            self.refuse(item, why);
        }
    }

    /// Two that match the same path alike (`ngx_http_cmp_locations` and its caller): `^~` is a
    /// prefix as any other. Expressions and named ones may be there twice.
    fn duplicate_locations(&mut self, scope: &Scope) {
        let mut seen: SortedSet<(bool, Vec<u8>)> = SortedSet::new();
        for id in &scope.children {
            let Some((modifier, text)) = self.config.location(*id) else {
                continue;
            };
            let is_plain = matches!(
                modifier,
                Modifier::Exact | Modifier::Prefix | Modifier::PrefixOnly
            );
            let Some(opener) = self.config.scope(*id).opener.filter(|_| is_plain) else {
                continue;
            };
            if self.config.unsure(opener).is_none()
                && !seen.insert((modifier == Modifier::Exact, text.to_vec()))
            {
                let why = format!("duplicate location \"{}\"", printable(&text));
                self.refuse(opener, Some(why));
            }
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

    fn fitting(&mut self, item: Item, context: usize) -> Fitting {
        let slot = &mut self.fitting[item.name.0 as usize][context];
        let look_up = || {
            let name = self.config.word(item, 0).unwrap_or_default();
            let rows = tables::lookup(&name);
            let fit = rows.iter().filter(|row| row.allowed_in(CONTEXTS[context]));
            Fitting {
                rows: fit.collect(),
                is_known: !rows.is_empty(),
            }
        };
        slot.get_or_insert_with(look_up).clone()
    }

    /// `ngx_conf_handler`.
    fn directive(&self, item: Item, fitting: &Fitting, is_block: bool) -> Option<String> {
        let name = || printable(&self.config.word(item, 0).unwrap_or_default());
        if !fitting.is_known {
            return self.misspelt(item);
        }
        let rows = &fitting.rows;
        if rows.is_empty() {
            return Some(format!("\"{}\" directive is not allowed here", name()));
        }
        if !rows.iter().any(|row| row.block == is_block) {
            let name = name();
            return Some(match is_block {
                true => format!("directive \"{name}\" is not terminated by \";\""),
                false => format!("directive \"{name}\" has no opening \"{{\""),
            });
        }
        let count = self.config.arg_count(item);
        let why = if !rows.iter().any(|row| takes(row.args, count)) {
            let hint = match self.swallows_a_line(item) {
                true => "; perhaps the `;` at the end of its line is missing",
                false => "",
            };
            format!(
                "invalid number of arguments in \"{}\" directive{hint}",
                name()
            )
        } else {
            self.bad_value(item, rows)?
        };
        (!self.config.has_hole(item)).then_some(why)
    }

    fn bad_value(&self, item: Item, rows: &[&Directive]) -> Option<String> {
        let [row] = rows else { return None };
        let first = self.config.word(item, 1)?;
        if !refuses(row.slot, &first) {
            return None;
        }
        let (name, first) = (row.name, printable(&first));
        Some(match row.slot {
            "flag" => format!(
                "invalid value \"{first}\" in \"{name}\" directive, it must be \"on\" or \"off\""
            ),
            _ => format!("\"{name}\" directive invalid value"),
        })
    }

    /// Whether a directive goes on in the next line with the name of another.
    fn swallows_a_line(&self, item: Item) -> bool {
        let count = self.config.arg_count(item);
        (1..=count).any(|index| {
            let word = self.config.word(item, index).unwrap_or_default();
            !tables::lookup(&word).is_empty() && self.config.is_first_of_line(item, index)
        })
    }

    /// A name that no nginx has, but nearly. Whole unknown names belong to other modules.
    fn misspelt(&self, item: Item) -> Option<String> {
        let name = self.config.word(item, 0)?;
        // Of a few letters everything is near to something.
        let is_word = |b: &u8| b.is_ascii_lowercase() || *b == b'_' || b.is_ascii_digit();
        if name.len() < 5 || !name.iter().all(is_word) {
            return None;
        }
        let near = tables::nearest(&name)?;
        let name = printable(&name);
        Some(format!(
            "unknown directive \"{name}\", perhaps `{near}` is meant"
        ))
    }
}

/// Values of a plain type may stand once in a block.
fn duplicate(item: Item, fitting: &Fitting, before: &[Item]) -> Option<String> {
    const ONCE: [&str; 9] = [
        "flag", "msec", "sec", "size", "offset", "number", "text", "buffers", "choice",
    ];
    let [row] = &*fitting.rows else { return None };
    let is_twice = ONCE.contains(&row.slot) && before.iter().any(|b| b.name == item.name);
    is_twice.then(|| format!("\"{}\" directive is duplicate", row.name))
}

/// Index of `events` below.
const EVENTS: usize = 1;

/// The contexts in the words of the tables.
const CONTEXTS: [&str; 9] = [
    "main",
    "events",
    "http",
    "server",
    "server-if",
    "location",
    "location-if",
    "limit_except",
    "upstream",
];

/// The context of a scope; `None` where the tables say nothing: bodies of data, other protocols,
/// and the surroundings of a fragment.
fn context(config: &Config, id: ScopeId) -> Option<usize> {
    let scope = config.scope(id);
    let name = match scope.kind {
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
            (outer == ScopeKind::Main && *name == *b"events").then_some("events")?
        }
    };
    CONTEXTS.iter().position(|context| *context == name)
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
