//! Which evidence deserves the timeline, and why: rules with reasons.

use super::{EventKind, KeyInstant, event::Actor};
use crate::{EvidenceId, Instant, evidence::StoredEvidence};

/// An event that a rule proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Stable over repeated runs on the same or more evidence: the rule and the evidence it rests on.
    pub key: String,
    /// The name of the rule, for instance `chat.decision`.
    pub rule: &'static str,
    /// One sentence for people: why this is in the timeline.
    pub reason: String,
    /// When it happened.
    pub at: Instant,
    /// What sort of event.
    pub kind: EventKind,
    /// What happened, in one line.
    pub title: String,
    /// The words of the source where they matter; may be empty.
    pub detail: String,
    /// Who or what did it.
    pub actor: Option<Actor>,
    /// What it rests on, at least one piece.
    pub evidence: Vec<EvidenceId>,
}

/// A key instant that a rule proposes, taken from the proposal with `key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstantProposal {
    /// Which key instant.
    pub instant: KeyInstant,
    /// The key of the [`Proposal`] it is taken from.
    pub key: String,
    /// One sentence for people: why this event.
    pub reason: String,
}

/// What the rules make of the evidence of one incident.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// Events in chronological order, keys unique.
    pub events: Vec<Proposal>,
    /// At most one per key instant, only where an event supports it.
    pub instants: Vec<InstantProposal>,
}

/// Chooses from the evidence of one incident. The result does not depend on the order of `evidence`.
pub fn select(evidence: &[StoredEvidence]) -> Selection {
    let _ = evidence;
    Selection::default()
}
