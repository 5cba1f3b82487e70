//! The facts of an incident in words: durations, or why there is none.

use app::incidents::Shown;
use domain::{
    Instant,
    timeline::{
        KeyInstant,
        durations::{Duration, Measured, measure},
    },
};
use std::collections::BTreeMap;

/// A duration with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measure {
    /// What was measured.
    pub(crate) label: &'static str,
    /// The length, or “not known”.
    pub(crate) words: String,
    /// Why there is none; empty when there is one.
    pub(crate) why: String,
}

/// The instants of the events that key instants are taken from.
pub(crate) fn known(shown: &Shown) -> BTreeMap<KeyInstant, Instant> {
    let events: BTreeMap<_, _> = shown.timeline.iter().map(|one| (one.event.id, one.event.at)).collect();
    shown.instants.iter().filter_map(|chosen| Some((chosen.instant, *events.get(&chosen.event)?))).collect()
}

/// Every duration in its usual order.
pub(crate) fn measures(known: &BTreeMap<KeyInstant, Instant>) -> Vec<Measure> {
    let one = |duration: Duration| {
        let (words, why) = match measure(duration, known) {
            Measured::Length(span) => (span.to_string(), String::new()),
            Measured::Missing(key) => ("not known".to_owned(), format!("no event says “{}” yet", short(key))),
            Measured::Contradicting => {
                ("cannot tell".to_owned(), "its two instants contradict each other".to_owned())
            }
        };
        Measure { label: duration.label(), words, why }
    };
    Duration::ALL.into_iter().map(one).collect()
}

fn short(key: KeyInstant) -> String {
    key.label().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

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
