//! Asking the provider: what it is, which keys it has, and what a code stands for.

use super::{Configured, Provider, SECRET};
use crate::{
    App, Error, Result,
    outbound::{self, Answered, Asked, Inside, Outbound},
    secrets,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Instant, instant::Span};
use openid::{Discovery, Expected, Farewell, Granted, Key, Refused, Said};
use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use std::sync::{Mutex, OnceLock, PoisonError};

/// For so long what a provider said about itself is taken for granted.
const FRESH: Span = Span::hours(1);
/// Keys are looked at again at most so often, whoever sends tokens with unknown ones.
const BETWEEN_LOOKS: Span = Span::minutes(1);

/// Why the provider could not be asked, or is not believed. For the log and for administrators.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// It was not reached.
    #[error(transparent)]
    Unreached(#[from] outbound::Refused),
    /// It did not want to answer.
    #[error("it answered with status {0}")]
    Status(u16),
    /// What it said is not believed.
    #[error("{0}")]
    Unbelieved(#[from] Refused),
}

impl Failed {
    /// What people are told, who are not to know what is wrong with it; the log has the reason.
    pub(crate) fn told(&self, label: &str) -> Error {
        tracing::warn!(why = %self, "the provider of single sign-on failed");
        match self {
            Self::Unreached(_) | Self::Status(500..) => Error::Unavailable(format!(
                "{label} cannot be reached just now, so nobody was signed in. Try again in a minute."
            )),
            Self::Status(_) | Self::Unbelieved(_) => Error::Invalid {
                field: None,
                message: format!(
                    "What {label} answered is not believed here, so nobody was signed in. Begin again; if it \
                     stays so, whoever runs this place finds the reason in the log."
                ),
            },
        }
    }
}

/// What is known of the provider in this process, and the way to it.
#[derive(Debug)]
pub(crate) struct Known {
    configured: Option<Configured>,
    inside: Inside,
    way: OnceLock<Outbound>,
    held: Mutex<Option<Held>>,
}

#[derive(Debug, Clone)]
struct Held {
    discovery: Discovery,
    at: Instant,
    keys: Vec<Key>,
    keys_at: Instant,
}

impl Known {
    pub(crate) fn new(inside: Inside, configured: Option<Configured>) -> Self {
        Self { configured, inside, way: OnceLock::new(), held: Mutex::default() }
    }

    /// What the settings of the installation say about it, if they do.
    pub(crate) fn configured(&self) -> Option<&Configured> {
        self.configured.as_ref()
    }

    async fn ask(&self, asked: Asked) -> std::result::Result<Vec<u8>, Failed> {
        let way = match self.way.get() {
            Some(way) => way.clone(),
            None => {
                let way = Outbound::new(self.inside.clone())?;
                self.way.get_or_init(|| way).clone()
            }
        };
        let Answered { status, body, .. } = way.ask(asked).await?;
        if status.is_success() { Ok(body) } else { Err(Failed::Status(status.as_u16())) }
    }

    fn held(&self, issuer: &str) -> Option<Held> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().filter(|held| held.discovery.issuer == issuer)
    }

    fn hold(&self, held: &Held) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held.clone());
    }
}

/// Asks a provider who it is, and for its keys, whatever was known before.
pub(super) async fn look(app: &App, issuer: &str) -> std::result::Result<Discovery, Failed> {
    let (known, now) = (app.provider(), app.now());
    let text = known.ask(Asked::get(openid::address(issuer))).await?;
    let discovery = openid::discovery(&text, issuer)?;
    let keys = openid::keys(&known.ask(Asked::get(&discovery.jwks_uri)).await?)?;
    known.hold(&Held { discovery: discovery.clone(), at: now, keys, keys_at: now });
    Ok(discovery)
}

/// What the provider says about itself, at most an hour old.
pub(super) async fn discovery(app: &App, issuer: &str) -> std::result::Result<Discovery, Failed> {
    match app.provider().held(issuer).filter(|held| app.now().since(held.at) < FRESH) {
        Some(held) => Ok(held.discovery),
        None => look(app, issuer).await,
    }
}

