//! SQLite: one file, one writer at a time, readers beside it (WAL).

use crate::checkpoints::LARGEST;
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{
        SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};
use std::{
    str::FromStr,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(30);

/// Readers, the one writer, and a connection that brings changes from the log into the file. `synchronous=FULL`,
/// because a commit that returned is a promise.
pub async fn open(url: &str) -> Result<(SqlitePool, SqlitePool, SqlitePool), sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .foreign_keys(true)
        // As long as one waits for the writer of this process: `debrief import` beside a server holds the lock for a while.
        .busy_timeout(PATIENCE)
        .statement_cache_capacity(256)
        // A long timeline comes over in a few handfuls; every handful wakes two threads.
        .row_buffer_size(1_000)
        .pragma("cache_size", "-8000")
        // What is deleted is gone: withdrawn words stay on no free page (PER-02).
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", LARGEST);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        // A file does not hang up; asking it before every transaction would cost a trip to its thread.
        .test_before_acquire(false)
        .acquire_timeout(PATIENCE)
        .after_release(|connection, _| Box::pin(is_usable(connection)));
    let writer = in_turn(|| writer.clone().connect_with(options.clone())).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(4)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.clone().pragma("query_only", "ON"))
        .await?;
    // Nothing is open until it is needed: most installations have a quiet day.
    let checkpoints = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
    Ok((readers, writer, checkpoints))
}

/// Opens once another process is not just about to: a new file is made ready under a lock that SQLite refuses at once,
/// however long the busy timeout.
async fn in_turn<T, Opening>(open: impl Fn() -> Opening) -> Result<T, sqlx::Error>
where
    Opening: Future<Output = Result<T, sqlx::Error>>,
{
    let begun = Instant::now();
    loop {
        match open().await {
            Err(error) if is_locked(&error) && begun.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(10)).await
            }
            opened => return opened,
        }
    }
}

fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<i64>().ok()).is_some_and(|code| code & 0xff == 5)
}

/// Takes the write lock at once, so that no transaction fails half-way for want of it.
pub async fn begin_write(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    writer.begin_with("BEGIN IMMEDIATE").await
}

/// Whether a connection that is given back may be used again. When SQLite runs out of room it ends the transaction
/// by itself; the driver still counts it as open and would refuse every later one on this connection.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback of a dropped transaction may still be under way; this waits for it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// What keeps other migrations out while one runs: the write lock of the transaction does.
pub const MIGRATION_LOCK: &str = "SELECT 1";

/// One process has the file, so there is nobody to speak to.
pub const NOTIFY: Option<&str> = None;

/// The clock that leases go by, in microseconds since 1970.
pub const CLOCK: &str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

/// One writer at a time needs no locks on rows.
pub const SKIP_LOCKED: &str = "";

/// Nobody else writes while a transaction does, so no row needs a lock of its own.
pub const LOCK_ROWS: Option<&str> = None;

/// The order of texts by their bytes, the same on both databases.
pub const BYTEWISE: &str = "BINARY";

/// Every table with its columns.
pub const CATALOG: &str = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// Every table, those that others belong to last; a table of the search index takes its parts with it.
pub const TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC, rowid DESC";

/// Removes a table.
pub const DROP_TABLE: &str = "DROP TABLE IF EXISTS {}";

/// What the database finds wrong with its file.
pub const DAMAGE: &str = "SELECT integrity_check FROM pragma_integrity_check LIMIT 20";

/// Whether an error with this code means that the database cannot take anything just now. Extended codes keep
/// the low byte: 5 busy, 8 read-only, 10 input or output failed, 13 full, 14 cannot be opened.
pub fn is_unavailable(code: &str) -> bool {
    code.parse::<i64>().is_ok_and(|code| matches!(code & 0xff, 5 | 8 | 10 | 13 | 14))
}
