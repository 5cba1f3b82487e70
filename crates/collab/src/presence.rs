//! Who is here and where their cursor stands: the awareness of y-protocols, kept on the server.
//!
//! Clients are trusted with their cursor and nothing else. The name and id others see are the ones the person
//! joined with, because a name is what people believe; a client id belongs to the connection that brought it
//! first. What other processes say about the clients at their doors is believed, kept apart from ours, and
//! forgotten when it is not said again for a while. y-websocket passes on what it hears about others, so foreign states are ignored, not punished.

mod named;

use crate::{
    Limits,
    anatomy::client_id,
    lib0::{Malformed, Reader, put_bytes, put_number},
    rooms::Joiner,
};
use domain::PersonId;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use tokio::time::Instant as Moment;

/// Clients that left are remembered so that an echo does not bring them back; at most this many.
const REMEMBERED: usize = 4096;

/// The presence of one room.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    clients: HashMap<u64, Client>,
    /// Clients whose state is to be told.
    dirty: BTreeSet<u64>,
    /// Clients of ours whose state is to be told to other processes.
    dirty_far: BTreeSet<u64>,
    /// Whether there are any.
    far: bool,
}

/// Who brought a client here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whence {
    /// A connection of this process.
    Seat(u64),
    /// Another process, which said so last at this instant.
    Node(u64, Moment),
}

#[derive(Debug)]
struct Client {
    clock: u32,
    /// JSON; `None` once the client left.
    state: Option<String>,
    whence: Whence,
    person: Option<PersonId>,
}

impl Client {
    fn is_at(&self, seat: u64) -> bool {
        self.whence == Whence::Seat(seat)
    }
}

impl Presence {
    /// Nobody is here. `far`: whether other processes are to hear who comes.
    pub(crate) fn new(far: bool) -> Self {
        Self { far, ..Self::default() }
    }

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
            let state = named::named(json, joiner).map_err(|_| Malformed)?;
            self.set(seat, joiner, client, clock, state, limits);
        }
        if reader.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    fn is_foreign(&self, client: u64, seat: u64, person: Option<PersonId>) -> bool {
        self.clients.get(&client).is_some_and(|known| {
            // The same person may take over: after a broken line the old connection lingers for a while.
            !known.is_at(seat) && (person.is_none() || known.person != person)
        })
    }

    fn set(
        &mut self,
        seat: u64,
        joiner: &Joiner,
        client: u64,
        clock: u32,
        state: Option<String>,
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
        let whence = Whence::Seat(seat);
        self.clients.insert(client, Client { clock, state, whence, person: joiner.person });
        self.dirty.insert(client);
        if self.far {
            self.dirty_far.insert(client);
        }
    }

    fn held_by(&self, seat: u64) -> usize {
        self.clients.values().filter(|client| client.is_at(seat) && client.state.is_some()).count()
    }

    /// A connection left: so do its clients.
    pub(crate) fn leave(&mut self, seat: u64) {
        for (id, client) in &mut self.clients {
            if client.is_at(seat) && client.state.take().is_some() {
                client.clock = client.clock.saturating_add(1);
                self.dirty.insert(*id);
                if self.far {
                    self.dirty_far.insert(*id);
                }
            }
        }
        self.forget_some();
    }

    fn forget_some(&mut self) {
        if self.clients.len() > REMEMBERED {
            self.clients.retain(|id, client| client.state.is_some() || self.dirty.contains(id));
        }
    }

    /// Takes what another process says about the clients at its door. Ours are not its business, and what it
    /// cannot have meant is left out.
    pub(crate) fn hear(&mut self, node: u64, content: &[u8], now: Moment) {
        let mut reader = Reader::new(content);
        for _ in 0..reader.count().unwrap_or(0) {
            let next = (client_id(&mut reader), reader.small(), reader.text());
            let (Ok(client), Ok(clock), Ok(json)) = next else { return };
            // What cannot be read says nothing, and keeps nobody else from being heard.
            let Ok(said) = named::person_of(json) else { continue };
            let full = self.clients.len() >= REMEMBERED;
            match self.clients.get_mut(&client) {
                Some(Client { whence: Whence::Seat(_), state: Some(_), .. }) => {}
                Some(known) if clock < known.clock => {}
                Some(known) if clock == known.clock && known.state.is_some() == said.is_some() => {
                    known.whence = Whence::Node(node, now);
                }
                None if full || said.is_none() => {}
                _ => {
                    let state = said.map(|_| json.to_owned());
                    let (whence, person) = (Whence::Node(node, now), said.flatten());
                    self.clients.insert(client, Client { clock, state, whence, person });
                    self.dirty.insert(client);
                }
            }
        }
    }

    /// Clients at the doors of processes that said nothing of them since `then` are gone.
    pub(crate) fn forget_silent(&mut self, then: Moment) {
        for (id, client) in &mut self.clients {
            let silent = matches!(client.whence, Whence::Node(_, said) if said < then);
            if silent && client.state.take().is_some() {
                client.clock = client.clock.saturating_add(1);
                self.dirty.insert(*id);
            }
        }
        self.forget_some();
    }

    /// All of ours are to be told to other processes once more.
    pub(crate) fn renew_far(&mut self) {
        if !self.far {
            return;
        }
        let here = self.clients.iter().filter(|(_, client)| client.state.is_some());
        let ours = here.filter(|(_, client)| matches!(client.whence, Whence::Seat(_)));
        self.dirty_far.extend(ours.map(|(id, _)| *id));
    }

    /// Whether other processes are to be told something.
    pub(crate) fn has_far_news(&self) -> bool {
        !self.dirty_far.is_empty()
    }

    /// The news for other processes, as contents of awareness messages of at most `limit` bytes each. Of a client
    /// whose state is longer, only who it is is told.
    pub(crate) fn take_far_news(&mut self, limit: usize) -> Vec<Vec<u8>> {
        let (mut contents, mut body, mut count) = (Vec::new(), Vec::new(), 0);
        for id in std::mem::take(&mut self.dirty_far) {
            let Some(client) = self.clients.get(&id) else { continue };
            let mut entry = Vec::new();
            put_number(&mut entry, id);
            put_number(&mut entry, client.clock.into());
            let state = client.state.as_deref().unwrap_or("null");
            let brief = if state.len() + 32 > limit { only_the_user(state) } else { None };
            put_bytes(&mut entry, brief.as_deref().unwrap_or(state).as_bytes());
            if entry.len() + 4 > limit {
                continue;
            }
            if body.len() + entry.len() + 4 > limit {
                contents.push(counted(count, &std::mem::take(&mut body)));
                count = 0;
            }
            body.extend(entry);
            count += 1;
        }
        if count > 0 {
            contents.push(counted(count, &body));
        }
        contents
    }

    /// Whether there is news.
    pub(crate) fn has_news(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// The news, as the content of an awareness message, and the connection that need not hear it because it is
    /// all its own.
    pub(crate) fn take_news(&mut self) -> Option<(Vec<u8>, Option<u64>)> {
        let dirty = std::mem::take(&mut self.dirty);
        let mut seats =
            dirty.iter().filter_map(|id| self.clients.get(id)).map(|client| match client.whence {
                Whence::Seat(seat) => Some(seat),
                Whence::Node(..) => None,
            });
        let first = seats.next().flatten();
        let only = first.filter(|first| seats.all(|seat| seat == Some(*first)));
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
            body.reserve(client.state.as_ref().map_or(0, String::len) + 32);
            put_number(&mut body, *id);
            put_number(&mut body, client.clock.into());
            put_bytes(&mut body, client.state.as_deref().unwrap_or("null").as_bytes());
        }
        if count == 0 {
            return None;
        }
        Some(counted(count, &body))
    }
}

