//! What Slack tells outside of an export: events as it sends them, and answers of its Web API.

use super::{message, text::Names};
use crate::{
    collect::Collector,
    json,
    record::{Text, Word, line, sum_id},
    said::{Loose, text},
};
use domain::evidence::{Author, AuthorKind, Signal};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashSet;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: Word<'a>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    event_id: Word<'a>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    channel: Place,
    ts: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: Word<'a>,
    subtype: Word<'a>,
    channel: Place,
    #[serde(deserialize_with = "text")]
    user: Word<'a>,
    event_ts: Word<'a>,
    reaction: Word<'a>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    item: Item<'a>,
    deleted_ts: Word<'a>,
    permalink: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    ts: Word<'a>,
    channel: Place,
}

/// A channel is written as its id, or as an object with id and name.
#[derive(Default)]
struct Place {
    id: String,
    name: Option<String>,
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        if let Ok(id) = json::typed::<Text<'_>>(raw) {
            return Ok(Self { id: line(&id), name: None });
        }
        let fields: Loose<'_> = json::typed(raw).unwrap_or_default();
        let field =
            |name: &str| fields.raw(name).and_then(|it| json::typed::<Text<'_>>(it).ok()).map(|it| line(&it));
        Ok(Self { id: field("id").unwrap_or_default(), name: field("name") })
    }
}

impl Place {
    fn label(&self) -> String {
        format!("#{}", self.name.as_deref().unwrap_or(&self.id))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Matches<'a> {
    #[serde(borrow)]
    matches: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    channel: Place,
}

/// Reads one event, one answer, or one message of a day file.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let it: Envelope<'_> = json::typed(raw)?;
    if let Some(inner) = it.event {
        return event(collector, &it, inner, raw.get());
    }
    if let Some(list) = it.messages {
        let matches: Option<Matches<'_>> = json::typed(list).ok();
        let found = matches.and_then(|it| it.matches);
        for (index, raw) in json::each(found.or(Some(list))).into_iter().enumerate() {
            let of: Found = json::typed(raw).unwrap_or_default();
            let of = if of.channel.id.is_empty() { &it.channel } else { &of.channel };
            let place = format!("{place}, message {}", index + 1);
            if let Err(reason) = said(collector, raw, of) {
                collector.keep(None, &place, &reason, raw.get());
            }
        }
        return Ok(());
    }
    if let Some(inner) = it.message {
        return said(collector, inner, &it.channel);
    }
    if it.kind.get() == Some("url_verification") {
        let mut evidence = collector.piece(Signal::Housekeeping, sum_id(raw.get()), None, raw.get());
        evidence.text = "Slack tried the address".to_owned();
        collector.add(None, evidence);
        return Ok(());
    }
    if it.ts.get().is_some() {
        return said(collector, raw, &it.channel);
    }
    Err("this lists channels, people or settings of Slack; there are no messages in it".to_owned())
}

fn event(
    collector: &mut Collector,
    envelope: &Envelope<'_>,
    inner: &RawValue,
    raw: &str,
) -> Result<(), String> {
    let it: Event<'_> = json::typed(inner)?;
    let kind = it.kind.line().unwrap_or_default();
    match (kind.as_str(), it.subtype.get()) {
        ("message", Some("message_deleted")) => {
            let of = it.deleted_ts.line().unwrap_or_default();
            aside(collector, envelope, &it, Signal::Housekeeping, format!("Deleted the message {of}"), raw);
        }
        // The message as it reads now; its own time stays, so it is a record of its own.
        ("message", Some("message_changed" | "message_replied")) => match it.message {
            Some(message) => return told(collector, message, &it.channel, true),
            None => return Err("the change of a message does not hold the message".to_owned()),
        },
        ("message" | "app_mention", _) => return said(collector, inner, &it.channel),
        ("reaction_added" | "reaction_removed", _) => {
            let verb = if kind == "reaction_added" { "Added" } else { "Removed" };
            let words = format!(
                "{verb} :{}: on {}",
                it.reaction.line().unwrap_or_default(),
                it.item.ts.line().unwrap_or_default()
            );
            aside(collector, envelope, &it, Signal::Housekeeping, words, raw);
        }
        ("pin_added", _) => {
            let words = format!("Pinned the message {}", it.item.ts.line().unwrap_or_default());
            aside(collector, envelope, &it, Signal::Housekeeping, words, raw);
        }
        _ => {
            let words = kind.replace('_', " ");
            aside(collector, envelope, &it, Signal::Housekeeping, words, raw);
        }
    }
    Ok(())
}

fn aside(
    collector: &mut Collector,
    envelope: &Envelope<'_>,
    it: &Event<'_>,
    signal: Signal,
    text: String,
    raw: &str,
) {
    let id = envelope.event_id.line().unwrap_or_else(|| sum_id(raw));
    let at = it.event_ts.get().and_then(message::instant);
    let channel = if it.channel.id.is_empty() { &it.item.channel } else { &it.channel };
    let mut evidence = collector.piece(signal, format!("event/{id}"), at, raw);
    let user = it.user.line();
    evidence.author = user.map(|name| Author { name, kind: AuthorKind::Unknown, source_id: None });
    evidence.text = text;
    evidence.place = Some(channel.label()).filter(|_| !channel.id.is_empty());
    evidence.url = crate::record::web_address(it.permalink.get());
    evidence.facts.source_type = it.kind.line().unwrap_or_default();
    collector.add(None, evidence);
}

/// One message. The names of people are not in it, so mentions keep their ids.
fn said(collector: &mut Collector, raw: &RawValue, place: &Place) -> Result<(), String> {
    told(collector, raw, place, false)
}

fn told(collector: &mut Collector, raw: &RawValue, place: &Place, again: bool) -> Result<(), String> {
    let (names, pinned) = (Names::default(), HashSet::new());
    let label = place.label();
    let around = message::Around { names: &names, channel: &place.id, place: &label, pinned: &pinned };
    let mut evidence = message::read(raw, &around)?.evidence;
    if again {
        evidence.source_id = format!("{}~{}", evidence.source_id, sum_id(raw.get()));
    }
    collector.add(None, evidence);
    Ok(())
}
