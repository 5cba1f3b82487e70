//! Evidence: what a source recorded, kept as it came.
//!
//! Evidence is never changed and never deleted by an edit of the timeline; the timeline cites it. The
//! importers turn each source into this one shape, so that the rules which choose timeline events need
//! not know any source.

use crate::{
    EvidenceId, Instant,
    timeline::{KeyInstant, Precision},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// One record of a source, before or after it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The product it came from.
    pub source: Source,
    /// Its identity within that source, stable over repeated exports, at most 300 bytes. Together with
    /// `source` and the incident it makes importing twice add nothing.
    pub source_id: String,
    /// When it happened, by the source's own clock.
    pub at: Instant,
    /// Who or what said or did it.
    pub author: Option<Author>,
    /// What sort of record it is, in words that no source owns.
    pub signal: Signal,
    /// Readable plain text: mentions and links resolved to names, no markup. May be empty.
    pub text: String,
    /// Where it was said or shown: `#channel`, a service, an alert. For people to read.
    pub place: Option<String>,
    /// The address of the original, if the source gave one.
    pub url: Option<String>,
    /// What the rules need beyond the text.
    pub facts: Facts,
    /// The record exactly as received: JSON text of this one record.
    pub raw: String,
}

impl Evidence {
    /// SHA-256 of the raw form (FIPS 180-4): proves later that nobody changed it.
    pub fn digest(&self) -> Digest32 {
        Digest32(Sha256::digest(self.raw.as_bytes()).into())
    }
}

/// Evidence of an incident as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvidence {
    /// Which piece.
    pub id: EvidenceId,
    /// What was recorded.
    pub evidence: Evidence,
    /// SHA-256 of the raw form, taken when it was stored.
    pub digest: Digest32,
}

/// The people who said or did something, each once, in the order of their first words or acts. Joining a
/// channel or being told is neither.
pub fn participants<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Vec<String> {
    let mut first: std::collections::BTreeMap<&str, Instant> = std::collections::BTreeMap::new();
    for piece in evidence {
        let took_part =
            !matches!(piece.signal, Signal::Housekeeping | Signal::NotUnderstood | Signal::Notified);
        if let Some(author) = piece.author.as_ref().filter(|author| author.kind == AuthorKind::Person)
            && took_part
        {
            first.entry(&author.name).and_modify(|at| *at = piece.at.min(*at)).or_insert(piece.at);
        }
    }
    let mut people: Vec<(Instant, &str)> = first.into_iter().map(|(name, at)| (at, name)).collect();
    people.sort_unstable();
    people.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// A SHA-256 sum, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest32(pub [u8; 32]);

impl Digest32 {
    /// The sum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl Digest32 {
    /// Reads 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let pairs = (text.len() == 64 && text.is_ascii()).then(|| text.as_bytes().chunks(2))?;
        let bytes: Option<Vec<u8>> =
            pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        bytes?.try_into().ok().map(Self)
    }
}

impl Digest32 {
    /// The first 16 of its hexadecimal digits: enough to tell the records of one source apart.
    pub fn short(&self) -> String {
        let mut digits = String::with_capacity(16);
        for byte in self.0.iter().take(8) {
            hex(*byte).into_iter().for_each(|digit| digits.push(digit));
        }
        digits
    }
}

/// The two digits of a byte.
fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|it| char::from(if it < 10 { b'0' + it } else { b'a' + it - 10 }))
}

impl fmt::Display for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.0.iter().flat_map(|byte| hex(*byte)).collect();
        f.write_str(&digits)
    }
}

