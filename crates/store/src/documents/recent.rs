//! The edits that were kept last, until they go where their documents are.
//!
//! An edit in its document's place of a large index changes a page of that index, so that a transaction with edits of
//! twenty documents writes twenty pages and more to disk. At the end of one small table they share two or three.
//! Whatever reads the log reads both ([`log`]); whatever asks for last numbers or takes edits away puts the recent ones
//! in their places first.

use crate::{
    Db, dialect,
    sql::{row, run},
    tx::{Result, Tx},
};

/// From so many on recent edits are put away: few enough to be read whole by whoever opens a document, and to be moved
/// between two transactions.
pub(super) const MANY: usize = 1_024;

/// Rows of the log, the recent ones with them: `$columns` of those that meet `$condition`.
macro_rules! log {
    ($columns:literal, $($condition:expr),+) => {
        concat!(
            "SELECT ", $columns, " FROM document_updates WHERE ", $($condition),+,
            " UNION ALL SELECT ", $columns, " FROM recent_edits WHERE ", $($condition),+
        )
    };
}
pub(crate) use log;

/// Whether edits are kept here. Where rows need locks, several processes number edits together, and each edit takes its
/// place at once.
pub(super) fn are_kept(tx: &Tx) -> bool {
    dialect::choose_lock(tx).is_none()
}

/// Puts recent edits away, in a transaction of its own.
pub async fn put_recent_away(db: &Db) -> Result<()> {
    let mut tx = db.write().await?;
    put_away(&mut tx).await?;
    tx.commit().await
}

/// Puts recent edits where their documents are. Their numbers stay what they are.
pub(super) async fn put_away(tx: &mut Tx) -> Result<()> {
    if !are_kept(tx) {
        return Ok(());
    }
    run!(
        tx,
        "INSERT INTO document_updates (document, seq, body, author, at)
         SELECT document, seq, body, author, at FROM recent_edits ORDER BY document, seq"
    )?;
    run!(tx, "DELETE FROM recent_edits").map(drop)
}

/// Says that numbers or lives may be others from now on than those that somebody remembers.
pub(super) async fn begin_generation(tx: &mut Tx) -> Result<()> {
    if !are_kept(tx) {
        return Ok(());
    }
    run!(
        tx,
        "INSERT INTO edit_generations (id, generation) VALUES (1, 1)
         ON CONFLICT (id) DO UPDATE SET generation = edit_generations.generation + 1"
    )
    .map(drop)
}

/// How often that was said; 0 if never.
pub(super) async fn generation(tx: &mut Tx) -> Result<i64> {
    let found = row!(tx, (i64,), "SELECT generation FROM edit_generations WHERE id = 1")?;
    Ok(found.map_or(0, |(generation,)| generation))
}
