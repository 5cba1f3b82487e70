//! How one signs in: passphrase, second factor, passkeys; and what is asked of everybody.

use super::{sign_in::refused, tokens::kept_nowhere};
use crate::{
    error::{Answer, Failure},
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id},
};
use app::{
    Error,
    factor::{self, Enrolment, Standing},
    passkeys::{self, Passkey, Place},
    sign_in::{self, proof},
};
use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{TokenId, person::Role};

#[derive(Template)]
#[template(path = "settings/sign_in.html")]
struct SignInPage {
    frame: Frame,
    done: Option<&'static str>,
    refused: Option<String>,
    /// Whether changes can be made now without proving first who one is.
    proved: bool,
    must_enrol: bool,
    /// Whether the passphrase so far is asked for.
    by_link: bool,
    means: proof::Means,
    passphrase: Kept,
    code: Kept,
    passkey: Kept,
    standing: Standing,
    enrolment: Option<Enrolment>,
    /// Recovery codes that were just drawn; they cannot be shown again.
    codes: Vec<String>,
    passkeys: Vec<Passkey>,
    passkeys_here: bool,
    factor_from: Option<Role>,
}

#[derive(Template)]
#[template(path = "settings/proof.html")]
struct ProofPage {
    frame: Frame,
    form: Kept,
    means: proof::Means,
}

#[derive(Default)]
struct Parts {
    status: StatusCode,
    done: Option<&'static str>,
    refused: Option<String>,
    passphrase: Kept,
    code: Kept,
    passkey: Kept,
    codes: Vec<String>,
}

/// Whether this is the role from which on a second factor is asked for.
fn is_asked(from: &Option<Role>, role: &Role) -> bool {
    *from == Some(*role)
}

/// Where our pages are, as the browser of this request knows them.
pub(super) fn place(state: &State, headers: &HeaderMap) -> Option<Place> {
    Place::of(&state.settings.absolute(headers, "/"))
}

/// Everything about how one signs in.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    headers: HeaderMap,
    Asking(asked): Asking,
) -> Answer {
    let done = match asked.text("done") {
        "passphrase" => Some("The passphrase is changed. Your other sessions have ended."),
        "removed" => {
            Some("The second factor is removed. Only the passphrase or a link is asked for from now on.")
        }
        "passkey" => Some("The passkey is added. You can sign in with it from now on."),
        "passkey-gone" => Some("The passkey is removed here. Remove it from your device as well."),
        "proved" => Some("It is you, for ten minutes. Go on where you were."),
        "rule" => Some("The rule holds from the next click of everybody on."),
        _ => None,
    };
    page(&state, &visitor, &headers, Parts { done, ..Parts::default() }).await
}

/// Changes the passphrase.
pub(crate) async fn change_passphrase(
    state: State,
    visitor: Visitor,
    headers: HeaderMap,
    sent: Submitted,
) -> Answer {
    let (current, new) = (sent.raw("current-passphrase"), sent.raw("passphrase"));
    match sign_in::change_passphrase(&state.app, &visitor.session, current, new).await {
        Ok(()) => go("/settings/sign-in?done=passphrase"),
        Err(error) => {
            let (status, passphrase) = sent.refused(error)?;
            page(&state, &visitor, &headers, Parts { status, passphrase, ..Parts::default() }).await
        }
    }
}

/// Begins a second factor.
pub(crate) async fn begin_factor(state: State, visitor: Visitor, headers: HeaderMap) -> Answer {
    let begun = factor::begin(&state.app, &visitor.session).await;
    then(&state, &visitor, &headers, begun, "/settings/sign-in#factor").await
}

/// Confirms a second factor by its first code and shows recovery codes, this once.
pub(crate) async fn confirm_factor(
    state: State,
    visitor: Visitor,
    headers: HeaderMap,
    sent: Submitted,
) -> Answer {
    let parts = match factor::confirm(&state.app, &visitor.session, sent.text("code")).await {
        Ok(codes) => Parts { codes, ..Parts::default() },
        Err(Error::ProveFirst) => return prove_first(),
        Err(error) => {
            let (status, code) = sent.refused(error)?;
            Parts { status, code, ..Parts::default() }
        }
    };
    page(&state, &visitor, &headers, parts).await.map(kept_nowhere)
}

/// Draws new recovery codes and shows them, this once.
pub(crate) async fn renew_codes(state: State, visitor: Visitor, headers: HeaderMap) -> Answer {
    match factor::renew_codes(&state.app, &visitor.session).await {
        Ok(codes) => {
            page(&state, &visitor, &headers, Parts { codes, ..Parts::default() }).await.map(kept_nowhere)
        }
        Err(Error::ProveFirst) => prove_first(),
        Err(error) => Err(error.into()),
    }
}

/// Removes the second factor.
pub(crate) async fn remove_factor(state: State, visitor: Visitor, headers: HeaderMap) -> Answer {
    let removed = factor::remove(&state.app, &visitor.session).await;
    then(&state, &visitor, &headers, removed, "/settings/sign-in?done=removed").await
}

