//! Words that leave for good: who decides, what goes with them, what stays, and that they stand nowhere else.

use crate::{
    field, is_absent, is_conflict, is_forbidden,
    versions::{Client, DEADLINE, draft, settled, text},
};
use app::{
    checking, exporting, follow_ups, incidents,
    reports::{self, To},
    sealed::{self, Door, Surface},
    sharing,
    timeline::{self, impact},
    versions::{self, Moment},
    withdrawing::{self, Where},
};
use collab::{Close, Joiner, Outgoing, OutgoingFrames};
use domain::{
    PostmortemId,
    access::{Actor, Part},
    follow_up::{FollowUpState, Intent},
    incident::IncidentNumber,
    person::Role,
    postmortem::Step,
    timeline::{
        EventKind, KeyInstant, Precision,
        impact::{Degree, Interval},
    },
    version::VersionNumber,
};
use testing::{Installation, Kind, PostOffice, both, remains, rows, run};

/// Words that stand nowhere else.
const CANARY: &str = "Numbat was careless at the gate again.";

async fn open(app: &app::App, document: PostmortemId, actor: &Actor) -> OutgoingFrames {
    let joiner = Joiner {
        person: actor.person,
        name: actor.name.clone(),
        may_write: true,
        wants_acks: false,
        epoch: None,
    };
    let (incoming, outgoing) = app.rooms().join(document, joiner).await.unwrap().split();
    // Whoever lets go of this half leaves.
    std::mem::forget(incoming);
    outgoing
}

async fn ends(outgoing: &mut OutgoingFrames) -> Close {
    let ended = async {
        loop {
            match outgoing.next().await {
                Some(Outgoing::Close(close)) => return close,
                Some(_) => {}
                None => panic!("it ends with a reason"),
            }
        }
    };
    tokio::time::timeout(DEADLINE, ended).await.expect("the line ends")
}

async fn says(place: &Installation, who: &Actor, number: IncidentNumber) -> String {
    text(&app::postmortems::show(&place.app, who, number).await.unwrap().document)
}

/// What every version says, and every comparison of neighbours.
async fn history(place: &Installation, who: &Actor, number: IncidentNumber) -> String {
    let (history, _) = versions::list(&place.app, who, number).await.unwrap();
    let mut told = String::new();
    for version in &history.versions {
        let shown = versions::show(&place.app, who, number, version.number).await.unwrap();
        told += &text(&shown.document);
        let compared = versions::compare(&place.app, who, number, version.number, Moment::Now).await.unwrap();
        told += &format!("{:?}", compared.changes);
    }
    told
}

