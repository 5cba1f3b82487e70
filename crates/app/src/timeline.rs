//! The timeline: add, edit, insert, hide, take from evidence, choose key instants.

use crate::{App, Error, Result};
use domain::{
    EventId, EvidenceId, Instant,
    access::Actor,
    evidence::{Signal, Source},
    incident::IncidentNumber,
    timeline::{Actor as EventActor, EventKind, KeyInstant, Precision, TimelineEvent},
};

/// An event with what its evidence says in short.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The event.
    pub event: TimelineEvent,
    /// Its evidence in short, in order.
    pub evidence: Vec<Cited>,
    /// The key instants taken from it.
    pub instants: Vec<KeyInstant>,
}

/// A piece of evidence in short, beside an event.
#[derive(Debug, Clone)]
pub struct Cited {
    /// Which piece.
    pub id: EvidenceId,
    /// The product it came from.
    pub source: Source,
    /// What sort of record.
    pub signal: Signal,
    /// Where it was said or shown.
    pub place: Option<String>,
    /// Who said or did it.
    pub author: Option<String>,
}

/// What a person says about an event.
#[derive(Debug, Clone)]
pub struct Draft {
    /// When it happened.
    pub at: Instant,
    /// How exactly that is known.
    pub precision: Precision,
    /// What sort.
    pub kind: EventKind,
    /// One line, 1 to 200 characters.
    pub title: String,
    /// More, at most 20,000 characters.
    pub detail: String,
    /// Who or what did it.
    pub actor: Option<EventActor>,
    /// The responsible team.
    pub team: Option<String>,
    /// What shows it.
    pub evidence: Vec<EvidenceId>,
}

/// Adds an event.
pub async fn add(app: &App, actor: &Actor, number: IncidentNumber, draft: Draft) -> Result<TimelineEvent> {
    let _ = (app, actor, number, draft);
    Err(Error::internal("not built yet"))
}

/// One event.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber, event: EventId) -> Result<Shown> {
    let _ = (app, actor, number, event);
    Err(Error::internal("not built yet"))
}

/// Changes an event; the rules leave it alone from then on.
pub async fn edit(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    event: EventId,
    revision: i64,
    draft: Draft,
) -> Result<TimelineEvent> {
    let _ = (app, actor, number, event, revision, draft);
    Err(Error::internal("not built yet"))
}

/// Hides events, or shows them again. Unknown ids are left out; answers how many changed.
pub async fn set_hidden(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    events: &[EventId],
    hidden: bool,
) -> Result<u64> {
    let _ = (app, actor, number, events, hidden);
    Err(Error::internal("not built yet"))
}

/// Makes an event of a piece of evidence that no rule chose.
pub async fn take_from_evidence(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    evidence: EvidenceId,
) -> Result<TimelineEvent> {
    let _ = (app, actor, number, evidence);
    Err(Error::internal("not built yet"))
}

/// Confirms that a key instant is taken from `event`, or from none, with a note why.
pub async fn choose_instant(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    instant: KeyInstant,
    event: Option<EventId>,
    note: &str,
) -> Result<()> {
    let _ = (app, actor, number, instant, event, note);
    Err(Error::internal("not built yet"))
}
