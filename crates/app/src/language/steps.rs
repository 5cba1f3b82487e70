//! Steps that the aid offers: a debrief, an account. Asking for one is kept with the document until somebody has
//! seen to it (DEC-16).

use super::record;
use crate::{App, Error, Result, reach};
use collab::Changed;
use domain::{
    access::{Action, Actor},
    incident::IncidentNumber,
};
use store::audit;

/// Asks for a step; asked for twice it is one.
pub async fn ask(app: &App, actor: &Actor, number: IncidentNumber, kind: &str) -> Result<()> {
    if !["debrief", "account"].contains(&kind) {
        return Err(Error::invalid("kind", "A debrief or an account can be asked for."));
    }
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let document = held.postmortem().ok_or(Error::NotFound)?;
    if record::waits(&mut tx, document, kind).await? {
        return Ok(());
    }
    let now = app.now();
    let id = domain::EventId::new(now, app.random()).0;
    record::ask(&mut tx, id, document, kind, actor.person, now).await?;
    let detail = serde_json::json!({ "kind": kind });
    audit::record(&mut tx, now, actor, "language.ask", &number.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    app.tell(Some(document), Changed::Facts);
    Ok(())
}

/// Somebody has seen to it.
pub async fn settle(app: &App, actor: &Actor, number: IncidentNumber, kind: &str) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let document = held.postmortem().ok_or(Error::NotFound)?;
    let now = app.now();
    if !record::settle(&mut tx, document, kind, now).await? {
        return Err(Error::NotFound);
    }
    let detail = serde_json::json!({ "kind": kind });
    audit::record(&mut tx, now, actor, "language.settle", &number.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    app.tell(Some(document), Changed::Facts);
    Ok(())
}
