//! Reading JSON so that every failure names its place.
//!
//! Records are first taken as raw slices, because evidence keeps the record exactly as received. Taking a
//! slice is iterative in `serde_json`, so nesting of any depth is harmless; reading a record into a type
//! stops at a depth of 128 with an error.

use crate::ImportError;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The text of a file, without a byte order mark.
pub fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, ImportError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let byte = error.valid_up_to();
        let line = 1 + bytes.iter().take(byte).filter(|it| **it == b'\n').count();
        ImportError::NotText { file: file.to_owned(), line, byte }
    })
}

/// The elements of a file that is one JSON array, each exactly as received.
pub fn array<'a>(file: &str, bytes: &'a [u8]) -> Result<Vec<&'a RawValue>, ImportError> {
    let text = text(file, bytes)?;
    if !text.trim_start().starts_with('[') && serde_json::from_str::<&RawValue>(text).is_ok() {
        let reason = "a JSON array was expected here".to_owned();
        return Err(ImportError::Shape { file: file.to_owned(), reason });
    }
    serde_json::from_str(text).map_err(|error| not_json(file, &error))
}

/// The JSON texts of a file, one after another: pages of an API are often joined that way.
pub fn documents<'a>(file: &str, bytes: &'a [u8]) -> Result<Vec<&'a RawValue>, ImportError> {
    let text = text(file, bytes)?;
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error| not_json(file, &error))
}

/// One record as a type; the reason is the end of a sentence.
pub fn typed<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| words(&error))
}

/// The elements of a list, or the one thing that stands where a list could; none for null and for nothing.
pub fn each(raw: Option<&RawValue>) -> Vec<&RawValue> {
    match raw.map(|it| (it, it.get().as_bytes().first())) {
        Some((it, Some(b'['))) => typed(it).unwrap_or_default(),
        Some((it, Some(b'{'))) => vec![it],
        _ => Vec::new(),
    }
}

/// The error for a file that is no JSON.
fn not_json(file: &str, error: &serde_json::Error) -> ImportError {
    ImportError::NotJson {
        file: file.to_owned(),
        line: error.line().max(1),
        column: error.column().max(1),
        reason: words(error),
    }
}

/// The parser's words without the place, which is told separately, and of a bounded length.
fn words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(before, _)| before);
    words.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_their_place() {
        assert_eq!(
            array("a.json", b"[1,\n2 3]").unwrap_err().to_string(),
            "a.json: line 2, column 3 is not JSON (expected `,` or `]`). Nothing was brought in."
        );
        assert_eq!(
            array("a.json", b"[\"ok\",\n\"\xFF\"]").unwrap_err().to_string(),
            "a.json: byte 8 on line 2 is not UTF-8 text. Nothing was brought in."
        );
        assert_eq!(
            array("a.json", b"{}").unwrap_err().to_string(),
            "a.json: a JSON array was expected here. Nothing was brought in."
        );
        assert!(documents("a.json", b"{} {").is_err());
        assert_eq!(documents("a.json", b"{}\n[]\n{}").unwrap().len(), 3);
    }

    #[test]
    fn depth_is_harmless() {
        let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
        let elements = array("deep.json", deep.as_bytes()).unwrap();
        assert!(typed::<serde_json::Value>(elements[0]).is_err());
    }
}
