//! Key instants proposed from events (domain.md 4.2): no event, no proposal.

use super::{InstantProposal, Proposal};
use crate::{EvidenceId, evidence::StoredEvidence, timeline::KeyInstant};
use std::collections::HashMap;

/// At most one proposal per key instant from `events`, which are in chronological order. What a source states about an
/// event of its own goes before what the rules find.
pub fn propose(events: &[Proposal], evidence: &[StoredEvidence]) -> Vec<InstantProposal> {
    let stated = stated(events, evidence);
    let open = |it: &InstantProposal| stated.iter().all(|stated| stated.instant != it.instant);
    let found: Vec<_> = found(events).into_iter().filter(open).collect();
    stated.into_iter().chain(found).collect()
}

/// What sources state themselves, each time from the first event that says so.
fn stated(events: &[Proposal], evidence: &[StoredEvidence]) -> Vec<InstantProposal> {
    let states: HashMap<EvidenceId, &[KeyInstant]> = evidence
        .iter()
        .filter(|it| !it.evidence.facts.instants.is_empty())
        .map(|it| (it.id, it.evidence.facts.instants.as_slice()))
        .collect();
    if states.is_empty() {
        return Vec::new();
    }
    let says = |event: &Proposal, instant: KeyInstant| {
        event.evidence.iter().any(|id| states.get(id).is_some_and(|all| all.contains(&instant)))
    };
    let proposal = |instant: KeyInstant| {
        let event = events.iter().find(|event| says(event, instant))?;
        let reason = "The file that was brought in states it.".to_owned();
        Some(InstantProposal { instant, key: event.key.clone(), reason })
    };
    KeyInstant::ALL.into_iter().filter_map(proposal).collect()
}

/// What the rules find.
fn found(events: &[Proposal]) -> Vec<InstantProposal> {
    let all = [
        (KeyInstant::ImpactStart, impact_start(events)),
        (KeyInstant::Detected, detected(events)),
        (KeyInstant::Acknowledged, acknowledged(events)),
        (KeyInstant::Mitigated, mitigated(events)),
        (KeyInstant::Resolved, resolved(events)),
    ];
    let proposal = |(instant, found): (KeyInstant, Option<(&Proposal, &str)>)| {
        let (event, reason) = found?;
        Some(InstantProposal { instant, key: event.key.clone(), reason: reason.to_owned() })
    };
    all.into_iter().filter_map(proposal).collect()
}

type Found<'e> = Option<(&'e Proposal, &'static str)>;

fn impact_start(events: &[Proposal]) -> Found<'_> {
    let first = by_rule(events, &["chat.impact_start", "alert.impact_start"]).next()?;
    Some((first, "This event states when the impact began."))
}

fn detected(events: &[Proposal]) -> Found<'_> {
    let first = by_rule(events, &["paging.triggered", "chat.first_report", "alert.fired"]).next()?;
    let reason = match first.rule {
        "paging.triggered" => "The paging system opened the incident here.",
        "chat.first_report" => "Somebody reported it here, before anything else did.",
        _ => "The first alert fired here.",
    };
    Some((first, reason))
}

fn acknowledged(events: &[Proposal]) -> Found<'_> {
    let first = by_rule(events, &["paging.acknowledged"]).next()?;
    Some((first, "The first acknowledgement."))
}

/// The first statement after which no alert fired any more; else the last one; else the last rollback that
/// somebody says is done.
fn mitigated(events: &[Proposal]) -> Found<'_> {
    let last_alert = by_rule(events, &["alert.fired", "paging.triggered"]).next_back().map(|it| it.at);
    let stated = || events.iter().filter(|it| it.rule == "chat.mitigated" || stated_on_paging(it));
    let lasting = stated().find(|it| last_alert.is_none_or(|alert| it.at >= alert));
    if let Some(event) = lasting.or_else(|| stated().next_back()) {
        return Some((event, "It says that the impact is gone or limited."));
    }
    let mut done = by_rule(events, &["chat.change", "bot.change", "paging.note"]).filter(|it| {
        let words = format!("{} {}", it.title, it.detail).to_ascii_lowercase();
        ["rolled back", "rollback complete", "rollback done", "rollback is", "reverted"]
            .iter()
            .any(|done| words.contains(done))
    });
    done.next_back().map(|event| (event, "A rollback was confirmed, and nothing states the mitigation."))
}

/// A note on the incident that says so; such notes are of this kind, see [`super::chat::stated_kind`].
fn stated_on_paging(it: &Proposal) -> bool {
    it.rule == "paging.note" && it.kind == crate::timeline::EventKind::Status
}

fn resolved(events: &[Proposal]) -> Found<'_> {
    if let Some(event) = by_rule(events, &["paging.resolved"]).next_back() {
        return Some((event, "The paging system closed the incident here."));
    }
    let event = by_rule(events, &["chat.resolved"]).next_back()?;
    Some((event, "It says that the incident is over."))
}

fn by_rule<'e>(events: &'e [Proposal], rules: &'e [&str]) -> impl DoubleEndedIterator<Item = &'e Proposal> {
    events.iter().filter(|it| rules.contains(&it.rule))
}
