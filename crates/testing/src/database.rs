//! A fresh database for each test.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use store::Db;
use tempfile::TempDir;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file in a temporary folder.
    Sqlite,
    /// A database on the cluster that `dev/postgres-for-tests` started.
    Postgres,
    /// The same, with two nodes on it that answer in turn.
    TwoNodes,
}

/// A database that belongs to one test.
#[derive(Debug)]
pub struct Database {
    url: String,
    kind: Kind,
    name: String,
    folder: TempDir,
}

/// Migrated once a run; every test's database is a copy of it.
const TEMPLATE: &str = "debrief_template";
/// Keeps two tests from making the template at once.
const TEMPLATE_LOCK: &str = "SELECT pg_advisory_lock(5038211)";

impl Database {
    /// Its address, as `--database-url` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which database it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// A folder of the test's own, removed with the database.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Removes it. What cannot be removed goes with the cluster or the temporary folder.
    pub async fn remove(self) {
        if self.kind != Kind::Sqlite {
            let removal = async {
                let mut cluster = PgConnection::connect(&address("postgres")).await?;
                let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut cluster).await?;
                cluster.close().await
            };
            let _ = tokio::time::timeout(Duration::from_secs(10), removal).await;
        }
    }
}

/// A fresh, empty database with its newest schema (an empty file on SQLite, migrated when it is opened).
///
/// # Panics
/// If there is no PostgreSQL: tests never skip.
pub async fn database(kind: Kind) -> Database {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let url = match kind {
        Kind::Sqlite => format!("sqlite://{}", folder.path().join("debrief.sqlite").display()),
        Kind::Postgres | Kind::TwoNodes => {
            copy_template(&name).await.expect("a database on the PostgreSQL cluster for tests");
            address(&name)
        }
    };
    Database { url, kind, name, folder }
}

/// Statements that no function offers: what somebody with the database in hand could do, or what a fault leaves
/// behind. Rules about rows that belong together are off, and nothing guards the record of acts any more.
///
/// # Panics
/// If the database does not take them.
pub async fn by_hand(url: &str, statements: &[&str]) {
    let statements = AssertSqlSafe(statements.join(";\n"));
    if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.expect("the database opens");
        let off = "PRAGMA foreign_keys = OFF;
                   DROP TRIGGER IF EXISTS audit_is_not_changed; DROP TRIGGER IF EXISTS audit_is_not_removed";
        sqlx::raw_sql(off).execute(&mut connection).await.expect("rules are off");
        sqlx::raw_sql(statements).execute(&mut connection).await.expect("the statements run");
        connection.close().await.expect("the database closes");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("the database opens");
        let off = sqlx::raw_sql("SET session_replication_role = replica").execute(&mut connection).await;
        off.expect("rules are off");
        sqlx::raw_sql(statements).execute(&mut connection).await.expect("the statements run");
        connection.close().await.expect("the database closes");
    }
}

/// How many rows a table has.
///
/// # Panics
/// If there is no such table.
pub async fn rows(url: &str, table: &str) -> i64 {
    let count = format!("SELECT COUNT(*) FROM {table}");
    let count = if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.expect("the database opens");
        sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut connection).await
    } else {
        let mut connection = PgConnection::connect(url).await.expect("the database opens");
        sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut connection).await
    };
    count.expect("the rows are counted")
}

/// Makes the schema of an empty database the one that an earlier release left.
///
/// # Panics
/// If there is somebody in it already.
pub async fn as_released(url: &str, version: i64) {
    let db = Db::open(url).await.expect("the database opens");
    let mut tx = db.write().await.expect("a transaction");
    store::migrate::go_back(&mut tx, version).await.expect("the schema goes back");
    tx.commit().await.expect("it stays there");
    db.close().await;
}

async fn copy_template(name: &str) -> Result<(), sqlx::Error> {
    let mut cluster = PgConnection::connect(&address("postgres")).await?;
    sqlx::raw_sql(TEMPLATE_LOCK).execute(&mut cluster).await?;
    let known: Option<(i64,)> =
        sqlx::query_as("SELECT CAST(oid AS BIGINT) FROM pg_database WHERE datname = $1")
            .bind(TEMPLATE)
            .fetch_optional(&mut cluster)
            .await?;
    if known.is_none() {
        // Under another name until it is complete, so that no broken one is ever copied.
        let half = format!("{TEMPLATE}_{name}");
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {half}"))).execute(&mut cluster).await?;
        Db::open(&address(&half)).await.expect("the migrations run on PostgreSQL").close().await;
        sqlx::raw_sql(AssertSqlSafe(format!("ALTER DATABASE {half} RENAME TO {TEMPLATE}")))
            .execute(&mut cluster)
            .await?;
    }
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")))
        .execute(&mut cluster)
        .await?;
    // Closing gives the lock back.
    cluster.close().await
}

fn address(name: &str) -> String {
    let cluster = std::env::var("DEBRIEF_TEST_POSTGRES")
        .expect("DEBRIEF_TEST_POSTGRES is not set: run the tests by `make test` or `cargo nextest run`");
    format!("{cluster}/{name}")
}
