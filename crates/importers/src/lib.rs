//! Bytes in, evidence out: one module per source, nothing asynchronous, no clock, no disk, no network.
//!
//! ```text
//! let exports = importers::read(&files, &Options::default())?; // files: Vec<NamedBytes>, each recognised
//! for incident in exports.iter().flat_map(|export| &export.incidents) {
//!     store(incident.title.as_deref(), &incident.evidence);   // evidence of that one incident
//! }
//!
//! let mut export = importers::slack::Export::open(reader, "export.zip")?;   // reader: Read + Seek
//! let channels = export.preview(&mut |step| bar.set(step.done, step.total))?; // what a person chooses from
//! let choice = importers::slack::Choice { channel: channels[0].id.clone(), from: None, to: None };
//! let gathered = export.gather(&choice, &mut |_| {})?;
//! ```
//!
//! Two sorts of bad input are told apart. A file that cannot be read at all is an [`ImportError`], one
//! sentence with file, place and reason, and nothing comes of it. A single record that cannot be read
//! inside a sound file is kept as evidence with [`domain::evidence::Signal::NotUnderstood`] and listed as
//! a [`Problem`], so that nothing is lost. No input makes a reader panic; see [`fuzz`].

pub mod fuzz;
pub mod incident_file;
pub mod on_call;
pub mod pagerduty;
pub mod slack;
pub mod table;

mod adf;
mod alertmanager;
mod calendar;
mod cloudwatch;
mod collect;
mod datadog;
mod error;
mod github;
mod google_cloud;
mod grafana;
mod jira;
mod json;
mod look;
mod opsgenie;
mod read;
mod record;
mod records;
mod said;
mod sentry;
mod side_by_side;
mod sniff;
mod statuspage;
mod told;
mod transcript;

pub use collect::NO_TIME;
pub use error::ImportError;
pub use look::{Looked, LookedIncident, look};
pub use read::{Options, read, recognise};
pub use records::Records;

use domain::{
    Instant,
    evidence::{Evidence, Source},
    incident::Severity,
    timeline::impact::Interval,
};

/// What files of one product hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Which product.
    pub source: Source,
    /// By the time they were opened, then by id.
    pub incidents: Vec<SourceIncident>,
    /// Records that name no incident, by time. Those at [`NO_TIME`] do not say when they happened; those of a
    /// transcript that does not say when it began stand at [`NO_TIME`] and shortly after it.
    pub unattached: Records,
    /// What was not understood; the records themselves are kept as evidence.
    pub not_understood: Vec<Problem>,
}

/// An incident as a product knows it, and what was recorded about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceIncident {
    /// The product's own id.
    pub id: String,
    /// On one line.
    pub title: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// When it was opened.
    pub created_at: Option<Instant>,
    /// When it was closed, if it was.
    pub resolved_at: Option<Instant>,
    /// Whether the product says that it is over, also where it does not say since when.
    pub ended: bool,
    /// From the name of the priority, or what the product says of the impact.
    pub severity: Option<Severity>,
    /// Services by name, the main one first.
    pub services: Vec<String>,
    /// Teams by name.
    pub teams: Vec<String>,
    /// Who was affected when, where the source states it.
    pub intervals: Vec<Interval>,
    /// Its records by time; `source_id`s are unique.
    pub evidence: Records,
}

/// A file as a person gave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedBytes {
    /// The name that messages use.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What came of reading a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// Every record, in the order of the source's clock; `source_id`s are unique.
    pub evidence: Vec<Evidence>,
    /// What was not understood, in the order of the files.
    pub not_understood: Vec<Problem>,
}

/// Something in a file that could not be read, while the rest could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, or the path inside an archive.
    pub file: String,
    /// Where in it, for instance `record 17`.
    pub place: String,
    /// Why, as the end of a sentence without a full stop.
    pub reason: String,
}

/// How far a reader has come, in bytes of uncompressed input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Read so far; never falls and never passes `total`.
    pub done: u64,
    /// All that will be read.
    pub total: u64,
}
