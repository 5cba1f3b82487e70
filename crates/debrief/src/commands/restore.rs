//! `debrief restore`: a backup into an installation that is still empty.

use crate::{arguments::Restore, commands::put, configuration::Configuration, failure::Failure};
use domain::access::Actor;

/// Restores everything or nothing.
pub async fn run(configuration: &Configuration, restore: Restore) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let restored = app::backup::restore(&app, &Actor::installation(), &restore.file).await;
    app.shut_down().await;
    let restored = restored?;
    let rows: u64 = restored.manifest.parts.iter().map(|part| part.rows).sum();
    let (at, acts) = (restored.manifest.created_at, restored.manifest.acts.seq);
    put(
        format!("Restored {rows} rows and {acts} acts, the state of {at}. Everybody signs in anew.\n")
            .as_bytes(),
        None,
    )?;
    match restored.broken_at {
        None => Ok(()),
        Some(seq) => Err(Failure::new(format!(
            "The chain of acts breaks at act {seq}, as it did when the backup was made. `debrief check` says more."
        ))),
    }
}
