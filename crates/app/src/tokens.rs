//! API tokens of a person: shown once, stored as a hash.

use crate::{App, Error, Result};
use domain::{Instant, TokenId, access::Actor};

/// A token without its secret.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which one.
    pub id: TokenId,
    /// What it is for, in its owner's words.
    pub label: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used.
    pub used_at: Option<Instant>,
}

/// One's own tokens, newest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Row>> {
    let _ = (app, actor);
    Err(Error::internal("not built yet"))
}

/// Makes a token with the actor's own rights; answers the secret, which cannot be shown again.
pub async fn create(app: &App, actor: &Actor, label: &str) -> Result<String> {
    let _ = (app, actor, label);
    Err(Error::internal("not built yet"))
}

/// Ends a token.
pub async fn revoke(app: &App, actor: &Actor, id: TokenId) -> Result<()> {
    let _ = (app, actor, id);
    Err(Error::internal("not built yet"))
}
