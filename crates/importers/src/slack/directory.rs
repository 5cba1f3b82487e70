//! Who and which channels: the files at the top of an export.

use super::text::{Names, Person};
use crate::{
    json,
    record::{clean, lenient, line},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// A channel as `channels.json`, `groups.json`, `dms.json` or `mpims.json` tells it.
#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct ChannelRecord {
    pub id: Option<String>,
    pub name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub members: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient")]
    pub pins: Option<Vec<Pin>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct Pin {
    /// The `ts` of the pinned message.
    pub id: Option<String>,
}

impl ChannelRecord {
    /// The folder of its day files: the name, and the id for direct messages, which have none.
    pub fn folder(&self) -> Option<&str> {
        self.name.as_deref().filter(|it| !it.is_empty()).or(self.id.as_deref())
    }

    /// The pinned messages.
    pub fn pinned(&self) -> HashSet<String> {
        self.pins.iter().flatten().filter_map(|it| it.id.clone()).collect()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct UserRecord {
    id: Option<String>,
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    real_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    profile: Option<Profile>,
    #[serde(deserialize_with = "lenient")]
    is_bot: Option<bool>,
}

/// How a person is called, as the directory and single messages tell it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Profile {
    #[serde(deserialize_with = "lenient")]
    pub real_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub display_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
}

impl Profile {
    /// The full name first: a post-mortem is read by people who don't know the handles.
    pub fn label(&self) -> Option<String> {
        [&self.real_name, &self.display_name, &self.name]
            .into_iter()
            .flatten()
            .map(|it| line(it))
            .find(|it| !it.is_empty())
    }
}

/// Adds the people of `users.json` or `org_users.json`; returns how many records were no people.
pub fn people(records: &[&RawValue], names: &mut Names) -> usize {
    let mut strange = 0;
    for raw in records {
        let Ok(UserRecord { id: Some(id), name, real_name, profile, is_bot }) = json::typed(raw) else {
            strange += 1;
            continue;
        };
        let full = real_name.map(|it| line(&it)).filter(|it| !it.is_empty());
        let full = full.or_else(|| profile.as_ref().and_then(Profile::label));
        let handle = name.map(|it| line(&it)).filter(|it| !it.is_empty());
        let name = full.or(handle).unwrap_or_else(|| clean(&id));
        names.people.insert(id, Person { name, machine: is_bot.unwrap_or(false) });
    }
    strange
}
