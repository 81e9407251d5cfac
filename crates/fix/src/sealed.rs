//! Bytes that something else decides, such as the values in the holes of a template: nothing is
//! written over them.

use std::ops::Range;

use base::source::printable;
use base::{SortedMap, Sources, Span};

use crate::Change;
use crate::rounds::{Edits, Key, Resolve, key_of};

/// The places of such bytes, which move as edits are made around them, and why each is one.
pub(crate) struct Sealed(SortedMap<Key, Vec<(Range<u32>, String)>>);

impl Sealed {
    /// Those of files as they were read.
    pub(crate) fn of(sources: &Sources, resolve: &Resolve<'_>) -> Sealed {
        let mut out: SortedMap<Key, Vec<(Range<u32>, String)>> = SortedMap::new();
        for (id, source) in sources.iter() {
            let Some((_, map)) = &source.outer else {
                continue;
            };
            for inner in map.filled() {
                let place = sources.outward(Span::new(id, inner.start, inner.end));
                let why = match map.why_not(inner.clone()) {
                    Some(why) => format!("{}: {why}: change it there", sources.place(place)),
                    None => format!(
                        "`{}` ({}) is filled in elsewhere: change its value there",
                        printable(sources.text(place)),
                        sources.place(place)
                    ),
                };
                let key = (
                    source.via.clone(),
                    resolve(source.via.as_deref(), &source.path),
                );
                out.entry(key).or_default().push((inner, why));
            }
        }
        Sealed(out)
    }

    /// Why a change cannot be made.
    pub(crate) fn refuses(
        &self,
        sources: &Sources,
        resolve: &Resolve<'_>,
        change: &Change,
    ) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        change.edits.iter().find_map(|edit| {
            let places = self.0.get(&key_of(sources, resolve, edit))?;
            let span = edit.span;
            let mut hit = places
                .iter()
                .filter(|(place, _)| place.start < span.end && span.start < place.end);
            hit.next().map(|(_, why)| why.clone())
        })
    }

    /// The places after edits that touch none of them.
    pub(crate) fn follow(&mut self, edits: &Edits) {
        for (key, (_, list)) in edits {
            let places = self.0.get_mut(key).into_iter().flatten();
            for (place, _) in places {
                let mut moved: i64 = 0;
                for edit in list.iter().filter(|edit| edit.span.end <= place.start) {
                    let gone = i64::from(edit.span.end - edit.span.start);
                    moved += i64::try_from(edit.text.len()).unwrap_or(0) - gone;
                }
                let at = |at: u32| u32::try_from(i64::from(at) + moved).unwrap_or(u32::MAX);
                *place = at(place.start)..at(place.end);
            }
        }
    }
}
