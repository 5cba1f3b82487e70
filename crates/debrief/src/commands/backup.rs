//! `debrief backup`: the whole record as one file.

use crate::{arguments::Backup, commands::put, configuration::Configuration, failure::Failure};
use domain::access::Actor;

/// Writes the file; the server may run meanwhile.
pub async fn run(configuration: &Configuration, backup: Backup) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let written = app::backup::write(&app, &Actor::installation(), &backup.file, backup.force).await;
    app.shut_down().await;
    let written = written?;
    let rows: u64 = written.manifest.parts.iter().map(|part| part.rows).sum();
    let (path, bytes) = (written.path.display(), written.bytes);
    let (at, acts) = (written.manifest.created_at, written.manifest.acts.seq);
    put(format!("{path}: {rows} rows, {acts} acts, {bytes} bytes; the state of {at}.\n").as_bytes(), None)
}
