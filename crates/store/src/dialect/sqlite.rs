//! SQLite: one file, one writer at a time, readers beside it (WAL).

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{
        SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};
use std::{str::FromStr, time::Duration};

/// Readers and the one writer. `synchronous=FULL`, because a commit that returned is a promise.
pub async fn open(url: &str) -> Result<(SqlitePool, SqlitePool), sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(256)
        .pragma("cache_size", "-8000")
        .pragma("temp_store", "MEMORY");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options.clone())
        .await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    Ok((readers, writer))
}

/// Takes the write lock at once, so that no transaction fails half-way for want of it.
pub async fn begin_write(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    writer.begin_with("BEGIN IMMEDIATE").await
}

/// What keeps other migrations out while one runs: the write lock of the transaction does.
pub const MIGRATION_LOCK: &str = "SELECT 1";

/// One process has the file, so there is nobody to speak to.
pub const NOTIFY: Option<&str> = None;
