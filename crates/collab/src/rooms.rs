//! All open documents of this process.

use crate::{CloseReason, Connection, JoinRefused, Limits, Log, LogError};
use domain::{PersonId, PostmortemId, document::Document};
use std::{fmt, sync::Arc};

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
    _log: Arc<dyn Log>,
    limits: Limits,
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Rooms {
    /// No document is open yet. Everything but this and the plain accessors needs a tokio runtime with time.
    pub fn new(log: Arc<dyn Log>, limits: Limits) -> Self {
        Self { _log: log, limits }
    }

    /// Joins a document, opening it if nobody has.
    pub async fn join(&self, _doc: PostmortemId, _joiner: Joiner) -> Result<Connection, JoinRefused> {
        Err(JoinRefused::ShuttingDown)
    }

    /// What the document says now: of the open room, or of the log.
    pub async fn read(&self, _doc: PostmortemId) -> Result<Document, ReadError> {
        Err(ReadError::Unreadable)
    }

    /// The document as one Yjs update (version 1).
    pub async fn state(&self, _doc: PostmortemId) -> Result<Vec<u8>, ReadError> {
        Err(ReadError::Unreadable)
    }

    /// Tells the clients of an open document what changed next to the text (message 101).
    pub fn tell(&self, _doc: PostmortemId, _changed: Changed) {}

    /// Closes all connections of a person to a document with 4403, at once.
    pub fn revoke(&self, _doc: PostmortemId, _person: PersonId) {}

    /// Closes a document: everybody is sent away, the next join reads the log afresh.
    pub fn close(&self, _doc: PostmortemId, _reason: CloseReason) {}

    /// Another process appended to the document: reads what is new and passes it on. Does nothing if the
    /// document is not open here.
    pub async fn catch_up(&self, _doc: PostmortemId) -> Result<(), LogError> {
        Ok(())
    }

    /// How many documents are open.
    pub fn open_count(&self) -> usize {
        0
    }

    /// Lets nobody in any more, waits until every received update is in the log, then closes all sockets
    /// with 1001.
    pub async fn shut_down(&self) {}
}
