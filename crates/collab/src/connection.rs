//! One person's line to a document.

use crate::{
    Close,
    queue::Queue,
    room::{Room, SeatId},
};
use bytes::Bytes;
use std::{fmt, sync::Arc};

/// What is to be sent to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// One binary frame with one message.
    Frame(Bytes),
    /// Rights may have changed: ask whether this client may stay, and in what part, before taking the next
    /// thing from here. Whoever may not is to be closed.
    AskAgain,
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
    pub(crate) fn new(room: Arc<Room>, id: SeatId, queue: Arc<Queue>) -> Self {
        let epoch = room.epoch;
        let seat = || Seat { room: Arc::clone(&room), id, queue: Arc::clone(&queue) };
        Self { epoch, incoming: Incoming { seat: seat() }, outgoing: OutgoingFrames { seat: seat() } }
    }

    /// The document's epoch.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Both halves, for a loop that selects between them or for two tasks.
    pub fn split(self) -> (Incoming, OutgoingFrames) {
        (self.incoming, self.outgoing)
    }
}

/// The place in the room; whichever half goes first leaves it.
struct Seat {
    room: Arc<Room>,
    id: SeatId,
    queue: Arc<Queue>,
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Seat").field(&self.room.doc).field(&self.id).finish()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.leave(self.id, &self.queue);
    }
}

/// The way in.
#[derive(Debug)]
pub struct Incoming {
    seat: Seat,
}

impl Incoming {
    /// Takes a frame from the client. An error is the close frame to send, after which the connection is
    /// to be dropped. Waits only while the room has more to save than it may, or is being rebuilt.
    pub async fn receive(&self, frame: &[u8]) -> Result<(), Close> {
        self.seat.room.receive(self.seat.id, frame).await
    }
}

/// The way out.
#[derive(Debug)]
pub struct OutgoingFrames {
    seat: Seat,
}

impl OutgoingFrames {
    /// The next frame; `None` after the close frame or once the incoming half is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<Outgoing> {
        self.seat.queue.next().await
    }

    /// A further frame that waits already: what goes together costs less.
    pub fn at_hand(&mut self) -> Option<Bytes> {
        self.seat.queue.at_hand()
    }
}
