//! Bringing records in: whole or not at all, and twice adds nothing.

use crate::{field, is_absent, is_forbidden};
use app::{
    imports::{self, File, Order, Outcome, Preview, Progress, Selection},
    incidents, timeline,
};
use domain::{
    EventId, ImportId, Instant,
    access::{Action, Actor},
    incident::{IncidentNumber, IncidentState},
    instant::Span,
    person::Role,
    timeline::{Chosen, KeyInstant, TimelineEvent},
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::{collections::BTreeMap, io::Write, path::Path};
use testing::Installation;

const START: &str = "2026-11-14T05:47:00Z";

fn at(seconds: i64) -> String {
    START.parse::<Instant>().unwrap().plus(Span::seconds(seconds)).to_string()
}

fn entry(incident: &str, kind: &str, seconds: i64, rest: Value) -> Value {
    let mut entry = json!({
        "id": format!("{incident}-{kind}-{seconds}"), "type": format!("{kind}_log_entry"),
        "created_at": at(seconds), "incident": { "id": incident },
        "agent": { "id": "PUSER1", "type": "user_reference", "summary": "Wren Okafor" },
    });
    for (key, value) in rest.as_object().unwrap() {
        entry[key] = value.clone();
    }
    entry
}

/// A resolved incident as the REST API tells it, with as many notes as asked for.
pub(crate) fn paged(id: &str, notes: i64) -> Value {
    let mut entries = vec![
        entry(
            id,
            "trigger",
            0,
            json!({
                "agent": { "id": "PSERV1", "type": "service_reference", "summary": "Ticket gates" },
                "channel": { "type": "api", "summary": "Gates refuse tickets" },
            }),
        ),
        entry(id, "notify", 5, json!({ "user": { "id": "PUSER1", "summary": "Wren Okafor" } })),
        entry(id, "acknowledge", 90, json!({})),
        entry(id, "resolve", 7_200, json!({})),
    ];
    entries.extend((0..notes).map(|n| {
        let text = format!("Éclair note_{n}: 50% of the gates refuse");
        entry(id, "annotate", 120 + n, json!({ "channel": { "type": "note", "summary": text } }))
    }));
    json!({
        "incidents": [{
            "id": id, "type": "incident", "title": format!("Gates refuse tickets {id}"), "status": "resolved",
            "created_at": at(0), "resolved_at": at(7_200), "html_url": "https://larkfare.example/incidents/1",
            "service": { "id": "PSERV1", "summary": "Ticket gates" }, "priority": { "summary": "P2" },
            "teams": [{ "id": "PTEAM1", "summary": "Gates" }],
        }],
        "log_entries": entries,
    })
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> File {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    File { name: name.into(), path }
}

fn all_of(files: Vec<File>, incident: Option<IncidentNumber>) -> Order {
    Order { files, selection: Selection::Pagerduty { incidents: vec![] }, incident }
}

async fn run(place: &Installation, actor: &Actor, order: Order) -> app::Result<Outcome> {
    imports::run(&place.app, actor, order, &mut |_| {}).await
}

/// Brings an export in that holds one incident; its number here.
pub(crate) async fn brought_in(place: &Installation, actor: &Actor, export: &Value) -> IncidentNumber {
    let folder = tempfile::tempdir().unwrap();
    let order = all_of(vec![file(folder.path(), "pages.json", export.to_string().as_bytes())], None);
    run(place, actor, order).await.unwrap().incidents[0].parse().unwrap()
}

/// A Slack export with one channel.
fn archive(messages: &[(i64, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let messages: Vec<Value> = messages
        .iter()
        .map(|(seconds, text)| {
            let ts = START.parse::<Instant>().unwrap().plus(Span::seconds(*seconds)).as_micros() / 1_000_000;
            json!({ "type": "message", "user": "U1", "ts": format!("{ts}.000100"), "text": text })
        })
        .collect();
    let users = json!([{ "id": "U1", "name": "ines", "real_name": "Ines Brightwater" }]);
    for (path, content) in [
        ("channels.json", json!([{ "id": "C1", "name": "inc-gates", "members": ["U1"] }])),
        ("users.json", users),
        ("inc-gates/2026-11-14.json", Value::from(messages)),
    ] {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.to_string().as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn channel(files: Vec<File>, incident: Option<IncidentNumber>) -> Order {
    let selection = Selection::Slack { channel: "inc-gates".into(), from: None, to: None };
    Order { files, selection, incident }
}

/// How many rows every table has.
async fn rows(place: &Installation) -> BTreeMap<String, i64> {
    macro_rules! count {
        ($connection:ty, $tables:literal) => {{
            let mut connection = <$connection>::connect(place.database_url()).await.unwrap();
            let tables: Vec<(String,)> = sqlx::query_as($tables).fetch_all(&mut connection).await.unwrap();
            let mut counts = BTreeMap::new();
            for (table,) in tables {
                let text = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
                let (rows,): (i64,) = sqlx::query_as(text).fetch_one(&mut connection).await.unwrap();
                counts.insert(table, rows);
            }
            connection.close().await.unwrap();
            counts
        }};
    }
    let counts = if place.database_url().starts_with("sqlite") {
        count!(SqliteConnection, "SELECT name FROM sqlite_master WHERE type = 'table'")
    } else {
        count!(PgConnection, "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'")
    };
    assert!(counts.len() > 15, "{counts:?}");
    counts
}

/// An id as each database writes it down.
fn bytes_of(place: &Installation, id: uuid::Uuid) -> String {
    if place.database_url().starts_with("sqlite:") {
        format!("x'{}'", id.simple())
    } else {
        format!("'{id}'")
    }
}

testing::both! {
    async fn bringing_the_same_in_twice_adds_nothing(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let folder = tempfile::tempdir().unwrap();
        let files = vec![file(folder.path(), "pages.json", paged("PX1", 3).to_string().as_bytes())];
        let first = run(&place, &actor, all_of(files.clone(), None)).await.unwrap();
        assert_eq!((first.added, first.known), (7, 0));
        assert!(first.events > 0 && first.incidents == ["INC-1"], "{first:?}");
        let mut before = rows(&place).await;
        let second = run(&place, &actor, all_of(files.clone(), None)).await.unwrap();
        assert_eq!(
            second,
            Outcome { incidents: vec!["INC-1".into()], known: 7, ..Outcome::default() }
        );
        // Only the import itself is written down.
        for table in ["imports", "audit"] {
            *before.get_mut(table).unwrap() += 1;
        }
        assert_eq!(rows(&place).await, before);
        let Preview::Pagerduty { incidents, .. } = imports::preview(&place.app, &actor, &files).await.unwrap() else {
            panic!("this comes from PagerDuty");
        };
        assert_eq!(incidents[0].known_as.as_deref(), Some("INC-1"));
    }

    async fn what_the_source_says_is_over_has_its_draft(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let number = brought_in(&place, &actor, &paged("PX1", 1)).await;
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        let incident = &shown.incident;
        assert_eq!((incident.state, incident.resolved_at), (IncidentState::Resolved, Some(at(7_200).parse().unwrap())));
        assert_eq!((incident.title.as_str(), incident.team.as_deref()), ("Gates refuse tickets PX1", Some("Gates")));
        assert_eq!(incident.services, ["Ticket gates"]);
        assert_eq!(incident.severity.map(|it| it.level()), Some(2));
        assert_eq!(incident.declared_at, START.parse().unwrap());
        assert!(shown.postmortem.is_some());
        assert_eq!(shown.participants, ["Wren Okafor"]);
        assert!(shown.timeline.iter().all(|it| matches!(it.event.chosen, Chosen::Rule { .. })));
        let acknowledged = shown.instants.iter().find(|it| it.instant == KeyInstant::Acknowledged);
        assert!(acknowledged.is_some_and(|it| !it.confirmed && !it.reason.is_empty()));
        // A person who reopens it is not overruled by the same file.
        incidents::reopen(&place.app, &actor, number).await.unwrap();
        brought_in(&place, &actor, &paged("PX1", 1)).await;
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        assert_eq!(shown.incident.state, IncidentState::Active);
    }

    async fn a_broken_file_changes_nothing(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let number = brought_in(&place, &actor, &paged("PX0", 1)).await;
        let folder = tempfile::tempdir().unwrap();
        let good = file(folder.path(), "good.json", paged("PX1", 3).to_string().as_bytes());
        let zip = archive(&[(0, "hello"), (60, "there")]);
        let half = file(folder.path(), "half.zip", &zip[..zip.len() / 2]);
        let whole = file(folder.path(), "whole.zip", &zip);
        let text = paged("PX2", 1).to_string();
        let cut = file(folder.path(), "cut.json", &text.as_bytes()[..text.len() / 2]);
        let empty = file(folder.path(), "empty.json", b"");
        let strange = file(folder.path(), "strange.json", b"{\"weather\": \"fine\"}");
        let missing = File { name: "missing.json".into(), path: folder.path().join("missing.json") };
        let before = rows(&place).await;
        for (order, said) in [
            (all_of(vec![good.clone(), cut], None), "cut.json"),
            (all_of(vec![empty], None), "empty.json"),
            (all_of(vec![strange], None), "strange.json"),
            (all_of(vec![missing], None), "missing.json"),
            (all_of(vec![], None), "at least one file"),
            (channel(vec![half], Some(number)), "half.zip"),
            (channel(vec![whole.clone(), good.clone()], Some(number)), "alone"),
            (channel(vec![good.clone()], Some(number)), "another sort"),
            (all_of(vec![whole.clone()], None), "another sort"),
            (channel(vec![whole.clone()], None), "Choose the incident"),
            (
                Order {
                    selection: Selection::Slack { channel: "elsewhere".into(), from: None, to: None },
                    ..channel(vec![whole.clone()], Some(number))
                },
                "elsewhere",
            ),
            (
                Order {
                    selection: Selection::Pagerduty { incidents: vec!["PNONE".into()] },
                    ..all_of(vec![good.clone()], None)
                },
                "PNONE",
            ),
        ] {
            let refusal = run(&place, &actor, order).await.unwrap_err();
            assert!(refusal.to_string().contains(said), "{said}: {refusal}");
        }
        assert!(is_absent(run(&place, &actor, channel(vec![whole], Some(IncidentNumber(99)))).await));
        let reader = place.somebody("Otto Reader", Role::Reader).await;
        assert!(is_forbidden(run(&place, &reader, all_of(vec![good], None)).await));
        let mut after = rows(&place).await;
        for table in ["people", "audit"] {
            // The reader came meanwhile.
            after.insert(table.into(), before[table]);
        }
        assert_eq!(after, before);
    }

    async fn more_evidence_moves_only_what_nobody_touched(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let number = brought_in(&place, &actor, &paged("PX1", 2)).await;
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        let notes: Vec<_> = shown.timeline.iter().filter(|it| it.event.title.contains("note_")).collect();
        let [touched, hidden] = notes[..] else { panic!("two notes stand in the timeline") };
        let draft = timeline::Draft {
            at: touched.event.at,
            precision: touched.event.precision,
            kind: touched.event.kind,
            title: "In our own words".into(),
            detail: String::new(),
            actor: None,
            team: None,
            evidence: touched.event.evidence.clone(),
            context: domain::timeline::Context::default(),
        };
        let touched =
            timeline::edit(&place.app, &actor, number, touched.event.id, touched.event.revision, draft).await.unwrap();
        timeline::set_hidden(&place.app, &actor, number, &[hidden.event.id], true).await.unwrap();
        let detected = shown.instants.iter().find(|it| it.instant == KeyInstant::Detected).expect("proposed").event;
        timeline::choose_instant(&place.app, &actor, number, KeyInstant::Detected, Some(detected), "It was this", None).await.unwrap();
        let own = timeline::add(&place.app, &actor, number, timeline::Draft {
            at: touched.at, precision: touched.precision, kind: touched.kind, title: "By hand".into(),
            detail: String::new(), actor: None, team: None, evidence: vec![], context: domain::timeline::Context::default(),
        }).await.unwrap();

        let folder = tempfile::tempdir().unwrap();
        let zip = archive(&[
            (-600, "gates refuse every ticket at the north hall, anyone else seeing this?"),
            (600, "Decision: we open gate 4 by hand until the certificate is replaced"),
            (1_200, "hello"),
        ]);
        let order = channel(vec![file(folder.path(), "slack.zip", &zip)], Some(number));
        let outcome = run(&place, &actor, order.clone()).await.unwrap();
        assert_eq!((outcome.added, outcome.known), (3, 0));
        assert!(outcome.events > 0, "{outcome:?}");
        let after = incidents::show(&place.app, &actor, number).await.unwrap();
        let event = |id| after.timeline.iter().find(|it| it.event.id == id).map(|it| it.event.clone());
        assert_eq!(event(touched.id), Some(touched));
        assert_eq!(event(own.id), Some(own));
        assert!(event(hidden.event.id).is_some_and(|it| it.hidden && it.title == hidden.event.title));
        let chosen = after.instants.iter().find(|it| it.instant == KeyInstant::Detected).unwrap();
        assert_eq!((chosen.event, chosen.reason.as_str(), chosen.confirmed), (detected, "It was this", true));
        assert!(after.timeline.iter().any(|it| it.event.title.contains("gate 4")), "{:?}", after.timeline);
        assert_eq!(after.evidence.iter().map(|(_, count)| *count).sum::<i64>(), 9);
        assert_eq!(after.chat_density.iter().map(|(_, _, count)| *count).sum::<i64>(), 3);
        assert_eq!(after.participants, ["Ines Brightwater", "Wren Okafor"]);
        // Once more, with a window that takes in only the last message.
        let window = Selection::Slack { channel: "inc-gates".into(), from: Some(at(1_200).parse().unwrap()), to: None };
        let again = run(&place, &actor, Order { selection: window, ..order }).await.unwrap();
        assert_eq!((again.added, again.known, again.events), (0, 1, 0));
    }

    async fn what_was_there_before_counts_when_much_comes(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let number = brought_in(&place, &actor, &paged("PX1", 2)).await;
        let folder = tempfile::tempdir().unwrap();
        // More than one step of writing, and enough that what was there is read meanwhile.
        let words: Vec<String> = (0..2_500)
            .map(|n| if n % 100 == 7 { format!("Decision: we open gate {n} by hand") } else { format!("hello {n}") })
            .collect();
        let much: Vec<(i64, &str)> = (0..).map(|n| n * 2).zip(words.iter().map(String::as_str)).collect();
        let files = vec![file(folder.path(), "much.zip", &archive(&much))];
        let outcome = run(&place, &actor, channel(files.clone(), Some(number))).await.unwrap();
        assert_eq!((outcome.added, outcome.known), (2_500, 0));
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        assert_eq!(shown.participants, ["Ines Brightwater", "Wren Okafor"]);
        let (paged, said) = (shown.timeline.iter().filter(|it| it.event.title.contains("note_")).count(),
            shown.timeline.iter().filter(|it| it.event.title.starts_with("Decision")).count());
        // 25 were said; an hour of chat gives no more than 15 events.
        assert!(paged == 2 && (15..25).contains(&said), "{paged} {said}");
        // Choosing from what the record holds comes to the same: nothing is added, changed or removed.
        let few = [(6_000, "hello again")];
        let more = vec![file(folder.path(), "few.zip", &archive(&few))];
        let again = run(&place, &actor, channel(more, Some(number))).await.unwrap();
        assert_eq!((again.added, again.events), (1, 0));
        let after = incidents::show(&place.app, &actor, number).await.unwrap();
        let events = |shown: &incidents::Shown| shown.timeline.iter().map(|it| it.event.clone()).collect::<Vec<_>>();
        assert_eq!(events(&after), events(&shown));
        let again = run(&place, &actor, channel(files, Some(number))).await.unwrap();
        assert_eq!((again.added, again.known, again.events), (0, 2_500, 0));
    }

    async fn events_that_nobody_touched_follow_the_rules(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let number = brought_in(&place, &actor, &paged("PX1", 2)).await;
        let shown = incidents::show(&place.app, &actor, number).await.unwrap();
        let of_rules = shown.timeline.iter().find(|it| it.event.title.contains("note_1")).unwrap().event.clone();
        // As if an earlier version of the rules had put it another way and proposed one event more.
        let db = store::Db::open(place.database_url()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let earlier = TimelineEvent { title: "Put another way".into(), evidence: vec![], ..of_rules.clone() };
        let earlier = store::events::update(&mut tx, earlier, true).await.unwrap().unwrap();
        let chosen = Chosen::Rule { rule: "old".into(), key: "old:1".into(), reason: "No longer".into() };
        let id = EventId::new(place.clock.now(), [3; 10]);
        let held = store::reach::hold(&mut tx, &actor, number, Action::Write, place.clock.now()).await.unwrap();
        let store::reach::Asked::Held(held) = held else { panic!("{held:?}") };
        let extra = TimelineEvent { id, chosen, ..of_rules.clone() };
        store::events::insert(&mut tx, held.id(), &[extra]).await.unwrap();
        let stored = store::key_instants::Stored {
            instant: KeyInstant::ImpactStart, event: Some(id), reason: "No longer".into(), confirmed: false, decided_by: None, detected_by: None,
        };
        store::key_instants::put(&mut tx, held.id(), &stored).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await;

        assert_eq!(brought_in(&place, &actor, &paged("PX1", 3)).await, number);
        let after = incidents::show(&place.app, &actor, number).await.unwrap();
        let now = after.timeline.iter().find(|it| it.event.id == of_rules.id).unwrap().event.clone();
        assert_eq!(now, TimelineEvent { revision: earlier.revision + 1, ..of_rules });
        assert!(after.timeline.iter().all(|it| it.event.id != id));
        assert!(after.instants.iter().all(|it| it.event != id));
        assert_eq!(after.timeline.len(), shown.timeline.len() + 1, "the new note");
    }

    async fn an_upload_waits_for_its_choice(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let other = place.somebody("Otto Writer", Role::Member).await;
        let (id, folder) = imports::upload_folder(&place.app, &actor).await.unwrap();
        let staged = file(&folder, "1", paged("PX1", 1).to_string().as_bytes());
        let files = vec![File { name: "pages.json".into(), ..staged }];
        assert!(is_absent(imports::stage(&place.app, &other, id, files.clone()).await));
        imports::stage(&place.app, &actor, id, files).await.unwrap();
        // After a restart, another process knows it too.
        let again = place.another_node().await;
        let staged = imports::staged(&again, &actor, id).await.unwrap();
        assert_eq!(staged.files[0].name, "pages.json");
        assert!(matches!(&staged.preview, Preview::Pagerduty { incidents, .. } if incidents.len() == 1));
        assert!(is_absent(imports::staged(&again, &other, id).await));
        let everything = || Selection::Pagerduty { incidents: vec![] };
        assert!(is_absent(imports::start(&again, &other, id, everything(), None).await));
        imports::start(&again, &actor, id, everything(), None).await.unwrap();
        imports::start(&again, &actor, id, everything(), None).await.ok();
        let outcome = loop {
            match imports::progress(&again, &actor, id).await.unwrap() {
                Progress::Running { share, .. } => assert!((0.0..=1.0).contains(&share)),
                Progress::Done(outcome) => break outcome,
                Progress::Failed { message } => panic!("{message}"),
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(outcome.incidents, ["INC-1"]);
        assert!(is_absent(imports::progress(&again, &other, id).await));
        // The process that did not do it reads what came of it from the record.
        let elsewhere = imports::progress(&place.app, &actor, id).await.unwrap();
        assert!(matches!(elsewhere, Progress::Done(known) if known == outcome));
        assert!(is_absent(imports::staged(&place.app, &actor, id).await), "the files are gone");
        let unknown = ImportId::new(place.clock.now(), [1; 10]);
        assert!(is_absent(imports::progress(&place.app, &actor, unknown).await));
    }

    async fn uploads_that_nobody_needs_are_removed(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let (broken, folder) = imports::upload_folder(&place.app, &actor).await.unwrap();
        let files = vec![file(&folder, "1", b"{\"incidents\": [")];
        assert_eq!(field(imports::stage(&place.app, &actor, broken, files).await), Some("files"));
        assert!(!folder.exists());
        let (_, stale) = imports::upload_folder(&place.app, &actor).await.unwrap();
        place.clock.advance(Span::hours(25));
        let (_, fresh) = imports::upload_folder(&place.app, &actor).await.unwrap();
        assert!(!stale.exists() && fresh.exists());
        let (id, _) = imports::upload_folder(&place.app, &actor).await.unwrap();
        let outside = tempfile::tempdir().unwrap();
        let files = vec![file(outside.path(), "pages.json", paged("PX1", 1).to_string().as_bytes())];
        assert!(imports::stage(&place.app, &actor, id, files).await.is_err(), "only files of its own folder");
    }

    async fn an_import_whose_process_ended_says_so_and_changed_nothing(place: Installation) {
        let actor = place.somebody("Ada", Role::Member).await;
        let id = ImportId::new(place.clock.now(), [7; 10]);
        let began = |state: &str| format!(
            "INSERT INTO imports (id, at, files, outcome, state, doing, share, person) VALUES
             ({}, 0, '[]', '{{}}', '{state}', 'Choosing events', 400, {})",
            bytes_of(&place, id.0), bytes_of(&place, actor.person.unwrap().0),
        );
        testing::by_hand(place.database_url(), &[&began("running")]).await;
        let told = imports::progress(&place.app, &actor, id).await.unwrap();
        assert!(matches!(&told, Progress::Failed { message } if message.contains("nothing was changed")), "{told:?}");
        // While its node speaks, others show how far it is; alone on the record there are no others.
        let seen = if place.database_url().starts_with("sqlite:") {
            "UPDATE imports SET seen_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
        } else {
            "UPDATE imports SET seen_at = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
        };
        testing::by_hand(place.database_url(), &[seen]).await;
        let told = imports::progress(&place.app, &actor, id).await.unwrap();
        if place.database_url().starts_with("sqlite:") {
            assert!(matches!(&told, Progress::Failed { .. }), "{told:?}");
        } else {
            assert!(matches!(&told, Progress::Running { doing, share } if doing == "Choosing events" && (share - 0.4).abs() < 0.01), "{told:?}");
        }
        let other = place.somebody("Wren", Role::Member).await;
        assert!(is_absent(imports::progress(&place.app, &other, id).await));
    }

    async fn progress_only_grows(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let folder = tempfile::tempdir().unwrap();
        let files = vec![file(folder.path(), "pages.json", paged("PX1", 1_500).to_string().as_bytes())];
        let (mut shares, mut said) = (Vec::new(), Vec::new());
        imports::run(&place.app, &actor, all_of(files, None), &mut |progress| {
            if let Progress::Running { doing, share } = progress {
                shares.push(share);
                said.push(doing);
            }
        })
        .await
        .unwrap();
        assert!(shares.is_sorted() && shares.last().is_some_and(|last| *last <= 1.0), "{shares:?}");
        said.dedup();
        assert_eq!(
            said,
            [
                "Reading the files",
                "Storing the evidence",
                "Choosing what belongs in the timeline",
                "Writing everything to disk",
            ]
        );
    }
}
