//! The timeline: add, edit, insert, hide, take from evidence, choose key instants.

mod from_evidence;

pub(crate) use from_evidence::shorten;

use crate::{
    App, Error, Result,
    history::changes,
    reach::{self, Held, Reached},
    typed,
};
use collab::Changed;
use domain::{
    EventId, EvidenceId, Instant,
    access::{Action, Actor},
    evidence::{Signal, Source},
    incident::IncidentNumber,
    instant::Span,
    timeline::{
        Actor as EventActor, Chosen, EventKind, KeyInstant, Precision, TimelineEvent,
        event::{ActorKind, DETAIL_MAX, TITLE_MAX},
        key_instant::ChosenInstant,
    },
};
use serde_json::{Value, json};
use std::collections::HashMap;
use store::{Tx, audit, events, evidence, key_instants};

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

/// The longest note on a key instant, in characters.
pub const NOTE_MAX: usize = 500;
/// The most pieces of evidence that one event cites.
pub const EVIDENCE_MAX: usize = 100;
/// The longest name of a team or an actor, in characters.
const NAME_MAX: usize = 100;

/// Adds an event.
pub async fn add(app: &App, actor: &Actor, number: IncidentNumber, draft: Draft) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let draft = accepted(&mut tx, held.id(), draft).await?;
    let event = written(app, &mut tx, actor, held.id(), draft).await?;
    told(app, tx, actor, &held, "event.add", with_id(event.id, words(&event))).await?;
    Ok(event)
}

/// One event. Three statements.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber, event: EventId) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let (event, cited, instants) =
        events::shown(&mut tx, number, event, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    Ok(Shown { event, evidence: cited.into_iter().map(Cited::from).collect(), instants })
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
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let before = events::find(&mut tx, held.id(), event).await?.ok_or(Error::NotFound)?;
    let draft = accepted(&mut tx, held.id(), draft).await?;
    let (old, cites) = (words(&before), before.evidence != draft.evidence);
    let changed = TimelineEvent {
        at: draft.at,
        precision: draft.precision,
        kind: draft.kind,
        title: draft.title,
        detail: draft.detail,
        actor: draft.actor,
        team: draft.team,
        evidence: draft.evidence,
        touched: true,
        revision,
        ..before
    };
    let event = events::update(&mut tx, changed, cites).await?.ok_or_else(Error::changed_meanwhile)?;
    let detail = with_id(event.id, changes(&old, &words(&event)));
    told(app, tx, actor, &held, "event.edit", detail).await?;
    Ok(event)
}

/// Hides events, or shows them again. Unknown ids are left out; answers how many changed.
pub async fn set_hidden(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    events: &[EventId],
    hidden: bool,
) -> Result<u64> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let changed = events::set_hidden(&mut tx, held.id(), events, hidden).await?;
    if !changed.is_empty() {
        let detail = json!({ "events": changed, "hidden": { "old": !hidden, "new": hidden } });
        told(app, tx, actor, &held, if hidden { "event.hide" } else { "event.unhide" }, detail).await?;
    }
    Ok(changed.len() as u64)
}

/// Makes an event of a piece of evidence that no rule chose. If a hidden event cites it already, that one is
/// shown again instead.
pub async fn take_from_evidence(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    evidence: EvidenceId,
) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let piece = evidence::find(&mut tx, number, evidence, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    if let Some(citing) = events::citing(&mut tx, evidence).await? {
        let known = events::find(&mut tx, held.id(), citing).await?.ok_or(Error::NotFound)?;
        if !known.hidden {
            return Err(Error::conflict("This already stands in the timeline. Nothing was changed."));
        }
        events::set_hidden(&mut tx, held.id(), &[citing], false).await?;
        let detail = json!({ "events": [citing], "hidden": { "old": true, "new": false } });
        told(app, tx, actor, &held, "event.unhide", detail).await?;
        return Ok(TimelineEvent { hidden: false, revision: known.revision + 1, ..known });
    }
    let draft = from_evidence::draft(&piece);
    let event = written(app, &mut tx, actor, held.id(), draft).await?;
    told(app, tx, actor, &held, "event.take", with_id(event.id, words(&event))).await?;
    Ok(event)
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
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let note = typed::optional_line("note", note, NOTE_MAX)?;
    if let Some(event) = event
        && events::find(&mut tx, held.id(), event).await?.is_none()
    {
        return Err(Error::invalid("event", "This event is not part of the timeline."));
    }
    let before = key_instants::list(&mut tx, held.id()).await?.into_iter().find(|it| it.instant == instant);
    let reason = note.unwrap_or_else(|| match event {
        Some(_) => format!("Chosen by {}", actor.name),
        None => format!("{} found no event that shows it", actor.name),
    });
    let stored = key_instants::Stored { instant, event, reason, confirmed: true };
    key_instants::put(&mut tx, held.id(), &stored).await?;
    let detail = json!({
        "instant": instant,
        "event": { "old": before.as_ref().and_then(|it| it.event), "new": event },
        "reason": { "old": before.as_ref().map(|it| it.reason.as_str()), "new": stored.reason },
        "confirmed": { "old": before.is_some_and(|it| it.confirmed), "new": true },
    });
    told(app, tx, actor, &held, "timeline.choose_instant", detail).await
}

