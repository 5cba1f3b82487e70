//! Service accounts and their tokens.

use super::tokens::{LIVES, asked, ended, fresh_form, kept_nowhere, may, scopes};
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
    service_accounts::{self, ServiceAccount},
    tokens,
};
use askama::Template;
use axum::{extract::Path, http::StatusCode};
use domain::{
    PersonId, TokenId,
    person::{Person, Role},
    scope::Scope,
};

#[derive(Template)]
#[template(path = "settings/service_accounts.html")]
struct ServiceAccountsPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    /// A token that was just made; it cannot be shown again.
    fresh: Option<String>,
    accounts: Vec<ServiceAccount>,
    /// The account that a token is being made for.
    token_for: Option<Person>,
    roles: [Role; 3],
    scopes: [(Scope, &'static str); 5],
    lives: [(&'static str, &'static str); 4],
}

#[derive(Default)]
struct Parts {
    status: StatusCode,
    done: Option<&'static str>,
    form: Kept,
    fresh: Option<String>,
    token_for: Option<PersonId>,
}

/// Every service account.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(query): Asking) -> Answer {
    let done = match query.text("done") {
        "made" => Some("The account is there. Make a token for it, so that a program can use it."),
        "closed" => Some("The account is closed and its tokens have ended. What it did stays."),
        "ended" => Some("The token has ended. Programs that use it are turned away from now on."),
        _ => None,
    };
    let token_for: Option<PersonId> = query.text("token").parse().ok();
    let form = if token_for.is_some() { fresh_form() } else { Kept::default() };
    page(&state, &visitor, Parts { done, form, token_for, ..Parts::default() }).await
}

/// Makes a service account.
pub(crate) async fn create(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    visitor.proved(&state)?;
    let act = async {
        let role = Role::from_key(sent.text("role"))
            .ok_or(Error::invalid("role", "Choose one of the three roles."))?;
        service_accounts::create(&state.app, visitor.actor(), sent.text("name"), role).await
    };
    match act.await {
        Ok(_) => go("/settings/service-accounts?done=made"),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(&state, &visitor, Parts { status, form, ..Parts::default() }).await
        }
    }
}

/// Closes a service account.
pub(crate) async fn end(state: State, visitor: Visitor, Id(id): Id<PersonId>) -> Answer {
    service_accounts::end(&state.app, visitor.actor(), id).await?;
    go("/settings/service-accounts?done=closed")
}

/// Makes a token for a service account and shows its secret, this once.
pub(crate) async fn create_token(
    state: State,
    visitor: Visitor,
    Id(account): Id<PersonId>,
    sent: Submitted,
) -> Answer {
    visitor.proved(&state)?;
    let act = async { tokens::create_for_service(&state.app, visitor.actor(), account, asked(&sent)?).await };
    let parts = match act.await {
        Ok(secret) => Parts { fresh: Some(secret), ..Parts::default() },
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            Parts { status, form, token_for: Some(account), ..Parts::default() }
        }
    };
    page(&state, &visitor, parts).await.map(kept_nowhere)
}

/// Ends a token of a service account.
pub(crate) async fn revoke(
    state: State,
    visitor: Visitor,
    Path((account, token)): Path<(String, String)>,
) -> Answer {
    let parse = |text: &str| text.parse().map_err(|_| Error::NotFound);
    let (account, token): (PersonId, TokenId) =
        (parse(&account)?, token.parse().map_err(|_| Error::NotFound)?);
    tokens::revoke_of_service(&state.app, visitor.actor(), account, token).await?;
    go("/settings/service-accounts?done=ended")
}

async fn page(state: &State, visitor: &Visitor, parts: Parts) -> Answer {
    let accounts = service_accounts::list(&state.app, visitor.actor()).await?;
    let token_for =
        accounts.iter().find(|one| Some(one.account.id) == parts.token_for).map(|one| one.account.clone());
    let template = ServiceAccountsPage {
        frame: visitor.frame("Service accounts", Room::Settings),
        done: parts.done,
        form: parts.form,
        fresh: parts.fresh,
        accounts,
        token_for,
        roles: Role::ALL,
        scopes: scopes(),
        lives: LIVES,
    };
    html::with(parts.status, &template)
}
