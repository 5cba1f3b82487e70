//! The workspace: at most one row, made when it is set up.

use crate::{
    sql::{row, run},
    tx::{Result, Tx},
};

/// What holds for everybody.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Workspace {
    /// What this place is called.
    pub name: String,
    /// The premise shown where people write and meet.
    pub premise: String,
    /// How long ideas rest, in hours.
    pub soak_hours: i64,
    /// What it calls what is written about an incident.
    pub term: String,
    /// The same for several.
    pub terms: String,
    /// Counts changes, from 1.
    pub revision: i64,
}

/// The workspace, once it is set up.
pub async fn load(tx: &mut Tx) -> Result<Option<Workspace>> {
    row!(tx, Workspace, "SELECT name, premise, soak_hours, term, terms, revision FROM workspace WHERE id = 1")
}

/// Keeps the workspace if the record still has the revision before `workspace.revision` (or has none yet, and
/// `workspace.revision` is 1); whether it was kept.
pub async fn save(tx: &mut Tx, workspace: &Workspace) -> Result<bool> {
    let Workspace { name, premise, soak_hours, term, terms, revision } = workspace;
    let kept = if *revision == 1 {
        run!(
            tx,
            "INSERT INTO workspace (id, name, premise, soak_hours, term, terms, revision)
             VALUES (1, $1, $2, $3, $4, $5, 1)
             ON CONFLICT (id) DO NOTHING",
            name.as_str(),
            premise.as_str(),
            *soak_hours,
            term.as_str(),
            terms.as_str()
        )?
    } else {
        run!(
            tx,
            "UPDATE workspace SET name = $1, premise = $2, soak_hours = $3, term = $4, terms = $5, revision = revision + 1
             WHERE id = 1 AND revision = $6 - 1",
            name.as_str(),
            premise.as_str(),
            *soak_hours,
            term.as_str(),
            terms.as_str(),
            *revision
        )?
    };
    Ok(kept > 0)
}
