//! A transaction on either database, and how a statement can fail.

use crate::{
    checkpoints::Checkpoints,
    dialect::{postgres, sqlite},
};
use sqlx::{Postgres, Sqlite, Transaction, error::ErrorKind};
use std::{cell::Cell, future::Future, sync::Arc};

/// The outcome of a statement.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a statement failed, as far as callers choose by it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value that must be unique is taken. Check first where a person must hear which one.
    #[error("a value that must be unique is taken")]
    Taken(#[source] sqlx::Error),
    /// The database has no room, is read-only, or cannot be reached.
    #[error("the database cannot take this now")]
    Unavailable(#[source] sqlx::Error),
    /// The line broke while a commit was answered: it may have been made.
    #[error("the database did not say whether it kept this")]
    Unsure(#[source] sqlx::Error),
    /// A stored value is not what this version understands.
    #[error("the record holds {what} “{value}”, which this version does not know")]
    Unknown {
        /// What sort of value.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// Everything else: a fault of ours.
    #[error("a statement failed")]
    Failed(#[source] sqlx::Error),
}

impl Error {
    /// A stored value that this version does not know.
    pub(crate) fn unknown(what: &'static str, value: impl Into<String>) -> Self {
        Self::Unknown { what, value: value.into() }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.kind() == ErrorKind::UniqueViolation => {
                Self::Taken(error)
            }
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                let on_sqlite = database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some();
                let unavailable =
                    if on_sqlite { sqlite::is_unavailable(&code) } else { postgres::is_unavailable(&code) };
                if unavailable { Self::Unavailable(error) } else { Self::Failed(error) }
            }
            _ if is_broken(&error) => Self::Unavailable(error),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Unavailable(error),
            _ => Self::Failed(error),
        }
    }
}

/// Whether the line to the database broke. Where nobody answers at all, the driver misses the answer to its first
/// question and calls that a fault of protocol or encryption.
const fn is_broken(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Io, Protocol, Tls, WorkerCrashed};
    matches!(error, Io(_) | Protocol(_) | Tls(_) | WorkerCrashed)
}

/// What a failed commit on PostgreSQL means. A server that is told to stop (57P) ends a commit that waits for its
/// standby, after it was made.
fn commit_failed(error: sqlx::Error) -> Error {
    let stopped = error
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code.starts_with("57P") || code.starts_with("08"));
    if stopped || is_broken(&error) { Error::Unsure(error) } else { error.into() }
}

/// A transaction. Dropping it without [`Tx::commit`] undoes everything.
///
/// After a failed statement PostgreSQL refuses the rest of a transaction and SQLite does not, so callers never
/// catch a database error and go on.
#[derive(Debug)]
pub struct Tx {
    pub(crate) connection: Connection,
    /// Told of the commit.
    pub(crate) checkpoints: Option<Arc<Checkpoints>>,
}

/// The connection that a transaction holds.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes everything durable: when this returns, it is on disk.
    pub async fn commit(self) -> Result<()> {
        match self.connection {
            Connection::Sqlite(transaction) => transaction.commit().await?,
            Connection::Postgres(transaction) => transaction.commit().await.map_err(commit_failed)?,
        }
        note_commit();
        if let Some(checkpoints) = self.checkpoints {
            checkpoints.committed();
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "only somebody with a transaction runs statements")]
    pub(crate) fn count(&self) {
        count_statement();
    }
}

pub(crate) fn count_statement() {
    let _ = STATEMENTS.try_with(|count| count.set(count.get() + 1));
}

/// Something is on disk now, see [`has_kept`].
pub(crate) fn note_commit() {
    let _ = KEPT.try_with(|kept| kept.set(true));
}

tokio::task_local! {
    static STATEMENTS: Cell<u64>;
    static KEPT: Cell<bool>;
}

/// Runs `work` and remembers for it whether a transaction was committed, see [`has_kept`].
pub async fn remembering<F: Future>(work: F) -> F::Output {
    KEPT.scope(Cell::new(false), work).await
}

/// Whether a transaction was committed since the [`remembering`] around this began; `false` outside of one. Whoever
/// fails after a commit cannot say that nothing was changed.
#[must_use]
pub fn has_kept() -> bool {
    KEPT.try_with(Cell::get).unwrap_or(false)
}

/// Runs `work` and counts the statements it ran in this task.
pub async fn counting<F: Future>(work: F) -> (F::Output, u64) {
    STATEMENTS
        .scope(Cell::new(0), async {
            let output = work.await;
            (output, STATEMENTS.with(Cell::get))
        })
        .await
}

#[cfg(test)]
#[path = "tx_tests.rs"]
mod tests;
