//! Why a socket is closed. y-websocket reconnects by itself unless the code lies in 4400–4499.

use crate::LogError;

/// A close frame (RFC 6455, section 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    /// The close code.
    pub code: u16,
    /// A few words, at most 123 bytes.
    pub reason: &'static str,
}

impl Close {
    /// The server stops; the client reconnects, here or elsewhere.
    pub const GOING_AWAY: Self = Self { code: 1001, reason: "the server restarts" };
    /// The log failed; the client reconnects and gets what was saved.
    pub const LOG_FAILED: Self = Self { code: 1011, reason: "saving failed" };
    /// The client reads too slowly, or the room is full; it reconnects and catches up.
    pub const TRY_AGAIN: Self = Self { code: 1013, reason: "too much at once" };
    /// A frame that cannot be read, or an update that would do harm.
    pub const MALFORMED: Self = Self { code: 4400, reason: "this message cannot be read" };
    /// The session is over; the page keeps what was written until its person signs in again.
    pub const SIGNED_OUT: Self = Self { code: 4401, reason: "signed out" };
    /// The person may not write, or not read any more.
    pub const FORBIDDEN: Self = Self { code: 4403, reason: "not permitted" };
    /// The document does not exist (any more).
    pub const GONE: Self = Self { code: 4404, reason: "the document is gone" };
    /// The client holds a copy of an earlier life of the document and must drop it.
    pub const REPLACED: Self = Self { code: 4409, reason: "the document was replaced" };
}

/// Why the application closes a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It was deleted: 4404.
    Deleted,
    /// It was replaced as a whole and has a new epoch: 4409.
    Replaced,
    /// It is to be read afresh from the log: 1001, clients come back at once.
    Reload,
}

impl CloseReason {
    /// The close frame for it.
    pub const fn close(self) -> Close {
        match self {
            Self::Deleted => Close::GONE,
            Self::Replaced => Close::REPLACED,
            Self::Reload => Close::GOING_AWAY,
        }
    }
}

/// Why somebody could not join.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinRefused {
    /// The log could not give the document.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The document in the log cannot be read.
    #[error("the stored document cannot be read")]
    Unreadable,
    /// The client's copy belongs to another epoch; this is the current one.
    #[error("the document was replaced, its epoch is {0}")]
    Epoch(i64),
    /// The room has as many connections as it may.
    #[error("too many connections to one document")]
    Full,
    /// The server stops.
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl JoinRefused {
    /// The close frame to send when the socket is already open.
    pub const fn close(&self) -> Close {
        match self {
            Self::Log(LogError::NotFound | LogError::Gone) => Close::GONE,
            Self::Log(LogError::Failed(_)) | Self::Unreadable => Close::LOG_FAILED,
            Self::Epoch(_) => Close::REPLACED,
            Self::Full => Close::TRY_AGAIN,
            Self::ShuttingDown => Close::GOING_AWAY,
        }
    }
}
