//! The timeline as an instrument: history, undoing, splitting, merging, settling, impact, clocks.

use crate::{
    acts, field,
    imports::{brought_in, paged},
    incidents::declaration,
    is_conflict,
};
use app::{
    follow_ups, incidents,
    timeline::{self, Draft, clocks, coordinating, history, impact},
};
use domain::{
    EventId, Instant,
    access::Actor,
    evidence::Source,
    incident::IncidentNumber,
    instant::Span,
    person::Role,
    timeline::{
        Context, EventKind, KeyInstant, Precision, TimelineEvent,
        impact::{Degree, Interval},
    },
};
use testing::Installation;

fn draft(at: Instant, title: &str) -> Draft {
    Draft {
        at,
        precision: Precision::Minute,
        kind: EventKind::Action,
        title: title.into(),
        detail: String::new(),
        actor: None,
        team: None,
        evidence: vec![],
        context: Context::default(),
    }
}

async fn begin(place: &Installation) -> (Actor, IncidentNumber) {
    let actor = place.somebody("Ines Brightwater", Role::Member).await;
    let incident = incidents::declare(&place.app, &actor, declaration("The gates")).await.unwrap();
    (actor, incident.number)
}

async fn event(
    place: &Installation,
    actor: &Actor,
    number: IncidentNumber,
    minutes: i64,
    title: &str,
) -> TimelineEvent {
    let at = place.clock.now().plus(Span::minutes(minutes));
    timeline::add(&place.app, actor, number, draft(at, title)).await.unwrap()
}

async fn titles(place: &Installation, actor: &Actor, number: IncidentNumber) -> Vec<String> {
    let shown = incidents::show(&place.app, actor, number).await.unwrap();
    shown.timeline.into_iter().filter(|one| !one.event.hidden).map(|one| one.event.title).collect()
}

async fn undo_last(place: &Installation, actor: &Actor, number: IncidentNumber) -> app::Result<()> {
    let (_, acts) = history::acts(&place.app, actor, number).await.unwrap();
    let last = acts.iter().find(|act| !act.undone).unwrap();
    history::undo(&place.app, actor, number, last.id).await
}

