//! Two processes on one PostgreSQL: what one does to an open document arrives at the other.

use super::*;
use app::incidents::{self, Resolution};
use collab::{Joiner, Outgoing, Whose};
use domain::{IncidentId, PostmortemId, incident::IncidentKind, person::Role};
use std::time::Duration;
use testing::{Kind, run};
use yrs::{Doc, ReadTxn, Transact, Update, XmlFragment, XmlTextPrelim, updates::decoder::Decode};

/// Long enough for a busy machine; nothing waits that long unless it fails.
const DEADLINE: Duration = Duration::from_secs(20);

/// An open document and who may write in it.
async fn document(place: &Installation) -> (PostmortemId, Actor) {
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
    assert_ne!(incident.id, IncidentId(uuid::Uuid::nil()));
    incidents::resolve(&place.app, &actor, incident.number, Resolution::default()).await.unwrap();
    let (document, may_write) = app::postmortems::join(&place.app, &actor, incident.number).await.unwrap();
    assert!(may_write);
    (document, actor)
}

fn joiner(actor: &Actor) -> Joiner {
    Joiner { person: actor.person, name: actor.name.clone(), may_write: true, wants_acks: true, epoch: None }
}

/// A frame that adds `words` at the end of a document in the state given.
fn typed(state: &[u8], words: &str) -> Vec<u8> {
    let doc = Doc::new();
    let fragment = doc.get_or_insert_xml_fragment("default");
    let mut transaction = doc.transact_mut();
    transaction.apply_update(Update::decode_v1(state).unwrap()).unwrap();
    let before = transaction.state_vector();
    let end = fragment.len(&transaction);
    let paragraph = fragment.insert(&mut transaction, end, yrs::XmlElementPrelim::empty("paragraph"));
    paragraph.insert(&mut transaction, 0, XmlTextPrelim::new(words));
    let update = transaction.encode_diff_v1(&before);
    let mut frame = vec![0, 2];
    let mut length = update.len();
    while length > 127 {
        frame.push(u8::try_from(length & 127).unwrap() | 128);
        length >>= 7;
    }
    frame.push(u8::try_from(length).unwrap());
    frame.extend(update);
    frame
}

fn holds(frame: &[u8], words: &str) -> bool {
    frame.windows(words.len()).any(|window| window == words.as_bytes())
}

async fn an_edit_travels(place: Installation) {
    let (document, actor) = document(&place).await;
    let other = place.another_node().await;
    let (incoming, _kept_open) = place.app.rooms().join(document, joiner(&actor)).await.unwrap().split();
    let (_reader, mut outgoing) = other.rooms().join(document, joiner(&actor)).await.unwrap().split();
    let state = place.app.rooms().state(document).await.unwrap();
    incoming.receive(&typed(&state, "the harbour rang first")).await.unwrap();
    let arrived = tokio::time::timeout(DEADLINE, async {
        while let Some(Outgoing::Frame(frame)) = outgoing.next().await {
            if holds(&frame, "the harbour rang first") {
                return true;
            }
        }
        false
    });
    assert!(arrived.await.unwrap(), "the other node's reader sees the words");

    // Something beside the text: a word of its own, message 101.
    let number = incidents::list(&place.app, &actor, &incidents::Filter::default()).await.unwrap().rows[0]
        .incident
        .number;
    app::follow_ups::add(&place.app, &actor, number, "Ring first", domain::follow_up::Intent::DetectSooner)
        .await
        .unwrap();
    let told = tokio::time::timeout(DEADLINE, async {
        while let Some(Outgoing::Frame(frame)) = outgoing.next().await {
            if frame.first() == Some(&101) && holds(&frame, "follow-ups") {
                return true;
            }
        }
        false
    });
    assert!(told.await.unwrap(), "the other node's page fetches the ideas anew");
}

