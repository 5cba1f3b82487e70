//! Whom a request comes from: the session of its cookie, the owner of its API token.

use super::{How, Session, actor_of, may_enter, record};
use crate::{App, Result, secret, tokens::has_its_form};
use collab::Whose;
use domain::{access::Actor, incident::IncidentNumber, instant::Span};
use serde_json::json;
use store::{sessions, tokens};

/// How exactly it is known when a session or token was last used; saves a write at every request.
const SEEN: Span = Span::minutes(10);

/// The session of a cookie, if it is still good. One statement.
pub async fn session(app: &App, cookie: &str) -> Result<Option<Session>> {
    session_at(app, cookie, None).await
}

/// The same for a request about one incident, with what its person is to that one. One statement.
pub async fn session_at(
    app: &App,
    cookie: &str,
    incident: Option<IncidentNumber>,
) -> Result<Option<Session>> {
    let now = app.now();
    let mut tx = app.db().read().await?;
    let Some(found) = sessions::find_at(&mut tx, secret::digest(cookie), incident).await? else {
        return Ok(None);
    };
    drop(tx);
    let over = now >= found.ends_at || now.since(found.seen_at) >= app.lasting().idle;
    if over || !may_enter(&found.person) {
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
    // Whoever comes from a provider has shown there what the provider asks for.
    let asked = found.how != How::Provider && found.factor_from.is_some_and(|from| found.person.role >= from);
    Ok(Some(Session {
        must_enrol: asked && !found.has_factor,
        factor_from: found.factor_from,
        id: found.id,
        actor: actor_of(&found.person),
        person: found.person,
        how: found.how,
        proved_at: found.proved_at,
        parts: found.parts,
    }))
}

/// The actor of an API token, if it is still good, with the rights its person has now and no more than its
/// scopes. One statement; none for what cannot be a token.
pub async fn bearer(app: &App, token: &str) -> Result<Option<Actor>> {
    if !has_its_form(token) {
        return Ok(None);
    }
    let now = app.now();
    let mut tx = app.db().read().await?;
    let Some(shown) = tokens::find(&mut tx, secret::digest(token)).await? else { return Ok(None) };
    drop(tx);
    if shown.person.deactivated || shown.ends_at.is_some_and(|ends_at| now >= ends_at) {
        return Ok(None);
    }
    if shown.used_at.is_none_or(|used_at| now.since(used_at) >= SEEN) {
        let noted = async {
            let mut tx = app.db().write().await?;
            tokens::used(&mut tx, shown.id, now).await?;
            tx.commit().await
        };
        forgo(noted.await);
    }
    Ok(Some(actor_of(&shown.person).within(shown.scopes)))
}

/// Ends a session and whatever it has open.
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
