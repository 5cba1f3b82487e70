//! Steps that the aid offers: a debrief, an account. Asking for one is kept with the document until somebody has
//! seen to it (DEC-16).

use super::record;
use crate::{App, Error, Result, reach};
use collab::Changed;
use domain::{
    Instant,
    access::{Action, Actor},
    incident::IncidentNumber,
};
use store::audit;
use uuid::Uuid;

/// A step that was asked for and waits.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which.
    pub id: Uuid,
    /// `debrief` or `account`.
    pub kind: String,
    /// Who asked, by name.
    pub by: Option<String>,
    /// When.
    pub at: Instant,
}

/// Asks for a step; asked for twice it is one.
pub async fn ask(app: &App, actor: &Actor, number: IncidentNumber, kind: &str) -> Result<()> {
    if !["debrief", "account"].contains(&kind) {
        return Err(Error::invalid("kind", "A debrief or an account can be asked for."));
    }
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let document = held.postmortem().ok_or(Error::NotFound)?;
    let waiting = record::asked(&mut tx, document).await?;
    if waiting.iter().any(|request| request.kind == kind) {
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

/// What was asked for and waits, oldest first.
pub async fn asked(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Vec<Asked>> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let Some(document) = held.postmortem() else { return Ok(Vec::new()) };
    let waiting = record::asked(&mut tx, document).await?;
    Ok(waiting
        .into_iter()
        .map(|request| Asked {
            id: request.id,
            kind: request.kind,
            by: request.asked_by,
            at: request.asked_at,
        })
        .collect())
}

/// Somebody has seen to it.
pub async fn settle(app: &App, actor: &Actor, number: IncidentNumber, id: Uuid) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let document = held.postmortem().ok_or(Error::NotFound)?;
    let now = app.now();
    if !record::settle(&mut tx, document, id, now).await? {
        return Err(Error::NotFound);
    }
    audit::record(&mut tx, now, actor, "language.settle", &number.to_string(), "{}").await?;
    tx.commit().await?;
    app.tell(Some(document), Changed::Facts);
    Ok(())
}
