//! Opening a database and beginning transactions on it.

use crate::{
    checkpoints::Checkpoints,
    dialect::{postgres, sqlite},
    migrate,
    notices::Notices,
    statement::Statement,
    tx::{self, Connection, Error, Tx},
    writer::Writer,
};
use sqlx::{PgPool, SqlitePool};
use std::{path::Path, sync::Arc};

/// Why a database cannot be used. The text is for whoever starts the installation.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address begins with something else than `sqlite:` or `postgres:`.
    #[error("“{0}” is not a database address. Give sqlite://FILE or postgres://USER@HOST/NAME.")]
    Address(String),
    /// The database cannot be reached or opened.
    #[error("The database {place} cannot be opened: {cause}. Nothing was changed.")]
    Unreachable {
        /// Which one, without its password.
        place: String,
        /// What the database said.
        cause: sqlx::Error,
    },
    /// The database was written by a later version.
    #[error(
        "The database was written by a later version (schema {found}; this one knows {known}). Start that version."
    )]
    FromTheFuture {
        /// The newest migration it has.
        found: i64,
        /// The newest migration this version has.
        known: i64,
    },
    /// A migration failed; the database is as it was before it.
    #[error("Migration {version} failed: {cause}. The database is as it was before.")]
    Migration {
        /// Which one.
        version: i64,
        /// What the database said.
        cause: Error,
    },
}

/// An open database with its newest schema. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Db {
    pools: Pools,
}

/// SQLite takes one writer at a time: writers wait in line for one connection, readers have their own.
#[derive(Debug, Clone)]
enum Pools {
    Sqlite { readers: SqlitePool, writer: Arc<Writer>, checkpoints: Arc<Checkpoints> },
    Postgres(PgPool),
}

impl Db {
    /// Opens (and for SQLite creates) the database at `url` and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let unreachable = |cause| OpenError::Unreachable { place: without_password(url), cause };
        let pools = if url.starts_with("sqlite:") {
            let (readers, writer, checkpoints) = sqlite::open(url).await.map_err(unreachable)?;
            let writer = Arc::new(Writer::new(writer));
            Pools::Sqlite { readers, writer, checkpoints: Arc::new(Checkpoints::new(checkpoints)) }
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Pools::Postgres(postgres::open(url).await.map_err(unreachable)?)
        } else {
            return Err(OpenError::Address(without_password(url)));
        };
        let db = Self { pools };
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Opens the SQLite database in `folder`.
    pub async fn open_in(folder: &Path) -> Result<Self, OpenError> {
        Self::open(&format!("sqlite://{}", folder.join("debrief.sqlite").display())).await
    }

    /// A transaction that only reads, on one consistent state.
    pub async fn read(&self) -> Result<Tx, Error> {
        let connection = match &self.pools {
            Pools::Sqlite { readers, .. } => Connection::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => Connection::Postgres(postgres::begin_read(pool).await?),
        };
        Ok(Tx { connection, checkpoints: None })
    }

    /// A transaction that writes.
    pub async fn write(&self) -> Result<Tx, Error> {
        let connection = match &self.pools {
            Pools::Sqlite { writer, .. } => Connection::Sqlite(writer.begin().await?),
            Pools::Postgres(pool) => Connection::Postgres(pool.begin().await?),
        };
        let checkpoints = match &self.pools {
            Pools::Sqlite { checkpoints, .. } => Some(Arc::clone(checkpoints)),
            Pools::Postgres(_) => None,
        };
        Ok(Tx { connection, checkpoints })
    }

    /// Runs a statement that is a transaction of its own: when this returns, what it did is on disk. `None`, and
    /// nothing is done, where several processes write: one statement alone locks nothing before it reads.
    pub(crate) async fn run_alone(&self, statement: Statement) -> Result<Option<u64>, Error> {
        let Pools::Sqlite { writer, checkpoints, .. } = &self.pools else { return Ok(None) };
        let count = writer.run(statement).await?;
        tx::note_commit();
        checkpoints.committed();
        Ok(Some(count))
    }

    /// Whether other processes may work on this record.
    pub const fn has_neighbours(&self) -> bool {
        matches!(self.pools, Pools::Postgres(_))
    }

    /// Lets go of what earlier transactions left in the database's log of changes, so that nothing that was deleted
    /// can be read there. PostgreSQL does so by itself, in its own time.
    pub async fn empty_log(&self) -> Result<(), Error> {
        match &self.pools {
            Pools::Sqlite { writer, checkpoints, .. } => checkpoints.empty(writer).await,
            Pools::Postgres(_) => Ok(()),
        }
    }

    /// A line to the other processes on this record.
    pub async fn listen(&self) -> Result<Notices, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { .. } => Notices::silent(),
            Pools::Postgres(pool) => Notices::heard_by(postgres::listen(pool).await?),
        })
    }

    /// Each pool of connections: its name, how many are open, how many of them idle.
    pub fn pools(&self) -> Vec<(&'static str, usize, usize)> {
        match &self.pools {
            Pools::Sqlite { readers, writer, .. } => {
                let (open, idle) = writer.count();
                vec![("readers", readers.size() as usize, readers.num_idle()), ("writer", open, idle)]
            }
            Pools::Postgres(pool) => vec![("all", pool.size() as usize, pool.num_idle())],
        }
    }

    /// Waits for open transactions and closes.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer, checkpoints } => {
                readers.close().await;
                checkpoints.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.chars().take(40).collect() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_repeated() {
        assert_eq!(without_password("postgres://ada:secret@db.example/x"), "postgres://ada@db.example/x");
        assert_eq!(without_password("sqlite:///tmp/a"), "sqlite:///tmp/a");
    }
}
