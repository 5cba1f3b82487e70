//! Evidence: searched and read, never changed.

use crate::{App, Error, Result};
use domain::{
    EventId, EvidenceId, Instant,
    access::Actor,
    evidence::{Signal, Source, StoredEvidence},
    incident::{Incident, IncidentNumber},
};

/// Which evidence to list, in chronological order.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words that must all occur in text, author or place, without regard to case.
    pub words: Option<String>,
    /// Only from this product.
    pub source: Option<Source>,
    /// Only of this sort.
    pub signal: Option<Signal>,
    /// Not before.
    pub from: Option<Instant>,
    /// Not after.
    pub to: Option<Instant>,
    /// Only what stands in no event of the timeline.
    pub not_in_timeline: bool,
    /// After this piece (the last of the page before).
    pub after: Option<(Instant, EvidenceId)>,
    /// At most so many, 1 to 500; 100 if 0.
    pub limit: u32,
}

/// A page of evidence.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The incident it belongs to.
    pub incident: Incident,
    /// In chronological order.
    pub rows: Vec<Row>,
    /// How many match in all.
    pub total: i64,
    /// What leads to the next page.
    pub next: Option<(Instant, EvidenceId)>,
}

/// One piece in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The piece; its raw form is left empty in lists.
    pub evidence: StoredEvidence,
    /// The event of the timeline that cites it.
    pub event: Option<EventId>,
}

/// Lists evidence of an incident.
pub async fn list(app: &App, actor: &Actor, number: IncidentNumber, filter: &Filter) -> Result<Listing> {
    let _ = (app, actor, number, filter);
    Err(Error::internal("not built yet"))
}

/// One piece, with its raw form.
pub async fn show(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    id: EvidenceId,
) -> Result<StoredEvidence> {
    let _ = (app, actor, number, id);
    Err(Error::internal("not built yet"))
}
