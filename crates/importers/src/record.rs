//! What every reader does with a record before it becomes evidence.

use domain::{Instant, evidence::Digest32};
use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// A `source_id` of at most 300 bytes; a longer one is replaced by its sum, which is as stable.
pub fn bounded_id(id: String) -> String {
    if id.len() <= 300 && !id.contains('\0') { id } else { format!("sha256:{}", Digest32::of(id.as_bytes())) }
}

/// An id for a record that has none of its own: the beginning of the sum of its raw form.
pub fn sum_id(raw: &str) -> String {
    Digest32::of(raw.as_bytes()).to_string().chars().take(16).collect()
}

/// Text that can be stored and shown: control characters other than line breaks and tabs become `�`,
/// because databases refuse NUL, and outer blanks go.
pub fn clean(text: &str) -> String {
    let text = text.trim();
    let strange = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(strange) {
        text.replace("\r\n", "\n").replace(strange, "\u{FFFD}")
    } else {
        text.to_owned()
    }
}

/// [`clean`] on one line.
pub fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Only addresses that a browser may be sent to.
pub fn web_address(url: Option<&str>) -> Option<String> {
    let url = url?.trim();
    let web = url.starts_with("https://") || url.starts_with("http://");
    (web && url.len() <= 2_000 && !url.contains(|c: char| c.is_control() || c.is_whitespace()))
        .then(|| url.to_owned())
}

/// RFC 3339 as the sources write it, `None` when it is something else.
pub fn instant(text: Option<&str>) -> Option<Instant> {
    text?.parse().ok()
}

/// A field that is left out when it has another type than expected, for parts that are nice to have.
pub fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Good(T),
        Other(IgnoredAny),
    }
    Ok(match Option::<Either<T>>::deserialize(deserializer)? {
        Some(Either::Good(value)) => Some(value),
        Some(Either::Other(_)) | None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_stored() {
        assert_eq!(clean(" a\u{0}b\r\nc\td "), "a\u{FFFD}b\nc\td");
        assert_eq!(line("a\n  b"), "a b");
        assert!(bounded_id("x".repeat(400)).len() < 100);
    }

    #[test]
    fn only_web_addresses_are_kept() {
        assert!(web_address(Some("https://acme.example/1")).is_some());
        assert!(web_address(Some("javascript:alert(1)")).is_none());
        assert!(web_address(Some("https://a b")).is_none());
    }
}
