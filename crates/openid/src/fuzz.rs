//! Places where anybody's bytes arrive, for `fuzz`: each takes any bytes and panics when a promise is broken.

use crate::{
    Expected, Key, Refused, discovery, granted, identity, keys,
    token::{identified, parted, signed},
    user_info,
};
use domain::Instant;

const ISSUER: &str = "https://id.example";
const CLIENT: &str = "debrief";
const NONCE: &str = "n-0S6";
const NOW: Instant = Instant::from_seconds(1_794_635_220);
const EXPECTED: Expected<'_> = Expected { issuer: ISSUER, client: CLIENT, now: NOW };

/// The public keys of RFC 7515, appendix A.3, and RFC 8037, appendix A.
const KEYS: &[u8] = br#"{"keys":[
{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// Whatever a provider answers is read or refused.
pub fn answers(bytes: &[u8]) {
    let _ = granted(bytes);
    if let Ok(found) = discovery(bytes, ISSUER) {
        assert_eq!(found.issuer, ISSUER);
        for address in [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri] {
            assert!(address.starts_with("https://"), "{address}");
        }
    }
    if let Ok(found) = keys(bytes) {
        assert!(found.len() <= 100 && found.iter().all(|key| !key.verifies(b"", b"")));
    }
    if let Ok(said) = user_info(bytes, "somebody") {
        let _ = (said.email(), said.name(), said.groups("groups"), said.groups("a.b.c"));
    }
}

/// A token says something only if a known key signed it, and nobody has these.
pub fn token(bytes: &[u8]) {
    let known: Vec<Key> = keys(KEYS).unwrap_or_default();
    assert_eq!(known.len(), 2);
    let text = String::from_utf8_lossy(bytes);
    assert!(identity(&text, &known, EXPECTED, NONCE, NOW).is_err(), "a forged token was believed");
    assert!(signed(&text, &[], &["JWT"]).is_err(), "a token was believed without any key");
    let _: Result<Vec<u8>, Refused> = signed(&text, &known, &["JWT"]);
}

/// Claims that are taken say who made them, and whom they are about.
pub fn claims(bytes: &[u8]) {
    let made_here = |text: &[u8]| {
        let value: serde_json::Value = serde_json::from_slice(text).unwrap_or_default();
        assert_eq!(value["iss"], ISSUER, "somebody else's claims were taken");
    };
    if let Ok(said) = identified(bytes, EXPECTED, NONCE, NOW) {
        made_here(bytes);
        assert!(!said.subject.is_empty() && said.subject.len() <= 255);
        let _ = (said.email(), said.email_is_verified(), said.name(), said.groups("groups"));
    }
    if let Ok(farewell) = parted(bytes, EXPECTED) {
        made_here(bytes);
        assert!(farewell.subject.is_some() || farewell.session.is_some());
        assert!(farewell.good_until > NOW);
    }
}
