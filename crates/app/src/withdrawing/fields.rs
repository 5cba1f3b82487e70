//! Out of single fields: events, ideas and why they were dropped, titles and summaries, with every earlier wording of them.
//!
//! The same words in another field are other words; whoever wrote them there decides there.

use super::{Found, Taking, Where, notes, nowhere};
use crate::{Error, Result, reach::Held};
use domain::{
    EventId, FollowUpId, PersonId,
    access::Actor,
    follow_up::{FollowUp, FollowUpState},
    passage::without,
    timeline::{Chosen, TimelineEvent},
};
use serde_json::{Value, json};
use store::{Tx, audit, events, follow_ups, incidents, postmortems, repeats, timeline_acts};

/// Where the words stand, now and earlier, and who wrote them first.
pub(super) async fn find(tx: &mut Tx, held: &Held, place: Where, words: &str) -> Result<Found> {
    match place {
        Where::Document => Err(nowhere()),
        Where::Event(id) => in_event(tx, held, id, words).await,
        Where::Idea(id) => in_idea(tx, held, id, words).await,
        Where::Incident | Where::Headline => in_titles(tx, held, words).await,
        Where::Notes => notes::find(tx, held, words).await,
    }
}

/// In its text, which whoever had it wrote, or in the reason of whoever dropped it.
async fn in_idea(tx: &mut Tx, held: &Held, id: FollowUpId, words: &str) -> Result<Found> {
    let idea = follow_ups::of_incident(tx, held.id(), id).await?.ok_or(Error::NotFound)?;
    let in_text = holds(&idea.text, words);
    let now = usize::from(in_text) + usize::from(holds(why_not(&idea), words));
    let first =
        if in_text { idea.raised_by } else { first_who_said(tx, held, Where::Idea(id), words).await? };
    Ok(Found::of(now, 0, first))
}

fn why_not(idea: &FollowUp) -> &str {
    match &idea.state {
        FollowUpState::Dropped { reason, .. } => reason,
        _ => "",
    }
}

/// Who said so first in an act about such a place.
pub(super) async fn first_who_said(
    tx: &mut Tx,
    held: &Held,
    place: Where,
    words: &str,
) -> Result<Option<PersonId>> {
    let acts = audit::words_about(tx, &held.number().to_string()).await?;
    let said = acts.iter().find(|said| is_about(&said.act, place) && holds(&said.words, words));
    Ok(said.and_then(|said| said.person))
}

impl Found {
    pub(super) fn of(now: usize, earlier: usize, first: Option<PersonId>) -> Self {
        Self { now, earlier, first, writers: Vec::new() }
    }
}

pub(super) fn holds(text: &str, words: &str) -> bool {
    without(text, words).is_some()
}

fn event_holds(event: &TimelineEvent, words: &str) -> bool {
    serde_json::to_value(event).is_ok_and(|mut value| redact(&mut value, words))
}

async fn in_event(tx: &mut Tx, held: &Held, id: EventId, words: &str) -> Result<Found> {
    let event = events::find(tx, held.id(), id).await?.ok_or(Error::NotFound)?;
    let now = usize::from(event_holds(&event, words));
    let began = match &event.chosen {
        Chosen::Person { person } => *person,
        Chosen::Rule { .. } => None,
    };
    let (mut earlier, mut first) = (0, None);
    for (act, change) in timeline_acts::of_event(tx, id).await?.into_iter().rev() {
        let before = change.before.as_ref().is_some_and(|before| event_holds(before, words));
        let after = event_holds(&change.after, words);
        if first.is_none() {
            first = match (before, after) {
                (true, _) => Some(began),
                (false, true) => Some(act.person),
                (false, false) => None,
            };
        }
        earlier += usize::from(before);
    }
    Ok(Found::of(now, earlier, first.unwrap_or(began)))
}

async fn in_titles(tx: &mut Tx, held: &Held, words: &str) -> Result<Found> {
    let incident = held.incident();
    let headline = postmortems::of_incident(tx, held.id()).await?.map(|it| it.title).unwrap_or_default();
    let standing = [&incident.title, &incident.summary, &headline];
    let now = standing.into_iter().filter(|text| holds(text, words)).count();
    Ok(Found::of(now, 0, first_who_said(tx, held, Where::Incident, words).await?))
}

