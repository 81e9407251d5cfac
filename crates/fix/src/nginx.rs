//! Where a value of nginx is changed or added.

use base::{Edit, Millis, Sources};
use model::Nginx;
use model::nginx::{Config, Item, Route, ScopeKind};

use crate::edit::{line_before, replace_value};
use crate::time::seconds;

/// A route and the time that it needs.
pub(crate) struct Wanted<'m> {
    pub(crate) nginx: &'m Nginx,
    pub(crate) route: &'m Route,
    pub(crate) time: Millis,
}

/// Sets a time for all wanted routes: in the place that is in force where only they get it from
/// there, in a line of their own otherwise.
pub(crate) fn set_time(sources: &Sources, wanted: &[Wanted<'_>], name: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for one in wanted {
        let config = &one.nginx.config;
        let edit = match place(wanted, one, name) {
            Place::Value(item) => {
                let time = longest(wanted, |other| in_force(other, name) == Some(item));
                let span = config.word_span(item, 1);
                let text = &sources.get(span.file).bytes;
                replace_value(text, span, &written(time))
            }
            Place::Before(anchor) => {
                let time = longest(wanted, |other| {
                    other.nginx.config.span(other.route.pass) == config.span(one.route.pass)
                });
                let span = config.span(anchor);
                let text = &sources.get(span.file).bytes;
                let statement = aligned(config, text, anchor, name, &written(time));
                line_before(text, span, &statement)
            }
        };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    edits
}

enum Place {
    /// The directive in force.
    Value(Item),
    /// In front of this directive.
    Before(Item),
}

fn place(wanted: &[Wanted<'_>], one: &Wanted<'_>, name: &str) -> Place {
    let config = &one.nginx.config;
    if let Some((item, inherited)) = config.find(one.route.scope, name) {
        let span = config.span(item);
        let users = one.nginx.routes.iter().filter(|route| {
            let found = config.find(route.scope, name);
            found.is_some_and(|(item, _)| config.span(item) == span)
        });
        let is_wanted = |route: &Route| {
            let same = |w: &&Wanted<'_>| w.route.label == route.label;
            wanted.iter().any(|w| same(&w))
        };
        let mut users = users.filter(|route| route.protocol == one.route.protocol);
        if !inherited || users.all(is_wanted) {
            return Place::Value(item);
        }
    }
    Place::Before(anchor(config, one.route))
}

/// Where a directive of the route's location may stand: not every directive may stand in `if`.
fn anchor(config: &Config, route: &Route) -> Item {
    let mut anchor = route.pass;
    for id in config.outward(route.scope) {
        let scope = config.scope(id);
        match (scope.kind, scope.opener) {
            (ScopeKind::If | ScopeKind::LimitExcept, Some(opener)) => anchor = opener,
            _ => break,
        }
    }
    anchor
}

fn in_force(one: &Wanted<'_>, name: &str) -> Option<Item> {
    one.nginx
        .config
        .find(one.route.scope, name)
        .map(|(item, _)| item)
}

fn longest(wanted: &[Wanted<'_>], is_there: impl Fn(&Wanted<'_>) -> bool) -> Millis {
    let times = wanted
        .iter()
        .filter(|one| is_there(one))
        .map(|one| one.time);
    times.max().unwrap_or_default()
}

fn written(time: Millis) -> Vec<u8> {
    format!("{}s", seconds(time)).into_bytes()
}

/// `name value;` with the value in the column of its neighbour's.
fn aligned(config: &Config, text: &[u8], beside: Item, name: &str, value: &[u8]) -> Vec<u8> {
    let (first, second) = (config.word_span(beside, 0), config.word_span(beside, 1));
    let gap = second.start.saturating_sub(first.end) as usize;
    let blanks = &text[first.end as usize..second.start.max(first.end) as usize];
    let only_blanks = blanks.iter().all(|b| *b == b' ');
    let width = (first.end - first.start) as usize + gap;
    let pad = match gap > 1 && only_blanks && width > name.len() {
        true => width - name.len(),
        false => 1,
    };
    [name.as_bytes(), &b" ".repeat(pad), value, b";"].concat()
}

/// A statement in front of a route's pass.
pub(crate) fn before_pass(sources: &Sources, nginx: &Nginx, route: &Route, new: &[u8]) -> Edit {
    let span = nginx.config.span(route.pass);
    line_before(&sources.get(span.file).bytes, span, new)
}

/// The value of a directive's first argument.
pub(crate) fn set_argument(sources: &Sources, config: &Config, item: Item, new: &[u8]) -> Edit {
    let span = config.word_span(item, 1);
    replace_value(&sources.get(span.file).bytes, span, new)
}
