//! Key instants proposed from events (domain.md 4.2): no event, no proposal.

use super::{InstantProposal, Proposal};
use crate::timeline::KeyInstant;

/// At most one proposal per key instant from `events`, which are in chronological order.
pub fn propose(events: &[Proposal]) -> Vec<InstantProposal> {
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
