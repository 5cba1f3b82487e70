//! The one way to an incident: for an act, by its number, as somebody.
//!
//! [`writing`] and [`reading`] answer a transaction and the incident, held; what belongs to an incident is loaded
//! and stored with what the held one gives. An incident that the actor cannot see is [`Error::NotFound`], as one
//! that does not exist; one that they see, but may not do this with, is [`Error::Forbidden`].
//!
//! Lists, searches and pages that load several things at once take an [`App::sight`] into their statements.

use crate::{App, Error, Result};
use domain::{
    access::{Action, Actor, Sight, could},
    incident::IncidentNumber,
};
pub(crate) use store::reach::{Held, Reached};
use store::{Tx, reach::Asked};

/// A transaction for reading, and the incident.
pub(crate) async fn reading(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    action: Action,
) -> Result<(Tx, Held)> {
    possible(actor, action)?;
    let mut tx = app.db().read().await?;
    let held = incident(app, &mut tx, actor, number, action).await?;
    Ok((tx, held))
}

/// A transaction for writing, and the incident.
pub(crate) async fn writing(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    action: Action,
) -> Result<(Tx, Held)> {
    possible(actor, action)?;
    let mut tx = app.begin().await?;
    let held = incident(app, &mut tx, actor, number, action).await?;
    Ok((tx, held))
}

/// The incident, in a transaction that an act began before it knew which incident it is about.
pub(crate) async fn incident(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    number: IncidentNumber,
    action: Action,
) -> Result<Held> {
    match store::reach::hold(tx, actor, number, action, app.now()).await? {
        Asked::Held(held) => Ok(*held),
        Asked::Hidden => Err(Error::NotFound),
        Asked::Refused => Err(Error::Forbidden),
    }
}

impl App {
    /// What `actor` sees now; statements that could tell of an incident ask for it.
    pub(crate) fn sight(&self, actor: &Actor) -> Sight {
        Sight::of(actor, self.now())
    }

    /// A transaction for writing where the incident is known only from what it loads: [`incident`] must be
    /// asked before anything is changed.
    pub(crate) async fn write_somewhere(&self, actor: &Actor, action: Action) -> Result<Tx> {
        possible(actor, action)?;
        self.begin().await
    }
}

/// Refuses what no part in any incident could allow, before the record is asked.
fn possible(actor: &Actor, action: Action) -> Result<()> {
    if could(actor, action) { Ok(()) } else { Err(Error::Forbidden) }
}
