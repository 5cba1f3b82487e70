//! Whether the record is whole.

use crate::{App, Result};

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// How many acts are on record.
    pub acts: i64,
    /// The first act that does not follow from the one before it, if any.
    pub broken_at: Option<i64>,
}

/// Goes through the chain of acts.
pub async fn check(app: &App) -> Result<Found> {
    let mut tx = app.db().read().await?;
    Ok(match store::audit::verify(&mut tx).await? {
        Ok(acts) => Found { acts, broken_at: None },
        Err(broken) => Found { acts: broken - 1, broken_at: Some(broken) },
    })
}
