//! The shapes of the PagerDuty REST API v2, as far as they are read. Every field is optional, because
//! exports are cut down by the scripts that make them.

use crate::record::{Text, lenient, list};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The top level of an answer; several of these may be in one file.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Page<'a> {
    #[serde(borrow)]
    pub incident: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "list")]
    pub incidents: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub log_entry: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "list")]
    pub log_entries: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub note: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "list")]
    pub notes: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub alert: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "list")]
    pub alerts: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub status_update: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "list")]
    pub status_updates: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "list")]
    pub change_events: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
    #[serde(borrow)]
    pub postmortem: Option<&'a RawValue>,
    /// What a record says that stands here without a page around it.
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub content: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub message: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub created_at: Option<Text<'a>>,
}

/// A webhook of version 3.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Event<'a> {
    pub id: Option<Text<'a>>,
    pub event_type: Option<Text<'a>>,
    pub occurred_at: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub agent: Option<Reference<'a>>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
}

/// What a webhook is about: an incident, or something that belongs to one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EventData<'a> {
    #[serde(borrow, deserialize_with = "lenient")]
    pub incident: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub content: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub message: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub state: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub user: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub assignees: Option<Vec<Reference<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub incident_key: Option<Text<'a>>,
}

/// A change event, or the payload of the Events API v2.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Change<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub summary: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub timestamp: Option<crate::record::When>,
    #[serde(deserialize_with = "lenient")]
    pub source: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub component: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub severity: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub links: Option<Vec<Link<'a>>>,
    pub custom_details: serde_json::Value,
    #[serde(deserialize_with = "lenient")]
    pub event_action: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub dedup_key: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Link<'a> {
    #[serde(borrow)]
    pub href: Option<Text<'a>>,
}

/// A post-mortem on a status page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Postmortem<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    pub message: Option<Text<'a>>,
    pub reported_at: Option<Text<'a>>,
}

/// A reference to a user, a service, a team, an incident, …
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Reference<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(rename = "type")]
    pub kind: Option<Text<'a>>,
    pub summary: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub name: Option<Text<'a>>,
}

impl Reference<'_> {
    /// The name people read.
    pub fn label(&self) -> Option<String> {
        let name = self.summary.as_deref().or(self.name.as_deref()).map(crate::record::line)?;
        (!name.is_empty()).then_some(name)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Incident<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub incident_number: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    pub title: Option<Text<'a>>,
    pub summary: Option<Text<'a>>,
    pub html_url: Option<Text<'a>>,
    pub created_at: Option<Text<'a>>,
    pub resolved_at: Option<Text<'a>>,
    pub last_status_change_at: Option<Text<'a>>,
    pub last_status_change_by: Option<Reference<'a>>,
    pub status: Option<Text<'a>>,
    pub urgency: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub priority: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub service: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub impacted_services: Option<Vec<Reference<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub teams: Option<Vec<Reference<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub assignments: Option<Vec<Assignment<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub acknowledgements: Option<Vec<Acknowledgement<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub incidents_responders: Option<Vec<Responder<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Assignment<'a> {
    #[serde(borrow)]
    pub assignee: Option<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Acknowledgement<'a> {
    #[serde(borrow)]
    pub at: Option<Text<'a>>,
    pub acknowledger: Option<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Responder<'a> {
    #[serde(borrow)]
    pub user: Option<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LogEntry<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(rename = "type")]
    pub kind: Option<Text<'a>>,
    pub summary: Option<Text<'a>>,
    pub html_url: Option<Text<'a>>,
    pub created_at: Option<Text<'a>>,
    pub agent: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub channel: Option<Channel<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub note: Option<Text<'a>>,
    pub service: Option<Reference<'a>>,
    pub incident: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub assignees: Option<Vec<Reference<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub user: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub event_details: Option<EventDetails<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub changeset: Option<Vec<Text<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub changed_actions: Option<Vec<Acknowledgement<'a>>>,
    #[serde(deserialize_with = "lenient")]
    pub urgency: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EventDetails<'a> {
    #[serde(borrow, deserialize_with = "lenient")]
    pub description: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Channel<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub summary: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub content: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub subject: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub incident_key: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub notification: Option<Notification<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub changeset: Option<Changeset<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Notification<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<Text<'a>>,
    pub status: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Changeset<'a> {
    #[serde(borrow, alias = "custom_fields")]
    pub customer_fields: Vec<FieldChange<'a>>,
    pub application_fields: Vec<FieldChange<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FieldChange<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    pub value: serde_json::Value,
    pub old_value: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Note<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    pub content: Option<Text<'a>>,
    pub created_at: Option<Text<'a>>,
    #[serde(alias = "created_by")]
    pub user: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub incident_id: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub incident: Option<Reference<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Alert<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub summary: Option<Text<'a>>,
    pub html_url: Option<Text<'a>>,
    pub created_at: Option<Text<'a>>,
    #[serde(alias = "cleared_at")]
    pub resolved_at: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub alert_key: Option<Text<'a>>,
    pub service: Option<Reference<'a>>,
    pub incident: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub severity: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub integration: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub body: Option<AlertBody>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AlertBody {
    pub details: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StatusUpdate<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    pub message: Option<Text<'a>>,
    pub created_at: Option<Text<'a>>,
    #[serde(alias = "user")]
    pub sender: Option<Reference<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub incident_id: Option<Text<'a>>,
    #[serde(deserialize_with = "lenient")]
    pub incident: Option<Reference<'a>>,
}
