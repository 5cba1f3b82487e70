//! An incident: what it is called, how bad it was, and the way from active to closed.

use crate::{IncidentId, Instant};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An incident, or something that nearly was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Which incident.
    pub id: IncidentId,
    /// The number people say: INC-12.
    pub number: IncidentNumber,
    /// What happened, in a few words.
    pub title: String,
    /// Two or three sentences for somebody who was not there; may be empty.
    pub summary: String,
    /// What sort of thing this is.
    pub kind: IncidentKind,
    /// How bad, as declared; near misses and surprises have none.
    pub severity: Option<Severity>,
    /// Where it stands.
    pub state: IncidentState,
    /// The services that were affected, by name.
    pub services: Vec<String>,
    /// The team that looked after it.
    pub team: Option<String>,
    /// When it was declared or the source opened it.
    pub declared_at: Instant,
    /// When the response ended.
    pub resolved_at: Option<Instant>,
    /// Where it came from, if it was brought in: the source's key and its id there.
    pub origin: Option<Origin>,
    /// Counts changes, so that two people editing the same form notice each other.
    pub revision: i64,
}

/// The place an incident was brought in from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The key of the source, for instance `pagerduty`.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// The address of its page there.
    pub url: Option<String>,
}

/// The number of an incident: counts from 1 in each workspace and is written `INC-12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IncidentNumber(pub i64);

/// A text that is no incident number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an incident number such as INC-12")]
pub struct NotANumber(String);

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INC-{}", self.0)
    }
}

impl FromStr for IncidentNumber {
    type Err = NotANumber;
    /// Reads `INC-12`, `inc-12` and `12`.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let wrong = || NotANumber(text.chars().take(80).collect());
        let digits = match text.get(..4) {
            Some(head) if head.eq_ignore_ascii_case("inc-") => &text[4..],
            _ => text,
        };
        if digits.is_empty() || digits.len() > 12 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        digits.parse().ok().filter(|number| *number > 0).map(Self).ok_or_else(wrong)
    }
}

/// What sort of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Something was affected.
    Incident,
    /// Nothing was affected, but only just.
    NearMiss,
    /// A response was triggered and there was nothing to respond to.
    FalseAlarm,
}

impl IncidentKind {
    /// Every kind, the usual one first.
    pub const ALL: [Self; 3] = [Self::Incident, Self::NearMiss, Self::FalseAlarm];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::NearMiss => "near_miss",
            Self::FalseAlarm => "false_alarm",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Incident => "Incident",
            Self::NearMiss => "Near miss",
            Self::FalseAlarm => "False alarm",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// How bad: 1 is the worst of 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Severity(u8);

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 4] = [Self(1), Self(2), Self(3), Self(4)];

    /// From 1 to 4; nothing else is a severity.
    pub fn new(level: i64) -> Option<Self> {
        (1..=4).contains(&level).then(|| Self(u8::try_from(level).unwrap_or(4)))
    }

    /// 1 to 4.
    pub const fn level(self) -> u8 {
        self.0
    }
}

impl From<Severity> for i64 {
    fn from(severity: Severity) -> Self {
        Self::from(severity.0)
    }
}

impl TryFrom<i64> for Severity {
    type Error = &'static str;
    fn try_from(level: i64) -> Result<Self, Self::Error> {
        Self::new(level).ok_or("a severity is a number from 1 to 4")
    }
}

/// Where an incident stands (domain.md 1.20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Somebody may still be affected.
    Active,
    /// Impact is limited; the response goes on.
    Mitigated,
    /// The response has ended.
    Resolved,
    /// Nothing is left to do, the post-mortem included.
    Closed,
}

impl IncidentState {
    /// Every state, in order.
    pub const ALL: [Self; 4] = [Self::Active, Self::Mitigated, Self::Resolved, Self::Closed];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Mitigated => "Mitigated",
            Self::Resolved => "Resolved",
            Self::Closed => "Closed",
        }
    }

    /// The state of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// Why an incident cannot take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// The incident is past this step.
    #[error("This incident is already {}.", .0.label().to_lowercase())]
    Already(IncidentState),
    /// It would have ended before it began.
    #[error("The end would lie before the beginning. Choose a later time.")]
    EndsBeforeItBegan,
}

impl Incident {
    /// Impact is limited; the response goes on.
    pub fn mitigate(self) -> Result<Self, StepRefused> {
        match self.state {
            IncidentState::Active => Ok(Self { state: IncidentState::Mitigated, ..self }),
            state => Err(StepRefused::Already(state)),
        }
    }

    /// The response ended at `at`. From here the post-mortem exists (LIF-04).
    pub fn resolve(self, at: Instant) -> Result<Self, StepRefused> {
        match self.state {
            IncidentState::Active | IncidentState::Mitigated if at < self.declared_at => {
                Err(StepRefused::EndsBeforeItBegan)
            }
            IncidentState::Active | IncidentState::Mitigated => {
                Ok(Self { state: IncidentState::Resolved, resolved_at: Some(at), ..self })
            }
            state => Err(StepRefused::Already(state)),
        }
    }

    /// It was not over: back to active. The post-mortem that may exist stays.
    pub fn reopen(self) -> Result<Self, StepRefused> {
        match self.state {
            IncidentState::Resolved | IncidentState::Closed => {
                Ok(Self { state: IncidentState::Active, resolved_at: None, ..self })
            }
            state => Err(StepRefused::Already(state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active() -> Incident {
        Incident {
            id: IncidentId::new(Instant::from_seconds(0), [0; 10]),
            number: IncidentNumber(12),
            title: "Tickets refused".into(),
            summary: String::new(),
            kind: IncidentKind::Incident,
            severity: Severity::new(2),
            state: IncidentState::Active,
            services: vec![],
            team: None,
            declared_at: Instant::from_seconds(1000),
            resolved_at: None,
            origin: None,
            revision: 0,
        }
    }

    #[test]
    fn numbers_read_as_people_type_them() {
        for text in ["INC-12", "inc-12", "12"] {
            assert_eq!(text.parse(), Ok(IncidentNumber(12)), "{text}");
        }
        for wrong in ["", "INC-", "INC-0", "-1", "12a", "INC-é", "9999999999999"] {
            assert!(wrong.parse::<IncidentNumber>().is_err(), "{wrong}");
        }
        assert_eq!(IncidentNumber(12).to_string(), "INC-12");
    }

    #[test]
    fn only_four_severities_exist() {
        assert_eq!(
            [0, 1, 4, 5].map(|n| Severity::new(n).map(Severity::level)),
            [None, Some(1), Some(4), None]
        );
    }

    #[test]
    fn the_way_from_active_to_resolved_and_back() {
        let end = Instant::from_seconds(2000);
        let resolved = active().mitigate().unwrap().resolve(end).unwrap();
        assert_eq!((resolved.state, resolved.resolved_at), (IncidentState::Resolved, Some(end)));
        assert_eq!(resolved.clone().resolve(end), Err(StepRefused::Already(IncidentState::Resolved)));
        assert_eq!(resolved.clone().mitigate(), Err(StepRefused::Already(IncidentState::Resolved)));
        let again = resolved.reopen().unwrap();
        assert_eq!((again.state, again.resolved_at), (IncidentState::Active, None));
        assert_eq!(again.reopen(), Err(StepRefused::Already(IncidentState::Active)));
    }

    #[test]
    fn an_incident_does_not_end_before_it_begins() {
        assert_eq!(active().resolve(Instant::from_seconds(999)), Err(StepRefused::EndsBeforeItBegan));
    }
}
