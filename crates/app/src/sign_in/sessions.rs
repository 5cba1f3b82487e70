//! One's own sessions: where somebody is signed in, and ending what they do not know or need any more.

use super::{Session, record, table};
use crate::{App, Error, Result};
use collab::Whose;
use domain::{SessionId, access::Action};
use serde_json::json;
pub use table::Listed;

/// The sessions of the person of `session` that are still good, last used first.
pub async fn list(app: &App, session: &Session) -> Result<Vec<Listed>> {
    let now = app.now();
    let mut tx = app.read(&session.actor, Action::Read).await?;
    let mut listed = table::of(&mut tx, session.person.id).await?;
    listed.retain(|one| now < one.ends_at && now.since(one.seen_at) < app.lasting().idle);
    Ok(listed)
}

/// Ends a session of one's own, with every document it has open. Others' are [`Error::NotFound`].
pub async fn end(app: &App, session: &Session, id: SessionId) -> Result<()> {
    let mut tx = app.write(&session.actor, Action::Read).await?;
    let person = session.person.id;
    if !table::end_of(&mut tx, id, person).await? {
        return Err(Error::NotFound);
    }
    record(&mut tx, app.now(), &session.actor, "session.revoke", person, &json!({ "session": id })).await?;
    tx.commit().await?;
    app.turn_away(Whose::Person(person));
    Ok(())
}

/// Ends all of one's sessions but this one; how many there were.
pub async fn end_others(app: &App, session: &Session) -> Result<u64> {
    let mut tx = app.write(&session.actor, Action::Read).await?;
    let person = session.person.id;
    let ended = table::end_others_of(&mut tx, person, session.id).await?;
    if ended > 0 {
        let detail = json!({ "sessions": ended });
        record(&mut tx, app.now(), &session.actor, "session.revoke_others", person, &detail).await?;
        tx.commit().await?;
        app.turn_away(Whose::Person(person));
    }
    Ok(ended)
}
