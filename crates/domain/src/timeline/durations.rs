//! Durations between key instants (domain.md 4.3): a missing or contradicting input gives a reason, never 0, and
//! what the inputs leave open stays visible as a range.

use super::{KeyInstant, Precision};
use crate::{Instant, instant::Span};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// A duration people ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// From impact start to detection (TTD).
    ToDetect,
    /// From the first signal to detection (signal lag).
    SignalLag,
    /// From detection to acknowledgement (TTA).
    ToAcknowledge,
    /// From acknowledgement until somebody able to act was there (TTE).
    ToEngage,
    /// From detection until it was understood (TTDiag).
    ToDiagnose,
    /// From impact start to mitigation (TTM).
    ToMitigate,
    /// From detection to mitigation (response TTM).
    ResponseToMitigate,
    /// From impact start to resolution (TTR).
    ToResolve,
    /// From detection to resolution.
    ResponseToResolve,
    /// From impact start to impact end.
    Impact,
    /// From impact end to resolution (tail).
    Tail,
    /// From detection to the first message to stakeholders (comms lag).
    CommsLag,
    /// From impact start to the first public message (public lag).
    PublicLag,
}

impl Duration {
    /// Every duration, in their usual order.
    pub const ALL: [Self; 13] = [
        Self::ToDetect,
        Self::SignalLag,
        Self::ToAcknowledge,
        Self::ToEngage,
        Self::ToDiagnose,
        Self::ToMitigate,
        Self::ResponseToMitigate,
        Self::ToResolve,
        Self::ResponseToResolve,
        Self::Impact,
        Self::Tail,
        Self::CommsLag,
        Self::PublicLag,
    ];

    /// The four that people ask for first.
    pub const USUAL: [Self; 4] = [Self::ToDetect, Self::ToAcknowledge, Self::ToMitigate, Self::ToResolve];

    /// From where to where.
    pub const fn ends(self) -> (KeyInstant, KeyInstant) {
        use KeyInstant as K;
        match self {
            Self::ToDetect => (K::ImpactStart, K::Detected),
            Self::SignalLag => (K::FirstSignal, K::Detected),
            Self::ToAcknowledge => (K::Detected, K::Acknowledged),
            Self::ToEngage => (K::Acknowledged, K::Engaged),
            Self::ToDiagnose => (K::Detected, K::Diagnosed),
            Self::ToMitigate => (K::ImpactStart, K::Mitigated),
            Self::ResponseToMitigate => (K::Detected, K::Mitigated),
            Self::ToResolve => (K::ImpactStart, K::Resolved),
            Self::ResponseToResolve => (K::Detected, K::Resolved),
            Self::Impact => (K::ImpactStart, K::ImpactEnd),
            Self::Tail => (K::ImpactEnd, K::Resolved),
            Self::CommsLag => (K::Detected, K::FirstTold),
            Self::PublicLag => (K::ImpactStart, K::FirstPublic),
        }
    }

    /// The name for programs.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ToDetect => "time_to_detect",
            Self::SignalLag => "signal_lag",
            Self::ToAcknowledge => "time_to_acknowledge",
            Self::ToEngage => "time_to_engage",
            Self::ToDiagnose => "time_to_diagnose",
            Self::ToMitigate => "time_to_mitigate",
            Self::ResponseToMitigate => "detect_to_mitigate",
            Self::ToResolve => "time_to_resolve",
            Self::ResponseToResolve => "detect_to_resolve",
            Self::Impact => "impact_start_to_end",
            Self::Tail => "tail",
            Self::CommsLag => "comms_lag",
            Self::PublicLag => "public_lag",
        }
    }

    /// The name people read: always from where to where, because TTM alone means two things.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToDetect => "Impact start to detected",
            Self::SignalLag => "First signal to detected",
            Self::ToAcknowledge => "Detected to acknowledged",
            Self::ToEngage => "Acknowledged to engaged",
            Self::ToDiagnose => "Detected to understood",
            Self::ToMitigate => "Impact start to mitigated",
            Self::ResponseToMitigate => "Detected to mitigated",
            Self::ToResolve => "Impact start to resolved",
            Self::ResponseToResolve => "Detected to resolved",
            Self::Impact => "Impact start to impact end",
            Self::Tail => "Impact end to resolved",
            Self::CommsLag => "Detected to others told",
            Self::PublicLag => "Impact start to told in public",
        }
    }
}

