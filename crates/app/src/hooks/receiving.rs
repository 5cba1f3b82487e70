//! What comes is checked and stored before it is answered, several in one transaction.

use super::{pace::Pace, secret_name, signature};
use crate::{
    App, Error, Result, jobs, secret,
    secrets::{self, Opened},
};
use domain::{evidence::Source, instant::Span};
use std::{sync::Arc, time::Duration};
use store::hooks::{self, Arrival, Hook};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// The largest webhook, in bytes: GitHub sends up to 25 MB and cuts what is larger.
pub const LARGEST: usize = 25 << 20;
/// Room in memory is given in pieces of so many bytes …
const PIECE: usize = 1 << 10;
/// … and there are so many: 64 MB of webhooks are read or stored at once.
const ROOM: usize = 64 << 10;
/// How long a webhook waits for room before its sender is asked to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many deliveries one transaction takes at most.
const BATCH: usize = 256;
/// How many may wait before senders are asked to come back later.
const QUEUE: usize = 4_096;
/// The headers that are kept: they say what a delivery is, and none of them is a secret.
const KEPT: [&str; 8] = [
    "content-type",
    "user-agent",
    "x-github-event",
    "x-github-delivery",
    "sentry-hook-resource",
    "x-amz-sns-message-type",
    "x-webhook-id",
    "request-id",
];

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// It is on disk.
    Stored,
    /// Slack asks whether somebody is there; this is the word to say back.
    Challenge(String),
}

/// What stands before the record: a queue, and how much may come.
#[derive(Debug)]
pub(crate) struct Receiver {
    waiting: mpsc::Sender<Waiting>,
    queue: std::sync::Mutex<Option<mpsc::Receiver<Waiting>>>,
    pace: Pace,
    room: Arc<Semaphore>,
}

#[derive(Debug)]
struct Waiting {
    arrival: Arrival,
    answer: oneshot::Sender<bool>,
}

impl Default for Receiver {
    fn default() -> Self {
        let (waiting, queue) = mpsc::channel(QUEUE);
        Self {
            waiting,
            queue: std::sync::Mutex::new(Some(queue)),
            pace: Pace::default(),
            room: Arc::new(Semaphore::new(ROOM)),
        }
    }
}

impl Receiver {
    /// The queue, for the first who asks; they write from then on.
    fn take(&self) -> Option<mpsc::Receiver<Waiting>> {
        self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

/// An address that something is being sent to, with room for it in memory.
#[derive(Debug)]
pub struct Address {
    hook: Hook,
    secret: Option<Opened>,
    room: OwnedSemaphorePermit,
}

/// Looks up where something is being sent, before its body is read. `length` is that of the body, if it is told.
///
/// # Errors
/// [`Error::NotFound`] for an address that does not exist or has ended, [`Error::Invalid`] for what is larger than
/// [`LARGEST`], [`Error::Slowed`] for what is too much just now, [`Error::Unavailable`] if the record or the key for
/// its secrets is not there.
pub async fn address(app: &App, source: &str, token: &str, length: Option<u64>) -> Result<Address> {
    let source = Source::from_key(source).ok_or(Error::NotFound)?;
    let mut tx = app.db().read().await?;
    let found = hooks::find(&mut tx, secret::digest(token)).await?;
    let hook = found.filter(|hook| hook.source == source).ok_or(Error::NotFound)?;
    app.receiver().pace.allow(hook.id, app.now())?;
    let secret = match hook.signed {
        true => Some(secrets::open(app, &mut tx, &secret_name(hook.id)).await?.ok_or(Error::Forbidden)?),
        false => None,
    };
    drop(tx);
    let bytes = usize::try_from(length.unwrap_or(LARGEST as u64)).unwrap_or(usize::MAX);
    if bytes > LARGEST {
        return Err(too_large());
    }
    let pieces = u32::try_from(bytes / PIECE + 1).map_err(Error::internal)?;
    let room = Arc::clone(&app.receiver().room).acquire_many_owned(pieces);
    let room = tokio::time::timeout(PATIENCE, room).await.map_err(|_| crowded())?.map_err(Error::internal)?;
    Ok(Address { hook, secret, room })
}

/// What is said of a webhook that is larger than [`LARGEST`].
pub fn too_large() -> Error {
    Error::invalid("body", "A webhook has at most 25 MB. Nothing was stored.")
}

fn crowded() -> Error {
    Error::Slowed { wait: Span::seconds(5) }
}

/// Takes what a product sent to an address: when this returns, it is on disk. `headers` have lower-cased names.
///
/// # Errors
/// [`Error::Forbidden`] for a signature that is missing, wrong or too old, [`Error::Slowed`] for what is too much just
/// now, [`Error::Unavailable`] when it cannot be stored; senders try again then.
pub async fn receive(
    app: &App,
    address: Address,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Result<Received> {
    let Address { hook, secret, room } = address;
    let now = app.now();
    app.receiver().pace.weigh(hook.id, body.len(), now);
    if let Some(secret) = secret
        && !signature::good(hook.source, secret.bytes(), &headers, &body, now)
    {
        app.receiver().pace.unsigned(hook.id, now);
        return Err(Error::Forbidden);
    }
    if hook.source == Source::Slack
        && let Some(challenge) = challenge(&body)
    {
        return Ok(Received::Challenge(challenge));
    }
    let kept: serde_json::Map<String, serde_json::Value> = headers
        .into_iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()))
        .map(|(name, value)| (name, value.chars().take(500).collect::<String>().into()))
        .collect();
    let arrival = Arrival {
        id: domain::DeliveryId::new(now, app.random()).0,
        hook: hook.id,
        received_at: now,
        headers: serde_json::Value::from(kept).to_string(),
        body,
        attempts: 0,
    };
    if let Some(queue) = app.receiver().take() {
        tokio::spawn(write_waiting(app.downgrade(), queue));
    }
    let (answer, stored) = oneshot::channel();
    app.receiver().waiting.try_send(Waiting { arrival, answer }).map_err(|_| crowded())?;
    let stored = stored.await.unwrap_or(false);
    drop(room);
    if stored {
        Ok(Received::Stored)
    } else {
        Err(Error::Unavailable("It could not be stored. Send it again in a minute.".into()))
    }
}

fn challenge(body: &[u8]) -> Option<String> {
    let said: serde_json::Value = serde_json::from_slice(body).ok()?;
    let asked = said.get("type")?.as_str()? == "url_verification";
    said.get("challenge").and_then(|it| it.as_str()).filter(|it| asked && it.len() <= 500).map(str::to_owned)
}

/// Writes what waits until the application is gone.
async fn write_waiting(app: std::sync::Weak<crate::app::Parts>, mut queue: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let Some(app) = app.upgrade().map(App::from) else { return };
        let (arrivals, answers): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|it: Waiting| (it.arrival, it.answer)).unzip();
        let stored = store(&app, &arrivals).await;
        if let Err(error) = &stored {
            tracing::error!(error = error as &dyn std::error::Error, "webhooks could not be stored");
        }
        for answer in answers {
            // Whoever sent it may have gone; it is on disk all the same.
            let _ = answer.send(stored.is_ok());
        }
    }
}

async fn store(app: &App, arrivals: &[Arrival]) -> Result<()> {
    let mut tx = app.db().write().await?;
    hooks::keep(&mut tx, arrivals).await?;
    jobs::enqueue(app, &mut tx, &jobs::Job::Deliveries).await?;
    tx.commit().await?;
    Ok(())
}
