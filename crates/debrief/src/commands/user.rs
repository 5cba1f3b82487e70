//! `debrief user`: people, from the machine that runs the installation.

use crate::{
    arguments::{User, UserAct},
    commands::put,
    configuration::Configuration,
    failure::Failure,
};
use domain::{access::Actor, person::Role};
use std::fmt::Write as _;

/// Lists or invites people, or makes a sign-in link.
pub async fn run(configuration: &Configuration, user: User) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let actor = Actor::installation();
    let base = configuration.base_url(&configuration.listen);
    let text = match user.act {
        UserAct::List => {
            let people = app::people::list(&app, &actor).await?;
            people.iter().fold(String::new(), |mut text, person| {
                let closed = if person.deactivated { " (deactivated)" } else { "" };
                let _ = writeln!(text, "{}\t{}\t{}{closed}", person.email, person.name, person.role.key());
                text
            })
        }
        UserAct::Invite { name, email, role } => {
            let role = Role::from_key(&role).ok_or_else(|| {
                Failure::new(format!("“{role}” is no role. Known are: reader, member, administrator."))
            })?;
            let token = app::people::invite(&app, &actor, &name, &email, role).await?;
            format!("{base}/links/{token}\n")
        }
        UserAct::Link { email, hours } => {
            let token =
                app::sign_in::sign_in_link(&app, &actor, &email, hours).await.map_err(
                    |error| match error {
                        app::Error::NotFound => Failure::new(format!("Nobody here has the address {email}.")),
                        other => other.into(),
                    },
                )?;
            format!("{base}/links/{token}\n")
        }
    };
    app.shut_down().await;
    put(text.as_bytes(), None)
}
