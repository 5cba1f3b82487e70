//! What happened to coordination, by the evidence (domain.md 4.5, RSPM): facts of the incident, never of a person.
//! What a rule only suspects is a candidate that somebody confirms or dismisses.

use super::{EventKind, TimelineEvent, context::Standing, event::ActorKind};
use crate::{Instant, instant::Span};
use std::collections::{BTreeMap, BTreeSet};

/// Between two updates for people who wait, unless their audience says otherwise (RSPM-8).
pub const UPDATE_EVERY: Span = Span::minutes(30);
/// A hand-over note counts within so long of the hand-off (RSPM-4).
const BRIEFING: Span = Span::minutes(10);
/// Two people at the same task at the same time, within so long (RSPM-10).
const AT_ONCE: Span = Span::minutes(30);

/// Somebody who had to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// As updates name it.
    pub name: String,
    /// Whether they were affected.
    pub affected: bool,
    /// How often an update was owed; [`UPDATE_EVERY`] if not said.
    pub every: Option<Span>,
}

/// A stretch in which an audience heard nothing for longer than was owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Who waited.
    pub audience: String,
    /// Since when.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
}

/// Somebody handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOff {
    /// When.
    pub at: Instant,
    /// In the words of the timeline.
    pub words: String,
    /// Whether a note stands within ten minutes of it.
    pub briefed: bool,
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
    /// Two did the same without knowing of each other (RSPM-10).
    Duplicate,
    /// Something asked for was not done until it was asked again (RSPM-11).
    Dropped,
}

/// What the record shows of coordination.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coordination {
    /// Who responded between detection and resolution, in order of first act (RSPM-1); nothing is counted of each.
    pub responders: Vec<String>,
    /// Their teams (RSPM-3).
    pub teams: Vec<String>,
    /// Hand-offs (RSPM-4).
    pub hand_offs: Vec<HandOff>,
    /// Silences per audience (RSPM-8).
    pub silences: Vec<Silence>,
    /// Affected audiences that were never told, or only when it was over (RSPM-12).
    pub untold: Vec<String>,
    /// Explanations that were raised, set aside, confirmed (RSPM-13).
    pub explanations: (usize, usize, usize),
    /// How long ways were followed that were turned back from; `None` while one has no end (RSPM-14).
    pub turned_back: Option<Span>,
    /// How long needed tools were not there; `None` while one has no end (RSPM-15).
    pub tool_trouble: Option<Span>,
    /// What a person is asked about.
    pub candidates: Vec<Candidate>,
}

/// Reads coordination from the visible `events` of a response that lasted from `detected` to `ended`.
pub fn read(
    events: &[TimelineEvent],
    audiences: &[Audience],
    detected: Option<Instant>,
    ended: Option<Instant>,
) -> Coordination {
    let visible: Vec<&TimelineEvent> = events.iter().filter(|event| !event.hidden).collect();
    let during = |event: &&&TimelineEvent| {
        detected.is_none_or(|from| event.at >= from) && ended.is_none_or(|to| event.at <= to)
    };
    let (mut responders, mut teams) = (Vec::new(), Vec::new());
    for event in visible.iter().filter(during) {
        let person = event.actor.as_ref().filter(|actor| actor.kind == ActorKind::Person);
        if let Some(actor) = person
            && !responders.contains(&actor.name)
        {
            responders.push(actor.name.clone());
        }
        if let Some(team) = event.team.as_ref().filter(|team| !teams.contains(*team)) {
            teams.push(team.clone());
        }
    }
    Coordination {
        responders,
        teams,
        hand_offs: hand_offs(&visible),
        silences: silences(&visible, audiences, detected, ended),
        untold: untold(&visible, audiences, ended),
        explanations: explanations(&visible),
        turned_back: lasted(visible.iter().filter(|event| event.kind == EventKind::WrongTurn)),
        tool_trouble: lasted(visible.iter().filter(|event| event.context.tool_trouble)),
        candidates: candidates(&visible),
    }
}

