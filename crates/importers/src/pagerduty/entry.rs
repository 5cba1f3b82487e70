//! A log entry in our words: which signal, which sentence, who was told.

use super::shape::{FieldChange, LogEntry, Reference};
pub use crate::record::cut;
use crate::record::{clean, line};
use domain::evidence::{Author, AuthorKind, Signal};

/// What a log entry says.
pub struct Reading {
    pub signal: Signal,
    pub text: String,
    pub people: Vec<String>,
    /// Set for a type that is not known; the end of a sentence.
    pub problem: Option<String>,
}

/// Reads any log entry. The seventeen types are those of the REST API v2; `priority_change_log_entry` is
/// not in its description and yet occurs.
pub fn read(entry: &LogEntry<'_>) -> Reading {
    let kind = entry.kind.as_deref().unwrap_or_default();
    let kind = kind.strip_suffix("_reference").unwrap_or(kind);
    let by =
        entry.agent.as_ref().and_then(Reference::label).map(|it| format!(" by {it}")).unwrap_or_default();
    let timeout = entry.channel.as_ref().and_then(|it| it.kind.as_deref()) == Some("timeout");
    let after_timeout = if timeout { " after a timeout" } else { "" };
    let summary = entry.summary.as_deref().map(clean).unwrap_or_default();
    let assignees = names(entry.assignees.as_deref());
    let to = if assignees.is_empty() { String::new() } else { format!(" to {}", list(&assignees)) };
    let say = |signal, text: String| Reading { signal, text, people: Vec::new(), problem: None };
    let told = |signal, text: String| Reading { people: assignees.clone(), ..say(signal, text) };
    match kind {
        "trigger_log_entry" => say(Signal::Triggered, format!("Triggered: {}", what_triggered(entry))),
        "acknowledge_log_entry" | "acknowledgement_log_entry" => {
            say(Signal::Acknowledged, format!("Acknowledged{by}"))
        }
        "annotate_log_entry" => say(Signal::Note, note_text(entry)),
        "assign_log_entry" => told(Signal::Assigned, format!("Assigned{to}{}", by_person(entry))),
        "delegate_log_entry" => told(Signal::Assigned, format!("Delegated{to}{}", by_person(entry))),
        "escalate_log_entry" if assignees.is_empty() && !timeout && summary.starts_with("Escalated to") => {
            say(Signal::Escalated, summary)
        }
        "escalate_log_entry" => {
            told(Signal::Escalated, format!("Escalated{to}{after_timeout}{}", by_person(entry)))
        }
        "exhaust_escalation_path_log_entry" => {
            say(Signal::Escalated, "The end of the escalation path was reached".to_owned())
        }
        "repeat_escalation_path_log_entry" => {
            say(Signal::Escalated, "The escalation path started again".to_owned())
        }
        "notify_log_entry" => notified(entry),
        "reach_ack_limit_log_entry" => {
            say(Signal::Changed, "The limit of acknowledgements was reached".to_owned())
        }
        "reach_trigger_limit_log_entry" => {
            say(Signal::Changed, "The limit of triggers was reached".to_owned())
        }
        "resolve_log_entry" => say(Signal::Resolved, format!("Resolved{by}{after_timeout}")),
        "snooze_log_entry" => say(Signal::Snoozed, snoozed(entry, &by)),
        "unacknowledge_log_entry" if timeout => {
            say(Signal::Unacknowledged, "The acknowledgement ran out".to_owned())
        }
        "unacknowledge_log_entry" => say(Signal::Unacknowledged, format!("Acknowledgement taken back{by}")),
        "urgency_change_log_entry" => say(Signal::Changed, changed(entry, "Urgency", &by)),
        "priority_change_log_entry" => say(Signal::Changed, changed(entry, "Priority", &by)),
        "field_value_change_log_entry" | "custom_field_value_change_log_entry" => {
            say(Signal::Changed, changed(entry, "A field", &by))
        }
        other => Reading {
            signal: Signal::NotUnderstood,
            text: summary,
            people: Vec::new(),
            problem: Some(match line(other) {
                none if none.is_empty() => "the log entry has no type".to_owned(),
                known => format!("“{}” is not a known type of log entry", cut(&known, 80)),
            }),
        },
    }
}

/// Who or what is behind a record.
pub fn author(agent: Option<&Reference<'_>>) -> Option<Author> {
    let agent = agent?;
    let kind = match agent.kind.as_deref().unwrap_or_default() {
        "user_reference" | "user" => AuthorKind::Person,
        "" => AuthorKind::Unknown,
        _ => AuthorKind::Machine,
    };
    let name = agent.label().or_else(|| agent.id.as_ref().map(|id| format!("Unknown {}", line(id))))?;
    Some(Author {
        name,
        kind,
        source_id: agent.id.as_deref().map(|id| crate::record::bounded_id(id.to_owned())),
    })
}

