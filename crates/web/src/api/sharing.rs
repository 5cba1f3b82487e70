//! Who can see an incident and what people are to it; teams.

use super::{
    body::{Body, created, key, ok},
    views::All,
};
use crate::{
    error::Answer,
    session::Caller,
    state::State,
    urls::{Id, Number},
};
use app::{
    sharing::{self, Choice},
    teams,
};
use domain::{Instant, PersonId, TeamId, access::Part};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Named<T> {
    id: T,
    name: String,
}

#[derive(Serialize)]
struct PartView {
    part: Part,
    person: PersonId,
    name: String,
}

#[derive(Serialize)]
struct NarrowedView {
    reason: String,
    since: Instant,
    by: Option<String>,
    until: Option<Instant>,
}

#[derive(Serialize)]
struct OpeningView {
    name: String,
    at: Instant,
    ends_at: Instant,
    reason: String,
}

#[derive(Serialize)]
struct WhoView {
    number: String,
    narrowed: Option<NarrowedView>,
    people: Vec<Named<PersonId>>,
    teams: Vec<Named<TeamId>>,
    parts: Vec<PartView>,
    proposed: Vec<Named<PersonId>>,
    openings: Vec<OpeningView>,
}

/// Everybody about an incident.
pub(super) async fn show(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    let shown = sharing::show(&state.app, &actor, number).await?;
    let who = shown.who;
    let named = |all: Vec<(PersonId, String)>| all.into_iter().map(|(id, name)| Named { id, name }).collect();
    ok(&WhoView {
        number: number.to_string(),
        narrowed: who.narrowed.map(|it| NarrowedView {
            reason: it.reason,
            since: it.since,
            by: it.by,
            until: it.until,
        }),
        people: named(who.named),
        teams: who.teams.into_iter().map(|(id, name)| Named { id, name }).collect(),
        parts: who.parts.into_iter().map(|(part, person, name)| PartView { part, person, name }).collect(),
        proposed: named(shown.proposed),
        openings: who
            .openings
            .into_iter()
            .map(|it| OpeningView { name: it.name, at: it.at, ends_at: it.ends_at, reason: it.reason })
            .collect(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Narrowing {
    reason: String,
    until: Option<Instant>,
    #[serde(default)]
    people: Vec<PersonId>,
    #[serde(default)]
    teams: Vec<TeamId>,
}

/// Narrows who sees it.
pub(super) async fn narrow(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(wanted): Body<Narrowing>,
) -> Answer {
    let Narrowing { reason, until, people, teams } = wanted;
    sharing::narrow(&state.app, &actor, number, Choice { reason, until, people, teams }).await?;
    ok(&DONE)
}

/// Lets everybody see it again.
pub(super) async fn widen(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    sharing::widen(&state.app, &actor, number).await?;
    ok(&DONE)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    person: PersonId,
    part: String,
}

impl Given {
    fn part(&self) -> Result<Part, app::Error> {
        key("part", &self.part, Part::from_key, "facilitator, responder, participant")
    }
}

/// Gives somebody a part.
pub(super) async fn give(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(given): Body<Given>,
) -> Answer {
    sharing::give_part(&state.app, &actor, number, given.person, given.part()?).await?;
    ok(&DONE)
}

/// What a change answers: who may change need not be who may read.
#[derive(Serialize)]
struct Done {
    done: bool,
}

const DONE: Done = Done { done: true };

/// Takes a part from somebody.
pub(super) async fn take(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(given): Body<Given>,
) -> Answer {
    sharing::take_part(&state.app, &actor, number, given.person, given.part()?).await?;
    ok(&DONE)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    reason: String,
}

/// Looks into an incident that was narrowed to others.
pub(super) async fn look_into(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(look): Body<Look>,
) -> Answer {
    sharing::look_into(&state.app, &actor, number, &look.reason).await?;
    ok(&DONE)
}

#[derive(Serialize)]
struct TeamView {
    id: TeamId,
    name: String,
    members: Vec<Named<PersonId>>,
}

/// All teams.
pub(super) async fn teams(state: State, Caller(actor): Caller) -> Answer {
    let teams = teams::list(&state.app, &actor).await?;
    let view = |team: teams::Team| TeamView {
        id: team.id,
        name: team.name.to_string(),
        members: team.members.into_iter().map(|(id, name)| Named { id, name }).collect(),
    };
    ok(&All { items: teams.into_iter().map(view).collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTeam {
    name: String,
}

/// Makes a team.
pub(super) async fn create_team(state: State, Caller(actor): Caller, Body(new): Body<NewTeam>) -> Answer {
    let id = teams::create(&state.app, &actor, &new.name).await?;
    created(&Named { id, name: new.name })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    person: PersonId,
}

/// Takes somebody into a team.
pub(super) async fn take_in(
    state: State,
    Caller(actor): Caller,
    Id(team): Id<TeamId>,
    Body(member): Body<Member>,
) -> Answer {
    teams::take_in(&state.app, &actor, team, member.person).await?;
    ok(&DONE)
}

/// Lets somebody leave a team.
pub(super) async fn let_go(
    state: State,
    Caller(actor): Caller,
    Id(team): Id<TeamId>,
    Body(member): Body<Member>,
) -> Answer {
    teams::let_go(&state.app, &actor, team, member.person).await?;
    ok(&DONE)
}
