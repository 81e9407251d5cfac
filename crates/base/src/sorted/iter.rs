//! Ways through the entries.

use std::{slice, vec};

/// The entries, from either end.
#[derive(Clone)]
pub struct Iter<'m, K, V> {
    front: slice::Iter<'m, (K, V)>,
    middle: slice::Iter<'m, Vec<(K, V)>>,
    back: slice::Iter<'m, (K, V)>,
}

impl<'m, K, V> Iter<'m, K, V> {
    /// From one place to before the other; a place behind its chunk's end is one.
    pub(super) fn between(
        chunks: &'m [Vec<(K, V)>],
        from: (usize, usize),
        to: (usize, usize),
    ) -> Self {
        let part = |at: usize, from: usize, to: usize| {
            let chunk = chunks.get(at).map_or(&[][..], Vec::as_slice);
            let to = to.min(chunk.len());
            chunk[from.min(to)..to].iter()
        };
        if from.0 >= to.0 {
            return Iter {
                front: match from.0 == to.0 {
                    true => part(from.0, from.1, to.1),
                    false => [].iter(),
                },
                middle: [].iter(),
                back: [].iter(),
            };
        }
        Iter {
            front: part(from.0, from.1, usize::MAX),
            middle: chunks[from.0 + 1..to.0].iter(),
            back: part(to.0, 0, to.1),
        }
    }
}

impl<'m, K, V> Iterator for Iter<'m, K, V> {
    type Item = (&'m K, &'m V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.front.next() {
                return Some((key, value));
            }
            self.front = match self.middle.next() {
                Some(chunk) => chunk.iter(),
                None => std::mem::take(&mut self.back),
            };
            if self.front.as_slice().is_empty() {
                return None;
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ends = self.front.len() + self.back.len();
        let middle: usize = self.middle.clone().map(Vec::len).sum();
        (ends + middle, Some(ends + middle))
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.back.next_back() {
                return Some((key, value));
            }
            self.back = match self.middle.next_back() {
                Some(chunk) => chunk.iter(),
                None => std::mem::take(&mut self.front),
            };
            if self.back.as_slice().is_empty() {
                return None;
            }
        }
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

/// The entries, taken out.
pub struct IntoIter<K, V> {
    front: vec::IntoIter<(K, V)>,
    rest: vec::IntoIter<Vec<(K, V)>>,
}

impl<K, V> IntoIter<K, V> {
    pub(super) fn new(chunks: Vec<Vec<(K, V)>>) -> Self {
        IntoIter {
            front: Vec::new().into_iter(),
            rest: chunks.into_iter(),
        }
    }
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.front.next() {
                return Some(entry);
            }
            self.front = self.rest.next()?.into_iter();
        }
    }
}

/// The keys, from either end.
#[derive(Clone)]
pub struct Keys<'m, K, V>(pub(super) Iter<'m, K, V>);

impl<'m, K, V> Iterator for Keys<'m, K, V> {
    type Item = &'m K;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for Keys<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some(self.0.next_back()?.0)
    }
}

impl<K, V> ExactSizeIterator for Keys<'_, K, V> {}

/// The keys, taken out.
pub struct IntoKeys<K, V>(pub(super) IntoIter<K, V>);

impl<K, V> Iterator for IntoKeys<K, V> {
    type Item = K;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.0)
    }
}
