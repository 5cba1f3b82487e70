//! Evidence: searched and read, never changed.

use crate::{App, Error, Result, reach};
use domain::{
    EventId, EvidenceId, Instant,
    access::{Action, Actor},
    evidence::{Signal, Source, StoredEvidence},
    incident::{Incident, IncidentNumber},
};
use store::evidence as record;

/// How far the hits of a search for words are counted.
pub const COUNTED: i64 = 1_000;

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
    /// How many match in all; in a search for words [`COUNTED`] + 1 stands for more than [`COUNTED`].
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

/// Lists evidence of an incident. Three statements.
pub async fn list(app: &App, actor: &Actor, number: IncidentNumber, filter: &Filter) -> Result<Listing> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let limit = if filter.limit == 0 { 100 } else { filter.limit.min(500) };
    let narrow = record::Filter {
        words: filter.words.as_deref(),
        source: filter.source,
        signal: filter.signal,
        from: filter.from,
        to: filter.to,
        not_in_timeline: filter.not_in_timeline,
        after: filter.after,
        limit: i64::from(limit) + 1,
    };
    let mut listed = record::list(&mut tx, held.id(), &narrow).await?;
    let most = if narrow.words.is_some() { COUNTED + 1 } else { i64::MAX };
    let total = record::total(&mut tx, held.id(), &narrow, most).await?;
    let more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let last = listed.last().map(|it| (it.evidence.evidence.at, it.evidence.id));
    let rows = listed.into_iter().map(|it| Row { evidence: it.evidence, event: it.event }).collect();
    Ok(Listing { incident: held.incident().clone(), rows, total, next: last.filter(|_| more) })
}

/// One piece, with its raw form.
pub async fn show(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    id: EvidenceId,
) -> Result<StoredEvidence> {
    let mut tx = app.read(actor, Action::Read).await?;
    record::find(&mut tx, number, id, app.sight(actor)).await?.ok_or(Error::NotFound)
}
