//! Signed tokens of a provider, verified (RFC 7515; OpenID Connect Core 1.0, section 3.1.3.7; Back-Channel Logout 1.0,
//! section 2.6).

use crate::{
    Refused,
    Refused::Bad,
    Said,
    keys::{Algorithm, Key},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Instant, instant::Span};
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

/// So far the clocks of a provider and of this machine may differ.
pub const SKEW: Span = Span::minutes(2);
/// So old a logout token may be; for so long and twice the skew its name is remembered.
pub(crate) const FAREWELL: Span = Span::minutes(10);
/// Characters of a token; real ones have one or two thousand, with many groups more.
const LONGEST: usize = 64 << 10;
/// Characters of a name that a provider gives to somebody, to a session or to a token.
const NAME: usize = 255;

/// What a token must say to be meant for us, now.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who must have said it.
    pub issuer: &'a str,
    /// Whom it must be said to.
    pub client: &'a str,
    /// The instant it is now.
    pub now: Instant,
}

/// Whose sessions a provider ends.
#[derive(Clone, PartialEq, Eq)]
pub struct Farewell {
    /// Everything of somebody.
    pub subject: Option<String>,
    /// One session there.
    pub session: Option<String>,
    /// The token's own name, good for one use.
    pub id: String,
    /// Until when the token would be taken, so until when its name is to be remembered.
    pub good_until: Instant,
}

impl std::fmt::Debug for Farewell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Farewell").finish_non_exhaustive()
    }
}

/// What an ID token says, if one of `keys` signed it and it answers the question that was asked with `nonce` at
/// `asked_at`.
///
/// # Errors
/// [`Refused`] with what is wrong about it.
pub fn identity(
    token: &str,
    keys: &[Key],
    expected: Expected<'_>,
    nonce: &str,
    asked_at: Instant,
) -> Result<Said, Refused> {
    identified(&signed(token, keys, &["JWT"])?, expected, nonce, asked_at)
}

/// What the claims of an ID token say.
pub(crate) fn identified(
    claims: &[u8],
    expected: Expected<'_>,
    nonce: &str,
    asked_at: Instant,
) -> Result<Said, Refused> {
    let said = registered(claims, expected)?;
    if !said.nonce.is_some_and(|given| bool::from(given.as_bytes().ct_eq(nonce.as_bytes()))) {
        return Err(Bad("it answers another question"));
    }
    if said.exp.is_none() {
        return Err(Bad("it has no end"));
    }
    if said.iat < seconds(asked_at) - skew() {
        return Err(Bad("it was made before anybody asked"));
    }
    let subject = said.sub.filter(is_subject).ok_or(Bad("it names nobody"))?;
    Ok(Said { subject, session: said.sid.filter(is_subject), rest: said.rest })
}

/// What a logout token says, if one of `keys` signed it. Whether it came before is for the caller to ask, by its
/// [`Farewell::id`].
///
/// # Errors
/// [`Refused`] with what is wrong about it.
pub fn farewell(token: &str, keys: &[Key], expected: Expected<'_>) -> Result<Farewell, Refused> {
    parted(&signed(token, keys, &["JWT", "logout+jwt"])?, expected)
}

/// What the claims of a logout token say.
pub(crate) fn parted(claims: &[u8], expected: Expected<'_>) -> Result<Farewell, Refused> {
    const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
    let said = registered(claims, expected)?;
    let is_event = said.rest.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
    if said.nonce.is_some() || !is_event {
        return Err(Bad("it is not about signing out"));
    }
    if said.iat < seconds(expected.now) - whole(FAREWELL) - skew() {
        return Err(Bad("it is too old"));
    }
    let id =
        said.jti.filter(|id| !id.is_empty() && id.len() <= NAME).ok_or(Bad("it has no name of its own"))?;
    let (subject, session) = (said.sub.filter(is_subject), said.sid.filter(is_subject));
    if subject.is_none() && session.is_none() {
        return Err(Bad("it names nobody"));
    }
    // Made by a clock that is ahead, it is taken for so long after its own date, and both skews more.
    let good_until = expected.now.plus(FAREWELL).plus(SKEW).plus(SKEW);
    Ok(Farewell { subject, session, id, good_until })
}

