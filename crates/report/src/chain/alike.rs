//! Which ladders look the same and are drawn once.

use base::ladder::Ladder;
use base::{Origin, SortedMap};

/// Ladders that look the same, in the order of the first of each.
pub(super) struct Alike<'a> {
    /// The one that is drawn.
    pub first: &'a Ladder,
    /// How many there are besides.
    pub more: usize,
    /// The values are the same, but written in other places.
    pub elsewhere: bool,
}

/// Every distinct drawing.
pub(super) fn groups(ladders: &[Ladder]) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    let mut index: SortedMap<String, usize> = SortedMap::new();
    for ladder in ladders {
        let key = look(ladder);
        match index.get(&key) {
            Some(&at) => {
                let group = &mut groups[at];
                group.more += 1;
                group.elsewhere |= ladder.rungs != group.first.rungs;
                group.elsewhere |= ladder.target != group.first.target;
            }
            None => {
                index.insert(key, groups.len());
                groups.push(Alike {
                    first: ladder,
                    more: 0,
                    elsewhere: false,
                });
            }
        }
    }
    groups
}

/// Everything about a ladder except its names and the places where its values are written.
fn look(ladder: &Ladder) -> String {
    let rungs = ladder.rungs.iter().map(|rung| {
        let origin = rung.origin.as_ref().map(|origin| match origin {
            Origin::Here(_) => "here",
            Origin::Inherited(_) => "inherited",
            Origin::Overriding { .. } => "overriding",
            Origin::Default { version, .. } => version,
        });
        let ends = (rung.ends_sleeping, rung.ends_busy);
        format!(
            "{:?} {} {:?} {:?} {origin:?} {} {ends:?}",
            rung.actor, rung.name, rung.limit, rung.latest, rung.measures
        )
    });
    let rungs: Vec<String> = rungs.collect();
    let pool = ladder.pool.as_ref().map(|_| ());
    format!("{rungs:?} {pool:?} {:?} {:?}", ladder.sleeping, ladder.busy)
}