async fn a_lost_word_is_made_good(place: Installation) {
    let (document, actor) = document(&place).await;
    let other = place.another_node().await;
    let (_reader, mut outgoing) = other.rooms().join(document, joiner(&actor)).await.unwrap().split();
    let state = place.app.rooms().state(document).await.unwrap();
    // Written behind everybody's back, as if the word about it had been lost.
    let db = store::Db::open(place.database_url()).await.unwrap();
    let mut tx = db.write().await.unwrap();
    let epoch = store::documents::load(&mut tx, document).await.unwrap().unwrap().epoch;
    let frame = typed(&state, "nobody was told");
    let update = &frame[if frame[2] > 127 { 4 } else { 3 }..];
    let now = place.app.now();
    store::documents::append(&mut tx, document, epoch, update, actor.person, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let arrived = tokio::time::timeout(DEADLINE, async {
        while let Some(Outgoing::Frame(frame)) = outgoing.next().await {
            if holds(&frame, "nobody was told") {
                return true;
            }
        }
        false
    });
    assert!(arrived.await.unwrap(), "open documents look for what they missed");
}

async fn changed_rights_are_asked_about(place: Installation) {
    let (document, actor) = document(&place).await;
    let other = place.another_node().await;
    let admin = place.somebody("Ada Lindqvist", Role::Administrator).await;
    let (_here, mut near) = place.app.rooms().join(document, joiner(&actor)).await.unwrap().split();
    let (_there, mut far) = other.rooms().join(document, joiner(&actor)).await.unwrap().split();
    for act in ["role", "account", "document"] {
        match act {
            "role" => {
                app::people::set_role(&place.app, &admin, actor.person.unwrap(), Role::Reader).await.unwrap();
            }
            "account" => app::people::deactivate(&place.app, &admin, actor.person.unwrap()).await.unwrap(),
            _ => place.app.turn_away(Whose::Document(document)),
        }
        for outgoing in [&mut near, &mut far] {
            let asked = tokio::time::timeout(DEADLINE, async {
                loop {
                    match outgoing.next().await {
                        Some(Outgoing::AskAgain) => return true,
                        Some(Outgoing::Frame(_)) => {}
                        Some(Outgoing::Close(_)) | None => return false,
                    }
                }
            });
            assert!(asked.await.unwrap(), "{act}");
        }
    }
}

/// Waits for a frame of presence that holds `words`.
async fn hears(outgoing: &mut collab::OutgoingFrames, words: &str) {
    let heard = tokio::time::timeout(DEADLINE, async {
        while let Some(Outgoing::Frame(frame)) = outgoing.next().await {
            if frame.first() == Some(&1) && holds(&frame, words) {
                return true;
            }
        }
        false
    });
    assert!(heard.await.unwrap(), "{words}");
}

async fn presence_travels(place: Installation) {
    let (document, wren) = document(&place).await;
    let otto = place.somebody("Otto Iyer", Role::Member).await;
    let other = place.another_node().await;
    let (here, mut near) = place.app.rooms().join(document, joiner(&wren)).await.unwrap().split();
    // A client 7 with the clock 1 and a state of two bytes; the server adds the name.
    here.receive(&[1, 6, 1, 7, 1, 2, b'{', b'}']).await.unwrap();
    // Whoever opens the document elsewhere hears of it, and is heard of.
    let (there, mut far) = other.rooms().join(document, joiner(&otto)).await.unwrap().split();
    hears(&mut far, "Wren Okafor").await;
    there.receive(&[1, 6, 1, 8, 1, 2, b'{', b'}']).await.unwrap();
    hears(&mut near, "Otto Iyer").await;
    // Later comers get everybody at once.
    let (_late, mut late) = place.app.rooms().join(document, joiner(&wren)).await.unwrap().split();
    hears(&mut late, "Otto Iyer").await;
    drop((there, far));
    hears(&mut near, "null").await;
}

mod presence_travels_between_nodes {
    use super::*;

    #[test]
    fn postgres() {
        run(Kind::Postgres, presence_travels);
    }
}

mod changed_rights_are_asked_about_on_every_node {
    use super::*;

    #[test]
    fn postgres() {
        run(Kind::Postgres, changed_rights_are_asked_about);
    }
}

mod edits_travel_between_nodes {
    use super::*;

    #[test]
    fn postgres() {
        run(Kind::Postgres, an_edit_travels);
    }
}

mod lost_words_are_made_good {
    use super::*;

    #[test]
    fn postgres() {
        run(Kind::Postgres, a_lost_word_is_made_good);
    }
}
