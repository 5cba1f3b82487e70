//! The facts of an incident in words: durations, or why there is none.

use app::incidents::Shown;
use domain::timeline::{
    KeyInstant, TimelineEvent,
    durations::{Duration, Known, Measured, measure},
};
use std::collections::{BTreeMap, BTreeSet};

/// A duration with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measure {
    /// What was measured.
    pub(crate) label: &'static str,
    /// The length, or “not known”.
    pub(crate) words: String,
    /// Why there is none, or what its ends leave open; empty when there is nothing to say.
    pub(crate) why: String,
    /// Whether there is one.
    pub(crate) known: bool,
}

/// The instants of the events that key instants are taken from, with how exactly they are known.
pub(crate) fn known(shown: &Shown) -> BTreeMap<KeyInstant, Known> {
    let known = |event: &TimelineEvent| Known { at: event.at, precision: event.precision };
    let wanted: BTreeSet<_> = shown.instants.iter().map(|chosen| chosen.event).collect();
    let events = shown.timeline.iter().map(|one| &one.event).filter(|event| wanted.contains(&event.id));
    let events: BTreeMap<_, _> = events.map(|event| (event.id, known(event))).collect();
    shown.instants.iter().filter_map(|chosen| Some((chosen.instant, *events.get(&chosen.event)?))).collect()
}

/// The four durations that everybody asks for, known or not.
pub(crate) fn measures<K: Copy + Into<Known>>(known: &BTreeMap<KeyInstant, K>) -> Vec<Measure> {
    Duration::USUAL.into_iter().map(|duration| one(duration, known)).collect()
}

/// Every duration: those that are not known say why.
pub(crate) fn all<K: Copy + Into<Known>>(known: &BTreeMap<KeyInstant, K>) -> Vec<Measure> {
    Duration::ALL.into_iter().map(|duration| one(duration, known)).collect()
}

fn one<K: Copy + Into<Known>>(duration: Duration, known: &BTreeMap<KeyInstant, K>) -> Measure {
    let found = measure(duration, known);
    let words = match found {
        Measured::Length(length) => length.span.to_string(),
        Measured::Missing(_) => "not known".to_owned(),
        Measured::Contradicting { .. } => "cannot tell".to_owned(),
    };
    let range = found
        .length()
        .filter(|length| length.is_wide())
        .map(|length| format!("between {} and {}", length.least, length.most));
    let why = found.reason().or(range).unwrap_or_default();
    Measure { label: duration.label(), words, why, known: found.length().is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Instant;

    #[test]
    fn what_is_missing_says_why() {
        let known = BTreeMap::from([
            (KeyInstant::Detected, Instant::from_seconds(600)),
            (KeyInstant::Acknowledged, Instant::from_seconds(0)),
        ]);
        let measures = measures(&known);
        assert_eq!(
            (measures[0].words.as_str(), measures[0].why.as_str()),
            ("not known", "no event says “impact starts” yet")
        );
        assert_eq!(measures[1].words, "cannot tell");
    }
}
