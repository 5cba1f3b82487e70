//! One's own API tokens.

use super::{
    body::{Body, created, ok},
    views::All,
};
use crate::{error::Answer, session::Caller, state::State, urls::Id};
use app::{
    Error,
    tokens::{self, New, Row},
};
use domain::{Instant, TokenId, scope::Scope, scope::Scopes};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct TokenView {
    id: TokenId,
    label: String,
    scopes: Vec<&'static str>,
    created_at: Instant,
    used_at: Option<Instant>,
    ends_at: Option<Instant>,
}

impl From<Row> for TokenView {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            label: row.label,
            scopes: row.scopes.each().map(Scope::key).collect(),
            created_at: row.created_at,
            used_at: row.used_at,
            ends_at: row.ends_at,
        }
    }
}

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    label: String,
    scopes: Vec<String>,
    days: Option<i64>,
}

#[derive(Serialize)]
struct Secret {
    token: String,
}

/// One's own tokens, newest first.
pub(super) async fn list(state: State, Caller(actor): Caller) -> Answer {
    let rows = tokens::list(&state.app, &actor).await?;
    ok(&All { items: rows.into_iter().map(TokenView::from).collect() })
}

/// Makes a token that may do no more than whoever asks; the answer holds its secret, this once.
pub(super) async fn create(state: State, Caller(actor): Caller, Body(new): Body<NewToken>) -> Answer {
    let known = || Error::invalid("scopes", "A scope is one of read, write, publish, import, administer.");
    let scopes: Option<Vec<Scope>> = new.scopes.iter().map(|key| Scope::from_key(key)).collect();
    let scopes = scopes.ok_or_else(known)?.into_iter().fold(Scopes::NONE, Scopes::with);
    let new = New { label: new.label, scopes, days: new.days };
    let token = tokens::create(&state.app, &actor, new).await?;
    created(&Secret { token }).map(crate::pages::tokens::kept_nowhere)
}

/// Ends a token.
pub(super) async fn end(state: State, Caller(actor): Caller, Id(id): Id<TokenId>) -> Answer {
    tokens::revoke(&state.app, &actor, id).await?;
    let rows = tokens::list(&state.app, &actor).await?;
    ok(&All { items: rows.into_iter().map(TokenView::from).collect() })
}
