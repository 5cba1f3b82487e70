//! The members of the file, every one of them optional: what is missing or odd is left out, with a reason.

use crate::record::{Text, lenient};
use serde::Deserialize;
use serde_json::value::{RawValue, Value};
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(super) struct Document<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub id: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub title: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub summary: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub url: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub kind: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub severity: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    pub services: Option<Vec<Text<'a>>>,
    #[serde(default, deserialize_with = "lenient")]
    pub team: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub source_timezone: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub timezone: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub sources: Option<Vec<Source>>,
    #[serde(borrow, default)]
    pub timeline: Option<Vec<&'a RawValue>>,
    #[serde(default, deserialize_with = "lenient")]
    pub answers: Option<Answers>,
    #[serde(default, deserialize_with = "lenient")]
    pub key_events: Option<BTreeMap<String, Value>>,
    #[serde(default, deserialize_with = "lenient")]
    pub stated_time_to_repair: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub stated_time_to_resolve: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub intervals: Option<Vec<Interval>>,
}

impl Document<'_> {
    /// Whether anything in it says that this is an incident and not some other JSON.
    pub fn is_incident(&self) -> bool {
        self.timeline.is_some()
            || self.answers.is_some()
            || self.key_events.is_some()
            || self.intervals.is_some()
    }

    pub fn answer_text(&self, name: &str) -> Option<&str> {
        self.answers.as_ref()?.others.get(name)?.as_str()
    }

    pub fn key_event(&self, name: &str) -> Option<&str> {
        self.key_events.as_ref()?.get(name)?.as_str()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Source {
    #[serde(default, deserialize_with = "lenient")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub n: Option<i64>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub id: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub time: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub precision: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub kind: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub text: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub title: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub detail: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub actor: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub actor_kind: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub team: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub audience: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub source: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub url: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Answers {
    #[serde(default, deserialize_with = "lenient")]
    pub stated_durations: Option<Vec<Stated>>,
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Stated {
    #[serde(default, deserialize_with = "lenient")]
    pub what: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub quote: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub minutes: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Interval {
    #[serde(default, deserialize_with = "lenient")]
    pub service: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub audience: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub from: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub to: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub precision: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub degree: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub share: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub affected: Option<u64>,
}
