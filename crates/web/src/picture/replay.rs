//! The strip above a replay: what has been, as marks; what is still to come, hatched and without any.

use super::{
    ink::{Anchor, Ink, Sheet},
    scale::Scale,
};
use crate::zone::Zone;
use domain::Instant;
use std::collections::BTreeSet;

const WIDTH: f64 = 1180.0;
const HEIGHT: f64 = 54.0;

/// The strip over `range` at `at`, with a mark for each event that had happened.
pub(crate) fn strip(range: (Instant, Instant), at: Instant, marks: &[Instant], zone: &Zone) -> String {
    let scale = Scale::new(range.0, range.1, 8.0, WIDTH - 8.0);
    let clock = zone.say(at, "%H:%M:%S");
    let about = format!("{} events had happened. What came later is not shown.", marks.len());
    let sheet = Sheet { class: "overview strip", id: "rp", role: "img", width: WIDTH, height: HEIGHT };
    let mut ink = Ink::begin(&sheet, &format!("The incident at {clock}"), &about);
    let now = scale.x(at);
    ink.line("line-base", (8.0, 24.0), (now, 24.0));
    ink.rect("hatch", (now, 14.0), (WIDTH - 8.0 - now, 20.0));
    // Marks that share a place are one mark.
    let places: BTreeSet<i64> = marks.iter().map(|at| scale.x(*at).round() as i64).collect();
    for x in places {
        ink.dot("ink", x as f64, 24.0, 3.5);
    }
    ink.line("line-key", (now, 4.0), (now, 44.0));
    let (x, anchor) = if now > WIDTH - 120.0 { (now - 6.0, Anchor::End) } else { (now + 6.0, Anchor::Start) };
    ink.text("dir", (x, 50.0), anchor, &clock);
    ink.finish()
}

/// A little strip: how far the incident was at `at`, for the pictures of a storyboard.
pub(crate) fn so_far(range: (Instant, Instant), at: Instant, marks: &[Instant]) -> String {
    let scale = Scale::new(range.0, range.1, 4.0, 236.0);
    let now = scale.x(at);
    let mut ink = Ink::hidden("so-far", 240.0, 12.0);
    ink.line("line-ink", (4.0, 6.0), (now, 6.0));
    ink.line("line-dash", (now, 6.0), (236.0, 6.0));
    let places: BTreeSet<i64> =
        marks.iter().filter(|mark| **mark <= at).map(|mark| scale.x(*mark).round() as i64).collect();
    for x in places {
        ink.dot("ink", x as f64, 6.0, 2.5);
    }
    ink.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_is_not_drawn() {
        let at = |minutes: i64| Instant::from_seconds(minutes * 60);
        let strip = strip((at(0), at(60)), at(30), &[at(0), at(10), at(30)], &Zone::of(None));
        let little = so_far((at(0), at(60)), at(10), &[at(0), at(10), at(30)]);
        assert_eq!(little.matches("<circle").count(), 2);
        assert_eq!(strip.matches("<circle").count(), 3);
        assert!(strip.contains("00:30:00") && !strip.contains("01:00"));
    }
}
