//! Declaring, finding, showing and ending incidents.

use crate::{acts, field, is_absent, is_conflict, is_forbidden};
use app::{
    counting,
    incidents::{self, Change, Declaration, Filter, Resolution},
    palette, postmortems,
};
use domain::{
    Instant,
    access::Actor,
    incident::{IncidentKind, IncidentNumber, IncidentState, Severity},
    instant::Span,
    person::Role,
    postmortem::PostmortemState,
    timeline::{EventKind, KeyInstant},
};
use testing::Installation;

pub(crate) fn declaration(title: &str) -> Declaration {
    Declaration {
        title: title.into(),
        summary: String::new(),
        kind: IncidentKind::Incident,
        severity: Severity::new(2),
        services: vec!["ticketing".into()],
        team: Some("Gates".into()),
        declared_at: None,
    }
}

async fn member(place: &Installation) -> Actor {
    place.somebody("Ines Brightwater", Role::Member).await
}

testing::both! {
    async fn numbers_have_no_gaps_even_when_many_declare_at_once(place: Installation) {
        let actor = member(&place).await;
        let declared: Vec<_> = (0..12)
            .map(|n| {
                let (app, actor) = (place.app.clone(), actor.clone());
                tokio::spawn(async move {
                    incidents::declare(&app, &actor, declaration(&format!("Number {n}"))).await.unwrap().number.0
                })
            })
            .collect();
        let mut numbers = Vec::new();
        for task in declared {
            numbers.push(task.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    }

    async fn what_people_say_is_checked_before_it_is_kept(place: Installation) {
        let actor = member(&place).await;
        let long = |n| "x".repeat(n);
        for (wrong, expected) in [
            (Declaration { title: "  ".into(), ..declaration("") }, "title"),
            (Declaration { title: long(201), ..declaration("") }, "title"),
            (Declaration { summary: long(5_001), ..declaration("a") }, "summary"),
            (Declaration { services: vec![long(101)], ..declaration("a") }, "services"),
            (Declaration { services: (0..51).map(|n| n.to_string()).collect(), ..declaration("a") }, "services"),
            (Declaration { team: Some("a\nb".into()), ..declaration("a") }, "team"),
        ] {
            assert_eq!(field(incidents::declare(&place.app, &actor, wrong).await), Some(expected));
        }
        let reader = place.somebody("Otto Reader", Role::Reader).await;
        assert!(is_forbidden(incidents::declare(&place.app, &reader, declaration("a")).await));
        assert_eq!(incidents::list(&place.app, &reader, &Filter::default()).await.unwrap().total, 0);
        let kept = incidents::declare(&place.app, &actor, declaration(" The gates refuse tickets ")).await.unwrap();
        assert_eq!((kept.title.as_str(), kept.number.0, kept.revision), ("The gates refuse tickets", 1, 0));
    }

    async fn words_are_found_whatever_their_letters(place: Installation) {
        let actor = member(&place).await;
        for title in ["Éclair orders at 50%_off", "eclair orders at 50 off", "Back\\slash in a name"] {
            incidents::declare(&place.app, &actor, declaration(title)).await.unwrap();
        }
        for (words, expected) in [
            ("éCLAIR", vec![1]),
            ("50%_OFF", vec![1]),
            ("%", vec![1]),
            ("_", vec![1]),
            ("orders ECLAIR", vec![2]),
            ("k\\s", vec![3]),
            ("inc-2", vec![2]),
            ("orders", vec![2, 1]),
            ("ticketing gates", vec![3, 2, 1]),
            ("nowhere", vec![]),
            ("  ", vec![3, 2, 1]),
        ] {
            let filter = Filter { words: Some(words.into()), ..Filter::default() };
            let listing = incidents::list(&place.app, &actor, &filter).await.unwrap();
            let numbers: Vec<i64> = listing.rows.iter().map(|row| row.incident.number.0).collect();
            assert_eq!((numbers.clone(), listing.total), (expected.clone(), expected.len() as i64), "{words}");
        }
        let hits = palette::find(&place.app, &actor, "inc-1").await.unwrap();
        assert_eq!(hits.first().map(|hit| (hit.number.0, hit.has_postmortem)), Some((1, false)));
        assert_eq!(palette::find(&place.app, &actor, "eclair").await.unwrap().len(), 1);
        assert_eq!(palette::find(&place.app, &actor, "").await.unwrap().len(), 3);
    }

    async fn pages_of_the_list_follow_one_another(place: Installation) {
        let actor = member(&place).await;
        let start = place.clock.now();
        // Two of one instant, so that the number decides.
        for (n, minutes) in [0, 5, 5, 2, 9].into_iter().enumerate() {
            let declaration = Declaration {
                declared_at: Some(start.plus(Span::minutes(minutes))),
                team: Some(["Ports", "gates"][n % 2].into()),
                severity: Severity::new(n as i64),
                ..declaration("One of five")
            };
            incidents::declare(&place.app, &actor, declaration).await.unwrap();
        }
        let mut filter = Filter { limit: 2, ..Filter::default() };
        let mut seen = Vec::new();
        loop {
            let page = incidents::list(&place.app, &actor, &filter).await.unwrap();
            assert_eq!((page.total, page.teams.as_slice()), (5, ["gates".to_owned(), "Ports".to_owned()].as_slice()));
            seen.extend(page.rows.iter().map(|row| row.incident.number.0));
            filter.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(seen, [5, 3, 2, 4, 1]);
        let narrow = async |filter| incidents::list(&place.app, &actor, &filter).await.unwrap().total;
        assert_eq!(narrow(Filter { team: Some("Ports".into()), ..Filter::default() }).await, 3);
        assert_eq!(narrow(Filter { severity: Severity::new(1), ..Filter::default() }).await, 1);
        assert_eq!(narrow(Filter { state: Some(IncidentState::Resolved), ..Filter::default() }).await, 0);
    }

    async fn two_people_at_one_form_notice_each_other(place: Installation) {
        let actor = member(&place).await;
        let incident = incidents::declare(&place.app, &actor, declaration("The gates")).await.unwrap();
        let change = |revision, title: &str| Change { revision, declaration: declaration(title) };
        let first = incidents::edit(&place.app, &actor, incident.number, change(0, "First")).await.unwrap();
        assert_eq!((first.title.as_str(), first.revision), ("First", 1));
        assert!(is_conflict(incidents::edit(&place.app, &actor, incident.number, change(0, "Second")).await));
        assert!(is_absent(incidents::edit(&place.app, &actor, IncidentNumber(9), change(0, "x")).await));
        let shown = incidents::show(&place.app, &actor, incident.number).await.unwrap();
        assert_eq!(shown.incident, first);
        assert_eq!(shown.incident.declared_at, incident.declared_at, "not given, so left as it was");
        assert_eq!(acts(&place).await.last().map(String::as_str), Some("incident.edit"));
    }

    async fn the_end_of_the_response_brings_the_draft(place: Installation) {
        let actor = member(&place).await;
        let number = incidents::declare(&place.app, &actor, declaration("The gates")).await.unwrap().number;
        place.clock.advance(Span::minutes(10));
        assert_eq!(incidents::mitigate(&place.app, &actor, number).await.unwrap().state, IncidentState::Mitigated);
        assert!(is_conflict(incidents::mitigate(&place.app, &actor, number).await));
        place.clock.advance(Span::minutes(20));
        let early = Resolution { at: Some(Instant::from_seconds(0)), ..Resolution::default() };
        assert_eq!(field(incidents::resolve(&place.app, &actor, number, early).await), Some("at"));
        let nobody = Resolution {
            owner: Some(domain::PersonId::new(Instant::from_seconds(0), [9; 10])),
            ..Resolution::default()
        };
        assert_eq!(field(incidents::resolve(&place.app, &actor, number, nobody).await), Some("owner"));
        assert!(is_absent(postmortems::show(&place.app, &actor, number).await), "a refusal leaves nothing behind");
        let owned = Resolution { owner: actor.person, ..Resolution::default() };
        let resolved = incidents::resolve(&place.app, &actor, number, owned).await.unwrap();
        assert_eq!(resolved.resolved_at, Some(place.clock.now()));
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        let postmortem = shown.postmortem.clone().expect("a draft");
        assert_eq!((postmortem.state, postmortem.owner.as_deref()), (PostmortemState::Draft, Some("Ines Brightwater")));
        let steps: Vec<_> = shown
            .timeline
            .iter()
            .map(|it| (it.event.title.as_str(), it.event.kind, it.instants.as_slice()))
            .collect();
        assert_eq!(
            steps,
            [
                ("Mitigated", EventKind::Status, [KeyInstant::Mitigated].as_slice()),
                ("Resolved", EventKind::Status, [KeyInstant::Resolved].as_slice()),
            ]
        );
        assert!(shown.instants.iter().all(|chosen| !chosen.confirmed), "proposed, not decided");
        place.clock.advance(Span::minutes(5));
        let open = incidents::reopen(&place.app, &actor, number).await.unwrap();
        assert_eq!((open.state, open.resolved_at), (IncidentState::Active, None));
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        assert!(shown.postmortem.is_some(), "the draft stays");
        assert!(shown.instants.iter().all(|chosen| chosen.instant != KeyInstant::Resolved));
        incidents::resolve(&place.app, &actor, number, Resolution::default()).await.unwrap();
        let row = incidents::list(&place.app, &actor, &Filter::default()).await.unwrap().rows.remove(0);
        assert_eq!(row.instants.get(&KeyInstant::Resolved), Some(&place.clock.now()));
        assert_eq!(row.postmortem.and_then(|it| it.owner).as_deref(), Some("Ines Brightwater"));
    }

    async fn a_page_takes_few_statements_however_long_it_is(place: Installation) {
        let actor = member(&place).await;
        let few = crate::imports::brought_in(&place, &actor, &crate::imports::paged("PFEW", 1)).await;
        let many = crate::imports::brought_in(&place, &actor, &crate::imports::paged("PMANY", 300)).await;
        for number in [few, many] {
            let (shown, statements) = counting(incidents::show(&place.app, &actor, number)).await;
            let shown = shown.unwrap();
            assert_eq!(shown.timeline.len() > 300, number == many, "{}", shown.timeline.len());
            assert_eq!(statements, 4);
            let (_, statements) = counting(postmortems::show(&place.app, &actor, number)).await;
            assert_eq!(statements, 4, "reading a post-mortem");
            let (_, statements) = counting(incidents::list(&place.app, &actor, &Filter::default())).await;
            assert_eq!(statements, 3);
            let event = shown.timeline[0].event.id;
            let (event, statements) = counting(app::timeline::show(&place.app, &actor, number, event)).await;
            assert_eq!((event.unwrap().event, statements), (shown.timeline[0].event.clone(), 4));
            let filter = app::evidence::Filter::default();
            let (_, statements) = counting(app::evidence::list(&place.app, &actor, number, &filter)).await;
            assert_eq!(statements, 3);
            let (_, statements) = counting(palette::mentions(&place.app, &actor, number, "in")).await;
            assert_eq!(statements, 2);
        }
    }
}
