//! Brings SQLite's log of changes (the WAL) into its file beside the writer, so that no commit waits for it.
//!
//! Left to itself, SQLite does this in the commit that makes the log a thousand pages long, and whoever waits for
//! that commit waits for two more fsyncs: with five hundred people typing, one key in fifty. It still does where the
//! log outgrows [`LARGEST`], because only the writer can begin the log anew.

use crate::{tx::Result, writer::Writer};
use sqlx::SqlitePool;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use tokio::sync::Mutex;

/// After so many commits there is enough to bring over: each leaves some seven pages when many people type.
const COMMITS: usize = 100;

/// Pages of the log (of 4 KiB) at which the writer brings over what is left itself.
pub(crate) const LARGEST: &str = "8000";

/// The one who brings changes over. Two at once would only be refused, so there are turns.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    connection: SqlitePool,
    commits: AtomicUsize,
    turn: Mutex<()>,
}

impl Checkpoints {
    /// Works by a connection of its own.
    pub(crate) fn new(connection: SqlitePool) -> Self {
        Self { connection, commits: AtomicUsize::new(0), turn: Mutex::new(()) }
    }

    /// A transaction was committed. What it left goes into the file now and then, while the next ones go on.
    pub(crate) fn committed(self: &Arc<Self>) {
        if !(self.commits.fetch_add(1, Relaxed) + 1).is_multiple_of(COMMITS) {
            return;
        }
        // Transactions may end after the runtime; whoever closes the file last brings the rest over.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let this = Arc::clone(self);
        runtime.spawn(async move {
            let Ok(_turn) = this.turn.try_lock() else { return };
            // Never a reason to fail: the log is the record as much as the file is, and the next turn takes both.
            if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&this.connection).await
            {
                tracing::debug!(%error, "changes stay in the log for now");
            }
        });
    }

    /// Brings everything over by the writer's own connection and empties the log, as far as no reader still needs it.
    pub(crate) async fn empty(&self, writer: &Writer) -> Result<()> {
        let _turn = self.turn.lock().await;
        let mut connection = writer.acquire().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
        Ok(())
    }

    /// Waits for a turn under way and closes.
    pub(crate) async fn close(&self) {
        self.connection.close().await;
    }
}
