//! Bytes in, evidence out: one module per source, nothing asynchronous, no clock, no disk, no network.
//!
//! ```text
//! let export = importers::pagerduty::read(&files)?;           // files: Vec<NamedBytes>
//! for incident in &export.incidents {
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
pub mod pagerduty;
pub mod slack;

mod error;
mod json;
mod record;

pub use error::ImportError;

use domain::evidence::Evidence;

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
