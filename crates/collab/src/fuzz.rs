//! Entry points for fuzzing: arbitrary bytes in, no panic out, and no document that cannot be read afterwards.

use crate::{
    Joiner, Limits,
    lib0::Reader,
    presence::Presence,
    protocol::{self, Message},
    replica::{Refused, Replica, read_state_vector},
};

/// `bytes` as one frame of a client of the document that `base` holds: every message in it is handled as a room
/// handles it. Updates are held to what [`update`] promises.
pub fn frame(base: &[u8], bytes: &[u8]) {
    let mut presence = Presence::default();
    let mut reader = Reader::new(bytes);
    while let Ok(Some(message)) = protocol::next_message(&mut reader) {
        match message {
            Message::Step1(vector) => state_vector(base, vector),
            Message::Step2(content) | Message::Update(content) => update(base, content),
            Message::Awareness(content) => hear(&mut presence, content),
            Message::QueryAwareness => _ = presence.all(),
        }
    }
}

/// `bytes` as an update of the document that `base` holds.
///
/// # Panics
/// When the update harms: accepted, but the document does not encode, load or read afterwards; or refused as
/// something that leaves no trace, but it left one.
pub fn update(base: &[u8], bytes: &[u8]) {
    let limit = Limits::default().document;
    let Ok(mut replica) = Replica::load(&[base], limit) else { return };
    match replica.accept(bytes) {
        Ok(new) => {
            // Two readings may differ: where a sender names a right neighbour that stands left of the left one,
            // Yjs leaves the order open. That it is there and can be read is what we promise.
            let mut log = vec![base.to_vec()];
            log.extend(new);
            let Ok(state) = replica.state() else { panic!("an accepted update left what does not encode") };
            for updates in [log, vec![state]] {
                let Ok(mut again) = Replica::load(&updates, limit) else {
                    panic!("an accepted update left a log that does not load");
                };
                assert!(again.document().is_ok() && again.state().is_ok(), "what was loaded cannot be read");
            }
            assert!(replica.document().is_ok(), "an accepted update left a document that cannot be read");
        }
        Err(Refused::Malformed | Refused::Gaps) if !replica.is_spoilt() => {
            let before = Replica::load(&[base], limit).and_then(|mut untouched| untouched.state());
            assert!(replica.state() == before, "a refused update left a trace");
        }
        // The room reads its log again.
        Err(_) => {}
    }
}

/// `bytes` as what a client of the document that `base` holds says it has.
pub fn state_vector(base: &[u8], bytes: &[u8]) {
    let Ok(theirs) = read_state_vector(bytes) else { return };
    let Ok(mut replica) = Replica::load(&[base], Limits::default().document) else { return };
    if let Ok(diff) = replica.diff(&theirs) {
        let _ = crate::project(&[diff]);
    }
}

/// `bytes` as presence.
pub fn awareness(bytes: &[u8]) {
    hear(&mut Presence::default(), bytes);
}

fn hear(presence: &mut Presence, bytes: &[u8]) {
    let joiner =
        Joiner { person: None, name: "Guest".to_owned(), may_write: true, wants_acks: true, epoch: None };
    let _ = presence.accept(1, &joiner, bytes, &Limits::default());
    let _ = presence.all();
    let _ = presence.take_news();
    presence.leave(1);
    let _ = presence.take_news();
}
