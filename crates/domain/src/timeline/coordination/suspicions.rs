//! What the record only suggests about coordination: each is a candidate that somebody confirms or dismisses, told
//! by what happened and never by who (RSPM-5, 7, 10, 11, 16).

use super::{Beside, EventKind, HANDING, TimelineEvent, expert};
use crate::{EvidenceId, Instant, instant::Span};
use std::collections::BTreeSet;

/// Two people at the same task at the same time, within so long (RSPM-10).
const AT_ONCE: Span = Span::minutes(30);
/// A page that was passed on within so long went elsewhere first (RSPM-7).
const PASSED_ON: Span = Span::hours(1);
/// An expert who is there sooner is no question (RSPM-5 itself is a measure and names no limit).
const LATE: Span = Span::minutes(10);
/// At most so many candidates are put to people.
const CANDIDATES: usize = 50;

/// A page, or the response being passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The record of it.
    pub id: EvidenceId,
    /// When.
    pub at: Instant,
    /// Somebody was paged; otherwise it was escalated or given to somebody.
    pub paged: bool,
    /// To whom, by name.
    pub to: Vec<String>,
}

/// What a rule suspects and a person settles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Stays the same over repeated runs.
    pub key: String,
    /// What it would be.
    pub what: Suspicion,
    /// What suggests it, in one sentence.
    pub reason: String,
    /// How long it would have cost.
    pub length: Span,
}

/// What a candidate would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// It took so long until somebody was there who could limit it (RSPM-5).
    Expert,
    /// A page reached somebody who had no part in it (RSPM-7).
    Misrouted,
    /// Two did the same without knowing of each other (RSPM-10).
    Duplicate,
    /// Something asked for was not done until it was asked again (RSPM-11).
    Dropped,
    /// Somebody led and worked with their own hands at once (RSPM-16).
    Doubled,
}

/// Everything that visible `events`, in order, and the evidence beside them suggest.
pub(super) fn all(
    events: &[&TimelineEvent],
    beside: &Beside,
    detected: Option<Instant>,
    ended: Option<Instant>,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    found.extend(expert_late(events, beside, detected));
    found.extend(misrouted(events, beside));
    found.extend(doubled(events, ended));
    found.extend(twice(events));
    found.truncate(CANDIDATES);
    found
}

fn expert_late(events: &[&TimelineEvent], beside: &Beside, detected: Option<Instant>) -> Option<Candidate> {
    let detected = detected?;
    let mitigation = expert(events.iter().copied(), beside.mitigation)?;
    let by = mitigation.actor.as_ref()?;
    let acts = events.iter().filter(|event| event.actor.as_ref() == Some(by) && event.at >= detected);
    let first = acts.map(|event| event.at).chain(beside.expert_heard).min()?;
    let length = first.since(detected);
    let reason = format!("Whoever did “{}” is first heard of {length} after detection.", mitigation.title);
    let key = format!("expert:{}", mitigation.id);
    (length >= LATE).then_some(Candidate { key, what: Suspicion::Expert, reason, length })
}

fn misrouted(events: &[&TimelineEvent], beside: &Beside) -> Vec<Candidate> {
    let acts: BTreeSet<&str> =
        events.iter().filter_map(|event| Some(event.actor.as_ref()?.name.as_str())).collect();
    let part = |name: &String| beside.took_part.contains(name) || acts.contains(name.as_str());
    let mut found = Vec::new();
    let mut asked: BTreeSet<&String> = BTreeSet::new();
    for (n, page) in beside.handed.iter().enumerate().filter(|(_, it)| it.paged && !it.to.is_empty()) {
        if page.to.iter().any(part) || page.to.iter().any(|name| asked.contains(name)) {
            continue;
        }
        let on = beside.handed[n + 1..]
            .iter()
            .take_while(|other| other.at.since(page.at) <= PASSED_ON)
            .find(|other| !other.paged && !other.to.is_empty() && other.to != page.to);
        let Some(on) = on else { continue };
        asked.extend(&page.to);
        let length = on.at.since(page.at);
        let reason = format!(
            "A page went to somebody who is not heard of again, and {length} later it was passed on."
        );
        found.push(Candidate {
            key: format!("misrouted:{}", page.id),
            what: Suspicion::Misrouted,
            reason,
            length,
        });
    }
    found
}

