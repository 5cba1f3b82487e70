//! What happened to coordination: read from the record, settled by people.

use super::acts::{self, Changes};
use crate::{App, Error, Result, reach, typed};
use domain::{
    Instant,
    access::{Action, Actor},
    incident::{Incident, IncidentNumber},
    instant::Span,
    timeline::{
        KeyInstant,
        coordination::{Audience, Beside, Coordination, expert, read},
    },
};
use serde_json::json;
use std::collections::BTreeMap;
pub use store::coordination::Verdict;
use store::{
    coordination::{self, AtIt},
    events, incidents,
};

/// At most so many pages and escalations are looked at.
const HANDED: i64 = 1_000;
/// A pause that is longer ends the time in which somebody was at it (domain.md 4.5, RSPM-2).
const PAUSE: Span = Span::minutes(30);

/// The page of an incident.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The incident.
    pub incident: Incident,
    /// What the record shows.
    pub read: Coordination,
    /// Who had to be told.
    pub audiences: Vec<Audience>,
    /// When somebody was paged.
    pub pages: Vec<Instant>,
    /// How long people were at it between detection and resolution, all of them together; `None` while one of the
    /// two is not known, or the evidence names nobody.
    pub active: Option<Span>,
    /// How many ideas and follow-ups there are, and how many of them are done.
    pub follow_ups: (i64, i64),
    /// What was said about candidates, by their keys.
    pub verdicts: BTreeMap<String, Verdict>,
}

/// What the record shows, and what people said about it. Four statements.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let page = incidents::page(&mut tx, number, app.now(), app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let (all, _) = events::timeline(&mut tx, page.reached).await?;
    let key_event = |key: KeyInstant| page.instants.iter().find(|it| it.instant == key).map(|it| it.event);
    let at = |key: KeyInstant| {
        let event = key_event(key)?;
        all.iter().find(|it| it.id == event).map(|it| it.at)
    };
    let (detected, resolved) = (at(KeyInstant::Detected), at(KeyInstant::Resolved));
    let mitigation = key_event(KeyInstant::Mitigated);
    let by = expert(&all, mitigation).and_then(|event| event.actor.as_ref());
    let at_it = AtIt {
        from: detected.unwrap_or(Instant::MIN),
        to: resolved.unwrap_or(Instant::MAX),
        pause: PAUSE,
        whom: by.map_or("", |actor| actor.name.as_str()),
    };
    let said = coordination::said(&mut tx, page.reached, at_it).await?;
    let handed = coordination::handed(&mut tx, page.reached, HANDED).await?;
    let pages = handed.iter().filter(|it| it.paged).map(|it| it.at).collect();
    let beside = Beside {
        handed,
        took_part: page.participants,
        expert_heard: said.heard.filter(|_| detected.is_some()),
        mitigation,
    };
    let follow_ups = &page.follow_ups;
    Ok(Shown {
        read: read(&all, &beside, &said.audiences, detected, resolved),
        audiences: said.audiences,
        pages,
        active: Some(said.active).filter(|it| detected.and(resolved).is_some() && *it > Span::ZERO),
        follow_ups: (
            follow_ups.resting + follow_ups.to_choose + follow_ups.committed + follow_ups.done,
            follow_ups.done,
        ),
        verdicts: said.verdicts.into_iter().map(|it| (it.candidate.clone(), it)).collect(),
        incident: page.incident,
    })
}

/// Says who had to be told, whether they were affected, and how often; or that nobody has to tell them any more.
pub async fn set_audience(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    name: &str,
    needed: Option<(bool, Option<i64>)>,
) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let name = typed::line("name", name, 100)?;
    if let Some((_, Some(minutes))) = needed
        && !(1..=10_080).contains(&minutes)
    {
        return Err(Error::invalid("every", "An update is owed every so many minutes, from 1 to a week."));
    }
    let before = coordination::audience(&mut tx, held.id(), &name).await?;
    match needed {
        Some((affected, minutes)) => {
            let audience = Audience { name: name.clone(), affected, every: minutes.map(Span::minutes) };
            coordination::put_audience(&mut tx, held.id(), &audience).await?;
        }
        None => coordination::remove_audience(&mut tx, held.id(), &name).await?,
    }
    let mut changes = Changes::default();
    let before = before.map(|it| (it.affected, it.every.map(Span::as_minutes)));
    changes.before.audiences.push((name.clone(), before));
    let detail = json!({
        "audience": name,
        "affected": needed.map(|(affected, _)| affected),
        "every_minutes": needed.and_then(|(_, minutes)| minutes),
    });
    acts::done(app, tx, actor, &held, "coordination.audience", detail, changes).await
}

/// Confirms or dismisses what the record suggests.
pub async fn settle(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    candidate: &str,
    confirmed: bool,
    note: &str,
) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let verdict = Verdict {
        candidate: typed::line("candidate", candidate, 200)?,
        confirmed,
        note: typed::optional_line("note", note, 500)?.unwrap_or_default(),
        decided_by: actor.name.clone(),
    };
    let before = coordination::verdict(&mut tx, held.id(), &verdict.candidate).await?;
    coordination::put_verdict(&mut tx, held.id(), &verdict, app.now()).await?;
    let mut changes = Changes::default();
    changes.before.verdicts.push((verdict.candidate.clone(), before));
    let detail = json!({ "candidate": verdict.candidate, "confirmed": confirmed, "note": verdict.note });
    acts::done(app, tx, actor, &held, "coordination.settle", detail, changes).await
}
