//! PagerDuty: answers of the REST API v2 saved as files, webhooks, and events.
//!
//! A file is recognised by its content, not by its name: a webhook of version 3 or an event of the Events API
//! v2; an object with `incident`, `incidents`, `log_entries`, `notes`, `alerts`, `status_updates` or
//! `change_events`; an array of such records; or several of these
//! one after another, as scripts that fetch page by page leave them.

mod entry;
mod gather;
mod live;
mod shape;
#[cfg(test)]
mod tests;

use crate::{ImportError, NamedBytes, Problem, Records};
use domain::{
    Instant,
    evidence::{Evidence, Signal},
    incident::Severity,
};
use gather::Gathering;
use std::borrow::Borrow;

/// What a set of files holds, incident by incident.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PagerdutyExport {
    /// By the time they were opened, then by id.
    pub incidents: Vec<PagerdutyIncident>,
    /// Records that name no incident while several are in the files. Usually empty.
    pub unattached: Records,
    /// What was not understood; the records themselves are kept as evidence.
    pub not_understood: Vec<Problem>,
}

/// One incident and all that was recorded about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PagerdutyIncident {
    /// PagerDuty's id, for instance `Q1XKZ5TXW8BN2Z`.
    pub id: String,
    /// The number people say, for instance 1234.
    pub number: Option<i64>,
    /// On one line; falls back to what other records say about it.
    pub title: Option<String>,
    /// The page in PagerDuty.
    pub url: Option<String>,
    /// When it was opened: the incident's own field, or its first trigger.
    pub created_at: Option<Instant>,
    /// When it was closed, if it was.
    pub resolved_at: Option<Instant>,
    /// `triggered`, `acknowledged` or `resolved`.
    pub status: Option<String>,
    /// From the name of the priority if that says so, for instance `P1` or `SEV-2`.
    pub severity: Option<Severity>,
    /// The name of the priority as the source has it.
    pub priority: Option<String>,
    /// `high` or `low`.
    pub urgency: Option<String>,
    /// Services by name, the main one first.
    pub services: Vec<String>,
    /// Teams by name.
    pub teams: Vec<String>,
    /// Everybody who was assigned, asked to respond or acknowledged, by name.
    pub responders: Vec<String>,
    /// Its records by time; `source_id`s are unique.
    pub evidence: Records,
}

/// Reads `files` together; their order makes no difference except between records of one instant.
///
/// # Errors
/// When a file is not JSON, or when none of them holds anything of PagerDuty's.
pub fn read<F: Borrow<NamedBytes>>(files: &[F]) -> Result<PagerdutyExport, ImportError> {
    gather(files, false)
}

/// [`read`], but a `lean` one leaves the raw form of records out, where only what there is has to be told.
pub(crate) fn gather<F: Borrow<NamedBytes>>(files: &[F], lean: bool) -> Result<PagerdutyExport, ImportError> {
    let mut gathering = Gathering::new(lean);
    for file in files {
        gathering.file(file.borrow())?;
    }
    let export = gathering.finish();
    let understood = |evidence: &Evidence| evidence.signal != Signal::NotUnderstood;
    if export.incidents.is_empty() && !export.unattached.iter().any(understood) {
        let file = files.iter().map(|it| it.borrow().name.as_str()).collect::<Vec<_>>().join(", ");
        let file =
            if file.is_empty() { "PagerDuty export".to_owned() } else { entry::cut(&file, 200).to_owned() };
        let reason = "there are no PagerDuty incidents, log entries, notes or alerts in it".to_owned();
        return Err(ImportError::Shape { file, reason });
    }
    Ok(export)
}

/// The severity that the name of a priority states: `P1`, `SEV-2`, `Sev 3`, `Priority 4`; nothing else.
pub(crate) fn severity(priority: &str) -> Option<Severity> {
    let name = priority.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
    let first = words.next()?;
    let digits =
        ["severity", "sev", "priority", "prio", "p"].into_iter().find_map(|it| first.strip_prefix(it))?;
    let digits = if digits.is_empty() { words.next()? } else { digits };
    digits.parse().ok().and_then(Severity::new)
}

/// The beginning of a text, for messages.
pub(crate) fn shorten(text: &str, chars: usize) -> String {
    entry::cut(text, chars).to_owned()
}
