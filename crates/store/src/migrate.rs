//! Brings the schema up to date: forward only, each migration in a transaction of its own.

use crate::{
    Db,
    db::OpenError,
    dialect::{self, postgres, sqlite},
    sql::{rows, run},
    tx::{Connection, Error, Tx},
};
use sqlx::AssertSqlSafe;

/// A step of the schema: the same text on both databases, and what must differ after it.
struct Migration {
    version: i64,
    shared: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// A migration with one text.
macro_rules! shared {
    ($version:literal, $file:literal) => {
        Migration {
            version: $version,
            shared: include_str!(concat!("../../../migrations/", $file, ".sql")),
            sqlite: "",
            postgres: "",
        }
    };
}

/// A migration of which a part must differ: `NNNN_name.sql`, then `NNNN_name.sqlite.sql` or
/// `NNNN_name.postgres.sql`.
macro_rules! parted {
    ($version:literal, $file:literal) => {
        Migration {
            version: $version,
            shared: include_str!(concat!("../../../migrations/", $file, ".sql")),
            sqlite: include_str!(concat!("../../../migrations/", $file, ".sqlite.sql")),
            postgres: include_str!(concat!("../../../migrations/", $file, ".postgres.sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    shared!(1, "0001_record"),
    parted!(2, "0002_operations"),
    shared!(3, "0003_reach"),
    shared!(4, "0004_identity"),
    shared!(5, "0005_sources"),
    shared!(6, "0006_timeline"),
    shared!(7, "0007_language"),
    shared!(12, "0012_places"),
    shared!(13, "0013_evidence_files"),
    shared!(14, "0014_provider"),
    shared!(15, "0015_withdrawals"),
    shared!(16, "0016_vocabulary"),
    shared!(17, "0017_fields"),
    shared!(18, "0018_service_names"),
    shared!(20, "0020_sns"),
    shared!(21, "0021_idea_origins"),
    shared!(22, "0022_recent_edits"),
];

/// Runs what is missing. Safe to run on several nodes at once and to interrupt at any point.
pub(crate) async fn run(db: &Db) -> Result<(), OpenError> {
    let found = applied(db).await.map_err(|cause| OpenError::Migration { version: 0, cause })?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if let Some(found) = found.iter().copied().find(|version| !is_known(*version)) {
        return Err(OpenError::FromTheFuture { found, known });
    }
    for migration in MIGRATIONS.iter().filter(|migration| !found.contains(&migration.version)) {
        apply(db, migration)
            .await
            .map_err(|cause| OpenError::Migration { version: migration.version, cause })?;
    }
    Ok(())
}

fn is_known(version: i64) -> bool {
    MIGRATIONS.iter().any(|migration| migration.version == version)
}

/// The migrations that the database has.
async fn applied(db: &Db) -> Result<Vec<i64>, Error> {
    let mut tx = db.write().await?;
    lock(&mut tx).await?;
    run!(&mut tx, "CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY)")?;
    let versions = versions(&mut tx).await?;
    tx.commit().await?;
    Ok(versions)
}

async fn apply(db: &Db, migration: &Migration) -> Result<(), Error> {
    let mut tx = db.write().await?;
    lock(&mut tx).await?;
    // Another node may have been faster.
    if versions(&mut tx).await?.contains(&migration.version) {
        return Ok(());
    }
    step(&mut tx, migration).await?;
    tx.commit().await
}

async fn step(tx: &mut Tx, migration: &Migration) -> Result<(), Error> {
    let own = dialect::choose(tx, migration.sqlite, migration.postgres);
    for text in [migration.shared, own] {
        several(tx, text.to_owned()).await?;
    }
    run!(tx, "INSERT INTO migrations (version) VALUES ($1)", migration.version)?;
    Ok(())
}

/// Makes the schema of an empty installation that of an earlier release, so that what was backed up then can
/// be added as it was, and [`catch_up`] does to it what it does to every record. The transaction holds it all.
pub async fn go_back(tx: &mut Tx, version: i64) -> Result<(), Error> {
    let all = dialect::choose(tx, sqlite::TABLES, postgres::TABLES);
    let tables = rows!(tx, (String,), all)?;
    let drop = dialect::choose(tx, sqlite::DROP_TABLE, postgres::DROP_TABLE);
    for (table,) in tables.iter().filter(|(table,)| table != "migrations") {
        several(tx, drop.replace("{}", table)).await?;
    }
    run!(tx, "DELETE FROM migrations")?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version <= version) {
        step(tx, migration).await?;
    }
    Ok(())
}

/// Runs what is missing since, in the same transaction.
pub async fn catch_up(tx: &mut Tx) -> Result<(), Error> {
    let found = versions(tx).await?;
    for migration in MIGRATIONS.iter().filter(|migration| !found.contains(&migration.version)) {
        step(tx, migration).await?;
    }
    Ok(())
}

async fn several(tx: &mut Tx, text: String) -> Result<(), Error> {
    let text = AssertSqlSafe(text);
    match &mut tx.connection {
        Connection::Sqlite(connection) => sqlx::raw_sql(text).execute(&mut **connection).await.map(drop),
        Connection::Postgres(connection) => sqlx::raw_sql(text).execute(&mut **connection).await.map(drop),
    }?;
    Ok(())
}

async fn versions(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    let found = rows!(tx, (i64,), "SELECT version FROM migrations ORDER BY version")?;
    Ok(found.into_iter().map(|(version,)| version).collect())
}

async fn lock(tx: &mut Tx) -> Result<(), Error> {
    let text = match &tx.connection {
        Connection::Sqlite(_) => sqlite::MIGRATION_LOCK,
        Connection::Postgres(_) => postgres::MIGRATION_LOCK,
    };
    run!(tx, text)?;
    Ok(())
}
