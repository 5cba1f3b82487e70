//! Brings the schema up to date: forward only, each migration in a transaction of its own.

use crate::{
    Db,
    db::OpenError,
    dialect::{postgres, sqlite},
    sql::{row, run},
    tx::{Connection, Error, Tx},
};

/// A step of the schema: the same text on both databases unless the two must differ.
struct Migration {
    version: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

/// A migration with one text.
macro_rules! shared {
    ($version:literal, $file:literal) => {
        Migration {
            version: $version,
            sqlite: include_str!(concat!("../../../migrations/", $file, ".sql")),
            postgres: include_str!(concat!("../../../migrations/", $file, ".sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[shared!(1, "0001_record")];

/// Runs what is missing. Safe to run on several nodes at once and to interrupt at any point.
pub(crate) async fn run(db: &Db) -> Result<(), OpenError> {
    let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
    let found = applied(db).await.map_err(|cause| OpenError::Migration { version: 0, cause })?;
    if found > known {
        return Err(OpenError::FromTheFuture { found, known });
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        apply(db, migration)
            .await
            .map_err(|cause| OpenError::Migration { version: migration.version, cause })?;
    }
    Ok(())
}

/// The newest migration the database has, 0 for an empty one.
async fn applied(db: &Db) -> Result<i64, Error> {
    let mut tx = db.write().await?;
    lock(&mut tx).await?;
    run!(&mut tx, "CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY)")?;
    let newest = newest(&mut tx).await?;
    tx.commit().await?;
    Ok(newest)
}

async fn apply(db: &Db, migration: &Migration) -> Result<(), Error> {
    let mut tx = db.write().await?;
    lock(&mut tx).await?;
    // Another node may have been faster.
    if newest(&mut tx).await? >= migration.version {
        return Ok(());
    }
    match &mut tx.connection {
        Connection::Sqlite(connection) => {
            sqlx::raw_sql(migration.sqlite).execute(&mut **connection).await.map(drop)
        }
        Connection::Postgres(connection) => {
            sqlx::raw_sql(migration.postgres).execute(&mut **connection).await.map(drop)
        }
    }?;
    run!(&mut tx, "INSERT INTO migrations (version) VALUES ($1)", migration.version)?;
    tx.commit().await
}

async fn newest(tx: &mut Tx) -> Result<i64, Error> {
    let newest: Option<(i64,)> = row!(tx, (i64,), "SELECT COALESCE(MAX(version), 0) FROM migrations")?;
    Ok(newest.map_or(0, |(version,)| version))
}

async fn lock(tx: &mut Tx) -> Result<(), Error> {
    let text = match &tx.connection {
        Connection::Sqlite(_) => sqlite::MIGRATION_LOCK,
        Connection::Postgres(_) => postgres::MIGRATION_LOCK,
    };
    run!(tx, text)?;
    Ok(())
}
