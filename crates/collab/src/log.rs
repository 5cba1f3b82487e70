//! The one thing this crate needs from outside: a place that keeps updates.

use domain::{PersonId, PostmortemId};
use futures_util::future::BoxFuture;

/// What a log holds of one document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// The life of the document. It rises when a document is replaced as a whole (restored from a backup),
    /// so that copies in browsers are dropped instead of merged into it.
    pub epoch: i64,
    /// Updates in the order of their numbers; the first may be a compacted state.
    pub updates: Vec<Vec<u8>>,
    /// The number of the last update, 0 if there is none.
    pub last_seq: i64,
}

/// Updates with their numbers, in order.
pub type Numbered = Vec<(i64, Vec<u8>)>;

/// Why a log could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// There is no such document.
    #[error("there is no such document")]
    NotFound,
    /// The document was deleted, or it lives on under another epoch.
    #[error("the document is gone or was replaced")]
    Gone,
    /// Anything else; the update may or may not be in the log.
    #[error("the log failed: {0}")]
    Failed(String),
}

/// Keeps the updates of documents. Calls for one document may overlap; an implementation is free to write
/// several waiting updates in one transaction, in the order of the calls.
pub trait Log: Send + Sync {
    /// Everything about a document.
    fn load(&self, doc: PostmortemId) -> BoxFuture<'_, Result<Loaded, LogError>>;

    /// Keeps an update under a number greater than all before. It is durable when this returns.
    /// `author` is who sent it; together with [`authors_of`](crate::authors_of) it tells who wrote what.
    fn append(
        &self,
        doc: PostmortemId,
        epoch: i64,
        update: Vec<u8>,
        author: Option<PersonId>,
    ) -> BoxFuture<'_, Result<(), LogError>>;

    /// Updates with numbers greater than `seq`, in order: what another process appended meanwhile.
    /// [`LogError::Gone`] if the document lives under another epoch.
    fn since(&self, doc: PostmortemId, epoch: i64, seq: i64) -> BoxFuture<'_, Result<Numbered, LogError>>;

    /// Replaces all updates up to and including `upto_seq` by one state that says the same. In one
    /// transaction; who wrote what is to be kept by the implementation. [`LogError::Gone`] if the document lives
    /// under another epoch.
    fn compact(
        &self,
        doc: PostmortemId,
        epoch: i64,
        upto_seq: i64,
        state: Vec<u8>,
    ) -> BoxFuture<'_, Result<(), LogError>>;
}
