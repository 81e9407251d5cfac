//! Where it happened: routes, pools and scripts over all causes.

use base::SortedMap;
use base::diagnosis::{Counted, Diagnosis, Group};

use super::markup::Html;
use super::section;
use super::tables::{Column, link, table};

/// How often a name occurs, and in which causes.
type Places = SortedMap<String, (u64, Vec<usize>)>;

/// Which list of a cause is meant.
type ListOf = fn(&Group) -> &[Counted];

/// Routes, pools and scripts over all causes.
pub(super) fn draw(diagnosis: &Diagnosis, h: &mut Html) {
    if diagnosis.groups.is_empty() {
        return;
    }
    let lists: [(&str, &str, &'static str, ListOf); 3] = [
        ("routes-table", "By route", "route", |g| &g.routes),
        ("pools-table", "By pool", "pool", |g| &g.pools),
        ("scripts-table", "By script", "script", |g| &g.scripts),
    ];
    section("where", "Where it happened", h, |h| {
        h.raw("<p class=\"quiet\">Of each cause the worst ten are counted.</p>");
        for (id, caption, name, list) in lists {
            let mut places = Places::new();
            for (index, group) in diagnosis.groups.iter().enumerate() {
                for item in list(group) {
                    let entry = places.entry(item.name.clone()).or_default();
                    entry.0 += item.count;
                    entry.1.push(index);
                }
            }
            if !places.is_empty() {
                place_table(id, caption, name, places, &diagnosis.groups, h);
            }
        }
    });
}

fn place_table(
    id: &str,
    caption: &str,
    name: &'static str,
    places: Places,
    groups: &[Group],
    h: &mut Html,
) {
    let mut places: Vec<_> = places.into_iter().collect();
    // What is not named comes last, however much it is.
    places.sort_by_key(|(name, (n, _))| (name.is_empty(), std::cmp::Reverse(*n)));
    let columns = [
        Column::text(name),
        Column::number("count"),
        Column::text("causes"),
    ];
    table(id, caption, &columns, h, |rows| {
        for (name, (n, causes)) in &places {
            rows.row(|row| {
                row.cell("", |h| match name.is_empty() {
                    true => h.raw("others"),
                    false => h.excerpt(name),
                });
                row.number(*n);
                row.cell("", |h| {
                    for (at, index) in causes.iter().enumerate() {
                        h.raw(if at > 0 { ", " } else { "" });
                        link(*index, &groups[*index], h);
                    }
                });
            });
        }
    });
}