fn hand_offs(events: &[&TimelineEvent]) -> Vec<HandOff> {
    let says = |event: &&&TimelineEvent| {
        let words = event.title.to_lowercase();
        [
            "hand over",
            "handing over",
            "handed over",
            "hand-over",
            "handover",
            "taking over",
            "took over",
            "takes over",
        ]
        .iter()
        .any(|phrase| words.contains(phrase))
    };
    let near = |at: Instant, event: &&&TimelineEvent| {
        event.at.since(at).as_micros().abs() <= BRIEFING.as_micros() && !event.detail.trim().is_empty()
    };
    events
        .iter()
        .filter(says)
        .map(|event| HandOff {
            at: event.at,
            words: event.title.clone(),
            briefed: events.iter().any(|other| {
                near(event.at, &other) && (other.kind == EventKind::Note || other.id == event.id)
            }),
        })
        .collect()
}

/// When each audience was told, by the name in the update.
fn told<'e>(events: &[&'e TimelineEvent]) -> BTreeMap<&'e str, Vec<Instant>> {
    let mut told: BTreeMap<&str, Vec<Instant>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.kind == EventKind::Update) {
        if let Some(audience) = &event.context.audience {
            told.entry(audience.as_str()).or_default().push(event.at);
        }
    }
    told
}

fn silences(
    events: &[&TimelineEvent],
    audiences: &[Audience],
    from: Option<Instant>,
    to: Option<Instant>,
) -> Vec<Silence> {
    let (Some(from), Some(to)) = (from, to) else { return Vec::new() };
    let told = told(events);
    let mut silences = Vec::new();
    for audience in audiences {
        let every = audience.every.unwrap_or(UPDATE_EVERY);
        let mut ends: Vec<Instant> = told.get(audience.name.as_str()).cloned().unwrap_or_default();
        ends.retain(|at| *at > from && *at < to);
        ends.push(from);
        ends.push(to);
        ends.sort_unstable();
        for pair in ends.windows(2).filter(|pair| pair[1].since(pair[0]) > every) {
            silences.push(Silence { audience: audience.name.clone(), from: pair[0], to: pair[1] });
        }
    }
    silences
}

fn untold(events: &[&TimelineEvent], audiences: &[Audience], ended: Option<Instant>) -> Vec<String> {
    let told = told(events);
    let in_time = |name: &str| {
        told.get(name).is_some_and(|times| times.iter().any(|at| ended.is_none_or(|end| *at <= end)))
    };
    audiences.iter().filter(|it| it.affected && !in_time(&it.name)).map(|it| it.name.clone()).collect()
}

fn explanations(events: &[&TimelineEvent]) -> (usize, usize, usize) {
    let of = |standing: Standing| {
        let raised = events.iter().filter(|event| event.kind == EventKind::Hypothesis);
        raised.filter(|event| event.context.standing.unwrap_or(Standing::Raised) == standing).count()
    };
    let (open, discarded, confirmed) =
        (of(Standing::Raised), of(Standing::Discarded), of(Standing::Confirmed));
    (open + discarded + confirmed, discarded, confirmed)
}

/// The union of what lasted from an event until its end; `None` while an end is missing.
fn lasted<'e>(events: impl Iterator<Item = &'e &'e TimelineEvent>) -> Option<Span> {
    let ends: Option<Vec<(Instant, Instant)>> =
        events.map(|event| Some((event.at, event.context.until?))).collect();
    Some(super::impact::union(ends?))
}

fn candidates(events: &[&TimelineEvent]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (n, one) in events.iter().enumerate() {
        let near = events[n + 1..].iter().take_while(|other| other.at.since(one.at) <= AT_ONCE).take(200);
        for other in near.filter(|other| alike(&one.title, &other.title)) {
            let by = |event: &TimelineEvent| event.actor.as_ref().map(|actor| actor.name.clone());
            let (Some(first), Some(second)) = (by(one), by(other)) else { continue };
            let does = |event: &TimelineEvent| {
                matches!(event.kind, EventKind::Action | EventKind::Change | EventKind::Mitigation)
            };
            let key = |what: &str| format!("{what}:{}:{}", one.id, other.id);
            if first != second && does(one) && does(other) {
                let reason = format!(
                    "“{}” and “{}” were both begun within half an hour, by different people.",
                    one.title, other.title
                );
                let length = other.at.since(one.at);
                found.push(Candidate { key: key("duplicate"), what: Suspicion::Duplicate, reason, length });
            } else if one.title.trim_end().ends_with('?') && other.title.trim_end().ends_with('?') {
                let reason = format!("“{}” was asked, and asked again.", one.title);
                let length = other.at.since(one.at);
                found.push(Candidate { key: key("dropped"), what: Suspicion::Dropped, reason, length });
            }
        }
    }
    found.truncate(50);
    found
}