testing::both! {
    async fn every_act_is_undone_and_earlier_words_are_kept(place: Installation) {
        let (actor, number) = begin(&place).await;
        let one = event(&place, &actor, number, 1, "Open the gates").await;
        let changed = draft(one.at, "Open gate 4");
        let edited = timeline::edit(&place.app, &actor, number, one.id, one.revision, changed).await.unwrap();
        let (_, revisions) = history::of_event(&place.app, &actor, number, one.id).await.unwrap();
        assert_eq!(revisions.len(), 2);
        assert_eq!(revisions[0].before.as_ref().unwrap().title, "Open the gates");
        assert_eq!((revisions[0].after.title.as_str(), revisions[0].entry.actor.as_str()), ("Open gate 4", "Ines Brightwater"));

        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(titles(&place, &actor, number).await, ["Open the gates"]);
        // Undoing is an act of its own: undone in turn, the change is back.
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(titles(&place, &actor, number).await, ["Open gate 4"]);
        assert!(acts(&place).await.contains(&"timeline.undo".to_owned()));

        // What somebody changed since is not thrown away.
        let (_, all) = history::acts(&place.app, &actor, number).await.unwrap();
        let first = all.last().unwrap().id;
        assert!(is_conflict(history::undo(&place.app, &actor, number, first).await));
        assert_eq!(titles(&place, &actor, number).await, ["Open gate 4"]);
        assert_eq!(edited.revision, 1);
    }

    async fn one_becomes_two_and_several_become_one(place: Installation) {
        let (actor, number) = begin(&place).await;
        let whole = event(&place, &actor, number, 1, "Restarted and rolled back").await;
        let later = whole.at.plus(Span::minutes(4));
        let part = timeline::split(&place.app, &actor, number, whole.id, later, "Rolled back").await.unwrap();
        assert_eq!((part.kind, part.at), (EventKind::Action, later));
        assert_eq!(field(timeline::split(&place.app, &actor, number, whole.id, later, " ").await), Some("title"));
        let joined = timeline::merge(&place.app, &actor, number, &[part.id, whole.id]).await.unwrap();
        assert_eq!((joined.id, joined.detail.as_str()), (whole.id, "Rolled back"));
        assert_eq!(titles(&place, &actor, number).await, ["Restarted and rolled back"]);
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(titles(&place, &actor, number).await, ["Restarted and rolled back", "Rolled back"]);
        assert_eq!(field(timeline::merge(&place.app, &actor, number, &[whole.id]).await), Some("event"));
    }

    async fn accounts_stand_side_by_side_until_they_are_settled(place: Installation) {
        let (actor, number) = begin(&place).await;
        let main = event(&place, &actor, number, 20, "Gates opened by hand").await;
        let of = |id: EventId| Context { account_of: Some(id), ..Context::default() };
        let other = Draft { context: of(main.id), ..draft(main.at.plus(Span::minutes(-6)), "People were walking through before") };
        let other = timeline::add(&place.app, &actor, number, other).await.unwrap();
        let third = Draft { context: of(other.id), ..draft(main.at, "x") };
        assert_eq!(field(timeline::add(&place.app, &actor, number, third).await), Some("account_of"));
        assert_eq!(field(timeline::settle(&place.app, &actor, number, main.id, None, " ").await), Some("why"));
        let settled = timeline::settle(&place.app, &actor, number, main.id, Some(other.id), "The camera shows it").await.unwrap();
        assert_eq!((settled.title.as_str(), settled.at), ("People were walking through before", other.at));
        assert_eq!(settled.context.settled, "The camera shows it");
        undo_last(&place, &actor, number).await.unwrap();
        let back = timeline::show(&place.app, &actor, number, main.id).await.unwrap().event;
        assert_eq!((back.title.as_str(), back.context.settled.as_str()), ("Gates opened by hand", ""));
    }

    async fn a_temporary_fix_becomes_an_idea_and_marks_become_questions(place: Installation) {
        let (actor, number) = begin(&place).await;
        let revisit = Some(place.clock.now().plus(Span::days(10)));
        let fix = Draft { context: Context { revisit, ..Context::default() }, ..draft(place.clock.now(), "Restart every hour") };
        let fix = timeline::add(&place.app, &actor, number, fix).await.unwrap();
        let again = Draft { context: fix.context.clone(), ..draft(fix.at, "Restart twice an hour") };
        timeline::edit(&place.app, &actor, number, fix.id, 0, again).await.unwrap();
        let ideas = follow_ups::list(&place.app, &actor, Some(number)).await.unwrap();
        assert_eq!(ideas.len(), 1, "marked once, one idea");
        assert!(ideas[0].follow_up.text.ends_with("Restart every hour"), "{}", ideas[0].follow_up.text);
        let later = Draft { context: Context { for_later: true, ..Context::default() }, ..draft(fix.at, "Why did the alarm stay quiet?") };
        timeline::add(&place.app, &actor, number, later).await.unwrap();
        incidents::resolve(&place.app, &actor, number, incidents::Resolution::default()).await.unwrap();
        let document = app::postmortems::show(&place.app, &actor, number).await.unwrap().document;
        let text = format!("{document:?}");
        assert!(text.contains("Open questions") && text.contains("Why did the alarm stay quiet?"), "{text}");
    }

    async fn impact_is_a_union_and_says_what_it_does_not_know(place: Installation) {
        let (actor, number) = begin(&place).await;
        let start = place.clock.now();
        let interval = |from: i64, to: Option<i64>| Interval {
            service: "Gates".into(),
            audience: "Passengers".into(),
            from: start.plus(Span::minutes(from)),
            to: to.map(|to| start.plus(Span::minutes(to))),
            precision: Precision::Minute,
            degree: Degree::Full,
            share: None,
            affected: Some(10),
        };
        let first = impact::set(&place.app, &actor, number, None, interval(0, Some(60)), "From the gate log").await.unwrap();
        impact::set(&place.app, &actor, number, None, interval(30, Some(90)), "").await.unwrap();
        let measures = impact::measures(&place.app, &actor, number).await.unwrap();
        assert_eq!(measures.impact.length, Some(Span::minutes(90)));
        assert_eq!(measures.impact.user_minutes, Ok(900.0));
        assert!(measures.impact.weighted_minutes.is_err());
        assert_eq!(field(impact::set(&place.app, &actor, number, None, interval(5, Some(2)), "").await), Some("to"));
        impact::remove(&place.app, &actor, number, first).await.unwrap();
        let left = impact::measures(&place.app, &actor, number).await.unwrap();
        assert_eq!(left.impact.length, Some(Span::minutes(60)));
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(impact::measures(&place.app, &actor, number).await.unwrap().impact.length, Some(Span::minutes(90)));
    }

    async fn a_clock_is_put_right_for_events_and_never_for_evidence(place: Installation) {
        let (actor, _) = begin(&place).await;
        let number = brought_in(&place, &actor, &paged("PX1", 1)).await;
        let before = incidents::show(&place.app, &actor, number).await.unwrap();
        let by_hand = timeline::add(&place.app, &actor, number, draft(before.timeline[0].event.at, "By hand")).await.unwrap();
        let pieces = |filter| {
            let (app, actor) = (place.app.clone(), actor.clone());
            async move { app::evidence::list(&app, &actor, number, &filter).await.unwrap().rows.into_iter().map(|row| row.evidence.evidence.at).collect::<Vec<_>>() }
        };
        let recorded = pieces(app::evidence::Filter::default()).await;
        let offset = Span::seconds(95);
        clocks::set(&place.app, &actor, number, Source::Pagerduty, offset, "The server ran ahead").await.unwrap();
        let after = incidents::show(&place.app, &actor, number).await.unwrap();
        for one in &before.timeline {
            let now = after.timeline.iter().find(|it| it.event.id == one.event.id).unwrap();
            assert_eq!(now.event.at, one.event.at.plus(offset), "{}", one.event.title);
        }
        assert_eq!(after.timeline.iter().find(|it| it.event.id == by_hand.id).unwrap().event.at, by_hand.at);
        assert_eq!(pieces(app::evidence::Filter::default()).await, recorded);
        let clocks = clocks::show(&place.app, &actor, number).await.unwrap();
        assert_eq!((clocks.offsets[0].offset, clocks.offsets[0].decided_by.as_str()), (offset, "Ines Brightwater"));
        undo_last(&place, &actor, number).await.unwrap();
        let back = incidents::show(&place.app, &actor, number).await.unwrap();
        assert!(before.timeline.iter().all(|one| back.timeline.iter().any(|it| it.event.id == one.event.id && it.event.at == one.event.at)));
        assert_eq!(field(clocks::set(&place.app, &actor, number, Source::Slack, Span::days(9), "x").await), Some("seconds"));
    }

    async fn whom_to_tell_is_undone_step_by_step(place: Installation) {
        let (actor, number) = begin(&place).await;
        let audiences = async || {
            let shown = coordinating::show(&place.app, &actor, number).await.unwrap();
            shown.audiences.into_iter().map(|it| (it.name, it.affected, it.every)).collect::<Vec<_>>()
        };
        let set = async |needed| {
            coordinating::set_audience(&place.app, &actor, number, "support desk", needed).await.unwrap();
        };
        let desk = |affected, every| vec![("support desk".to_owned(), affected, every)];
        set(Some((true, Some(45)))).await;
        assert_eq!(audiences().await, desk(true, Some(Span::minutes(45))));
        // Named first: undone, nobody has to be told; and undoing that brings them back as they were.
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(audiences().await, vec![]);
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(audiences().await, desk(true, Some(Span::minutes(45))));
        // Changed, and changed back.
        set(Some((false, None))).await;
        assert_eq!(audiences().await, desk(false, None));
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(audiences().await, desk(true, Some(Span::minutes(45))));
        // Taken off the list, and back on it.
        set(None).await;
        assert_eq!(audiences().await, vec![]);
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(audiences().await, desk(true, Some(Span::minutes(45))));
        assert!(acts(&place).await.contains(&"timeline.undo".to_owned()));
    }

    async fn what_was_said_of_a_candidate_is_undone(place: Installation) {
        let (actor, number) = begin(&place).await;
        let other = place.somebody("Teo Marsh", Role::Member).await;
        let said = async || {
            let shown = coordinating::show(&place.app, &actor, number).await.unwrap();
            shown.verdicts.get("duplicate:a:b").map(|it| (it.confirmed, it.note.clone(), it.decided_by.clone()))
        };
        let first = Some((false, "They agreed on it".to_owned(), "Ines Brightwater".to_owned()));
        let second = Some((true, String::new(), "Teo Marsh".to_owned()));
        coordinating::settle(&place.app, &actor, number, "duplicate:a:b", false, "They agreed on it").await.unwrap();
        assert_eq!(said().await, first);
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(said().await, None);
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(said().await, first);
        // Somebody else says otherwise; undone, it stands as the first one said, under their name.
        coordinating::settle(&place.app, &other, number, "duplicate:a:b", true, "").await.unwrap();
        assert_eq!(said().await, second);
        undo_last(&place, &actor, number).await.unwrap();
        assert_eq!(said().await, first);
        // Another candidate is another matter.
        coordinating::settle(&place.app, &other, number, "duplicate:c:d", true, "").await.unwrap();
        undo_last(&place, &other, number).await.unwrap();
        assert_eq!(said().await, first);
        let verdicts = coordinating::show(&place.app, &actor, number).await.unwrap().verdicts;
        assert_eq!(verdicts.keys().collect::<Vec<_>>(), ["duplicate:a:b"]);
    }

    async fn choosing_a_key_instant_is_undone_too(place: Installation) {
        let (actor, number) = begin(&place).await;
        let one = event(&place, &actor, number, 1, "First refusal").await;
        timeline::choose_instant(&place.app, &actor, number, KeyInstant::Trigger, Some(one.id), "", None).await.unwrap();
        let measures = impact::measures(&place.app, &actor, number).await.unwrap();
        assert_eq!(measures.instants[0].decided_by.as_deref(), Some("Ines Brightwater"));
        undo_last(&place, &actor, number).await.unwrap();
        assert!(impact::measures(&place.app, &actor, number).await.unwrap().instants.is_empty());
    }
}
