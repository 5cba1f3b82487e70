//! Signing in and out.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, go, html},
    session::{self, Surroundings, Visitor, Whence},
    state::State,
    urls,
};
use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "sign_in/form.html")]
struct SignInPage {
    frame: Frame,
    form: Kept,
}

/// The form. Whoever is signed in already goes on at once.
pub(crate) async fn form(visitor: Option<Visitor>, here: Surroundings, Asking(asked): Asking) -> Answer {
    if visitor.is_some() {
        return go(next(asked.text("next")));
    }
    page(&here, StatusCode::OK, Kept::with([("next", next(asked.text("next")).to_owned())]))
}

/// Signs in with address and passphrase.
pub(crate) async fn sign_in(
    state: State,
    here: Surroundings,
    Whence(from): Whence,
    sent: Submitted,
) -> Answer {
    match app::sign_in::sign_in(&state.app, sent.text("email"), sent.raw("passphrase"), &from).await {
        Ok(begun) => Ok(signed_in(&state, &begun, next(sent.text("next")))),
        Err(error) => {
            let (status, kept) = sent.refused(error)?;
            page(&here, status, kept)
        }
    }
}

/// Ends the session, here and on the server.
pub(crate) async fn sign_out(state: State, visitor: Visitor) -> Answer {
    app::sign_in::sign_out(&state.app, &visitor.session).await?;
    let cookie = [(header::SET_COOKIE, session::end(&state.settings))];
    Ok((cookie, go("/sign-in")?).into_response())
}

/// Goes on to `to` with a session that was just begun.
pub(crate) fn signed_in(state: &State, begun: &app::sign_in::Begun, to: &str) -> Response {
    let cookie = [(header::SET_COOKIE, session::begin(&state.settings, begun, state.app.now()))];
    (cookie, axum::response::Redirect::to(to)).into_response()
}

fn next(asked: &str) -> &str {
    urls::local(asked).unwrap_or(urls::HOME)
}

fn page(here: &Surroundings, status: StatusCode, form: Kept) -> Answer {
    html::with(status, &SignInPage { frame: here.frame("Sign in"), form })
}