fn counted(count: u64, body: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(body.len() + 4);
    put_number(&mut content, count);
    content.extend_from_slice(body);
    content
}

fn only_the_user(state: &str) -> Option<String> {
    let state: Map<String, Value> = serde_json::from_str(state).ok()?;
    Some(serde_json::json!({ "user": state.get("user")? }).to_string())
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

    #[test]
    fn what_another_process_says_comes_is_renewed_and_goes() {
        let (mut far, mut near, limits) = (Presence::new(true), Presence::new(true), Limits::default());
        let (ada, bo) = (joiner("Ada", 1), joiner("Bo", 2));
        let moment = |seconds| Moment::now() + std::time::Duration::from_secs(seconds);
        far.accept(1, &ada, &says(7, 1, r#"{"cursor":1}"#), &limits).unwrap();
        near.accept(1, &bo, &says(8, 5, r#"{"cursor":2}"#), &limits).unwrap();
        let from = |far: &mut Presence| far.take_far_news(1_000).pop().unwrap_or_default();
        near.hear(9, &from(&mut far), moment(0));
        assert!(told(&mut near).contains("Ada"));
        assert!(
            !String::from_utf8_lossy(&from(&mut near)).contains("Ada"),
            "nobody passes on what they heard"
        );
        // Nobody speaks for a client at our own door.
        near.hear(9, &says(8, 9, "null"), moment(0));
        assert_eq!(told(&mut near), "");
        // Said again, it stays; not said again, it goes.
        far.renew_far();
        near.hear(9, &from(&mut far), moment(20));
        near.forget_silent(moment(10));
        assert_eq!(told(&mut near), "");
        near.forget_silent(moment(30));
        assert!(told(&mut near).ends_with("null"));
        // Back again with the next word, and here when the person comes to our own door.
        far.accept(1, &ada, &says(7, 3, r#"{"cursor":3}"#), &limits).unwrap();
        near.hear(9, &from(&mut far), moment(40));
        assert!(told(&mut near).contains("Ada"));
        near.accept(2, &ada, &says(7, 4, r#"{"cursor":4}"#), &limits).unwrap();
        far.leave(1);
        near.hear(9, &from(&mut far), moment(41));
        assert!(told(&mut near).contains(r#""cursor":4"#));
        // Whoever cannot be read keeps nobody else from being heard.
        let mut both = vec![2];
        both.extend(&says(20, 1, "{")[1..]);
        both.extend(&says(21, 1, r#"{"cursor":21,"$serde_json::private::RawValue":"1"}"#)[1..]);
        near.hear(9, &both, moment(41));
        assert!(told(&mut near).contains(r#""cursor":21"#));
        for odd in [&[][..], &[200], &[1, 7], &[1, 7, 1, 1, b'{'], &[3, 7, 9, 2, b'{', b'}', 0xff]] {
            near.hear(9, odd, moment(42));
        }
        assert!(near.all().is_some());
    }

    #[test]
    fn what_other_processes_are_told_fits_into_their_words() {
        let (mut presence, limits) = (Presence::new(true), Limits::default());
        for seat in 0..40_u64 {
            let long = "y".repeat(usize::try_from(seat).unwrap() * 180);
            let state = format!("{{\"cursor\":\"{long}\"}}");
            presence.accept(seat, &joiner("Ada", 1), &says(100 + seat, 1, &state), &limits).unwrap();
        }
        let contents = presence.take_far_news(2_000);
        assert!(contents.iter().all(|content| content.len() <= 2_000));
        let mut other = Presence::default();
        for content in contents {
            other.hear(9, &content, Moment::now());
        }
        assert_eq!(other.clients.values().filter(|client| client.state.is_some()).count(), 40);
        assert!(!presence.has_far_news());
    }
}