both! {
    async fn words_leave_from_where_edits_were_kept_last(place: Installation) {
        let (number, document, wren) = draft(&place).await;
        let mut writing = Client::connect(&place, document, &wren).await;
        writing.until(|said| !said.is_empty()).await;
        writing.type_line("The gate was shut.").await;
        settled(&place, &wren, number, "The gate was shut.").await;
        for line in ["It rang.", CANARY, "It rang again."] {
            writing.type_line(line).await;
            settled(&place, &wren, number, line).await;
        }
        let recent = rows(place.database_url(), "recent_edits").await;
        assert_eq!(recent, if place.database_url().starts_with("sqlite:") { 3 } else { 0 });
        withdrawing::withdraw(&place.app, &wren, number, Where::Document, CANARY).await.unwrap();
        assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
        let said = says(&place, &wren, number).await;
        assert!(said.contains("It rang.") && said.contains("It rang again."), "{said}");
    }

    async fn the_words_are_nowhere_and_everything_else_stays(place: Installation) {
        let app = &place.app;
        let (number, document, wren) = draft(&place).await;
        let otto = place.somebody("Otto Iyer", Role::Member).await;
        let reader = place.somebody("Rue Tanaka", Role::Reader).await;
        let mut writing = Client::connect(&place, document, &wren).await;
        writing.until(|said| !said.is_empty()).await;
        writing.type_line(&format!("The gate was shut. {CANARY} It rang.")).await;
        settled(&place, &wren, number, CANARY).await;
        let named = versions::name(app, &wren, number, "Before lunch").await.unwrap();
        let mut beside = Client::connect(&place, document, &otto).await;
        beside.until(|said| said.contains("Numbat")).await;
        beside.type_line("Otto was there.").await;
        settled(&place, &wren, number, "Otto was there.").await;
        let handed = app::postmortems::hand_to(app, &wren, number, wren.person.unwrap()).await.unwrap();
        app::postmortems::step(app, &wren, number, handed.revision, Step::AskForReview).await.unwrap();
        // Somebody else brings the version back: the words are in edits of theirs too, and in what was there before.
        versions::restore(app, &otto, number, named).await.unwrap();
        settled(&place, &wren, number, CANARY).await;
        assert!(!remains(place.database_url(), "Numbat").await.is_empty(), "the record holds it before");

        let looked = withdrawing::look(app, &wren, number, Where::Document, &format!(" {CANARY} ")).await.unwrap();
        assert_eq!((looked.now, looked.own, looked.author.as_deref()), (1, true, Some("Wren Okafor")));
        assert!(looked.earlier >= 3, "{looked:?}");
        let mut line = open(app, document, &otto).await;
        let id = withdrawing::withdraw(app, &wren, number, Where::Document, CANARY).await.unwrap();
        assert_eq!(ends(&mut line).await, Close::REPLACED, "open editors begin afresh");

        let said = says(&place, &reader, number).await;
        assert!(said.contains("The gate was shut. It rang.") && !said.contains("Numbat"), "{said}");
        let told = history(&place, &wren, number).await;
        assert!(told.contains("The gate was shut. It rang.") && told.contains("Otto was there."));
        assert!(!told.contains("Numbat"));
        for format in [exporting::Format::Markdown, exporting::Format::Html] {
            let file = exporting::export(app, &wren, number, format).await.unwrap().bytes;
            assert!(!String::from_utf8_lossy(&file).contains("Numbat"));
        }
        assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
        assert_eq!(sealed::open(app, &wren, number, id).await.unwrap().text(), CANARY);
        let found = sealed::list(app, &wren, number).await.unwrap();
        assert_eq!((found[0].door, found[0].moved), (Door::Open, false));
        assert!(sealed::list(app, &otto, number).await.unwrap().is_empty());
        assert_eq!(checking::check(app, None).await.unwrap().faults, []);

        // Writing goes on, and who wrote what is still known.
        let mut again = Client::connect_to(app, document, &otto, Some(2)).await;
        again.until(|said| said.contains("It rang.")).await;
        again.type_line("Afterwards.").await;
        settled(&place, &wren, number, "Afterwards.").await;
        let rest = withdrawing::look(app, &wren, number, Where::Document, "The gate was shut. It rang.").await.unwrap();
        assert_eq!((rest.own, rest.author.as_deref()), (true, Some("Wren Okafor")));
        let theirs = withdrawing::look(app, &wren, number, Where::Document, "Otto was there.").await;
        assert!(theirs.is_ok_and(|it| !it.own && it.now == 0 && it.earlier > 0), "only history holds it");
        versions::restore(app, &wren, number, VersionNumber(2)).await.unwrap();
        assert!(!says(&place, &wren, number).await.contains("Numbat"), "an earlier version brings nothing back");
        assert_eq!(checking::check(app, None).await.unwrap().faults, []);
    }

    async fn whoever_wrote_them_decides(place: Installation) {
        let app = &place.app;
        let (number, document, wren) = draft(&place).await;
        let otto = place.somebody("Otto Iyer", Role::Member).await;
        let reader = place.somebody("Rue Tanaka", Role::Reader).await;
        let mut writing = Client::connect(&place, document, &wren).await;
        writing.until(|said| !said.is_empty()).await;
        writing.type_line(CANARY).await;
        let mut beside = Client::connect(&place, document, &otto).await;
        beside.until(|said| said.contains("Numbat")).await;
        beside.type_line("the gate again, by Otto").await;
        settled(&place, &wren, number, "by Otto").await;
        let took = async |who: &Actor, words: &str| {
            withdrawing::withdraw(app, who, number, Where::Document, words).await
        };
        let looked = withdrawing::look(app, &otto, number, Where::Document, CANARY).await.unwrap();
        assert_eq!((looked.own, looked.author.as_deref()), (false, Some("Wren Okafor")));
        assert!(is_forbidden(took(&otto, CANARY).await));
        assert!(is_forbidden(took(&reader, CANARY).await));
        assert!(is_forbidden(took(&Actor::installation(), CANARY).await));
        assert_eq!(field(took(&wren, "Numbat").await), Some("words"), "one word is no place");
        assert_eq!(field(took(&wren, "Numbat was here").await), Some("words"));
        assert!(says(&place, &wren, number).await.contains(CANARY));
        // A few words that another wrote as well are theirs where they wrote them.
        took(&wren, "the gate again").await.unwrap();
        let said = says(&place, &wren, number).await;
        assert!(said.contains("the gate again, by Otto") && !said.contains("careless at the gate"), "{said}");
        // What the template says is nobody's, so nobody takes it out of history.
        let nobodys = says(&place, &wren, number).await;
        let line = nobodys.lines().find(|line| line.split_whitespace().count() > 2 && !line.contains("Otto") && !line.contains("Numbat"));
        if let Some(line) = line {
            let looked = withdrawing::look(app, &wren, number, Where::Document, line).await.unwrap();
            assert_eq!((looked.own, looked.author), (false, None));
        }
    }

    async fn events_ideas_and_titles_forget_them_too(place: Installation) {
        let app = &place.app;
        let (number, _, wren) = draft(&place).await;
        let otto = place.somebody("Otto Iyer", Role::Member).await;
        let at = place.clock.now();
        let said = |title: &str, detail: String| timeline::Draft {
            at,
            precision: Precision::Second,
            kind: EventKind::Action,
            title: title.into(),
            detail,
            actor: None,
            team: None,
            evidence: vec![],
            context: domain::timeline::Context::default(),
        };
        let event = timeline::add(app, &wren, number, said("Gate opened", format!("At noon. {CANARY}"))).await.unwrap();
        let event = timeline::edit(app, &otto, number, event.id, event.revision, said("Gate opened", format!("{CANARY} At noon."))).await.unwrap();
        timeline::edit(app, &otto, number, event.id, event.revision, said("Gate opened", "At noon, by hand.".into())).await.unwrap();
        let idea = follow_ups::add(app, &wren, number, &format!("A lock. {CANARY}"), Intent::Prevent).await.unwrap();
        let change = incidents::Change {
            revision: incidents::show(app, &wren, number).await.unwrap().incident.revision,
            declaration: incidents::Declaration {
                title: "Numbat did it".into(),
                summary: CANARY.into(),
                kind: domain::incident::IncidentKind::Incident,
                severity: None,
                services: vec![],
                team: None,
                declared_at: None,
            },
        };
        incidents::edit(app, &wren, number, change).await.unwrap();
        let places = [
            (Where::Event(event.id), CANARY),
            (Where::Idea(idea.id), CANARY),
            (Where::Incident, CANARY),
            (Where::Incident, "Numbat did it"),
        ];
        for (at, words) in places {
            let looked = withdrawing::look(app, &otto, number, at, words).await.unwrap();
            assert_eq!((looked.own, looked.author.as_deref()), (false, Some("Wren Okafor")), "{at:?}");
            assert!(is_forbidden(withdrawing::withdraw(app, &otto, number, at, words).await), "{at:?}");
            withdrawing::withdraw(app, &wren, number, at, words).await.unwrap();
            assert_eq!(field(withdrawing::look(app, &wren, number, at, words).await), Some("words"));
        }
        assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
        assert_eq!(remains(place.database_url(), "numbat").await, Vec::<String>::new(), "nor for searching");
        let (_, revisions) = timeline::history::of_event(app, &wren, number, event.id).await.unwrap();
        let details: Vec<&str> = revisions.iter().map(|it| it.after.detail.as_str()).collect();
        assert_eq!(details, ["At noon, by hand.", "At noon.", "At noon."]);
        let shown = incidents::show(app, &wren, number).await.unwrap();
        assert_eq!((shown.incident.title.as_str(), shown.incident.summary.as_str()), ("INC-1", ""));
        assert_eq!(follow_ups::list(app, &wren, Some(number)).await.unwrap()[0].follow_up.text, "A lock.");
        assert_eq!(sealed::list(app, &wren, number).await.unwrap().len(), 4);
        assert_eq!(checking::check(app, None).await.unwrap().faults, []);
        // What an act said stays readable for administrators, but for what left; a change by hand is found.
        let ada = place.somebody("Ada Lind", Role::Administrator).await;
        let listed = app::acts::list(app, &ada, &app::acts::Wanted::default()).await.unwrap().acts;
        let told = listed.iter().map(|act| act.detail.as_str()).collect::<String>();
        assert!(told.contains("At noon, by hand.") && told.contains("withdrawn by its author"), "{told}");
        testing::by_hand(place.database_url(), &["UPDATE audit_words SET words = 'x' WHERE words IS NOT NULL"]).await;
        let faults = checking::check(app, None).await.unwrap().faults;
        assert!(faults.iter().any(|fault| fault.what.contains("words beside acts")), "{faults:?}");
    }

    async fn reasons_and_notes_forget_them_with_what_stood_before(place: Installation) {
        let app = &place.app;
        let (number, _, wren) = draft(&place).await;
        let otto = place.somebody("Otto Iyer", Role::Member).await;
        // An idea of Otto's, dropped by Wren: the reason is hers, the idea his.
        let idea = follow_ups::add(app, &otto, number, "A lock at the gate", Intent::Prevent).await.unwrap();
        follow_ups::drop_with(app, &wren, idea.id, &format!("Not now. {CANARY}")).await.unwrap();
        // Notes that stand, and notes that somebody changed since, so that only undoing would bring them back.
        let choose = async |instant, note: &str| {
            timeline::choose_instant(app, &wren, number, instant, None, note, None).await.unwrap();
        };
        choose(KeyInstant::Detected, CANARY).await;
        choose(KeyInstant::Acknowledged, CANARY).await;
        choose(KeyInstant::Acknowledged, "The log has it").await;
        let interval = || Interval {
            service: "Gates".into(),
            audience: String::new(),
            from: place.clock.now(),
            to: None,
            precision: Precision::Minute,
            degree: Degree::Full,
            share: None,
            affected: None,
        };
        let felt = async |id, note: &str| impact::set(app, &wren, number, id, interval(), note).await.unwrap();
        felt(None, &format!("Counted by hand. {CANARY}")).await;
        let changed = felt(None, CANARY).await;
        felt(Some(changed), "Counted twice").await;
        let gone = felt(None, CANARY).await;
        impact::remove(app, &wren, number, gone).await.unwrap();
        timeline::coordinating::settle(app, &wren, number, "a-thing", true, &format!("So it was. {CANARY}")).await.unwrap();
        assert!(!remains(place.database_url(), "Numbat").await.is_empty(), "the record holds it before");
        for (at, now, earlier) in [(Where::Idea(idea.id), 1, 0), (Where::Notes, 3, 3)] {
            let looked = withdrawing::look(app, &otto, number, at, CANARY).await.unwrap();
            assert_eq!((looked.now, looked.own, looked.author.as_deref()), (now, false, Some("Wren Okafor")), "{at:?}");
            assert_eq!(looked.earlier, earlier, "{at:?}");
            assert!(is_forbidden(withdrawing::withdraw(app, &otto, number, at, CANARY).await), "{at:?}");
            withdrawing::withdraw(app, &wren, number, at, CANARY).await.unwrap();
            assert_eq!(field(withdrawing::look(app, &wren, number, at, CANARY).await), Some("words"));
        }
        assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
        let looked = withdrawing::look(app, &wren, number, Where::Idea(idea.id), "A lock at the gate").await.unwrap();
        assert_eq!((looked.own, looked.author.as_deref()), (false, Some("Otto Iyer")), "the idea is his");

        // What stood beside them stays.
        let dropped = &follow_ups::list(app, &wren, Some(number)).await.unwrap()[0].follow_up;
        assert_eq!(dropped.text, "A lock at the gate");
        assert!(matches!(&dropped.state, FollowUpState::Dropped { reason, .. } if reason == "Not now."));
        let measures = impact::measures(app, &wren, number).await.unwrap();
        let why = |instant| measures.instants.iter().find(|it| it.instant == instant).unwrap().reason.clone();
        assert_eq!(why(KeyInstant::Detected), "Chosen by Wren Okafor");
        assert_eq!(why(KeyInstant::Acknowledged), "The log has it");
        let mut notes: Vec<&str> = measures.shown.intervals.iter().map(|it| it.note.as_str()).collect();
        notes.sort_unstable();
        assert_eq!(notes, ["Counted by hand.", "Counted twice"]);
        // Undoing brings back what was there, without the words.
        let (_, acts) = timeline::history::acts(app, &wren, number).await.unwrap();
        let removal = acts.iter().find(|entry| entry.act == "impact.remove").unwrap();
        timeline::history::undo(app, &wren, number, removal.id).await.unwrap();
        let shown = incidents::show(app, &wren, number).await.unwrap();
        assert_eq!(shown.intervals.len(), 3);
        assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
        assert_eq!(checking::check(app, None).await.unwrap().faults, []);
    }

    async fn whoever_leads_the_debrief_is_told_and_moves_it_out_quietly(place: Installation) {
        let office = PostOffice::open().await;
        let mail = app::mail::Settings {
            smtp_url: office.url(),
            from: "Debrief <debrief@larkfare.example>".into(),
            public_url: "https://debrief.example".into(),
        };
        let place = place.with(app::Outside { mail: Some(mail), ..app::Outside::default() }).await;
        let app = &place.app;
        let (number, document, wren) = draft(&place).await;
        let (otto, fay) = (place.somebody("Otto Iyer", Role::Member).await, place.somebody("Fay Leads", Role::Member).await);
        let (rue, ada) = (place.somebody("Rue Tanaka", Role::Reader).await, place.somebody("Ada Lind", Role::Administrator).await);
        let mut writing = Client::connect(&place, document, &wren).await;
        writing.until(|said| !said.is_empty()).await;
        writing.type_line(CANARY).await;
        settled(&place, &wren, number, CANARY).await;
        let at = (Surface::Document, None);
        reports::make(app, &rue, number, at, CANARY, To::Lead).await.unwrap();
        let waits = async |who: &Actor| reports::waiting(app, who, number).await.unwrap();
        // Nobody leads and nobody owns it: administrators. Then its owner; then whoever leads it, and nobody else.
        assert_eq!((waits(&ada).await.len(), waits(&fay).await.len(), waits(&rue).await.len()), (1, 0, 0));
        app::postmortems::hand_to(app, &wren, number, otto.person.unwrap()).await.unwrap();
        assert_eq!((waits(&ada).await.len(), waits(&otto).await.len()), (0, 1));
        sharing::give_part(app, &wren, number, fay.person.unwrap(), Part::Facilitator).await.unwrap();
        for (who, many) in [(&fay, 1), (&otto, 0), (&ada, 0), (&wren, 0), (&rue, 0)] {
            assert_eq!(waits(who).await.len(), many, "{}", who.name);
        }
        let report = waits(&fay).await.remove(0);
        assert_eq!((report.words.text(), report.as_author), (CANARY, false));
        for who in [&otto, &wren, &ada, &rue] {
            assert!(is_absent(reports::move_out(app, who, number, report.id).await), "{}", who.name);
            assert!(is_absent(reports::leave(app, who, number, report.id).await), "{}", who.name);
        }
        let id = reports::move_out(app, &fay, number, report.id).await.unwrap();
        assert!(is_absent(reports::leave(app, &fay, number, report.id).await), "it is settled");
        assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
        // The author keeps it and is told why, by a letter that does not hold it; Fay does not read it any more.
        assert_eq!(sealed::open(app, &wren, number, id).await.unwrap().text(), CANARY);
        assert!(sealed::list(app, &wren, number).await.unwrap()[0].moved);
        assert!(is_absent(sealed::open(app, &fay, number, id).await));
        place.clock.advance(domain::instant::Span::seconds(1));
        app::jobs::run_due(app, &app::jobs::Duties::default()).await.unwrap();
        let letters = office.letters();
        let letter = letters.iter().find(|letter| letter.text.contains("is kept for you")).expect("a letter");
        assert_eq!(letter.to, ["wren.okafor@larkfare.example"]);
        assert!(!letter.text.contains("Numbat") && !letter.text.contains("Fay") && !letter.text.contains("Rue"));
        // Asking the author comes to the author only, and they decide.
        let mut again = Client::connect_to(app, document, &wren, Some(2)).await;
        again.until(|said| !said.is_empty()).await;
        again.type_line("Numbat was slow once more.").await;
        settled(&place, &wren, number, "once more").await;
        reports::make(app, &otto, number, at, "Numbat was slow once more.", To::Author).await.unwrap();
        assert_eq!((waits(&wren).await.len(), waits(&fay).await.len(), waits(&otto).await.len()), (1, 0, 0));
        let asked = waits(&wren).await.remove(0);
        assert!(asked.as_author);
        reports::leave(app, &wren, number, asked.id).await.unwrap();
        assert!(says(&place, &rue, number).await.contains("once more"));
        assert!(is_conflict(reports::make(app, &wren, number, at, "Numbat was slow once more.", To::Author).await));
        // Who asked is in no row of its own.
        let everything = remains(place.database_url(), &rue.person.unwrap().to_string()).await;
        assert!(everything.iter().all(|found| !found.starts_with("reports")), "{everything:?}");
    }

    async fn nobody_loses_a_word_beside_it(place: Installation) {
        let (number, document, wren) = draft(&place).await;
        let otto = place.somebody("Otto Iyer", Role::Member).await;
        let mut writing = Client::connect(&place, document, &wren).await;
        writing.until(|said| !said.is_empty()).await;
        writing.type_line(CANARY).await;
        settled(&place, &wren, number, CANARY).await;
        let mut beside = Client::connect(&place, document, &otto).await;
        beside.until(|said| said.contains("Numbat")).await;
        // Lines are typed while the words leave: each is in the document, or its writer was not told that it is.
        let typing = async {
            for line in 0..20 {
                if beside.try_type_line(&format!("line {line} of Otto")).await.is_err() {
                    return line;
                }
            }
            20
        };
        let leaving = withdrawing::withdraw(&place.app, &wren, number, Where::Document, CANARY);
        let (typed, left) = tokio::join!(typing, leaving);
        left.unwrap();
        let said = says(&place, &wren, number).await;
        assert!(!said.contains("Numbat"));
        let kept: Vec<usize> = (0..20).filter(|line| said.contains(&format!("line {line} of Otto"))).collect();
        assert_eq!(kept, (0..kept.len()).collect::<Vec<_>>(), "no line is missing between others");
        assert!(kept.len() <= typed);
        // The editor was sent away with its words still in hand: it offers those that no server has.
        if kept.len() < 20 {
            let (_, outgoing) = beside.line.as_mut().unwrap();
            assert_eq!(ends(outgoing).await, Close::REPLACED);
        }
        assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
    }
}

