//! Who did what, as rows of marks: a few lanes by name, marks that stand too close drawn as one bar.

use std::collections::HashMap;

/// The shape of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A person or a role did or said something.
    Person,
    /// A machine.
    Machine,
    /// Somebody decided.
    Decision,
    /// Claimed: no evidence yet.
    Claimed,
}

/// One event before it has a lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dot<'a> {
    pub(super) lane: &'a str,
    pub(super) shape: Shape,
    pub(super) x: f64,
    /// Which event, by position among all.
    pub(super) of: usize,
}

/// A mark on a lane, or several that stand too close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    /// `None` for several.
    pub(super) shape: Option<Shape>,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) count: usize,
    /// The first and the last event of it, by position.
    pub(super) of: (usize, usize),
}

/// A row of marks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) marks: Vec<Mark>,
}

/// The lane for everything that found no lane of its own.
pub(super) const OTHERS: &str = "Others";

/// Sorts dots into at most `most` lanes, the busiest first to be kept, in the order in which they first appear.
/// Marks closer than `apart` become a bar, a crowd several; decisions always stand alone.
pub(super) fn lanes(dots: &[Dot<'_>], most: usize, apart: f64) -> Vec<Lane> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut rows: Vec<(&str, Vec<Dot<'_>>)> = Vec::new();
    for dot in dots {
        let place = *places.entry(dot.lane).or_insert_with(|| {
            rows.push((dot.lane, Vec::new()));
            rows.len() - 1
        });
        rows[place].1.push(*dot);
    }
    if rows.len() > most {
        let mut busiest: Vec<usize> = (0..rows.len()).collect();
        busiest.sort_by_key(|place| std::cmp::Reverse(rows[*place].1.len()));
        busiest.truncate(most.saturating_sub(1));
        let mut rest = Vec::new();
        let mut kept = Vec::with_capacity(most);
        for (place, row) in rows.into_iter().enumerate() {
            if busiest.contains(&place) {
                kept.push(row);
            } else {
                rest.extend(row.1);
            }
        }
        kept.push((OTHERS, rest));
        rows = kept;
    }
    rows.into_iter().map(|(name, row)| Lane { name: name.to_owned(), marks: merged(row, apart) }).collect()
}

/// A crowd is cut into pieces of at most so many times the distance, so that each says how busy it was.
const PIECE: f64 = 3.0;

fn merged(mut row: Vec<Dot<'_>>, apart: f64) -> Vec<Mark> {
    row.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut out: Vec<Mark> = Vec::new();
    let mut decisions: Vec<Mark> = Vec::new();
    for dot in row {
        let decides = dot.shape == Shape::Decision;
        let marks = if decides { &mut decisions } else { &mut out };
        match marks.last_mut() {
            Some(last) if dot.x - last.to < apart && (decides || dot.x - last.from < apart * PIECE) => {
                // Decisions keep their sign, and the place of the first, however many there are.
                (last.shape, last.to) = if decides { (last.shape, last.to) } else { (None, dot.x) };
                last.count += 1;
                last.of.1 = dot.of;
            }
            _ => marks.push(Mark {
                shape: Some(dot.shape),
                from: dot.x,
                to: dot.x,
                count: 1,
                of: (dot.of, dot.of),
            }),
        }
    }
    out.extend(decisions);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_crowd_becomes_a_bar_and_a_decision_stays_visible() {
        let dot = |of: usize, shape| Dot { lane: "Gates", shape, x: of as f64, of };
        let lanes = lanes(&[dot(1, Shape::Person), dot(2, Shape::Decision), dot(3, Shape::Person)], 6, 8.0);
        assert_eq!(
            lanes[0].marks,
            [
                Mark { shape: None, from: 1.0, to: 3.0, count: 2, of: (1, 3) },
                Mark { shape: Some(Shape::Decision), from: 2.0, to: 2.0, count: 1, of: (2, 2) }
            ]
        );
    }

    proptest! {
        #[test]
        fn lanes_and_marks_stay_few(xs in prop::collection::vec((0usize..40, 0.0..1000.0f64), 0..2000)) {
            let names: Vec<String> = (0..40).map(|n| format!("Team {n}")).collect();
            let dots: Vec<_> = xs.iter().enumerate()
                .map(|(of, (n, x))| Dot { lane: &names[*n], shape: Shape::Person, x: *x, of }).collect();
            let lanes = lanes(&dots, 6, 8.0);
            prop_assert!(lanes.len() <= 6);
            prop_assert!(lanes.iter().all(|lane| lane.marks.len() <= 126));
            let drawn: usize = lanes.iter().flat_map(|lane| &lane.marks).map(|mark| mark.count).sum();
            prop_assert_eq!(drawn, xs.len());
        }
    }
}