impl fmt::Debug for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A product that evidence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// PagerDuty: REST API v2 exports, webhooks v3, events v2.
    Pagerduty,
    /// Slack: workspace exports, Events API, Web API.
    Slack,
    /// Opsgenie: alerts, their logs and notes, incidents, post-mortems, webhooks.
    Opsgenie,
    /// Prometheus Alertmanager: webhook version 4, API v2.
    Alertmanager,
    /// Grafana alerting: webhook, also of the time before unified alerting.
    Grafana,
    /// Datadog: events, monitor webhooks, incidents.
    Datadog,
    /// Sentry: issues, issue alerts, metric alerts, events.
    Sentry,
    /// Statuspage: incidents with their updates, history, webhooks.
    Statuspage,
    /// GitHub: webhooks and REST lists about deployments, releases, pushes, runs and issues.
    Github,
    /// Amazon CloudWatch: alarms through SNS, EventBridge or its API.
    Cloudwatch,
    /// Google Cloud Monitoring: alert notifications.
    GoogleCloud,
    /// Jira: issues with comments, webhooks.
    Jira,
    /// A meeting in words: WebVTT.
    Transcript,
    /// A calendar: iCalendar (RFC 5545).
    Calendar,
    /// An incident as JSON in the form of `data/schemas/incident.json`.
    Json,
    /// A table with columns that a person named: CSV (RFC 4180).
    Csv,
    /// A file of a form that Debrief does not read, kept as it came.
    File,
    /// Written in Debrief by a person.
    Debrief,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 18] = [
        Self::Pagerduty,
        Self::Slack,
        Self::Opsgenie,
        Self::Alertmanager,
        Self::Grafana,
        Self::Datadog,
        Self::Sentry,
        Self::Statuspage,
        Self::Github,
        Self::Cloudwatch,
        Self::GoogleCloud,
        Self::Jira,
        Self::Transcript,
        Self::Calendar,
        Self::Json,
        Self::Csv,
        Self::File,
        Self::Debrief,
    ];

    /// The name in the record, in addresses and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pagerduty => "pagerduty",
            Self::Slack => "slack",
            Self::Opsgenie => "opsgenie",
            Self::Alertmanager => "alertmanager",
            Self::Grafana => "grafana",
            Self::Datadog => "datadog",
            Self::Sentry => "sentry",
            Self::Statuspage => "statuspage",
            Self::Github => "github",
            Self::Cloudwatch => "cloudwatch",
            Self::GoogleCloud => "google_cloud",
            Self::Jira => "jira",
            Self::Transcript => "transcript",
            Self::Calendar => "calendar",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::File => "file",
            Self::Debrief => "debrief",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pagerduty => "PagerDuty",
            Self::Slack => "Slack",
            Self::Opsgenie => "Opsgenie",
            Self::Alertmanager => "Alertmanager",
            Self::Grafana => "Grafana",
            Self::Datadog => "Datadog",
            Self::Sentry => "Sentry",
            Self::Statuspage => "Statuspage",
            Self::Github => "GitHub",
            Self::Cloudwatch => "CloudWatch",
            Self::GoogleCloud => "Google Cloud Monitoring",
            Self::Jira => "Jira",
            Self::Transcript => "Meeting transcript",
            Self::Calendar => "Calendar",
            Self::Json => "Incident file",
            Self::Csv => "Table",
            Self::File => "File",
            Self::Debrief => "Debrief",
        }
    }

    /// Whether people talk there: what is said is chosen by its words, and an hour of it can be crowded.
    pub const fn is_talk(self) -> bool {
        matches!(self, Self::Slack | Self::Transcript)
    }

    /// Whether it pages people and keeps the course of an incident.
    pub const fn pages(self) -> bool {
        matches!(self, Self::Pagerduty | Self::Opsgenie)
    }

    /// The source of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.key() == key)
    }
}

/// Who or what is behind a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Author {
    /// The name people read.
    pub name: String,
    /// Person, machine or unknown.
    pub kind: AuthorKind,
    /// The id of the author in the source, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
}

/// What sort of author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A human being.
    Person,
    /// A bot, an integration, a service, a monitoring rule.
    Machine,
    /// The source does not say.
    Unknown,
}

/// What sort of record a piece of evidence is, in a vocabulary of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The source opened the incident.
    Triggered,
    /// A responder took it.
    Acknowledged,
    /// It was handed back or the acknowledgement ran out.
    Unacknowledged,
    /// It went to further people because nobody had taken it, or by hand.
    Escalated,
    /// It was given to somebody, reassigned or delegated.
    Assigned,
    /// Somebody was paged or otherwise told.
    Notified,
    /// It was put off for a while.
    Snoozed,
    /// Priority, urgency or another field was changed.
    Changed,
    /// The source closed it.
    Resolved,
    /// A person wrote a note on it.
    Note,
    /// An update for people who wait.
    StatusUpdate,
    /// A monitoring rule fired.
    AlertFired,
    /// A monitoring rule is quiet again.
    AlertCleared,
    /// A person wrote in a chat.
    Message,
    /// A bot or an integration wrote in a chat.
    BotMessage,
    /// A file was shared in a chat.
    File,
    /// A message was pinned, or topic or purpose were set, by a person.
    Marked,
    /// Somebody joined or left a channel, or similar housekeeping.
    Housekeeping,
    /// A deploy, a release, a push, a setting: the system became another.
    Deployed,
    /// Came in the file and could not be read; kept so that nothing is lost.
    NotUnderstood,
}

