//! The timeline of an incident.

use super::{
    body::{Body, created, given, ok},
    views::{All, EventView, KeyInstantView},
};
use crate::{
    error::Answer,
    session::Caller,
    state::State,
    urls::{Id, Number},
};
use app::{
    incidents,
    timeline::{self, Draft},
};
use domain::{
    EventId, EvidenceId, Instant,
    timeline::{Actor, Context, EventKind, Precision, TimelineEvent},
};
use serde::Deserialize;

/// The timeline in order, hidden events included.
pub(super) async fn list(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    let shown = incidents::show(&state.app, &actor, number).await?;
    ok(&All { items: shown.timeline.into_iter().map(|shown| EventView::from(shown.event)).collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEvent {
    at: Instant,
    #[serde(default)]
    precision: Precision,
    kind: EventKind,
    title: String,
    #[serde(default)]
    detail: String,
    actor: Option<Actor>,
    team: Option<String>,
    #[serde(default)]
    evidence: Vec<EvidenceId>,
    #[serde(default)]
    context: Context,
}

/// Adds an event.
pub(super) async fn add(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(new): Body<NewEvent>,
) -> Answer {
    let draft = Draft {
        at: new.at,
        precision: new.precision,
        kind: new.kind,
        title: new.title,
        detail: new.detail,
        actor: new.actor,
        team: new.team,
        evidence: new.evidence,
        context: new.context,
    };
    created(&EventView::from(timeline::add(&state.app, &actor, number, draft).await?))
}

/// What is to be different; members that are left out stay as they are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventChange {
    revision: i64,
    at: Option<Instant>,
    precision: Option<Precision>,
    kind: Option<EventKind>,
    title: Option<String>,
    detail: Option<String>,
    #[serde(default, deserialize_with = "given")]
    actor: Option<Option<Actor>>,
    #[serde(default, deserialize_with = "given")]
    team: Option<Option<String>>,
    evidence: Option<Vec<EvidenceId>>,
    context: Option<Context>,
    hidden: Option<bool>,
}

impl EventChange {
    fn changes_words(&self) -> bool {
        self.at.is_some()
            || self.precision.is_some()
            || self.kind.is_some()
            || self.title.is_some()
            || self.detail.is_some()
            || self.actor.is_some()
            || self.team.is_some()
            || self.evidence.is_some()
            || self.context.is_some()
    }

    fn on(self, event: TimelineEvent) -> Draft {
        Draft {
            at: self.at.unwrap_or(event.at),
            precision: self.precision.unwrap_or(event.precision),
            kind: self.kind.unwrap_or(event.kind),
            title: self.title.unwrap_or(event.title),
            detail: self.detail.unwrap_or(event.detail),
            actor: self.actor.unwrap_or(event.actor),
            team: self.team.unwrap_or(event.team),
            evidence: self.evidence.unwrap_or(event.evidence),
            context: self.context.unwrap_or(event.context),
        }
    }
}

/// Changes an event, hides it or shows it again, or both at once. A revision that is not the current one is a conflict.
pub(super) async fn change(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Id(id): Id<EventId>,
    Body(change): Body<EventChange>,
) -> Answer {
    let (revision, hidden) = (change.revision, change.hidden);
    let words = |event: &TimelineEvent| change.changes_words().then(|| change.on(event.clone()));
    ok(&EventView::from(timeline::change(&state.app, &actor, number, id, revision, words, hidden).await?))
}

/// Confirms every key instant that is proposed; answers all that are known, as they stand now.
pub(super) async fn accept_instants(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    timeline::accept_instants(&state.app, &actor, number).await?;
    let shown = incidents::show(&state.app, &actor, number).await?;
    ok(&All { items: shown.instants.into_iter().map(KeyInstantView::from).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_takes_away_and_absence_leaves_alone() {
        let read = |text: &str| serde_json::from_str::<EventChange>(text);
        let change = read(r#"{"revision": 3, "team": null, "title": "Gates"}"#).unwrap();
        assert_eq!((change.team.clone(), change.actor.clone()), (Some(None), None));
        assert!(change.changes_words());
        assert!(!read(r#"{"revision": 3, "hidden": true}"#).unwrap().changes_words());
        assert!(read(r#"{"revision": 3, "severity": 1}"#).is_err(), "members that are not known are refused");
        assert!(read(r#"{"title": "Gates"}"#).is_err(), "a change names the revision it was made on");
    }
}
