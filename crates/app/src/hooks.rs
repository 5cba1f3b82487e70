//! Webhooks: addresses that products send to, and what became of what they sent.
//!
//! ```text
//! request → signature → stored, several in one transaction → 202 → job → evidence of an incident
//! ```
//!
//! Accepted means stored. Whatever comes twice or in the wrong order does no harm: records are told apart by the
//! product's own ids, and an incident by the id that the product gives it. What went into a narrowed incident is
//! absent for whoever does not see that incident.

mod certificates;
mod pace;
mod processing;
mod receiving;
mod signature;
mod sns;

pub(crate) use certificates::Certificates;
pub use processing::try_again;
pub(crate) use processing::{Settling, process};
pub(crate) use receiving::Receiver;
pub use receiving::{Address, LARGEST, Received, address, receive, too_large};
pub use store::hooks::{Asked, Delivery, Hook, Status};

use crate::{App, Error, Result, secret, secrets};
use domain::{
    DeliveryId, HookId,
    access::{Action, Actor},
    evidence::Source,
    instant::Span,
};
use serde_json::json;
use store::{audit, hooks};
use uuid::Uuid;

/// What every address ends with begins so.
const PREFIX: &str = "hook_";
/// So many addresses there can be.
const MOST: usize = 200;
/// So many deliveries one page shows.
const SHOWN: i64 = 200;
/// So many old deliveries go in one transaction.
const FORGOTTEN: i64 = 200;

/// The products that can send.
pub const SENDERS: [Source; 13] = [
    Source::Pagerduty,
    Source::Opsgenie,
    Source::Alertmanager,
    Source::Grafana,
    Source::Datadog,
    Source::Sentry,
    Source::Statuspage,
    Source::Github,
    Source::Cloudwatch,
    Source::GoogleCloud,
    Source::Jira,
    Source::Slack,
    Source::Json,
];

/// A new address, as a person describes it.
#[derive(Debug, Clone)]
pub struct NewHook {
    /// Which product sends there.
    pub source: Source,
    /// What people call it, 1 to 100 characters.
    pub label: String,
    /// What the product signs with, or sends along; empty if it does neither.
    pub secret: String,
    /// Whether an incident that is not known yet may begin by it.
    pub declares: bool,
    /// Whether messages of Amazon SNS are believed only with a good signature, which is looked into with the
    /// certificate that Amazon serves. `None`: where the settings let pages be fetched. It is for CloudWatch alone.
    pub verified: Option<bool>,
    /// The topic of Amazon SNS that is expected; empty: that of the first message with a good signature.
    pub topic: String,
}

/// Every good address, newest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Hook>> {
    let mut tx = app.read(actor, Action::Administer).await?;
    Ok(hooks::all(&mut tx).await?)
}

/// A page of deliveries, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliveries {
    /// At most 200.
    pub rows: Vec<Delivery>,
    /// Where the next page begins, if there is one: give it as [`Asked::before`].
    pub next: Option<DeliveryId>,
}

/// The deliveries that are asked for, newest first.
pub async fn deliveries(app: &App, actor: &Actor, asked: Asked) -> Result<Deliveries> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let mut rows = hooks::list(&mut tx, asked, app.sight(actor), SHOWN + 1).await?;
    let shown = usize::try_from(SHOWN).map_err(Error::internal)?;
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next = rows.last().filter(|_| more).map(|last| DeliveryId(last.id));
    Ok(Deliveries { rows, next })
}

/// Forgets what came longer than `kept` ago. Evidence that was made of it stays, with its raw form; what still waits
/// to be read stays as well.
pub(crate) async fn forget_old(app: &App, kept: Span) -> Result<()> {
    let before = app.now().plus(kept.reversed());
    loop {
        // In steps, so that nobody who writes waits long.
        let mut tx = app.db().write().await?;
        let gone = hooks::remove_before(&mut tx, before, FORGOTTEN).await?;
        tx.commit().await?;
        if gone < FORGOTTEN.unsigned_abs() {
            return Ok(());
        }
    }
}