#[derive(Deserialize)]
struct Header {
    alg: Value,
    kid: Option<String>,
    typ: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<Value>,
}

/// The claims of a token of one of the `sorts` whose signature is that of one of `keys`.
pub(crate) fn signed(token: &str, keys: &[Key], sorts: &[&str]) -> Result<Vec<u8>, Refused> {
    if token.len() > LONGEST {
        return Err(Bad("it is longer than any token"));
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(seal), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Bad("it has not three parts"));
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Bad("a part of it is no base64url"));
    let header: Header =
        serde_json::from_slice(&decoded(head)?).map_err(|_| Bad("its header cannot be read"))?;
    let algorithm: Algorithm =
        serde_json::from_value(header.alg).map_err(|_| Bad("it is signed in a way that is not taken"))?;
    if header.crit.is_some() {
        return Err(Bad("it asks for an extension"));
    }
    if header.typ.is_some_and(|typ| !sorts.iter().any(|sort| typ.eq_ignore_ascii_case(sort))) {
        return Err(Bad("it is a token of another sort"));
    }
    let (claims, seal) = (decoded(body)?, decoded(seal)?);
    let message = token.get(..head.len() + 1 + body.len()).unwrap_or_default().as_bytes();
    let fits = |key: &&Key| {
        key.algorithm == algorithm && (header.kid.is_none() || key.id.is_none() || key.id == header.kid)
    };
    let mut fitting = keys.iter().filter(fits).peekable();
    if fitting.peek().is_none() {
        return Err(Refused::UnknownKey);
    }
    if !fitting.any(|key| key.verifies(message, &seal)) {
        return Err(Bad("its signature is somebody else's"));
    }
    Ok(claims)
}

/// One value or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Deserialize)]
struct Registered {
    iss: String,
    sub: Option<String>,
    aud: OneOrMore,
    azp: Option<String>,
    exp: Option<f64>,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    sid: Option<String>,
    jti: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

fn registered(claims: &[u8], expected: Expected<'_>) -> Result<Registered, Refused> {
    let said: Registered = serde_json::from_slice(claims).map_err(|_| Bad("its claims cannot be read"))?;
    if said.iss != expected.issuer {
        return Err(Bad("somebody else made it"));
    }
    let (ours, several) = match &said.aud {
        OneOrMore::One(one) => (one == expected.client, false),
        OneOrMore::More(all) => (all.iter().any(|one| one == expected.client), all.len() > 1),
    };
    if !ours || several && said.azp.is_none() || said.azp.as_ref().is_some_and(|azp| azp != expected.client) {
        return Err(Bad("it was made for another program"));
    }
    let now = seconds(expected.now);
    if said.exp.is_some_and(|exp| exp <= now - skew()) {
        return Err(Bad("it is over"));
    }
    if said.iat > now + skew() || said.nbf.is_some_and(|nbf| nbf > now + skew()) {
        return Err(Bad("it is not good yet"));
    }
    Ok(said)
}

/// At most 255 characters of ASCII (OpenID Connect Core 1.0, section 2).
#[expect(clippy::ptr_arg, reason = "`Option::filter` hands over what the option holds")]
pub(crate) fn is_subject(subject: &String) -> bool {
    !subject.is_empty() && subject.len() <= NAME && subject.is_ascii()
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 have 31 bits")]
fn seconds(at: Instant) -> f64 {
    at.as_micros().div_euclid(1_000_000) as f64
}

fn skew() -> f64 {
    whole(SKEW)
}

#[expect(clippy::cast_precision_loss, reason = "a few minutes")]
fn whole(span: Span) -> f64 {
    span.as_seconds() as f64
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
