//! API tokens of one's own.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::Id,
};
use app::{
    Error,
    tokens::{self, New},
};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use domain::{
    Instant, TokenId,
    scope::{Scope, Scopes},
};

#[derive(Template)]
#[template(path = "settings/tokens.html")]
struct TokensPage {
    frame: Frame,
    /// What just happened.
    done: Option<&'static str>,
    form: Kept,
    /// A token that was just made; it cannot be shown again.
    fresh: Option<String>,
    tokens: Vec<tokens::Row>,
    scopes: [(Scope, &'static str); 5],
    lives: [(&'static str, &'static str); 4],
}

/// For how long a token can be good: days as the form sends them, and words.
pub(super) const LIVES: [(&str, &str); 4] =
    [("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"), ("", "not by itself")];

/// Every scope with what it allows.
pub(super) fn scopes() -> [(Scope, &'static str); 5] {
    Scope::ALL.map(|scope| (scope, words(scope)))
}

const fn words(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read incidents, timelines, documents and follow-ups",
        Scope::Write => "change them",
        Scope::Publish => "publish what was written and bring it back",
        Scope::Import => "bring records in",
        Scope::Administer => "look after people and the workspace",
    }
}

/// What a token may do, in a few words.
pub(super) fn may(scopes: &Scopes) -> String {
    if *scopes == Scopes::ALL {
        return "all that its owner may do".to_owned();
    }
    scopes.each().map(Scope::key).collect::<Vec<_>>().join(", ")
}

/// Whether a token that ends by itself has done so.
pub(super) fn ended(ends_at: &Option<Instant>, now: &Instant) -> bool {
    ends_at.is_some_and(|ends_at| *now >= ends_at)
}

/// A form that begins with reading, for three months.
pub(super) fn fresh_form() -> Kept {
    Kept::with([("scopes", Scope::Read.key().to_owned()), ("days", "90".to_owned())])
}

/// The token that a form asks for.
pub(super) fn asked(sent: &Submitted) -> Result<New, Error> {
    let unknown = || Error::invalid("scopes", "Choose among the things that stand here.");
    let chosen: Option<Vec<Scope>> = sent.all("scopes").map(Scope::from_key).collect();
    let scopes = chosen.ok_or_else(unknown)?.into_iter().fold(Scopes::NONE, Scopes::with);
    let days = match sent.filled("days") {
        Some(_) => Some(sent.value("days", "Choose one of the times that stand here.")?),
        None => None,
    };
    Ok(New { label: sent.text("label").to_owned(), scopes, days })
}

/// A page with a secret on it is kept nowhere.
pub(crate) fn kept_nowhere(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// One's tokens.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(query): Asking) -> Answer {
    let ended = "The token has ended. Programs that use it are turned away from now on.";
    let done = (query.text("done") == "ended").then_some(ended);
    page(&state, &visitor, StatusCode::OK, done, fresh_form(), None).await
}

/// Makes a token and shows its secret, this once.
pub(crate) async fn create(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    visitor.proved(&state)?;
    let act = async { tokens::create(&state.app, visitor.actor(), asked(&sent)?).await };
    let answer = match act.await {
        Ok(secret) => page(&state, &visitor, StatusCode::OK, None, fresh_form(), Some(secret)).await,
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(&state, &visitor, status, None, form, None).await
        }
    };
    answer.map(kept_nowhere)
}

/// Ends a token.
pub(crate) async fn revoke(state: State, visitor: Visitor, Id(id): Id<TokenId>) -> Answer {
    tokens::revoke(&state.app, visitor.actor(), id).await?;
    go("/settings/tokens?done=ended")
}

async fn page(
    state: &State,
    visitor: &Visitor,
    status: StatusCode,
    done: Option<&'static str>,
    form: Kept,
    fresh: Option<String>,
) -> Answer {
    let template = TokensPage {
        frame: visitor.frame("API tokens", Room::Settings),
        done,
        form,
        fresh,
        tokens: tokens::list(&state.app, visitor.actor()).await?,
        scopes: scopes(),
        lives: LIVES,
    };
    html::with(status, &template)
}
