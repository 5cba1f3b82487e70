//! What was going on between one key instant and the next.

use super::{
    ink::{Anchor, Ink},
    overview::{Frame, Scene},
    scale::Scale,
};
use domain::{Instant, timeline::KeyInstant};

/// From when to when people outside felt it, and whether the end is known to be its end.
pub(super) fn impact(scene: &Scene<'_>) -> Option<(Instant, Instant, bool)> {
    let start = *scene.instants.get(&KeyInstant::ImpactStart)?;
    let limited = scene.instants.get(&KeyInstant::Mitigated).map(|at| (*at, true));
    let (end, sure) = limited.or_else(|| scene.instants.get(&KeyInstant::Resolved).map(|at| (*at, false)))?;
    (end >= start).then_some((start, end, sure))
}

/// Between one key instant and the next: hatched while nobody had seen it, then washed, filled, dashed.
pub(super) fn draw(ink: &mut Ink, instants: &[(KeyInstant, Instant)], scale: &Scale, frame: Frame, y: f64) {
    if !frame.above {
        ink.text("lab", (0.0, y + 14.0), Anchor::Start, "Phases");
    }
    use KeyInstant::{Acknowledged, Detected, Diagnosed, ImpactStart, Mitigated, Resolved};
    let bounds: Vec<(KeyInstant, Instant)> = instants
        .iter()
        .copied()
        .filter(|(key, _)| {
            [ImpactStart, Detected, Acknowledged, Diagnosed, Mitigated, Resolved].contains(key)
        })
        .collect();
    let understood = bounds.iter().any(|(key, _)| *key == Diagnosed);
    for pair in bounds.windows(2) {
        let ((key, from), (next, to)) = (pair[0], pair[1]);
        // Instants out of their usual order contradict each other; a phase between them would claim too much.
        if next < key {
            continue;
        }
        let (class, words) = match key {
            ImpactStart => ("hatch", "not yet seen"),
            Detected | Acknowledged if understood => ("ph1", "finding out"),
            Detected => ("ph1", "seen"),
            Acknowledged | Diagnosed => ("ph2", "limiting"),
            _ => ("ph3", "making sure"),
        };
        let (a, b) = (scale.x(from), scale.x(to));
        ink.rect(class, (a, y), ((b - a).max(1.0), 20.0));
        if words.len() as f64 * frame.letter + 14.0 < b - a {
            ink.text(&format!("in {class}-t"), (a + 8.0, y + 14.0), Anchor::Start, words);
        }
    }
}