/// An instant with how exactly it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The instant that is written down.
    pub at: Instant,
    /// How exactly.
    pub precision: Precision,
}

impl From<Instant> for Known {
    fn from(at: Instant) -> Self {
        Self { at, precision: Precision::Second }
    }
}

impl Known {
    /// The earliest and latest instants that it may have been. A time written to the minute is the beginning of
    /// that minute; about five minutes, or an hour, may lie on either side. To the second counts as exact.
    pub fn bounds(self) -> (Instant, Instant) {
        let (before, after) = match self.precision {
            Precision::Second => (Span::ZERO, Span::ZERO),
            Precision::Minute => (Span::ZERO, Span::minutes(1)),
            Precision::FiveMinutes => (Span::minutes(5), Span::minutes(5)),
            Precision::Hour => (Span::hours(1), Span::hours(1)),
        };
        (self.at.plus(before.reversed()), self.at.plus(after))
    }
}

/// A length of time with what its ends leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// As the two instants are written.
    pub span: Span,
    /// The shortest that both ends allow; never below zero.
    pub least: Span,
    /// The longest that both ends allow.
    pub most: Span,
}

impl Length {
    /// Between two instants as they are known; `None` when the end is written before the start.
    pub fn between(from: Known, to: Known) -> Option<Self> {
        let span = to.at.since(from.at);
        if span.is_negative() {
            return None;
        }
        let ((earliest, latest), (sooner, later)) = (from.bounds(), to.bounds());
        Some(Self { span, least: sooner.since(latest).max(Span::ZERO), most: later.since(earliest) })
    }

    /// Whether `other` is possible within what the ends leave open.
    pub fn allows(self, other: Span) -> bool {
        other >= self.least && other <= self.most
    }

    /// Whether the ends leave more open than a reader would round away: more than a minute and a tenth of it.
    pub fn is_wide(self) -> bool {
        let open = self.most.as_micros() - self.least.as_micros();
        open > Span::minutes(2).as_micros() && open > self.span.as_micros() / 10
    }
}

impl fmt::Display for Length {
    /// As people say it, with the range where it is wide: `18 h 30 min, between 16 h 30 min and 20 h 30 min`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span.fmt(f)?;
        if self.is_wide() { write!(f, ", between {} and {}", self.least, self.most) } else { Ok(()) }
    }
}

/// A duration, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// The length.
    Length(Length),
    /// An input is missing.
    Missing(KeyInstant),
    /// The end lies before the start, so at least one of the two is wrong.
    Contradicting {
        /// What should have come first.
        from: KeyInstant,
        /// What is written before it.
        to: KeyInstant,
        /// Whether both could still be right, because they are not known exactly.
        perhaps: bool,
    },
}

impl Measured {
    /// The length, if there is one.
    pub const fn length(self) -> Option<Length> {
        match self {
            Self::Length(length) => Some(length),
            Self::Missing(_) | Self::Contradicting { .. } => None,
        }
    }

    /// Why there is none, as a sentence without its full stop; `None` when there is one.
    pub fn reason(self) -> Option<String> {
        match self {
            Self::Length(_) => None,
            Self::Missing(key) => Some(format!("no event says “{}” yet", key.label().to_lowercase())),
            Self::Contradicting { from, to, perhaps } => {
                let (from, to) = (from.label().to_lowercase(), to.label().to_lowercase());
                let more = if perhaps { ", though neither is known exactly enough to tell" } else { "" };
                Some(format!("“{to}” lies before “{from}”{more}"))
            }
        }
    }
}

