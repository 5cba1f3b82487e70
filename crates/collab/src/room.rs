//! One open document: who is in it, what it says, and what waits for the log.
//!
//! Everything changes under one lock that is never held across an await. Whatever depends on an update that
//! is not yet in the log (relaying it, answering with it, telling it as saved) is [`Work`] that waits in line
//! behind it; `writer` takes the line, appends, and only then lets the rest happen.

use crate::{
    Changed, Close, JoinRefused, Limits, Loaded, Log,
    connection::Connection,
    lib0::Reader,
    presence::Presence,
    protocol::{self, Message},
    queue::Queue,
    replica::{Refused, Replica, Spoilt, read_state_vector},
    rooms::{Joiner, Registry},
};
use bytes::Bytes;
use domain::{PersonId, PostmortemId};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::{
    sync::{Notify, oneshot},
    time::Instant as Moment,
};

mod ticks;

#[cfg(test)]
pub(crate) use ticks::Tick;

/// One connection of one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SeatId(pub(crate) u64);

/// An open document.
pub(crate) struct Room {
    pub(crate) doc: PostmortemId,
    pub(crate) epoch: i64,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) limits: Limits,
    registry: Weak<Registry>,
    state: Mutex<State>,
    /// The line became shorter, the copy was rebuilt, or the room ended.
    pub(crate) moved: Notify,
}

/// What the lock guards.
pub(crate) struct State {
    /// Set once: why the room ended.
    pub(crate) ended: Option<Close>,
    /// No frames are taken any more, but those taken are still written.
    draining: bool,
    /// The server's copy; `None` while it is being rebuilt, and while the room rests.
    pub(crate) replica: Option<Replica>,
    /// Whether the copy was let go of because nobody needed it; the first who does has it read again.
    pub(crate) resting: bool,
    /// When the copy was last needed.
    pub(crate) used: Moment,
    /// The state vector of what everybody here has or is about to get, as far as known: when the copy is
    /// rebuilt, they get what is new since.
    pub(crate) told: Vec<u8>,
    pub(crate) line: VecDeque<Work>,
    /// Bytes of updates in the line or being appended.
    pub(crate) backlog: usize,
    /// Whether a writer task runs.
    pub(crate) writing: bool,
    pub(crate) seats: HashMap<SeatId, Seat>,
    next_seat: u64,
    presence: Presence,
    /// When presence was last told.
    told_presence: Moment,
    /// Whether the last late tick left presence to the words that were being written; no longer once words go.
    pub(crate) holds_presence: bool,
    /// When other processes were last told presence.
    told_far: Moment,
    /// Whether tasks wait to tell what is to be told together, soon and late.
    ticking: [bool; 2],
    /// Whether somebody is still to hear what is saved.
    owing: bool,
    /// Rows of the log since it was last compacted.
    pub(crate) rows: usize,
    /// All rows of the log up to this one are in the copy. Own appends do not raise it: another process may
    /// have appended before them what was not read yet.
    pub(crate) seen_seq: i64,
}

/// A connection as the room sees it.
pub(crate) struct Seat {
    pub(crate) joiner: Joiner,
    pub(crate) queue: Arc<Queue>,
    /// Whether the client has answered our step 1, so that nothing it sends can have a gap any more.
    synced: bool,
}

