//! Versions of the shared document: when they are kept, what they say, and bringing one back while people write.

use super::*;
use app::{
    incidents::{self, Resolution},
    versions::{self, Moment},
};
use collab::{Incoming, Joiner, Outgoing, OutgoingFrames};
use domain::{
    PostmortemId,
    difference::{self, Part},
    document::{Document, Inline},
    incident::{IncidentKind, IncidentNumber},
    instant::Span,
    person::Role,
    postmortem::{PostmortemState, Step},
    version::{VersionKind, VersionNumber},
};
use std::time::Duration;
use testing::both;
use yrs::{
    Doc, ReadTxn, StateVector, Transact, Update, XmlFragment, XmlTextPrelim,
    updates::{decoder::Decode, encoder::Encode},
};

/// Long enough for a busy machine; nothing waits that long unless it fails.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// A post-mortem that is being written, and somebody who may write in it.
pub(super) async fn draft(place: &Installation) -> (IncidentNumber, PostmortemId, Actor) {
    let actor = place.somebody("Wren Okafor", Role::Member).await;
    let declaration = incidents::Declaration {
        title: "Tickets refused".into(),
        summary: String::new(),
        kind: IncidentKind::Incident,
        severity: None,
        services: vec![],
        team: None,
        declared_at: None,
    };
    let incident = incidents::declare(&place.app, &actor, declaration).await.unwrap();
    incidents::resolve(&place.app, &actor, incident.number, Resolution::default()).await.unwrap();
    let (document, _) = app::postmortems::join(&place.app, &actor, incident.number).await.unwrap();
    (incident.number, document, actor)
}

/// A client as y-websocket is one.
pub(super) struct Client {
    doc: Doc,
    pub(super) line: Option<(Incoming, OutgoingFrames)>,
}

impl Client {
    pub(super) async fn connect(place: &Installation, document: PostmortemId, actor: &Actor) -> Self {
        let mut client = Self { doc: Doc::new(), line: None };
        client.reconnect(place, document, actor).await;
        client
    }

    /// Comes to any node with any epoch.
    pub(super) async fn connect_to(
        app: &app::App,
        document: PostmortemId,
        actor: &Actor,
        epoch: Option<i64>,
    ) -> Self {
        let mut client = Self { doc: Doc::new(), line: None };
        client.join(app, document, actor, epoch).await;
        client
    }

    pub(super) async fn reconnect(&mut self, place: &Installation, document: PostmortemId, actor: &Actor) {
        self.join(&place.app, document, actor, Some(1)).await;
    }

    async fn join(&mut self, app: &app::App, document: PostmortemId, actor: &Actor, epoch: Option<i64>) {
        let joiner = Joiner {
            person: actor.person,
            name: actor.name.clone(),
            may_write: true,
            wants_acks: false,
            epoch,
        };
        self.line = Some(app.rooms().join(document, joiner).await.unwrap().split());
        let step1 = self.doc.transact().state_vector().encode_v1();
        self.send(0, &step1).await;
    }

    async fn send(&self, kind: u8, content: &[u8]) {
        self.try_send(kind, content).await.unwrap();
    }

    async fn try_send(&self, kind: u8, content: &[u8]) -> Result<(), collab::Close> {
        let Some((incoming, _)) = &self.line else { return Ok(()) };
        let mut frame = vec![0, kind];
        let mut length = content.len();
        while length > 127 {
            frame.push(u8::try_from(length & 127).unwrap() | 128);
            length >>= 7;
        }
        frame.push(u8::try_from(length).unwrap());
        frame.extend(content);
        incoming.receive(&frame).await
    }

    /// Adds a paragraph at the end, and sends it where there is a line.
    pub(super) async fn type_line(&self, words: &str) {
        self.try_type_line(words).await.unwrap();
    }

    /// The same, or why the line was cut.
    pub(super) async fn try_type_line(&self, words: &str) -> Result<(), collab::Close> {
        let update = {
            let fragment = self.doc.get_or_insert_xml_fragment("default");
            let mut txn = self.doc.transact_mut();
            let end = fragment.len(&txn);
            let paragraph = fragment.insert(&mut txn, end, yrs::XmlElementPrelim::empty("paragraph"));
            paragraph.insert(&mut txn, 0, XmlTextPrelim::new(words));
            txn.encode_update_v1()
        };
        self.try_send(2, &update).await
    }

    pub(super) fn said(&self) -> String {
        let state = self.doc.transact().encode_state_as_update_v1(&StateVector::default());
        text(&collab::project(&[state]).unwrap())
    }

