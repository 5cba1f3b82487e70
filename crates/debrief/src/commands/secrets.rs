//! `debrief secrets`: the key under which secrets lie.

use crate::{
    arguments::{Secrets, SecretsAct},
    commands::put,
    configuration::Configuration,
    failure::Failure,
};
use domain::access::Actor;

/// Seals every secret anew.
pub async fn run(configuration: &Configuration, secrets: Secrets) -> Result<(), Failure> {
    let SecretsAct::Rotate { forget_older } = secrets.act;
    let app = configuration.open().await?;
    let rotated = app::secrets::rotate(&app, &Actor::installation(), forget_older).await;
    app.shut_down().await;
    let rotated = rotated?;
    let older = match rotated.keys - 1 {
        0 => "No older key is kept.".to_owned(),
        older => format!("{older} older kept for backups made until now."),
    };
    let text = format!("{} secrets are sealed with the new key {}. {older}\n", rotated.secrets, rotated.key);
    put(text.as_bytes(), None)
}
