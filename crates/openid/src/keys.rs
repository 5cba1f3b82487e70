//! Public keys of a provider (RFC 7517), each with the one algorithm it is good for, so that nobody who sends a token
//! can choose how a key is used.

use crate::Refused;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature;
use serde::Deserialize;
use serde_json::Value;

/// Keys that one provider may show.
const MOST: usize = 100;

/// How a token is signed. `none` and the ways with a shared secret are no choices here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519 (RFC 8037).
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
}

/// A public key of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub(crate) id: Option<String>,
    pub(crate) algorithm: Algorithm,
    /// The modulus, the point or the key.
    bytes: Vec<u8>,
    /// The exponent, of RSA only.
    exponent: Vec<u8>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a provider that can be used here; others among them are passed over (RFC 7517, section 5).
///
/// # Errors
/// [`Refused::Bad`] for what is no set of keys.
pub fn keys(text: &[u8]) -> Result<Vec<Key>, Refused> {
    let set: KeySet =
        serde_json::from_slice(text).map_err(|_| Refused::Bad("its keys are no set of keys"))?;
    let read = |one: Value| serde_json::from_value::<Jwk>(one).ok().and_then(key);
    Ok(set.keys.into_iter().take(MOST).filter_map(read).collect())
}

fn key(jwk: Jwk) -> Option<Key> {
    if jwk.used_for.is_some_and(|used| used != "sig") {
        return None;
    }
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let (algorithm, names, main, exponent) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let stripped = |number: Vec<u8>| number.into_iter().skip_while(|byte| *byte == 0).collect();
            (Algorithm::Rs256, &["RS256"][..], stripped(bytes(&jwk.n)?), stripped(bytes(&jwk.e)?))
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            (Algorithm::Es256, &["ES256"][..], [&[4][..], &x, &y].concat(), Vec::new())
        }
        ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, &["EdDSA", "Ed25519"][..], bytes(&jwk.x)?, Vec::new()),
        _ => return None,
    };
    let meant = jwk.alg.is_none_or(|alg| names.contains(&alg.as_str()));
    meant.then_some(Key { id: jwk.kid, algorithm, bytes: main, exponent })
}

impl Key {
    /// Whether `seal` is the signature of `message` by the holder of this key.
    pub(crate) fn verifies(&self, message: &[u8], seal: &[u8]) -> bool {
        let by = |algorithm: &'static dyn signature::VerificationAlgorithm| {
            signature::UnparsedPublicKey::new(algorithm, &self.bytes).verify(message, seal).is_ok()
        };
        match self.algorithm {
            Algorithm::Rs256 => {
                let key = signature::RsaPublicKeyComponents {
                    n: self.bytes.as_slice(),
                    e: self.exponent.as_slice(),
                };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, seal).is_ok()
            }
            Algorithm::Es256 => by(&signature::ECDSA_P256_SHA256_FIXED),
            Algorithm::EdDsa => by(&signature::ED25519),
        }
    }
}
