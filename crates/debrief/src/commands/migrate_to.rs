//! `debrief migrate-to`: this installation into another database.

use crate::{arguments::MigrateTo, commands::put, configuration::Configuration, failure::Failure};
use domain::access::Actor;

/// Copies everything, compares and says how to go on.
pub async fn run(configuration: &Configuration, target: MigrateTo) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let moved = app::moving::move_to(&app, &Actor::installation(), &target.url).await;
    app.shut_down().await;
    let moved = moved?;
    put(
        format!(
            "Copied {} rows of {} tables and compared them; they are equal. Start with --database-url from now on. \
             The old database is as it was; everybody signs in anew.\n",
            moved.rows, moved.tables
        )
        .as_bytes(),
        None,
    )
}
