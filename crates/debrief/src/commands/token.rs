//! `debrief token`: API tokens, from the machine that runs the installation.

use crate::{
    arguments::{Token, TokenAct},
    commands::put,
    configuration::Configuration,
    failure::Failure,
};
use domain::access::Actor;

/// Makes a token for somebody.
pub async fn run(configuration: &Configuration, token: Token) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let TokenAct::Create { email, label } = token.act;
    let people = app::people::list(&app, &Actor::installation()).await?;
    let person = people
        .into_iter()
        .find(|person| person.email.as_str().eq_ignore_ascii_case(email.trim()) && !person.deactivated)
        .ok_or_else(|| Failure::new(format!("Nobody here has the address {email}.")))?;
    let actor = Actor { person: Some(person.id), name: person.name.to_string(), role: person.role };
    let secret = app::tokens::create(&app, &actor, &label).await?;
    app.shut_down().await;
    put(format!("{secret}\n").as_bytes(), None)
}
