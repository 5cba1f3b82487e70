//! Who felt it, as rows of bars: one row per service and audience, overlapping intervals joined.

use super::{
    ink::{Anchor, Ink},
    labels::{self, Wish, letters, shortened},
    overview::Frame,
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
    pub(super) service: String,
    /// Who felt it; empty where nobody said.
    pub(super) audience: String,
    pub(super) bars: Vec<Bar>,
    /// How long, and how many were affected.
    pub(super) words: String,
}

impl Row {
    /// What key instants alone say of it: from when to when at most, where the end is not known to be its end.
    pub(super) fn outside((from, to, sure): (Instant, Instant, bool)) -> Self {
        let length = to.since(from);
        Self {
            service: "Felt outside".to_owned(),
            audience: String::new(),
            bars: vec![Bar { from, to, sure, full: true }],
            words: if sure { length.to_string() } else { format!("{length} at most") },
        }
    }

    /// Whom it is about and how long, in at most `room` letters or little more; the audience is shortened.
    pub(super) fn said(&self, room: usize) -> String {
        if self.audience.is_empty() {
            return self.words.clone();
        }
        let left = room.saturating_sub(self.words.chars().count() + 2).max(4);
        format!("{}, {}", shortened(&self.audience, left), self.words)
    }

    /// The service and the audience in at most `room` letters; the service is shortened first.
    pub(super) fn name(&self, room: usize) -> String {
        if self.audience.is_empty() {
            return shortened(&self.service, room);
        }
        let service = (letters(&self.service).round() as usize).min(room / 2);
        let audience = shortened(&self.audience, room.saturating_sub(service + 2));
        let left = room.saturating_sub(letters(&audience).round() as usize + 2);
        format!("{}, {audience}", shortened(&self.service, left))
    }
}

/// The rows of `intervals`, open ones ending at `now`; at most `most`, the rest joined into a last one.
pub(super) fn rows(intervals: &[Interval], now: Instant, most: usize) -> Vec<Row> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for one in intervals {
        if !names.contains(&name(one)) {
            names.push(name(one));
        }
    }
    // What one service was to its audiences stands together, the service that was named first on top.
    let first = |service: &str| intervals.iter().position(|one| one.service == service);
    names.sort_by_key(|(service, _)| first(service));
    let kept = if names.len() > most { most.saturating_sub(1) } else { names.len() };
    let mut rows: Vec<Row> = names
        .iter()
        .take(kept)
        .map(|of| row(*of, intervals.iter().filter(|one| name(one) == *of), now))
        .collect();
    if kept < names.len() {
        let others = intervals.iter().filter(|one| !names[..kept].contains(&name(one)));
        rows.push(row((&format!("{} others", names.len() - kept), ""), others, now));
    }
    rows
}

fn name(one: &Interval) -> (&str, &str) {
    (&one.service, &one.audience)
}

fn row<'a>((service, audience): (&str, &str), of: impl Iterator<Item = &'a Interval>, now: Instant) -> Row {
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
    Row { service: service.to_owned(), audience: shortened(audience, 40), bars, words }
}

/// The right end of the range, `right` at most, that leaves room for the words of every row beside its bars.
pub(super) fn right(rows: &[Row], (from, to): (Instant, Instant), frame: Frame, mut right: f64) -> f64 {
    if frame.above {
        return right;
    }
    // Less room moves bars to the left, which can take the room of words on their left; each row is met once.
    for _ in rows {
        let scale = Scale::new(from, to, frame.left, right);
        let wishes: Vec<Wish> = rows.iter().filter_map(|row| wish(row, &scale, frame)).collect();
        right = right.min(labels::room(&wishes, frame.left, frame.width));
    }
    right
}

