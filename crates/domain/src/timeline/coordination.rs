//! What happened to coordination, by the evidence (domain.md 4.5, RSPM): facts of the incident, never of a person.
//! What a rule only suspects is a candidate that somebody confirms or dismisses.

mod suspicions;

pub use suspicions::{Candidate, Handed, Suspicion};

use super::{EventKind, TimelineEvent, context::Standing, event::ActorKind};
use crate::{EventId, Instant, instant::Span};
use std::collections::BTreeMap;

/// Between two updates for people who wait, unless their audience says otherwise (RSPM-8).
pub const UPDATE_EVERY: Span = Span::minutes(30);
/// A hand-over note counts within so long of the hand-off (RSPM-4).
const BRIEFING: Span = Span::minutes(10);

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

/// What the evidence tells beside the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Pages, and when the response was passed on, in order of time.
    pub handed: Vec<Handed>,
    /// Who said or did something, by name.
    pub took_part: Vec<String>,
    /// When whoever mitigated it was first heard of after detection.
    pub expert_heard: Option<Instant>,
    /// The event that limited the impact, if one is chosen.
    pub mitigation: Option<EventId>,
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
    beside: &Beside,
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
        candidates: suspicions::all(&visible, beside, detected, ended),
    }
}

/// Who mitigated: the person behind the event that is chosen for it, or behind the first mitigation.
pub fn expert<'e>(
    events: impl IntoIterator<Item = &'e TimelineEvent>,
    mitigation: Option<EventId>,
) -> Option<&'e TimelineEvent> {
    let by_person =
        |event: &&TimelineEvent| event.actor.as_ref().is_some_and(|actor| actor.kind == ActorKind::Person);
    let mut first = None;
    for event in events.into_iter().filter(|event| !event.hidden).filter(by_person) {
        if Some(event.id) == mitigation {
            return Some(event);
        }
        if first.is_none() && event.kind == EventKind::Mitigation {
            first = Some(event);
        }
    }
    first
}

/// The phrases by which somebody hands over.
const HANDING: [&str; 8] = [
    "hand over",
    "handing over",
    "handed over",
    "hand-over",
    "handover",
    "taking over",
    "took over",
    "takes over",
];

fn hand_offs(events: &[&TimelineEvent]) -> Vec<HandOff> {
    let says = |event: &&&TimelineEvent| {
        let words = event.title.to_lowercase();
        HANDING.iter().any(|phrase| words.contains(phrase))
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
        let found = read(&[update], &Beside::default(), &audiences, Some(at(0)), Some(at(90)));
        assert_eq!(found.silences, [Silence { audience: "customers".into(), from: at(20), to: at(90) }]);
        assert_eq!(found.untold, ["support desk"]);
        assert_eq!(read(&[], &Beside::default(), &audiences, None, Some(at(90))).silences, []);
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
        let found = read(&all, &Beside::default(), &[], None, None);
        assert_eq!(found.responders, ["Ada", "Rafe", "Noor"]);
        let kinds: Vec<_> = found.candidates.iter().map(|it| (it.what, it.length.as_minutes())).collect();
        assert_eq!(kinds, [(Suspicion::Duplicate, 4), (Suspicion::Dropped, 12)]);
    }

    #[test]
    fn what_the_evidence_suggests_of_experts_pages_and_roles_is_asked_and_names_nobody() {
        let all = [
            event(1, 4, EventKind::Response, "Ada", "I take incident lead"),
            event(2, 20, EventKind::Action, "Ada", "Restarting the gate controller"),
            event(3, 41, EventKind::Mitigation, "Rafe", "Rolling key 7 back"),
            event(4, 44, EventKind::Change, "Ada", "Key 6 is live on gate 4"),
            event(5, 50, EventKind::Response, "Noor", "Taking over incident lead"),
            event(6, 60, EventKind::Action, "Ada", "Checking gate 9"),
        ];
        let handed = |n: u8, minutes, paged: bool, to: &str| Handed {
            id: crate::EvidenceId::new(at(minutes), [n; 10]),
            at: at(minutes),
            paged,
            to: vec![to.to_owned()],
        };
        let beside = Beside {
            handed: vec![
                handed(1, 1, true, "Billing on call"),
                handed(2, 2, true, "Ada"),
                handed(3, 13, false, "Ada"),
                handed(4, 20, true, "Nobody after that"),
            ],
            took_part: vec!["Ada".into(), "Rafe".into()],
            expert_heard: Some(at(38)),
            mitigation: None,
        };
        let found = read(&all, &beside, &[], Some(at(0)), Some(at(90)));
        let told: Vec<_> = found.candidates.iter().map(|it| (it.what, it.length.as_minutes())).collect();
        assert_eq!(
            told,
            [(Suspicion::Expert, 38), (Suspicion::Misrouted, 12), (Suspicion::Doubled, 24)],
            "{:?}",
            found.candidates
        );
        let names = ["Ada", "Rafe", "Noor", "Billing"];
        assert!(found.candidates.iter().all(|it| !names.iter().any(|name| it.reason.contains(name))));
        assert_eq!(read(&all, &Beside::default(), &[], None, None).candidates.len(), 1);
    }

    #[test]
    fn what_has_no_end_has_no_length() {
        let mut turn = event(1, 0, EventKind::WrongTurn, "Ada", "The clocks have drifted");
        assert_eq!(read(std::slice::from_ref(&turn), &Beside::default(), &[], None, None).turned_back, None);
        turn.context.until = Some(at(21));
        let mut handed = event(2, 5, EventKind::Response, "Ada", "Handing over to Rafe");
        assert!(
            !read(std::slice::from_ref(&handed), &Beside::default(), &[], None, None).hand_offs[0].briefed
        );
        handed.detail = "Known so far: the gates have no key 7.".into();
        let found = read(&[turn, handed], &Beside::default(), &[], None, None);
        assert_eq!((found.turned_back, found.hand_offs[0].briefed), (Some(Span::minutes(21)), true));
    }
}
