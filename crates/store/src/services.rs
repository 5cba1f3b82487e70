//! Services: what they are and were called, who looks after them, and which incidents name them. A service ends; it is
//! not deleted.

use crate::{
    incidents::names,
    sql::{row, rows, run},
    statement::{Statement, words},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, ServiceId, TeamId,
    access::Sight,
    incident::IncidentNumber,
    team::{GroupName, compared},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// So many incidents whose words fit are looked at, the newest first.
const LOOKED_AT: i64 = 500;

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Which one.
    pub id: ServiceId,
    /// What it is called.
    pub name: GroupName,
    /// The team that looks after it.
    pub team: Option<(TeamId, String)>,
}

type Row = (Uuid, String, Option<Uuid>, Option<String>);

fn service((id, name, team, team_name): Row) -> Result<Service> {
    let name = name.parse().map_err(|_| Error::unknown("the name of a service", name))?;
    Ok(Service { id: ServiceId(id), name, team: team.map(TeamId).zip(team_name) })
}

/// The services that have not ended, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Service>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT s.id, s.name, t.id, t.name FROM services s
         LEFT JOIN teams t ON t.id = s.team AND t.ended_at IS NULL
         WHERE s.ended_at IS NULL ORDER BY s.matches, s.id"
    )?;
    rows.into_iter().map(service).collect()
}

/// A service that has not ended.
pub async fn find(tx: &mut Tx, id: ServiceId) -> Result<Option<Service>> {
    let found = row!(
        tx,
        Row,
        "SELECT s.id, s.name, t.id, t.name FROM services s
         LEFT JOIN teams t ON t.id = s.team AND t.ended_at IS NULL
         WHERE s.id = $1 AND s.ended_at IS NULL",
        id.0
    )?;
    found.map(service).transpose()
}

/// What a service is or was called for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The name.
    pub name: String,
    /// From then on.
    pub from: Instant,
    /// Until then; `None`: it still is.
    pub until: Option<Instant>,
}

/// A service that has not ended, with everything it was ever called, the newest name first. One statement.
pub async fn with_names(tx: &mut Tx, id: ServiceId) -> Result<Option<(Service, Vec<Called>)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
        name: String,
        team: Option<Uuid>,
        team_name: Option<String>,
        called: String,
        from_at: i64,
        until: Option<i64>,
    }
    let rows = rows!(
        tx,
        Row,
        "SELECT s.id, s.name, t.id AS team, t.name AS team_name, n.name AS called, n.from_at, n.until
         FROM services s JOIN service_names n ON n.service = s.id
         LEFT JOIN teams t ON t.id = s.team AND t.ended_at IS NULL
         WHERE s.id = $1 AND s.ended_at IS NULL
         ORDER BY n.until IS NULL DESC, n.from_at DESC, n.until DESC, n.id DESC",
        id.0
    )?;
    let Some(first) = rows.first() else { return Ok(None) };
    let found = service((first.id, first.name.clone(), first.team, first.team_name.clone()))?;
    let called = |row: Row| Called {
        name: row.called,
        from: Instant::from_micros(row.from_at),
        until: row.until.map(Instant::from_micros),
    };
    Ok(Some((found, rows.into_iter().map(called).collect())))
}

/// Every name that finds a service: what each is called now, and was before.
pub async fn names_that_hold(tx: &mut Tx) -> Result<Vec<(ServiceId, GroupName)>> {
    let rows = rows!(
        tx,
        (Uuid, String),
        "SELECT service, name FROM service_names WHERE holds ORDER BY until IS NULL DESC, from_at DESC, id"
    )?;
    let name = |(id, name): (Uuid, String)| match name.parse() {
        Ok(known) => Ok((ServiceId(id), known)),
        Err(_) => Err(Error::unknown("the name of a service", name)),
    };
    rows.into_iter().map(name).collect()
}

