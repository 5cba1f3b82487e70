//! Ideas that rest, and what becomes of them.

use super::{
    body::{Body, created, ok},
    views::{All, FollowUpRow, FollowUpView},
};
use crate::{error::Answer, forms::Asking, session::Caller, state::State, urls::Id};
use app::{Error, follow_ups};
use domain::{FollowUpId, Instant, PersonId, follow_up::Intent, incident::IncidentNumber};
use serde::Deserialize;

const NUMBER: &str = "This is an incident's number such as INC-12.";

/// Ideas and follow-ups: of one `incident`, or all.
pub(super) async fn list(state: State, Caller(actor): Caller, Asking(asked): Asking) -> Answer {
    let incident = asked.filled("incident").map(|_| asked.value("incident", NUMBER)).transpose()?;
    let rows = follow_ups::list(&state.app, &actor, incident).await?;
    ok(&All { items: rows.into_iter().map(FollowUpRow::from).collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Idea {
    incident: String,
    text: String,
    intent: Intent,
}

/// Writes an idea down.
pub(super) async fn add(state: State, Caller(actor): Caller, Body(idea): Body<Idea>) -> Answer {
    let number: IncidentNumber = idea.incident.parse().map_err(|_| Error::invalid("incident", NUMBER))?;
    let added = follow_ups::add(&state.app, &actor, number, &idea.text, idea.intent).await?;
    created(&FollowUpView::from(added))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commitment {
    owner: PersonId,
    due: Instant,
}

/// Makes an idea a commitment. While it rests the answer is 409 with `opens_at`.
pub(super) async fn commit(
    state: State,
    Caller(actor): Caller,
    Id(id): Id<FollowUpId>,
    Body(commitment): Body<Commitment>,
) -> Answer {
    let committed = follow_ups::commit(&state.app, &actor, id, commitment.owner, commitment.due).await?;
    ok(&FollowUpView::from(committed))
}

/// Marks a commitment as done.
pub(super) async fn finish(state: State, Caller(actor): Caller, Id(id): Id<FollowUpId>) -> Answer {
    ok(&FollowUpView::from(follow_ups::finish(&state.app, &actor, id).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    reason: String,
}

/// Lets go of it, with the reason.
pub(super) async fn drop_with(
    state: State,
    Caller(actor): Caller,
    Id(id): Id<FollowUpId>,
    Body(given): Body<Reason>,
) -> Answer {
    ok(&FollowUpView::from(follow_ups::drop_with(&state.app, &actor, id, &given.reason).await?))
}