impl Signal {
    /// Every signal.
    pub const ALL: [Self; 20] = [
        Self::Triggered,
        Self::Acknowledged,
        Self::Unacknowledged,
        Self::Escalated,
        Self::Assigned,
        Self::Notified,
        Self::Snoozed,
        Self::Changed,
        Self::Resolved,
        Self::Note,
        Self::StatusUpdate,
        Self::AlertFired,
        Self::AlertCleared,
        Self::Message,
        Self::BotMessage,
        Self::File,
        Self::Marked,
        Self::Housekeeping,
        Self::Deployed,
        Self::NotUnderstood,
    ];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Unacknowledged => "unacknowledged",
            Self::Escalated => "escalated",
            Self::Assigned => "assigned",
            Self::Notified => "notified",
            Self::Snoozed => "snoozed",
            Self::Changed => "changed",
            Self::Resolved => "resolved",
            Self::Note => "note",
            Self::StatusUpdate => "status_update",
            Self::AlertFired => "alert_fired",
            Self::AlertCleared => "alert_cleared",
            Self::Message => "message",
            Self::BotMessage => "bot_message",
            Self::File => "file",
            Self::Marked => "marked",
            Self::Housekeeping => "housekeeping",
            Self::Deployed => "deployed",
            Self::NotUnderstood => "not_understood",
        }
    }

    /// The signal of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.key() == key)
    }
}

/// What the rules need to know about a record beyond its text. Stored as JSON; absent parts are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The source's own word for the record, for instance `acknowledge_log_entry` or `channel_join`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source_type: String,
    /// Reactions by name, with how many people gave each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Whether somebody pinned it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// The `source_id` of the message that began the thread this one belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// When the author last changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Instant>,
    /// Files that came with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileFact>,
    /// People it was given to, told, or mentioned, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// The service it is about, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The alert it belongs to (a key that fired and cleared share).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// What sort of event the source itself says it is, as [`crate::timeline::EventKind::key`] names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How exactly the source says that it knows the time.
    #[serde(skip_serializing_if = "is_exact")]
    pub precision: Precision,
    /// Key instants that the source itself states and takes from this record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instants: Vec<KeyInstant>,
    /// Why it could not be read, for [`Signal::NotUnderstood`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The short name without colons, for instance `pushpin`.
    pub name: String,
    /// How many people gave it.
    pub count: u32,
}

/// A file that came with a message; its bytes are not part of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// The name or title.
    pub name: String,
    /// Where the source keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// To the second is what a record says that says nothing of it.
fn is_exact(precision: &Precision) -> bool {
    *precision == Precision::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_the_value() {
        for signal in Signal::ALL {
            assert_eq!(Signal::from_key(signal.key()), Some(signal));
        }
        for source in Source::ALL {
            assert_eq!(Source::from_key(source.key()), Some(source));
        }
    }

    #[test]
    fn participants_are_people_by_their_first_word() {
        let said = |name: &str, kind, signal, seconds| Evidence {
            source: Source::Slack,
            source_id: String::new(),
            at: Instant::from_seconds(seconds),
            author: Some(Author { name: name.into(), kind, source_id: None }),
            signal,
            text: String::new(),
            place: None,
            url: None,
            facts: Facts::default(),
            raw: String::new(),
        };
        let evidence = [
            said("Wren", AuthorKind::Person, Signal::Message, 30),
            said("Ada", AuthorKind::Person, Signal::Message, 20),
            said("Wren", AuthorKind::Person, Signal::Message, 10),
            said("Deploys", AuthorKind::Machine, Signal::BotMessage, 1),
            said("Imani", AuthorKind::Person, Signal::Housekeeping, 2),
        ];
        assert_eq!(participants(&evidence), ["Wren", "Ada"]);
    }

    #[test]
    fn the_sum_is_of_the_raw_form() {
        // The first sum is the published test vector of FIPS 180-4 for "abc".
        assert_eq!(
            Digest32::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Digest32::of(b"abc").short(), "ba7816bf8f01cfea");
    }

    #[test]
    fn empty_facts_take_no_room_and_unknown_ones_do_no_harm() {
        assert_eq!(serde_json::to_string(&Facts::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Facts>("{\"later\":1}").unwrap(), Facts::default());
        let about = Facts { precision: Precision::Hour, ..Facts::default() };
        assert_eq!(serde_json::to_string(&about).unwrap(), "{\"precision\":\"hour\"}");
    }
}