/// The phrases by which somebody takes the lead.
const LEADING: [&str; 8] = [
    "incident lead",
    "incident commander",
    "incident manager",
    "taking lead",
    "take the lead",
    "taking the lead",
    "lead the response",
    "leading this",
];

fn does(event: &TimelineEvent) -> bool {
    matches!(event.kind, EventKind::Action | EventKind::Change | EventKind::Mitigation)
}

fn doubled(events: &[&TimelineEvent], ended: Option<Instant>) -> Vec<Candidate> {
    let says = |event: &TimelineEvent, phrases: &[&str]| {
        let words = event.title.to_lowercase();
        phrases.iter().any(|phrase| words.contains(phrase))
    };
    let leads: Vec<&TimelineEvent> =
        events.iter().copied().filter(|event| event.actor.is_some() && says(event, &LEADING)).collect();
    let mut found = Vec::new();
    for (n, lead) in leads.iter().enumerate() {
        let handed = events.iter().find(|event| event.at > lead.at && says(event, &HANDING));
        let next = leads.get(n + 1).map(|next| next.at);
        let until = [next, handed.map(|event| event.at), ended].into_iter().flatten().min();
        let hands: Vec<&&TimelineEvent> = events
            .iter()
            .filter(|event| does(event) && event.actor == lead.actor && event.at >= lead.at)
            .filter(|event| until.is_none_or(|until| event.at <= until))
            .collect();
        let (Some(first), Some(last)) = (hands.first(), hands.last()) else { continue };
        let more = if hands.len() == 1 { String::new() } else { format!(" and {} more", hands.len() - 1) };
        found.push(Candidate {
            key: format!("doubled:{}", lead.id),
            what: Suspicion::Doubled,
            reason: format!("Whoever led also did “{}”{more} with their own hands.", first.title),
            length: last.at.since(first.at),
        });
    }
    found
}

fn twice(events: &[&TimelineEvent]) -> Vec<Candidate> {
    let asks = |event: &TimelineEvent| event.title.trim_end().ends_with('?');
    // Only what is done or asked can have been done or asked twice.
    let told: Vec<(&TimelineEvent, BTreeSet<String>)> = events
        .iter()
        .filter(|event| does(event) || asks(event))
        .map(|event| (*event, longer_words(&event.title)))
        .collect();
    let mut found = Vec::new();
    for (n, (one, words)) in told.iter().enumerate() {
        let near = told[n + 1..].iter().take_while(|(other, _)| other.at.since(one.at) <= AT_ONCE);
        for (other, _) in near.take(200).filter(|(_, others)| alike(words, others)) {
            let by = |event: &TimelineEvent| event.actor.as_ref().map(|actor| actor.name.clone());
            let (Some(first), Some(second)) = (by(one), by(other)) else { continue };
            let key = |what: &str| format!("{what}:{}:{}", one.id, other.id);
            let length = other.at.since(one.at);
            if first != second && does(one) && does(other) {
                let reason = format!(
                    "“{}” and “{}” were both begun within half an hour, by different people.",
                    one.title, other.title
                );
                found.push(Candidate { key: key("duplicate"), what: Suspicion::Duplicate, reason, length });
            } else if asks(one) && asks(other) {
                let reason = format!("“{}” was asked, and asked again.", one.title);
                found.push(Candidate { key: key("dropped"), what: Suspicion::Dropped, reason, length });
            }
        }
        if found.len() >= CANDIDATES {
            break;
        }
    }
    found
}

fn longer_words(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 3)
        .map(str::to_owned)
        .collect()
}

/// Whether two titles share most of their longer words.
fn alike(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let shared = a.intersection(b).count();
    shared >= 2 && shared * 3 >= a.len().max(b.len()) * 2
}
