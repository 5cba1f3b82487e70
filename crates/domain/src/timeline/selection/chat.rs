//! What deserves the timeline of all that people said in a chat.

use super::{
    Candidate,
    phrases::Topic,
    reading::{Mark, Reading},
    story::{Record, Story},
};
use crate::{Instant, evidence::Signal, instant::Span, timeline::EventKind};

/// The first report may come this long before the page …
const REPORT_BEFORE: Span = Span::hours(2);
/// … or this long after it, when people noticed by themselves.
const REPORT_AFTER: Span = Span::minutes(15);

/// Reactions that mark a message for later, with how many people it takes. Reactions such as `eyes` or
/// `+1` answer a message and mark nothing.
const MARKING: &[(&str, u32)] = &[
    ("pushpin", 1),
    ("round_pushpin", 1),
    ("pin", 1),
    ("bookmark", 1),
    ("memo", 1),
    ("spiral_note_pad", 1),
    ("timeline", 1),
    ("incident-timeline", 1),
    ("postmortem", 1),
    ("post-mortem", 1),
    ("star", 1),
    ("star2", 2),
];

/// The words of a statement that make it an event, strongest first.
const STATED: &[(Topic, EventKind)] = &[
    (Topic::Heading, EventKind::Decision),
    (Topic::Decided, EventKind::Decision),
    (Topic::Intent, EventKind::Decision),
    (Topic::Doing, EventKind::Action),
    (Topic::Resolved, EventKind::Status),
    (Topic::Mitigated, EventKind::Status),
    (Topic::Changed, EventKind::Change),
    (Topic::Customers, EventKind::Update),
    (Topic::Role, EventKind::Response),
    (Topic::FindingHeading, EventKind::Observation),
    (Topic::Finding, EventKind::Observation),
];

/// What kind of event a statement is by its words, and the sentence that says so.
pub fn stated_kind(reading: &Reading) -> Option<(EventKind, Option<usize>)> {
    STATED.iter().find_map(|(topic, kind)| reading.states(*topic).map(|mark| (*kind, Some(mark.sentence))))
}

/// Messages that somebody pinned.
pub fn pinned(story: &Story<'_>) -> Vec<Candidate> {
    let pinned = story.with(&[Signal::Message, Signal::BotMessage, Signal::File]);
    let event = |it: &Record<'_>| {
        let (kind, sentence) = stated_kind(&it.reading).unwrap_or((EventKind::Note, None));
        it.candidate("chat.pinned", kind, sentence).because("Somebody pinned it.").score(100)
    };
    pinned.filter(|it| it.evidence().facts.pinned && !it.evidence().text.is_empty()).map(event).collect()
}

/// Messages with a reaction that marks them for later.
pub fn marked(story: &Story<'_>) -> Vec<Candidate> {
    let mut events = Vec::new();
    for it in story.with(&[Signal::Message, Signal::BotMessage, Signal::File]) {
        let enough =
            |name: &str, count: u32| MARKING.iter().any(|(known, least)| *known == name && count >= *least);
        let mark = it.evidence().facts.reactions.iter().find(|it| enough(&it.name, it.count));
        if let Some(mark) = mark.filter(|_| !it.evidence().text.is_empty()) {
            let (kind, sentence) = stated_kind(&it.reading).unwrap_or((EventKind::Note, None));
            let who = if mark.count == 1 { "Somebody".to_owned() } else { format!("{} people", mark.count) };
            let reason = format!("{who} marked it with :{}:.", mark.name);
            events.push(it.candidate("chat.marked", kind, sentence).because(reason).score(95));
        }
    }
    events
}

/// The earliest message of a person that reads like a report, shortly before the page or soon after it.
/// Without a page: the earliest of all.
pub fn first_report(story: &Story<'_>) -> Vec<Candidate> {
    let near = |at: Instant| match story.triggered {
        Some(opened) => opened.since(at) <= REPORT_BEFORE && at.since(opened) <= REPORT_AFTER,
        None => true,
    };
    let reports = story.said().filter(|it| near(it.evidence().at));
    let first = reports.filter_map(|it| report(&it.reading).map(|mark| (it, mark.sentence))).next();
    let event = |(it, sentence): (&Record<'_>, usize)| {
        let reason = "The first message that reads like a report of the problem.";
        it.candidate("chat.first_report", EventKind::Report, Some(sentence)).because(reason).score(100)
    };
    first.map(event).into_iter().collect()
}

/// A report may ask (“is anyone else seeing 500s?”), but not suppose, tell of another day, or say that it
/// is over (“error rate is back to normal”).
fn report(reading: &Reading) -> Option<&Mark> {
    if reading.states(Topic::Mitigated).or_else(|| reading.states(Topic::Resolved)).is_some() {
        return None;
    }
    reading.marks.iter().find(|it| it.topic == Topic::Report && !it.elsewhen && !it.supposed)
}

