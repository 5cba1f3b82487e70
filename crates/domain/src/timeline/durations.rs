//! Durations between key instants (domain.md 4.3): a missing or contradicting input gives a reason, never 0.

use super::KeyInstant;
use crate::{Instant, instant::Span};
use serde::Serialize;
use std::collections::BTreeMap;

/// A duration people ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// From impact start to detection (TTD).
    ToDetect,
    /// From detection to acknowledgement (TTA).
    ToAcknowledge,
    /// From impact start to mitigation (TTM).
    ToMitigate,
    /// From impact start to resolution (TTR).
    ToResolve,
}

impl Duration {
    /// Every duration, in their usual order.
    pub const ALL: [Self; 4] = [Self::ToDetect, Self::ToAcknowledge, Self::ToMitigate, Self::ToResolve];

    /// From where to where.
    pub const fn ends(self) -> (KeyInstant, KeyInstant) {
        match self {
            Self::ToDetect => (KeyInstant::ImpactStart, KeyInstant::Detected),
            Self::ToAcknowledge => (KeyInstant::Detected, KeyInstant::Acknowledged),
            Self::ToMitigate => (KeyInstant::ImpactStart, KeyInstant::Mitigated),
            Self::ToResolve => (KeyInstant::ImpactStart, KeyInstant::Resolved),
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToDetect => "Impact start to detected",
            Self::ToAcknowledge => "Detected to acknowledged",
            Self::ToMitigate => "Impact start to mitigated",
            Self::ToResolve => "Impact start to resolved",
        }
    }
}

/// A duration, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// The length.
    Length(Span),
    /// An input is missing.
    Missing(KeyInstant),
    /// The end lies before the start, so at least one of the two is wrong.
    Contradicting,
}

/// Measures `duration` from the key instants that are known.
pub fn measure(duration: Duration, known: &BTreeMap<KeyInstant, Instant>) -> Measured {
    let (from, to) = duration.ends();
    let Some(start) = known.get(&from) else { return Measured::Missing(from) };
    let Some(end) = known.get(&to) else { return Measured::Missing(to) };
    let span = end.since(*start);
    if span.is_negative() { Measured::Contradicting } else { Measured::Length(span) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_missing_instant_is_named_and_never_counts_as_zero() {
        let known = BTreeMap::from([(KeyInstant::Detected, Instant::from_seconds(600))]);
        assert_eq!(measure(Duration::ToDetect, &known), Measured::Missing(KeyInstant::ImpactStart));
        assert_eq!(measure(Duration::ToAcknowledge, &known), Measured::Missing(KeyInstant::Acknowledged));
    }

    #[test]
    fn an_end_before_its_start_is_a_contradiction() {
        let known = BTreeMap::from([
            (KeyInstant::ImpactStart, Instant::from_seconds(600)),
            (KeyInstant::Detected, Instant::from_seconds(599)),
        ]);
        assert_eq!(measure(Duration::ToDetect, &known), Measured::Contradicting);
    }

    proptest! {
        #[test]
        fn lengths_are_the_difference_of_their_ends(start in 0i64..1_000_000, length in 0i64..1_000_000) {
            let known = BTreeMap::from([
                (KeyInstant::ImpactStart, Instant::from_seconds(start)),
                (KeyInstant::Resolved, Instant::from_seconds(start + length)),
            ]);
            prop_assert_eq!(measure(Duration::ToResolve, &known), Measured::Length(Span::seconds(length)));
        }
    }
}
