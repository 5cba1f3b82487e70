//! All open documents of this process.

use crate::{
    CloseReason, Connection, JoinRefused, Limits, Log, LogError,
    replica::{Replica, Spoilt},
    room::{Room, Work},
};
use domain::{PersonId, PostmortemId, document::Document};
use futures_util::future::join_all;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{OnceCell, mpsc, oneshot},
    task::JoinSet,
    time::Instant as Moment,
};

/// Somebody who joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joiner {
    /// Who; `None` for a guest.
    pub person: Option<PersonId>,
    /// The name others see, whatever the client says.
    pub name: String,
    /// Whether they may write; readers see everything and are closed with 4403 when they write.
    pub may_write: bool,
    /// Whether they understand our own messages 100 "saved" and 101 "changed" (`?acks=1`).
    pub wants_acks: bool,
    /// The epoch of their local copy, if they have one (`?since=`).
    pub epoch: Option<i64>,
}

/// Whose connections are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those to one document.
    Document(PostmortemId),
    /// Those of one person, to all documents.
    Person(PersonId),
    /// All.
    Everybody,
}

/// What changed next to the text, so that live blocks are fetched anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The timeline.
    Timeline,
    /// Follow-ups and ideas.
    FollowUps,
    /// Header facts.
    Facts,
    /// The state of the post-mortem.
    State,
}

impl Changed {
    /// Everything that can change.
    pub const ALL: [Self; 4] = [Self::Timeline, Self::FollowUps, Self::Facts, Self::State];

    /// What has that word in message 101.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|changed| changed.key() == key)
    }

    /// The word in message 101.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Timeline => "timeline",
            Self::FollowUps => "follow-ups",
            Self::Facts => "facts",
            Self::State => "state",
        }
    }
}

/// What this process has to say to others about who is in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Somebody opened it here: who is there?
    WhoIsHere(PostmortemId),
    /// These are at our door: the content of an awareness message, at most [`Limits::far_presence`] bytes.
    Here(PostmortemId, Vec<u8>),
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The log could not give it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It is stored in a form that cannot be read.
    #[error("the stored document cannot be read")]
    Unreadable,
}

/// All open documents of this process. Cheap to clone.
#[derive(Clone)]
pub struct Rooms {
    registry: Arc<Registry>,
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("open", &self.open_count()).finish_non_exhaustive()
    }
}

/// Which documents are open. Whoever holds its lock may take that of a room, never the other way round.
pub(crate) struct Registry {
    log: Arc<dyn Log>,
    limits: Limits,
    /// Where long work is done, whoever lets it begin: not between keys.
    home: Option<Handle>,
    open: Mutex<Open>,
    /// Where to say who is here. What does not fit is dropped: it is said again with [`Rooms::renew_presence`].
    neighbours: Option<mpsc::Sender<Said>>,
}

#[derive(Default)]
struct Open {
    /// Nobody is let in any more.
    closing: bool,
    slots: HashMap<PostmortemId, Slot>,
    /// Logs that are being compacted.
    compactions: JoinSet<()>,
}

/// A document that is open or being opened; all who come meanwhile wait for the same.
type Slot = Arc<OnceCell<Arc<Room>>>;

impl Rooms {
    /// No document is open yet. Everything else needs a tokio runtime with its clock.
    pub fn new(log: Arc<dyn Log>, limits: Limits) -> Self {
        Self::among(log, limits, None)
    }

    /// The same with other processes on the same log: `neighbours` gets what is to be said to them.
    pub fn among(log: Arc<dyn Log>, limits: Limits, neighbours: Option<mpsc::Sender<Said>>) -> Self {
        let home = Handle::try_current().ok();
        Self { registry: Arc::new(Registry { log, limits, home, open: Mutex::default(), neighbours }) }
    }

    /// Another process said who is at its door.
    pub fn hear(&self, node: u64, doc: PostmortemId, content: &[u8]) {
        if let Some(room) = self.registry.room(doc) {
            room.hear(node, content);
        }
    }

    /// Says to other processes who is at our door, in one document or in all that are open. To be called for
    /// all every ten seconds or so, because others forget who is not mentioned.
    pub fn renew_presence(&self, doc: Option<PostmortemId>) {
        let rooms = match doc {
            Some(doc) => self.registry.room(doc).into_iter().collect(),
            None => self.registry.rooms(),
        };
        rooms.iter().for_each(|room| room.renew_presence());
    }

    /// Forgets whom other processes did not mention for so long.
    pub fn forget_silent(&self, after: Duration) {
        let Some(then) = Moment::now().checked_sub(after) else { return };
        self.registry.rooms().iter().for_each(|room| room.forget_silent(then));
    }

    /// Lets go of the copies that nobody needed for so long, and compacts their logs. Their people stay, and the
    /// next word has the log read again. To be called now and then.
    pub fn rest(&self, after: Duration) {
        let Some(then) = Moment::now().checked_sub(after) else { return };
        for room in self.registry.rooms() {
            if room.rest(then) {
                self.registry.compact(room.doc);
            }
        }
    }

