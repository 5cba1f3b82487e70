//! Many records in a row, held in pieces: none is moved when more come, what several processors read is joined
//! without a copy, and whoever takes them one by one gives their memory back on the way.

use domain::evidence::Evidence;
use std::iter::Flatten;

/// So many records a piece has at most.
const PIECE: usize = 2_048;

/// Records in order. Those of one file are in the order of the file until they are put in order.
#[derive(Clone, Default)]
pub struct Records {
    /// None is empty.
    pieces: Vec<Vec<Evidence>>,
}

impl Records {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The one at `place`, counted from 0.
    pub fn get(&self, place: usize) -> Option<&Evidence> {
        self.iter().nth(place)
    }

    /// The first one.
    pub fn first(&self) -> Option<&Evidence> {
        self.iter().next()
    }

    /// Each, without taking it away.
    pub fn iter(&self) -> Flatten<std::slice::Iter<'_, Vec<Evidence>>> {
        self.pieces.iter().flatten()
    }

    /// Each, to be changed.
    pub fn iter_mut(&mut self) -> Flatten<std::slice::IterMut<'_, Vec<Evidence>>> {
        self.pieces.iter_mut().flatten()
    }

    /// One more at the end.
    pub fn push(&mut self, one: Evidence) {
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < piece.capacity() => piece.push(one),
            before => {
                // Small files take little, and large ones ask rarely.
                let room = before.map_or(4, |piece| piece.len() * 2).min(PIECE);
                let mut piece = Vec::with_capacity(room);
                piece.push(one);
                self.pieces.push(piece);
            }
        }
    }

    /// All of `more` at the end, which is empty then.
    pub fn append(&mut self, more: &mut Self) {
        self.pieces.append(&mut more.pieces);
    }

    /// Only those of which `keep` says so.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Evidence) -> bool) {
        for piece in &mut self.pieces {
            piece.retain(&mut keep);
        }
        self.pieces.retain(|piece| !piece.is_empty());
    }

    /// The pieces that they are held in, for several processors.
    pub(crate) fn pieces(&self) -> &[Vec<Evidence>] {
        &self.pieces
    }
}

impl Extend<Evidence> for Records {
    fn extend<T: IntoIterator<Item = Evidence>>(&mut self, more: T) {
        more.into_iter().for_each(|one| self.push(one));
    }
}

impl FromIterator<Evidence> for Records {
    fn from_iter<T: IntoIterator<Item = Evidence>>(all: T) -> Self {
        let mut records = Self::default();
        records.extend(all);
        records
    }
}

impl From<Vec<Evidence>> for Records {
    fn from(all: Vec<Evidence>) -> Self {
        Self { pieces: if all.is_empty() { Vec::new() } else { vec![all] } }
    }
}

impl IntoIterator for Records {
    type Item = Evidence;
    type IntoIter = Flatten<std::vec::IntoIter<Vec<Evidence>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.pieces.into_iter().flatten()
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = &'a Evidence;
    type IntoIter = Flatten<std::slice::Iter<'a, Vec<Evidence>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Records {
    type Item = &'a mut Evidence;
    type IntoIter = Flatten<std::slice::IterMut<'a, Vec<Evidence>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl std::ops::Index<usize> for Records {
    type Output = Evidence;

    /// The one at `place`.
    ///
    /// # Panics
    /// If there are not so many, as a slice does.
    fn index(&self, place: usize) -> &Evidence {
        let mut left = place;
        for piece in &self.pieces {
            match left.checked_sub(piece.len()) {
                Some(rest) => left = rest,
                None => return &piece[left],
            }
        }
        panic!("there is no record {place}")
    }
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl PartialEq for Records {
    /// How they are held makes no difference.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl Eq for Records {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::Collector;
    use domain::evidence::{Signal, Source};

    fn records(count: usize) -> Records {
        let collector = Collector::new(Source::Csv);
        (0..count).map(|n| collector.piece(Signal::Note, n.to_string(), None, "")).collect()
    }

    #[test]
    fn order_stays_however_they_are_held() {
        for (a, b) in [(0, 0), (0, 3), (1, 1), (5_000, 0), (3, 5_000), (2_048, 2_049)] {
            let (mut all, mut more) = (records(a), records(b));
            let ids: Vec<String> = all.iter().chain(&more).map(|it| it.source_id.clone()).collect();
            all.append(&mut more);
            assert_eq!((all.len(), more.len(), all.is_empty()), (a + b, 0, a + b == 0));
            assert_eq!(all.iter().map(|it| it.source_id.clone()).collect::<Vec<_>>(), ids);
            assert_eq!(all, all.iter().cloned().collect::<Vec<_>>().into());
            assert_eq!(all.get(a).map(|it| it.source_id.as_str()), (b > 0).then_some("0"));
            all.retain(|it| it.source_id == "0");
            assert_eq!(all.len(), usize::from(a > 0) + usize::from(b > 0));
            assert_eq!(all.into_iter().count(), ids.iter().filter(|id| *id == "0").count());
        }
    }
}
