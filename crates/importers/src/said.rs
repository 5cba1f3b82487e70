//! What a record says under names that nobody knows beforehand, and texts in whose place other types may stand.

use crate::{
    json,
    record::{Scalar, Scalars, Text, When, Word},
};
use domain::Instant;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, fmt, marker::PhantomData};

/// A field that is a text; nothing for any other type.
pub fn text<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Word<'a>, D::Error> {
    deserializer.deserialize_any(Scalars(|it: Scalar<'de>| Word(it.text())))
}

/// Names with what is said under each, as a list: there are few, so that looking through them is quicker than a tree.
#[derive(Debug, Clone)]
pub struct Named<'a, T>(Vec<(Text<'a>, T)>);

impl<T> Named<'_, T> {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said under `name`; of several the last counts.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().rev().find(|(known, _)| **known == *name).map(|(_, said)| said)
    }

    /// Each name once, in their order.
    pub fn in_order(&self) -> BTreeMap<&str, &T> {
        self.0.iter().map(|(name, said)| (&**name, said)).collect()
    }
}

impl<T> Default for Named<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Named<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names(PhantomData))
    }
}

/// Reads [`Named`].
struct Names<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Names<T> {
    type Value = Named<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::with_capacity(8);
        while let Some(field) = fields.next_entry()? {
            all.push(field);
        }
        Ok(Named(all))
    }
}

/// A record whose fields go by several names: the first one that is there counts, and two are no error.
#[derive(Debug, Default, Deserialize)]
pub struct Loose<'a>(#[serde(borrow)] Named<'a, &'a RawValue>);

impl<'a> Loose<'a> {
    /// The field of that name as it stands there.
    pub fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    /// The first of `names` that is a text or a number and not blank.
    pub fn word(&self, names: &[&str]) -> Word<'a> {
        let all = names.iter().filter_map(|name| json::typed::<Word<'a>>(self.raw(name)?).ok());
        all.into_iter().find(|it| it.get().is_some()).unwrap_or_default()
    }

    /// The first of `names` that is a time.
    pub fn when(&self, names: &[&str]) -> Option<Instant> {
        names.iter().find_map(|name| json::typed::<When>(self.raw(name)?).ok()?.0)
    }
}
