//! Laying two sequences beside each other.

use super::Part;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
};

/// Pairs of nearly equal pieces are looked for among at most this many.
const PAIRS: usize = 10_000;
/// And by comparing at most this many words.
const WORDS: usize = 4_000_000;
/// From this share of words in common, in thousandths, two pieces count as one that changed.
const LIKE: u64 = 400;

/// Something that stands in a sequence and can change within.
pub(super) trait Piece: Clone + Eq + Hash {
    type Inner;
    /// Every text in it.
    fn each_text(&self, tell: &mut dyn FnMut(&str));
    /// Whether it could have become `after` by changing within.
    fn fits(&self, after: &Self) -> bool;
    /// What changed within, if it fits.
    fn within(&self, after: &Self) -> Option<Self::Inner>;
}

/// Which pieces both sequences have in common, in order: positions in `before` and in `after`, both rising.
/// As many as can be found in reasonable time, which is all unless thousands differ.
pub fn common<T: Eq + Hash>(before: &[T], after: &[T]) -> Vec<(usize, usize)> {
    let (before, after) = named(before, after);
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &before, &after) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            pairs.extend((0..len).map(|n| (old_index + n, new_index + n)));
        }
    }
    pairs
}

/// A small number for each different value, so that large pieces are hashed once.
fn named<T: Eq + Hash>(before: &[T], after: &[T]) -> (Vec<usize>, Vec<usize>) {
    let mut names: HashMap<&T, usize> = HashMap::new();
    let mut name = |value| {
        let next = names.len();
        *names.entry(value).or_insert(next)
    };
    (before.iter().map(&mut name).collect(), after.iter().map(&mut name).collect())
}

/// Both sequences as one, in the order of reading: at each place what went, then what came.
pub(super) fn compare<T: Piece>(before: &[T], after: &[T]) -> Vec<Part<T, T::Inner>> {
    let anchors = common(before, after);
    let mut kept = (vec![false; before.len()], vec![false; after.len()]);
    for (b, a) in &anchors {
        (kept.0[*b], kept.1[*a]) = (true, true);
    }
    let moved = moved(before, after, &kept);
    let mut parts = Vec::new();
    let (mut b, mut a) = (0, 0);
    for (next_b, next_a) in anchors.into_iter().chain([(before.len(), after.len())]) {
        gap(before, after, b..next_b, a..next_a, &moved, &mut parts);
        parts.extend(before.get(next_b).cloned().map(Part::Same));
        (b, a) = (next_b + 1, next_a + 1);
    }
    parts
}

/// Which pieces left one place and stand unchanged in another. What says nothing moves nowhere.
fn moved<T: Piece>(before: &[T], after: &[T], kept: &(Vec<bool>, Vec<bool>)) -> (Vec<bool>, Vec<bool>) {
    let mut gone: HashMap<&T, Vec<usize>> = HashMap::new();
    for (place, piece) in before.iter().enumerate().rev().filter(|(place, _)| !kept.0[*place]) {
        gone.entry(piece).or_default().push(place);
    }
    let mut moved = (vec![false; before.len()], vec![false; after.len()]);
    for (place, piece) in after.iter().enumerate().filter(|(place, _)| !kept.1[*place]) {
        if let Some(from) = gone.get_mut(piece).and_then(Vec::pop)
            && !words(piece).is_empty()
        {
            (moved.0[from], moved.1[place]) = (true, true);
        }
    }
    moved
}

/// What stands between two pieces that both have.
fn gap<T: Piece>(
    before: &[T],
    after: &[T],
    b: Range<usize>,
    a: Range<usize>,
    moved: &(Vec<bool>, Vec<bool>),
    parts: &mut Vec<Part<T, T::Inner>>,
) {
    let removed: Vec<usize> = b.clone().filter(|place| !moved.0[*place]).collect();
    let added: Vec<usize> = a.clone().filter(|place| !moved.1[*place]).collect();
    let pairs = nearly_equal(before, after, &removed, &added);
    let (mut next_b, mut next_a) = (b.start, a.start);
    for (pair_b, pair_a) in pairs.into_iter().chain([(b.end, a.end)]) {
        parts.extend(
            (next_b..pair_b)
                .map(|place| Part::Removed { whole: before[place].clone(), moved: moved.0[place] }),
        );
        parts.extend(
            (next_a..pair_a).map(|place| Part::Added { whole: after[place].clone(), moved: moved.1[place] }),
        );
        if pair_b < b.end
            && pair_a < a.end
            && let Some(inner) = before[pair_b].within(&after[pair_a])
        {
            parts.push(Part::Changed(inner));
        }
        (next_b, next_a) = (pair_b + 1, pair_a + 1);
    }
}

/// Pairs of pieces that say nearly the same, in order, so that they have the most in common together.
fn nearly_equal<T: Piece>(
    before: &[T],
    after: &[T],
    removed: &[usize],
    added: &[usize],
) -> Vec<(usize, usize)> {
    let (rows, columns) = (removed.len(), added.len());
    if rows == 0 || columns == 0 || rows.saturating_mul(columns) > PAIRS {
        return Vec::new();
    }
    let old: Vec<Vec<u64>> = removed.iter().map(|place| words(&before[*place])).collect();
    let new: Vec<Vec<u64>> = added.iter().map(|place| words(&after[*place])).collect();
    let total = |all: &[Vec<u64>]| all.iter().map(Vec::len).sum::<usize>();
    if total(&old).saturating_mul(columns) + total(&new).saturating_mul(rows) > WORDS {
        return Vec::new();
    }
    let like = |row: usize, column: usize| {
        let fits = before[removed[row]].fits(&after[added[column]]);
        if fits { likeness(&old[row], &new[column]) } else { 0 }
    };
    let likes: Vec<Vec<u64>> =
        (0..rows).map(|row| (0..columns).map(|column| like(row, column)).collect()).collect();
    // best[row][column]: the most that what follows from there can have in common.
    let mut best = vec![vec![0_u64; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let alone = best[row + 1][column].max(best[row][column + 1]);
            let paired =
                if likes[row][column] < LIKE { 0 } else { likes[row][column] + best[row + 1][column + 1] };
            best[row][column] = alone.max(paired);
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while row < rows && column < columns {
        let like = likes[row][column];
        if like >= LIKE && best[row][column] == like + best[row + 1][column + 1] {
            pairs.push((removed[row], added[column]));
            (row, column) = (row + 1, column + 1);
        } else if best[row][column] == best[row + 1][column] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// How much two sorted lists of words have in common: 0 to 1000.
fn likeness(a: &[u64], b: &[u64]) -> u64 {
    if a.is_empty() && b.is_empty() {
        return 0;
    }
    let (mut i, mut j, mut shared) = (0, 0, 0_u64);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        shared += u64::from(x == y);
        (i, j) = (i + usize::from(x <= y), j + usize::from(y <= x));
    }
    shared * 2000 / (a.len() + b.len()) as u64
}

/// Its words as sums, sorted.
fn words(piece: &impl Piece) -> Vec<u64> {
    let mut sums = Vec::new();
    piece.each_text(&mut |text| {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            sums.push(hasher.finish());
        }
    });
    sums.sort_unstable();
    sums
}
