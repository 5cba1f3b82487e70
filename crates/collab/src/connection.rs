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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Limits, Rooms, protocol,
        tests::{
            editor::{Editor, joiner, settle},
            memory_log::{MemoryLog, doc},
        },
    };
    use std::{
        future::Future,
        pin::pin,
        sync::Mutex,
        task::{Context, Wake, Waker},
        time::Duration,
    };

    /// Takes what waits in the very moment it is woken, as another thread might that had nothing else to do.
    struct AtOnce {
        queue: Arc<Queue>,
        taken: Mutex<Vec<usize>>,
    }

    impl Wake for AtOnce {
        fn wake(self: Arc<Self>) {
            let frames = std::iter::from_fn(|| self.queue.at_hand()).count();
            self.taken.lock().unwrap().push(frames);
        }
    }

    #[tokio::test]
    async fn words_presence_and_what_is_saved_leave_together() {
        let log = MemoryLog::with(&[doc(1)]);
        let never = Limits { presence_tick: Duration::from_secs(3600), ..Limits::default() };
        let rooms = Rooms::new(log.clone(), never);
        let mut writers = [Editor::new(1), Editor::new(2)];
        for writer in &mut writers {
            writer.connect(&rooms, doc(1)).await.unwrap();
        }
        settle(&mut writers).await;
        let mut reader = rooms.join(doc(1), joiner(3)).await.unwrap();
        while reader.outgoing.at_hand().is_some() {}
        log.pause();
        for (writer, client) in writers.iter_mut().zip([7, 8]) {
            writer.type_at(0.0, "a").await;
            writer.send(&protocol::awareness(&[1, client, 1, 2, b'{', b'}'])).await;
        }
        let queue = Arc::clone(&reader.outgoing.seat.queue);
        let at_once = Arc::new(AtOnce { queue, taken: Mutex::default() });
        let waker = Waker::from(Arc::clone(&at_once));
        {
            let mut next = pin!(reader.outgoing.next());
            assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            log.resume();
            settle(&mut writers).await;
        }
        assert_eq!(*at_once.taken.lock().unwrap(), [2], "one frame of words and one of presence");
    }
}