/// Measures `duration` from the key instants that are known.
pub fn measure<K: Copy + Into<Known>>(duration: Duration, known: &BTreeMap<KeyInstant, K>) -> Measured {
    let (from, to) = duration.ends();
    let Some(start) = known.get(&from) else { return Measured::Missing(from) };
    let Some(end) = known.get(&to) else { return Measured::Missing(to) };
    let (start, end): (Known, Known) = ((*start).into(), (*end).into());
    match Length::between(start, end) {
        Some(length) => Measured::Length(length),
        None => Measured::Contradicting { from, to, perhaps: end.bounds().1 >= start.bounds().0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(at: &str, precision: Precision) -> Known {
        Known { at: at.parse().unwrap(), precision }
    }

    #[test]
    fn a_missing_instant_is_named_and_never_counts_as_zero() {
        let known = BTreeMap::from([(KeyInstant::Detected, Instant::from_seconds(600))]);
        assert_eq!(measure(Duration::ToDetect, &known), Measured::Missing(KeyInstant::ImpactStart));
        assert_eq!(measure(Duration::ToAcknowledge, &known), Measured::Missing(KeyInstant::Acknowledged));
    }

    #[test]
    fn an_end_before_its_start_is_a_contradiction() {
        let at = Instant::from_seconds;
        let known = BTreeMap::from([(KeyInstant::ImpactStart, at(600)), (KeyInstant::Detected, at(599))]);
        let found = measure(Duration::ToDetect, &known);
        assert_eq!(found.reason().unwrap(), "“detected” lies before “impact starts”");
        assert_eq!(found.length(), None);
    }

    #[test]
    fn what_is_not_known_exactly_gives_a_range() {
        let known = BTreeMap::from([
            (KeyInstant::ImpactStart, known("2026-01-31T23:30:00Z", Precision::FiveMinutes)),
            (KeyInstant::Detected, known("2026-01-31T23:27:00Z", Precision::Minute)),
            (KeyInstant::Resolved, known("2026-02-01T18:00:00Z", Precision::Hour)),
        ]);
        let length = measure(Duration::ToResolve, &known).length().unwrap();
        assert_eq!(length.span, Span::minutes(18 * 60 + 30));
        assert_eq!(length.to_string(), "18 h 30 min, between 17 h 25 min and 19 h 35 min");
        assert!(length.allows(Span::hours(18)) && !length.allows(Span::hours(17)));
        let turned = measure(Duration::ToDetect, &known);
        assert!(matches!(turned, Measured::Contradicting { perhaps: true, .. }), "{turned:?}");
    }

    #[test]
    fn every_duration_has_two_ends_in_their_usual_order() {
        for duration in Duration::ALL {
            let (from, to) = duration.ends();
            assert!(from < to || duration == Duration::SignalLag, "{duration:?}");
        }
    }

    proptest! {
        #[test]
        fn lengths_are_the_difference_of_their_ends(start in 0i64..1_000_000, length in 0i64..1_000_000) {
            let known = BTreeMap::from([
                (KeyInstant::ImpactStart, Instant::from_seconds(start)),
                (KeyInstant::Resolved, Instant::from_seconds(start + length)),
            ]);
            let found = measure(Duration::ToResolve, &known).length().unwrap();
            prop_assert_eq!((found.span, found.least, found.most), {
                let span = Span::seconds(length);
                (span, span, span)
            });
        }

        #[test]
        fn the_range_holds_the_length(start in 0i64..100_000, length in 0i64..100_000, a in 0usize..4, b in 0usize..4) {
            let from = Known { at: Instant::from_seconds(start), precision: Precision::ALL[a] };
            let to = Known { at: Instant::from_seconds(start + length), precision: Precision::ALL[b] };
            let found = Length::between(from, to).unwrap();
            prop_assert!(found.allows(found.span) && found.least >= Span::ZERO);
        }
    }
}
