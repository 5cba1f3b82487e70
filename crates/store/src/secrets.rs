//! Sealed secrets by name. What is in them only `app::secrets` can read.

use crate::{
    sql::{row, rows, run},
    tx::{Result, Tx},
};
use domain::Instant;

/// A secret under its seal.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Sealed {
    /// What it belongs to.
    pub name: String,
    /// Which key sealed it.
    pub key: String,
    /// The seal with what is in it.
    pub sealed: Vec<u8>,
}

/// Keeps a secret; one of the same name is replaced.
pub async fn put(tx: &mut Tx, secret: &Sealed, at: Instant) -> Result<()> {
    run!(
        tx,
        "INSERT INTO secrets (name, key, sealed, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET key = excluded.key, sealed = excluded.sealed, at = excluded.at",
        secret.name.as_str(),
        secret.key.as_str(),
        secret.sealed.as_slice(),
        at.as_micros()
    )?;
    Ok(())
}

/// The secret of this name.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Sealed>> {
    row!(tx, Sealed, "SELECT name, key, sealed FROM secrets WHERE name = $1", name)
}

/// All of them, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Sealed>> {
    rows!(tx, Sealed, "SELECT name, key, sealed FROM secrets ORDER BY name")
}

/// Whether there is any.
pub async fn any(tx: &mut Tx) -> Result<bool> {
    let found: Option<(String,)> = row!(tx, (String,), "SELECT name FROM secrets LIMIT 1")?;
    Ok(found.is_some())
}

/// Removes a secret; whether there was one.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    Ok(run!(tx, "DELETE FROM secrets WHERE name = $1", name)? > 0)
}
