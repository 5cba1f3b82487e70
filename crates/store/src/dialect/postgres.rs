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

/// The clock that leases go by, in microseconds since 1970: that of the database, which all nodes share.
pub const CLOCK: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// Rows that another node is just taking are passed over, not waited for.
pub const SKIP_LOCKED: &str = " FOR UPDATE SKIP LOCKED";

/// How rows are kept from being changed by others until the transaction ends, at the end of a `SELECT`.
pub const LOCK_ROWS: Option<&str> = Some("FOR NO KEY UPDATE");

/// The order of texts by their bytes, the same on both databases.
pub const BYTEWISE: &str = "\"C\"";

/// Every table with its columns.
pub const CATALOG: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT)
    FROM information_schema.columns WHERE table_schema = current_schema()";

/// Every table.
pub const TABLES: &str = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()";

/// Removes a table with what points to it.
pub const DROP_TABLE: &str = "DROP TABLE IF EXISTS {} CASCADE";

/// What the database holds to be unfinished or broken: indexes that do not count, rules that were not tried.
pub const DAMAGE: &str = "SELECT 'index ' || CAST(indexrelid AS regclass) || ' is not valid' FROM pg_index
    WHERE NOT indisvalid
    UNION ALL SELECT 'constraint ' || conname || ' was never validated' FROM pg_constraint WHERE NOT convalidated";

/// Whether an error with this code means that the database cannot take anything just now: the connection broke
/// (08), it only reads (25006), is full or out of something (53), is stopping (57P) or its disk failed (58).
pub fn is_unavailable(code: &str) -> bool {
    ["08", "25006", "53", "57P", "58"].iter().any(|class| code.starts_with(class))
}