/// Words that must have room right of the last bar, because there is none on its left; with its share of the range.
fn wish(row: &Row, scale: &Scale, frame: Frame) -> Option<Wish> {
    let first = row.bars.iter().map(|bar| scale.x(bar.from)).fold(f64::INFINITY, f64::min);
    let last = row.bars.iter().map(|bar| scale.share(bar.to).clamp(0.0, 1.0)).fold(0.0, f64::max);
    let width = letters(&row.said(room(frame))) * frame.letter + BESIDE;
    (first - width < frame.left).then_some(Wish { share: last, width })
}

/// How high a row is: with its words above the bar, and the name on a line of its own where both have no room on one.
pub(super) fn high(rows: &[Row], frame: Frame) -> f64 {
    match frame.above {
        true if rows.iter().all(|row| on_one_line(row, frame)) => 34.0,
        true => 47.0,
        false => 20.0,
    }
}

fn on_one_line(row: &Row, frame: Frame) -> bool {
    (letters(&row.name(usize::MAX)) + letters(&row.words) + 2.0) * frame.letter <= frame.width
}

/// How many letters beside a bar leave two fifths of the drawing to time.
fn room(frame: Frame) -> usize {
    (((frame.width - frame.left) * 0.6 - 2.0 * BESIDE) / frame.letter) as usize
}

/// Between a bar and its words.
const BESIDE: f64 = 8.0;

/// Draws the bars of a row around `y`; the words stand above it in a narrow drawing, else beside the bars.
pub(super) fn draw(ink: &mut Ink, row: &Row, scale: &Scale, y: f64, frame: Frame, again: bool) {
    let (mut first, mut last) = (frame.width, 0.0f64);
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
    if frame.above {
        let name_at = if on_one_line(row, frame) { y - 10.0 } else { y - 23.0 };
        ink.text("dir", (0.0, name_at), Anchor::Start, &row.name((frame.width / frame.letter) as usize));
        ink.text("dir", (frame.width, y - 10.0), Anchor::End, &row.words);
        return;
    }
    // A service with several audiences is named once.
    if !again {
        ink.text("lab", (0.0, y + 4.5), Anchor::Start, &shortened(&row.service, frame.name));
    }
    let words = row.said(room(frame));
    let wide = letters(&words) * frame.letter;
    if last + BESIDE + wide < frame.width {
        ink.text("dir", (last + BESIDE - 1.0, y + 4.5), Anchor::Start, &words);
    } else {
        ink.text("dir", (first - BESIDE + 1.0, y + 4.5), Anchor::End, &words);
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
            rows.iter().map(|row| row.service.as_str()).collect::<Vec<_>>(),
            ["Service 0", "Service 1", "Service 2", "6 others"]
        );
        assert_eq!(rows[0].words, "30 min, goes on, 7 affected");
        assert!(!rows[0].bars[1].sure);
    }

    #[test]
    fn audiences_of_a_service_stand_together_and_keep_their_names() {
        let one = |service: &str, audience: &str| Interval {
            service: service.into(),
            audience: audience.into(),
            from: Instant::from_seconds(0),
            to: Some(Instant::from_seconds(600)),
            precision: Precision::Minute,
            degree: Degree::Full,
            share: None,
            affected: None,
        };
        let all = [one("Gates", "passengers"), one("Ticket app", ""), one("Gates", "station staff")];
        let rows = rows(&all, Instant::from_seconds(0), 6);
        let said: Vec<_> = rows.iter().map(|row| (row.service.as_str(), row.said(usize::MAX))).collect();
        assert_eq!(
            said,
            [
                ("Gates", "passengers, 10 min".to_owned()),
                ("Gates", "station staff, 10 min".to_owned()),
                ("Ticket app", "10 min".to_owned())
            ]
        );
        assert_eq!(rows[1].name(24), "Gates, station staff");
        assert_eq!(rows[0].name(14), "Gates, passen…");
        assert_eq!(
            Row { service: "The gates of the older kind".into(), ..rows[0].clone() }.name(26),
            "The gates of…, passengers"
        );
    }
}
