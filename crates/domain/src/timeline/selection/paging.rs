//! What the paging system recorded: its own course of the incident.

use super::{
    Candidate,
    chat::stated_kind,
    story::{Record, Story},
};
use crate::{evidence::Signal, instant::Span, timeline::EventKind};

/// The assignment that comes with opening an incident says nothing that the page does not.
const OPENING: Span = Span::minutes(2);
/// The same step again within this time is one event.
const REPEATED: Span = Span::minutes(30);

/// The first trigger. Later ones are alerts that joined the same incident, see [`super::alerts`].
pub fn triggered(story: &Story<'_>) -> Vec<Candidate> {
    let first = story.with(&[Signal::Triggered]).next();
    let event = |it: &Record<'_>| {
        let kind = if it.by_person() { EventKind::Report } else { EventKind::Alert };
        it.candidate("paging.triggered", kind, None).because("It opened the incident.").score(100)
    };
    first.map(event).into_iter().collect()
}

/// Every acknowledgement; the first is what durations are measured to.
pub fn acknowledged(story: &Story<'_>) -> Vec<Candidate> {
    let event = |(index, it): (usize, &Record<'_>)| {
        let reason = if index == 0 { "The first acknowledgement." } else { "A further acknowledgement." };
        it.candidate("paging.acknowledged", EventKind::Response, None).because(reason).score(90)
    };
    story.with(&[Signal::Acknowledged]).enumerate().map(event).collect()
}

/// Acknowledgements that ran out or were taken back.
pub fn unacknowledged(story: &Story<'_>) -> Vec<Candidate> {
    each(
        story,
        Signal::Unacknowledged,
        "paging.unacknowledged",
        EventKind::Response,
        "Nobody held it from here on.",
    )
}

/// Escalations; the same step repeated within half an hour is one event.
pub fn escalated(story: &Story<'_>) -> Vec<Candidate> {
    let mut events: Vec<Candidate> = Vec::new();
    for it in story.with(&[Signal::Escalated]) {
        let next = it
            .candidate("paging.escalated", EventKind::Response, None)
            .because("It went to further people.")
            .score(80);
        match events.last_mut() {
            Some(last)
                if last.proposal.title == next.proposal.title
                    && next.proposal.at.since(last.proposal.at) <= REPEATED =>
            {
                last.proposal.evidence.extend(next.proposal.evidence);
                let times = last.proposal.evidence.len();
                last.proposal.reason =
                    format!("It went to further people, {times} times within half an hour.");
            }
            _ => events.push(next),
        }
    }
    events
}

/// Assignments that somebody made, and those after the opening; not the one that opening brings along.
pub fn assigned(story: &Story<'_>) -> Vec<Candidate> {
    let meant = |it: &&Record<'_>| {
        let late = story.triggered.is_none_or(|opened| it.evidence().at.since(opened) > OPENING);
        let own = it
            .evidence()
            .author
            .as_ref()
            .is_some_and(|author| it.evidence().facts.people == [author.name.clone()]);
        !it.evidence().facts.people.is_empty() && !own && (it.by_person() || late)
    };
    let event = |it: &Record<'_>| {
        it.candidate("paging.assigned", EventKind::Response, None)
            .because("It was given to somebody.")
            .score(60)
    };
    story.with(&[Signal::Assigned]).filter(meant).map(event).collect()
}

/// When it was put off.
pub fn snoozed(story: &Story<'_>) -> Vec<Candidate> {
    each(story, Signal::Snoozed, "paging.snoozed", EventKind::Response, "It was put off for a while.")
}

/// Changes of priority, urgency and the like; not custom fields that say nothing about them.
pub fn changed(story: &Story<'_>) -> Vec<Candidate> {
    let tells = |it: &&Record<'_>| {
        let sort = it.evidence().facts.source_type.as_str();
        let text = it.evidence().text.to_ascii_lowercase();
        let custom = sort.starts_with("custom_field") || sort.starts_with("reach_");
        !custom
            || ["severity", "priority", "urgency", "impact", "status"].iter().any(|word| text.contains(word))
    };
    let event = |it: &Record<'_>| {
        let reason = "How urgent it is, or another field, was changed.";
        it.candidate("paging.changed", EventKind::Status, None).because(reason).score(60)
    };
    story.with(&[Signal::Changed]).filter(tells).map(event).collect()
}

/// Notes: somebody found it worth writing down at the time. Their words tell what kind of event it is.
pub fn note(story: &Story<'_>) -> Vec<Candidate> {
    let worded = |it: &&Record<'_>| !it.evidence().text.trim().is_empty();
    let event = |it: &Record<'_>| {
        let own = it.evidence().facts.kind.as_deref().and_then(EventKind::from_key).map(|kind| (kind, None));
        let (kind, sentence) = own.or_else(|| stated_kind(&it.reading)).unwrap_or((EventKind::Note, None));
        it.candidate("paging.note", kind, sentence)
            .because("Somebody wrote it down on the incident.")
            .score(85)
    };
    story.with(&[Signal::Note]).filter(worded).map(event).collect()
}

/// Updates for people who wait.
pub fn status_update(story: &Story<'_>) -> Vec<Candidate> {
    each(
        story,
        Signal::StatusUpdate,
        "paging.status_update",
        EventKind::Update,
        "An update for people who wait.",
    )
}

/// Deploys, releases and other changes of the system, as the tool that made them records them.
pub fn deployed(story: &Story<'_>) -> Vec<Candidate> {
    each(story, Signal::Deployed, "change.deployed", EventKind::Change, "The system was changed here.")
}

/// When the source closed it, each time.
pub fn resolved(story: &Story<'_>) -> Vec<Candidate> {
    each(story, Signal::Resolved, "paging.resolved", EventKind::Status, "It closed the incident.")
}

fn each(
    story: &Story<'_>,
    signal: Signal,
    rule: &'static str,
    kind: EventKind,
    reason: &'static str,
) -> Vec<Candidate> {
    story.with(&[signal]).map(|it| it.candidate(rule, kind, None).because(reason).score(80)).collect()
}
