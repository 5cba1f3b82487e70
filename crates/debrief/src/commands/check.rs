//! `debrief check`: is the record whole?

use crate::{commands::put, configuration::Configuration, failure::Failure};

/// Opens the record and goes through the chain of acts.
pub async fn run(configuration: &Configuration) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let found = app::checking::check(&app).await?;
    app.shut_down().await;
    match found.broken_at {
        None => put(
            format!("The record is whole: {} acts, each follows from the one before.\n", found.acts)
                .as_bytes(),
            None,
        ),
        Some(seq) => Err(Failure::new(format!(
            "The chain of acts breaks at entry {seq}: it or one before it was changed outside Debrief. Compare with a backup."
        ))),
    }
}
