use super::*;
use app::timeline::Cited;
use domain::{
    EventId, EvidenceId, IncidentId,
    evidence::{Signal, Source},
    incident::{Incident, IncidentKind, IncidentNumber, IncidentState},
    timeline::{Precision, TimelineEvent, event::Actor, event::ActorKind},
};

fn event(minute: i64, kind: EventKind) -> Shown {
    let at = Instant::from_seconds(1_790_000_000 + minute * 60);
    let evidence = EvidenceId::new(at, [1; 10]);
    Shown {
        event: TimelineEvent {
            id: EventId::new(at, [2; 10]),
            at,
            precision: Precision::Second,
            rank: 0,
            kind,
            title: format!("Event {minute}"),
            detail: String::new(),
            actor: Some(Actor { name: "Ada".into(), kind: ActorKind::Person }),
            team: None,
            evidence: vec![evidence],
            context: domain::timeline::Context::default(),
            chosen: Chosen::Rule { rule: "chat.pin".into(), key: String::new(), reason: "Pinned".into() },
            hidden: false,
            touched: false,
            revision: 0,
        },
        evidence: vec![Cited {
            id: evidence,
            source: Source::Slack,
            signal: Signal::Message,
            place: Some("#gates".into()),
            author: Some("Ada".into()),
            pictured: false,
        }],
        instants: vec![],
        accounts: vec![],
    }
}

fn incident(timeline: Vec<Shown>) -> incidents::Shown {
    let at = Instant::from_seconds(1_790_000_000);
    incidents::Shown {
        narrowed: false,
        asked: false,
        incident: Incident {
            id: IncidentId::new(at, [3; 10]),
            number: IncidentNumber(12),
            title: "Tickets refused".into(),
            summary: String::new(),
            kind: IncidentKind::Incident,
            severity: None,
            state: IncidentState::Active,
            services: vec![],
            team: None,
            declared_at: at,
            resolved_at: None,
            origin: None,
            revision: 0,
        },
        timeline,
        not_shown: Default::default(),
        instants: vec![],
        postmortem: None,
        intervals: vec![],
        evidence: vec![],
        chat_density: vec![],
        participants: vec![],
        follow_ups: app::follow_ups::Counts::default(),
    }
}

fn frame() -> Frame {
    Frame {
        title: String::new(),
        room: crate::render::Room::Incidents,
        person: None,
        zone: Zone::of(None),
        theme: crate::render::Theme::System,
        workspace: app::workspace::Workspace {
            name: "Debrief".into(),
            premise: String::new(),
            soak_hours: 48,
            term: domain::vocabulary::Term::default(),
            revision: 0,
        },
        now: Instant::from_seconds(1_790_100_000),
    }
}

fn view(shown: &incidents::Shown, query: &str) -> View {
    View::of(&Once::of(shown), &Submitted::read(query), &frame(), "/incidents/INC-12")
}

#[test]
fn a_long_timeline_folds_what_is_ordinary_and_loses_nothing() {
    let mut events: Vec<Shown> = (0..100).map(|minute| event(minute, EventKind::Note)).collect();
    events[50].event.kind = EventKind::Decision;
    let long = view(&incident(events), "");
    let folds: Vec<&str> = long.parts.iter().map(|part| part.fold.as_str()).collect();
    assert_eq!(folds, ["Show 50 more", "", "Show 49 more"]);
    assert_eq!(long.parts.iter().map(|part| part.items.len()).sum::<usize>(), 100);
    let short = view(&incident((0..20).map(|minute| event(minute, EventKind::Note)).collect()), "");
    assert!(short.parts.len() == 1 && short.parts[0].fold.is_empty());
}

#[test]
fn words_choices_and_order_are_kept_in_each_others_addresses() {
    let mut events: Vec<Shown> = (0..3).map(|minute| event(minute, EventKind::Note)).collect();
    events[1].event.kind = EventKind::Decision;
    events[2].event.hidden = true;
    let shown = incident(events);
    let decisions = view(&shown, "view=decisions&find=event+1&order=desc");
    assert_eq!(decisions.parts[0].items.len(), 1);
    let asked: Vec<&str> = decisions.parts[0].items[0].choice.iter().map(|(name, _)| *name).collect();
    assert_eq!(asked, ["They could see", "They could not see", "Other ways open", "It made sense because"]);
    assert!(view(&shown, "").parts[0].items.iter().all(|item| item.choice.is_empty()));
    assert_eq!(decisions.turn_url, "/incidents/INC-12?view=decisions&find=event%201#timeline");
    let counts: Vec<usize> = decisions.switch.iter().map(|choice| choice.count).collect();
    assert_eq!(counts, [2, 1, 0, 0, 1]);
    assert_eq!(view(&shown, "view=instants").parts.len(), 0);
}

#[test]
fn an_event_between_two_gets_an_instant_between_them() {
    let at = Instant::from_seconds;
    assert_eq!(between(at(100), at(200)), at(150));
    let close = (Instant::from_micros(1_500_000), Instant::from_micros(1_700_000));
    let middle = between(close.0, close.1);
    assert!(middle >= close.0 && middle <= close.1);
    assert!(between(at(0), at(0).plus(Span::days(1))) > at(0));
}

#[test]
fn a_long_list_comes_in_parts_and_an_event_is_found_in_its_own() {
    let events: Vec<Shown> = (0..700).map(|minute| event(minute, EventKind::Note)).collect();
    let (last, first) = (events[699].event.id, events[0].event.id);
    let shown = incident(events);
    let one = view(&shown, "");
    assert_eq!((one.place.as_str(), one.listed.len()), ("Part 1 of 3", 300));
    assert!(one.listed.contains(&first) && !one.listed.contains(&last));
    let three = view(&shown, &format!("event={last}"));
    assert!(three.listed.contains(&last) && three.older.is_none());
    assert_eq!(three.place, "Part 3 of 3");
}

#[test]
fn accounts_stand_beside_what_they_tell_of() {
    let mut events: Vec<Shown> = (0..3).map(|minute| event(minute, EventKind::Note)).collect();
    events[1].event.context.account_of = Some(events[0].event.id);
    let list = view(&incident(events), "");
    assert_eq!(list.parts[0].items.len(), 2);
    assert_eq!(list.parts[0].items[0].accounts.len(), 1);
    assert!(list.parts[0].items[0].class.contains("conflict"));
}
