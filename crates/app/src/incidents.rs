//! Incidents: declared, listed, shown, edited, mitigated, resolved, reopened.

use crate::{App, Error, Result};
use domain::{
    Instant, PersonId,
    access::Actor,
    incident::{Incident, IncidentKind, IncidentNumber, IncidentState, Severity},
    postmortem::PostmortemState,
    timeline::key_instant::ChosenInstant,
};
use std::collections::BTreeMap;

/// Which incidents to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words that must occur in number, title, summary, services or team.
    pub words: Option<String>,
    /// Only those that stand here.
    pub state: Option<IncidentState>,
    /// Only those of this severity.
    pub severity: Option<Severity>,
    /// Only those of this team.
    pub team: Option<String>,
    /// Only those declared before this incident (the last of the page before); the next page.
    pub after: Option<IncidentNumber>,
    /// At most so many, 1 to 200; 50 if 0.
    pub limit: u32,
}

/// A page of incidents.
#[derive(Debug, Clone)]
pub struct Listing {
    /// In order, newest declared first.
    pub rows: Vec<Row>,
    /// How many match in all.
    pub total: i64,
    /// The filter value that leads to the next page, if there is one.
    pub next: Option<IncidentNumber>,
    /// The names of all teams, for the filter.
    pub teams: Vec<String>,
}

/// One incident in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The incident.
    pub incident: Incident,
    /// Its post-mortem, if there is one.
    pub postmortem: Option<RowPostmortem>,
    /// Key instants that are known.
    pub instants: BTreeMap<domain::timeline::KeyInstant, Instant>,
}

/// A post-mortem in a list of incidents.
#[derive(Debug, Clone)]
pub struct RowPostmortem {
    /// Its headline.
    pub title: String,
    /// Where it stands.
    pub state: PostmortemState,
    /// Who looks after it.
    pub owner: Option<String>,
    /// By when an owner is to be chosen, while there is none.
    pub owner_due: Option<Instant>,
}

/// What a person says when declaring an incident.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What happened, 1 to 200 characters.
    pub title: String,
    /// For somebody who was not there; may be empty, at most 5,000 characters.
    pub summary: String,
    /// What sort.
    pub kind: IncidentKind,
    /// How bad.
    pub severity: Option<Severity>,
    /// Affected services.
    pub services: Vec<String>,
    /// The team that looks after it.
    pub team: Option<String>,
    /// When it began for the people who respond; now if not given.
    pub declared_at: Option<Instant>,
}

/// An incident with everything its page shows. Loaded by a fixed number of statements.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The incident.
    pub incident: Incident,
    /// Its timeline in order, hidden events included.
    pub timeline: Vec<crate::timeline::Shown>,
    /// Key instants with their events and reasons.
    pub instants: Vec<ChosenInstant>,
    /// Its post-mortem, if there is one.
    pub postmortem: Option<RowPostmortem>,
    /// How many pieces of evidence each source gave.
    pub evidence: Vec<(domain::evidence::Source, i64)>,
    /// Chat messages per slice of the timeline's range, for the picture: start, length in seconds, count.
    pub chat_density: Vec<(Instant, i64, i64)>,
    /// Who said or did something, by the evidence, most active first by name only (no counts are kept).
    pub participants: Vec<String>,
    /// How many ideas rest, wait for a choice, are committed, done or dropped.
    pub follow_ups: crate::follow_ups::Counts,
}

/// Changes to an incident's own words.
#[derive(Debug, Clone)]
pub struct Change {
    /// The revision the person saw.
    pub revision: i64,
    /// The new values; the same limits as a declaration.
    pub declaration: Declaration,
}

/// The end of the response.
#[derive(Debug, Clone, Default)]
pub struct Resolution {
    /// When it ended; now if not given.
    pub at: Option<Instant>,
    /// Who looks after the post-mortem; left open with a due time if not given (OWN-02).
    pub owner: Option<PersonId>,
    /// The template of the draft; the workspace's usual one if not given.
    pub template: Option<String>,
}

/// Lists incidents. Two statements.
pub async fn list(app: &App, actor: &Actor, filter: &Filter) -> Result<Listing> {
    let _ = (app, actor, filter);
    Err(Error::internal("not built yet"))
}

/// Declares an incident.
pub async fn declare(app: &App, actor: &Actor, declaration: Declaration) -> Result<Incident> {
    let _ = (app, actor, declaration);
    Err(Error::internal("not built yet"))
}

/// One incident with everything its page shows.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let _ = (app, actor, number);
    Err(Error::internal("not built yet"))
}

/// Changes title, summary, kind, severity, services, team or start.
pub async fn edit(app: &App, actor: &Actor, number: IncidentNumber, change: Change) -> Result<Incident> {
    let _ = (app, actor, number, change);
    Err(Error::internal("not built yet"))
}

/// Impact is limited; the response goes on.
pub async fn mitigate(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Incident> {
    let _ = (app, actor, number);
    Err(Error::internal("not built yet"))
}

/// The response ended: the same transaction creates the post-mortem's draft (LIF-04).
pub async fn resolve(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    resolution: Resolution,
) -> Result<Incident> {
    let _ = (app, actor, number, resolution);
    Err(Error::internal("not built yet"))
}

/// It was not over after all. The draft stays.
pub async fn reopen(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Incident> {
    let _ = (app, actor, number);
    Err(Error::internal("not built yet"))
}
