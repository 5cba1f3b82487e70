//! The instants from which durations are measured (domain.md 4.2), each chosen from an event.

use serde::{Deserialize, Serialize};

/// A key instant. Proposed from events, confirmed by people, never invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyInstant {
    /// First instant at which any impact existed; may precede detection (`t_impact_start`).
    ImpactStart,
    /// A person or the alerting recognised that something needed attention (`t_detect`).
    Detected,
    /// The first responder confirmed taking it (`t_ack`).
    Acknowledged,
    /// From here material impact stays below the agreed threshold (`t_mitigate`).
    Mitigated,
    /// The service was declared normal and the response ended (`t_resolve`).
    Resolved,
}

impl KeyInstant {
    /// Every key instant, in their usual order.
    pub const ALL: [Self; 5] =
        [Self::ImpactStart, Self::Detected, Self::Acknowledged, Self::Mitigated, Self::Resolved];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ImpactStart => "impact_start",
            Self::Detected => "detected",
            Self::Acknowledged => "acknowledged",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ImpactStart => "Impact starts",
            Self::Detected => "Detected",
            Self::Acknowledged => "Acknowledged",
            Self::Mitigated => "Mitigated",
            Self::Resolved => "Resolved",
        }
    }

    /// The key instant of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|instant| instant.key() == key)
    }
}

/// A key instant as it stands for an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenInstant {
    /// Which one.
    pub instant: KeyInstant,
    /// The event it is taken from.
    pub event: crate::EventId,
    /// Why this event: the rule's reason or the person's note.
    pub reason: String,
    /// Whether a person confirmed it; a proposal otherwise.
    pub confirmed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_the_value() {
        assert!(KeyInstant::ALL.into_iter().all(|it| KeyInstant::from_key(it.key()) == Some(it)));
    }
}
