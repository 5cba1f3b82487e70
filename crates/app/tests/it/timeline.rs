//! Writing the timeline by hand.

use crate::{
    acts, field,
    imports::{brought_in, paged},
    incidents::declaration,
    is_absent, is_conflict, is_forbidden,
};
use app::{
    incidents, palette,
    timeline::{self, Draft},
};
use domain::{
    EventId, Instant,
    access::Actor,
    incident::IncidentNumber,
    instant::Span,
    person::Role,
    timeline::{Actor as EventActor, Chosen, Context, EventKind, KeyInstant, Precision, event::ActorKind},
};
use testing::Installation;

fn draft(at: Instant, title: &str) -> Draft {
    Draft {
        at,
        precision: Precision::Minute,
        kind: EventKind::Decision,
        title: title.into(),
        detail: "Known: the gates refuse. Seen: open by hand, or wait.".into(),
        actor: Some(EventActor { name: "Incident lead".into(), kind: ActorKind::Role }),
        team: Some("Gates".into()),
        evidence: vec![],
        context: Context::default(),
    }
}

async fn begin(place: &Installation) -> (Actor, IncidentNumber) {
    let actor = place.somebody("Ines Brightwater", Role::Member).await;
    let incident = incidents::declare(&place.app, &actor, declaration("The gates")).await.unwrap();
    (actor, incident.number)
}

