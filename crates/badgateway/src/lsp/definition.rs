//! Where things are made and used: upstreams, included files, pools, variables.

use base::Span;
use model::nginx::{Config, Route, ScopeKind};
use model::{Backend, PoolId};
use serde_json::{Value, json};
use syntax::nginx::{NodeId, Tree};

use super::place::{Directive, Here, Layer, directives, entry, touches, variable};
use super::world::See;

/// Where what stands at a place is made.
pub(crate) fn definition(see: &See<'_>, here: Here) -> Value {
    let model = &see.world.model;
    let mut out = included(see, here);
    for directive in directives(model, here) {
        let config = &directive.nginx.config;
        if let Some(name) = variable(model, here) {
            out.extend(
                made(config, &name)
                    .iter()
                    .filter_map(|at| see.location(*at)),
            );
        } else {
            let spans = targets(see, &directive, here);
            out.extend(spans.iter().filter_map(|at| see.location(*at)));
        }
    }
    distinct(out)
}

fn distinct(places: Vec<Value>) -> Value {
    let mut out: Vec<Value> = Vec::new();
    for place in places {
        if !out.contains(&place) {
            out.push(place);
        }
    }
    Value::Array(out)
}

/// The files behind an `include`. The model has put them in its place, so the tree is asked.
fn included(see: &See<'_>, (file, at): Here) -> Vec<Value> {
    let mut out = Vec::new();
    let start = json!({"line": 0, "character": 0});
    for nginx in &see.world.model.nginx {
        let config = &nginx.config;
        let Some((tree, bytes)) = config.tree_of(file) else {
            continue;
        };
        let mut todo: Vec<NodeId> = tree.roots().collect();
        while let Some(node) = todo.pop() {
            todo.extend(tree.children(node));
            let [name, word, ..] = tree.words(node) else {
                continue;
            };
            let is_here = (word.start..=word.end).contains(&at);
            if !is_here || *Tree::value(bytes, *name) != *b"include" {
                continue;
            }
            let pattern = config.absolute(&Tree::value(bytes, *word));
            for uri in see.glob(&pattern).iter().filter_map(|p| see.uri_at(p)) {
                out.push(json!({"uri": uri, "range": {"start": start, "end": start}}));
            }
        }
    }
    out
}

/// Where a variable gets its values.
fn made(config: &Config, name: &str) -> Vec<Span> {
    let is_it = |word: Option<std::borrow::Cow<'_, [u8]>>| {
        word.is_some_and(|word| *word == *name.as_bytes())
    };
    let sets = config.everywhere("set").map(|(_, item)| item);
    let sets = sets.filter(|item| is_it(config.word(*item, 1)));
    let blocks = config.scopes().filter_map(|(_, scope)| scope.opener);
    let blocks = blocks.filter(|opener| {
        let word = config.word(*opener, 0).unwrap_or_default();
        let makes = matches!(&*word, b"map" | b"geo" | b"split_clients");
        makes && is_it(config.word(*opener, config.arg_count(*opener)))
    });
    sets.chain(blocks).map(|item| config.span(item)).collect()
}

/// The upstream and the pools behind a `…_pass`, or the pool behind a server of an upstream.
fn targets(see: &See<'_>, directive: &Directive<'_>, here: Here) -> Vec<Span> {
    let nginx = directive.nginx;
    let mut out = Vec::new();
    for route in &nginx.routes {
        let is_pass = route.pass == directive.item;
        if let Some(upstream) = route.upstream.filter(|_| is_pass) {
            let opener = nginx.config.scope(upstream).opener;
            out.extend(opener.map(|opener| nginx.config.span(opener)));
            continue;
        }
        for (peer, backend) in see.world.model.backends(route) {
            if let Backend::Pool(pool) = backend
                && (is_pass || touches(peer.span, here))
            {
                out.extend(listens(see, pool));
            }
        }
    }
    out
}

/// Where a pool listens.
fn listens(see: &See<'_>, pool: PoolId) -> Option<Span> {
    see.world.model.pool(pool).place()
}

/// Where what stands at a place is used.
pub(crate) fn references(see: &See<'_>, here: Here) -> Value {
    let model = &see.world.model;
    let mut spans = Vec::new();
    let passes = |wanted: &dyn Fn(&Route) -> bool| -> Vec<Span> {
        let routes = model.routes().filter(|(_, route)| wanted(route));
        routes
            .map(|(nginx, route)| nginx.config.span(route.pass))
            .collect()
    };
    for directive in directives(model, here) {
        let config = &directive.nginx.config;
        let opened = directive.opens;
        let is_upstream = opened.is_some_and(|id| config.scope(id).kind == ScopeKind::Upstream);
        if is_upstream {
            let routes = directive.nginx.routes.iter();
            let routes = routes.filter(|route| route.upstream == opened);
            spans.extend(routes.map(|route| config.span(route.pass)));
        }
    }
    if let Some(entry) = entry(model, here)
        && entry.layer == Layer::Pool
        && entry.name.eq_ignore_ascii_case("listen")
        && let Some((id, _)) = entry.pool
    {
        let reaches = |route: &Route| {
            let mut backends = model.backends(route);
            backends.any(|(_, backend)| backend == Backend::Pool(id))
        };
        spans.extend(passes(&reaches));
    }
    distinct(spans.iter().filter_map(|at| see.location(*at)).collect())
}
