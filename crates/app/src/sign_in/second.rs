//! Between the first proof and the session: a code of the second factor, where somebody has one.

use super::{Begun, Device, How, active, actor_of, begin, note_refusal, record};
use crate::{App, Error, Result, factor, secret};
use domain::{Instant, TokenId, instant::Span, person::Person};
use serde_json::json;
use store::{Tx, ceremonies, factors};

/// For so long a code is waited for.
const WAITS: Span = Span::minutes(5);
const KIND: &str = "second-factor";

/// What came of a first proof.
#[derive(Debug)]
pub enum Entered {
    /// A session was begun.
    In(Begun),
    /// A code of the second factor is asked for first.
    Asks(Asks),
}

/// What stands between the first proof and the session.
#[derive(Clone)]
pub struct Asks {
    /// What the browser sends back with the code; good for five minutes.
    pub token: String,
}

impl std::fmt::Debug for Asks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asks").finish_non_exhaustive()
    }
}

/// Begins the session, or what waits for the code; the caller commits.
pub(super) async fn enter(
    app: &App,
    tx: &mut Tx,
    person: Person,
    how: How,
    device: &Device,
    mut detail: serde_json::Value,
) -> Result<Entered> {
    let now = app.now();
    let factor = factors::of(tx, person.id).await?;
    if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
        detail["by"] = how.key().into();
        let begun = begin(app, tx, person, how, device).await?;
        record(tx, now, &actor_of(&begun.person), "session.begin", begun.person.id, &detail).await?;
        return Ok(Entered::In(begun));
    }
    let drawn = secret::draw(app, "");
    let waits = ceremonies::Ceremony {
        id: TokenId::new(now, app.random()),
        kind: KIND,
        person: Some(person.id),
        detail: json!({ "how": how.key() }).to_string(),
        ends_at: now.plus(WAITS),
    };
    ceremonies::begin(tx, &waits, drawn.digest, now).await?;
    Ok(Entered::Asks(Asks { token: drawn.text }))
}

/// Takes the code and begins the session. A wrong code can be followed by a right one; what waited too long or
/// was used is [`Error::NotFound`].
pub async fn second(app: &App, token: &str, code: &str, device: &Device) -> Result<Begun> {
    let now: Instant = app.now();
    let digest = secret::digest(token);
    let waits = ceremonies::look(&mut app.db().read().await?, KIND, digest, now).await?;
    let person = waits.and_then(|waits| waits.person).ok_or(Error::NotFound)?;
    let refused = |why: &Error| note_refusal("code", Some(person), &device.address, why);
    factor::slow_down(app, person, &device.address, now).inspect_err(refused)?;
    let mut tx = app.db().write().await?;
    store::people::lock(&mut tx).await?;
    let person = active(&mut tx, person).await?.ok_or(Error::NotFound)?;
    let mut tx = factor::require(app, tx, person.id, code, now).await.inspect_err(refused)?;
    let waits = ceremonies::take(&mut tx, KIND, digest, now).await?.ok_or(Error::NotFound)?;
    let how = if waits.detail.contains(How::Link.key()) { How::Link } else { How::Passphrase };
    let begun = begin(app, &mut tx, person, how, device).await?;
    let detail = json!({ "by": how.key(), "second": "code" });
    record(&mut tx, now, &actor_of(&begun.person), "session.begin", begun.person.id, &detail).await?;
    tx.commit().await?;
    app.sign_ins().forget(&format!("code of {}", begun.person.id), &device.address);
    Ok(begun)
}