/// What waits in line for the log.
pub(crate) enum Work {
    /// Append, then relay to all but its sender.
    Append { update: Vec<u8>, author: Option<PersonId>, seat: SeatId },
    /// Relay what another process appended.
    Relay { update: Vec<u8> },
    /// Send to one connection what was encoded when all before this was accepted.
    Send { seat: SeatId, frame: Bytes },
    /// Tell a connection that nothing of its own is unsaved.
    Confirm { seat: SeatId },
    /// Wake somebody who read the document.
    Answer { done: oneshot::Sender<()> },
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("doc", &self.doc).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Room {
    /// A room over what the log holds.
    pub(crate) fn open(
        doc: PostmortemId,
        loaded: &Loaded,
        log: Arc<dyn Log>,
        limits: Limits,
        registry: Weak<Registry>,
    ) -> Result<Self, Spoilt> {
        let replica = Replica::load(&loaded.updates, limits.document)?;
        let state = State {
            ended: None,
            draining: false,
            told: replica.state_vector()?,
            replica: Some(replica),
            resting: false,
            used: Moment::now(),
            line: VecDeque::new(),
            backlog: 0,
            writing: false,
            seats: HashMap::new(),
            next_seat: 1,
            presence: Presence::new(registry.upgrade().is_some_and(|registry| registry.has_neighbours())),
            told_presence: Moment::now(),
            holds_presence: false,
            told_far: Moment::now(),
            ticking: [false; 2],
            owing: false,
            rows: loaded.updates.len(),
            seen_seq: loaded.last_seq,
        };
        Ok(Self {
            doc,
            epoch: loaded.epoch,
            log,
            limits,
            registry,
            state: Mutex::new(state),
            moved: Notify::new(),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a joiner a seat. `Ok(None)` while the room is being rebuilt, or when it has ended.
    pub(crate) fn seat(self: &Arc<Self>, joiner: &Joiner) -> Result<Option<Connection>, JoinRefused> {
        let mut state = self.lock();
        if state.open().is_err() {
            return Ok(None);
        }
        if joiner.epoch.is_some_and(|epoch| epoch != self.epoch) {
            return Err(JoinRefused::Epoch(self.epoch));
        }
        if state.seats.len() >= self.limits.connections {
            return Err(JoinRefused::Full);
        }
        let Some(replica) = &mut state.replica else { return Ok(None) };
        let Ok(state_vector) = replica.state_vector() else {
            self.rebuild(&mut state);
            return Ok(None);
        };
        let queue = Arc::new(Queue::new(self.limits.queue));
        // The seat is taken under the same lock, so that no update falls between this and the first relay.
        queue.push(protocol::step1(&state_vector));
        if let Some(everybody) = state.presence.all() {
            queue.push(protocol::awareness(&everybody));
        }
        let id = SeatId(state.next_seat);
        state.next_seat += 1;
        state.seats.insert(id, Seat { joiner: joiner.clone(), queue: Arc::clone(&queue), synced: false });
        Ok(Some(Connection::new(Arc::clone(self), id, queue)))
    }

    /// A connection leaves; the second time nothing happens.
    pub(crate) fn leave(self: &Arc<Self>, id: SeatId, queue: &Queue) {
        queue.end();
        self.vacate(id);
    }

    /// Nobody is here and nothing is unsaved: the registry may let go of the room.
    pub(crate) fn retire(self: &Arc<Self>) {
        if let Some(registry) = self.registry.upgrade() {
            registry.retire(self);
        }
    }

    /// Takes a frame from a client.
    pub(crate) async fn receive(self: &Arc<Self>, id: SeatId, frame: &[u8]) -> Result<(), Close> {
        if frame.len() > self.limits.frame {
            return Err(Close::MALFORMED);
        }
        let mut reader = Reader::new(frame);
        while let Some(message) = protocol::next_message(&mut reader).map_err(|_| Close::MALFORMED)? {
            match message {
                // Clients say now and then that they are still here. That wakes nobody.
                Message::Awareness(content) => self.see(id, content)?,
                Message::QueryAwareness => self.show(id)?,
                _ => {
                    self.ready().await?;
                    self.take(id, message)?;
                }
            }
        }
        Ok(())
    }

    /// Waits until the copy is there and the line is short enough.
    pub(crate) async fn ready(self: &Arc<Self>) -> Result<(), Close> {
        while !self.is_ready()? {
            let moved = self.moved.notified();
            let mut moved = std::pin::pin!(moved);
            moved.as_mut().enable();
            // Asked again: what moved before it was listened for would go unheard.
            if self.is_ready()? {
                return Ok(());
            }
            moved.await;
        }
        Ok(())
    }

    fn is_ready(self: &Arc<Self>) -> Result<bool, Close> {
        let mut state = self.lock();
        state.open()?;
        self.wake(&mut state);
        let ready = state.replica.is_some() && state.backlog < self.limits.backlog;
        if ready {
            // Said here and not when it is used: it must not be let go of in between.
            state.used = Moment::now();
        }
        Ok(ready)
    }

    fn take(self: &Arc<Self>, id: SeatId, message: Message<'_>) -> Result<(), Close> {
        let mut state = self.lock();
        let state = &mut *state;
        if let Some(close) = state.ended {
            return Err(close);
        }
        let Some(seat) = state.seats.get_mut(&id) else { return Err(Close::GOING_AWAY) };
        // Rebuilt between waiting and here: rare, and the client comes back by itself.
        let Some(replica) = &mut state.replica else { return Err(Close::TRY_AGAIN) };
        match message {
            Message::Step1(state_vector) => {
                let theirs = read_state_vector(state_vector).map_err(|_| Close::MALFORMED)?;
                let Ok(diff) = replica.diff(&theirs) else {
                    self.rebuild(state);
                    return Err(Close::TRY_AGAIN);
                };
                self.enqueue(state, Work::Send { seat: id, frame: protocol::step2(&diff) });
                Ok(())
            }
            Message::Step2(update) | Message::Update(update) => {
                let answers = matches!(message, Message::Step2(_));
                if !seat.joiner.may_write {
                    return read_only(replica, update, answers);
                }
                let author = seat.joiner.person;
                let synced = seat.synced;
                seat.synced |= answers;
                match replica.accept(update) {
                    Ok(Some(update)) => {
                        state.backlog += update.len();
                        self.enqueue(state, Work::Append { update, author, seat: id });
                        Ok(())
                    }
                    Ok(None) => {
                        self.enqueue(state, Work::Confirm { seat: id });
                        Ok(())
                    }
                    // What a client typed before it answered our step 1 is in that answer once more.
                    Err(Refused::Gaps) if !synced && !answers => Ok(()),
                    Err(refused) => {
                        tracing::warn!(doc = %self.doc, person = ?author, ?refused, "refused an update");
                        if replica.is_spoilt() {
                            self.rebuild(state);
                        }
                        Err(Close::MALFORMED)
                    }
                }
            }
            Message::Awareness(_) | Message::QueryAwareness => Ok(()),
        }
    }

    /// Takes what a client says about itself.
    fn see(self: &Arc<Self>, id: SeatId, content: &[u8]) -> Result<(), Close> {
        let mut state = self.lock();
        let state = &mut *state;
        state.open()?;
        let Some(seat) = state.seats.get(&id) else { return Err(Close::GOING_AWAY) };
        let seen = state.presence.accept(id.0, &seat.joiner, content, &self.limits);
        seen.map_err(|_| Close::MALFORMED)?;
        self.tick(state);
        Ok(())
    }

    /// Shows a client who is here.
    fn show(&self, id: SeatId) -> Result<(), Close> {
        let state = self.lock();
        state.open()?;
        let Some(seat) = state.seats.get(&id) else { return Err(Close::GOING_AWAY) };
        if let Some(everybody) = state.presence.all() {
            seat.queue.push(protocol::awareness(&everybody));
        }
        Ok(())
    }

    /// The copy is spoilt: the writer reads the log again as soon as the line is empty.
    pub(crate) fn rebuild(self: &Arc<Self>, state: &mut State) {
        if let Some(known) = state.replica.as_ref().and_then(|replica| replica.state_vector().ok()) {
            state.told = known;
        }
        state.replica = None;
        self.wake_writer(state);
    }

    /// Puts work in line. With nothing unsaved before it, what needs no log happens at once.
    pub(crate) fn enqueue(self: &Arc<Self>, state: &mut State, work: Work) {
        if state.writing || matches!(work, Work::Append { .. }) {
            state.line.push_back(work);
            self.wake_writer(state);
            return;
        }
        let saved = match work {
            Work::Confirm { .. } => state.replica.as_ref().and_then(|replica| replica.state_vector().ok()),
            _ => None,
        };
        state.deliver(vec![work], saved.as_deref(), &self.limits);
        self.tick(state);
    }

    /// Lets go of the copy if nobody needed it since `then`: people leave pages open for days, and what they
    /// read is on their screens. Answers whether the log is worth compacting meanwhile.
    pub(crate) fn rest(&self, then: Moment) -> bool {
        let mut state = self.lock();
        if state.used > then || state.writing || !state.line.is_empty() || state.ended.is_some() {
            return false;
        }
        let Some(known) = state.replica.as_ref().and_then(|replica| replica.state_vector().ok()) else {
            return false;
        };
        state.told = known;
        state.resting = true;
        let copy = state.replica.take();
        let compact = state.rows > self.limits.compact_after;
        drop(state);
        // Outside the lock: many small pieces are given back.
        drop(copy);
        compact
    }

    /// Has a resting room read its log again.
    pub(crate) fn wake(self: &Arc<Self>, state: &mut State) {
        if std::mem::take(&mut state.resting) {
            self.wake_writer(state);
        }
    }

    fn wake_writer(self: &Arc<Self>, state: &mut State) {
        if !state.writing && state.ended.is_none() {
            state.writing = true;
            tokio::spawn(crate::writer::run(Arc::clone(self)));
        }
    }

    /// Another process said who is at its door.
    pub(crate) fn hear(self: &Arc<Self>, node: u64, content: &[u8]) {
        let mut state = self.lock();
        state.presence.hear(node, content, Moment::now());
        self.tick(&mut state);
    }

    /// Other processes are to hear once more who is here.
    pub(crate) fn renew_presence(self: &Arc<Self>) {
        let mut state = self.lock();
        state.presence.renew_far();
        self.tick(&mut state);
    }

    /// Those at the doors of processes that did not mention them since `then` are gone.
    pub(crate) fn forget_silent(self: &Arc<Self>, then: Moment) {
        let mut state = self.lock();
        state.presence.forget_silent(then);
        self.tick(&mut state);
    }

    /// Tells clients that understand it what changed next to the text.
    pub(crate) fn tell(&self, changed: Changed) {
        let frame = protocol::changed(changed.key());
        for seat in self.lock().seats.values().filter(|seat| seat.joiner.wants_acks) {
            seat.queue.push(frame.clone());
        }
    }

    /// The registry lets go of a room that ended.
    pub(crate) fn forget(self: &Arc<Self>) {
        if let Some(registry) = self.registry.upgrade() {
            registry.forget(self);
        }
    }

    /// Has it asked of everybody here, or of one person, whether they may stay.
    pub(crate) fn ask_again(&self, person: Option<PersonId>) {
        let state = self.lock();
        for seat in state.seats.values().filter(|seat| person.is_none() || seat.joiner.person == person) {
            seat.queue.ask_again();
        }
    }

    /// Takes a seat out of the room; its queue is left to say its last.
    fn vacate(self: &Arc<Self>, id: SeatId) {
        let mut state = self.lock();
        if state.seats.remove(&id).is_none() {
            return;
        }
        state.presence.leave(id.0);
        if state.seats.is_empty() {
            self.tell_far(&mut state);
        }
        self.tick(&mut state);
        if state.seats.is_empty() && state.ended.is_none() && !state.writing {
            drop(state);
            self.retire();
        }
    }

    /// If nobody is here and nothing is unsaved, ends the room and answers whether its log is to be compacted.
    pub(crate) fn end_if_idle(&self) -> Option<bool> {
        let mut state = self.lock();
        if !state.seats.is_empty() || state.writing || !state.line.is_empty() || state.ended.is_some() {
            return None;
        }
        state.ended = Some(Close::GOING_AWAY);
        Some(state.rows > self.limits.compact_after)
    }

    /// Ends the room: everybody is sent away, what waits in line is dropped.
    pub(crate) fn end(&self, close: Close) {
        let mut state = self.lock();
        if state.ended.is_none() {
            state.ended = Some(close);
            state.line.clear();
            for (id, seat) in std::mem::take(&mut state.seats) {
                state.presence.leave(id.0);
                seat.queue.close(close);
            }
            self.tell_far(&mut state);
        }
        drop(state);
        self.moved.notify_waiters();
    }

    /// Takes no more frames, waits until all that was taken is in the log, then ends the room.
    pub(crate) async fn drain(&self) {
        self.lock().draining = true;
        loop {
            let moved = self.moved.notified();
            let mut moved = std::pin::pin!(moved);
            moved.as_mut().enable();
            {
                let state = self.lock();
                if state.ended.is_some() || !state.writing {
                    break;
                }
            }
            moved.await;
        }
        self.end(Close::GOING_AWAY);
    }
}

/// What a reader may send: nothing new. Its answer to our step 1 always holds all deletions it knows of, so
/// they are ignored there.
fn read_only(replica: &Replica, update: &[u8], answers: bool) -> Result<(), Close> {
    let anatomy = crate::anatomy::Anatomy::of(update).map_err(|_| Close::MALFORMED)?;
    let known = replica.known().map_err(|_| Close::TRY_AGAIN)?;
    if anatomy.is_empty() || answers && !anatomy.adds_to(known) { Ok(()) } else { Err(Close::FORBIDDEN) }
}

impl State {
    /// Whether frames are taken; if not, why.
    fn open(&self) -> Result<(), Close> {
        match self.ended {
            Some(close) => Err(close),
            None if self.draining => Err(Close::GOING_AWAY),
            None => Ok(()),
        }
    }

    /// What was put into the queues goes now.
    pub(crate) fn wake(&self) {
        self.seats.values().for_each(|seat| seat.queue.wake());
    }
}