testing::both! {
    async fn events_stand_in_the_order_of_their_instants(place: Installation) {
        let (actor, number) = begin(&place).await;
        let start = place.clock.now();
        for (minutes, title) in [(5, "second"), (9, "last"), (1, "first"), (5, "third")] {
            let at = start.plus(Span::minutes(minutes));
            timeline::add(&place.app, &actor, number, draft(at, title)).await.unwrap();
        }
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        let titles: Vec<_> = shown.timeline.iter().map(|it| it.event.title.as_str()).collect();
        assert_eq!(titles, ["first", "second", "third", "last"]);
        let event = &shown.timeline[0].event;
        assert_eq!(event.chosen, Chosen::Person { person: actor.person });
        assert_eq!(event.actor.as_ref().map(|it| it.kind), Some(ActorKind::Role));
        assert_eq!((event.precision, event.team.as_deref()), (Precision::Minute, Some("Gates")));
        let mentions = palette::mentions(&place.app, &actor, number, "IR").await.unwrap();
        assert_eq!(mentions.events.iter().map(|it| it.2.as_str()).collect::<Vec<_>>(), ["first", "third"]);
        let mentions = palette::mentions(&place.app, &actor, number, "bright INES").await.unwrap();
        assert_eq!(mentions.people.len(), 1);
    }

    async fn what_is_written_is_checked(place: Installation) {
        let (actor, number) = begin(&place).await;
        let other = brought_in(&place, &actor, &paged("PX1", 1)).await;
        let foreign = incidents::show(&place.app, &actor, other).await.unwrap().timeline[0].evidence[0].id;
        let at = place.clock.now();
        for (wrong, expected) in [
            (Draft { title: String::new(), ..draft(at, "") }, "title"),
            (Draft { title: "x".repeat(201), ..draft(at, "") }, "title"),
            (Draft { detail: "x".repeat(20_001), ..draft(at, "a") }, "detail"),
            (Draft { detail: "a\u{0}".into(), ..draft(at, "a") }, "detail"),
            (Draft { team: Some("x".repeat(101)), ..draft(at, "a") }, "team"),
            (Draft { evidence: vec![foreign], ..draft(at, "a") }, "evidence"),
        ] {
            assert_eq!(field(timeline::add(&place.app, &actor, number, wrong).await), Some(expected));
        }
        let reader = place.somebody("Otto Reader", Role::Reader).await;
        assert!(is_forbidden(timeline::add(&place.app, &reader, number, draft(at, "a")).await));
        assert!(is_absent(timeline::add(&place.app, &actor, IncidentNumber(99), draft(at, "a")).await));
        assert!(incidents::show(&place.app, &actor, number).await.unwrap().timeline.is_empty());
        let elsewhere = incidents::show(&place.app, &actor, other).await.unwrap().timeline[0].event.id;
        assert!(is_absent(timeline::show(&place.app, &actor, number, elsewhere).await));
        assert!(is_absent(timeline::edit(&place.app, &actor, number, elsewhere, 0, draft(at, "a")).await));
    }

    async fn an_edit_is_noticed_and_its_history_kept(place: Installation) {
        let (actor, number) = begin(&place).await;
        let at = place.clock.now();
        let event = timeline::add(&place.app, &actor, number, draft(at, "Open the gates")).await.unwrap();
        let edited =
            timeline::edit(&place.app, &actor, number, event.id, 0, draft(at, "Open gate 4")).await.unwrap();
        assert_eq!((edited.revision, edited.touched), (1, true));
        assert!(is_conflict(timeline::edit(&place.app, &actor, number, event.id, 0, draft(at, "x")).await));
        assert_eq!(timeline::show(&place.app, &actor, number, event.id).await.unwrap().event, edited);
        let db = store::Db::open(place.database_url()).await.unwrap();
        let mut tx = db.read().await.unwrap();
        let mut entries = store::audit::since(&mut tx, 0, 100).await.unwrap();
        assert!(!entries.last().unwrap().detail.contains("gate"), "the chain holds sums of what people wrote");
        store::audit::with_words(&mut tx, &mut entries).await.unwrap();
        let last = entries.last().unwrap();
        let detail: serde_json::Value = serde_json::from_str(&last.detail).unwrap();
        assert_eq!((last.act.as_str(), last.subject.as_str()), ("event.edit", number.to_string().as_str()));
        assert_eq!(
            detail["words"],
            serde_json::json!({ "title": { "old": "Open the gates", "new": "Open gate 4" } })
        );
    }

    async fn words_and_being_hidden_change_in_one_act(place: Installation) {
        let (actor, number) = begin(&place).await;
        let at = place.clock.now();
        let event = timeline::add(&place.app, &actor, number, draft(at, "Open the gates")).await.unwrap();
        let before = acts(&place).await.len();
        let change = async |revision, title: &str, hidden| {
            timeline::change(&place.app, &actor, number, event.id, revision, |_| Some(draft(at, title)), hidden).await
        };
        let both = change(0, "Open gate 4", Some(true)).await.unwrap();
        assert_eq!((both.title.as_str(), both.hidden, both.touched, both.revision), ("Open gate 4", true, true, 1));
        // What cannot be kept keeps the other half from happening, and so does a revision that is over.
        assert!(change(1, &"x".repeat(201), Some(false)).await.is_err());
        assert!(is_conflict(change(0, "x", Some(false)).await));
        let nothing = timeline::change(&place.app, &actor, number, event.id, 0, |_| None, Some(false)).await;
        assert!(is_conflict(nothing), "hiding asks for the revision as well");
        let same = timeline::change(&place.app, &actor, number, event.id, 1, |_| None, Some(true)).await.unwrap();
        assert_eq!(same, both, "what changes nothing is no act");
        assert_eq!(acts(&place).await[before..], ["event.edit"]);
        // And one undoing takes both back.
        let (_, listed) = timeline::history::acts(&place.app, &actor, number).await.unwrap();
        timeline::history::undo(&place.app, &actor, number, listed[0].id).await.unwrap();
        let back = timeline::show(&place.app, &actor, number, event.id).await.unwrap().event;
        assert_eq!((back.title.as_str(), back.hidden), ("Open the gates", false));
    }

    async fn hidden_events_are_left_out_and_not_lost(place: Installation) {
        let (actor, number) = begin(&place).await;
        let at = place.clock.now();
        let one = timeline::add(&place.app, &actor, number, draft(at, "one")).await.unwrap();
        let two = timeline::add(&place.app, &actor, number, draft(at, "two")).await.unwrap();
        let unknown = EventId::new(at, [7; 10]);
        let hide = |hidden| {
            let (app, actor) = (place.app.clone(), actor.clone());
            async move { timeline::set_hidden(&app, &actor, number, &[one.id, two.id, unknown], hidden).await.unwrap() }
        };
        assert_eq!((hide(true).await, hide(true).await), (2, 0));
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        assert!(shown.timeline.iter().all(|it| it.event.hidden) && shown.timeline.len() == 2);
        assert!(palette::mentions(&place.app, &actor, number, "").await.unwrap().events.is_empty());
        assert_eq!(hide(false).await, 2);
        assert_eq!(timeline::set_hidden(&place.app, &actor, number, &[], true).await.unwrap(), 0);
        let acts = acts(&place).await;
        assert_eq!(&acts[acts.len() - 2..], ["event.hide", "event.unhide"]);
    }

    async fn evidence_becomes_an_event_once(place: Installation) {
        let (actor, _) = begin(&place).await;
        let number = brought_in(&place, &actor, &paged("PX1", 1)).await;
        let filter = app::evidence::Filter { not_in_timeline: true, ..Default::default() };
        let left = app::evidence::list(&place.app, &actor, number, &filter).await.unwrap();
        let piece = &left.rows.first().expect("paging somebody is no event of its own").evidence;
        let event = timeline::take_from_evidence(&place.app, &actor, number, piece.id).await.unwrap();
        assert_eq!((event.evidence.as_slice(), event.at), ([piece.id].as_slice(), piece.evidence.at));
        assert!(is_conflict(timeline::take_from_evidence(&place.app, &actor, number, piece.id).await));
        timeline::set_hidden(&place.app, &actor, number, &[event.id], true).await.unwrap();
        let again = timeline::take_from_evidence(&place.app, &actor, number, piece.id).await.unwrap();
        assert_eq!((again.id, again.hidden), (event.id, false));
        assert_eq!(timeline::show(&place.app, &actor, number, event.id).await.unwrap().event, again);
    }

    async fn a_key_instant_is_a_persons_choice(place: Installation) {
        let (actor, number) = begin(&place).await;
        let at = place.clock.now();
        let event = timeline::add(&place.app, &actor, number, draft(at, "First refusal")).await.unwrap();
        let choose = |event, note: &'static str| {
            let (app, actor) = (place.app.clone(), actor.clone());
            async move { timeline::choose_instant(&app, &actor, number, KeyInstant::ImpactStart, event, note, None).await }
        };
        choose(Some(event.id), "").await.unwrap();
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        let chosen = &shown.instants[0];
        assert_eq!((chosen.event, chosen.confirmed), (event.id, true));
        assert_eq!(chosen.reason, "Chosen by Ines Brightwater");
        assert_eq!(shown.timeline[0].instants, [KeyInstant::ImpactStart]);
        choose(None, "The first refusals were not recorded").await.unwrap();
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        assert!(shown.instants.is_empty());
        assert_eq!(
            shown.not_shown,
            [(KeyInstant::ImpactStart, "The first refusals were not recorded".to_owned())]
        );
        assert_eq!(field(choose(Some(EventId::new(at, [7; 10])), "").await), Some("event"));
        assert_eq!(field(choose(None, "two\nlines").await), Some("note"));
    }

    async fn what_a_file_states_is_confirmed_in_one_act_and_undone_in_one(place: Installation) {
        const FILE: &str = r#"{"id": "ferry-7", "title": "Ferries sold twice", "timeline": [
            {"n": 1, "time": "2026-11-14T05:00:00Z", "kind": "trigger", "text": "A new cache"},
            {"n": 2, "time": "2026-11-14T05:10:00Z", "kind": "impact-start", "text": "Two families, one cabin"},
            {"n": 3, "time": "2026-11-14T05:20:00Z", "kind": "response", "text": "The desk rings the operators"},
            {"n": 4, "time": "2026-11-14T05:40:00Z", "precision": "approximate", "kind": "response", "text": "Cache off"}],
          "answers": {"trigger": "2026-11-14T05:00:00Z", "impact_start": "2026-11-14T05:10:00Z",
            "detected_at": "2026-11-14T05:20:00Z", "mitigated_at": "2026-11-14T05:40:00Z", "resolved_at": "2026-11-14T05:59:00Z"}}"#;
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let (number, new) = app::imports::declare(&place.app, &actor, FILE.into()).await.unwrap();
        assert!(new);
        let standing = async || {
            let measures = timeline::impact::measures(&place.app, &actor, number).await.unwrap();
            let title = |id| measures.shown.timeline.iter().find(|it| Some(it.event.id) == id).map(|it| it.event.title.clone());
            measures.instants.iter().map(|it| (it.instant, title(it.event), it.confirmed)).collect::<Vec<_>>()
        };
        let stated = |confirmed| {
            [
                (KeyInstant::Trigger, "A new cache"),
                (KeyInstant::ImpactStart, "Two families, one cabin"),
                (KeyInstant::Detected, "The desk rings the operators"),
                (KeyInstant::Mitigated, "Cache off"),
            ]
            .map(|(instant, title)| (instant, Some(title.to_owned()), confirmed))
        };
        let of_file = |all: Vec<(KeyInstant, Option<String>, bool)>| -> Vec<_> {
            all.into_iter().filter(|(instant, ..)| *instant != KeyInstant::Resolved).collect()
        };
        // How exactly the file knows a time comes along, also where only its digits tell.
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        let told = shown.timeline.iter().filter(|it| !it.event.evidence.is_empty());
        let exact: Vec<_> = told.map(|it| it.event.precision).collect();
        assert_eq!(exact, [Precision::Minute, Precision::Minute, Precision::Minute, Precision::FiveMinutes]);
        // One that no event shows is not made up; they are proposed, and nobody has confirmed them.
        assert_eq!(of_file(standing().await), stated(false));
        let reader = place.somebody("Otto Reader", Role::Reader).await;
        assert!(is_forbidden(timeline::accept_instants(&place.app, &reader, number).await));
        let count = timeline::accept_instants(&place.app, &actor, number).await.unwrap();
        assert!(count >= 4, "{count}");
        assert_eq!(of_file(standing().await), stated(true));
        assert!(acts(&place).await.contains(&"timeline.accept_instants".to_owned()));
        assert!(is_conflict(timeline::accept_instants(&place.app, &actor, number).await), "nothing is left");
        // More evidence changes nothing of what was confirmed.
        app::imports::declare(&place.app, &actor, FILE.replace("05:20:00Z", "05:25:00Z").into()).await.unwrap();
        assert_eq!(of_file(standing().await), stated(true));
        let (_, listed) = timeline::history::acts(&place.app, &actor, number).await.unwrap();
        timeline::history::undo(&place.app, &actor, number, listed[0].id).await.unwrap();
        assert_eq!(of_file(standing().await), stated(false));
    }
}