/// Reads a token with the keys that are known; one signed with an unknown key makes us look at the keys again, at most
/// once a minute.
async fn with_keys<T>(
    app: &App,
    issuer: &str,
    read: impl Fn(&[Key]) -> std::result::Result<T, Refused>,
) -> std::result::Result<T, Failed> {
    discovery(app, issuer).await?;
    let known = app.provider();
    let mut held = known.held(issuer).ok_or(Refused::UnknownKey)?;
    match read(&held.keys) {
        Err(Refused::UnknownKey) if app.now().since(held.keys_at) >= BETWEEN_LOOKS => {
            // Noted first, so that many such tokens at once make few looks.
            held.keys_at = app.now();
            known.hold(&held);
            held.keys = openid::keys(&known.ask(Asked::get(&held.discovery.jwks_uri)).await?)?;
            known.hold(&held);
            Ok(read(&held.keys)?)
        }
        other => Ok(other?),
    }
}

/// Who came, by an ID token that answers `nonce`.
pub(super) async fn identity(
    app: &App,
    provider: &Provider,
    token: &str,
    nonce: &str,
    asked_at: Instant,
) -> std::result::Result<Said, Failed> {
    let expected = Expected { issuer: &provider.issuer, client: &provider.client, now: app.now() };
    with_keys(app, &provider.issuer, |keys| openid::identity(token, keys, expected, nonce, asked_at)).await
}

/// Whose sessions end, by a logout token.
pub(super) async fn farewell(
    app: &App,
    provider: &Provider,
    token: &str,
) -> std::result::Result<Farewell, Failed> {
    let expected = Expected { issuer: &provider.issuer, client: &provider.client, now: app.now() };
    with_keys(app, &provider.issuer, |keys| openid::farewell(token, keys, expected)).await
}

/// Exchanges a code for tokens (RFC 6749, section 4.1.3, with RFC 7636).
pub(super) async fn exchange(
    app: &App,
    provider: &Provider,
    discovery: &Discovery,
    code: &str,
    redirect: &str,
    verifier: &str,
) -> Result<std::result::Result<Granted, Failed>> {
    let opened = secrets::open(app, &mut app.db().read().await?, SECRET).await?;
    let opened = opened.ok_or(Error::NotFound)?;
    let secret = opened.text().ok_or(Error::NotFound)?;
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect),
        ("code_verifier", verifier),
    ];
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if discovery.secret_in_body() {
        fields.extend([("client_id", provider.client.as_str()), ("client_secret", secret)]);
    } else {
        let pair = STANDARD.encode(format!("{}:{}", encoded(&provider.client), encoded(secret)));
        let mut basic = HeaderValue::from_str(&format!("Basic {pair}")).map_err(Error::internal)?;
        basic.set_sensitive(true);
        headers.insert(AUTHORIZATION, basic);
    }
    let asked = Asked {
        method: Method::POST,
        url: discovery.token_endpoint.clone(),
        headers,
        body: form(&fields).into_bytes(),
    };
    let answered = app.provider().ask(asked).await;
    Ok(answered.and_then(|text| Ok(openid::granted(&text)?)))
}

/// What the provider says beyond the ID token about `subject`.
pub(super) async fn user_info(
    app: &App,
    address: &str,
    access_token: &str,
    subject: &str,
) -> std::result::Result<Said, Failed> {
    let mut asked = Asked::get(address);
    let bearer = HeaderValue::from_str(&format!("Bearer {access_token}"));
    let mut bearer = bearer.map_err(|_| Refused::Bad("its access token is none"))?;
    bearer.set_sensitive(true);
    asked.headers.insert(AUTHORIZATION, bearer);
    asked.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(openid::user_info(&app.provider().ask(asked).await?, subject)?)
}

/// Pairs as a form or a query has them.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
