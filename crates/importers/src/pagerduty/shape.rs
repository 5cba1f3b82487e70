//! The shapes of the PagerDuty REST API v2, as far as they are read. Every field is optional, because
//! exports are cut down by the scripts that make them.

use crate::record::lenient;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The top level of an answer; several of these may be in one file.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Page<'a> {
    #[serde(borrow)]
    pub incident: Option<&'a RawValue>,
    #[serde(borrow)]
    pub incidents: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub log_entry: Option<&'a RawValue>,
    #[serde(borrow)]
    pub log_entries: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub note: Option<&'a RawValue>,
    #[serde(borrow)]
    pub notes: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub alert: Option<&'a RawValue>,
    #[serde(borrow)]
    pub alerts: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub status_update: Option<&'a RawValue>,
    #[serde(borrow)]
    pub status_updates: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub change_events: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
    #[serde(borrow)]
    pub postmortem: Option<&'a RawValue>,
}

/// A webhook of version 3.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Event<'a> {
    pub id: Option<String>,
    pub event_type: Option<String>,
    pub occurred_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub agent: Option<Reference>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
}

/// What a webhook is about: an incident, or something that belongs to one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EventData {
    #[serde(deserialize_with = "lenient")]
    pub incident: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub content: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub state: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub user: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub assignees: Option<Vec<Reference>>,
    #[serde(deserialize_with = "lenient")]
    pub incident_key: Option<String>,
}

/// A change event, or the payload of the Events API v2.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Change {
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub summary: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub timestamp: Option<crate::record::When>,
    #[serde(deserialize_with = "lenient")]
    pub source: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub component: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub severity: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub links: Option<Vec<Link>>,
    pub custom_details: serde_json::Value,
    #[serde(deserialize_with = "lenient")]
    pub event_action: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub dedup_key: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Link {
    pub href: Option<String>,
}

/// A post-mortem on a status page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Postmortem {
    pub id: Option<String>,
    pub message: Option<String>,
    pub reported_at: Option<String>,
}

/// What a record without a page around it says about itself.
#[derive(Deserialize)]
pub struct Bare {
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub content: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub message: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
}

/// A reference to a user, a service, a team, an incident, …
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Reference {
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub summary: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
}

impl Reference {
    /// The name people read.
    pub fn label(&self) -> Option<String> {
        let name = self.summary.as_deref().or(self.name.as_deref()).map(crate::record::line)?;
        (!name.is_empty()).then_some(name)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Incident {
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub incident_number: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    pub title: Option<String>,
    pub summary: Option<String>,
    pub html_url: Option<String>,
    pub created_at: Option<String>,
    pub resolved_at: Option<String>,
    pub last_status_change_at: Option<String>,
    pub last_status_change_by: Option<Reference>,
    pub status: Option<String>,
    pub urgency: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub priority: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub service: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub impacted_services: Option<Vec<Reference>>,
    #[serde(deserialize_with = "lenient")]
    pub teams: Option<Vec<Reference>>,
    #[serde(deserialize_with = "lenient")]
    pub assignments: Option<Vec<Assignment>>,
    #[serde(deserialize_with = "lenient")]
    pub acknowledgements: Option<Vec<Acknowledgement>>,
    #[serde(deserialize_with = "lenient")]
    pub incidents_responders: Option<Vec<Responder>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Assignment {
    pub assignee: Option<Reference>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Acknowledgement {
    pub at: Option<String>,
    pub acknowledger: Option<Reference>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Responder {
    pub user: Option<Reference>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LogEntry {
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub summary: Option<String>,
    pub html_url: Option<String>,
    pub created_at: Option<String>,
    pub agent: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub channel: Option<Channel>,
    #[serde(deserialize_with = "lenient")]
    pub note: Option<String>,
    pub service: Option<Reference>,
    pub incident: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub assignees: Option<Vec<Reference>>,
    #[serde(deserialize_with = "lenient")]
    pub user: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub event_details: Option<EventDetails>,
    #[serde(deserialize_with = "lenient")]
    pub changeset: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient")]
    pub changed_actions: Option<Vec<Acknowledgement>>,
    #[serde(deserialize_with = "lenient")]
    pub urgency: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EventDetails {
    #[serde(deserialize_with = "lenient")]
    pub description: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Channel {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub summary: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub content: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub subject: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub incident_key: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub notification: Option<Notification>,
    #[serde(deserialize_with = "lenient")]
    pub changeset: Option<Changeset>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Notification {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Changeset {
    #[serde(alias = "custom_fields")]
    pub customer_fields: Vec<FieldChange>,
    pub application_fields: Vec<FieldChange>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FieldChange {
    pub name: Option<String>,
    pub value: serde_json::Value,
    pub old_value: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Note {
    pub id: Option<String>,
    pub content: Option<String>,
    pub created_at: Option<String>,
    #[serde(alias = "created_by")]
    pub user: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub incident_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub incident: Option<Reference>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Alert {
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub summary: Option<String>,
    pub html_url: Option<String>,
    pub created_at: Option<String>,
    #[serde(alias = "cleared_at")]
    pub resolved_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub alert_key: Option<String>,
    pub service: Option<Reference>,
    pub incident: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub severity: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub integration: Option<Reference>,
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
pub struct StatusUpdate {
    pub id: Option<String>,
    pub message: Option<String>,
    pub created_at: Option<String>,
    #[serde(alias = "user")]
    pub sender: Option<Reference>,
    #[serde(deserialize_with = "lenient")]
    pub incident_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub incident: Option<Reference>,
}
