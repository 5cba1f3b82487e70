//! Which evidence deserves the timeline, and why: rules with reasons.
//!
//! Each rule is a function in [`RULES`] that reads the whole [`story::Story`] and proposes candidates. Then
//! the same fact told by two sources becomes one event, and crowded hours of chat are thinned out
//! ([`crowd`]). Key instants are taken from the events that remain ([`instants`]). No rule judges what
//! anybody did: titles are the words of the source.

mod alerts;
mod bots;
mod chat;
mod crowd;
mod instants;
mod paging;
mod parts;
mod phrases;
mod reading;
mod story;
mod substance;
#[cfg(test)]
mod tests;
mod title;

use super::{EventKind, KeyInstant, Precision, event::Actor};
use crate::{EvidenceId, Instant, evidence::StoredEvidence};
use story::Story;

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
    /// How exactly that is known.
    pub precision: Precision,
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

/// A rule: everything it proposes from one story.
type Rule = for<'a> fn(&Story<'a>) -> Vec<Candidate>;

/// A proposal on its way, with how much it matters when an hour is crowded.
#[derive(Debug, Clone)]
struct Candidate {
    proposal: Proposal,
    /// From 0 to 100. Chat with 100 is never left out.
    score: u8,
    /// Whether it comes from a chat, where one hour can be crowded.
    chat: bool,
}

/// Every rule. When two propose the same piece of evidence, the one that stands first wins.
const RULES: &[(&str, Rule)] = &[
    ("paging.triggered", paging::triggered),
    ("paging.acknowledged", paging::acknowledged),
    ("paging.unacknowledged", paging::unacknowledged),
    ("paging.escalated", paging::escalated),
    ("paging.assigned", paging::assigned),
    ("paging.snoozed", paging::snoozed),
    ("paging.changed", paging::changed),
    ("paging.note", paging::note),
    ("paging.status_update", paging::status_update),
    ("paging.resolved", paging::resolved),
    ("change.deployed", paging::deployed),
    ("alert.impact_start", alerts::impact_start),
    ("alert.fired", alerts::fired),
    ("alert.cleared", alerts::cleared),
    ("chat.impact_start", chat::impact_start),
    ("chat.first_report", chat::first_report),
    ("chat.pinned", chat::pinned),
    ("chat.decision", chat::decision),
    ("chat.mitigated", chat::mitigated),
    ("chat.resolved", chat::resolved),
    ("chat.change", chat::change),
    ("chat.action", chat::action),
    ("chat.customers", chat::customers),
    ("chat.role", chat::role),
    ("chat.finding", chat::finding),
    ("chat.marked", chat::marked),
    ("chat.topic", chat::topic),
    ("bot.status", bots::status),
    ("bot.change", bots::change),
    ("chat.substance", substance::said),
];

/// Chooses from the evidence of one incident. The result does not depend on the order of `evidence`.
pub fn select(evidence: &[StoredEvidence]) -> Selection {
    let story = Story::new(evidence);
    let candidates = RULES.iter().flat_map(|(_, rule)| rule(&story)).collect();
    let events = crowd::thin_out(crowd::join(candidates));
    let mut events: Vec<_> = events.into_iter().map(|it| (rank(it.rule), it)).collect();
    events.sort_by(|(a_rank, a), (b_rank, b)| (a.at, a_rank, &a.key).cmp(&(b.at, b_rank, &b.key)));
    let events: Vec<_> = events.into_iter().map(|(_, it)| it).collect();
    let instants = instants::propose(&events, evidence);
    Selection { events, instants }
}

/// The place of a rule in [`RULES`], which also orders events of one instant.
fn rank(rule: &str) -> usize {
    RULES.iter().position(|(name, _)| *name == rule).unwrap_or(RULES.len())
}
