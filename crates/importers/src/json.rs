//! Reading JSON so that every failure names its place.
//!
//! Records are first taken as raw slices, because evidence keeps the record exactly as received. Taking a
//! slice is iterative in `serde_json`, so nesting of any depth is harmless; reading a record into a type
//! stops at a depth of 128 with an error.

use crate::{ImportError, record::closely, side_by_side};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ops::Range;

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

/// A document of a file: a list in its elements, anything else as a `T`; each with the whole of it as received.
#[derive(Debug, Clone)]
pub enum Document<'a, T> {
    /// A list.
    List(Vec<&'a RawValue>, &'a str),
    /// An object, or a value that is none.
    One(T, &'a str),
    /// Sound, but no `T`, for a reason that is the end of a sentence.
    Strange(String, &'a str),
}

impl<'a, T> Document<'a, T> {
    /// The whole as received.
    pub const fn raw(&self) -> &'a str {
        match self {
            Self::List(_, raw) | Self::One(_, raw) | Self::Strange(_, raw) => raw,
        }
    }
}

/// The JSON texts of a file, one after another, each passed over once; objects on lines by several processors.
pub fn parts<'a, T>(file: &str, bytes: &'a [u8]) -> Result<Vec<Document<'a, T>>, ImportError>
where
    T: Deserialize<'a> + Send,
{
    let text = text(file, bytes)?;
    let ranges = if text.starts_with('{') { cuts(text, side_by_side::runs(text.len())) } else { Vec::new() };
    // If each run between two cuts is whole objects, so is the text.
    let runs = side_by_side::ranged(ranges, |range| each_part(text.get(range).unwrap_or_default()));
    let runs: Option<Vec<_>> = runs.into_iter().collect();
    let parts = runs.filter(|it| !it.is_empty()).map(|runs| runs.into_iter().flatten().collect());
    match parts.or_else(|| each_part(text)) {
        Some(parts) => Ok(parts),
        // What the fault is, and where, tells whoever reads the whole at once.
        None => documents(file, bytes).map(|all| {
            let part = |raw: &'a RawValue| match typed(raw) {
                Ok(part) => Document::One(part, raw.get()),
                Err(reason) => Document::Strange(reason, raw.get()),
            };
            all.into_iter().map(part).collect()
        }),
    }
}

/// So many bytes are searched for a place to cut.
const NEAR: usize = 1 << 18;

/// Where a text of one object after another may be cut into `runs`: before objects that begin a line.
fn cuts(text: &str, runs: usize) -> Vec<Range<usize>> {
    let (mut from, mut cuts) = (0, Vec::new());
    for run in 1..runs {
        let aim = text.len() / runs * run;
        // A file of lines has one soon; one that is a single object is not searched to its end.
        let near = text.as_bytes().get(aim..(aim + NEAR).min(text.len()));
        let found = near.and_then(|it| it.windows(2).position(|two| two == b"\n{"));
        let Some(at) = found.map(|it| aim + it + 1).filter(|at| *at > from) else { continue };
        cuts.push(from..at);
        from = at;
    }
    cuts.push(from..text.len());
    cuts
}

/// The documents of `text`; `None` if there is a fault in it.
fn each_part<'a, T: Deserialize<'a>>(mut text: &'a str) -> Option<Vec<Document<'a, T>>> {
    let mut parts = Vec::new();
    loop {
        text = text.trim_start_matches([' ', '\n', '\r', '\t']);
        if text.is_empty() {
            return Some(parts);
        }
        let part = if text.starts_with('[') {
            let (list, raw) = first(text).ok()?;
            Document::List(list, raw)
        } else {
            match first(text).or_else(|_| closely(|| first(text))) {
                Ok((one, raw)) => Document::One(one, raw),
                Err(error) if error.is_data() => {
                    let (_, raw) = first::<&RawValue>(text).ok()?;
                    Document::Strange(words(&error), raw)
                }
                Err(_) => return None,
            }
        };
        text = text.get(part.raw().len()..)?;
        parts.push(part);
    }
}

/// The value that `text` begins with, which is not blank, and as what it was received.
fn first<'a, T: Deserialize<'a>>(text: &'a str) -> Result<(T, &'a str), serde_json::Error> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = stream.next().transpose()?;
    let read = text.get(..stream.byte_offset()).unwrap_or(text);
    value.map(|value| (value, read)).ok_or_else(|| serde::de::Error::custom("there is nothing"))
}

/// One record as a type; the reason is the end of a sentence.
pub fn typed<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    of(raw.get())
}

/// The same for the text of a record.
pub fn of<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, String> {
    serde_json::from_str(raw)
        .or_else(|_| closely(|| serde_json::from_str(raw)))
        .map_err(|error| words(&error))
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
    fn lists_are_looked_into_and_lines_cut_anywhere() {
        type Parts<'a> = Vec<Document<'a, &'a RawValue>>;
        let mixed = " [1, {\"a\":[2]}]\n{\"b\":1} 7 [] ";
        let found: Parts<'_> = parts("a.json", mixed.as_bytes()).unwrap();
        let raws: Vec<_> = found.iter().map(Document::raw).collect();
        assert_eq!(raws, ["[1, {\"a\":[2]}]", "{\"b\":1}", "7", "[]"]);
        assert!(matches!(&found[0], Document::List(list, _) if list[1].get() == "{\"a\":[2]}"));
        let strange: Vec<Document<'_, Vec<u8>>> = parts("a.json", b"{\"a\":1} {}").unwrap();
        assert!(matches!(&strange[..], [Document::Strange(_, "{\"a\":1}"), Document::Strange(_, "{}")]));
        for broken in ["[1,\n2 3]", "{} {", "{\"a\":\n}"] {
            let told = parts::<&RawValue>("a.json", broken.as_bytes()).unwrap_err().to_string();
            assert_eq!(told, documents("a.json", broken.as_bytes()).unwrap_err().to_string());
        }

        // However many cuts there are, the same comes out; a line break inside an object is no place to cut.
        let lines: String = (0..50).map(|n| format!("{{\"n\":{n},\"t\":\"\\n{{\"}}\n")).collect();
        for runs in 1..9 {
            let ranges = cuts(&lines, runs);
            assert_eq!(ranges.len(), runs);
            let all = ranges.into_iter().map(|range| each_part::<&RawValue>(&lines[range]).unwrap());
            assert_eq!(all.map(|it| it.len()).sum::<usize>(), 50);
        }
        let nested = "{\"a\":[\n{\"b\":1},\n{\"b\":2}\n]}\n";
        assert!(cuts(nested, 3).into_iter().any(|range| each_part::<&RawValue>(&nested[range]).is_none()));
    }

    #[test]
    fn depth_is_harmless() {
        let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
        let elements = array("deep.json", deep.as_bytes()).unwrap();
        assert!(typed::<serde_json::Value>(elements[0]).is_err());
    }
}
