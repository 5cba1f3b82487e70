//! What every reader does with a record before it becomes evidence.

use domain::{
    Instant,
    evidence::{Author, AuthorKind, Digest32},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, cell::Cell, fmt, ops::Deref};

/// A `source_id` of at most 300 bytes; a longer one is replaced by its sum, which is as stable.
pub fn bounded_id(id: String) -> String {
    if id.len() <= 300 && !id.contains('\0') { id } else { format!("sha256:{}", Digest32::of(id.as_bytes())) }
}

/// An id for a record that has none of its own: the beginning of the sum of its raw form.
pub fn sum_id(raw: &str) -> String {
    Digest32::of(raw.as_bytes()).short()
}

/// Text that can be stored and shown: control characters other than line breaks and tabs become `�`,
/// because databases refuse NUL, and outer blanks go.
pub fn clean(text: &str) -> String {
    let text = text.trim();
    let strange = |c: char| c.is_control() && c != '\n' && c != '\t';
    // The control characters beyond ASCII begin with this byte in UTF-8, and so do a few signs.
    let suspect = |it: u8| (it < 0x20 && it != b'\n' && it != b'\t') || it == 0x7f || it == 0xc2;
    // Every byte is looked at, since that takes a processor less time than to stop early.
    if text.bytes().fold(false, |found, it| found | suspect(it)) && text.contains(strange) {
        text.replace("\r\n", "\n").replace(strange, "\u{FFFD}")
    } else {
        text.to_owned()
    }
}

