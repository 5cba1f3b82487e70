//! Who felt it, as rows of bars: one row per service and audience, overlapping intervals joined.

use super::{
    ink::{Anchor, Ink},
    scale::Scale,
};
use domain::{
    Instant,
    timeline::{
        Precision,
        impact::{Degree, Interval, union},
    },
};

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    pub(super) from: Instant,
    pub(super) to: Instant,
    /// Both ends are known well; otherwise it is hatched.
    pub(super) sure: bool,
    /// A full loss is drawn higher than a partial one.
    pub(super) full: bool,
}

/// A row of bars with what they come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) bars: Vec<Bar>,
    pub(super) words: String,
}

/// The rows of `intervals`, open ones ending at `now`; at most `most`, the rest joined into a last one.
pub(super) fn rows(intervals: &[Interval], now: Instant, most: usize) -> Vec<Row> {
    let mut names: Vec<String> = Vec::new();
    for one in intervals {
        let name = name(one);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let kept = if names.len() > most { most.saturating_sub(1) } else { names.len() };
    let mut rows: Vec<Row> = names
        .iter()
        .take(kept)
        .map(|of| row(of.clone(), intervals.iter().filter(|one| name(one) == *of), now))
        .collect();
    if kept < names.len() {
        let others = intervals.iter().filter(|one| !names[..kept].contains(&name(one)));
        rows.push(row(format!("{} others", names.len() - kept), others, now));
    }
    rows
}

fn name(one: &Interval) -> String {
    if one.audience.is_empty() { one.service.clone() } else { format!("{}, {}", one.service, one.audience) }
}

fn row<'a>(name: String, of: impl Iterator<Item = &'a Interval>, now: Instant) -> Row {
    let of: Vec<&Interval> = of.collect();
    let bars: Vec<Bar> = of
        .iter()
        .map(|one| Bar {
            from: one.from,
            to: one.to.unwrap_or(now).max(one.from),
            sure: one.to.is_some() && one.precision <= Precision::Minute,
            full: one.degree == Degree::Full,
        })
        .collect();
    let length = union(bars.iter().map(|bar| (bar.from, bar.to)));
    let affected = of.iter().filter_map(|one| one.affected).max();
    let open = if of.iter().any(|one| one.to.is_none()) { ", goes on" } else { "" };
    let words = affected
        .map_or_else(|| format!("{length}{open}"), |count| format!("{length}{open}, {count} affected"));
    Row { name, bars, words }
}

/// Draws a row around `y`; its words stand where there is room.
pub(super) fn draw(ink: &mut Ink, row: &Row, scale: &Scale, y: f64, width: f64, letter: f64) {
    let (mut first, mut last) = (width, 0.0f64);
    for bar in &row.bars {
        let (a, b) = (scale.x(bar.from), scale.x(bar.to));
        let half = if bar.full { 6.0 } else { 3.5 };
        ink.rect(
            if bar.sure { "impact" } else { "impact-est" },
            (a, y - half),
            ((b - a).max(2.0), half * 2.0),
        );
        (first, last) = (first.min(a), last.max(b));
    }
    let wide = row.words.chars().count() as f64 * letter;
    if last + 8.0 + wide < width {
        ink.text("dir", (last + 7.0, y + 4.5), Anchor::Start, &row.words);
    } else {
        ink.text("dir", (first - 7.0, y + 4.5), Anchor::End, &row.words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_few_and_overlaps_are_joined() {
        let at = |minutes: i64| Instant::from_seconds(minutes * 60);
        let one = |n: usize, from, to: Option<i64>| Interval {
            service: format!("Service {n}"),
            audience: String::new(),
            from: at(from),
            to: to.map(at),
            precision: Precision::Minute,
            degree: Degree::Full,
            share: None,
            affected: Some(7),
        };
        let mut all: Vec<Interval> = (0..9).map(|n| one(n, 0, Some(10))).collect();
        all.push(one(0, 5, None));
        let rows = rows(&all, at(30), 4);
        assert_eq!(
            rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
            ["Service 0", "Service 1", "Service 2", "6 others"]
        );
        assert_eq!(rows[0].words, "30 min, goes on, 7 affected");
        assert!(!rows[0].bars[1].sure);
    }
}
