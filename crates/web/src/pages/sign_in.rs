//! Signing in and out.

use super::own_sign_in::{answer_json, brought, place};
use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, go, html},
    session::{self, Surroundings, Visitor, Whence},
    state::State,
    urls,
};
use app::{
    passkeys::Place,
    provider::{self, Shown},
    sign_in::{Entered, How},
};
use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "sign_in/form.html")]
struct SignInPage {
    frame: Frame,
    form: Kept,
    /// Whether a link can be sent.
    mail: bool,
    /// Whether browsers can use passkeys here.
    passkeys: bool,
    /// Single sign-on, with the address that begins it.
    provider: Option<(Shown, String)>,
}

impl SignInPage {
    /// Whether anything but single sign-on opens an account.
    fn has_other_ways(&self) -> bool {
        self.provider.as_ref().is_none_or(|(shown, _)| shown.other_ways)
    }
}

#[derive(Template)]
#[template(path = "sign_in/code.html")]
struct CodePage {
    frame: Frame,
    form: Kept,
}

#[derive(Template)]
#[template(path = "sign_in/link.html")]
struct LinkPage {
    frame: Frame,
    form: Kept,
    /// Whether a letter was asked for just now.
    sent: bool,
    /// Whether letters are sent at all.
    mail: bool,
}

/// The form. Whoever is signed in already goes on at once.
pub(crate) async fn form(
    state: State,
    visitor: Option<Visitor>,
    here: Surroundings,
    Asking(asked): Asking,
) -> Answer {
    if visitor.is_some() {
        return go(next(asked.text("next")));
    }
    let provider = provider::shown(&state.app).await?;
    let form = Kept::with([("next", next(asked.text("next")).to_owned())]);
    page(&state, &here, provider, StatusCode::OK, form)
}

/// Signs in with address and passphrase.
pub(crate) async fn sign_in(
    state: State,
    here: Surroundings,
    Whence(device): Whence,
    sent: Submitted,
) -> Answer {
    match app::sign_in::sign_in(&state.app, sent.text("email"), sent.raw("passphrase"), &device).await {
        Ok(entered) => come_in(&state, &here, entered, next(sent.text("next"))),
        Err(error) => refused_here(&state, &here, &sent, error).await,
    }
}

/// The page again with what was wrong.
pub(super) async fn refused_here(
    state: &State,
    here: &Surroundings,
    sent: &Submitted,
    error: app::Error,
) -> Answer {
    let provider = provider::shown(&state.app).await?;
    refused(sent, error, |status, kept| page(state, here, provider, status, kept))
}