/// Decisions stated as such, and announced steps that change the system.
pub fn decision(story: &Story<'_>) -> Vec<Candidate> {
    let mut events = Vec::new();
    for it in story.said() {
        let stated = |topic| it.reading.states(topic).map(|mark| mark.sentence);
        let (sentence, reason, score) =
            match (stated(Topic::Heading), stated(Topic::Decided), stated(Topic::Intent)) {
                (Some(at), _, _) | (None, Some(at), _) => (at, "It states a decision.", 90),
                (None, None, Some(at)) => (at, "It announces a step that changes the system.", 80),
                (None, None, None) => continue,
            };
        let candidate = it.candidate("chat.decision", EventKind::Decision, Some(sentence));
        events.push(candidate.because(reason).score(score));
    }
    events
}

/// “Back to normal”, “mitigated”.
pub fn mitigated(story: &Story<'_>) -> Vec<Candidate> {
    stated(
        story,
        Topic::Mitigated,
        "chat.mitigated",
        EventKind::Status,
        "It says that the impact is gone or limited.",
        88,
    )
}

/// “All clear”, “closing the incident”.
pub fn resolved(story: &Story<'_>) -> Vec<Candidate> {
    stated(
        story,
        Topic::Resolved,
        "chat.resolved",
        EventKind::Status,
        "It says that the incident is over.",
        92,
    )
}

/// “Rolled back”, “failed over”, “flag is off”.
pub fn change(story: &Story<'_>) -> Vec<Candidate> {
    stated(
        story,
        Topic::Changed,
        "chat.change",
        EventKind::Change,
        "It says that the system was changed.",
        78,
    )
}

/// “Stopping the worker now”.
pub fn action(story: &Story<'_>) -> Vec<Candidate> {
    stated(
        story,
        Topic::Doing,
        "chat.action",
        EventKind::Action,
        "It announces a step that is being taken.",
        77,
    )
}

/// What people outside were told.
pub fn customers(story: &Story<'_>) -> Vec<Candidate> {
    stated(
        story,
        Topic::Customers,
        "chat.customers",
        EventKind::Update,
        "It says what people outside were told.",
        76,
    )
}

/// Who took or handed over a role.
pub fn role(story: &Story<'_>) -> Vec<Candidate> {
    stated(story, Topic::Role, "chat.role", EventKind::Response, "Somebody took or handed over a role.", 74)
}

/// What was found out.
pub fn finding(story: &Story<'_>) -> Vec<Candidate> {
    let found = |topic| {
        stated(story, topic, "chat.finding", EventKind::Observation, "It says what was found out.", 66)
    };
    [found(Topic::FindingHeading), found(Topic::Finding)].concat()
}

/// A topic that tells how the incident stands.
pub fn topic(story: &Story<'_>) -> Vec<Candidate> {
    let tells = |it: &&Record<'_>| {
        let text = it.evidence().text.to_ascii_lowercase();
        let sort = it.evidence().facts.source_type.as_str();
        let set = text.split_once("topic:").map_or(text.as_str(), |(_, set)| set);
        let mut words = set.split(|c: char| !c.is_alphanumeric());
        let telling = ["ic", "lead", "commander", "mitigated", "resolved", "monitoring", "status"];
        let severity = |word: &str| {
            word.strip_prefix("sev").is_some_and(|rest| rest.bytes().all(|it| it.is_ascii_digit()))
        };
        sort.ends_with("_topic") && words.any(|word| severity(word) || telling.contains(&word))
    };
    let event = |it: &Record<'_>| {
        let reason = "The topic of the channel tells how the incident stands.";
        it.candidate("chat.topic", EventKind::Status, None).because(reason).score(55)
    };
    story.with(&[Signal::Marked]).filter(tells).map(event).collect()
}

/// Statements of when the impact began, with a time in UTC; the event stands at that time.
pub fn impact_start(story: &Story<'_>) -> Vec<Candidate> {
    let mut events = Vec::new();
    for it in story.with(&[Signal::Message, Signal::Note]) {
        if let Some((at, sentence)) = super::alerts::stated_start(it, Topic::ImpactStart) {
            let reason = "It states when the impact began; the event stands at that time.";
            let candidate = it.candidate("chat.impact_start", EventKind::Observation, Some(sentence));
            let mut candidate = candidate.because(reason).score(100);
            candidate.proposal.at = at;
            events.push(candidate);
        }
    }
    events
}

fn stated(
    story: &Story<'_>,
    topic: Topic,
    rule: &'static str,
    kind: EventKind,
    reason: &'static str,
    score: u8,
) -> Vec<Candidate> {
    let event = |it: &Record<'_>| {
        let sentence = it.reading.states(topic)?.sentence;
        Some(it.candidate(rule, kind, Some(sentence)).because(reason).score(score))
    };
    story.said().filter_map(event).collect()
}
