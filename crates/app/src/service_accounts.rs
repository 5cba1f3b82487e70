//! Programs that work under a name of their own. They never sign in; what they may do is the role that an
//! administrator gave them, within the scopes of each of their tokens.

use crate::{
    App, Error, Result, people,
    sign_in::{person_name, record, refuse_lookalike},
    tokens::Row,
};
use domain::{
    PersonId,
    access::{Action, Actor},
    person::{Email, Person, Role},
};
use serde_json::json;
use store::{people as table, people::Account, tokens};

/// A service account with its tokens.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    /// The account. Its address leads nowhere.
    pub account: Person,
    /// Its good tokens, newest first.
    pub tokens: Vec<Row>,
}

/// Every service account that is open, by name.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<ServiceAccount>> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let mut accounts: Vec<ServiceAccount> = table::all(&mut tx)
        .await?
        .into_iter()
        .filter(|person| person.service && !person.deactivated)
        .map(|account| ServiceAccount { account, tokens: Vec::new() })
        .collect();
    for (whose, token) in tokens::of_services(&mut tx).await? {
        if let Some(account) = accounts.iter_mut().find(|one| one.account.id == whose) {
            account.tokens.push(token);
        }
    }
    accounts.sort_by_cached_key(|one| (one.account.name.as_str().to_lowercase(), one.account.id));
    Ok(accounts)
}

/// Makes a service account with a role. It can do nothing until it has a token.
pub async fn create(app: &App, actor: &Actor, name: &str, role: Role) -> Result<PersonId> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let (name, now) = (person_name(name)?, app.now());
    let id = PersonId::new(now, app.random());
    table::lock(&mut tx).await?;
    refuse_lookalike(&mut tx, &name, None).await?;
    let person = Person {
        id,
        name,
        email: Email::of_service(id),
        role,
        zone: None,
        deactivated: false,
        service: true,
    };
    table::add(&mut tx, &Account { person, passphrase_hash: None }, now).await?;
    record(&mut tx, now, actor, "service_account.create", id, &json!({ "role": role })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Closes a service account and ends its tokens; what it did stays in the record under its name.
pub async fn end(app: &App, actor: &Actor, id: PersonId) -> Result<()> {
    let mut tx = app.read(actor, Action::Administer).await?;
    if !table::get(&mut tx, id).await?.is_some_and(|person| person.service) {
        return Err(Error::NotFound);
    }
    drop(tx);
    people::deactivate(app, actor, id).await
}
