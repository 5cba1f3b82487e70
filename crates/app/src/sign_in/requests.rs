//! Whom a request comes from: the session of its cookie, the owner of its API token.

use super::{Session, actor_of, record};
use crate::{App, Result, secret};
use collab::Whose;
use domain::{access::Actor, instant::Span};
use serde_json::json;
use store::{sessions, tokens};

/// A session ends when it was not used for so long.
pub(super) const IDLE: Span = Span::days(14);
/// How exactly it is known when a session or token was last used; saves a write at every request.
const SEEN: Span = Span::minutes(10);

/// The session of a cookie, if it is still good. One statement.
pub async fn session(app: &App, cookie: &str) -> Result<Option<Session>> {
    let now = app.now();
    let mut tx = app.db().read().await?;
    let Some(found) = sessions::find(&mut tx, secret::digest(cookie)).await? else { return Ok(None) };
    drop(tx);
    let over = now >= found.ends_at || now.since(found.seen_at) >= IDLE;
    if over || found.person.deactivated {
        return Ok(None);
    }
    if now.since(found.seen_at) >= SEEN {
        let noted = async {
            let mut tx = app.db().write().await?;
            sessions::seen(&mut tx, found.id, now).await?;
            tx.commit().await
        };
        forgo(noted.await);
    }
    Ok(Some(Session { id: found.id, actor: actor_of(&found.person), person: found.person }))
}

/// The actor of an API token, if it is still good. One statement.
pub async fn bearer(app: &App, token: &str) -> Result<Option<Actor>> {
    let now = app.now();
    let mut tx = app.db().read().await?;
    let Some((id, used_at, person)) = tokens::find(&mut tx, secret::digest(token)).await? else {
        return Ok(None);
    };
    drop(tx);
    if person.deactivated {
        return Ok(None);
    }
    if used_at.is_none_or(|used_at| now.since(used_at) >= SEEN) {
        let noted = async {
            let mut tx = app.db().write().await?;
            tokens::used(&mut tx, id, now).await?;
            tx.commit().await
        };
        forgo(noted.await);
    }
    Ok(Some(actor_of(&person)))
}

/// Ends a session.
pub async fn sign_out(app: &App, session: &Session) -> Result<()> {
    let now = app.now();
    let mut tx = app.db().write().await?;
    if sessions::end(&mut tx, session.id).await? {
        record(&mut tx, now, &session.actor, "session.end", session.person.id, &json!({})).await?;
        tx.commit().await?;
        app.turn_away(Whose::Person(session.person.id));
    }
    Ok(())
}

/// Noting a use is not worth refusing a request for.
fn forgo(noted: std::result::Result<(), store::Error>) {
    if let Err(error) = noted {
        tracing::warn!(error = &error as &dyn std::error::Error, "the last use could not be noted");
    }
}
