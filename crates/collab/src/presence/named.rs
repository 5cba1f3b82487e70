//! What a client says about itself, with the name others may believe.
//!
//! Each key brings such a state, so it is copied from the text that came to the text that goes, and never held as a
//! tree in between: entry by entry as they stand where that is safe, value by value where it may not be. What goes is
//! always JSON; what comes is refused where it is not, as far as it is passed on. A number that fits no float stays what
//! it was: browsers read it as infinite.

use crate::rooms::Joiner;
use domain::PersonId;
use serde::{
    Deserialize, Serialize,
    de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, Serializer as _},
};
use serde_json::{Value, value::RawValue};
use serde_transcode::Transcoder;
use std::{borrow::Cow, fmt};

/// The entry of a state that says who it is.
const USER: &str = "user";

/// What others may believe about somebody.
#[derive(Debug, Serialize)]
struct User<'a> {
    name: &'a str,
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
}

/// The state of a client, with the name and id of the person who joined; `None` if it is no object, as when a client
/// leaves. An error if it is no JSON.
pub(super) fn named(json: &str, joiner: &Joiner) -> Result<Option<String>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut copy = Vec::with_capacity(json.len() + 128);
    let copied = Object(State { copy: &mut copy, joiner, plain: is_plain(json) }).deserialize(&mut reader)?;
    reader.end()?;
    copied.map(|()| String::from_utf8(copy).map_err(serde::de::Error::custom)).transpose()
}

/// With more of them than these, values are read one by one, which refuses what nests too deep: others may read them by
/// recursion.
const BRACKETS: usize = 100;

/// Whether entries may be copied as they stand: they nest no deeper than there are brackets, and without escapes there
/// is none that stands for half a character.
fn is_plain(json: &str) -> bool {
    let brackets = json.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    brackets <= BRACKETS && !json.contains('\\')
}

/// Whether the state that another process passes on is an object, and whose it says it is; an error if it is no JSON.
pub(super) fn person_of(json: &str) -> Result<Option<Option<PersonId>>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let person = Object(Whose).deserialize(&mut reader)?;
    reader.end().map(|()| person)
}

/// A key of an object, borrowed where it has no escapes.
#[derive(Debug, Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// What is made of an object's entries.
trait Entries {
    type Made;

    fn read<'de, A: MapAccess<'de>>(self, entries: A) -> Result<Self::Made, A::Error>;
}

/// Reads an object; `None` if it is something else.
struct Object<T>(T);

impl<'de, T: Entries> DeserializeSeed<'de> for Object<T> {
    type Value = Option<T::Made>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Entries> Visitor<'de> for Object<T> {
    type Value = Option<T::Made>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        self.0.read(entries).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Copies all entries but the one that says who it is.
struct State<'a> {
    copy: &'a mut Vec<u8>,
    joiner: &'a Joiner,
    plain: bool,
}

impl Entries for State<'_> {
    type Made = ();

    fn read<'de, A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut writer = serde_json::Serializer::new(self.copy);
        let mut copy = writer.serialize_map(None).map_err(A::Error::custom)?;
        let mut color = None;
        while let Some(Key(key)) = entries.next_key()? {
            if key == USER {
                // It ends in a style attribute of other people's pages.
                let named = entries.next_value_seed(Object(Word("color")))?.flatten();
                color = named.filter(|text| is_colour(text));
            } else {
                copy.serialize_key(&key).map_err(A::Error::custom)?;
                if self.plain {
                    let value: &RawValue = entries.next_value()?;
                    copy.serialize_value(value).map_err(A::Error::custom)?;
                } else {
                    entries.next_value_seed(Copied(&mut copy))?;
                }
            }
        }
        let id = self.joiner.person.map(|person| person.to_string());
        let user = User { name: &self.joiner.name, id, color };
        copy.serialize_entry(USER, &user).and_then(|()| copy.end()).map_err(A::Error::custom)
    }
}

/// Copies a value part by part.
struct Copied<'a, M>(&'a mut M);

impl<'de, M: SerializeMap> DeserializeSeed<'de> for Copied<'_, M> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        self.0.serialize_value(&Transcoder::new(from)).map_err(D::Error::custom)
    }
}

/// Finds who somebody is.
struct Whose;

impl Entries for Whose {
    type Made = Option<PersonId>;

