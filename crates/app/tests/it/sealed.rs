//! Sealed places: who opens them, what stays on record, and where their words are not.

use crate::{acts, field, is_absent, is_conflict, is_forbidden};
use app::{
    acts as record, backup, checking, exporting, incidents, palette,
    sealed::{self, Audience, Change, Door, Kind, New, Place, Words},
    secrets, sharing,
};
use domain::{
    SealedId,
    access::{Actor, Part},
    incident::{IncidentKind, IncidentNumber},
    instant::Span,
    person::Role,
};
use store::Db;
use testing::{Installation, PostOffice, both};

/// Words that stand nowhere else.
const HUSH: &str = "numbat-4417 by the gate";

async fn incident(place: &Installation, by: &Actor) -> IncidentNumber {
    let said = incidents::Declaration {
        title: "Gates refuse tickets".into(),
        summary: String::new(),
        kind: IncidentKind::Incident,
        severity: None,
        services: vec![],
        team: None,
        declared_at: None,
    };
    let number = incidents::declare(&place.app, by, said).await.unwrap().number;
    incidents::resolve(&place.app, by, number, incidents::Resolution::default()).await.unwrap();
    number
}

fn new(kind: Kind, audience: Audience, named: &[&Actor]) -> New {
    New { kind, words: HUSH.into(), audience, named: named.iter().filter_map(|it| it.person).collect() }
}

async fn places(place: &Installation, who: &Actor, number: IncidentNumber) -> Vec<Place> {
    sealed::list(&place.app, who, number).await.unwrap()
}

/// What somebody gets without an act: the door they see and whether the words come out.
async fn finds(place: &Installation, who: &Actor, number: IncidentNumber, id: SealedId) -> Door {
    let listed = places(place, who, number).await.into_iter().find(|place| place.id == id);
    let opened = sealed::open(&place.app, who, number, id).await;
    let door = listed.as_ref().map_or(Door::Absent, |place| place.door);
    assert_eq!(opened.as_ref().is_ok_and(|words| words.text() == HUSH), door == Door::Open);
    assert!(opened.is_ok() || is_absent(opened));
    assert_eq!(listed.and_then(|place| place.words).is_some(), door == Door::Open);
    door
}

