//! How loud the chat was, as columns below the lanes: the loudest of each pixel, and how much that was.

use super::{
    ink::{Anchor, Ink},
    overview::{Frame, Scene},
    scale::Scale,
};
use domain::instant::Span;
use std::collections::BTreeMap;

/// Draws the columns between `top` and `floor`; nothing where there was no chat.
pub(super) fn draw(ink: &mut Ink, scene: &Scene<'_>, scale: &Scale, frame: Frame, top: f64, floor: f64) {
    let shown = || scene.chat.iter().filter(|(at, ..)| scale.holds(*at));
    let most = shown().map(|(.., count)| *count).max().unwrap_or(0);
    if scene.chat.is_empty() {
        return;
    }
    ink.line("line-base", (if frame.above { 0.0 } else { frame.left - 12.0 }, floor), (frame.width, floor));
    let name_at = if frame.above { top + 12.0 } else { floor - 16.0 };
    ink.text(if frame.above { "dir" } else { "lab" }, (0.0, name_at), Anchor::Start, "Chat");
    let minutes = scene.chat.first().map_or(0, |(_, seconds, _)| seconds / 60);
    if !frame.above && minutes > 0 {
        ink.text("sub", (0.0, floor - 2.0), Anchor::Start, &format!("messages / {}", Span::minutes(minutes)));
    }
    let mut peak = None;
    // Slices thinner than a pixel would be thousands of marks; the loudest of each pixel is drawn.
    let mut columns: BTreeMap<i64, (f64, f64, i64)> = BTreeMap::new();
    for (at, seconds, count) in shown() {
        let (a, b) = (scale.x(*at), scale.x(at.plus(Span::seconds(*seconds))));
        let column = columns.entry(a as i64).or_insert((a, b, 0));
        column.1 = column.1.max(b);
        column.2 = column.2.max(*count);
    }
    for (a, b, count) in columns.into_values().filter(|(.., count)| *count > 0) {
        let high = (count as f64 / most.max(1) as f64 * 30.0).max(1.5);
        ink.rect("chat", (a, floor - high), ((b - a - 1.5).max(1.0), high));
        if count == most && peak.is_none() {
            peak = Some((a, high));
        }
    }
    if let Some((x, high)) = peak {
        let words = format!("{most} at most");
        // In a narrow drawing the name stands on the same line.
        let x = if frame.above { x.max(6.0 * frame.letter) } else { x };
        let anchor =
            if x + words.len() as f64 * frame.letter > frame.width { Anchor::End } else { Anchor::Start };
        ink.text("dir", (x, floor - high - 4.0), anchor, &words);
    }
}
