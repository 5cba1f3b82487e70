//! Instants to places on a line, and the ticks below it.

use crate::zone::Zone;
use domain::{Instant, instant::Span};

/// A linear scale of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    from: Instant,
    to: Instant,
    left: f64,
    right: f64,
}

/// The steps people read easily, in seconds.
const STEPS: [i64; 19] = [
    10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    2_592_000, 7_776_000, 31_536_000,
];

/// Letters between the words of two ticks; one at an end moves inwards by less.
const APART: f64 = 3.0;

impl Scale {
    /// From `from` to `to`; a range of no length is given an hour.
    pub(super) fn new(from: Instant, to: Instant, left: f64, right: f64) -> Self {
        let (from, to) = if to > from {
            (from, to)
        } else {
            (from.plus(Span::minutes(-30)), from.plus(Span::minutes(30)))
        };
        Self { from, to, left, right }
    }

    /// The share of the range that is over at `at`; below 0 or above 1 outside.
    pub(super) fn share(&self, at: Instant) -> f64 {
        let whole = self.to.since(self.from).as_micros().max(1) as f64;
        at.since(self.from).as_micros() as f64 / whole
    }

    /// Where `at` stands, no further out than the ends.
    pub(super) fn x(&self, at: Instant) -> f64 {
        self.left + self.share(at).clamp(0.0, 1.0) * (self.right - self.left)
    }

    /// Whether `at` lies within the range.
    pub(super) fn holds(&self, at: Instant) -> bool {
        at >= self.from && at <= self.to
    }

    /// At most `most` round times of the zone within the range (and up to `edge`, right of it), with their words, as
    /// far apart as words in letters of this width need.
    pub(super) fn ticks(&self, zone: &Zone, most: usize, edge: f64, letter: f64) -> Vec<(f64, String)> {
        let length = self.to.since(self.from).as_seconds().max(1);
        let most = i64::try_from(most.max(1)).unwrap_or(8);
        let fits = |step: i64| {
            let letters = if step < 60 { 8.0 } else { 6.0 };
            step as f64 / length as f64 * (self.right - self.left) >= (letters + APART) * letter
        };
        let few = ((self.right - self.left) / ((4.0 + APART) * letter)) as i64;
        let step = STEPS
            .into_iter()
            .find(|step| length / step < most && fits(*step))
            .unwrap_or(length / most.min(few.max(1)) + 1);
        let offset = i64::from(self.from.timestamp().to_zoned(zone.rules().clone()).offset().seconds());
        let begin = self.from.as_micros().div_euclid(1_000_000) + offset;
        let first = begin.div_euclid(step) * step + if begin.rem_euclid(step) == 0 { 0 } else { step };
        let pattern = if step < 60 {
            "%H:%M:%S"
        } else if step < 86_400 {
            "%H:%M"
        } else if step < 31_536_000 {
            "%-d %b"
        } else {
            "%Y"
        };
        (0..most * 3)
            .map(|n| Instant::from_seconds(first - offset + n * step))
            .map(|at| (self.left + self.share(at) * (self.right - self.left), at))
            .take_while(|(x, _)| *x <= edge)
            .filter(|(x, _)| *x >= self.left - 0.5)
            .map(|(x, at)| (x, self.words(zone, at, pattern, step)))
            .collect()
    }

    /// A midnight within a range of hours names its day instead.
    fn words(&self, zone: &Zone, at: Instant, pattern: &str, step: i64) -> String {
        let clock = zone.say(at, pattern);
        if (60..86_400).contains(&step) && clock == "00:00" { zone.say(at, "%a %-d") } else { clock }
    }
}
