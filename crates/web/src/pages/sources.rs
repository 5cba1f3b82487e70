//! Sources: addresses for webhooks, and what became of what came there.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id},
};
use app::{
    Error,
    hooks::{self, Asked, Delivery, Hook, NewHook, SENDERS, Status},
};
use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use domain::{DeliveryId, HookId, evidence::Source};
use std::collections::BTreeMap;

/// So many bytes of a delivery are shown.
const SHOWN: usize = 200_000;

#[derive(Template)]
#[template(path = "sources/show.html")]
struct SourcesPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    /// An address that was just made, with what to do with it; it cannot be shown again.
    fresh: Option<(String, &'static str)>,
    hooks: Vec<Hook>,
    senders: [Source; 13],
}

#[derive(Template)]
#[template(path = "sources/deliveries.html")]
struct DeliveriesPage {
    frame: Frame,
    done: Option<&'static str>,
    /// What was refused about a delivery in the list.
    refused: Option<String>,
    /// The status and the product that are asked for, or nothing.
    status: String,
    source: String,
    senders: [Source; 13],
    deliveries: Vec<Delivery>,
    /// Where those that came earlier begin.
    older: Option<String>,
}

#[derive(Template)]
#[template(path = "sources/delivery.html")]
struct DeliveryPage {
    frame: Frame,
    /// The headers that say what it is.
    headers: Vec<(String, String)>,
    body: String,
    size: String,
    /// Whether only the beginning is shown.
    cut: bool,
}

#[derive(Default)]
struct Parts {
    status: StatusCode,
    done: Option<&'static str>,
    form: Kept,
    fresh: Option<(String, &'static str)>,
}

/// The addresses there are.
pub(crate) async fn show(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "ended" => {
            Some("The address has ended. What is sent there is turned away from now on; what came stays.")
        }
        _ => None,
    };
    page(&state, &visitor, Parts { done, form: beginning(&state), ..Parts::default() }).await
}

/// Makes an address and shows it, this once.
pub(crate) async fn create(state: State, visitor: Visitor, headers: HeaderMap, sent: Submitted) -> Answer {
    let act = async {
        let source = Source::from_key(sent.text("source"))
            .ok_or(Error::invalid("source", "Choose the product that sends."))?;
        let new = NewHook {
            source,
            label: sent.text("label").to_owned(),
            secret: sent.text("secret").to_owned(),
            declares: sent.text("declares") == "yes",
            verified: Some(sent.text("verified") == "yes"),
            topic: sent.text("topic").to_owned(),
        };
        Ok((source, hooks::create(&state.app, visitor.actor(), new).await?))
    };
    let parts = match act.await {
        Ok((source, path)) => Parts {
            fresh: Some((state.settings.absolute(&headers, &path), hint(source))),
            form: beginning(&state),
            ..Parts::default()
        },
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            Parts { status, form, ..Parts::default() }
        }
    };
    unkept(page(&state, &visitor, parts).await)
}

/// Gives an address another end and shows it, this once.
pub(crate) async fn rotate(state: State, visitor: Visitor, headers: HeaderMap, Id(id): Id<HookId>) -> Answer {
    let path = hooks::rotate(&state.app, visitor.actor(), id).await?;
    let words = "The former address is turned away from now on. Paste this one in its place.";
    let fresh = Some((state.settings.absolute(&headers, &path), words));
    let parts = Parts { fresh, form: beginning(&state), ..Parts::default() };
    unkept(page(&state, &visitor, parts).await)
}

/// Ends an address.
pub(crate) async fn revoke(state: State, visitor: Visitor, Id(id): Id<HookId>) -> Answer {
    hooks::revoke(&state.app, visitor.actor(), id).await?;
    go("/settings/sources?done=ended")
}

/// What came, and what became of it.
pub(crate) async fn deliveries(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "again" => Some("It was looked at again."),
        _ => None,
    };
    list(&state, &visitor, &asked, StatusCode::OK, done, None).await
}

/// One delivery, exactly as received.
pub(crate) async fn delivery(state: State, visitor: Visitor, Id(id): Id<DeliveryId>) -> Answer {
    let (headers, body) = hooks::body(&state.app, visitor.actor(), id).await?;
    let headers: BTreeMap<String, String> = serde_json::from_str(&headers).unwrap_or_default();
    let shown = body.get(..SHOWN).unwrap_or(&body);
    html::ok(&DeliveryPage {
        frame: visitor.frame("A delivery", Room::Nowhere),
        headers: headers.into_iter().collect(),
        body: String::from_utf8_lossy(shown).into_owned(),
        size: size(i64::try_from(body.len()).unwrap_or(i64::MAX)),
        cut: shown.len() < body.len(),
    })
}

/// A number of bytes for people.
fn size(bytes: i64) -> String {
    match bytes {
        i64::MIN..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{} MB", (bytes + 500_000) / 1_000_000),
    }
}

