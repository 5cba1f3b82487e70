//! Who changed what, what stood there before, and undoing it.

use super::acts::{self, Before, Changes};
use crate::{
    App, Error, Result,
    reach::{self, Reached},
};
use domain::{
    EventId, Instant, TimelineActId,
    access::{Action, Actor},
    incident::{Incident, IncidentNumber},
    instant::Span,
    timeline::{TimelineEvent, coordination::Audience},
};
use serde_json::json;
use store::{Tx, coordination, events, impact, key_instants, timeline_acts};

/// An act on a timeline, as people read it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Which act.
    pub id: TimelineActId,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// What, by the name in the record of acts.
    pub act: String,
    /// Whether it was undone.
    pub undone: bool,
}

/// One change of an event.
#[derive(Debug, Clone)]
pub struct Revision {
    /// The act that changed it.
    pub entry: Entry,
    /// As it was; `None` where it was written first.
    pub before: Option<TimelineEvent>,
    /// As it became.
    pub after: TimelineEvent,
}

/// How many acts the page of a timeline lists.
const LISTED: i64 = 100;

impl From<timeline_acts::Act> for Entry {
    fn from(it: timeline_acts::Act) -> Self {
        Self { id: it.id, at: it.at, actor: it.actor, act: it.act, undone: it.undone }
    }
}

/// The newest acts on a timeline, newest first. Two statements.
pub async fn acts(app: &App, actor: &Actor, number: IncidentNumber) -> Result<(Incident, Vec<Entry>)> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let acts = timeline_acts::newest(&mut tx, held.id(), LISTED).await?;
    Ok((held.incident().clone(), acts.into_iter().map(Entry::from).collect()))
}

/// What one event said over time, newest first. Four statements.
pub async fn of_event(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    event: EventId,
) -> Result<(TimelineEvent, Vec<Revision>)> {
    let mut tx = app.read(actor, Action::Read).await?;
    let (now, ..) = events::shown(&mut tx, number, event, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let revisions = timeline_acts::of_event(&mut tx, event).await?;
    let revision = |(act, change): (timeline_acts::Act, timeline_acts::Change)| Revision {
        entry: act.into(),
        before: change.before,
        after: change.after,
    };
    Ok((now, revisions.into_iter().map(revision).collect()))
}

/// Undoes an act: everything it changed stands as before. Undoing is an act of its own and can be undone. What
/// somebody changed since is left alone, and then nothing is undone.
pub async fn undo(app: &App, actor: &Actor, number: IncidentNumber, act: TimelineActId) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let incident = held.id();
    let (undone, changes) = timeline_acts::find(&mut tx, incident, act).await?.ok_or(Error::NotFound)?;
    if !timeline_acts::set_undone(&mut tx, act).await? {
        return Err(Error::conflict("This was undone already. Nothing was changed."));
    }
    let mut new = Changes::default();
    for change in changes.into_iter().rev() {
        let gone = || Error::conflict("An event of this act is gone since. Nothing was undone.");
        let standing = events::find(&mut tx, incident, change.after.id).await?.ok_or_else(gone)?;
        if standing.revision != change.after.revision {
            return Err(Error::conflict(format!(
                "“{}” was changed since, so this cannot be undone alone. Undo the later change first, or change it by hand.",
                standing.title
            )));
        }
        // What an act wrote first is hidden rather than deleted: nothing of a record is lost.
        let back = match change.before {
            Some(before) => TimelineEvent { revision: standing.revision, ..before },
            None => TimelineEvent { hidden: true, ..standing.clone() },
        };
        let cites = back.evidence != standing.evidence;
        let now = events::update(&mut tx, back, cites).await?.ok_or_else(Error::changed_meanwhile)?;
        new.event(Some(standing), &now);
    }
    let before: Before = serde_json::from_str(&undone.before).map_err(Error::internal)?;
    put_back(app, &mut tx, held.id(), before, &mut new).await?;
    let detail = json!({ "act": act, "of": undone.act });
    acts::done(app, tx, actor, &held, "timeline.undo", detail, new).await
}

async fn put_back(app: &App, tx: &mut Tx, id: Reached, before: Before, new: &mut Changes) -> Result<()> {
    if !before.instants.is_empty() {
        let standing = key_instants::list(tx, id).await?;
        for (instant, stored) in before.instants {
            let now = standing.iter().find(|it| it.instant == instant).cloned();
            new.before.instants.push((instant, now));
            match stored {
                Some(stored) => key_instants::put(tx, id, &stored).await?,
                None => key_instants::remove(tx, id, instant).await?,
            }
        }
    }
    if !before.intervals.is_empty() {
        let standing = impact::list(tx, id).await?;
        for (interval, stored) in before.intervals {
            let now = standing.iter().find(|it| it.id == interval).cloned();
            new.before.intervals.push((interval, now));
            match stored {
                Some(stored) => impact::put(tx, id, &stored).await?,
                None => impact::remove(tx, id, interval).await?,
            }
        }
    }
    for (name, stored) in before.audiences {
        let now = coordination::audience(tx, id, &name).await?;
        match stored {
            Some((affected, minutes)) => {
                let audience = Audience { name: name.clone(), affected, every: minutes.map(Span::minutes) };
                coordination::put_audience(tx, id, &audience).await?;
            }
            None => coordination::remove_audience(tx, id, &name).await?,
        }
        new.before.audiences.push((name, now.map(|it| (it.affected, it.every.map(Span::as_minutes)))));
    }
    for (candidate, stored) in before.verdicts {
        let now = coordination::verdict(tx, id, &candidate).await?;
        match stored {
            Some(stored) => coordination::put_verdict(tx, id, &stored, app.now()).await?,
            None => coordination::remove_verdict(tx, id, &candidate).await?,
        }
        new.before.verdicts.push((candidate, now));
    }
    if let Some((source, micros, reason)) = before.clock {
        let offset = Span::micros(micros);
        let now = super::clocks::put_right(app, tx, id, source, offset, &reason, "").await?;
        new.before.clock = Some((source, now.offset.as_micros(), now.reason));
    }
    Ok(())
}
