//! Post-mortems: listed, read, written together, moved from draft to published.

use crate::{App, Error, Result};
use domain::{
    Instant, PersonId,
    access::Actor,
    document::Document,
    incident::IncidentNumber,
    postmortem::{Postmortem, PostmortemState, Step},
};

/// One post-mortem in the library.
#[derive(Debug, Clone)]
pub struct Row {
    /// The incident's number.
    pub number: IncidentNumber,
    /// The headline.
    pub title: String,
    /// The first words of its summary.
    pub opening: String,
    /// Where it stands.
    pub state: PostmortemState,
    /// Who looks after it.
    pub owner: Option<String>,
    /// When the incident was declared.
    pub declared_at: Instant,
    /// When it was last published.
    pub published_at: Option<Instant>,
    /// Affected services.
    pub services: Vec<String>,
    /// The team.
    pub team: Option<String>,
}

/// A post-mortem with everything reading and writing pages show.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The post-mortem.
    pub postmortem: Postmortem,
    /// Its owner's name.
    pub owner: Option<String>,
    /// The incident with its timeline.
    pub incident: crate::incidents::Shown,
    /// Ideas and follow-ups.
    pub follow_ups: Vec<crate::follow_ups::Row>,
    /// What the document says now.
    pub document: Document,
    /// The document's epoch: changes when its history was rebuilt (see `collab`).
    pub epoch: i64,
    /// Who wrote in it, by name.
    pub writers: Vec<String>,
    /// What a reader would miss, in words; advisory (DOC-09).
    pub misses: Vec<String>,
}

/// The library: published ones first by date, then those being written. At most 200.
pub async fn list(app: &App, actor: &Actor, words: Option<&str>) -> Result<Vec<Row>> {
    let _ = (app, actor, words);
    Err(Error::internal("not built yet"))
}

/// One post-mortem with its document.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let _ = (app, actor, number);
    Err(Error::internal("not built yet"))
}

/// Opens the shared document for a socket: its id, whether the actor may write.
pub async fn join(app: &App, actor: &Actor, number: IncidentNumber) -> Result<(domain::PostmortemId, bool)> {
    let _ = (app, actor, number);
    Err(Error::internal("not built yet"))
}

/// Creates the post-mortem of an incident that has none yet (also before it is resolved).
pub async fn create(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    template: Option<&str>,
) -> Result<Postmortem> {
    let _ = (app, actor, number, template);
    Err(Error::internal("not built yet"))
}

/// Gives it another headline, 1 to 200 characters.
pub async fn rename(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    revision: i64,
    title: &str,
) -> Result<Postmortem> {
    let _ = (app, actor, number, revision, title);
    Err(Error::internal("not built yet"))
}

/// Gives it to exactly one person, who replaces the owner before.
pub async fn hand_to(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    owner: PersonId,
) -> Result<Postmortem> {
    let _ = (app, actor, number, owner);
    Err(Error::internal("not built yet"))
}

/// Takes a step: ask for review, back to draft, publish.
pub async fn step(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    revision: i64,
    step: Step,
) -> Result<Postmortem> {
    let _ = (app, actor, number, revision, step);
    Err(Error::internal("not built yet"))
}
