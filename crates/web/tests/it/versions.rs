//! Versions of a post-mortem, as a browser and as a script see them.

use crate::client::{Client, nobody, sign_in, somebody};
use axum::http::Method;
use collab::Joiner;
use domain::{
    access::Actor,
    document::{Block, Inline},
    incident::IncidentNumber,
    person::Role,
};
use serde_json::json;
use testing::{Installation, everywhere};

const NUMBER: IncidentNumber = IncidentNumber(1);

/// Somebody who writes, and the post-mortem of INC-1.
async fn draft(place: &Installation) -> (Actor, Client) {
    let actor = place.somebody("Ines Ott", Role::Member).await;
    let client = sign_in(place, "ines.ott@larkfare.example").await;
    client.post("/incidents", "title=Gates+refused&kind=incident").await;
    client.post("/incidents/INC-1/resolution", "").await;
    (actor, client)
}

/// Types a paragraph at the end of the document.
async fn types(place: &Installation, actor: &Actor, client: u64, words: &str) {
    let rooms = place.app.rooms();
    let (id, _) = app::postmortems::join(&place.app, actor, NUMBER).await.expect("a document");
    let joiner = Joiner {
        person: actor.person,
        name: actor.name.clone(),
        may_write: true,
        wants_acks: false,
        epoch: None,
    };
    let (incoming, _outgoing) = rooms.join(id, joiner).await.expect("a seat").split();
    let mut document = rooms.read(id).await.expect("read");
    document.blocks.push(Block::Paragraph(vec![Inline::text(words)]));
    let state = rooms.state(id).await.expect("read");
    let update = collab::rewrite(&[state], &document, client, usize::MAX).expect("small").expect("new words");
    let mut frame = vec![0, 2];
    let mut length = update.len();
    while length > 127 {
        frame.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    frame.push(length as u8);
    frame.extend(update);
    incoming.receive(&frame).await.expect("taken");
    // Reading waits for the log.
    rooms.read(id).await.expect("read");
}

everywhere! {
    async fn versions_are_named_compared_and_brought_back(place: Installation) {
        let (ines, client) = draft(&place).await;
        let versions = "/postmortems/INC-1/versions";
        client.get_within(versions, 5).await.expect(200).has("The draft as it began").has("Name this version");
        client.post(versions, "name=").await.expect(422).has("1 to 80 characters");
        types(&place, &ines, 77, "The harbour rang first.").await;
        client.post(versions, "name=Before+%3Cthe%3E+storm").await.leads_to("/postmortems/INC-1/versions?done=version-named");
        types(&place, &ines, 78, "The harbour rang twice <b>.").await;
        let page = client.get(versions).await.expect(200).has("Before &#60;the&#62; storm").has("Written by Ines Ott");
        assert!(!page.text.contains("<the>"));

        let page = client.get_within("/postmortems/INC-1/versions/1..2", 5).await.expect(200);
        let page = page.has("<ins>").has("The harbour rang first.").has("Written by Ines Ott.");
        assert!(!page.text.contains("rang twice"));
        client.get_within("/postmortems/INC-1/versions/2..now", 5).await.expect(200).has("twice &lt;b&gt;.");
        client.get_within("/postmortems/INC-1/versions/2", 5).await.expect(200).has("The harbour rang first.");
        client.get("/postmortems/INC-1/versions/1..1").await.expect(200).has("No word is different");
        for nowhere in ["9", "1..9", "9..now", "now", "0", "1...2", "x"] {
            client.get(&format!("{versions}/{nowhere}")).await.expect(404);
        }

        client.post(&format!("{versions}/2/restoration"), "").await.leads_to("/postmortems/INC-1/versions?done=version-restored");
        let page = client.get("/postmortems/INC-1").await.expect(200).has("The harbour rang first.");
        assert!(!page.text.contains("rang twice"));
        client.post(&format!("{versions}/2/restoration"), "").await.expect(409).has("nothing to bring back");
        client.get(versions).await.expect(200).has("Version 2 came back").has("Just before an earlier version came back");
        client.get("/postmortems/INC-1/edit").await.expect(200).has("/postmortems/INC-1/versions\"");

        let reader = somebody(&place, "Noor Vos", Role::Reader).await;
        let page = reader.get(versions).await.expect(200);
        assert!(!page.text.contains("Bring back") && !page.text.contains("Name this version"));
        reader.post(versions, "name=mine").await.expect(403);
        reader.post(&format!("{versions}/1/restoration"), "").await.expect(403);
    }

    async fn corrections_after_publication_are_visible(place: Installation) {
        let (ines, client) = draft(&place).await;
        let me = ines.person.expect("a person");
        let handed = app::postmortems::hand_to(&place.app, &ines, NUMBER, me).await.expect("an owner");
        let asked = app::postmortems::step(&place.app, &ines, NUMBER, handed.revision, domain::postmortem::Step::AskForReview).await.expect("asked");
        app::postmortems::step(&place.app, &ines, NUMBER, asked.revision, domain::postmortem::Step::Publish).await.expect("published");
        let page = client.get("/postmortems/INC-1").await.expect(200);
        assert!(!page.text.contains("Changes since publication"));
        types(&place, &ines, 77, "It was four gates, not three.").await;
        client.get("/postmortems/INC-1").await.expect(200).has("Changes since publication").has("/postmortems/INC-1/versions/3..now");
        client.get("/postmortems/INC-1/versions/3..now").await.expect(200).has("<ins>").has("four gates");
    }

    async fn a_script_names_and_restores(place: Installation) {
        let (ines, _) = draft(&place).await;
        let secret = app::tokens::create(&place.app, &ines, "a script").await.expect("a token");
        let script = nobody(&place).without("sec-fetch-site").with("authorization", &format!("Bearer {secret}"));
        let versions = "/api/v1/postmortems/INC-1/versions";
        types(&place, &ines, 77, "The harbour rang first.").await;
        let made = script.json(Method::POST, versions, &json!({"name": "Before"})).await.expect(201).json();
        assert_eq!(made, json!({"version": 2}));
        script.json(Method::POST, versions, &json!({"name": "x", "colour": "red"})).await.expect(422);
        let listed = script.get(versions).await.expect(200).json();
        let second = &listed["items"][1];
        assert_eq!((&second["kind"], &second["name"], &second["writers"]), (&json!("named"), &json!("Before"), &json!(["Ines Ott"])));
        let shown = script.get(&format!("{versions}/2")).await.expect(200).has("The harbour rang first.").json();
        assert_eq!((&shown["version"], &shown["state"]), (&json!(2), &json!("draft")));
        let restore = format!("{versions}/1/restore");
        assert_eq!(script.json(Method::POST, &restore, &json!({})).await.expect(201).json(), json!({"version": 4}));
        script.json(Method::POST, &restore, &json!({})).await.expect(409);
        script.get(&format!("{versions}/9")).await.expect(404);
    }
}