    /// A tick of a document's room, without waiting for it.
    #[cfg(test)]
    pub(crate) fn tick(&self, doc: PostmortemId, tick: crate::room::Tick) {
        self.registry.room(doc).unwrap().tell_news(tick);
    }

    /// Joins a document, opening it if nobody has.
    pub async fn join(&self, doc: PostmortemId, joiner: Joiner) -> Result<Connection, JoinRefused> {
        let mut reread = false;
        loop {
            let slot = {
                let mut open = self.registry.lock();
                if open.closing {
                    return Err(JoinRefused::ShuttingDown);
                }
                Arc::clone(open.slots.entry(doc).or_default())
            };
            let room = match slot.get_or_try_init(|| self.registry.open(doc)).await {
                Ok(room) => room,
                Err(refused) => {
                    self.registry.drop_unopened(doc, &slot);
                    return Err(refused);
                }
            };
            let seated = {
                let open = self.registry.lock();
                // The slot may have been let go of while we waited; then this room is not the one others join.
                if !open.slots.get(&doc).is_some_and(|current| Arc::ptr_eq(current, &slot)) {
                    continue;
                }
                room.seat(&joiner)
            };
            match seated {
                Ok(Some(connection)) => return Ok(connection),
                Ok(None) if room.ready().await.is_ok() => {}
                Ok(None) => self.registry.forget(room),
                // Whoever knows of a later life read it from the log, which this process did not look into since.
                Err(JoinRefused::Epoch(here)) if !reread && joiner.epoch > Some(here) => {
                    reread = true;
                    self.catch_up(doc).await?;
                }
                Err(refused) => {
                    // It may have been opened only for this.
                    self.registry.retire(room);
                    return Err(refused);
                }
            }
        }
    }

    /// What the document says now: of the open room, once that is in the log, or of the log.
    pub async fn read(&self, doc: PostmortemId) -> Result<Document, ReadError> {
        self.view(doc, Replica::document).await
    }

    /// The document as one Yjs update (version 1).
    pub async fn state(&self, doc: PostmortemId) -> Result<Vec<u8>, ReadError> {
        self.view(doc, Replica::state).await
    }

    async fn view<T>(
        &self,
        doc: PostmortemId,
        look: impl Fn(&mut Replica) -> Result<T, Spoilt>,
    ) -> Result<T, ReadError> {
        if let Some(room) = self.registry.room(doc) {
            let seen = {
                let mut state = room.lock();
                let seen = if state.ended.is_none() { state.replica.as_mut().map(&look) } else { None };
                match seen {
                    Some(Ok(seen)) => {
                        let (done, wait) = oneshot::channel();
                        room.enqueue(&mut state, Work::Answer { done });
                        Some((seen, wait))
                    }
                    Some(Err(Spoilt)) => {
                        room.rebuild(&mut state);
                        None
                    }
                    None => None,
                }
            };
            if let Some((seen, wait)) = seen
                && wait.await.is_ok()
            {
                return Ok(seen);
            }
        }
        let loaded = self.registry.log.load(doc).await?;
        let mut replica = Replica::load(&loaded.updates, usize::MAX).map_err(|_| ReadError::Unreadable)?;
        look(&mut replica).map_err(|_| ReadError::Unreadable)
    }

    /// Tells the clients of an open document what changed next to the text (message 101).
    pub fn tell(&self, doc: PostmortemId, changed: Changed) {
        if let Some(room) = self.registry.room(doc) {
            room.tell(changed);
        }
    }

    /// Rights may have changed: each of these connections gets [`Outgoing::AskAgain`](crate::Outgoing) before
    /// anything else, also before what waits for it already.
    pub fn ask_again(&self, whose: Whose) {
        match whose {
            Whose::Document(doc) => {
                if let Some(room) = self.registry.room(doc) {
                    room.ask_again(None);
                }
            }
            Whose::Person(person) => {
                self.registry.rooms().iter().for_each(|room| room.ask_again(Some(person)))
            }
            Whose::Everybody => self.registry.rooms().iter().for_each(|room| room.ask_again(None)),
        }
    }

    /// Closes a document: everybody is sent away, the next join reads the log afresh. What was received and
    /// is not yet in the log is dropped; nobody was told that it is saved, and clients still have it.
    pub fn close(&self, doc: PostmortemId, reason: CloseReason) {
        let slot = self.registry.lock().slots.remove(&doc);
        if let Some(room) = slot.and_then(|slot| slot.get().cloned()) {
            room.end(reason.close());
        }
    }

