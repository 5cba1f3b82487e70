//! What was brought in, by whom, and what came of it.

use crate::{
    dialect::{self, postgres, sqlite},
    sql::run,
    statement::Statement,
    tx::{Error, Result, Tx},
};
use domain::{ImportId, Instant, PersonId};

/// An act of bringing records in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Which one.
    pub id: ImportId,
    /// Who; `None` for the installation itself.
    pub person: Option<PersonId>,
    /// When.
    pub at: Instant,
    /// The names of the files.
    pub files: Vec<String>,
    /// What came of it, as JSON text.
    pub outcome: String,
}

/// Where an import stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Its process is at work: what it does, and how far it is in thousandths.
    Running {
        /// In words.
        doing: String,
        /// From 0 to 1,000.
        share: i64,
    },
    /// Its process ended without a word, and with it the transaction that held everything.
    Interrupted,
    /// It brought nothing in; one sentence why.
    Failed(String),
    /// Everything is on record.
    Done,
}

/// Whoever says nothing for so many microseconds is gone.
const SILENCE: i64 = 60_000_000;

/// Puts on record that an import begins; one of the same id begins anew.
pub async fn begin(tx: &mut Tx, import: &Import, doing: &str) -> Result<()> {
    let clock = dialect::choose(tx, sqlite::CLOCK, postgres::CLOCK);
    let mut statement = Statement::new(
        "INSERT INTO imports (id, person, at, files, outcome, state, doing, share, seen_at) VALUES (",
    );
    statement.bind(import.id.0).text(", ").bind(import.person.map(|person| person.0)).text(", ");
    statement.bind(import.at.as_micros()).text(", ").bind(files(import)).text(", '{}', 'running', ");
    statement.bind(doing).text(", 0, ").text(clock).text(
        ") ON CONFLICT (id) DO UPDATE SET state = excluded.state, doing = excluded.doing, share = 0,
             seen_at = excluded.seen_at",
    );
    statement.run(tx).await?;
    Ok(())
}

/// Says how far an import is, in thousandths.
pub async fn tell(tx: &mut Tx, id: ImportId, doing: &str, share: i64) -> Result<()> {
    let clock = dialect::choose(tx, sqlite::CLOCK, postgres::CLOCK);
    let mut statement = Statement::new("UPDATE imports SET doing = ");
    statement.bind(doing).text(", share = ").bind(share).text(", seen_at = ").text(clock);
    statement.text(" WHERE id = ").bind(id.0).text(" AND state = 'running'");
    statement.run(tx).await?;
    Ok(())
}

/// Says that an import brought nothing in, and why.
pub async fn fail(tx: &mut Tx, id: ImportId, why: &str) -> Result<()> {
    run!(
        tx,
        "UPDATE imports SET state = 'failed', doing = $1 WHERE id = $2 AND state = 'running'",
        why,
        id.0
    )?;
    Ok(())
}

/// Keeps an import that is done.
pub async fn insert(tx: &mut Tx, import: &Import) -> Result<()> {
    run!(
        tx,
        "INSERT INTO imports (id, person, at, files, outcome) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET
             at = excluded.at, files = excluded.files, outcome = excluded.outcome,
             state = 'done', doing = '', share = 1000",
        import.id.0,
        import.person.map(|person| person.0),
        import.at.as_micros(),
        files(import),
        import.outcome.as_str()
    )?;
    Ok(())
}

fn files(import: &Import) -> String {
    serde_json::Value::from(import.files.clone()).to_string()
}

/// One import and where it stands.
pub async fn find(tx: &mut Tx, id: ImportId) -> Result<Option<(Import, Standing)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        person: Option<uuid::Uuid>,
        at: i64,
        files: String,
        outcome: String,
        state: String,
        doing: String,
        share: i64,
        silent: Option<i64>,
    }
    let clock = dialect::choose(tx, sqlite::CLOCK, postgres::CLOCK);
    let mut statement = Statement::new("SELECT person, at, files, outcome, state, doing, share, ");
    statement.text(clock).text(" - seen_at AS silent FROM imports WHERE id = ").bind(id.0);
    let Some(row) = statement.rows::<Row>(tx).await?.pop() else { return Ok(None) };
    let standing = match row.state.as_str() {
        "done" => Standing::Done,
        "failed" => Standing::Failed(row.doing),
        "running" if row.silent.is_some_and(|silent| silent < SILENCE) => {
            Standing::Running { doing: row.doing, share: row.share }
        }
        "running" => Standing::Interrupted,
        other => return Err(Error::unknown("an import's state", other)),
    };
    let import = Import {
        id,
        person: row.person.map(PersonId),
        at: Instant::from_micros(row.at),
        files: serde_json::from_str(&row.files).unwrap_or_default(),
        outcome: row.outcome,
    };
    Ok(Some((import, standing)))
}
