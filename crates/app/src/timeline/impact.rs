//! Key instants, durations and impact of an incident, and the intervals in which people were affected.

use super::acts::{self, Changes};
use crate::{App, Error, Result, incidents, reach, typed};
use domain::{
    Instant, IntervalId,
    access::{Action, Actor},
    incident::IncidentNumber,
    timeline::impact::{Impact, Interval, WHOLE, impact},
};
use serde_json::json;
pub use store::{impact::Stored, key_instants::Stored as StoredInstant};

/// The most intervals of one incident.
pub const INTERVALS_MAX: usize = 200;

/// What can be measured of an incident, with what it is measured from.
#[derive(Debug, Clone)]
pub struct Measures {
    /// The incident with its timeline.
    pub shown: incidents::Shown,
    /// Key instants with who decided.
    pub instants: Vec<StoredInstant>,
    /// The impact of all intervals together.
    pub impact: Impact,
}

/// Everything that can be measured. Four statements.
pub async fn measures(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Measures> {
    let mut tx = app.read(actor, Action::Read).await?;
    let (shown, reached) = incidents::without_evidence(app, &mut tx, actor, number).await?;
    let instants = store::key_instants::list(&mut tx, reached).await?;
    let intervals: Vec<Interval> = shown.intervals.iter().map(|it| it.interval.clone()).collect();
    let impact = impact(&intervals, app.now());
    Ok(Measures { shown, instants, impact })
}

/// Writes an interval down, or changes the one with `id`.
pub async fn set(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    id: Option<IntervalId>,
    interval: Interval,
    note: &str,
) -> Result<IntervalId> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let standing = store::impact::list(&mut tx, held.id()).await?;
    let before = match id {
        Some(id) => Some(standing.iter().find(|it| it.id == id).cloned().ok_or(Error::NotFound)?),
        None if standing.len() >= INTERVALS_MAX => {
            return Err(Error::invalid(
                "service",
                format!("An incident has at most {INTERVALS_MAX} intervals."),
            ));
        }
        None => None,
    };
    let id = id.unwrap_or_else(|| IntervalId::new(app.now(), app.random()));
    let stored = Stored { id, interval: accepted(interval)?, note: typed::prose("note", note, 2_000)? };
    store::impact::put(&mut tx, held.id(), &stored).await?;
    let mut changes = Changes::default();
    let act = if before.is_some() { "impact.edit" } else { "impact.add" };
    let detail = json!({ "interval": id, "old": before, "new": stored });
    changes.before.intervals.push((id, before));
    acts::done(app, tx, actor, &held, act, detail, changes).await?;
    Ok(id)
}

/// Takes an interval away; undoing brings it back.
pub async fn remove(app: &App, actor: &Actor, number: IncidentNumber, id: IntervalId) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let standing = store::impact::list(&mut tx, held.id()).await?;
    let before = standing.into_iter().find(|it| it.id == id).ok_or(Error::NotFound)?;
    store::impact::remove(&mut tx, held.id(), id).await?;
    let detail = json!({ "interval": id, "old": before });
    let mut changes = Changes::default();
    changes.before.intervals.push((id, Some(before)));
    acts::done(app, tx, actor, &held, "impact.remove", detail, changes).await
}

pub(crate) fn accepted(interval: Interval) -> Result<Interval> {
    if interval.to.is_some_and(|to: Instant| to < interval.from) {
        return Err(Error::invalid("to", "The end would lie before the beginning. Choose a later time."));
    }
    if interval.share.is_some_and(|share| share > WHOLE) {
        return Err(Error::invalid("share", "A share is a number from 0 to 100 percent."));
    }
    if interval.affected.is_some_and(|affected| affected > 10_000_000_000) {
        return Err(Error::invalid("affected", "This is more than there are people."));
    }
    Ok(Interval {
        service: typed::line("service", &interval.service, incidents::NAME_MAX)?,
        audience: typed::optional_line("audience", &interval.audience, incidents::NAME_MAX)?
            .unwrap_or_default(),
        ..interval
    })
}