/// [`clean`] on one line.
pub fn line(text: &str) -> String {
    if is_line(text.as_bytes()) {
        return text.to_owned();
    }
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text is one line of ASCII with single blanks between its words, as nearly every name is.
pub fn is_line(text: &[u8]) -> bool {
    // Every byte is looked at, since that takes a processor less time than to stop early.
    let sound = text.iter().fold(true, |sound, it| sound & (0x20..0x7f).contains(it));
    let after = text.get(1..).unwrap_or_default();
    let twice = text.iter().zip(after).fold(false, |twice, (a, b)| twice | ((*a == b' ') & (*b == b' ')));
    sound && !twice && text.first() != Some(&b' ') && text.last() != Some(&b' ')
}

/// The beginning of a text, at most `chars` characters.
pub fn cut(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Only addresses that a browser may be sent to.
pub fn web_address(url: Option<&str>) -> Option<String> {
    let url = url?.trim();
    let web = url.starts_with("https://") || url.starts_with("http://");
    (web && url.len() <= 2_000 && !url.contains(|c: char| c.is_control() || c.is_whitespace()))
        .then(|| url.to_owned())
}

/// RFC 3339 as the sources write it, `None` when it is something else. The year 1 is how Go writes “never”.
pub fn instant(text: Option<&str>) -> Option<Instant> {
    let text = text?.trim();
    // What does not begin with a digit or a sign is no time; saying so costs nothing.
    let at =
        text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')).then(|| Instant::read(text));
    at.flatten().filter(|_| !text.starts_with("0001-"))
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size: up to the year
/// 2286 they have 10, 13, 16 or 19 digits. Zero is how many sources write “never”.
pub fn epoch(number: i64) -> Option<Instant> {
    let micros = match number {
        ..=0 => return None,
        1..100_000_000_000 => number.checked_mul(1_000_000)?,
        100_000_000_000..100_000_000_000_000 => number.checked_mul(1_000)?,
        100_000_000_000_000..100_000_000_000_000_000 => number,
        _ => number / 1_000,
    };
    (micros <= Instant::MAX.as_micros()).then(|| Instant::from_micros(micros))
}

/// A time as a text or as a number, see [`instant`] and [`epoch`]; `None` inside for whatever is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct When(pub Option<Instant>);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalars(|it: Scalar<'_>| Self(it.when())))
    }
}

/// A value that is no list and no object.
pub enum Scalar<'a> {
    Text(Cow<'a, str>),
    Whole(i64),
    Other(serde_json::Number),
    Flag(bool),
    Nothing,
}

impl<'a> Scalar<'a> {
    /// The text, if it is one.
    pub fn text(self) -> Option<Cow<'a, str>> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// As a text.
    fn word(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => return Some(text),
            Self::Whole(whole) => Some(whole.to_string()),
            Self::Other(number) => Some(number.to_string()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Nothing => None,
        }
        .map(Cow::Owned)
    }

    fn when(&self) -> Option<Instant> {
        match self {
            Self::Text(text) => stamp(text),
            Self::Whole(whole) => epoch(*whole),
            Self::Other(number) => fraction(number),
            Self::Flag(_) | Self::Nothing => None,
        }
    }
}

/// Reads a value without keeping what it is not asked for: lists and objects are passed over.
pub struct Scalars<F>(pub F);

impl<'de, T, F: FnOnce(Scalar<'de>) -> T> Visitor<'de> for Scalars<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<T, E> {
        Ok((self.0)(Scalar::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<T, E> {
        Ok((self.0)(Scalar::Text(Cow::Owned(text))))
    }

    fn visit_i64<E: de::Error>(self, whole: i64) -> Result<T, E> {
        Ok((self.0)(Scalar::Whole(whole)))
    }

    fn visit_u64<E: de::Error>(self, whole: u64) -> Result<T, E> {
        Ok((self.0)(i64::try_from(whole).map_or_else(|_| Scalar::Other(whole.into()), Scalar::Whole)))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        Ok((self.0)(serde_json::Number::from_f64(number).map_or(Scalar::Nothing, Scalar::Other)))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<T, E> {
        Ok((self.0)(Scalar::Flag(flag)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        Ok((self.0)(Scalar::Nothing))
    }

    fn visit_none<E: de::Error>(self) -> Result<T, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.visit_unit()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<T, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.visit_unit()
    }
}

/// Seconds since 1970 with a fraction.
fn fraction(number: &serde_json::Number) -> Option<Instant> {
    #[expect(clippy::cast_possible_truncation, reason = "a time before the year 2286 has 16 digits")]
    number.as_f64().filter(|it| (1.0..1e10).contains(it)).and_then(|seconds| epoch((seconds * 1e6) as i64))
}

/// See [`When`].
pub fn when(value: &Value) -> Option<Instant> {
    match value {
        Value::String(text) => stamp(text),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => epoch(whole),
            None => fraction(number),
        },
        _ => None,
    }
}

/// A time written as text: RFC 3339, an offset without its colon, or seconds since 1970.
pub fn stamp(text: &str) -> Option<Instant> {
    let text = text.trim();
    if let Some(at) = instant(Some(text)) {
        return Some(at);
    }
    if text.bytes().all(|it| it.is_ascii_digit()) {
        return text.parse().ok().and_then(epoch);
    }
    // 2017-07-17T08:42:58.315+0000
    let (head, offset) = text.split_at_checked(text.len().checked_sub(5)?)?;
    let plain = offset.starts_with(['+', '-']) && offset.bytes().skip(1).all(|it| it.is_ascii_digit());
    let (hours, minutes) = offset.split_at_checked(3)?;
    plain.then(|| instant(Some(&format!("{head}{hours}:{minutes}")))).flatten()
}

/// A text, or a number as text: many sources write ids either way. Borrowed where it stands there as it is meant. How
/// `Debug` writes it is part of the ids of some alerts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word<'a>(pub Option<Cow<'a, str>>);

impl Word<'_> {
    /// The text, if there is one that is not blank.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|it| !it.is_empty())
    }

    /// [`line`] of it.
    pub fn line(&self) -> Option<String> {
        self.get().map(line).filter(|it| !it.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalars(|it: Scalar<'de>| Self(it.word())))
    }
}

/// The name of a person who did something.
pub fn person(name: Option<&str>) -> Option<Author> {
    named(name, AuthorKind::Person)
}

/// The name of a system that did something.
pub fn machine(name: Option<&str>) -> Option<Author> {
    named(name, AuthorKind::Machine)
}

fn named(name: Option<&str>, kind: AuthorKind) -> Option<Author> {
    let name = line(cut(name?, 200));
    (!name.is_empty()).then_some(Author { name, kind, source_id: None })
}

/// Text between tags, for sources that write HTML: blocks end lines, entities become signs.
pub fn without_markup(html: &str) -> String {
    // Most of what is written there is one plain sentence or two.
    if is_line(html.as_bytes()) && !html.contains(['<', '&']) {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((tag, after)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            continue;
        };
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if ["p", "br", "div", "li", "h1", "h2", "h3", "tr"].contains(&name.as_str()) {
            out.push('\n');
        }
        rest = after;
    }
    out.push_str(rest);
    let out = entities(&out);
    let lines: Vec<_> = out.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    clean(&lines.join("\n"))
}

/// The entities of XML and the no-break space; the ampersand last, so that nothing is read twice.
pub fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, sign);
    }
    text
}

