//! Who is here and where their cursor stands: the awareness of y-protocols, kept on the server.
//!
//! Clients are trusted with their cursor and nothing else. The name and id others see are the ones the person
//! joined with, because a name is what people believe; a client id belongs to the connection that brought it
//! first. y-websocket passes on what it hears about others, so foreign states are ignored, not punished.

use crate::{
    Limits,
    anatomy::client_id,
    lib0::{Malformed, Reader, put_bytes, put_number},
    rooms::Joiner,
};
use domain::PersonId;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Clients that left are remembered so that an echo does not bring them back; at most this many.
const REMEMBERED: usize = 4096;

/// The presence of one room.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    clients: HashMap<u64, Client>,
    /// Clients whose state is to be told.
    dirty: BTreeSet<u64>,
}

#[derive(Debug)]
struct Client {
    clock: u32,
    /// JSON; `None` once the client left.
    state: Option<String>,
    seat: u64,
    person: Option<PersonId>,
}

impl Presence {
    /// Takes what a connection says about itself.
    pub(crate) fn accept(
        &mut self,
        seat: u64,
        joiner: &Joiner,
        content: &[u8],
        limits: &Limits,
    ) -> Result<(), Malformed> {
        let mut reader = Reader::new(content);
        for _ in 0..reader.count()? {
            let (client, clock, json) = (client_id(&mut reader)?, reader.small()?, reader.text()?);
            if json.len() > limits.awareness_state {
                // Others' states may be longer than a client may send, since names are added here.
                if self.is_foreign(client, seat, joiner.person) {
                    continue;
                }
                return Err(Malformed);
            }
            let state = match serde_json::from_str(json).map_err(|_| Malformed)? {
                Value::Object(state) => Some(state),
                _ => None,
            };
            self.set(seat, joiner, client, clock, state, limits);
        }
        if reader.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    fn is_foreign(&self, client: u64, seat: u64, person: Option<PersonId>) -> bool {
        self.clients.get(&client).is_some_and(|known| {
            // The same person may take over: after a broken line the old connection lingers for a while.
            known.seat != seat && (person.is_none() || known.person != person)
        })
    }

    fn set(
        &mut self,
        seat: u64,
        joiner: &Joiner,
        client: u64,
        clock: u32,
        state: Option<Map<String, Value>>,
        limits: &Limits,
    ) {
        match self.clients.get(&client) {
            Some(_) if self.is_foreign(client, seat, joiner.person) => return,
            // As in y-protocols: newer wins, and leaving wins over a state of the same clock.
            Some(known)
                if clock < known.clock
                    || clock == known.clock && (state.is_some() || known.state.is_none()) =>
            {
                return;
            }
            None if state.is_none() || self.held_by(seat) >= limits.awareness_clients => return,
            _ => {}
        }
        let state = state.map(|state| Value::Object(named(state, joiner)).to_string());
        self.clients.insert(client, Client { clock, state, seat, person: joiner.person });
        self.dirty.insert(client);
    }

    fn held_by(&self, seat: u64) -> usize {
        self.clients.values().filter(|client| client.seat == seat && client.state.is_some()).count()
    }

    /// A connection left: so do its clients.
    pub(crate) fn leave(&mut self, seat: u64) {
        for (id, client) in &mut self.clients {
            if client.seat == seat && client.state.take().is_some() {
                client.clock = client.clock.saturating_add(1);
                self.dirty.insert(*id);
            }
        }
        if self.clients.len() > REMEMBERED {
            self.clients.retain(|id, client| client.state.is_some() || self.dirty.contains(id));
        }
    }

    /// Whether there is news.
    pub(crate) fn has_news(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// The news, as the content of an awareness message, and the connection that need not hear it because it is
    /// all its own.
    pub(crate) fn take_news(&mut self) -> Option<(Vec<u8>, Option<u64>)> {
        let dirty = std::mem::take(&mut self.dirty);
        let mut seats = dirty.iter().filter_map(|id| self.clients.get(id)).map(|client| client.seat);
        let first = seats.next();
        let only = first.filter(|first| seats.all(|seat| seat == *first));
        let content = self.encode(dirty.iter().filter_map(|id| self.clients.get_key_value(id)))?;
        Some((content, only))
    }

    /// Everybody who is here, as the content of an awareness message.
    pub(crate) fn all(&self) -> Option<Vec<u8>> {
        self.encode(self.clients.iter().filter(|(_, client)| client.state.is_some()))
    }

    fn encode<'a>(&self, clients: impl Iterator<Item = (&'a u64, &'a Client)>) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        let mut count = 0;
        for (id, client) in clients {
            count += 1;
            put_number(&mut body, *id);
            put_number(&mut body, client.clock.into());
            put_bytes(&mut body, client.state.as_deref().unwrap_or("null").as_bytes());
        }
        if count == 0 {
            return None;
        }
        let mut content = Vec::with_capacity(body.len() + 4);
        put_number(&mut content, count);
        content.extend_from_slice(&body);
        Some(content)
    }
}

/// The state with the name, id and colour others may believe.
fn named(mut state: Map<String, Value>, joiner: &Joiner) -> Map<String, Value> {
    let mut user = match state.remove("user") {
        Some(Value::Object(user)) => user,
        _ => Map::new(),
    };
    user.insert("name".into(), joiner.name.clone().into());
    user.insert("id".into(), joiner.person.map(|person| person.to_string()).into());
    // The colour ends in a style attribute of other people's pages.
    if !user.get("color").and_then(Value::as_str).is_some_and(is_colour) {
        user.remove("color");
    }
    user.retain(|key, _| matches!(key.as_str(), "name" | "id" | "color"));
    state.insert("user".into(), user.into());
    state
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| matches!(hex.len(), 3 | 6 | 8) && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Instant;

    fn joiner(name: &str, person: u8) -> Joiner {
        Joiner {
            person: Some(PersonId::new(Instant::from_micros(1), [person; 10])),
            name: name.into(),
            may_write: true,
            wants_acks: false,
            epoch: None,
        }
    }

    fn says(client: u64, clock: u64, json: &str) -> Vec<u8> {
        let mut out = vec![1];
        put_number(&mut out, client);
        put_number(&mut out, clock);
        put_bytes(&mut out, json.as_bytes());
        out
    }

    fn told(presence: &mut Presence) -> String {
        presence.take_news().map(|(news, _)| String::from_utf8_lossy(&news).into_owned()).unwrap_or_default()
    }

    #[test]
    fn a_name_is_the_one_the_person_joined_with() {
        let mut presence = Presence::default();
        let state = r#"{"cursor":1,"user":{"name":"The boss","color":"red;background:url(x)","title":"x"}}"#;
        presence.accept(1, &joiner("Ada", 1), &says(7, 1, state), &Limits::default()).unwrap();
        let told = told(&mut presence);
        assert!(told.contains(r#""name":"Ada""#) && told.contains(r#""cursor":1"#), "{told}");
        assert!(!told.contains("boss") && !told.contains("url") && !told.contains("title"), "{told}");
    }

    #[test]
    fn nobody_speaks_for_another_and_echoes_do_not_bring_back_who_left() {
        let (mut presence, limits) = (Presence::default(), Limits::default());
        let (ada, bo) = (joiner("Ada", 1), joiner("Bo", 2));
        presence.accept(1, &ada, &says(7, 1, r#"{"cursor":1}"#), &limits).unwrap();
        told(&mut presence);
        presence.accept(2, &bo, &says(7, 9, r#"{"cursor":2}"#), &limits).unwrap();
        presence.accept(2, &bo, &says(7, 10, "null"), &limits).unwrap();
        assert_eq!(told(&mut presence), "");
        presence.leave(1);
        assert!(told(&mut presence).ends_with("null"));
        presence.accept(2, &bo, &says(7, 1, r#"{"cursor":1}"#), &limits).unwrap();
        assert_eq!(told(&mut presence), "");
        assert_eq!(presence.all(), None);
    }

    #[test]
    fn the_same_person_takes_over_after_a_broken_line() {
        let (mut presence, limits) = (Presence::default(), Limits::default());
        presence.accept(1, &joiner("Ada", 1), &says(7, 1, "{}"), &limits).unwrap();
        presence.accept(2, &joiner("Ada", 1), &says(7, 2, "{}"), &limits).unwrap();
        told(&mut presence);
        presence.leave(1);
        assert_eq!(told(&mut presence), "");
        assert!(presence.all().is_some());
    }

    #[test]
    fn presence_is_bounded() {
        let (mut presence, limits) = (Presence::default(), Limits::default());
        let long = format!("{{\"x\":\"{}\"}}", "y".repeat(limits.awareness_state));
        assert_eq!(presence.accept(1, &joiner("Ada", 1), &says(7, 1, &long), &limits), Err(Malformed));
        assert_eq!(presence.accept(1, &joiner("Ada", 1), &says(7, 1, "{"), &limits), Err(Malformed));
        for client in 0..100 {
            presence.accept(1, &joiner("Ada", 1), &says(client, 1, "{}"), &limits).unwrap();
        }
        assert_eq!(presence.held_by(1), limits.awareness_clients);
    }
}
