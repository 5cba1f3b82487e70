//! The instants from which durations are measured (domain.md 4.2), each chosen from an event.

use serde::{Deserialize, Serialize};

/// A key instant. Proposed from events, confirmed by people, never invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyInstant {
    /// The earliest time a latent contributor came into being; may be years before (`t_origin`).
    Origin,
    /// What activated it (`t_trigger`).
    Trigger,
    /// First instant at which any impact existed; may precede detection (`t_impact_start`).
    ImpactStart,
    /// The first signal or report that in hindsight belonged to it (`t_first_signal`).
    FirstSignal,
    /// A person or the alerting recognised that something needed attention (`t_detect`).
    Detected,
    /// Declared as an incident (`t_declare`).
    Declared,
    /// The first responder confirmed taking it (`t_ack`).
    Acknowledged,
    /// The first person able to act on the affected component is active (`t_engaged`).
    Engaged,
    /// The first message to stakeholders inside, from which the comms lag is measured (domain.md 4.3).
    FirstTold,
    /// The first public message, from which the public lag is measured (domain.md 4.3).
    FirstPublic,
    /// An explanation sufficient for the mitigation that worked was held (`t_diagnosed`).
    Diagnosed,
    /// From here material impact stays below the agreed threshold (`t_mitigate`).
    Mitigated,
    /// The last instant at which users were affected (`t_impact_end`).
    ImpactEnd,
    /// The service was declared normal and the response ended (`t_resolve`).
    Resolved,
    /// The damage that was left is repaired (`t_damage_end`).
    DamageEnd,
}

impl KeyInstant {
    /// Every key instant, in their usual order.
    pub const ALL: [Self; 15] = [
        Self::Origin,
        Self::Trigger,
        Self::ImpactStart,
        Self::FirstSignal,
        Self::Detected,
        Self::Declared,
        Self::Acknowledged,
        Self::Engaged,
        Self::FirstTold,
        Self::FirstPublic,
        Self::Diagnosed,
        Self::Mitigated,
        Self::ImpactEnd,
        Self::Resolved,
        Self::DamageEnd,
    ];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Trigger => "trigger",
            Self::ImpactStart => "impact_start",
            Self::FirstSignal => "first_signal",
            Self::Detected => "detected",
            Self::Declared => "declared",
            Self::Acknowledged => "acknowledged",
            Self::Engaged => "engaged",
            Self::FirstTold => "first_told",
            Self::FirstPublic => "first_public",
            Self::Diagnosed => "diagnosed",
            Self::Mitigated => "mitigated",
            Self::ImpactEnd => "impact_end",
            Self::Resolved => "resolved",
            Self::DamageEnd => "damage_end",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Origin => "Origin",
            Self::Trigger => "Trigger",
            Self::ImpactStart => "Impact starts",
            Self::FirstSignal => "First signal",
            Self::Detected => "Detected",
            Self::Declared => "Declared",
            Self::Acknowledged => "Acknowledged",
            Self::Engaged => "Engaged",
            Self::FirstTold => "Others told",
            Self::FirstPublic => "Told in public",
            Self::Diagnosed => "Understood",
            Self::Mitigated => "Mitigated",
            Self::ImpactEnd => "Impact ends",
            Self::Resolved => "Resolved",
            Self::DamageEnd => "Damage repaired",
        }
    }

    /// What it means, in one sentence for whoever chooses its event.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Origin => "What later mattered came into being; it may be years before.",
            Self::Trigger => "What set it off.",
            Self::ImpactStart => "The first instant at which anybody was affected, seen or not.",
            Self::FirstSignal => "The first sign that, looking back, belonged to it.",
            Self::Detected => "A person or the alerting recognised that something needed attention.",
            Self::Declared => "It was declared as an incident.",
            Self::Acknowledged => "The first responder confirmed taking it.",
            Self::Engaged => "Somebody able to act on the affected part was there.",
            Self::FirstTold => "The first message to people who wait, inside.",
            Self::FirstPublic => "The first message in public.",
            Self::Diagnosed => "The explanation was held that the mitigation needed.",
            Self::Mitigated => "From here impact stayed below what matters, until the end.",
            Self::ImpactEnd => "The last instant at which anybody was affected.",
            Self::Resolved => "The service was declared normal and the response ended.",
            Self::DamageEnd => "What was damaged is repaired.",
        }
    }

    /// The key instant of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|instant| instant.key() == key)
    }
}

/// How it came to be noticed (`detect_source`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DetectedBy {
    /// The alerting that watches it.
    Monitoring,
    /// Somebody who works here.
    Staff,
    /// Somebody who uses it.
    Customer,
    /// A supplier, a partner, a researcher.
    ThirdParty,
    /// What people wrote in public.
    SocialMedia,
    /// A review that looked for such things.
    Audit,
    /// Another way.
    Other,
}

impl DetectedBy {
    /// Every way.
    pub const ALL: [Self; 7] = [
        Self::Monitoring,
        Self::Staff,
        Self::Customer,
        Self::ThirdParty,
        Self::SocialMedia,
        Self::Audit,
        Self::Other,
    ];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Monitoring => "monitoring",
            Self::Staff => "staff",
            Self::Customer => "customer",
            Self::ThirdParty => "third_party",
            Self::SocialMedia => "social_media",
            Self::Audit => "audit",
            Self::Other => "other",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Monitoring => "our monitoring",
            Self::Staff => "somebody who works here",
            Self::Customer => "a customer",
            Self::ThirdParty => "a third party",
            Self::SocialMedia => "social media",
            Self::Audit => "an audit",
            Self::Other => "another way",
        }
    }

    /// The way of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.key() == key)
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
        assert!(DetectedBy::ALL.into_iter().all(|it| DetectedBy::from_key(it.key()) == Some(it)));
    }
}