/// The names of people, without repetition, in order.
pub fn names(references: Option<&[Reference<'_>]>) -> Vec<String> {
    let mut names = Vec::new();
    for name in references.unwrap_or_default().iter().filter_map(Reference::label) {
        if names.len() < 100 && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The title of the incident a record refers to: its summary without `[#12] `.
pub fn title_of(summary: &str) -> String {
    let summary = line(summary);
    let bare = summary.strip_prefix("[#").and_then(|rest| rest.split_once("] ")).map(|(_, title)| title);
    bare.unwrap_or(&summary).to_owned()
}

fn what_triggered(entry: &LogEntry<'_>) -> String {
    let channel = entry.channel.as_ref();
    let said = [
        channel.and_then(|it| it.summary.as_deref()),
        channel.and_then(|it| it.subject.as_deref()),
        entry.event_details.as_ref().and_then(|it| it.description.as_deref()),
    ];
    let said = said.into_iter().flatten().map(clean).find(|it| !it.is_empty());
    let title = || entry.incident.as_ref().and_then(|it| it.summary.as_deref()).map(title_of);
    said.or_else(title).or_else(|| entry.summary.as_deref().map(clean)).unwrap_or_default()
}

/// The words of a note; a log entry repeats them in several places, sometimes shortened.
pub fn note_text(entry: &LogEntry<'_>) -> String {
    let channel = entry.channel.as_ref();
    let said = [
        channel.and_then(|it| it.content.as_deref()),
        entry.note.as_deref(),
        channel.and_then(|it| it.summary.as_deref()),
        entry.event_details.as_ref().and_then(|it| it.description.as_deref()),
        entry.summary.as_deref(),
    ];
    said.into_iter().flatten().map(clean).find(|it| !it.is_empty()).unwrap_or_default()
}

fn notified(entry: &LogEntry<'_>) -> Reading {
    let person = entry.user.as_ref().and_then(Reference::label);
    let notification = entry.channel.as_ref().and_then(|it| it.notification.as_ref());
    let means = notification.and_then(|it| it.kind.as_deref()).map(line).filter(|it| !it.is_empty());
    let outcome = notification.and_then(|it| it.status.as_deref()).map(line).filter(|it| !it.is_empty());
    let mut text = match (&person, &means) {
        (Some(person), Some(means)) => format!("{person} was notified by {means}"),
        (Some(person), None) => format!("{person} was notified"),
        (None, _) => {
            entry.summary.as_deref().map(clean).unwrap_or_else(|| "Somebody was notified".to_owned())
        }
    };
    if let Some(outcome) = outcome.filter(|it| it != "success") {
        text = format!("{text} ({outcome})");
    }
    Reading { signal: Signal::Notified, text, people: person.into_iter().collect(), problem: None }
}

fn snoozed(entry: &LogEntry<'_>, by: &str) -> String {
    let until = entry.changed_actions.iter().flatten().filter_map(|it| it.at.as_deref()).next_back();
    let until = crate::record::instant(until).map(|at| format!(" until {at}")).unwrap_or_default();
    format!("Snoozed{by}{until}")
}

fn changed(entry: &LogEntry<'_>, what: &str, by: &str) -> String {
    if let Some(changes) = entry.changeset.as_ref().filter(|it| !it.is_empty()) {
        return changes.iter().map(|it| line(it)).collect::<Vec<_>>().join("; ") + by;
    }
    if let Some(set) = entry.channel.as_ref().and_then(|it| it.changeset.as_ref()) {
        let fields = set.application_fields.iter().chain(&set.customer_fields);
        let changes: Vec<_> = fields.filter_map(field_change).take(20).collect();
        if !changes.is_empty() {
            return changes.join("; ") + by;
        }
    }
    let to = entry.urgency.as_deref().map(|it| format!(" to {}", line(it))).unwrap_or_default();
    let said = entry.channel.as_ref().and_then(|it| it.summary.as_deref()).map(clean).unwrap_or_default();
    match entry.summary.as_deref().map(clean).unwrap_or_default() {
        _ if !said.is_empty() => said,
        // A summary such as “urgency by Ada” says less than our own words.
        summary if to.is_empty() && summary.contains(" to ") => summary,
        _ => format!("{what} changed{to}{by}"),
    }
}

fn field_change(change: &FieldChange<'_>) -> Option<String> {
    let name = line(change.name.as_deref()?);
    let (old, new) = (value(&change.old_value), value(&change.value));
    Some(match old {
        Some(old) => format!("{name}: {old} → {}", new.as_deref().unwrap_or("none")),
        None => format!("{name}: {}", new.as_deref().unwrap_or("none")),
    })
}

/// A JSON value as people write it; `None` for null.
pub fn value(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(line(cut(text, 200))),
        other => Some(cut(&other.to_string(), 200).to_owned()),
    }
}

/// “ by Ada” when a person did it; a service assigning somebody is not worth the words.
fn by_person(entry: &LogEntry<'_>) -> String {
    let agent = author(entry.agent.as_ref()).filter(|it| it.kind == AuthorKind::Person);
    agent.map(|it| format!(" by {}", it.name)).unwrap_or_default()
}

/// “Ada”, “Ada and Ben”, “Ada, Ben and Cleo”.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