/// Whether two titles share most of their longer words.
fn alike(a: &str, b: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 3)
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let shared = a.intersection(&b).count();
    shared >= 2 && shared * 3 >= a.len().max(b.len()) * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        EventId,
        timeline::{Actor, Chosen, Context, Precision},
    };

    fn at(minutes: i64) -> Instant {
        Instant::from_seconds(1_800_000_000 + minutes * 60)
    }

    fn event(n: u8, minutes: i64, kind: EventKind, who: &str, title: &str) -> TimelineEvent {
        TimelineEvent {
            id: EventId::new(at(minutes), [n; 10]),
            at: at(minutes),
            precision: Precision::Second,
            rank: 0,
            kind,
            title: title.into(),
            detail: String::new(),
            actor: Some(Actor { name: who.into(), kind: ActorKind::Person }),
            team: Some("Gates".into()),
            evidence: vec![],
            context: Context::default(),
            chosen: Chosen::Person { person: None },
            hidden: false,
            touched: false,
            revision: 0,
        }
    }

    #[test]
    fn silences_and_untold_audiences_are_told_with_their_ends() {
        let mut update = event(1, 20, EventKind::Update, "Ada", "We are looking");
        update.context.audience = Some("customers".into());
        let audience = |name: &str, every| Audience { name: name.into(), affected: true, every };
        let audiences = [audience("customers", None), audience("support desk", Some(Span::hours(3)))];
        let found = read(&[update], &audiences, Some(at(0)), Some(at(90)));
        assert_eq!(found.silences, [Silence { audience: "customers".into(), from: at(20), to: at(90) }]);
        assert_eq!(found.untold, ["support desk"]);
        assert_eq!(read(&[], &audiences, None, Some(at(90))).silences, []);
    }

    #[test]
    fn the_same_task_begun_twice_is_a_candidate_and_no_more() {
        let all = [
            event(1, 0, EventKind::Action, "Ada", "Restarting the gate controller"),
            event(2, 4, EventKind::Action, "Rafe", "restarting gate controller now"),
            event(3, 50, EventKind::Action, "Rafe", "restarting gate controller now"),
            event(4, 60, EventKind::Note, "Noor", "Can somebody call the station desk?"),
            event(5, 72, EventKind::Note, "Noor", "Did somebody call the station desk?"),
        ];
        let found = read(&all, &[], None, None);
        assert_eq!(found.responders, ["Ada", "Rafe", "Noor"]);
        let kinds: Vec<_> = found.candidates.iter().map(|it| (it.what, it.length.as_minutes())).collect();
        assert_eq!(kinds, [(Suspicion::Duplicate, 4), (Suspicion::Dropped, 12)]);
    }

    #[test]
    fn what_has_no_end_has_no_length() {
        let mut turn = event(1, 0, EventKind::WrongTurn, "Ada", "The clocks have drifted");
        assert_eq!(read(std::slice::from_ref(&turn), &[], None, None).turned_back, None);
        turn.context.until = Some(at(21));
        let mut handed = event(2, 5, EventKind::Response, "Ada", "Handing over to Rafe");
        assert!(!read(std::slice::from_ref(&handed), &[], None, None).hand_offs[0].briefed);
        handed.detail = "Known so far: the gates have no key 7.".into();
        let found = read(&[turn, handed], &[], None, None);
        assert_eq!((found.turned_back, found.hand_offs[0].briefed), (Some(Span::minutes(21)), true));
    }
}
