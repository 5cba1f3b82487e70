//! Requests with a key (draft-ietf-httpapi-idempotency-key-header): whoever does not know whether a request was
//! carried out asks again under the same key, and nothing happens twice.
//!
//! The key's row is written by the transaction of the act itself, so a crash leaves both or neither. Which request
//! an act belongs to travels beside it, in [`Once::during`]: every transaction of an act ([`App::begin`]) inside
//! writes the row first. A request under the same key at the same moment waits there, and is then turned away.
//! Refusals change nothing and are not kept: asking again asks anew.

use crate::{App, Error, Result};
use domain::{Instant, access::Actor, evidence::Digest32, instant::Span};
use store::{Tx, repeats};

pub use store::repeats::Answer;

/// How long an answer is kept.
pub const KEPT: Span = Span::hours(24);

/// What is known of a request when it comes.
#[derive(Debug)]
pub enum Known {
    /// Nothing: carry it out inside [`Once::during`].
    New(Once),
    /// It was carried out, and this was the answer.
    Answered(Answer),
    /// It was carried out at this time; the process ended before its answer was kept.
    AnswerLost(Instant),
    /// The key belongs to another request.
    Different,
}

/// A request to be carried out once.
#[derive(Debug, Clone)]
pub struct Once(repeats::Key);

tokio::task_local! {
    static UNDER_WAY: Once;
}

/// Looks a request up. `name` is the key as given, 1 to 255 characters; `request` sums up method, path and body.
/// Whoever is no person (the installation) has no keys, and gets `None`.
pub async fn look(app: &App, actor: &Actor, name: &str, request: Digest32) -> Result<Option<Known>> {
    let Some(person) = actor.person else { return Ok(None) };
    let mut tx = app.db().read().await?;
    let found = repeats::find(&mut tx, person, name, oldest(app)).await?;
    Ok(Some(match found {
        None => {
            Known::New(Once(repeats::Key { person, name: name.to_owned(), request, attempt: app.random() }))
        }
        Some(done) if done.request != request => Known::Different,
        Some(repeats::Done { answer: Some(answer), .. }) => Known::Answered(answer),
        Some(done) => Known::AnswerLost(done.at),
    }))
}

impl Once {
    /// Runs `work`, whose acts are carried out under this key.
    pub async fn during<F: Future>(&self, work: F) -> F::Output {
        UNDER_WAY.scope(self.clone(), work).await
    }

    /// Keeps the answer of the act that was carried out; does nothing if none was.
    pub async fn answered(&self, app: &App, answer: &Answer) -> Result<()> {
        let mut tx = app.db().write().await?;
        repeats::answer(&mut tx, &self.0, answer).await?;
        Ok(tx.commit().await?)
    }
}

/// The first statement of each act's transaction, if its request has a key.
pub(crate) async fn begin(app: &App, tx: &mut Tx) -> Result<()> {
    let Ok(Once(key)) = UNDER_WAY.try_with(Clone::clone) else { return Ok(()) };
    if repeats::begin(tx, &key, app.now(), oldest(app)).await? {
        Ok(())
    } else {
        Err(Error::conflict("This very request is being carried out. Ask again in a moment for its answer."))
    }
}

/// Forgets answers that were kept long enough.
pub(crate) async fn tidy(app: &App) -> Result<()> {
    let mut tx = app.db().write().await?;
    repeats::remove_before(&mut tx, oldest(app)).await?;
    Ok(tx.commit().await?)
}

fn oldest(app: &App) -> Instant {
    app.now().plus(KEPT.reversed())
}
