//! `debrief token`: API tokens, from the machine that runs the installation.

use crate::{
    arguments::{Token, TokenAct},
    commands::put,
    configuration::Configuration,
    failure::Failure,
};
use app::{App, service_accounts, tokens};
use domain::{access::Actor, person::Person, scope::Scopes};
use std::fmt::Write as _;

/// Makes, lists or ends tokens of somebody or of a service account.
pub async fn run(configuration: &Configuration, token: Token) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let text = match token.act {
        TokenAct::Create { whose, label, scopes, days } => {
            let scopes = match scopes {
                Some(keys) => Scopes::from_keys(&keys).ok_or_else(|| {
                    Failure::new(format!(
                        "“{keys}” is no list of scopes. Known are: read, write, publish, import, administer."
                    ))
                })?,
                None => Scopes::ALL,
            };
            let (new, person) = (tokens::New { label, scopes, days }, find(&app, &whose).await?);
            let secret = if person.service {
                tokens::create_for_service(&app, &Actor::installation(), person.id, new).await?
            } else {
                tokens::create(&app, &Actor::of(&person), new).await?
            };
            format!("{secret}\n")
        }
        TokenAct::List { whose } => {
            let person = find(&app, &whose).await?;
            tokens::list(&app, &Actor::of(&person)).await?.iter().fold(String::new(), |mut text, row| {
                let used = row.used_at.map_or_else(|| "never used".into(), |at| format!("used {at}"));
                let ends = row.ends_at.map_or_else(String::new, |at| format!("\tends {at}"));
                let _ = writeln!(text, "{}\t{}\t{}\t{used}{ends}", row.id, row.label, row.scopes);
                text
            })
        }
        TokenAct::End { whose, id } => {
            let person = find(&app, &whose).await?;
            tokens::revoke(&app, &Actor::of(&person), id).await.map_err(|error| match error {
                app::Error::NotFound => Failure::new(format!("{whose} has no token {id}.")),
                other => other.into(),
            })?;
            String::new()
        }
    };
    app.shut_down().await;
    put(text.as_bytes(), None)
}

/// Somebody by address, or a service account by name.
async fn find(app: &App, whose: &str) -> Result<Person, Failure> {
    let actor = Actor::installation();
    if let Some(person) = app::people::find_by_email(app, &actor, whose).await?
        && !person.deactivated
    {
        return Ok(person);
    }
    let accounts = service_accounts::list(app, &actor).await?;
    let named = accounts.into_iter().map(|one| one.account).find(|one| one.name.as_str() == whose.trim());
    named.ok_or_else(|| Failure::new(format!("Nobody here has the address {whose}.")))
}
