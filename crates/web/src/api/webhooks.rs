//! Addresses for webhooks, and what came there.

use super::{
    body::{Body, created, json, key, ok},
    views::All,
};
use crate::{
    error::Answer, forms::Asking, pages::tokens::kept_nowhere, session::Caller, state::State, urls::Id,
};
use app::{
    Error,
    hooks::{self, Asked, Delivery, Hook, NewHook, SENDERS, Status},
};
use axum::http::{HeaderMap, StatusCode};
use domain::{DeliveryId, HookId, Instant, evidence::Source, incident::IncidentNumber};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct HookView {
    id: HookId,
    source: &'static str,
    label: String,
    signed: bool,
    declares: bool,
    verified: bool,
    topic: Option<String>,
    created_at: Instant,
}

impl From<Hook> for HookView {
    fn from(hook: Hook) -> Self {
        let Hook { id, source, label, signed, declares, verified, topic, created_at } = hook;
        Self { id: HookId(id), source: source.key(), label, signed, declares, verified, topic, created_at }
    }
}

/// An address to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAddress {
    source: String,
    label: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    declares: bool,
    /// Left out, it is as the settings of the installation suggest.
    verified: Option<bool>,
    #[serde(default)]
    topic: String,
}

#[derive(Serialize)]
struct Address {
    address: String,
}

#[derive(Serialize)]
struct DeliveryView {
    id: DeliveryId,
    source: &'static str,
    label: String,
    received_at: Instant,
    status: &'static str,
    outcome: String,
    incident: Option<String>,
    attempts: i64,
    size: i64,
}

impl From<Delivery> for DeliveryView {
    fn from(it: Delivery) -> Self {
        let Delivery { id, source, label, received_at, status, outcome, incident, attempts, size } = it;
        Self {
            id: DeliveryId(id),
            source: source.key(),
            label,
            received_at,
            status: status.key(),
            outcome,
            incident: incident.map(|number| number.to_string()),
            attempts,
            size,
        }
    }
}

/// Where a delivery is brought in by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempt {
    #[serde(default)]
    incident: Option<String>,
}

/// Every good address, newest first.
pub(super) async fn list(state: State, Caller(actor): Caller) -> Answer {
    let rows = hooks::list(&state.app, &actor).await?;
    ok(&All { items: rows.into_iter().map(HookView::from).collect() })
}

/// Makes an address; the answer holds it, this once.
pub(super) async fn create(
    state: State,
    Caller(actor): Caller,
    headers: HeaderMap,
    Body(new): Body<NewAddress>,
) -> Answer {
    let names = SENDERS.map(Source::key).join(", ");
    let source = key("source", &new.source, Source::from_key, &names)?;
    let NewAddress { label, secret, declares, verified, topic, .. } = new;
    let new = NewHook { source, label, secret, declares, verified, topic };
    let path = hooks::create(&state.app, &actor, new).await?;
    created(&Address { address: state.settings.absolute(&headers, &path) }).map(kept_nowhere)
}

/// Gives an address another end; the answer holds it, this once.
pub(super) async fn rotate(
    state: State,
    Caller(actor): Caller,
    headers: HeaderMap,
    Id(id): Id<HookId>,
) -> Answer {
    let path = hooks::rotate(&state.app, &actor, id).await?;
    json(StatusCode::OK, &Address { address: state.settings.absolute(&headers, &path) }).map(kept_nowhere)
}

/// Ends an address.
pub(super) async fn end(state: State, Caller(actor): Caller, Id(id): Id<HookId>) -> Answer {
    hooks::revoke(&state.app, &actor, id).await?;
    let rows = hooks::list(&state.app, &actor).await?;
    ok(&All { items: rows.into_iter().map(HookView::from).collect() })
}

/// A page of deliveries.
#[derive(Serialize)]
struct Page {
    items: Vec<DeliveryView>,
    /// Given as `before`, this asks for those that came earlier.
    next: Option<DeliveryId>,
}

/// Deliveries, newest first: `status`, `source`, `before`.
pub(super) async fn deliveries(state: State, Caller(actor): Caller, Asking(asked): Asking) -> Answer {
    let known = |name: &str| Status::ALL.into_iter().find(|it| it.key() == name);
    let names = Status::ALL.map(Status::key).join(", ");
    let status = asked.filled("status").map(|name| key("status", name, known, &names)).transpose()?;
    let names = SENDERS.map(Source::key).join(", ");
    let source =
        asked.filled("source").map(|name| key("source", name, Source::from_key, &names)).transpose()?;
    let before =
        asked.filled("before").map(|_| asked.value::<DeliveryId>("before", "This is `next` of a page."));
    let before = before.transpose()?.map(|id| id.0);
    let page = hooks::deliveries(&state.app, &actor, Asked { status, source, before, id: None }).await?;
    ok(&Page { items: page.rows.into_iter().map(DeliveryView::from).collect(), next: page.next })
}

/// Looks at a delivery again, with the incident that is named, if one is.
pub(super) async fn try_again(
    state: State,
    Caller(actor): Caller,
    Id(id): Id<DeliveryId>,
    Body(asked): Body<Attempt>,
) -> Answer {
    let wrong = |_| Error::invalid("incident", "This is an incident's number such as INC-12.");
    let into = asked.incident.map(|it| it.parse::<IncidentNumber>().map_err(wrong)).transpose()?;
    hooks::try_again(&state.app, &actor, id, into).await?;
    let it = hooks::deliveries(&state.app, &actor, Asked { id: Some(id.0), ..Asked::default() }).await?;
    ok(&All { items: it.rows.into_iter().map(DeliveryView::from).collect() })
}
