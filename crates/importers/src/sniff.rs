//! Which fields a JSON text has, from its beginning alone: enough to tell products apart, also for files that
//! break off, without reading the rest.

use std::collections::BTreeMap;

/// How much of a file is looked at.
const LOOKED_AT: usize = 256 << 10;
/// How deep fields are named: `data.issue.title`.
const DEEPEST: usize = 3;
/// How many fields are remembered.
const MOST: usize = 4_000;

/// The fields of a JSON text as paths such as `alerts.startsAt`; the elements of a list share its path.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Whether the text is a list at its top.
    pub list: bool,
    fields: BTreeMap<String, String>,
}

impl Outline {
    /// Looks at the beginning of `bytes`. `None` if that is no JSON object and no list.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let bytes = bytes.get(..LOOKED_AT).unwrap_or(bytes);
        let first = bytes.iter().find(|it| !it.is_ascii_whitespace())?;
        if !matches!(first, b'{' | b'[') {
            return None;
        }
        let mut outline = Self { list: *first == b'[', fields: BTreeMap::new() };
        Scanner { bytes, at: 0, depth: 0, path: Vec::new() }.run(&mut outline);
        Some(outline)
    }

    /// Whether there is such a field.
    pub fn has(&self, path: &str) -> bool {
        self.fields.contains_key(path)
    }

    /// Whether there are all of these.
    pub fn has_all(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.has(path))
    }

    /// Whether there is one of these.
    pub fn has_any(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.has(path))
    }

    /// The first value of a field, if it is a short text, number or flag; else empty.
    pub fn value(&self, path: &str) -> &str {
        self.fields.get(path).map_or("", String::as_str)
    }

    /// Whether no field was found.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many objects are open; lists do not count.
    depth: usize,
    /// For each open bracket: whether it is an object, and the length of the path's name it added.
    path: Vec<(bool, Option<String>)>,
}

impl Scanner<'_> {
    /// One pass, no recursion: depth costs memory only, and that is bounded by what is looked at.
    fn run(&mut self, outline: &mut Outline) {
        let mut names: Vec<String> = Vec::new();
        let mut pending: Option<String> = None;
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'{' | b'[' => {
                    self.path.push((byte == b'{', pending.take()));
                    if let Some((_, Some(name))) = self.path.last() {
                        names.push(name.clone());
                    }
                    self.depth += usize::from(byte == b'{');
                    self.at += 1;
                }
                b'}' | b']' => {
                    if let Some((object, name)) = self.path.pop() {
                        self.depth -= usize::from(object);
                        if name.is_some() {
                            names.pop();
                        }
                    }
                    pending = None;
                    self.at += 1;
                    if self.path.is_empty() {
                        // Only the first of several documents is looked at.
                        return;
                    }
                }
                b'"' => {
                    let Some(text) = self.string() else { return };
                    let in_object = self.path.last().is_some_and(|(object, _)| *object);
                    if in_object && pending.is_none() {
                        self.note(outline, &names, &text, "");
                        pending = Some(text);
                    } else if let Some(name) = pending.take() {
                        self.note(outline, &names, &name, &text);
                    }
                }
                b',' => {
                    pending = None;
                    self.at += 1;
                }
                b'0'..=b'9' | b'-' | b't' | b'f' | b'n' => {
                    let start = self.at;
                    while self
                        .bytes
                        .get(self.at)
                        .is_some_and(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'+'))
                    {
                        self.at += 1;
                    }
                    let text = self.bytes.get(start..self.at).unwrap_or_default();
                    if let Some(name) = pending.take() {
                        self.note(outline, &names, &name, &String::from_utf8_lossy(text));
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn note(&self, outline: &mut Outline, names: &[String], name: &str, value: &str) {
        if self.depth == 0 || self.depth > DEEPEST || names.len() >= DEEPEST || outline.fields.len() >= MOST {
            return;
        }
        let mut path = names.join(".");
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        let known = outline.fields.entry(path).or_default();
        if known.is_empty() {
            *known = value.chars().take(100).collect();
        }
    }

    /// The text that begins here, escapes left as they are; `None` if it does not end.
    fn string(&mut self) -> Option<String> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.bytes.get(at)? {
                b'\\' => at += 2,
                b'"' => break,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        let text = self.bytes.get(start..at).unwrap_or_default();
        // A long text is no name and no mark.
        Some(String::from_utf8_lossy(text.get(..200).unwrap_or(text)).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_by_their_path() {
        let outline = Outline::of(
            br#"{"type":"a","n":7,"alerts":[{"labels":{"x":{"y":1}},"startsAt":"t"},{"late":1}],"z":null}"#,
        )
        .unwrap();
        assert!(outline.has_all(&[
            "type",
            "alerts",
            "alerts.labels.x",
            "alerts.startsAt",
            "alerts.late",
            "z"
        ]));
        assert!(!outline.has("alerts.labels.x.y") && !outline.list);
        assert_eq!((outline.value("type"), outline.value("n")), ("a", "7"));
        assert!(Outline::of(b" [ {\"ts\":\"1\"} ]").is_some_and(|it| it.list && it.has("ts")));
    }

    #[test]
    fn anything_may_come() {
        assert_eq!(Outline::of(b"text"), None);
        assert_eq!(Outline::of(b""), None);
        for bytes in ["{", "[", "{\"a", "{\"a\":", "{\"a\\", "]]]", "{]}[", "{\"a\":{\"b\":[}"] {
            let _ = Outline::of(bytes.as_bytes());
        }
        assert!(Outline::of("[".repeat(300_000).as_bytes()).is_some_and(|it| it.is_empty()));
    }
}
