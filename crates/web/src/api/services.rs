//! Services and who is on call for them.

use super::{
    body::{Body, created, ok},
    views::All,
};
use crate::{
    error::{Answer, Failure},
    session::Caller,
    state::State,
    urls::Id,
};
use app::{
    Error,
    on_call::{self, NamedBytes},
    services::{self, Service},
};
use axum::body::Bytes;
use domain::{Instant, PersonId, ServiceId, TeamId, access::Actor};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct TeamView {
    id: TeamId,
    name: String,
}

#[derive(Serialize)]
struct RowView {
    id: ServiceId,
    name: String,
    team: Option<TeamView>,
    on_call: Vec<String>,
}

#[derive(Serialize)]
struct DutyView {
    id: String,
    person: Option<PersonId>,
    name: String,
    level: i64,
    from: Instant,
    to: Option<Instant>,
    source: String,
    schedule: String,
}

#[derive(Serialize)]
struct IncidentView {
    number: String,
    title: String,
    declared_at: Instant,
}

/// What a service is or was called.
#[derive(Serialize)]
struct CalledView {
    name: String,
    from: Instant,
    until: Option<Instant>,
}

#[derive(Serialize)]
struct ShownView {
    id: ServiceId,
    name: String,
    names: Vec<CalledView>,
    team: Option<TeamView>,
    on_call: Vec<DutyView>,
    incidents: Vec<IncidentView>,
}

fn team(service: &Service) -> Option<TeamView> {
    service.team.as_ref().map(|(id, name)| TeamView { id: *id, name: name.clone() })
}

/// All services, each with who is on call now.
pub(super) async fn list(state: State, Caller(actor): Caller) -> Answer {
    let (rows, _) = services::list(&state.app, &actor).await?;
    let view = |row: services::Row| RowView {
        id: row.service.id,
        name: row.service.name.to_string(),
        team: team(&row.service),
        on_call: row.on_call,
    };
    ok(&All { items: rows.into_iter().map(view).collect() })
}

/// One service.
pub(super) async fn show(state: State, Caller(actor): Caller, Id(id): Id<ServiceId>) -> Answer {
    let shown = services::show(&state.app, &actor, id).await?;
    let duty = |it: services::Duty| DutyView {
        id: it.id.to_string(),
        person: it.duty.person,
        name: it.duty.name,
        level: it.duty.level,
        from: it.duty.from,
        to: it.duty.to,
        source: it.source,
        schedule: it.rota,
    };
    let incident = |it: services::Named| IncidentView {
        number: it.number.to_string(),
        title: it.title,
        declared_at: it.at,
    };
    ok(&ShownView {
        id,
        name: shown.service.name.to_string(),
        names: shown
            .called
            .into_iter()
            .map(|it| CalledView { name: it.name, from: it.from, until: it.until })
            .collect(),
        team: team(&shown.service),
        on_call: shown.duties.into_iter().map(duty).collect(),
        incidents: shown.incidents.into_iter().map(incident).collect(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    #[serde(default)]
    name: String,
    team: Option<TeamId>,
}

#[derive(Serialize)]
struct Made {
    id: ServiceId,
    name: String,
}

/// Makes a service.
pub(super) async fn create(state: State, Caller(actor): Caller, Body(new): Body<New>) -> Answer {
    let id = services::create(&state.app, &actor, &new.name, new.team).await?;
    created(&Made { id, name: new.name })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewName {
    #[serde(default)]
    name: String,
}

/// Gives a service another name; what it was called still finds it.
pub(super) async fn rename(
    state: State,
    Caller(actor): Caller,
    Id(id): Id<ServiceId>,
    Body(new): Body<NewName>,
) -> Answer {
    services::rename(&state.app, &actor, id, &new.name).await?;
    changed(state, actor, id).await
}

/// A service after a change of it. Who may change need not be who may read: they are told that it is done.
async fn changed(state: State, actor: Actor, id: ServiceId) -> Answer {
    match show(state, Caller(actor), Id(id)).await {
        Err(Failure(Error::Forbidden)) => ok(&serde_json::json!({ "id": id })),
        shown => shown,
    }
}

/// Ends a service: incidents keep its name, and who was on call stays in the record.
pub(super) async fn end(state: State, Caller(actor): Caller, Id(id): Id<ServiceId>) -> Answer {
    services::end(&state.app, &actor, id).await?;
    ok(&serde_json::json!({ "id": id }))
}

/// Somebody on call, entered by hand: a person with an account, or a name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDuty {
    person: Option<PersonId>,
    #[serde(default)]
    name: String,
    #[serde(default = "first")]
    level: i64,
    from: Instant,
    to: Option<Instant>,
}

const fn first() -> i64 {
    1
}

/// Writes down who is on call.
pub(super) async fn add_duty(
    state: State,
    Caller(actor): Caller,
    Id(id): Id<ServiceId>,
    Body(NewDuty { person, name, level, from, to }): Body<NewDuty>,
) -> Answer {
    on_call::add(&state.app, &actor, id, on_call::New { person, name, level, from, to }).await?;
    changed(state, actor, id).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfDuty {
    duty: String,
}

/// Takes back who is on call, where it was entered by hand.
pub(super) async fn remove_duty(
    state: State,
    Caller(actor): Caller,
    Id(id): Id<ServiceId>,
    Body(OfDuty { duty }): Body<OfDuty>,
) -> Answer {
    let duty =
        duty.parse().map_err(|_| Error::invalid("duty", "This is the id of a duty of this service."))?;
    on_call::remove(&state.app, &actor, id, duty).await?;
    changed(state, actor, id).await
}

#[derive(Serialize)]
struct OutcomeView {
    services: Vec<String>,
    duties: usize,
    unknown: Vec<String>,
}

/// Brings a schedule in; the file is the body.
pub(super) async fn bring_in(
    state: State,
    Caller(actor): Caller,
    Id(id): Id<ServiceId>,
    file: Bytes,
) -> Answer {
    let files = [NamedBytes { name: "the body".into(), bytes: file.to_vec() }];
    let outcome = on_call::import(&state.app, &actor, &files, &[id.to_string()]).await?;
    ok(&OutcomeView { services: outcome.services, duties: outcome.duties, unknown: outcome.unknown })
}
