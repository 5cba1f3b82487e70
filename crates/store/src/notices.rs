//! What processes on one record tell each other. On SQLite there is one process, and nothing is said.

use crate::{
    dialect::{postgres, sqlite},
    sql::run,
    tx::{Connection, Result, Tx},
};
use sqlx::postgres::PgListener;

/// Something heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A word of some process, one's own included.
    Said(String),
    /// The line was interrupted: words may have been missed.
    Interrupted,
}

/// A line to the other processes.
#[derive(Debug)]
pub struct Notices {
    listener: Option<PgListener>,
}

impl Notices {
    pub(crate) const fn silent() -> Self {
        Self { listener: None }
    }

    pub(crate) const fn heard_by(listener: PgListener) -> Self {
        Self { listener: Some(listener) }
    }

    /// Whether there is anybody to hear.
    pub const fn anybody(&self) -> bool {
        self.listener.is_some()
    }

    /// The next thing heard; waits for ever where there is nobody. A lost connection is made anew.
    pub async fn next(&mut self) -> Notice {
        let Some(listener) = &mut self.listener else { return std::future::pending().await };
        match listener.try_recv().await {
            Ok(Some(notification)) => Notice::Said(notification.payload().to_owned()),
            Ok(None) => Notice::Interrupted,
            Err(sqlx::Error::PoolClosed) => {
                // Closing waits for every connection, so this one is given back.
                self.listener = None;
                std::future::pending().await
            }
            Err(error) => {
                tracing::warn!(%error, "other processes cannot be heard just now");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                Notice::Interrupted
            }
        }
    }
}

/// Says something to every process when the transaction commits, and nothing if it does not.
pub async fn say(tx: &mut Tx, words: &str) -> Result<()> {
    let statement = match &tx.connection {
        Connection::Sqlite(_) => sqlite::NOTIFY,
        Connection::Postgres(_) => postgres::NOTIFY,
    };
    if let Some(statement) = statement {
        run!(tx, statement, words)?;
    }
    Ok(())
}