    /// Another process appended to the document: reads what is new and passes it on. Does nothing if the
    /// document is not open here.
    pub async fn catch_up(&self, doc: PostmortemId) -> Result<(), LogError> {
        let Some(room) = self.registry.room(doc) else { return Ok(()) };
        let from = room.lock().seen_seq;
        let rows = match self.registry.log.since(doc, room.epoch, from).await {
            // Another process began it anew.
            Err(LogError::Gone) => {
                self.close(doc, CloseReason::Replaced);
                return Ok(());
            }
            rows => rows?,
        };
        let mut state = room.lock();
        if state.ended.is_some() {
            return Ok(());
        }
        if !rows.is_empty() {
            // What was read here is read once more with the rest of the log, and then told.
            room.wake(&mut state);
        }
        for (seq, row) in rows {
            let Some(replica) = &mut state.replica else { break };
            match replica.accept(&row) {
                Ok(Some(update)) => room.enqueue(&mut state, Work::Relay { update }),
                Ok(None) => {}
                Err(_) => {
                    // Rows of several authors may stand in another order than they were written in; the log as a
                    // whole is complete. The copy is read anew, and everybody here gets what was missing.
                    room.rebuild(&mut state);
                    break;
                }
            }
            state.seen_seq = state.seen_seq.max(seq);
        }
        Ok(())
    }

    /// The documents that are open, in no order.
    pub fn open(&self) -> Vec<PostmortemId> {
        let open = self.registry.lock();
        open.slots.iter().filter(|(_, slot)| slot.initialized()).map(|(doc, _)| *doc).collect()
    }

    /// How many documents are open.
    pub fn open_count(&self) -> usize {
        self.registry.lock().slots.values().filter(|slot| slot.initialized()).count()
    }

    /// Lets nobody in any more, waits until every received update is in the log, then closes all sockets
    /// with 1001. Waits as long as the log does.
    pub async fn shut_down(&self) {
        let (slots, compactions): (Vec<Slot>, JoinSet<()>) = {
            let mut open = self.registry.lock();
            open.closing = true;
            (open.slots.values().cloned().collect(), std::mem::take(&mut open.compactions))
        };
        join_all(slots.iter().filter_map(|slot| slot.get()).map(|room| room.drain())).await;
        self.registry.lock().slots.clear();
        // Whoever closes the log next would cut them off.
        compactions.join_all().await;
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn room(&self, doc: PostmortemId) -> Option<Arc<Room>> {
        self.lock().slots.get(&doc).and_then(|slot| slot.get().cloned())
    }

    /// Whether there is anybody to speak to.
    pub(crate) fn has_neighbours(&self) -> bool {
        self.neighbours.is_some()
    }

    pub(crate) fn say(&self, said: impl FnOnce() -> Said) {
        if let Some(neighbours) = &self.neighbours {
            let _ = neighbours.try_send(said());
        }
    }

    fn rooms(&self) -> Vec<Arc<Room>> {
        self.lock().slots.values().filter_map(|slot| slot.get().cloned()).collect()
    }

    async fn open(self: &Arc<Self>, doc: PostmortemId) -> Result<Arc<Room>, JoinRefused> {
        let loaded = self.log.load(doc).await?;
        self.say(|| Said::WhoIsHere(doc));
        Room::open(doc, &loaded, Arc::clone(&self.log), self.limits, Arc::downgrade(self))
            .map(Arc::new)
            .map_err(|Spoilt| JoinRefused::Unreadable)
    }

    fn drop_unopened(&self, doc: PostmortemId, slot: &Slot) {
        let mut open = self.lock();
        if !slot.initialized() && open.slots.get(&doc).is_some_and(|current| Arc::ptr_eq(current, slot)) {
            open.slots.remove(&doc);
        }
    }

    /// Lets go of a room that ended.
    pub(crate) fn forget(&self, room: &Arc<Room>) {
        let mut open = self.lock();
        if open.slots.get(&room.doc).and_then(|slot| slot.get()).is_some_and(|held| Arc::ptr_eq(held, room)) {
            open.slots.remove(&room.doc);
        }
    }

    /// Ends a room where nobody is, and lets go of it. Joining takes the same lock, so nobody can slip in.
    pub(crate) fn retire(self: &Arc<Self>, room: &Arc<Room>) {
        let mut open = self.lock();
        let held =
            open.slots.get(&room.doc).and_then(|slot| slot.get()).is_some_and(|held| Arc::ptr_eq(held, room));
        if !held {
            return;
        }
        let Some(compact) = room.end_if_idle() else { return };
        open.slots.remove(&room.doc);
        drop(open);
        if compact {
            self.compact(room.doc);
        }
    }

    /// Replaces many rows of a log by one, beside everything else.
    fn compact(&self, doc: PostmortemId) {
        let mut open = self.lock();
        if !open.closing
            && let Some(home) = self.home.clone().or_else(|| Handle::try_current().ok())
        {
            while open.compactions.try_join_next().is_some() {}
            open.compactions.spawn_on(compact_log(Arc::clone(&self.log), doc), &home);
        }
    }
}

/// Replaces many rows by one. It reads the log itself instead of trusting the room: other processes may have
/// appended what this one has not seen.
async fn compact_log(log: Arc<dyn Log>, doc: PostmortemId) {
    let result = async {
        let loaded = log.load(doc).await?;
        let state = Replica::load(&loaded.updates, usize::MAX).and_then(|mut replica| replica.state());
        let state = state.map_err(|Spoilt| LogError::Failed("the document cannot be read".into()))?;
        log.compact(doc, loaded.epoch, loaded.last_seq, state).await
    };
    if let Err(error) = result.await {
        tracing::warn!(%doc, %error, "could not compact a document");
    }
}
