//! API tokens, on the settings page.

use super::settings::{Parts, page};
use crate::{error::Answer, forms::Submitted, render::go, session::Visitor, state::State, urls::Id};
use axum::http::{HeaderValue, header};
use domain::TokenId;

/// Makes a token and shows its secret, this once: the answer is a page and is kept nowhere.
pub(crate) async fn create(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let parts = match app::tokens::create(&state.app, visitor.actor(), sent.text("label")).await {
        Ok(secret) => Parts { fresh: Some(secret), ..Parts::default() },
        Err(error) => {
            let (status, token) = sent.refused(error)?;
            Parts { status, token, ..Parts::default() }
        }
    };
    let mut answer = page(&state, &visitor, parts).await?;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Ends a token.
pub(crate) async fn revoke(state: State, visitor: Visitor, Id(id): Id<TokenId>) -> Answer {
    app::tokens::revoke(&state.app, visitor.actor(), id).await?;
    go("/settings?done=token-ended")
}
