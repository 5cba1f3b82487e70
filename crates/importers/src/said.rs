//! Texts of a record that are borrowed, where other types may stand in their place.

use crate::record::{Scalar, Scalars, Text, line};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use std::{borrow::Cow, fmt};

/// A text, or a number as text, like [`Word`]; borrowed where it stands there as it is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said<'a>(Option<Cow<'a, str>>);

impl Said<'_> {
    /// The text as it stands there.
    pub fn get_whole(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text, if there is one that is not blank.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|it| !it.is_empty())
    }

    /// [`line`] of it.
    pub fn line(&self) -> Option<String> {
        self.get().map(line).filter(|it| !it.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Saying(|it| it.word()))
    }
}

/// A field that is a text; nothing for any other type.
pub fn text<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Said<'a>, D::Error> {
    deserializer.deserialize_any(Saying(|it| match it {
        Scalar::Text(text) => Some(text.into_owned()),
        _ => None,
    }))
}

/// Reads [`Said`]: what is borrowed stays so, and everything else is what the function says.
struct Saying(fn(Scalar<'_>) -> Option<String>);

impl<'de> Visitor<'de> for Saying {
    type Value = Said<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Said<'de>, E> {
        Ok(Said(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Said<'de>, E> {
        Scalars(self.0).visit_str(text).map(owned)
    }

    fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Said<'de>, E> {
        Scalars(self.0).visit_i64(whole).map(owned)
    }

    fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Said<'de>, E> {
        Scalars(self.0).visit_u64(whole).map(owned)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Said<'de>, E> {
        Scalars(self.0).visit_f64(number).map(owned)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Said<'de>, E> {
        Scalars(self.0).visit_bool(flag).map(owned)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Said<'de>, E> {
        Ok(Said(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Said<'de>, A::Error> {
        Scalars(self.0).visit_seq(list).map(owned)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Said<'de>, A::Error> {
        Scalars(self.0).visit_map(fields).map(owned)
    }
}

fn owned<'a>(text: Option<String>) -> Said<'a> {
    Said(text.map(Cow::Owned))
}

/// Names with what is said under each, as a list: there are few, so that looking through them is quicker than a tree.
#[derive(Debug, Clone, Default)]
pub struct Named<'a>(Vec<(Text<'a>, Said<'a>)>);

impl<'a> Named<'a> {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said under `name`; of several the last counts.
    pub fn get(&self, name: &str) -> Option<&Said<'a>> {
        self.0.iter().rev().find(|(known, _)| **known == *name).map(|(_, said)| said)
    }

    /// Each name once, in their order.
    pub fn in_order(&self) -> std::collections::BTreeMap<&str, &Said<'a>> {
        self.0.iter().map(|(name, said)| (&**name, said)).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names)
    }
}

/// Reads [`Named`].
struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Named<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Named<'de>, A::Error> {
        let mut all = Vec::with_capacity(8);
        while let Some(field) = fields.next_entry()? {
            all.push(field);
        }
        Ok(Named(all))
    }
}
