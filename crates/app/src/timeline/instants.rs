//! Key instants: chosen from events by people, or written down by a step of the incident.

use super::{
    Draft,
    acts::{self, Changes},
    written,
};
use crate::{
    App, Error, Result,
    reach::{self, Reached},
    typed,
};
use domain::{
    EventId, Instant,
    access::{Action, Actor},
    incident::IncidentNumber,
    instant::Span,
    timeline::{
        Actor as EventActor, Context, EventKind, KeyInstant, Precision, event::ActorKind,
        key_instant::DetectedBy,
    },
};
use serde_json::json;
use store::{Tx, events, key_instants};

/// The longest note on a key instant, in characters.
pub const NOTE_MAX: usize = 500;

/// Confirms that a key instant is taken from `event`, or from none, with a note why. `detected_by` is kept with
/// [`KeyInstant::Detected`] only.
pub async fn choose_instant(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    instant: KeyInstant,
    event: Option<EventId>,
    note: &str,
    detected_by: Option<DetectedBy>,
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
    let stored = key_instants::Stored {
        instant,
        event,
        reason,
        confirmed: true,
        decided_by: Some(actor.name.clone()),
        detected_by: detected_by.filter(|_| instant == KeyInstant::Detected),
    };
    key_instants::put(&mut tx, held.id(), &stored).await?;
    let detail = json!({
        "instant": instant,
        "event": { "old": before.as_ref().and_then(|it| it.event), "new": event },
        "note": { "old": before.as_ref().map(|it| it.reason.as_str()), "new": stored.reason },
        "confirmed": { "old": before.as_ref().is_some_and(|it| it.confirmed), "new": true },
    });
    let mut changes = Changes::default();
    changes.before.instants.push((instant, before));
    acts::done(app, tx, actor, &held, "timeline.choose_instant", detail, changes).await
}

/// Confirms every key instant that is proposed and whose event is in the story, as one act that can be undone. Tells how
/// many there were.
pub async fn accept_instants(app: &App, actor: &Actor, number: IncidentNumber) -> Result<usize> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let (events, _) = events::timeline(&mut tx, held.id()).await?;
    let shown = |event: EventId| events.iter().any(|it| it.id == event && !it.hidden);
    let all = key_instants::list(&mut tx, held.id()).await?;
    let proposed: Vec<_> =
        all.into_iter().filter(|it| !it.confirmed && it.event.is_some_and(shown)).collect();
    if proposed.is_empty() {
        return Err(Error::conflict(
            "No key instant is proposed that nobody confirmed yet. Nothing was changed.",
        ));
    }
    let (mut changes, mut told) = (Changes::default(), Vec::with_capacity(proposed.len()));
    for before in proposed {
        let decided_by = Some(actor.name.clone());
        let stored = key_instants::Stored { confirmed: true, decided_by, ..before.clone() };
        key_instants::put(&mut tx, held.id(), &stored).await?;
        told.push(json!({ "instant": before.instant, "event": before.event }));
        changes.before.instants.push((before.instant, Some(before)));
    }
    let count = told.len();
    let detail = json!({ "instants": told });
    acts::done(app, tx, actor, &held, "timeline.accept_instants", detail, changes).await?;
    Ok(count)
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
        context: Context::default(),
    };
    let event = written(app, tx, actor, incident, draft).await?;
    if let Some(instant) = instant
        && !confirmed
    {
        let reason = format!("{} marked the incident as {} here", actor.name, title.to_lowercase());
        let stored = key_instants::Stored {
            instant,
            event: Some(event.id),
            reason,
            confirmed: false,
            decided_by: None,
            detected_by: None,
        };
        key_instants::put(tx, incident, &stored).await?;
    }
    Ok(())
}
