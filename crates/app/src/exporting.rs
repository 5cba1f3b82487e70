//! A post-mortem out again, as a file.

use crate::{App, Error, Result};
use domain::{access::Actor, incident::IncidentNumber};

/// A format to take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CommonMark with tables.
    Markdown,
    /// One HTML file without scripts or outside files.
    Html,
}

/// A file to take away.
#[derive(Debug, Clone)]
pub struct Exported {
    /// A file name that is safe on every system.
    pub file_name: String,
    /// Its bytes, UTF-8.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

/// Exports the post-mortem of an incident.
pub async fn export(app: &App, actor: &Actor, number: IncidentNumber, format: Format) -> Result<Exported> {
    let _ = (app, actor, number, format);
    Err(Error::internal("not built yet"))
}
