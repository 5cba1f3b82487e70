//! Who did what, as rows of marks: a few lanes by name, marks that stand too close drawn as one bar.

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

/// A mark on a lane, or several that stand too close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    One(Shape, f64),
    /// From the first to the last, and how many.
    Many(f64, f64, usize),
}

/// A row of marks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) marks: Vec<Mark>,
}

/// The lane for everything that found no lane of its own.
pub(super) const OTHERS: &str = "Others";

/// Sorts marks (lane name, shape, place) into at most `most` lanes, the busiest first to be kept, in the order
/// in which they first appear. Marks closer than `apart` become one bar; decisions always stand alone.
pub(super) fn lanes(marks: &[(&str, Shape, f64)], most: usize, apart: f64) -> Vec<Lane> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for (name, ..) in marks {
        // A crowd of names is one lane anyway; stopping at 200 keeps the search short for any input.
        match counted.iter().position(|(known, _)| known == name) {
            Some(place) => counted[place].1 += 1,
            None if counted.len() < 200 => counted.push((name, 1)),
            None => {}
        }
    }
    let mut kept: Vec<(&str, usize)> = counted.clone();
    if counted.len() > most {
        kept.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        kept.truncate(most.saturating_sub(1));
    }
    let names: Vec<&str> = counted
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| kept.iter().any(|(kept, _)| kept == name))
        .collect();
    let mut rows: Vec<(&str, Vec<(Shape, f64)>)> = names.iter().map(|name| (*name, Vec::new())).collect();
    let mut rest = Vec::new();
    for (name, shape, x) in marks {
        match rows.iter_mut().find(|(known, _)| known == name) {
            Some((_, row)) => row.push((*shape, *x)),
            None => rest.push((*shape, *x)),
        }
    }
    if !rest.is_empty() {
        rows.push((OTHERS, rest));
    }
    rows.into_iter().map(|(name, row)| Lane { name: name.to_owned(), marks: merged(row, apart) }).collect()
}

fn merged(mut row: Vec<(Shape, f64)>, apart: f64) -> Vec<Mark> {
    row.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut out: Vec<Mark> = Vec::new();
    let mut decisions = Vec::new();
    for (shape, x) in row {
        if shape == Shape::Decision {
            if decisions.last().is_none_or(|last| x - last >= apart) {
                decisions.push(x);
            }
            continue;
        }
        match out.last_mut() {
            Some(Mark::Many(_, to, count)) if x - *to < apart => {
                *to = x;
                *count += 1;
            }
            Some(last @ Mark::One(..)) if matches!(*last, Mark::One(_, at) if x - at < apart) => {
                if let Mark::One(_, at) = *last {
                    *last = Mark::Many(at, x, 2);
                }
            }
            _ => out.push(Mark::One(shape, x)),
        }
    }
    out.extend(decisions.into_iter().map(|x| Mark::One(Shape::Decision, x)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_crowd_becomes_a_bar_and_a_decision_stays_visible() {
        let marks =
            [("Gates", Shape::Person, 1.0), ("Gates", Shape::Decision, 2.0), ("Gates", Shape::Person, 3.0)];
        let lanes = lanes(&marks, 6, 8.0);
        assert_eq!(lanes[0].marks, [Mark::Many(1.0, 3.0, 2), Mark::One(Shape::Decision, 2.0)]);
    }

    proptest! {
        #[test]
        fn lanes_and_marks_stay_few(xs in prop::collection::vec((0usize..40, 0.0..1000.0f64), 0..2000)) {
            let names: Vec<String> = (0..40).map(|n| format!("Team {n}")).collect();
            let marks: Vec<_> = xs.iter().map(|(n, x)| (names[*n].as_str(), Shape::Person, *x)).collect();
            let lanes = lanes(&marks, 6, 8.0);
            prop_assert!(lanes.len() <= 6);
            prop_assert!(lanes.iter().all(|lane| lane.marks.len() <= 126));
            let drawn: usize = lanes.iter().flat_map(|lane| &lane.marks)
                .map(|mark| if let Mark::Many(_, _, count) = mark { *count } else { 1 }).sum();
            prop_assert_eq!(drawn, xs.len());
        }
    }
}
