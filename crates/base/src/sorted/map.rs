//! The map.

use std::borrow::Borrow;
use std::fmt;
use std::ops::{Bound, RangeBounds};

use super::iter::{IntoIter, IntoKeys, Iter, Keys};

/// The most entries of a chunk.
const FULL: usize = 128;

/// A map in the order of its keys.
#[derive(Clone)]
pub struct SortedMap<K, V> {
    /// None is empty, and none longer than [`FULL`].
    pub(super) chunks: Vec<Vec<(K, V)>>,
}

/// Where the chunks end depends on the order in which keys came, and says nothing.
impl<K: PartialEq, V: PartialEq> PartialEq for SortedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for SortedMap<K, V> {}

/// The first of so many places that is not below. Unlike `partition_point` it becomes a part of
/// its caller, and is a third of the code.
#[inline(always)]
fn halve(mut high: usize, is_below: impl Fn(usize) -> bool) -> usize {
    let mut low = 0;
    while low < high {
        let middle = low + (high - low) / 2;
        match is_below(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

/// A chunk, and a place in it.
type At = (usize, usize);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        SortedMap { chunks: Vec::new() }
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// An empty map.
    pub fn new() -> Self {
        SortedMap::default()
    }

    /// Where a key is, or where it would be put: into an existing chunk, unless there is none.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<At, At>
    where
        K: Borrow<Q>,
    {
        let is_below = |chunk: &Vec<(K, V)>, place: usize| chunk[place].0.borrow() < key;
        let at = halve(self.chunks.len(), |at| {
            let chunk = &self.chunks[at];
            is_below(chunk, chunk.len() - 1)
        });
        let Some(chunk) = self.chunks.get(at) else {
            let at = at.saturating_sub(1);
            return Err((at, self.chunks.get(at).map_or(0, Vec::len)));
        };
        let place = halve(chunk.len(), |place| is_below(chunk, place));
        // It is not below, so it is the one when the key is not below it.
        match key < chunk[place].0.borrow() {
            true => Err((at, place)),
            false => Ok((at, place)),
        }
    }

    /// Puts an entry where [`Self::find`] has not found it.
    fn put(&mut self, (mut at, mut place): At, key: K, value: V) -> &mut V {
        let count = self.chunks.len();
        match self.chunks.get_mut(at) {
            None => self.chunks.push(Vec::new()),
            Some(chunk) if chunk.len() < FULL => {}
            // Keys that come in their order leave full chunks behind.
            Some(_) if at + 1 == count && place == FULL => {
                self.chunks.push(Vec::new());
                (at, place) = (count, 0);
            }
            Some(chunk) => {
                let rest = chunk.split_off(FULL / 2);
                self.chunks.insert(at + 1, rest);
                if place > FULL / 2 {
                    (at, place) = (at + 1, place - FULL / 2);
                }
            }
        }
        let chunk = &mut self.chunks[at];
        chunk.insert(place, (key, value));
        &mut chunk[place].1
    }

    fn take(&mut self, (at, place): At) -> (K, V) {
        let chunk = &mut self.chunks[at];
        let taken = chunk.remove(place);
        if chunk.is_empty() {
            self.chunks.remove(at);
        }
        taken
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (at, place) = self.find(key).ok()?;
        Some(&self.chunks[at][place].1)
    }

    /// The value of a key, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (at, place) = self.find(key).ok()?;
        Some(&mut self.chunks[at][place].1)
    }

    /// Whether there is a value for the key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets a key's value, and gives the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok((at, place)) => Some(std::mem::replace(&mut self.chunks[at][place].1, value)),
            Err(at) => {
                self.put(at, key, value);
                None
            }
        }
    }

    /// Takes a key's value out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        Some(self.take(at).1)
    }

    /// A key's value, or its place.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let at = self.find(&key);
        Entry { map: self, key, at }
    }

    /// The entries from one bound to the other; none when the first lies behind the second.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let from = match range.start_bound() {
            Bound::Unbounded => (0, 0),
            Bound::Included(key) => self.find(key).unwrap_or_else(|at| at),
            Bound::Excluded(key) => self.behind(key),
        };
        let to = match range.end_bound() {
            Bound::Unbounded => (self.chunks.len(), 0),
            Bound::Included(key) => self.behind(key),
            Bound::Excluded(key) => self.find(key).unwrap_or_else(|at| at),
        };
        Iter::between(&self.chunks, from, to)
    }

    /// The place behind a key.
    fn behind<Q: Ord + ?Sized>(&self, key: &Q) -> At
    where
        K: Borrow<Q>,
    {
        match self.find(key) {
            Ok((at, place)) => (at, place + 1),
            Err(at) => at,
        }
    }
}

impl<K, V> SortedMap<K, V> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The entries.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::between(&self.chunks, (0, 0), (self.chunks.len(), 0))
    }

    /// The keys.
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys(self.iter())
    }

    /// The values.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The values, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.chunks.iter_mut().flatten().map(|(_, value)| value)
    }

    /// The entries, to change their values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        let entries = self.chunks.iter_mut().flatten();
        entries.map(|(key, value)| (&*key, value))
    }

    /// The keys, taken out.
    pub fn into_keys(self) -> IntoKeys<K, V> {
        IntoKeys(self.into_iter())
    }

    /// The values, taken out.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// The first entry.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        let (key, value) = self.chunks.first()?.first()?;
        Some((key, value))
    }

    /// The last entry.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        let (key, value) = self.chunks.last()?.last()?;
        Some((key, value))
    }

    /// Takes the last entry out.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        let chunk = self.chunks.last_mut()?;
        let last = chunk.pop();
        if chunk.is_empty() {
            self.chunks.pop();
        }
        last
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.chunks.clear();
    }

    /// Removes what does not pass.
    pub fn retain(&mut self, mut passes: impl FnMut(&K, &mut V) -> bool) {
        for chunk in &mut self.chunks {
            chunk.retain_mut(|(key, value)| passes(key, value));
        }
        self.chunks.retain(|chunk| !chunk.is_empty());
    }
}

/// A key's value, or its place.
pub struct Entry<'m, K, V> {
    map: &'m mut SortedMap<K, V>,
    key: K,
    at: Result<At, At>,
}

impl<'m, K: Ord, V> Entry<'m, K, V> {
    /// The value, or the one that is made for it.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'m mut V {
        match self.at {
            Ok((at, place)) => &mut self.map.chunks[at][place].1,
            Err(at) => self.map.put(at, self.key, make()),
        }
    }

    /// The value, or this one.
    pub fn or_insert(self, value: V) -> &'m mut V {
        self.or_insert_with(|| value)
    }

    /// The value, or an empty one.
    pub fn or_default(self) -> &'m mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> std::ops::Index<&Q> for SortedMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the map has no such key")
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = SortedMap::default();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter::new(self.chunks)
    }
}

impl<'m, K, V> IntoIterator for &'m SortedMap<K, V> {
    type Item = (&'m K, &'m V);
    type IntoIter = Iter<'m, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
