//! An act as one line of JSON, with its sum, so that it can be checked wherever it is kept.

use crate::checking::Head;
use domain::{Instant, PersonId, evidence::Digest32};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::audit::Entry;

/// A line of a stream of acts.
#[derive(Debug)]
pub(crate) enum Line {
    /// Something that was done.
    Act(Entry),
    /// Where the chain stood then, signed.
    Head(Head),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    seq: i64,
    at: Instant,
    person: Option<PersonId>,
    actor: String,
    act: String,
    subject: String,
    /// As text, since the sum is over its very characters.
    detail: String,
    digest: String,
}

/// Adds the line of an act.
pub(crate) fn push(entry: &Entry, text: &mut Vec<u8>) {
    let form = Form {
        seq: entry.seq,
        at: entry.at,
        person: entry.person,
        actor: entry.actor.clone(),
        act: entry.act.clone(),
        subject: entry.subject.clone(),
        detail: entry.detail.clone(),
        digest: entry.digest.to_string(),
    };
    text.extend(serde_json::to_vec(&form).unwrap_or_default());
    text.push(b'\n');
}

/// Adds the line of a signed head.
pub(crate) fn push_head(head: &Head, text: &mut Vec<u8>) {
    let head: Value = serde_json::from_slice(&head.write()).unwrap_or_default();
    text.extend(serde_json::to_vec(&serde_json::json!({ "head": head })).unwrap_or_default());
    text.push(b'\n');
}

/// Reads a line; one sentence where it is neither.
pub(crate) fn read(text: &[u8]) -> Result<Line, &'static str> {
    let value: Value = serde_json::from_slice(text).map_err(|_| "it is no JSON")?;
    if let Some(head) = value.get("head") {
        let head = Head::read(head.to_string().as_bytes());
        return head.map(Line::Head).map_err(|_| "the signature of its head does not fit");
    }
    let form: Form = serde_json::from_value(value).map_err(|_| "it is no act")?;
    let digest = Digest32::from_hex(&form.digest).ok_or("its sum is none")?;
    Ok(Line::Act(Entry {
        seq: form.seq,
        at: form.at,
        person: form.person,
        actor: form.actor,
        act: form.act,
        subject: form.subject,
        detail: form.detail,
        digest,
    }))
}
