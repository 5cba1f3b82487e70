//! Going to the provider of single sign-on and back, and signing out of it.

use super::{
    sign_in::{next, refused_here, signed_in},
    tokens::kept_nowhere,
};
use crate::{
    error::{Answer, AsItIs, Failure},
    forms::{Asking, Submitted},
    render::{Frame, html},
    session::{Surroundings, Whence, cookie},
    state::{Settings, State},
};
use app::{
    Error,
    provider::{self, Shown},
};
use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

/// Where the provider sends people back to after it let them in.
pub(super) const ANSWER: &str = "/sign-in/provider/answer";
/// Where it sends them back to after they signed out there.
pub(super) const OUT: &str = "/signed-out";
/// Where it says that somebody signed out elsewhere.
pub(super) const FAREWELL: &str = "/sign-out/provider";

#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
struct SignedOutPage {
    frame: Frame,
    provider: Option<Shown>,
    refused: Option<String>,
}

/// Sends the browser to the provider. A link leads here and no form, which may not leave this place.
pub(crate) async fn enter(
    state: State,
    here: Surroundings,
    Whence(device): Whence,
    headers: HeaderMap,
    Asking(asked): Asking,
) -> Answer {
    let redirect = state.settings.absolute(&headers, ANSWER);
    match provider::begin(&state.app, &redirect, next(asked.text("next")), &device).await {
        Ok(going) => {
            let cookie = held(&state.settings, &going.cookie, provider::WAITS.as_seconds());
            let answer = ([(header::SET_COOKIE, cookie)], Redirect::to(&going.to));
            Ok(kept_nowhere(answer.into_response()))
        }
        Err(error) => refused_here(&state, &here, &asked, error).await,
    }
}

/// Takes the provider's answer.
pub(crate) async fn answered(
    state: State,
    here: Surroundings,
    Whence(device): Whence,
    headers: HeaderMap,
    Asking(asked): Asking,
) -> Answer {
    let answer = provider::Answer {
        code: asked.raw("code").to_owned(),
        state: asked.raw("state").to_owned(),
        issuer: asked.filled("iss").map(str::to_owned),
        error: asked.filled("error").map(str::to_owned),
    };
    let cookie = cookie(&headers, name(&state.settings));
    let mut response = match provider::answer(&state.app, cookie, &answer, &device).await {
        Ok(arrived) => signed_in(&state, &arrived.begun, next(&arrived.next)),
        Err(error) => refused_here(&state, &here, &Submitted::default(), error).await?,
    };
    response.headers_mut().append(header::SET_COOKIE, held(&state.settings, "", 0));
    Ok(kept_nowhere(response))
}

/// What is said after signing out, with the way to sign out at the provider too.
pub(crate) async fn signed_out(state: State, here: Surroundings) -> Answer {
    signed_out_page(&state, &here, StatusCode::OK, None).await
}

/// Sends the browser to where the provider signs people out.
pub(crate) async fn leave(state: State, here: Surroundings, headers: HeaderMap) -> Answer {
    match provider::way_out(&state.app, &state.settings.absolute(&headers, OUT)).await {
        Ok(to) => Ok(kept_nowhere(Redirect::to(&to).into_response())),
        Err(error) => {
            let (status, form) = Submitted::default().refused(error)?;
            signed_out_page(&state, &here, status, form.general).await
        }
    }
}

/// Takes the provider's word that somebody signed out (Back-Channel Logout 1.0, section 2.8).
pub(crate) async fn farewell(state: State, Whence(device): Whence, sent: Submitted) -> Answer {
    match provider::farewell(&state.app, sent.text("logout_token"), &device).await {
        Ok(_) => Ok(kept_nowhere(StatusCode::OK.into_response())),
        Err(Error::Invalid { .. }) => {
            let said = [(header::CONTENT_TYPE, "application/json")];
            let mut answer =
                (StatusCode::BAD_REQUEST, said, "{\"error\":\"invalid_request\"}").into_response();
            answer.extensions_mut().insert(AsItIs);
            Ok(kept_nowhere(answer))
        }
        Err(error) => Err(Failure(error)),
    }
}

async fn signed_out_page(
    state: &State,
    here: &Surroundings,
    status: StatusCode,
    refused: Option<String>,
) -> Answer<Response> {
    let provider = provider::shown(&state.app).await?;
    html::with(status, &SignedOutPage { frame: here.frame("Signed out"), provider, refused })
}

/// The header that the browser holds a value by, or forgets it: it holds what belongs to a sign-in only for as long as that takes.
fn held(settings: &Settings, value: &str, seconds: i64) -> HeaderValue {
    let (name, secure) = (name(settings), if settings.secure_cookies { "; Secure" } else { "" });
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("debrief_provider=; Path=/; Max-Age=0"))
}

const fn name(settings: &Settings) -> &'static str {
    if settings.secure_cookies { "__Host-debrief_provider" } else { "debrief_provider" }
}

/// The addresses that an administrator enters at the provider.
pub(super) fn addresses(settings: &Settings, headers: &HeaderMap) -> [(&'static str, String); 3] {
    [
        ("Redirect URI, where people come back to", settings.absolute(headers, ANSWER)),
        ("Post-logout redirect URI", settings.absolute(headers, OUT)),
        ("Back-channel logout URI", settings.absolute(headers, FAREWELL)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urls;

    #[test]
    fn what_a_browser_holds_stays_with_us_and_not_for_long() {
        let open = held(&Settings::new(None), "abc", 600);
        assert_eq!(open, "debrief_provider=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
        let secure = held(&Settings::new(Some("https://debrief.example".into())), "abc", 600);
        assert_eq!(
            secure,
            "__Host-debrief_provider=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure"
        );
        assert_eq!(
            urls::enter_by_provider("/incidents/INC-1"),
            "/sign-in/provider?next=%2Fincidents%2FINC-1"
        );
        assert_eq!(urls::enter_by_provider("//evil.example"), "/sign-in/provider");
    }
}
