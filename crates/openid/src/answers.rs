//! What the token endpoint and the UserInfo endpoint answer.

use crate::{Refused, Refused::Bad, Said, token::is_subject};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Tokens that a code was exchanged for (OpenID Connect Core 1.0, section 3.1.3.3). Both are secrets.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Granted {
    /// Who came, signed.
    pub id_token: String,
    /// What opens the UserInfo endpoint, if it is a bearer token.
    pub access_token: Option<String>,
}

impl std::fmt::Debug for Granted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Granted").finish_non_exhaustive()
    }
}

/// Reads the answer of the token endpoint.
///
/// # Errors
/// [`Refused::Bad`] if there is no ID token in it.
pub fn granted(text: &[u8]) -> Result<Granted, Refused> {
    let granted: Granted = serde_json::from_slice(text).map_err(|_| Bad("no ID token was handed over"))?;
    let plain = |token: &String| token.bytes().all(|byte| byte.is_ascii_graphic());
    let access_token = granted.access_token.filter(plain);
    Ok(Granted { access_token, ..granted })
}

/// Reads the answer of the UserInfo endpoint, which must be about `subject` (section 5.3.2).
///
/// # Errors
/// [`Refused::Bad`] for what cannot be read or is about somebody else.
pub fn user_info(text: &[u8], subject: &str) -> Result<Said, Refused> {
    let mut rest: Map<String, Value> =
        serde_json::from_slice(text).map_err(|_| Bad("what it says about somebody cannot be read"))?;
    let about = rest.remove("sub").and_then(|about| about.as_str().map(str::to_owned));
    match about.filter(is_subject) {
        Some(about) if about == subject => Ok(Said { subject: about, session: None, rest }),
        _ => Err(Bad("it speaks of somebody else")),
    }
}
