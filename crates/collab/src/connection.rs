//! One person's line to a document.

use crate::Close;
use bytes::Bytes;

/// What is to be sent to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// One binary frame with one message.
    Frame(Bytes),
    /// The last thing: send a close frame and stop.
    Close(Close),
}

/// A joined connection. Dropping it, or either half of it, leaves the room.
#[derive(Debug)]
pub struct Connection {
    epoch: i64,
    incoming: Incoming,
    outgoing: OutgoingFrames,
}

impl Connection {
    /// The document's epoch.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Both halves, for a loop that selects between them or for two tasks.
    pub fn split(self) -> (Incoming, OutgoingFrames) {
        (self.incoming, self.outgoing)
    }
}

/// The way in.
#[derive(Debug)]
pub struct Incoming {}

impl Incoming {
    /// Takes a frame from the client. An error is the close frame to send, after which the connection is
    /// to be dropped. Waits only while the room has more to save than it may, or is being rebuilt.
    pub async fn receive(&self, _frame: &[u8]) -> Result<(), Close> {
        Err(Close::GOING_AWAY)
    }
}

/// The way out.
#[derive(Debug)]
pub struct OutgoingFrames {}

impl OutgoingFrames {
    /// The next frame; `None` after the close frame or once the incoming half is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<Outgoing> {
        None
    }
}
