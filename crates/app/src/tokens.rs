//! API tokens of a person: shown once, stored as a hash.

use crate::{
    App, Error, Result,
    secret::{self, Secret},
    sign_in::record,
};
use domain::{
    Instant, PersonId, TokenId,
    access::{Action, Actor},
};
use serde_json::json;
use store::{people, tokens as table};

/// What every API token begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "debrief_";
/// So many good tokens one person can have.
const MOST: usize = 50;

/// A token without its secret.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which one.
    pub id: TokenId,
    /// What it is for, in its owner's words.
    pub label: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used, within ten minutes.
    pub used_at: Option<Instant>,
}

/// One's own tokens, newest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Row>> {
    let mut tx = app.read(actor, Action::Read).await?;
    let tokens = table::of(&mut tx, owner(actor)?).await?;
    let row = |token: table::Token| Row {
        id: token.id,
        label: token.label,
        created_at: token.created_at,
        used_at: token.used_at,
    };
    Ok(tokens.into_iter().map(row).collect())
}

/// Makes a token with the actor's own rights; answers the secret, which cannot be shown again. The label has
/// 1 to 100 characters.
pub async fn create(app: &App, actor: &Actor, label: &str) -> Result<String> {
    let mut tx = app.write(actor, Action::Read).await?;
    let (person, now, label) = (owner(actor)?, app.now(), label.trim());
    if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
        return Err(Error::invalid("label", "A token has a label of 1 to 100 characters."));
    }
    // A token must not outlive an account that is being closed at this moment.
    people::lock(&mut tx).await?;
    if people::get(&mut tx, person).await?.ok_or(Error::NotFound)?.deactivated {
        return Err(Error::Forbidden);
    }
    if table::of(&mut tx, person).await?.len() >= MOST {
        return Err(Error::conflict("You have 50 tokens. End one that is not needed any more first."));
    }
    let Secret { text, digest } = secret::draw(app, PREFIX);
    let id = TokenId::new(now, app.random());
    let token = table::Token { id, label: label.into(), created_at: now, used_at: None };
    table::add(&mut tx, &token, person, digest).await?;
    record(&mut tx, now, actor, "token.create", id, &json!({ "label": label })).await?;
    tx.commit().await?;
    Ok(text)
}

/// Ends a token of one's own.
pub async fn revoke(app: &App, actor: &Actor, id: TokenId) -> Result<()> {
    let mut tx = app.write(actor, Action::Read).await?;
    let now = app.now();
    if !table::revoke(&mut tx, id, owner(actor)?, now).await? {
        return Err(Error::NotFound);
    }
    record(&mut tx, now, actor, "token.revoke", id, &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// The installation itself has no tokens.
fn owner(actor: &Actor) -> Result<PersonId> {
    actor.person.ok_or(Error::Forbidden)
}
