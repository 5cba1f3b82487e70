//! What happened to coordination: read from the record, settled by people.

use crate::{App, Error, Result, reach, typed};
use domain::{
    Instant,
    access::{Action, Actor},
    evidence::Signal,
    incident::{Incident, IncidentNumber},
    instant::Span,
    timeline::{
        KeyInstant,
        coordination::{Audience, Coordination, read},
    },
};
use serde_json::json;
use std::collections::BTreeMap;
pub use store::coordination::Verdict;
use store::{audit, coordination, events, evidence, incidents};

/// At most so many pages are looked at.
const PAGES: i64 = 500;

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
    /// What was said about candidates, by their keys.
    pub verdicts: BTreeMap<String, Verdict>,
}

/// What the record shows, and what people said about it. Four statements.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let page = incidents::page(&mut tx, number, app.now(), app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let (all, _) = events::timeline(&mut tx, page.reached).await?;
    let filter =
        evidence::Filter { signal: Some(Signal::Notified), limit: PAGES, ..evidence::Filter::default() };
    let pages = evidence::list(&mut tx, page.reached, &filter).await?;
    let (audiences, verdicts) = coordination::said(&mut tx, page.reached).await?;
    let at = |key: KeyInstant| {
        let event = page.instants.iter().find(|it| it.instant == key)?.event;
        all.iter().find(|it| it.id == event).map(|it| it.at)
    };
    let read = read(&all, &audiences, at(KeyInstant::Detected), at(KeyInstant::Resolved));
    Ok(Shown {
        incident: page.incident,
        read,
        audiences,
        pages: pages.into_iter().map(|listed| listed.evidence.evidence.at).collect(),
        verdicts: verdicts.into_iter().map(|it| (it.candidate.clone(), it)).collect(),
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
    match needed {
        Some((affected, minutes)) => {
            let audience = Audience { name: name.clone(), affected, every: minutes.map(Span::minutes) };
            coordination::put_audience(&mut tx, held.id(), &audience).await?;
        }
        None => coordination::remove_audience(&mut tx, held.id(), &name).await?,
    }
    let detail = json!({
        "audience": name,
        "affected": needed.map(|(affected, _)| affected),
        "every_minutes": needed.and_then(|(_, minutes)| minutes),
    });
    let subject = number.to_string();
    audit::record(&mut tx, app.now(), actor, "coordination.audience", &subject, &detail.to_string()).await?;
    tx.commit().await?;
    Ok(())
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
    coordination::put_verdict(&mut tx, held.id(), &verdict, app.now()).await?;
    let detail = json!({ "candidate": verdict.candidate, "confirmed": confirmed, "note": verdict.note });
    let subject = number.to_string();
    audit::record(&mut tx, app.now(), actor, "coordination.settle", &subject, &detail.to_string()).await?;
    tx.commit().await?;
    Ok(())
}