/// Looks at a delivery again, with the incident that is named, if one is.
pub(crate) async fn try_again(
    state: State,
    visitor: Visitor,
    Id(id): Id<DeliveryId>,
    sent: Submitted,
) -> Answer {
    let wrong = || Error::invalid("incident", "This is not an incident's number. It looks like INC-12.");
    let act = async {
        let into = sent.filled("incident").map(|text| text.parse().map_err(|_| wrong())).transpose()?;
        hooks::try_again(&state.app, visitor.actor(), id, into).await
    };
    match act.await {
        Ok(()) => go("/settings/deliveries?done=again"),
        Err(error) => {
            let (status, kept) = sent.refused(error)?;
            let refused = kept.wrong("incident").map(str::to_owned).or(kept.general.clone());
            list(&state, &visitor, &Submitted::default(), status, None, refused).await
        }
    }
}

async fn list(
    state: &State,
    visitor: &Visitor,
    asked: &Submitted,
    code: StatusCode,
    done: Option<&'static str>,
    refused: Option<String>,
) -> Answer {
    let status = Status::ALL.into_iter().find(|it| it.key() == asked.text("status"));
    let source = Source::from_key(asked.text("source"));
    let before = asked.text("before").parse::<DeliveryId>().ok().map(|id| id.0);
    let which = Asked { status, source, before, id: None };
    let found = hooks::deliveries(&state.app, visitor.actor(), which).await?;
    let query = |name: &str| asked.filled(name).map(|value| format!("{name}={}&", urls::part(value)));
    let kept: String = ["status", "source"].into_iter().filter_map(query).collect();
    let page = DeliveriesPage {
        frame: visitor.frame("What was received", Room::Nowhere),
        done,
        refused,
        status: status.map_or_else(String::new, |it| it.key().to_owned()),
        source: source.map_or_else(String::new, |it| it.key().to_owned()),
        senders: SENDERS,
        deliveries: found.rows,
        older: found.next.map(|next| format!("/settings/deliveries?{kept}before={next}")),
    };
    html::with(code, &page)
}

async fn page(state: &State, visitor: &Visitor, parts: Parts) -> Answer {
    let hooks = hooks::list(&state.app, visitor.actor()).await?;
    let Parts { status, done, form, fresh } = parts;
    let frame = visitor.frame("Sources", Room::Nowhere);
    html::with(status, &SourcesPage { frame, done, form, fresh, hooks, senders: SENDERS })
}

/// What the form says at first.
fn beginning(state: &State) -> Kept {
    let verified = if hooks::verifies(&state.app) { "yes" } else { "" };
    Kept::with([("declares", "yes".to_owned()), ("verified", verified.to_owned())])
}

/// A page with a secret on it is kept nowhere.
fn unkept(answer: Answer) -> Answer {
    let mut answer = answer?;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Where a product takes an address, and how it signs.
const fn hint(source: Source) -> &'static str {
    match source {
        Source::Pagerduty => {
            "In PagerDuty under Integrations, Generic webhooks (v3): paste the address, choose the incident events, and \
             bring the signing secret that it shows back here as the secret of a new address."
        }
        Source::Opsgenie => {
            "In Opsgenie under Settings, Integrations, Webhook. It signs nothing; a custom header Authorization: Bearer SECRET is checked."
        }
        Source::Alertmanager => {
            "In alertmanager.yml: a receiver with webhook_configs, url the address, and under http_config authorization \
             with credentials the secret. Let send_resolved stay true."
        }
        Source::Grafana => {
            "In Grafana under Alerting, Contact points, Webhook: paste the address; the secret goes into HMAC signature, \
             or into the authorization header as a bearer token."
        }
        Source::Datadog => {
            "In Datadog under Integrations, Webhooks: keep $ID, $EVENT_TITLE, $EVENT_MSG, $DATE, $ALERT_TRANSITION, \
             $ALERT_ID and $LINK in the payload. A custom header X-Debrief-Secret is checked against the secret."
        }
        Source::Sentry => {
            "In Sentry under Settings, Custom integrations, Internal integration: paste the address as webhook URL, \
             subscribe to issues, and use its client secret as the secret."
        }
        Source::Statuspage => {
            "In Statuspage, subscribe to updates by webhook with the address. It signs nothing."
        }
        Source::Github => {
            "In the repository or organisation under Settings, Webhooks: content type application/json, the secret, and \
             the events for deployments, releases, pushes, workflow runs and issues."
        }
        Source::Cloudwatch => {
            "In Amazon SNS, subscribe the address to the topic of the alarms by HTTPS. The confirmation then stands among \
             what was received; open its SubscribeURL once. Leave raw message delivery off, since it sends no signature."
        }
        Source::GoogleCloud => {
            "In Google Cloud under Monitoring, Alerting, Notification channels, Webhooks. It signs nothing."
        }
        Source::Jira => {
            "In Jira under System, WebHooks: paste the address and choose the events of issues and comments."
        }
        Source::Slack => {
            "In your Slack app under Event Subscriptions: paste the address, subscribe to message events, and use the \
             signing secret of Basic Information as the secret."
        }
        _ => {
            "Send an incident file (data/schemas/incident.json) by POST. Sign it, if you like: X-Debrief-Timestamp with \
             seconds since 1970, and X-Debrief-Signature: sha256= with the HMAC-SHA256 of timestamp, a full stop and the body."
        }
    }
}
