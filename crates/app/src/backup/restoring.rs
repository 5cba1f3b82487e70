//! Back from a file into an installation that is still empty, in one transaction: all of it or nothing.

use super::{
    WAITING,
    bundle::{self, Manifest, Unusable},
};
use crate::{App, Error, Result};
use domain::access::{Action, Actor};
use std::{collections::HashMap, path::Path};
use store::{
    Tx, audit,
    copying::{self, Value},
    migrate,
    tables::{Column, Kind},
};
use tokio::sync::mpsc;

/// What a restore brought back.
#[derive(Debug)]
pub struct Restored {
    /// What the file said it held.
    pub manifest: Manifest,
    /// The first act that does not follow from the one before it. It did not when the backup was made either:
    /// a backup keeps what it finds.
    pub broken_at: Option<i64>,
}

/// Restores the backup at `path`.
///
/// Shared documents begin a new life, so that browsers which still hold an old text drop it instead of
/// merging it into the restored one. People sign in anew.
pub async fn restore(app: &App, actor: &Actor, path: &Path) -> Result<Restored> {
    let mut tx = app.write(actor, Action::Administer).await?;
    if !copying::is_empty(&mut tx).await? {
        return Err(not_empty("Restore into an empty one: give another --data-dir or --database-url."));
    }
    let (file, schema) = (path.to_owned(), copying::schema(&mut tx).await?);
    let manifest = tokio::task::spawn_blocking(move || bundle::verify(&file, schema))
        .await
        .map_err(Error::internal)??;
    fill(app, &mut tx, path, &manifest).await?;
    let (seq, digest) = audit::head(&mut tx).await?;
    if (seq, digest.to_string()) != (manifest.acts.seq, manifest.acts.digest.clone()) {
        return Err(Unusable::Damaged(path.to_owned(), "audit_head".into()).into());
    }
    let broken_at = audit::verify(&mut tx).await?.err();
    let workspace = crate::workspace::load(&mut tx).await?;
    tx.commit().await?;
    app.keep_workspace(workspace);
    tracing::info!(path = %path.display(), acts = seq, "restored from a backup");
    Ok(Restored { manifest, broken_at })
}

/// The refusal to write over a record.
pub(crate) fn not_empty(remedy: &str) -> Error {
    Error::conflict(format!("There is a record already, which was left as it is. {remedy}"))
}

async fn fill(app: &App, tx: &mut Tx, path: &Path, manifest: &Manifest) -> Result<()> {
    // An older record is brought up to date like any other: its rows come into the schema they were written
    // from, then every later migration runs over them.
    let older = manifest.schema < copying::schema(tx).await?;
    if older {
        migrate::go_back(tx, manifest.schema).await?;
    }
    copying::clear(tx).await?;
    bring_rows(app, tx, path, manifest).await?;
    if older {
        migrate::catch_up(tx).await?;
    }
    Ok(())
}

async fn bring_rows(app: &App, tx: &mut Tx, path: &Path, manifest: &Manifest) -> Result<()> {
    let life = app.now().as_micros().max(manifest.newest_life + 1);
    let mut columns: HashMap<&str, Vec<&'static Column>> = HashMap::new();
    for part in &manifest.parts {
        if let Some(of_part) = bundle::columns(part) {
            columns.insert(&part.table, of_part);
        }
    }
    let (to_record, mut batches) = mpsc::channel(WAITING);
    let file = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || bundle::read(&file, &to_record));
    while let Some(batch) = batches.recv().await {
        let Some(known) = columns.get(batch.table.name) else { continue };
        let lives = batch.table.columns.iter().filter(|column| column.kind == Kind::Life);
        let all: Vec<&'static Column> = known.iter().copied().chain(lives).collect();
        let mut rows = batch.rows;
        for row in &mut rows {
            row.resize(all.len(), Value::Number(Some(life)));
        }
        copying::insert(tx, batch.table, &all, rows).await?;
    }
    Ok(reading.await.map_err(Error::internal)??)
}

impl From<Unusable> for Error {
    fn from(unusable: Unusable) -> Self {
        Self::Invalid { field: None, message: format!("{unusable} Nothing was changed.") }
    }
}
