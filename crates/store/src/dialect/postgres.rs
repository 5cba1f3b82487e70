//! PostgreSQL: several nodes on one database.

use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

/// A pool with limits on how long anything may hang.
pub async fn open(url: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("debrief");
    PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
}

/// One consistent state for all statements of a page.
pub async fn begin_read(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
}

/// What keeps other migrations out while one runs, on any node.
pub const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7214093518830121)";

/// The channel on which processes speak to each other.
const CHANNEL: &str = "debrief";

/// What other processes say. Holds a connection of the pool for itself.
pub async fn listen(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// How a transaction says something to other processes when it commits; payloads have at most 8,000 bytes.
pub const NOTIFY: Option<&str> = Some("SELECT pg_notify('debrief', $1)");
