//! Services, the team that looks after each, and the incidents that name them.
//!
//! Incidents name their services in words. A service is found by its name as it is compared (without capitals
//! and blanks), so that incidents from before it was entered belong to it as well. What it was called before finds it
//! too, and no two services share a name, be it of now or of before.

use crate::{
    App, Error, Result,
    sign_in::record,
    teams::{chosen, refuse_lookalike},
};
use domain::{
    ServiceId, TeamId,
    access::{Action, Actor},
};
use serde_json::json;
pub use store::on_call::Stored as Duty;
pub use store::services::{Called, Named, Service};
use store::{Tx, on_call, services as table, sharing, teams};

/// How many services there can be.
const MOST: usize = 2_000;
/// How many names a service can have had.
const NAMES: usize = 50;
/// How many duties and incidents a page shows.
const SHOWN: usize = 100;

/// A service in the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The service.
    pub service: Service,
    /// Who is on call for it now, those asked first first.
    pub on_call: Vec<String>,
}

/// A service with everything its page shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The service.
    pub service: Service,
    /// What it was ever called, the name of now first.
    pub called: Vec<Called>,
    /// Who is on call now and later, and was in the last 30 days; the earliest first.
    pub duties: Vec<Duty>,
    /// Incidents that name it, as far as the actor sees them, the newest first.
    pub incidents: Vec<Named>,
    /// Everybody with an open account, by name.
    pub people: Vec<(domain::PersonId, String)>,
    /// All teams, by name.
    pub teams: Vec<(TeamId, String)>,
}

/// All services, by name, and all teams to choose from. Three statements.
pub async fn list(app: &App, actor: &Actor) -> Result<(Vec<Row>, Vec<(TeamId, String)>)> {
    let mut tx = app.read(actor, Action::Read).await?;
    let services = table::all(&mut tx).await?;
    let now = on_call::now(&mut tx, app.now()).await?;
    let (_, teams) = sharing::choices(&mut tx).await?;
    let row = |service: Service| {
        let of = now.iter().filter(|(id, ..)| *id == service.id);
        Row { on_call: of.map(|(.., name)| name.clone()).collect(), service }
    };
    Ok((services.into_iter().map(row).collect(), teams))
}

/// One service. Four statements.
pub async fn show(app: &App, actor: &Actor, id: ServiceId) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let (service, called) = table::with_names(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let since = app.now().plus(domain::instant::Span::days(-30));
    let most = i64::try_from(SHOWN).unwrap_or(i64::MAX);
    let duties = on_call::after(&mut tx, id, since, most).await?;
    let incidents = table::incidents(&mut tx, &called, app.sight(actor), SHOWN).await?;
    let (people, teams) = sharing::choices(&mut tx).await?;
    Ok(Shown { service, called, duties, incidents, people, teams })
}

/// Makes a service. Its name has 1 to 100 characters and belongs to no other, nor ever did.
pub async fn create(app: &App, actor: &Actor, name: &str, team: Option<TeamId>) -> Result<ServiceId> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let name = chosen(name)?;
    team_is_here(&mut tx, team).await?;
    let called = table::names_that_hold(&mut tx).await?;
    refuse_lookalike(&name, called.iter().map(|(_, it)| it))?;
    if table::all(&mut tx).await?.len() >= MOST {
        return Err(Error::conflict("There are 2,000 services. End one that is gone first."));
    }
    let (now, id) = (app.now(), ServiceId::new(app.now(), app.random()));
    if !table::add(&mut tx, id, &name, team, now).await? {
        return Err(taken());
    }
    record(&mut tx, now, actor, "service.create", id, &json!({ "name": name, "team": team })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives a service another name. What it was called still finds it: in incidents, in schedules that are brought in, in
/// requests. Its own earlier names are open to it, those of other services are not.
pub async fn rename(app: &App, actor: &Actor, id: ServiceId, name: &str) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let (service, called) = table::with_names(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let name = chosen(name)?;
    if name == service.name {
        return Ok(());
    }
    let others = table::names_that_hold(&mut tx).await?;
    refuse_lookalike(&name, others.iter().filter(|(of, _)| *of != id).map(|(_, it)| it))?;
    if called.len() >= NAMES {
        return Err(Error::conflict("This service had 50 names already. Nothing was changed."));
    }
    let now = app.now();
    if !table::rename(&mut tx, id, ServiceId::new(now, app.random()), &name, now).await? {
        return Err(taken());
    }
    let detail = json!({ "name": { "old": service.name, "new": name } });
    record(&mut tx, now, actor, "service.rename", id, &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// The same words whether a service is called so or was.
fn taken() -> Error {
    Error::invalid("name", "A service has this name already, or had it before. Choose another.")
}

/// Says which team looks after a service, or that none does.
pub async fn set_team(app: &App, actor: &Actor, id: ServiceId, team: Option<TeamId>) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let service = table::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    team_is_here(&mut tx, team).await?;
    table::set_team(&mut tx, id, team).await?;
    let detail = json!({ "name": service.name, "team": team });
    record(&mut tx, app.now(), actor, "service.set_team", id, &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a service. Incidents keep its name, and who was on call for it stays in the record.
pub async fn end(app: &App, actor: &Actor, id: ServiceId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let service = table::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    table::end(&mut tx, id, app.now()).await?;
    record(&mut tx, app.now(), actor, "service.end", id, &json!({ "name": service.name })).await?;
    tx.commit().await?;
    Ok(())
}

async fn team_is_here(tx: &mut Tx, team: Option<TeamId>) -> Result<()> {
    let Some(team) = team else { return Ok(()) };
    let found = teams::find(tx, team).await?;
    found.map(drop).ok_or_else(|| Error::invalid("team", "Choose a team from the list."))
}
