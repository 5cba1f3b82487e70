//! What every act on a timeline does at its end: write down what stood before, so that it can be undone.

use crate::{App, Error, Result, reach::Held};
use collab::Changed;
use domain::{
    IntervalId, TimelineActId,
    access::Actor,
    evidence::Source,
    timeline::{KeyInstant, TimelineEvent},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Tx, audit,
    coordination::Verdict,
    impact, key_instants,
    timeline_acts::{self, Act, Change},
};

/// What an act changed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub events: Vec<Change>,
    pub before: Before,
}

/// Key instants, intervals, clocks and what was said of coordination as they stood before an act; kept as JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Before {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instants: Vec<(KeyInstant, Option<key_instants::Stored>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<(IntervalId, Option<impact::Stored>)>,
    /// The source and what was added to its times, in microseconds, with the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<(Source, i64, String)>,
    /// Who had to be told, by name: whether affected, and every how many minutes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<(String, Option<Told>)>,
    /// What was said about candidates, by their keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<(String, Option<Verdict>)>,
}

/// Whether an audience was affected, and every how many minutes an update was owed.
pub(super) type Told = (bool, Option<i64>);

impl Changes {
    /// An event that the act wrote.
    pub fn new(after: &TimelineEvent) -> Self {
        let mut changes = Self::default();
        changes.event(None, after);
        changes
    }

    /// An event that the act changed.
    pub fn of(before: TimelineEvent, after: &TimelineEvent) -> Self {
        let mut changes = Self::default();
        changes.event(Some(before), after);
        changes
    }

    /// One more event.
    pub fn event(&mut self, before: Option<TimelineEvent>, after: &TimelineEvent) {
        self.events.push(Change { before, after: after.clone() });
    }
}

/// Writes the act down, commits, and tells open pages.
pub(super) async fn done(
    app: &App,
    mut tx: Tx,
    actor: &Actor,
    held: &Held,
    act: &str,
    detail: Value,
    changes: Changes,
) -> Result<()> {
    let now = app.now();
    let kept = Act {
        id: TimelineActId::new(now, app.random()),
        at: now,
        person: actor.person,
        actor: actor.name.clone(),
        act: act.to_owned(),
        before: serde_json::to_string(&changes.before).map_err(Error::internal)?,
        undone: false,
    };
    timeline_acts::insert(&mut tx, held.id(), &kept, &changes.events).await?;
    let subject = held.number().to_string();
    audit::record(&mut tx, now, actor, act, &subject, &detail.to_string()).await?;
    tx.commit().await?;
    app.tell(held.postmortem(), Changed::Timeline);
    Ok(())
}