/// Writes a step of the incident into its timeline, in the transaction of the step, and proposes `instant` from
/// it. Nothing is written when the evidence already shows the instant within a minute.
pub(crate) async fn mark(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    incident: Reached,
    at: Instant,
    title: &str,
    instant: Option<KeyInstant>,
) -> Result<()> {
    let mut confirmed = false;
    if let Some(instant) = instant {
        let known = key_instants::list(tx, incident).await?.into_iter().find(|it| it.instant == instant);
        confirmed = known.as_ref().is_some_and(|it| it.confirmed);
        if let Some(event) = known.and_then(|it| it.event)
            && let Some(event) = events::find(tx, incident, event).await?
            && !event.hidden
            && event.at.since(at).as_micros().abs() < Span::minutes(1).as_micros()
        {
            return Ok(());
        }
    }
    let kind = if actor.person.is_some() { ActorKind::Person } else { ActorKind::System };
    let draft = Draft {
        at,
        precision: Precision::Second,
        kind: EventKind::Status,
        title: title.to_owned(),
        detail: String::new(),
        actor: Some(EventActor { name: actor.name.clone(), kind }),
        team: None,
        evidence: Vec::new(),
    };
    let event = written(app, tx, actor, incident, draft).await?;
    if let Some(instant) = instant
        && !confirmed
    {
        let reason = format!("{} marked the incident as {} here", actor.name, title.to_lowercase());
        let stored = key_instants::Stored { instant, event: Some(event.id), reason, confirmed: false };
        key_instants::put(tx, incident, &stored).await?;
    }
    Ok(())
}

/// Events with their evidence in short and the key instants taken from them.
pub(crate) fn with_evidence(
    events: Vec<TimelineEvent>,
    cited: Vec<events::Cited>,
    instants: &[ChosenInstant],
) -> Vec<Shown> {
    let mut of: HashMap<EventId, Vec<Cited>> = HashMap::new();
    for piece in cited {
        of.entry(piece.event).or_default().push(piece.into());
    }
    let mut instants = crate::incidents::instants_of(instants);
    events
        .into_iter()
        .map(|event| Shown {
            evidence: of.remove(&event.id).unwrap_or_default(),
            instants: instants.remove(&event.id).unwrap_or_default(),
            event,
        })
        .collect()
}

impl From<events::Cited> for Cited {
    fn from(it: events::Cited) -> Self {
        Self { id: it.id, source: it.source, signal: it.signal, place: it.place, author: it.author }
    }
}

/// The draft as it can be kept, or what cannot be used.
async fn accepted(tx: &mut Tx, incident: Reached, draft: Draft) -> Result<Draft> {
    let mut cited: Vec<EvidenceId> = Vec::with_capacity(draft.evidence.len());
    for piece in draft.evidence {
        if !cited.contains(&piece) {
            cited.push(piece);
        }
        if cited.len() > EVIDENCE_MAX {
            return Err(Error::invalid("evidence", format!("An event cites at most {EVIDENCE_MAX} pieces.")));
        }
    }
    if evidence::count_of(tx, incident, &cited).await? != cited.len() {
        return Err(Error::invalid("evidence", "Some of this evidence does not belong to the incident."));
    }
    let actor = match draft.actor {
        Some(actor) => typed::optional_line("actor", &actor.name, NAME_MAX)?
            .map(|name| EventActor { name, kind: actor.kind }),
        None => None,
    };
    Ok(Draft {
        title: typed::line("title", &draft.title, TITLE_MAX)?,
        detail: typed::prose("detail", &draft.detail, DETAIL_MAX)?,
        team: typed::optional_line("team", draft.team.as_deref().unwrap_or_default(), NAME_MAX)?,
        actor,
        evidence: cited,
        ..draft
    })
}

/// Keeps an event that a person wrote, after the others of its instant.
async fn written(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    incident: Reached,
    draft: Draft,
) -> Result<TimelineEvent> {
    let rank = events::last_rank(tx, incident, draft.at).await?.map_or(0, |rank| rank.saturating_add(1));
    let event = TimelineEvent {
        id: EventId::new(app.now(), app.random()),
        at: draft.at,
        precision: draft.precision,
        rank,
        kind: draft.kind,
        title: draft.title,
        detail: draft.detail,
        actor: draft.actor,
        team: draft.team,
        evidence: draft.evidence,
        chosen: Chosen::Person { person: actor.person },
        hidden: false,
        touched: false,
        revision: 0,
    };
    events::insert(tx, incident, std::slice::from_ref(&event)).await?;
    Ok(event)
}

/// Writes the act down, commits, and tells open pages.
async fn told(app: &App, mut tx: Tx, actor: &Actor, held: &Held, act: &str, detail: Value) -> Result<()> {
    let subject = held.number().to_string();
    audit::record(&mut tx, app.now(), actor, act, &subject, &detail.to_string()).await?;
    tx.commit().await?;
    app.tell(held.postmortem(), Changed::Timeline);
    Ok(())
}

/// What an event says, for the record of acts.
fn words(event: &TimelineEvent) -> Value {
    json!({
        "at": event.at,
        "precision": event.precision,
        "kind": event.kind,
        "title": event.title,
        "detail": event.detail,
        "actor": event.actor,
        "team": event.team,
        "evidence": event.evidence,
    })
}

fn with_id(event: EventId, words: Value) -> Value {
    json!({ "event": event, "words": words })
}