/// Keeps a new service; `false` if one is or was called so.
pub async fn add(
    tx: &mut Tx,
    id: ServiceId,
    name: &GroupName,
    team: Option<TeamId>,
    at: Instant,
) -> Result<bool> {
    let added = run!(
        tx,
        "INSERT INTO services (id, name, matches, team, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        id.0,
        name.as_str(),
        name.matches(),
        team.map(|team| team.0),
        at.as_micros()
    )?;
    Ok(added == 1 && call(tx, id.0, id, name, at).await?)
}

/// Gives a service another name from `at` on; what it was called still finds it. `false` if another service is or was
/// called so. The transaction must not be committed then. `row` is new; the row of the first name is the service's own id.
pub async fn rename(
    tx: &mut Tx,
    id: ServiceId,
    row: ServiceId,
    name: &GroupName,
    at: Instant,
) -> Result<bool> {
    // Another change of the same service waits here, on every node, and sees this one then.
    run!(tx, "UPDATE services SET name = $2 WHERE id = $1", id.0, name.as_str())?;
    end_name(tx, id, at).await?;
    // A name that comes back is held by its newest row.
    run!(
        tx,
        "UPDATE service_names SET holds = FALSE WHERE service = $1 AND matches = $2",
        id.0,
        name.matches()
    )?;
    if !call(tx, row.0, id, name, at).await? {
        return Ok(false);
    }
    run!(tx, "UPDATE services SET matches = $2 WHERE id = $1", id.0, name.matches())?;
    Ok(true)
}

/// What a service is called now ends.
async fn end_name(tx: &mut Tx, id: ServiceId, at: Instant) -> Result<()> {
    run!(
        tx,
        "UPDATE service_names SET until = $2 WHERE service = $1 AND until IS NULL",
        id.0,
        at.as_micros()
    )?;
    Ok(())
}

async fn call(tx: &mut Tx, row: Uuid, id: ServiceId, name: &GroupName, at: Instant) -> Result<bool> {
    let added = run!(
        tx,
        "INSERT INTO service_names (id, service, name, matches, from_at, holds) VALUES ($1, $2, $3, $4, $5, TRUE)
         ON CONFLICT DO NOTHING",
        row,
        id.0,
        name.as_str(),
        name.matches(),
        at.as_micros()
    )?;
    Ok(added == 1)
}

/// Says which team looks after a service.
pub async fn set_team(tx: &mut Tx, id: ServiceId, team: Option<TeamId>) -> Result<()> {
    run!(tx, "UPDATE services SET team = $2 WHERE id = $1", id.0, team.map(|team| team.0))?;
    Ok(())
}

/// Ends a service. Its names are free again; who was on call for it stays in the record.
pub async fn end(tx: &mut Tx, id: ServiceId, at: Instant) -> Result<()> {
    run!(
        tx,
        "UPDATE services SET ended_at = $2, matches = $3 WHERE id = $1",
        id.0,
        at.as_micros(),
        id.to_string()
    )?;
    run!(tx, "UPDATE service_names SET holds = FALSE WHERE service = $1", id.0)?;
    end_name(tx, id, at).await
}

/// An incident that names a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its number.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// When it was declared.
    pub at: Instant,
}

/// Incidents that `sight` sees and that use one of `called`, the newest first, at most `most`. One statement.
pub async fn incidents(tx: &mut Tx, called: &[Called], sight: Sight, most: usize) -> Result<Vec<Named>> {
    let wanted: BTreeSet<String> = called.iter().map(|it| compared(&it.name)).collect();
    let mut statement =
        Statement::new("SELECT i.number, i.title, i.declared_at, i.services FROM incidents i WHERE ");
    statement.seen(sight).text(" AND (1 = 0");
    for name in &wanted {
        statement.text(" OR (1 = 1").containing("i.words", &words(Some(name))).text(")");
    }
    statement.text(") ORDER BY i.declared_at DESC, i.number DESC LIMIT ").bind(LOOKED_AT);
    let rows: Vec<(i64, String, i64, String)> = statement.rows(tx).await?;
    let mut found = Vec::new();
    for (number, title, at, services) in rows {
        if found.len() < most && names(&services)?.iter().any(|it| wanted.contains(&compared(it))) {
            found.push(Named { number: IncidentNumber(number), title, at: Instant::from_micros(at) });
        }
    }
    Ok(found)
}
