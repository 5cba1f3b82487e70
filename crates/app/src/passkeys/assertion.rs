//! What a browser brings back from an authenticator, read and verified (Web Authentication, level 2).
//!
//! Attestation is not asked for: who made a device does not matter here. So only three things are read: the
//! client data (JSON), the authenticator data (a fixed layout) and the public key in the one encoding that
//! authenticators may use (CTAP2 canonical CBOR), which needs no reader of CBOR but a comparison.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{digest, signature};
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// What went wrong. For the log; people are told one sentence for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a passkey was refused: {0}")]
pub(crate) struct Refused(&'static str);

/// What an assertion must be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// `webauthn.create` or `webauthn.get`.
    pub kind: &'a str,
    /// Where our pages are, for instance `https://debrief.example`.
    pub origin: &'a str,
}

/// The client data, as far as it counts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// A public key as authenticators write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// The COSE algorithm: −7 (ES256), −8 (EdDSA) or −257 (RS256).
    pub algorithm: i64,
    /// The point, the key or the modulus.
    pub bytes: Vec<u8>,
}

/// A new credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    /// What the authenticator calls it.
    pub id: Vec<u8>,
    /// Its public key.
    pub key: PublicKey,
    /// How often it has signed, as far as the authenticator counts.
    pub counter: u32,
}

/// The algorithms that are taken, the liked one first.
pub(crate) const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// Bytes that come as base64url, of at most `most` bytes.
pub(crate) fn decoded(text: &str, most: usize) -> Result<Vec<u8>, Refused> {
    if text.len() > most.div_ceil(3) * 4 {
        return Err(Refused("longer than anything that authenticators send"));
    }
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| Refused("no base64url"))
}

/// The challenge that client data answer, if they are about `expected`.
pub(crate) fn challenge(client_data: &[u8], expected: Expected<'_>) -> Result<String, Refused> {
    let data: ClientData =
        serde_json::from_slice(client_data).map_err(|_| Refused("client data that are no JSON"))?;
    if data.kind != expected.kind {
        return Err(Refused("made for another purpose"));
    }
    if data.origin != expected.origin || data.cross_origin {
        return Err(Refused("made on another page"));
    }
    Ok(data.challenge)
}

/// What the flags and the counter of authenticator data say.
struct Header<'a> {
    counter: u32,
    rest: &'a [u8],
    has_credential: bool,
}

/// Bytes of the hash, the flags and the counter (section 6.1).
const HEADER: usize = 37;
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;

fn header<'a>(data: &'a [u8], host: &str) -> Result<Header<'a>, Refused> {
    if data.len() < HEADER {
        return Err(Refused("authenticator data that are cut off"));
    }
    let (head, rest) = data.split_at(HEADER);
    let ours = digest::digest(&digest::SHA256, host.as_bytes());
    if !bool::from(head[..32].ct_eq(ours.as_ref())) {
        return Err(Refused("made for another host"));
    }
    let flags = head[32];
    // Verified: the device asked for a finger, a face or a PIN. That makes it two factors in one.
    if flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0 {
        return Err(Refused("nobody was asked"));
    }
    let counter = u32::from_be_bytes([head[33], head[34], head[35], head[36]]);
    Ok(Header { counter, rest, has_credential: flags & HAS_CREDENTIAL != 0 })
}

/// The new credential in authenticator data (section 6.5.1).
pub(crate) fn credential(data: &[u8], host: &str) -> Result<Credential, Refused> {
    let header = header(data, host)?;
    if !header.has_credential || header.rest.len() < 18 {
        return Err(Refused("no credential in it"));
    }
    // The first 16 bytes name the make of the device.
    let (length, rest) = header.rest[16..].split_at(2);
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length == 0 || length > 1023 || rest.len() < length {
        return Err(Refused("a credential id of an impossible length"));
    }
    let (id, key) = rest.split_at(length);
    Ok(Credential { id: id.to_vec(), key: public_key(key)?, counter: header.counter })
}

/// A public key in canonical CBOR; extensions may follow it.
fn public_key(bytes: &[u8]) -> Result<PublicKey, Refused> {
    // {1: 2, 3: −7, −1: 1, −2: x, −3: y}, with 32 bytes each.
    let es256 = bytes.strip_prefix(b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
    if let Some(rest) = es256
        && let Some((x, rest)) = rest.split_at_checked(32)
        && let Some(y) = rest.strip_prefix(b"\x22\x58\x20").and_then(|rest| rest.get(..32))
    {
        return Ok(PublicKey { algorithm: -7, bytes: [&[4], x, y].concat() });
    }
    // {1: 1, 3: −8, −1: 6, −2: x}
    if let Some(x) =
        bytes.strip_prefix(b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20").and_then(|rest| rest.get(..32))
    {
        return Ok(PublicKey { algorithm: -8, bytes: x.to_vec() });
    }
    // {1: 3, 3: −257, −1: n, −2: 65537}, with a modulus of 2048 bits.
    if let Some(rest) = bytes.strip_prefix(b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00")
        && let Some((n, rest)) = rest.split_at_checked(256)
        && rest.starts_with(b"\x21\x43\x01\x00\x01")
    {
        return Ok(PublicKey { algorithm: -257, bytes: n.to_vec() });
    }
    Err(Refused("a public key of a sort that is not taken"))
}

/// Verifies what an authenticator signed with `key`; its counter afterwards. `before` is the counter so far: one
/// that does not grow tells of a copy (section 7.2, step 21).
pub(crate) fn verify(
    key: &PublicKey,
    before: u32,
    host: &str,
    data: &[u8],
    client_data: &[u8],
    signed: &[u8],
) -> Result<u32, Refused> {
    let header = header(data, host)?;
    let message = [data, digest::digest(&digest::SHA256, client_data).as_ref()].concat();
    let wrong = |_| Refused("a signature of somebody else");
    match key.algorithm {
        -7 => signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, &key.bytes)
            .verify(&message, signed)
            .map_err(wrong)?,
        -8 => signature::UnparsedPublicKey::new(&signature::ED25519, &key.bytes)
            .verify(&message, signed)
            .map_err(wrong)?,
        -257 => signature::RsaPublicKeyComponents { n: key.bytes.as_slice(), e: &[1_u8, 0, 1][..] }
            .verify(&signature::RSA_PKCS1_2048_8192_SHA256, &message, signed)
            .map_err(wrong)?,
        _ => return Err(Refused("a public key of a sort that is not taken")),
    }
    if (before > 0 || header.counter > 0) && header.counter <= before {
        return Err(Refused("a counter that did not grow"));
    }
    Ok(header.counter)
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
