//! What the command palette and mentions find.

use crate::{App, Error, Result};
use domain::{EventId, Instant, PersonId, access::Actor, incident::IncidentNumber};

/// A thing to go to.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The incident.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// Whether it has a post-mortem.
    pub has_postmortem: bool,
}

/// Something to mention in a document.
#[derive(Debug, Clone, Default)]
pub struct Mentions {
    /// People by name.
    pub people: Vec<(PersonId, String)>,
    /// Events of the incident's timeline: id, instant, title.
    pub events: Vec<(EventId, Instant, String)>,
}

/// Incidents that match the words by number or title, at most 12.
pub async fn find(app: &App, actor: &Actor, words: &str) -> Result<Vec<Hit>> {
    let _ = (app, actor, words);
    Err(Error::internal("not built yet"))
}

/// People and events to mention in the document of an incident, at most 8 of each.
pub async fn mentions(app: &App, actor: &Actor, number: IncidentNumber, words: &str) -> Result<Mentions> {
    let _ = (app, actor, number, words);
    Err(Error::internal("not built yet"))
}
