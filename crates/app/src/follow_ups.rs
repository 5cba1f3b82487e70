//! Ideas that rest, and the commitments some of them become.

use crate::{App, Error, Result};
use domain::{
    FollowUpId, Instant, PersonId,
    access::Actor,
    follow_up::{FollowUp, Intent},
    incident::IncidentNumber,
};

/// A follow-up in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// The incident it came from.
    pub number: IncidentNumber,
    /// That incident's title.
    pub incident_title: String,
    /// Who had the idea.
    pub raised_by: Option<String>,
    /// Who committed to it or did it.
    pub owner: Option<String>,
}

/// How many stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ideas that rest.
    pub resting: i64,
    /// Ideas whose rest is over.
    pub to_choose: i64,
    /// Commitments.
    pub committed: i64,
    /// Done.
    pub done: i64,
    /// Dropped with a reason.
    pub dropped: i64,
}

/// All follow-ups the actor may see, those that wait for a choice first; of one incident if given. At most 500.
pub async fn list(app: &App, actor: &Actor, incident: Option<IncidentNumber>) -> Result<Vec<Row>> {
    let _ = (app, actor, incident);
    Err(Error::internal("not built yet"))
}

/// Writes an idea down; it rests for the workspace's soak (48 h unless set otherwise).
pub async fn add(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    text: &str,
    intent: Intent,
) -> Result<FollowUp> {
    let _ = (app, actor, number, text, intent);
    Err(Error::internal("not built yet"))
}

/// Makes it a commitment. Before its rest ends this is [`Error::Conflict`] with the instant at which it opens.
pub async fn commit(
    app: &App,
    actor: &Actor,
    id: FollowUpId,
    owner: PersonId,
    due: Instant,
) -> Result<FollowUp> {
    let _ = (app, actor, id, owner, due);
    Err(Error::internal("not built yet"))
}

/// Marks a commitment as done.
pub async fn finish(app: &App, actor: &Actor, id: FollowUpId) -> Result<FollowUp> {
    let _ = (app, actor, id);
    Err(Error::internal("not built yet"))
}

/// Lets go of it, with the reason.
pub async fn drop_with(app: &App, actor: &Actor, id: FollowUpId, reason: &str) -> Result<FollowUp> {
    let _ = (app, actor, id, reason);
    Err(Error::internal("not built yet"))
}
