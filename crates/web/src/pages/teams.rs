//! Teams: who is in them.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::Id,
};
use app::{
    Error,
    teams::{self, Team},
};
use askama::Template;
use axum::http::StatusCode;
use domain::{PersonId, TeamId, person::Person};

#[derive(Template)]
#[template(path = "teams/list.html")]
struct TeamsPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    teams: Vec<Team>,
    people: Vec<Person>,
}

/// All teams.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "made" => Some("The team is there. Take people in below."),
        "in" => Some("They are in the team and see what is open to it from now on."),
        "out" => Some("They have left the team. What they saw only through it is closed to them."),
        "ended" => Some("The team has ended. Its name stays wherever it was written."),
        _ => None,
    };
    page(&state, &visitor, StatusCode::OK, Kept::default(), done).await
}

/// Makes a team.
pub(crate) async fn create(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let result = teams::create(&state.app, visitor.actor(), sent.text("name")).await;
    after(&state, &visitor, &sent, result.map(drop), "made").await
}

/// Takes somebody in.
pub(crate) async fn take_in(state: State, visitor: Visitor, Id(team): Id<TeamId>, sent: Submitted) -> Answer {
    let act = async { teams::take_in(&state.app, visitor.actor(), team, person(&sent)?).await };
    after(&state, &visitor, &sent, act.await, "in").await
}

/// Lets somebody leave.
pub(crate) async fn let_go(state: State, visitor: Visitor, Id(team): Id<TeamId>, sent: Submitted) -> Answer {
    let act = async { teams::let_go(&state.app, visitor.actor(), team, person(&sent)?).await };
    after(&state, &visitor, &sent, act.await, "out").await
}

/// Ends a team.
pub(crate) async fn end(state: State, visitor: Visitor, Id(team): Id<TeamId>) -> Answer {
    let result = teams::end(&state.app, visitor.actor(), team).await;
    after(&state, &visitor, &Submitted::default(), result, "ended").await
}

fn person(sent: &Submitted) -> Result<PersonId, Error> {
    sent.value("person", "Choose somebody from the list.")
}

async fn after(
    state: &State,
    visitor: &Visitor,
    sent: &Submitted,
    result: Result<(), Error>,
    key: &str,
) -> Answer {
    match result {
        Ok(()) => go(&format!("/settings/teams?done={key}")),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(state, visitor, status, form, None).await
        }
    }
}

async fn page(
    state: &State,
    visitor: &Visitor,
    status: StatusCode,
    form: Kept,
    done: Option<&'static str>,
) -> Answer {
    let mut people = app::people::list(&state.app, visitor.actor()).await?;
    people.retain(|person| !person.deactivated);
    let teams = teams::list(&state.app, visitor.actor()).await?;
    let frame = visitor.frame("Teams", Room::Settings);
    html::with(status, &TeamsPage { frame, done, form, teams, people })
}
