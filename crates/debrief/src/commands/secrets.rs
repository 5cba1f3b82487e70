//! `debrief secrets`: the key under which secrets lie.

use crate::{
    arguments::{Secrets, SecretsAct},
    commands::put,
    configuration::Configuration,
    failure::Failure,
};
use app::secrets::Rotation;
use domain::access::Actor;

/// Seals every secret anew.
pub async fn run(configuration: &Configuration, secrets: Secrets) -> Result<(), Failure> {
    let SecretsAct::Rotate { forget_older, leave_closed } = secrets.act;
    let app = configuration.open().await?;
    let rotated =
        app::secrets::rotate(&app, &Actor::installation(), Rotation { forget_older, leave_closed }).await;
    app.shut_down().await;
    let rotated = rotated?;
    let older = match rotated.keys - 1 {
        0 => "No older key is kept.".to_owned(),
        older => format!("{older} older kept for backups made until now."),
    };
    let closed = match rotated.closed {
        0 => String::new(),
        closed => format!(" {closed} stay closed until their key comes back or they are entered anew."),
    };
    let text =
        format!("{} secrets are sealed with the new key {}. {older}{closed}\n", rotated.secrets, rotated.key);
    put(text.as_bytes(), None)
}
