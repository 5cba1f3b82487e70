//! Backups: the whole record as one file that either database reads back, written while people work.
//!
//! One read transaction sees one state, so the file is consistent however long it takes: it holds every edit
//! that was acknowledged before it began. The file appears under its name only when it is complete and on
//! disk. See `docs/operating.md` for its format.

mod bundle;
mod lines;
mod restoring;
mod schedule;

pub use bundle::{Manifest, Part};
pub(crate) use lines::Sums;
pub(crate) use restoring::not_empty;
pub use restoring::{Restored, restore};
pub use schedule::{Schedule, make_if_due};

use crate::{App, Error, Result};
use domain::access::{Action, Actor};
use std::{
    path::{Path, PathBuf},
    sync::atomic::Ordering::Relaxed,
};
use store::{Tx, audit, copying, tables::TABLES};
use tokio::sync::mpsc;

/// How many batches may wait between the database and the file; each has about a megabyte at most.
const WAITING: usize = 4;

/// A backup that was written.
#[derive(Debug)]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// What it holds.
    pub manifest: Manifest,
}

/// Writes everything into `path`. A file that is there already is only replaced if `replace` says so.
pub async fn write(app: &App, actor: &Actor, path: &Path, replace: bool) -> Result<Backup> {
    if !replace && path.exists() {
        return Err(Error::conflict(format!(
            "{} is there already and was left as it is. Give another name, or add --force to replace it.",
            path.display()
        )));
    }
    let mut tx = app.read(actor, Action::Administer).await?;
    let written = fill(app, &mut tx, path).await;
    drop(tx);
    let counted = app.counted();
    match &written {
        Ok(backup) => {
            counted.backups.fetch_add(1, Relaxed);
            let at = backup.manifest.created_at.as_micros() / 1_000_000;
            counted.last_backup_at.store(u64::try_from(at).unwrap_or(0), Relaxed);
            counted.last_backup_bytes.store(backup.bytes, Relaxed);
            tracing::info!(path = %backup.path.display(), bytes = backup.bytes, "backup written");
        }
        Err(error) => {
            counted.backups_failed.fetch_add(1, Relaxed);
            tracing::error!(error = error as &dyn std::error::Error, "no backup was written");
        }
    }
    written
}

async fn fill(app: &App, tx: &mut Tx, path: &Path) -> Result<Backup> {
    let (seq, digest) = audit::head(tx).await?;
    let begun = bundle::Begun {
        schema: copying::schema(tx).await?,
        created_at: app.now(),
        acts: bundle::Acts { seq, digest: digest.to_string() },
        newest_life: copying::newest_life(tx).await?,
    };
    let (to_file, batches) = mpsc::channel(WAITING);
    let target = path.to_owned();
    let writing = tokio::task::spawn_blocking(move || bundle::write(&target, begun, batches));
    for table in TABLES {
        // If nobody listens any more, the writer says why.
        if !copying::read(tx, table, &table.carried(), &to_file).await? {
            break;
        }
    }
    // Only a complete record may be finished; if reading failed above, the writer never gets this word.
    let _ = to_file.send(bundle::END).await;
    drop(to_file);
    let (manifest, bytes) = writing.await.map_err(Error::internal)?.map_err(unwritable(path))?;
    Ok(Backup { path: path.to_owned(), bytes, manifest })
}

fn unwritable(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.display().to_string();
    move |cause| Error::Unavailable(format!("{path} cannot be written: {cause}. No backup was made."))
}