both! {
    async fn each_place_is_open_to_those_its_author_lets_in(place: Installation) {
        let app = &place.app;
        let ada = place.somebody("Ada Lind", Role::Administrator).await;
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        let (noor, otto) = (place.somebody("Noor Vos", Role::Member).await, place.somebody("Otto Reader", Role::Reader).await);
        let (fay, rolf) = (place.somebody("Fay Leads", Role::Reader).await, place.somebody("Rolf Responder", Role::Reader).await);
        let number = incident(&place, &wren).await;
        for (who, part) in [(&fay, Part::Facilitator), (&rolf, Part::Responder)] {
            sharing::give_part(app, &wren, number, who.person.unwrap(), part).await.unwrap();
        }
        use Door::{Absent, Open, Recorded};
        // Wren wrote it; Noor is named; Fay leads the debrief; Rolf responded; Otto reads; Ada administers.
        let table = [
            (Kind::Passage, Audience::Author, [Open, Open, Absent, Absent, Absent, Recorded]),
            (Kind::Account, Audience::Author, [Open, Open, Absent, Absent, Absent, Recorded]),
            (Kind::Account, Audience::Facilitator, [Open, Open, Open, Absent, Absent, Recorded]),
            (Kind::Account, Audience::Participants, [Open, Open, Open, Open, Absent, Recorded]),
            (Kind::Account, Audience::Readers, [Open, Open, Open, Open, Open, Open]),
        ];
        let mut last = None;
        for (kind, audience, row) in table {
            let id = sealed::seal(app, &wren, number, new(kind, audience, &[&noor])).await.unwrap();
            for (who, door) in [&wren, &noor, &fay, &rolf, &otto, &ada].into_iter().zip(row) {
                assert_eq!(finds(&place, who, number, id).await, door, "{kind:?} {audience:?} {}", who.name);
            }
            assert_eq!(finds(&place, &Actor::installation(), number, id).await, Absent);
            last = Some(id);
        }
        // What its author changes holds at once; nobody else changes anything.
        let id = last.unwrap();
        let closed = |words| Change { words, audience: Audience::Author, named: Some(vec![]) };
        for who in [&noor, &fay, &ada, &otto, &Actor::installation()] {
            assert!(is_absent(sealed::change(app, who, number, id, closed(None)).await), "{}", who.name);
            assert!(is_absent(sealed::forget(app, who, number, id).await), "{}", who.name);
        }
        sealed::change(app, &wren, number, id, closed(None)).await.unwrap();
        for who in [&noor, &fay, &rolf, &otto] {
            assert_eq!(finds(&place, who, number, id).await, Absent, "{}", who.name);
        }
        assert_eq!(finds(&place, &wren, number, id).await, Open);
        sealed::change(app, &wren, number, id, closed(Some("Other words".into()))).await.unwrap();
        assert_eq!(sealed::open(app, &wren, number, id).await.unwrap().text(), "Other words");
        // Who may not write there seals nothing, and neither does the installation.
        assert!(is_forbidden(sealed::seal(app, &otto, number, new(Kind::Account, Audience::Author, &[])).await));
        let us = Actor::installation();
        assert!(is_forbidden(sealed::seal(app, &us, number, new(Kind::Account, Audience::Author, &[])).await));
        let wide = sealed::seal(app, &wren, number, new(Kind::Passage, Audience::Readers, &[])).await;
        assert_eq!(field(wide), Some("named"));
        let blank = New { words: " \n".into(), ..new(Kind::Account, Audience::Author, &[]) };
        assert_eq!(field(sealed::seal(app, &wren, number, blank).await), Some("words"));
        for _ in 5..100 {
            sealed::seal(app, &wren, number, new(Kind::Account, Audience::Author, &[])).await.unwrap();
        }
        assert!(is_conflict(sealed::seal(app, &wren, number, new(Kind::Account, Audience::Author, &[])).await));
    }

    async fn an_administrator_opens_by_an_act_that_the_author_reads(place: Installation) {
        let app = &place.app;
        let ada = place.somebody("Ada Lind", Role::Administrator).await;
        let (wren, otto) = (place.somebody("Wren Okafor", Role::Member).await, place.somebody("Otto Reader", Role::Reader).await);
        let number = incident(&place, &wren).await;
        let id = sealed::seal(app, &wren, number, new(Kind::Passage, Audience::Author, &[])).await.unwrap();
        assert_eq!(field(sealed::open_with_reason(app, &ada, number, id, " ").await), Some("reason"));
        assert!(is_absent(sealed::open_with_reason(app, &otto, number, id, "Curious").await));
        assert!(is_absent(sealed::open_with_reason(app, &Actor::installation(), number, id, "A job").await));
        assert!(!acts(&place).await.iter().any(|act| act == "sealed.open"));
        for reason in ["A legal request", "The same, again"] {
            let words = sealed::open_with_reason(app, &ada, number, id, reason).await.unwrap();
            assert_eq!(words.text(), HUSH);
            place.clock.advance(Span::minutes(1));
        }
        assert_eq!(finds(&place, &ada, number, id).await, Door::Recorded, "opening once opens nothing else");
        assert_eq!(acts(&place).await.iter().filter(|act| *act == "sealed.open").count(), 2);
        let own = places(&place, &wren, number).await.remove(0);
        let said: Vec<_> = own.openings.iter().map(|it| (it.name.as_str(), it.reason.as_str())).collect();
        assert_eq!(said, [("Ada Lind", "The same, again"), ("Ada Lind", "A legal request")]);
        assert!(places(&place, &ada, number).await[0].openings.is_empty(), "for its author only");
        // Whoever it is open to needs no act.
        let readers = Change { words: None, audience: Audience::Author, named: Some(vec![ada.person.unwrap()]) };
        sealed::change(app, &wren, number, id, readers).await.unwrap();
        sealed::open_with_reason(app, &ada, number, id, "").await.unwrap();
        assert_eq!(acts(&place).await.iter().filter(|act| *act == "sealed.open").count(), 2);
        // An administrator who is none any more, and an incident that they do not see.
        let nobody = Change { words: None, audience: Audience::Author, named: Some(vec![]) };
        sealed::change(app, &wren, number, id, nobody).await.unwrap();
        let only = sharing::Choice { reason: "Names a customer".into(), ..sharing::Choice::default() };
        sharing::narrow(app, &wren, number, only).await.unwrap();
        assert!(is_absent(sealed::open_with_reason(app, &ada, number, id, "A legal request").await));
        assert!(is_absent(sealed::list(app, &ada, number).await));
        sharing::widen(app, &wren, number).await.unwrap();
        place.somebody("Ines Ott", Role::Administrator).await;
        app::people::set_role(app, &Actor::installation(), ada.person.unwrap(), Role::Member).await.unwrap();
        assert!(is_forbidden(sealed::open_with_reason(app, &ada, number, id, "Still an actor").await));
        // Forgotten it is gone for everybody, and its author still reads who had opened it.
        sealed::forget(app, &wren, number, id).await.unwrap();
        assert!(is_absent(sealed::open(app, &wren, number, id).await));
        let own = places(&place, &wren, number).await.remove(0);
        assert_eq!((own.words, own.openings.len(), own.forgotten_at), (None, 2, Some(app.now())));
        let ines = place.somebody("Uma Ott", Role::Administrator).await;
        assert!(places(&place, &ines, number).await.is_empty());
        assert!(is_absent(sealed::open_with_reason(app, &ines, number, id, "Too late").await));
        assert!(is_absent(sealed::forget(app, &wren, number, id).await), "there is nothing left to forget");
    }

    async fn its_author_gets_a_letter_without_the_words(place: Installation) {
        let office = PostOffice::open().await;
        let mail = app::mail::Settings {
            smtp_url: office.url(),
            from: "Debrief <debrief@larkfare.example>".into(),
            public_url: "https://debrief.example".into(),
        };
        let place = place.with(app::Outside { mail: Some(mail), ..app::Outside::default() }).await;
        let (ada, wren) = (place.somebody("Ada Lind", Role::Administrator).await, place.somebody("Wren Okafor", Role::Member).await);
        let number = incident(&place, &wren).await;
        let id = sealed::seal(&place.app, &wren, number, new(Kind::Account, Audience::Author, &[])).await.unwrap();
        sealed::open_with_reason(&place.app, &ada, number, id, "A legal request").await.unwrap();
        place.clock.advance(Span::seconds(1));
        app::jobs::run_due(&place.app, &app::jobs::Duties::default()).await.unwrap();
        let letters = office.letters();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, ["wren.okafor@larkfare.example"]);
        let text = letters[0].text.replace("=\n", "");
        assert!(text.contains("Ada Lind opened what you had sealed with INC-1"), "{text}");
        assert!(text.contains("A legal request") && !text.contains("numbat"));
    }

    async fn its_words_are_nowhere_else(place: Installation) {
        let app = &place.app;
        let ada = place.somebody("Ada Lind", Role::Administrator).await;
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        let number = incident(&place, &wren).await;
        let id = sealed::seal(app, &wren, number, new(Kind::Account, Audience::Author, &[])).await.unwrap();
        sealed::open_with_reason(app, &ada, number, id, "A legal request").await.unwrap();
        let mut told = String::new();
        for who in [&wren, &ada, &Actor::installation()] {
            let list = incidents::list(app, who, &incidents::Filter { words: Some("numbat".into()), ..Default::default() }).await;
            told += &format!("{list:?}{:?}", palette::find(app, who, "numbat").await);
            for format in [exporting::Format::Markdown, exporting::Format::Html] {
                told += &String::from_utf8_lossy(&exporting::export(app, who, number, format).await.unwrap().bytes);
            }
            told += &format!("{:?}", incidents::show(app, who, number).await);
            told += &format!("{:?}", sealed::list(app, who, number).await);
        }
        let everything = record::Wanted::default();
        let file = record::export(app, &ada, &everything, record::Form::JsonLines).await.unwrap();
        told += &String::from_utf8(file).unwrap();
        told += &format!("{:?} {:?}", Words::from(HUSH), new(Kind::Account, Audience::Author, &[]));
        assert!(told.contains("sealed.open") && !told.contains("numbat"));
        // Not at rest, and not in a backup.
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record.debrief");
        backup::write(app, &Actor::installation(), &file, false).await.unwrap();
        let db = Db::open(place.database_url()).await.unwrap();
        let all = store::secrets::all(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!(all.len(), 1);
        for bytes in [std::fs::read(&file).unwrap(), all[0].sealed.clone()] {
            assert!(!bytes.windows(6).any(|part| part == b"numbat"));
        }
        assert!(all[0].name.starts_with("sealed:"));
    }

    async fn a_new_key_seals_it_anew_and_a_changed_row_opens_nothing(place: Installation) {
        let app = &place.app;
        let (wren, noor) = (place.somebody("Wren Okafor", Role::Member).await, place.somebody("Noor Vos", Role::Member).await);
        let number = incident(&place, &wren).await;
        let other = incident(&place, &noor).await;
        let id = sealed::seal(app, &wren, number, new(Kind::Account, Audience::Author, &[])).await.unwrap();
        let rotation = secrets::Rotation { forget_older: true, leave_closed: false };
        let rotated = secrets::rotate(app, &Actor::installation(), rotation).await.unwrap();
        assert_eq!((rotated.secrets, rotated.keys), (1, 1));
        assert_eq!(finds(&place, &wren, number, id).await, Door::Open);
        assert!(is_absent(sealed::open(app, &wren, other, id).await), "it belongs to one incident");
        assert_eq!(checking::check(app, None).await.unwrap().faults, []);
        // Somebody with the database in hand and without the key lets themselves in.
        let person = noor.person.unwrap().to_string();
        for statement in [
            format!("UPDATE sealed SET named = '[\"{person}\"]'"),
            "UPDATE sealed SET named = '[]', audience = 'readers'".into(),
        ] {
            testing::by_hand(place.database_url(), &[&statement]).await;
            let opened = sealed::open(app, &noor, number, id).await;
            assert!(matches!(opened, Err(app::Error::Internal { .. })), "{statement}");
        }
    }
}
