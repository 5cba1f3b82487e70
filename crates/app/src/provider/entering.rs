//! Going to the provider and coming back: the authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1;
//! RFC 7636; RFC 9207).
//!
//! The browser holds one secret in a cookie; state, nonce and verifier are drawn from it, so that an answer fits only
//! the browser that asked. The record holds its sum with the way back, for ten minutes, and gives it out once.

use super::{Provider, admitting, asking, load};
use crate::{
    App, Error, Result, secret,
    sign_in::{Begun, Device},
};
use domain::{Instant, TokenId, instant::Span};
use ring::hmac;
use serde::{Deserialize, Serialize};
use store::ceremonies::{self, Ceremony};
use subtle::ConstantTimeEq;

/// For so long an answer is waited for.
pub const WAITS: Span = Span::minutes(10);
const KIND: &str = "provider";
/// Characters of a code.
const CODE: usize = 4_000;

/// Where a browser goes.
#[derive(Clone)]
pub struct Going {
    /// The provider's address with the question.
    pub to: String,
    /// What the browser holds until it comes back.
    pub cookie: String,
}

impl std::fmt::Debug for Going {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Going").finish_non_exhaustive()
    }
}

/// What a browser came back with. Nothing in it is believed before it was verified.
#[derive(Clone, Default)]
pub struct Answer {
    /// What stands for the tokens.
    pub code: String,
    /// Which question is answered.
    pub state: String,
    /// Who answers, where that is said.
    pub issuer: Option<String>,
    /// Why nobody is let in.
    pub error: Option<String>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// Somebody who came in.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Their session.
    pub begun: Begun,
    /// Where they wanted to go.
    pub next: String,
}

/// What the record holds of a question.
#[derive(Serialize, Deserialize)]
struct Question {
    next: String,
    redirect: String,
    issuer: String,
    asked_at: i64,
}

/// Begins a sign-in: where the browser goes, and what it holds meanwhile. `redirect` is the address it comes back to,
/// `next` where it goes on to then.
pub async fn begin(app: &App, redirect: &str, next: &str, device: &Device) -> Result<Going> {
    let provider = load(&mut app.db().read().await?).await?.ok_or(Error::NotFound)?;
    // Costs a row for ten minutes, so nobody may ask for many.
    app.sign_ins().allow_from(&device.address, app.now())?;
    let discovery =
        asking::discovery(app, &provider.issuer).await.map_err(|failed| failed.told(&provider.label))?;
    let (drawn, now) = (secret::draw(app, ""), app.now());
    let question = Question {
        next: next.to_owned(),
        redirect: redirect.to_owned(),
        issuer: provider.issuer.clone(),
        asked_at: now.as_micros(),
    };
    let waits = Ceremony {
        id: TokenId::new(now, app.random()),
        kind: KIND,
        person: None,
        detail: serde_json::to_string(&question).map_err(Error::internal)?,
        ends_at: now.plus(WAITS),
    };
    let mut tx = app.db().write().await?;
    ceremonies::begin(&mut tx, &waits, drawn.digest, now).await?;
    tx.commit().await?;

    let scopes = format!("openid {}", provider.scopes);
    let challenge = ring::digest::digest(&ring::digest::SHA256, part(&drawn.text, "verifier").as_bytes());
    let query = asking::form(&[
        ("response_type", "code"),
        ("client_id", &provider.client),
        ("redirect_uri", redirect),
        ("scope", scopes.trim()),
        ("state", &part(&drawn.text, "state")),
        ("nonce", &part(&drawn.text, "nonce")),
        ("code_challenge", &secret::encoded(challenge.as_ref())),
        ("code_challenge_method", "S256"),
    ]);
    let address = discovery.authorization_endpoint;
    let joint = if address.contains('?') { '&' } else { '?' };
    Ok(Going { to: format!("{address}{joint}{query}"), cookie: drawn.text })
}

/// Signs in whoever the provider's answer is about. Another browser's answer, one that came before and one that took
/// too long cannot be told apart.
pub async fn answer(app: &App, cookie: Option<&str>, answer: &Answer, device: &Device) -> Result<Arrived> {
    let provider = load(&mut app.db().read().await?).await?.ok_or(Error::NotFound)?;
    let cookie = cookie.ok_or_else(not_good)?;
    let question = asked(app, &provider, cookie, &answer.state).await?;
    if let Some(error) = &answer.error {
        return Err(turned_back(&provider, error));
    }
    let failed = |failed: asking::Failed| failed.told(&provider.label);
    let discovery = asking::discovery(app, &provider.issuer).await.map_err(failed)?;
    let somebody_else = match &answer.issuer {
        Some(issuer) => *issuer != provider.issuer,
        None => discovery.says_who_answers,
    };
    if somebody_else || answer.code.is_empty() || answer.code.len() > CODE {
        return Err(failed(openid::Refused::Bad("the answer is not its own, or has no code").into()));
    }
    let verifier = part(cookie, "verifier");
    let granted =
        asking::exchange(app, &provider, &discovery, &answer.code, &question.redirect, &verifier).await?;
    let granted = granted.map_err(failed)?;
    let asked_at = Instant::from_micros(question.asked_at);
    let nonce = part(cookie, "nonce");
    let mut said =
        asking::identity(app, &provider, &granted.id_token, &nonce, asked_at).await.map_err(failed)?;
    let lacks_groups = provider.roles.decide() && said.groups(&provider.groups_claim).is_none();
    if let (true, Some(address), Some(access)) =
        (said.email().is_none() || lacks_groups, &discovery.userinfo_endpoint, &granted.access_token)
    {
        let more = asking::user_info(app, address, access, &said.subject).await.map_err(failed)?;
        said.and(more);
    }
    let begun = admitting::admit(app, &provider, &said, device).await?;
    app.sign_ins().forget_from(&device.address);
    Ok(Arrived { begun, next: question.next })
}

/// The question that this browser asked, if `state` answers it; it is used up by that, whatever follows.
///
/// Tries are not counted: a question was counted when it was asked, and what has none costs one look.
async fn asked(app: &App, provider: &Provider, cookie: &str, state: &str) -> Result<Question> {
    if !bool::from(state.as_bytes().ct_eq(part(cookie, "state").as_bytes())) {
        return Err(not_good());
    }
    let (digest, now) = (secret::digest(cookie), app.now());
    if ceremonies::look(&mut app.db().read().await?, KIND, digest, now).await?.is_none() {
        return Err(not_good());
    }
    let mut tx = app.db().write().await?;
    let waits = ceremonies::take(&mut tx, KIND, digest, now).await?;
    tx.commit().await?;
    let question: Question =
        serde_json::from_str(&waits.ok_or_else(not_good)?.detail).map_err(|_| not_good())?;
    // Somebody may have set another provider meanwhile.
    if question.issuer == provider.issuer { Ok(question) } else { Err(not_good()) }
}

/// One of the values that are drawn from what the browser holds; none tells another.
fn part(cookie: &str, name: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, cookie.as_bytes());
    secret::encoded(hmac::sign(&key, name.as_bytes()).as_ref())
}

fn not_good() -> Error {
    Error::Invalid {
        field: None,
        message:
            "This sign-in was begun in another browser, was used before, or took longer than ten minutes. \
                  Nobody was signed in; begin again."
                .into(),
    }
}

fn turned_back(provider: &Provider, error: &str) -> Error {
    let plain: String = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
    tracing::info!(error = plain, "the provider of single sign-on let nobody in");
    Error::Invalid {
        field: None,
        message: format!(
            "{} did not let you in, or you turned back there. Nobody was signed in; you can begin again.",
            provider.label
        ),
    }
}