/// The body of a delivery, exactly as received, and its headers.
pub async fn body(app: &App, actor: &Actor, id: DeliveryId) -> Result<(String, Vec<u8>)> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let found = hooks::arrival(&mut tx, id.0, app.sight(actor)).await?;
    let (arrival, _) = found.ok_or(Error::NotFound)?;
    Ok((arrival.headers, arrival.body))
}

/// Makes an address; answers its path, which cannot be shown again.
pub async fn create(app: &App, actor: &Actor, new: NewHook) -> Result<String> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let label = new.label.trim();
    if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
        return Err(Error::invalid("label", "An address has a name of 1 to 100 characters."));
    }
    if !SENDERS.contains(&new.source) {
        return Err(Error::invalid("source", "This product sends no webhooks."));
    }
    if new.secret.len() > 1_000 {
        return Err(Error::invalid("secret", "A secret has at most 1,000 bytes."));
    }
    let topic = new.topic.trim();
    let named = topic.strip_prefix("arn:aws").is_some_and(|rest| rest.contains(":sns:"));
    if !topic.is_empty() && (!named || topic.len() > 300 || topic.contains(char::is_control)) {
        let message = "A topic is named as arn:aws:sns:REGION:ACCOUNT:NAME.";
        return Err(Error::invalid("topic", message));
    }
    if hooks::all(&mut tx).await?.len() >= MOST {
        return Err(Error::conflict("There are 200 addresses. End one that is not needed any more first."));
    }
    let (now, token) = (app.now(), secret::draw(app, PREFIX));
    let id = HookId::new(now, app.random()).0;
    let given = new.secret.trim();
    let hook = Hook {
        id,
        source: new.source,
        label: label.to_owned(),
        signed: !given.is_empty(),
        declares: new.declares,
        verified: new.source == Source::Cloudwatch && new.verified.unwrap_or_else(|| verifies(app)),
        topic: (new.source == Source::Cloudwatch && !topic.is_empty()).then(|| topic.to_owned()),
        created_at: now,
    };
    hooks::add(&mut tx, &hook, token.digest, actor.person).await?;
    if hook.signed {
        secrets::keep(app, &mut tx, &secret_name(id), given.as_bytes()).await?;
    }
    let detail = json!({
        "source": hook.source.key(),
        "label": hook.label,
        "signed": hook.signed,
        "verified": hook.verified,
    });
    audit::record(&mut tx, now, actor, "hook.create", &id.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    Ok(path(hook.source, &token.text))
}

/// Whether signatures of Amazon SNS are looked into unless somebody says otherwise: where pages may be fetched anyway.
pub fn verifies(app: &App) -> bool {
    app.way_out().is_some()
}

/// Gives an address another end; the old one stops at once. Answers the new path.
pub async fn rotate(app: &App, actor: &Actor, id: HookId) -> Result<String> {
    let id = id.0;
    let mut tx = app.write(actor, Action::Administer).await?;
    let hook = hooks::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let token = secret::draw(app, PREFIX);
    hooks::rotate(&mut tx, id, token.digest).await?;
    audit::record(&mut tx, app.now(), actor, "hook.rotate", &id.to_string(), "{}").await?;
    tx.commit().await?;
    Ok(path(hook.source, &token.text))
}

/// Ends an address. What came there stays.
pub async fn revoke(app: &App, actor: &Actor, id: HookId) -> Result<()> {
    let id = id.0;
    let mut tx = app.write(actor, Action::Administer).await?;
    if !hooks::revoke(&mut tx, id, app.now()).await? {
        return Err(Error::NotFound);
    }
    secrets::forget(&mut tx, &secret_name(id)).await?;
    audit::record(&mut tx, app.now(), actor, "hook.revoke", &id.to_string(), "{}").await?;
    tx.commit().await?;
    Ok(())
}

fn path(source: Source, token: &str) -> String {
    format!("/hooks/{}/{token}", source.key())
}

fn secret_name(id: Uuid) -> String {
    format!("hook:{id}")
}
