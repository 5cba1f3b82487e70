//! Incidents.

use super::{
    body::{self, Body, created, json, key, ok},
    views::{IncidentRow, IncidentShown, IncidentView, Listed},
};
use crate::{error::Answer, forms::Asking, session::Caller, state::State, urls::Number};
use app::{
    Error, imports,
    incidents::{self, Declaration, Filter, Resolution},
};
use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use domain::{
    Instant, PersonId,
    incident::{IncidentKind, IncidentState, Severity},
};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

const STATES: &str = "active, mitigated, resolved and closed";
const SEVERITIES: &str = "This is a number from 1 to 4.";

/// Lists incidents, newest first: `words`, `state`, `severity`, `team`, `after`, `limit`.
pub(super) async fn list(state: State, Caller(actor): Caller, Asking(asked): Asking) -> Answer {
    let severity =
        asked.filled("severity").map(|_| asked.value::<i64>("severity", SEVERITIES)).transpose()?;
    let filter = Filter {
        words: asked.filled("words").map(str::to_owned),
        state: asked
            .filled("state")
            .map(|text| key("state", text, IncidentState::from_key, STATES))
            .transpose()?,
        severity: severity
            .map(|level| Severity::new(level).ok_or(Error::invalid("severity", SEVERITIES)))
            .transpose()?,
        team: asked.filled("team").map(str::to_owned),
        after: asked.filled("after").map(|_| asked.value("after", "This looks like INC-12.")).transpose()?,
        limit: match asked.filled("limit") {
            Some(_) => asked.value("limit", "This is a number from 1 to 200.")?,
            None => 50,
        },
    };
    let listing = incidents::list(&state.app, &actor, &filter).await?;
    ok(&Listed {
        items: listing.rows.into_iter().map(IncidentRow::from).collect(),
        total: listing.total,
        next: listing.next.map(|number| number.to_string()),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewIncident {
    title: String,
    #[serde(default)]
    summary: String,
    #[serde(default = "usual_kind")]
    kind: IncidentKind,
    severity: Option<Severity>,
    #[serde(default)]
    services: Vec<String>,
    team: Option<String>,
    declared_at: Option<Instant>,
}

fn usual_kind() -> IncidentKind {
    IncidentKind::Incident
}

/// The members that only a whole incident file has, see `data/schemas/incident.json`.
const OF_FILES: [&str; 4] = ["timeline", "answers", "key_events", "intervals"];

/// Declares an incident: from a few facts, or from a whole incident file with its timeline.
pub(super) async fn declare(state: State, Caller(actor): Caller, headers: HeaderMap, sent: Bytes) -> Answer {
    if !sent.is_empty() && !body::says_json(&headers) {
        return Ok(body::not_json());
    }
    let members: Option<BTreeMap<String, IgnoredAny>> = serde_json::from_slice(&sent).ok();
    if members.is_some_and(|it| OF_FILES.iter().any(|name| it.contains_key(*name))) {
        let (number, new) = imports::declare(&state.app, &actor, sent.to_vec()).await?;
        let incident = incidents::show(&state.app, &actor, number).await?.incident;
        let status = if new { StatusCode::CREATED } else { StatusCode::OK };
        return json(status, &IncidentView::from(incident));
    }
    let new: NewIncident = body::read(&sent)?;
    let declaration = Declaration {
        title: new.title,
        summary: new.summary,
        kind: new.kind,
        severity: new.severity,
        services: new.services,
        team: new.team,
        declared_at: new.declared_at,
    };
    let incident = incidents::declare(&state.app, &actor, declaration).await?;
    created(&IncidentView::from(incident))
}

/// One incident.
pub(super) async fn show(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    ok(&IncidentShown::from(incidents::show(&state.app, &actor, number).await?))
}

/// Impact is limited; the response goes on.
pub(super) async fn mitigate(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    ok(&IncidentView::from(incidents::mitigate(&state.app, &actor, number).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    at: Option<Instant>,
    owner: Option<PersonId>,
    template: Option<String>,
}

/// The response ended; the draft of the post-mortem comes with it.
pub(super) async fn resolve(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(end): Body<End>,
) -> Answer {
    let resolution = Resolution { at: end.at, owner: end.owner, template: end.template };
    ok(&IncidentView::from(incidents::resolve(&state.app, &actor, number, resolution).await?))
}

/// It was not over after all.
pub(super) async fn reopen(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    ok(&IncidentView::from(incidents::reopen(&state.app, &actor, number).await?))
}