/// The form again with what was wrong; whoever is slowed down is also told in a header for how long.
pub(super) fn refused(
    sent: &Submitted,
    error: app::Error,
    page: impl FnOnce(StatusCode, Kept) -> Answer,
) -> Answer {
    let wait = match &error {
        app::Error::Slowed { wait } => Some(HeaderValue::from(wait.as_seconds())),
        _ => None,
    };
    let (status, kept) = sent.refused(error)?;
    let mut answer = page(status, kept)?;
    if let Some(wait) = wait {
        answer.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    Ok(answer)
}

/// Goes on with a session, or asks for the second factor first. The answer is a page and is kept nowhere.
pub(super) fn come_in(state: &State, here: &Surroundings, entered: Entered, to: &str) -> Answer {
    match entered {
        Entered::In(begun) => Ok(signed_in(state, &begun, to)),
        Entered::Asks(asks) => {
            let form = Kept::with([("step", asks.token), ("next", to.to_owned())]);
            code_page(here, StatusCode::OK, form)
        }
    }
}

/// Takes the code of the second factor.
pub(crate) async fn code(
    state: State,
    here: Surroundings,
    Whence(device): Whence,
    sent: Submitted,
) -> Answer {
    match app::sign_in::second(&state.app, sent.raw("step"), sent.text("code"), &device).await {
        Ok(begun) => Ok(signed_in(&state, &begun, next(sent.text("next")))),
        Err(app::Error::NotFound) => {
            let mut form = Kept::default();
            form.general = Some("That took too long. Begin again.".into());
            let provider = provider::shown(&state.app).await?;
            page(&state, &here, provider, StatusCode::UNPROCESSABLE_ENTITY, form)
        }
        Err(error) => refused(&sent, error, |status, kept| code_page(&here, status, kept)),
    }
}

/// What a browser needs to sign in with a passkey, for the script.
pub(crate) async fn passkey_challenge(state: State, headers: HeaderMap, Whence(device): Whence) -> Answer {
    let place = place(&state, &headers).ok_or(app::Error::NotFound)?;
    answer_json(&app::passkeys::begin_entering(&state.app, &place, &device).await?)
}

/// Signs in with a passkey.
pub(crate) async fn passkey(
    state: State,
    here: Surroundings,
    headers: HeaderMap,
    Whence(device): Whence,
    sent: Submitted,
) -> Answer {
    let place = place(&state, &headers).ok_or(app::Error::NotFound)?;
    match app::passkeys::enter(&state.app, &place, &brought(&sent), &device).await {
        Ok(begun) => Ok(signed_in(&state, &begun, next(sent.text("next")))),
        Err(error) => refused_here(&state, &here, &sent, error).await,
    }
}

/// Where a link is asked for.
pub(crate) async fn link_form(state: State, here: Surroundings) -> Answer {
    link_page(&state, &here, StatusCode::OK, Kept::default(), false)
}

/// Sends a link, and says the same whoever has the address.
pub(crate) async fn send_link(
    state: State,
    here: Surroundings,
    Whence(device): Whence,
    sent: Submitted,
) -> Answer {
    match app::mail::ask_for_link(&state.app, sent.text("email"), &device).await {
        Ok(()) => link_page(&state, &here, StatusCode::OK, sent.kept(), true),
        Err(error) => refused(&sent, error, |status, kept| link_page(&state, &here, status, kept, false)),
    }
}

fn link_page(state: &State, here: &Surroundings, status: StatusCode, form: Kept, sent: bool) -> Answer {
    let mail = app::mail::is_set(&state.app);
    html::with(status, &LinkPage { frame: here.frame("A link to sign in"), form, sent, mail })
}

fn code_page(here: &Surroundings, status: StatusCode, form: Kept) -> Answer {
    let answer = html::with(status, &CodePage { frame: here.frame("One more step"), form })?;
    Ok(super::tokens::kept_nowhere(answer))
}

/// Ends the session, here and on the server.
pub(crate) async fn sign_out(state: State, visitor: Visitor) -> Answer {
    app::sign_in::sign_out(&state.app, &visitor.session).await?;
    let cookie = [(header::SET_COOKIE, session::end(&state.settings))];
    // Whoever came from a provider is still known there.
    let to = if visitor.session.how == How::Provider { "/signed-out" } else { "/sign-in" };
    // What the browser keeps of pages goes as well; words that were typed and never saved stay for their author.
    let forget = [("clear-site-data", "\"cache\"")];
    Ok((cookie, forget, go(to)?).into_response())
}

/// Goes on to `to` with a session that was just begun.
pub(crate) fn signed_in(state: &State, begun: &app::sign_in::Begun, to: &str) -> Response {
    let cookie = [(header::SET_COOKIE, session::begin(&state.settings, begun, state.app.now()))];
    (cookie, axum::response::Redirect::to(to)).into_response()
}

pub(super) fn next(asked: &str) -> &str {
    urls::local(asked).unwrap_or(urls::HOME)
}

fn page(
    state: &State,
    here: &Surroundings,
    provider: Option<Shown>,
    status: StatusCode,
    form: Kept,
) -> Answer {
    let mail = app::mail::is_set(&state.app);
    // With a public address that has passkeys, or at an address that may have them; the script knows more.
    let passkeys = state.settings.public_url.as_deref().is_none_or(|url| Place::of(url).is_some());
    let provider = provider.map(|shown| (shown, urls::enter_by_provider(form.value("next"))));
    html::with(status, &SignInPage { frame: here.frame("Sign in"), form, mail, passkeys, provider })
}