async fn an_open_editor_on_the_other_node(place: Installation) {
    let (number, document, wren) = draft(&place).await;
    let otto = place.somebody("Otto Iyer", Role::Member).await;
    let other = place.another_node().await;
    let mut writing = Client::connect(&place, document, &wren).await;
    writing.until(|said| !said.is_empty()).await;
    writing.type_line(CANARY).await;
    settled(&place, &wren, number, CANARY).await;
    let mut far = Client::connect_to(&other, document, &otto, Some(1)).await;
    far.until(|said| said.contains("Numbat")).await;
    withdrawing::withdraw(&place.app, &wren, number, Where::Document, CANARY).await.unwrap();
    // Whoever comes back at once with the new life, before that node heard of it, gets the new life.
    let mut early = Client::connect_to(&other, document, &otto, Some(2)).await;
    early.until(|said| !said.is_empty()).await;
    assert!(!early.said().contains("Numbat"), "{}", early.said());
    let (_, outgoing) = far.line.as_mut().unwrap();
    assert_eq!(ends(outgoing).await, Close::REPLACED);
    let shown = app::postmortems::show(&other, &otto, number).await.unwrap();
    assert!(!text(&shown.document).contains("Numbat"));
    // A copy from before does not come back.
    let joiner = Joiner {
        person: otto.person,
        name: otto.name.clone(),
        may_write: true,
        wants_acks: false,
        epoch: Some(1),
    };
    let refused = other.rooms().join(document, joiner).await.map(drop).unwrap_err();
    assert_eq!(refused.close(), Close::REPLACED);
    assert_eq!(remains(place.database_url(), "Numbat").await, Vec::<String>::new());
}

mod words_leave_open_editors_on_every_node {
    use super::*;

    #[test]
    fn postgres() {
        run(Kind::Postgres, an_open_editor_on_the_other_node);
    }
}