    /// Listens until what it has pleases.
    pub(super) async fn until(&mut self, pleases: impl Fn(&str) -> bool) -> String {
        let listening = async {
            while !pleases(&self.said()) {
                let (_, outgoing) = self.line.as_mut().expect("a line");
                let Some(Outgoing::Frame(frame)) = outgoing.next().await else { panic!("the line was cut") };
                let content = || {
                    let length = frame[2..].iter().position(|byte| *byte < 128).unwrap() + 1;
                    &frame[2 + length..]
                };
                match (frame[0], frame[1]) {
                    (0, 0) => {
                        let theirs = StateVector::decode_v1(content()).unwrap();
                        let diff = self.doc.transact().encode_diff_v1(&theirs);
                        self.send(1, &diff).await;
                    }
                    (0, _) => {
                        let update = Update::decode_v1(content()).unwrap();
                        self.doc.transact_mut().apply_update(update).unwrap();
                    }
                    _ => {}
                }
            }
        };
        tokio::time::timeout(DEADLINE, listening).await.expect("it hears what it waits for");
        self.said()
    }
}

/// The paragraphs of a document, a line each.
pub(super) fn text(document: &Document) -> String {
    let line = |block: &domain::document::Block| match block {
        domain::document::Block::Paragraph(content) => {
            Some(content.iter().map(Inline::plain).collect::<String>())
        }
        _ => None,
    };
    document.blocks.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

async fn kinds(place: &Installation, actor: &Actor, number: IncidentNumber) -> Vec<&'static str> {
    let (history, _) = versions::list(&place.app, actor, number).await.unwrap();
    history.versions.iter().map(|version| version.kind.key()).collect()
}

pub(super) async fn settled(place: &Installation, actor: &Actor, number: IncidentNumber, words: &str) {
    // Reading waits for the log.
    let shown = app::postmortems::show(&place.app, actor, number).await.unwrap();
    assert!(text(&shown.document).contains(words), "{words}");
}

