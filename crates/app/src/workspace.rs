//! The workspace: its name, its premise, how long ideas rest.

use crate::{App, Error, Result};
use domain::access::Actor;

/// What holds for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// What this place is called.
    pub name: String,
    /// The premise shown where people write and meet (LAN-06).
    pub premise: String,
    /// How long ideas rest, in hours, 24 to 72.
    pub soak_hours: i64,
    /// Counts changes.
    pub revision: i64,
}

/// The workspace; defaults before it is set up. Kept in memory, so it costs no statement.
pub async fn show(app: &App) -> Result<Workspace> {
    let _ = app;
    Err(Error::internal("not built yet"))
}

/// Changes the workspace.
pub async fn edit(app: &App, actor: &Actor, change: Workspace) -> Result<Workspace> {
    let _ = (app, actor, change);
    Err(Error::internal("not built yet"))
}

/// What the record says, or the defaults before it is set up.
pub(crate) async fn load(tx: &mut store::Tx) -> std::result::Result<Workspace, store::Error> {
    let _ = tx;
    Ok(Workspace { name: "Debrief".into(), premise: String::new(), soak_hours: 48, revision: 0 })
}