/// Takes the words out of the field, its history, the words beside acts, and answers that wait to be repeated; what
/// the act says of it.
pub(super) async fn take_out(
    tx: &mut Tx,
    actor: &Actor,
    held: &Held,
    place: Where,
    words: &str,
    taking: Taking,
) -> Result<Value> {
    let found = find(tx, held, place, words).await?;
    if found.now + found.earlier == 0 {
        return Err(nowhere());
    }
    if !taking.moved && !found.is_of(actor) {
        return Err(Error::Forbidden);
    }
    let detail = match place {
        Where::Document => return Err(nowhere()),
        Where::Event(id) => {
            out_of_event(tx, held, id, words).await?;
            json!({ "event": id })
        }
        Where::Idea(id) => {
            out_of_idea(tx, held, id, words).await?;
            json!({ "id": id })
        }
        Where::Incident | Where::Headline => {
            out_of_titles(tx, held, words).await?;
            json!({})
        }
        Where::Notes => {
            notes::take_out(tx, held, words).await?;
            json!({})
        }
    };
    for said in audit::words_about(tx, &held.number().to_string()).await? {
        if is_about(&said.act, place) && holds(&said.words, words) {
            audit::let_go(tx, said.at).await?;
        }
    }
    repeats::remove_holding(tx, |body| holds(body, words)).await?;
    Ok(detail)
}

/// Whether an act says something about such a place.
fn is_about(act: &str, place: Where) -> bool {
    let begins: &[&str] = match place {
        Where::Document => &[],
        Where::Event(_) => &["event.", "timeline."],
        Where::Idea(_) => &["follow_up."],
        Where::Incident | Where::Headline => &["incident.", "postmortem."],
        Where::Notes => &["timeline.choose_instant", "impact.", "coordination."],
    };
    begins.iter().any(|first| act.starts_with(first))
}

async fn out_of_event(tx: &mut Tx, held: &Held, id: EventId, words: &str) -> Result<()> {
    let event = events::find(tx, held.id(), id).await?.ok_or(Error::NotFound)?;
    let cleaned = clean(&event, words)?;
    if cleaned != event {
        events::update(tx, cleaned, false).await?.ok_or_else(Error::changed_meanwhile)?;
    }
    for (act, before, after) in timeline_acts::wordings(tx, id).await? {
        let (was, became) = (before.clone(), after.clone());
        let before = before.map(|event| clean(&event, words)).transpose()?;
        let after = clean(&after, words)?;
        if before != was || after != became {
            timeline_acts::reword(tx, act, id, before.as_ref(), &after).await?;
        }
    }
    Ok(())
}

fn clean(event: &TimelineEvent, words: &str) -> Result<TimelineEvent> {
    let mut value = serde_json::to_value(event).map_err(Error::internal)?;
    redact(&mut value, words);
    let mut cleaned: TimelineEvent = serde_json::from_value(value).map_err(Error::internal)?;
    if cleaned.title.trim().is_empty() {
        // An event has a title; this one says what sort it is and no more.
        cleaned.title = cleaned.kind.label().to_owned();
    }
    Ok(cleaned)
}

async fn out_of_idea(tx: &mut Tx, held: &Held, id: FollowUpId, words: &str) -> Result<()> {
    let idea = follow_ups::of_incident(tx, held.id(), id).await?.ok_or(Error::NotFound)?;
    let or = |text: String, instead: &str| if text.is_empty() { instead.to_owned() } else { text };
    if let Some(text) = without(&idea.text, words) {
        follow_ups::reword(tx, id, &or(text, "An idea without words")).await?;
    }
    if let Some(reason) = without(why_not(&idea), words) {
        follow_ups::reword_reason(tx, id, &or(reason, "A reason without words")).await?;
    }
    Ok(())
}

async fn out_of_titles(tx: &mut Tx, held: &Held, words: &str) -> Result<()> {
    let number = held.number().to_string();
    let left = |text: &str| without(text, words).unwrap_or_else(|| text.to_owned());
    let named = |text: String| if text.is_empty() { number.clone() } else { text };
    let incident = held.incident();
    let mut changed = incident.clone();
    changed.title = named(left(&incident.title));
    changed.summary = left(&incident.summary);
    if changed != *incident {
        incidents::update(tx, changed).await?.ok_or_else(Error::changed_meanwhile)?;
    }
    if let Some(mut postmortem) = postmortems::of_incident(tx, held.id()).await?
        && holds(&postmortem.title, words)
    {
        postmortem.title = named(left(&postmortem.title));
        if !postmortems::save(tx, &postmortem).await? {
            return Err(Error::changed_meanwhile());
        }
    }
    Ok(())
}

/// Takes the words out of every text in it; whether they stood in any.
pub(super) fn redact(value: &mut Value, words: &str) -> bool {
    match value {
        Value::String(text) => match without(text, words) {
            Some(left) => {
                *text = left;
                true
            }
            None => false,
        },
        Value::Array(all) => all.iter_mut().filter_map(|one| redact(one, words).then_some(())).count() > 0,
        Value::Object(all) => all.values_mut().filter_map(|one| redact(one, words).then_some(())).count() > 0,
        _ => false,
    }
}