thread_local! {
    /// Whether records are read closely on this thread, see [`closely`].
    static CLOSELY: Cell<bool> = const { Cell::new(false) };
}

/// What `read` makes of a record while every [`lenient`] field is held apart, so that what is odd in it costs no more
/// than itself. Records are read without that first, which is quicker, and so once more only if that fails.
pub fn closely<T>(read: impl FnOnce() -> T) -> T {
    let before = CLOSELY.replace(true);
    let done = read();
    CLOSELY.set(before);
    done
}

/// A field that is left out when it has another type than expected, for parts that are nice to have. Where nothing is
/// odd it is read as any other field; read [`closely`], its text is looked at twice, which costs less than keeping
/// every value in between.
pub fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    if !CLOSELY.get() {
        return Option::<T>::deserialize(deserializer);
    }
    let raw = Option::<&'de RawValue>::deserialize(deserializer)?;
    Ok(raw.and_then(|it| serde_json::from_str::<Option<T>>(it.get()).ok().flatten()))
}

/// A field that is a list, in its elements; nothing for any other type.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<&'de RawValue>>, D::Error> {
    deserializer.deserialize_any(Lists)
}

/// Reads [`list`].
struct Lists;

impl<'de> Visitor<'de> for Lists {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Some(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A text of the record: borrowed where it stands there as it is meant, which is nearly always.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
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

    #[test]
    fn times_of_every_sort() {
        for (text, expected) in [
            ("\"2026-11-14T10:00:00Z\"", Some("2026-11-14T10:00:00Z")),
            ("\"2026-11-14T10:00:00.5+01:00\"", Some("2026-11-14T09:00:00.5Z")),
            ("\"2026-11-14T10:00:00.000+0000\"", Some("2026-11-14T10:00:00Z")),
            ("\"0001-01-01T00:00:00Z\"", None),
            ("0", None),
            ("1420452191", Some("2015-01-05T10:03:11Z")),
            ("1420452191.25", Some("2015-01-05T10:03:11.25Z")),
            ("1420452191104", Some("2015-01-05T10:03:11.104Z")),
            // Above 2^53, as Opsgenie writes it: nanoseconds.
            ("1420452224764002246", Some("2015-01-05T10:03:44.764002Z")),
            ("\"1420452191\"", Some("2015-01-05T10:03:11Z")),
            ("\"2026-11-14 10:00\"", None),
            ("-5", None),
            ("1e300", None),
            ("18446744073709551615", None),
            ("null", None),
            ("[]", None),
        ] {
            let read: When = serde_json::from_str(text).unwrap();
            assert_eq!(read.0.map(|it| it.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn texts_are_borrowed_where_they_can_be() {
        #[derive(Debug, PartialEq, Default, Deserialize)]
        #[serde(default)]
        struct Record<'a> {
            #[serde(borrow)]
            a: Option<Text<'a>>,
            #[serde(deserialize_with = "lenient")]
            b: Option<Text<'a>>,
            #[serde(deserialize_with = "lenient")]
            c: Option<Vec<i64>>,
        }
        let read = |text: &'static str| crate::json::of::<Record<'_>>(text).ok();
        let plain = read(r#"{"a":"plain","b":"say \"hi\"","c":[1]}"#).unwrap();
        assert!(matches!(&plain.a, Some(Text(Cow::Borrowed("plain")))));
        assert_eq!((plain.b.as_deref(), plain.c), (Some("say \"hi\""), Some(vec![1])));
        // Another type is nothing where it is nice to have, and an error where it matters.
        assert_eq!(read(r#"{"a":null,"b":7,"c":{"x":[1]}}"#), Some(Record::default()));
        assert_eq!(read(r#"{"a":7}"#), None);
    }

    #[test]
    fn markup_becomes_lines() {
        assert_eq!(without_markup("<p>a &lt; b<br/>c</p><p>d &amp;lt; <e"), "a < b\nc\nd &lt; <e");
    }
}
