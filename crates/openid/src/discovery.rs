//! What a provider says about itself (OpenID Connect Discovery 1.0, section 3).

use crate::{Refused, Refused::Bad};
use serde::Deserialize;
use url::Url;

/// Characters of an address.
const LONGEST: usize = 2_000;

/// The addresses of a provider, and what it does at them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Discovery {
    /// Who it is, exactly as configured.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more is said about somebody.
    pub userinfo_endpoint: Option<String>,
    /// Where people sign out of the provider (RP-Initiated Logout 1.0).
    pub end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether answers always say who gave them (RFC 9207).
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub says_who_answers: bool,
}

impl Discovery {
    /// Whether the client's secret goes into the body instead of a header: only where nothing else is taken.
    pub fn secret_in_body(&self) -> bool {
        let takes = |way| {
            self.token_endpoint_auth_methods_supported
                .as_ref()
                .is_none_or(|ways| ways.iter().any(|known| known == way))
        };
        !takes("client_secret_basic") && takes("client_secret_post")
    }
}

/// Whether this can be an issuer: an address of https (or http, which the way out lets through for hosts that are
/// named in the settings) without credentials, query and fragment.
pub fn is_issuer(text: &str) -> bool {
    is_address(text) && !text.contains(['?', '#'])
}

/// Where the provider describes itself.
pub fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// What the provider at `issuer` says about itself.
///
/// # Errors
/// [`Refused::Bad`] if it cannot be read, calls itself something else, or names what is no address. Where the issuer has
/// TLS, everything must.
pub fn discovery(text: &[u8], issuer: &str) -> Result<Discovery, Refused> {
    let found: Discovery =
        serde_json::from_slice(text).map_err(|_| Bad("what it says about itself cannot be read"))?;
    if found.issuer != issuer {
        return Err(Bad("it calls itself by another address"));
    }
    let needed = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
    let optional = [&found.userinfo_endpoint, &found.end_session_endpoint];
    let safe = issuer.starts_with("https:");
    for address in needed.into_iter().chain(optional.into_iter().flatten()) {
        if !is_address(address) || safe && !address.starts_with("https:") {
            return Err(Bad("one of its addresses is none that can be used"));
        }
    }
    Ok(found)
}

fn is_address(text: &str) -> bool {
    let plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic());
    plain
        && Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && text.starts_with(&format!("{}://", url.scheme()))
        })
}