/// From which role on a second factor is asked for.
pub(crate) async fn ask_from(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    visitor.proved(&state)?;
    factor::ask_from(&state.app, visitor.actor(), Role::from_key(sent.text("role"))).await?;
    go("/settings/sign-in?done=rule")
}

/// What a browser needs to make a passkey, for the script.
pub(crate) async fn passkey_challenge(state: State, visitor: Visitor, headers: HeaderMap) -> Answer {
    let place = place(&state, &headers).ok_or(Error::NotFound)?;
    answer_json(&passkeys::begin_adding(&state.app, &visitor.session, &place).await?)
}

/// Adds the passkey that a browser made.
pub(crate) async fn add_passkey(
    state: State,
    visitor: Visitor,
    headers: HeaderMap,
    sent: Submitted,
) -> Answer {
    let place = place(&state, &headers).ok_or(Error::NotFound)?;
    let added =
        passkeys::add(&state.app, &visitor.session, &place, sent.text("label"), &brought(&sent)).await;
    match added {
        Ok(()) => go("/settings/sign-in?done=passkey"),
        Err(Error::ProveFirst) => prove_first(),
        Err(error) => {
            let (status, passkey) = sent.refused(error)?;
            page(&state, &visitor, &headers, Parts { status, passkey, ..Parts::default() }).await
        }
    }
}

/// Removes a passkey.
pub(crate) async fn remove_passkey(
    state: State,
    visitor: Visitor,
    headers: HeaderMap,
    Id(id): Id<TokenId>,
) -> Answer {
    let removed = passkeys::remove(&state.app, &visitor.session, id).await;
    then(&state, &visitor, &headers, removed, "/settings/sign-in?done=passkey-gone").await
}

/// What the script put into the form.
pub(super) fn brought(sent: &Submitted) -> passkeys::Answer {
    passkeys::Answer {
        credential: sent.text("credential").to_owned(),
        client_data: sent.text("client_data").to_owned(),
        authenticator_data: sent.text("authenticator_data").to_owned(),
        signature: sent.text("signature").to_owned(),
    }
}

/// JSON for a script of ours, kept nowhere.
pub(super) fn answer_json(body: &impl serde::Serialize) -> Answer {
    let text = serde_json::to_string(body).map_err(Error::internal)?;
    let answer: Response = ([(header::CONTENT_TYPE, "application/json")], text).into_response();
    Ok(kept_nowhere(answer))
}

/// Where one proves again who one is.
pub(crate) async fn proof_form(state: State, visitor: Visitor) -> Answer {
    proof_page(&state, &visitor, StatusCode::OK, Kept::default()).await
}

/// Proves it.
pub(crate) async fn prove(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    match proof::prove(&state.app, &visitor.session, sent.raw("passphrase"), sent.text("code")).await {
        Ok(()) => go("/settings/sign-in?done=proved"),
        Err(error) => {
            let means = proof::means(&state.app, &visitor.session).await?;
            refused(&sent, error, |status, form| {
                html::with(
                    status,
                    &ProofPage { frame: visitor.frame("Is it you?", Room::Settings), form, means },
                )
            })
        }
    }
}

fn prove_first() -> Answer {
    go(urls::PROOF)
}

async fn then(
    state: &State,
    visitor: &Visitor,
    headers: &HeaderMap,
    outcome: Result<(), Error>,
    to: &str,
) -> Answer {
    match outcome {
        Ok(()) => go(to),
        Err(Error::ProveFirst) => prove_first(),
        Err(Error::Conflict { message, .. }) => {
            let parts = Parts { status: StatusCode::CONFLICT, refused: Some(message), ..Parts::default() };
            page(state, visitor, headers, parts).await
        }
        Err(error) => Err(Failure(error)),
    }
}

async fn proof_page(state: &State, visitor: &Visitor, status: StatusCode, form: Kept) -> Answer {
    let means = proof::means(&state.app, &visitor.session).await?;
    html::with(status, &ProofPage { frame: visitor.frame("Is it you?", Room::Settings), form, means })
}

async fn page(state: &State, visitor: &Visitor, headers: &HeaderMap, parts: Parts) -> Answer {
    let overview = factor::overview(&state.app, &visitor.session).await?;
    let template = SignInPage {
        frame: visitor.frame("How you sign in", Room::Settings),
        done: parts.done,
        refused: parts.refused,
        proved: overview.proved,
        must_enrol: visitor.session.must_enrol,
        by_link: overview.by_link,
        means: overview.means,
        passphrase: parts.passphrase,
        code: parts.code,
        passkey: parts.passkey,
        standing: overview.standing,
        enrolment: overview.enrolment,
        codes: parts.codes,
        passkeys: overview.passkeys,
        passkeys_here: place(state, headers).is_some(),
        factor_from: overview.factor_from,
    };
    html::with(parts.status, &template)
}
