//! A client as y-websocket is one: a copy of its own, a line that may break, and the same few messages.

use crate::{
    Close, Connection, Incoming, JoinRefused, Joiner, Limits, Outgoing, OutgoingFrames, Rooms,
    lib0::Reader,
    protocol,
    replica::{options, read_state_vector},
    tests::memory_log::person,
};
use domain::PostmortemId;
use futures_util::FutureExt;
use yrs::{
    Doc, GetString, ReadTxn, StateVector, Text, TextRef, Transact, Update,
    updates::{decoder::Decode, encoder::Encode},
};

pub(crate) struct Editor {
    pub(crate) doc: Doc,
    text: TextRef,
    pub(crate) joiner: Joiner,
    line: Option<(Incoming, OutgoingFrames)>,
    /// Every update that came in, as it came.
    pub(crate) heard: Vec<Vec<u8>>,
    /// Awareness contents that came in.
    pub(crate) presence: Vec<Vec<u8>>,
    pub(crate) saved: StateVector,
    pub(crate) changed: Vec<String>,
    pub(crate) closed: Option<Close>,
    /// How often it was to be asked whether this client may stay, and what is answered.
    pub(crate) asked: usize,
    pub(crate) objection: Option<Close>,
}

pub(crate) fn joiner(n: u8) -> Joiner {
    Joiner {
        person: Some(person(n)),
        name: format!("Person {n}"),
        may_write: true,
        wants_acks: true,
        epoch: None,
    }
}

/// The limits, without waiting before "saved" is told: these tests let no time pass.
pub(crate) fn told_at_once() -> Limits {
    Limits { saved_ticks: 0, ..Limits::default() }
}

impl Editor {
    pub(crate) fn new(n: u8) -> Self {
        let doc = Doc::with_options(options(100 + u64::from(n)));
        let text = doc.get_or_insert_text("text");
        Self {
            doc,
            text,
            joiner: joiner(n),
            line: None,
            heard: Vec::new(),
            presence: Vec::new(),
            saved: StateVector::default(),
            changed: Vec::new(),
            closed: None,
            asked: 0,
            objection: None,
        }
    }

    pub(crate) async fn connect(&mut self, rooms: &Rooms, doc: PostmortemId) -> Result<(), JoinRefused> {
        let connection: Connection = rooms.join(doc, self.joiner.clone()).await?;
        self.line = Some(connection.split());
        self.closed = None;
        let step1 = protocol::step1(&self.doc.transact().state_vector().encode_v1());
        self.send(&step1).await;
        Ok(())
    }

    pub(crate) fn disconnect(&mut self) {
        self.line = None;
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.line.is_some()
    }

    pub(crate) fn said(&self) -> String {
        self.text.get_string(&self.doc.transact())
    }

    /// Types and sends, if connected. Answers the update.
    pub(crate) async fn type_at(&mut self, at: f64, words: &str) -> Vec<u8> {
        let update = {
            let mut txn = self.doc.transact_mut();
            let index = (f64::from(self.text.len(&txn)) * at) as u32;
            self.text.insert(&mut txn, index, words);
            txn.encode_update_v1()
        };
        self.send(&protocol::update(&update)).await;
        update
    }

    /// Deletes a character, if there is one, and sends.
    pub(crate) async fn delete_at(&mut self, at: f64) {
        let update = {
            let mut txn = self.doc.transact_mut();
            let length = self.text.len(&txn);
            if length == 0 {
                return;
            }
            self.text.remove_range(&mut txn, (f64::from(length - 1) * at) as u32, 1);
            txn.encode_update_v1()
        };
        self.send(&protocol::update(&update)).await;
    }

    pub(crate) async fn send(&mut self, frame: &[u8]) {
        if let Some((incoming, _)) = &self.line
            && let Err(close) = incoming.receive(frame).await
        {
            self.closed = Some(close);
            self.line = None;
        }
    }

    /// Handles what has arrived; answers whether anything had.
    pub(crate) async fn listen(&mut self) -> bool {
        let mut any = false;
        while let Some((_, outgoing)) = &mut self.line {
            match outgoing.next().now_or_never() {
                Some(Some(Outgoing::Frame(frame))) => self.handle(&frame).await,
                Some(Some(Outgoing::AskAgain)) => {
                    self.asked += 1;
                    if let Some(close) = self.objection {
                        self.closed = Some(close);
                        self.line = None;
                    }
                }
                Some(Some(Outgoing::Close(close))) => {
                    self.closed = Some(close);
                    self.line = None;
                }
                Some(None) => self.line = None,
                None => break,
            }
            any = true;
        }
        any
    }

    async fn handle(&mut self, frame: &[u8]) {
        let mut reader = Reader::new(frame);
        match reader.number().unwrap() {
            0 => match reader.number().unwrap() {
                0 => {
                    let theirs = read_state_vector(reader.bytes().unwrap()).unwrap();
                    let diff = self.doc.transact().encode_diff_v1(&theirs);
                    self.send(&protocol::step2(&diff)).await;
                }
                _ => {
                    let update = reader.bytes().unwrap();
                    self.doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
                    self.heard.push(update.to_vec());
                }
            },
            1 => self.presence.push(reader.bytes().unwrap().to_vec()),
            100 => self.saved = read_state_vector(reader.bytes().unwrap()).unwrap(),
            101 => self.changed.push(reader.text().unwrap().to_owned()),
            other => panic!("an unknown message {other}"),
        }
        // Most clients read one message a frame, so that more would be lost on them.
        if frame[0] != 0 || frame[1] != 0 {
            assert!(reader.is_empty() || self.line.is_none());
        }
    }

    /// Whether all it wrote was told as saved.
    pub(crate) fn is_saved(&self) -> bool {
        let mine = self.doc.client_id();
        self.saved.get(&mine) >= self.doc.transact().state_vector().get(&mine)
    }
}

/// Lets everybody listen until nothing is on its way.
pub(crate) async fn settle(editors: &mut [Editor]) {
    let mut quiet = 0;
    while quiet < 20 {
        tokio::task::yield_now().await;
        quiet += 1;
        for editor in &mut *editors {
            if editor.listen().await {
                quiet = 0;
            }
        }
    }
}