    fn read<'de, A: MapAccess<'de>>(self, mut entries: A) -> Result<Option<PersonId>, A::Error> {
        let mut id = None;
        while let Some(Key(key)) = entries.next_key()? {
            if key == USER {
                id = entries.next_value_seed(Object(Word("id")))?.flatten();
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(id.and_then(|id| id.parse().ok()))
    }
}

/// Finds the text under a key.
struct Word(&'static str);

impl Entries for Word {
    type Made = Option<String>;

    fn read<'de, A: MapAccess<'de>>(self, mut entries: A) -> Result<Option<String>, A::Error> {
        let mut word = None;
        while let Some(Key(key)) = entries.next_key()? {
            if key == self.0 {
                word = match entries.next_value()? {
                    Value::String(text) => Some(text),
                    _ => None,
                };
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(word)
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| matches!(hex.len(), 3 | 6 | 8) && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Instant;
    use proptest::prelude::*;
    use serde_json::{Map, json};

    fn ada() -> Joiner {
        let person = Some(PersonId::new(Instant::from_micros(1), [7; 10]));
        Joiner { person, name: "Ada \"A\" Ö".into(), may_write: true, wants_acks: false, epoch: None }
    }

    fn read(json: &str) -> Option<Value> {
        named(json, &ada()).unwrap().map(|state| serde_json::from_str(&state).unwrap())
    }

    /// The same by a tree.
    fn by_a_tree(state: Value) -> Option<Value> {
        let Value::Object(mut state) = state else { return None };
        let mut user = match state.remove(USER) {
            Some(Value::Object(user)) => user,
            _ => Map::new(),
        };
        user.retain(|key, value| key == "color" && value.as_str().is_some_and(is_colour));
        user.insert("name".into(), ada().name.into());
        user.insert("id".into(), ada().person.map(|person| person.to_string()).into());
        state.insert(USER.into(), user.into());
        Some(state.into())
    }

    #[test]
    fn who_it_is_comes_from_us_and_the_rest_as_it_was() {
        let told = read(
            r##"{"user":{"name":"The boss","id":[1],"color":"#30bced","x":{}},"cursor":[1,-2,3.5,null,"\u00e9\""]}"##,
        );
        let user =
            json!({ "name": "Ada \"A\" Ö", "id": ada().person.unwrap().to_string(), "color": "#30bced" });
        assert_eq!(told, Some(json!({ "cursor": [1, -2, 3.5, null, "é\""], "user": user })));
    }

    #[test]
    fn many_values_beside_one_another_are_not_deep() {
        let broad = format!("{{\"a\":[{}[]]}}", "[],".repeat(200));
        assert_eq!(read(&broad).unwrap()["a"].as_array().unwrap().len(), 201);
    }

    #[test]
    fn of_entries_that_come_twice_the_last_counts() {
        let told = read(r##"{"a":1,"us\u0065r":{"color":"#fff"},"a":2,"user":{"color":"#000","color":5}}"##)
            .unwrap();
        assert_eq!(told["a"], 2);
        assert_eq!(told["user"].get("color"), None);
        assert_eq!(told["user"]["name"], "Ada \"A\" Ö");
    }

    #[test]
    fn what_is_no_json_is_refused_and_what_is_no_object_says_nothing() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(130), "]".repeat(130));
        let bad = [
            "",
            "{",
            "{}x",
            "nul",
            r#"{"a":"\ud800"}"#,
            r#"{"a":01}"#,
            &deep,
            "[1,",
            r#"{"a":[}"#,
            "{\"a\":\"\n\"}",
        ];
        for bad in bad {
            assert!(named(bad, &ada()).is_err(), "{bad}");
        }
        assert_eq!(named(r#"{"a":1e999}"#, &ada()).unwrap().unwrap()[..10], *r#"{"a":1e999"#);
        for other in ["null", "true", "1", "-1", "1.5", "\"x\"", "[1,{}]"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn whose_a_state_is_says_the_process_that_passes_it_on() {
        let ours = named("{\"user\":{\"id\":\"x\"}}", &ada()).unwrap().unwrap();
        assert_eq!(person_of(&ours).unwrap(), Some(ada().person));
        for nobody in ["{}", r#"{"user":null}"#, r#"{"user":{"id":[]}}"#, r#"{"user":{"id":"Ada"}}"#] {
            assert_eq!(person_of(nobody).unwrap(), Some(None), "{nobody}");
        }
        assert_eq!(person_of("null").unwrap(), None);
        assert!(person_of("{\"user\":{}").is_err());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            // Read without rounding.
            any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
            ".{0,12}".prop_map(Value::from),
            Just(Value::from("#30bced")),
        ];
        let keys = prop_oneof![Just("user".to_owned()), Just("color".to_owned()), ".{0,6}"];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((keys.clone(), inner), 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn copied_is_the_same_as_put_together_anew(state in any_json()) {
            prop_assert_eq!(read(&state.to_string()), by_a_tree(state));
        }
    }
}
