//! What was brought in, by whom, and what came of it.

use crate::{
    sql::{row, run},
    tx::{Result, Tx},
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

/// Keeps an import.
pub async fn insert(tx: &mut Tx, import: &Import) -> Result<()> {
    run!(
        tx,
        "INSERT INTO imports (id, person, at, files, outcome) VALUES ($1, $2, $3, $4, $5)",
        import.id.0,
        import.person.map(|person| person.0),
        import.at.as_micros(),
        serde_json::Value::from(import.files.clone()).to_string(),
        import.outcome.as_str()
    )?;
    Ok(())
}

/// One import.
pub async fn find(tx: &mut Tx, id: ImportId) -> Result<Option<Import>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        person: Option<uuid::Uuid>,
        at: i64,
        files: String,
        outcome: String,
    }
    let found = row!(tx, Row, "SELECT person, at, files, outcome FROM imports WHERE id = $1", id.0)?;
    Ok(found.map(|row| Import {
        id,
        person: row.person.map(PersonId),
        at: Instant::from_micros(row.at),
        files: serde_json::from_str(&row.files).unwrap_or_default(),
        outcome: row.outcome,
    }))
}
