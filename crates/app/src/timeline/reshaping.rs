//! One event becomes two, several become one, and conflicting accounts are settled.

use super::{
    EVIDENCE_MAX,
    acts::{self, Changes},
    words, written,
};
use crate::{App, Error, Result, reach, timeline::Draft, timeline::shorten, typed};
use domain::{
    EventId, Instant,
    access::{Action, Actor},
    incident::IncidentNumber,
    timeline::{
        Context, TimelineEvent,
        context::ANSWER_MAX,
        event::{DETAIL_MAX, TITLE_MAX},
    },
};
use serde_json::json;
use store::events;

/// The most events that become one at once.
pub const MERGED_MAX: usize = 100;

/// Takes a part of an event out as an event of its own, `at` its own instant, with the same actor, team and
/// evidence; the first keeps its words.
pub async fn split(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    event: EventId,
    at: Instant,
    title: &str,
) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let whole = events::find(&mut tx, held.id(), event).await?.ok_or(Error::NotFound)?;
    let draft = Draft {
        at,
        precision: whole.precision,
        kind: whole.kind,
        title: typed::line("title", title, TITLE_MAX)?,
        detail: String::new(),
        actor: whole.actor.clone(),
        team: whole.team.clone(),
        evidence: whole.evidence.clone(),
        context: Context { audience: whole.context.audience.clone(), ..Context::default() },
    };
    let part = written(app, &mut tx, actor, held.id(), draft).await?;
    let detail = json!({ "event": whole.id, "into": part.id, "words": words(&part) });
    acts::done(app, tx, actor, &held, "event.split", detail, Changes::new(&part)).await?;
    Ok(part)
}

/// Makes several events one: the earliest keeps its place and gets the evidence and the words of the others,
/// which are hidden and not lost.
pub async fn merge(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    events: &[EventId],
) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    if events.len() > MERGED_MAX {
        return Err(Error::invalid("event", format!("At most {MERGED_MAX} events become one at once.")));
    }
    let (standing, _) = events::timeline(&mut tx, held.id()).await?;
    let mut chosen = standing.into_iter().filter(|event| events.contains(&event.id) && !event.hidden);
    let (Some(first), rest) = (chosen.next(), chosen.collect::<Vec<_>>()) else {
        return Err(Error::NotFound);
    };
    if rest.is_empty() {
        return Err(Error::invalid("event", "Choose at least two events that tell of the same thing."));
    }
    let mut evidence = first.evidence.clone();
    let mut detail = first.detail.clone();
    for other in &rest {
        for piece in &other.evidence {
            if !evidence.contains(piece) && evidence.len() < EVIDENCE_MAX {
                evidence.push(*piece);
            }
        }
        for more in [&other.title, &other.detail] {
            if !more.is_empty() && *more != first.title && !detail.contains(more.as_str()) {
                detail = if detail.is_empty() { more.clone() } else { format!("{detail}\n{more}") };
            }
        }
    }
    let mut changes = Changes::default();
    let cites = evidence != first.evidence;
    let whole =
        TimelineEvent { evidence, detail: shorten(&detail, DETAIL_MAX), touched: true, ..first.clone() };
    let whole = events::update(&mut tx, whole, cites).await?.ok_or_else(Error::changed_meanwhile)?;
    changes.event(Some(first), &whole);
    for other in rest {
        let hidden = TimelineEvent { hidden: true, ..other.clone() };
        let hidden = events::update(&mut tx, hidden, false).await?.ok_or_else(Error::changed_meanwhile)?;
        changes.event(Some(other), &hidden);
    }
    let detail = json!({ "into": whole.id, "events": events, "words": words(&whole) });
    acts::done(app, tx, actor, &held, "event.merge", detail, changes).await?;
    Ok(whole)
}

/// Settles conflicting accounts of `event` with a sentence why. With `keep` the words of that account become the
/// event's; without, both stay as they were told.
pub async fn settle(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    event: EventId,
    keep: Option<EventId>,
    why: &str,
) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let main = events::find(&mut tx, held.id(), event).await?.ok_or(Error::NotFound)?;
    let settled = typed::prose("why", why, ANSWER_MAX)?;
    if settled.is_empty() {
        return Err(Error::invalid("why", "Say in a few words what settled it."));
    }
    let mut changed =
        TimelineEvent { context: Context { settled, ..main.context.clone() }, touched: true, ..main.clone() };
    let mut changes = Changes::default();
    if let Some(keep) = keep.filter(|keep| *keep != event) {
        let account = events::find(&mut tx, held.id(), keep).await?.ok_or(Error::NotFound)?;
        if account.context.account_of != Some(event) {
            return Err(Error::invalid("keep", "This is no other account of that event."));
        }
        changed = TimelineEvent {
            at: account.at,
            precision: account.precision,
            title: account.title.clone(),
            detail: account.detail.clone(),
            actor: account.actor.clone(),
            team: account.team.clone(),
            evidence: account.evidence.clone(),
            ..changed
        };
    }
    let cites = changed.evidence != main.evidence;
    let changed = events::update(&mut tx, changed, cites).await?.ok_or_else(Error::changed_meanwhile)?;
    changes.event(Some(main), &changed);
    let detail = json!({ "event": event, "kept": keep, "why": changed.context.settled });
    acts::done(app, tx, actor, &held, "event.settle", detail, changes).await?;
    Ok(changed)
}
