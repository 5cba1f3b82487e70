//! `debrief export`: a post-mortem as a file.

use crate::{
    arguments::{Export, FormatName},
    commands::put,
    configuration::Configuration,
    failure::Failure,
};
use app::exporting::Format;
use domain::access::Actor;

/// Writes the post-mortem of an incident out.
pub async fn run(configuration: &Configuration, export: Export) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let format = match export.format {
        FormatName::Markdown => Format::Markdown,
        FormatName::Html => Format::Html,
    };
    let exported = app::exporting::export(&app, &Actor::installation(), export.postmortem, format).await;
    app.shut_down().await;
    match exported {
        Ok(exported) => put(&exported.bytes, export.output.as_deref()),
        Err(app::Error::NotFound) => {
            Err(Failure::new(format!("Nothing was written about {} here.", export.postmortem)))
        }
        Err(error) => Err(error.into()),
    }
}
