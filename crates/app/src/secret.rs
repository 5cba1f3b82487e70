//! Secrets that others carry: cookies, links, API tokens. The record holds only their SHA-256, which is
//! enough because each has 256 random bits; a passphrase has not, see [`crate::passphrase`].

use crate::App;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::evidence::Digest32;

/// A secret at its birth, the only time that its text is known.
pub(crate) struct Secret {
    /// What its carrier gets: letters, digits, `-` and `_`.
    pub text: String,
    /// What the record keeps.
    pub digest: Digest32,
}

/// Draws a secret whose text begins with `prefix`.
pub(crate) fn draw(app: &App, prefix: &str) -> Secret {
    let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(app.random::<32>()));
    Secret { digest: digest(&text), text }
}

/// Bytes as links and browsers carry them.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What the record keeps of a secret. Looking a sum up tells nothing by its timing that would help to find
/// the text behind another.
pub(crate) fn digest(text: &str) -> Digest32 {
    Digest32::of(text.as_bytes())
}