both! {
    async fn each_change_of_state_keeps_the_document(place: Installation) {
        let (number, document, wren) = draft(&place).await;
        let ada = place.somebody("Ada Lindqvist", Role::Member).await;
        let mut client = Client::connect(&place, document, &ada).await;
        client.until(|said| !said.is_empty()).await;
        client.type_line("the harbour rang first").await;
        settled(&place, &wren, number, "harbour").await;
        let owner = wren.person.unwrap();
        let handed = app::postmortems::hand_to(&place.app, &wren, number, owner).await.unwrap();
        let asked = app::postmortems::step(&place.app, &wren, number, handed.revision, Step::AskForReview).await.unwrap();
        app::postmortems::step(&place.app, &wren, number, asked.revision, Step::Publish).await.unwrap();

        let (history, since) = versions::list(&place.app, &wren, number).await.unwrap();
        let told: Vec<_> = history.versions.iter().map(|v| (v.number.0, v.kind.clone(), v.standing)).collect();
        let change = VersionKind::StateChange;
        assert_eq!(told, [
            (1, change.clone(), PostmortemState::Draft),
            (2, change.clone(), PostmortemState::InReview),
            (3, change, PostmortemState::Published),
        ]);
        assert_eq!(history.versions[1].made_by.as_deref(), Some("Wren Okafor"));
        let writers: Vec<_> = history.versions.iter().map(|v| v.writers.clone()).collect();
        assert_eq!(writers, [vec![], vec!["Ada Lindqvist".to_owned()], vec![]]);
        assert!(since.is_empty());
        let shown = versions::show(&place.app, &wren, number, VersionNumber(2)).await.unwrap();
        assert!(text(&shown.document).contains("the harbour rang first"));
        let first = versions::show(&place.app, &wren, number, VersionNumber(1)).await.unwrap();
        assert!(!text(&first.document).contains("the harbour rang first"));

        // The record of acts says which version was kept.
        let db = store::Db::open(place.database_url()).await.unwrap();
        let entries = store::audit::since(&mut db.read().await.unwrap(), 0, 1000).await.unwrap();
        let last = entries.iter().rev().find(|entry| entry.act == "postmortem.step").unwrap();
        let detail: serde_json::Value = serde_json::from_str(&last.detail).unwrap();
        assert_eq!(detail["version"]["number"], 3);
        assert_eq!(detail["version"]["sha256"].as_str().map(str::len), Some(64));
        db.close().await;

        // What is written after publication is visible to readers.
        let reader = place.somebody("Rue Tanaka", Role::Reader).await;
        assert_eq!(app::postmortems::show(&place.app, &reader, number).await.unwrap().written_since, None);
        place.clock.advance(Span::minutes(5));
        client.type_line("a correction").await;
        settled(&place, &wren, number, "correction").await;
        let shown = app::postmortems::show(&place.app, &reader, number).await.unwrap();
        assert_eq!(shown.written_since, Some((VersionNumber(3), place.clock.now())));
        let compared = versions::compare(&place.app, &reader, number, VersionNumber(3), Moment::Now).await.unwrap();
        assert_eq!(compared.writers, ["Ada Lindqvist"]);
        assert!(matches!(compared.changes.last(), Some(Part::Added { moved: false, .. })), "{:?}", compared.changes);
        let whole = versions::compare(&place.app, &reader, number, VersionNumber(3), Moment::Version(VersionNumber(1))).await.unwrap();
        assert_eq!((whole.before.number.0, whole.after.map(|v| v.number.0)), (1, Some(3)));
        let same = versions::compare(&place.app, &reader, number, VersionNumber(3), Moment::Version(VersionNumber(2))).await.unwrap();
        assert!(difference::is_none(&same.changes) && same.writers.is_empty());
    }

    async fn bringing_a_version_back_never_doubles_text(place: Installation) {
        let (number, document, wren) = draft(&place).await;
        let mut online = Client::connect(&place, document, &wren).await;
        let mut offline = Client::connect(&place, document, &wren).await;
        online.until(|said| !said.is_empty()).await;
        online.type_line("first words").await;
        settled(&place, &wren, number, "first words").await;
        let named = versions::name(&place.app, &wren, number, "  Before the storm ").await.unwrap();
        online.type_line("second words").await;
        settled(&place, &wren, number, "second words").await;
        offline.until(|said| said.contains("second words")).await;
        offline.line = None;
        offline.type_line("words from a train").await;

        let restored = versions::restore(&place.app, &wren, number, named).await.unwrap();
        let said = online.until(|said| !said.contains("second words")).await;
        assert_eq!(said.matches("first words").count(), 1, "{said}");

        // A copy from before comes back and merges.
        offline.reconnect(&place, document, &wren).await;
        let said = offline.until(|said| !said.contains("second words")).await;
        assert_eq!((said.matches("first words").count(), said.matches("words from a train").count()), (1, 1), "{said}");
        let both = online.until(|said| said.contains("words from a train")).await;
        assert_eq!(both, said);
        online.type_line("and on it goes").await;
        settled(&place, &wren, number, "and on it goes").await;

        let (history, since) = versions::list(&place.app, &wren, number).await.unwrap();
        let told: Vec<_> = history.versions.iter().map(|version| version.kind.clone()).collect();
        assert_eq!(told, [
            VersionKind::StateChange,
            VersionKind::Named("Before the storm".into()),
            VersionKind::BeforeRestore,
            VersionKind::Restored { from: named },
        ]);
        assert_eq!(restored, VersionNumber(4));
        assert_eq!(since, ["Wren Okafor"]);
        let say = async |version| text(&versions::show(&place.app, &wren, number, VersionNumber(version)).await.unwrap().document);
        assert_eq!(say(2).await, say(4).await);
        assert!(say(3).await.contains("second words"));
        let shown = app::postmortems::show(&place.app, &wren, number).await.unwrap();
        assert_eq!(shown.epoch, 1, "the same life of the document goes on");
        let acts = acts(&place).await;
        assert!(acts.ends_with(&["version.name".to_owned(), "version.restore".to_owned()]), "{acts:?}");
    }

    async fn versions_are_refused_where_they_must_be(place: Installation) {
        let (number, _, wren) = draft(&place).await;
        let reader = place.somebody("Rue Tanaka", Role::Reader).await;
        let first = VersionNumber(1);
        assert!(is_forbidden(versions::name(&place.app, &reader, number, "mine").await));
        assert!(is_forbidden(versions::restore(&place.app, &reader, number, first).await));
        for name in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert_eq!(field(versions::name(&place.app, &wren, number, name).await), Some("name"));
        }
        // It says the same already.
        assert!(is_conflict(versions::restore(&place.app, &wren, number, first).await));
        let (nothing, nowhere) = (VersionNumber(9), IncidentNumber(99));
        assert!(is_absent(versions::restore(&place.app, &wren, number, nothing).await));
        assert!(is_absent(versions::show(&place.app, &wren, number, nothing).await));
        assert!(is_absent(versions::compare(&place.app, &wren, number, first, Moment::Version(nothing)).await));
        assert!(is_absent(versions::list(&place.app, &wren, nowhere).await));
        assert!(is_absent(versions::name(&place.app, &wren, nowhere, "x").await));
        assert_eq!(kinds(&place, &reader, number).await, ["state_change"]);
    }

    async fn writing_goes_with_a_version_an_hour(place: Installation) {
        let (number, document, wren) = draft(&place).await;
        let mut client = Client::connect(&place, document, &wren).await;
        client.until(|said| !said.is_empty()).await;
        client.type_line("one").await;
        settled(&place, &wren, number, "one").await;
        place.clock.advance(Span::hours(2));
        client.type_line("two").await;
        let made = async {
            while kinds(&place, &wren, number).await.len() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(DEADLINE, made).await.expect("a version is made");
        client.type_line("three").await;
        settled(&place, &wren, number, "three").await;
        assert_eq!(kinds(&place, &wren, number).await, ["state_change", "automatic"]);
    }

    async fn what_pages_show_costs_few_statements(place: Installation) {
        let (number, _, wren) = draft(&place).await;
        let app = &place.app;
        let ((_, listing), (_, showing), (_, comparing)) = (
            app::counting(versions::list(app, &wren, number)).await,
            app::counting(versions::show(app, &wren, number, VersionNumber(1))).await,
            app::counting(versions::compare(app, &wren, number, VersionNumber(1), Moment::Now)).await,
        );
        // A visitor's session is the fifth.
        assert!(listing <= 4 && showing <= 4 && comparing <= 4, "{listing} {showing} {comparing}");
    }
}
