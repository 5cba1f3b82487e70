//! `debrief head`: where the chain of acts stands, signed.

use crate::{arguments::Head, commands::put, configuration::Configuration, failure::Failure};
use domain::access::Actor;

/// Writes the head.
pub async fn run(configuration: &Configuration, head: Head) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let exported = app::checking::export_head(&app, &Actor::installation()).await;
    app.shut_down().await;
    put(&exported?.write(), head.output.as_deref())
}
