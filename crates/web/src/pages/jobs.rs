//! Jobs that did not succeed, for administrators: why, and what to do about each.

use crate::{
    error::Answer,
    forms::Asking,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::Id,
};
use app::jobs::{self, GivenUp};
use askama::Template;
use domain::JobId;

#[derive(Template)]
#[template(path = "settings/jobs.html")]
struct JobsPage {
    frame: Frame,
    done: Option<&'static str>,
    jobs: Vec<GivenUp>,
}

/// The jobs that were given up.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "again" => Some(
            "The job begins anew now. If it fails again, it is tried for some hours and then comes back here.",
        ),
        "left" => Some("The job is left undone."),
        _ => None,
    };
    let jobs = jobs::given_up(&state.app, visitor.actor()).await?;
    html::ok(&JobsPage { frame: visitor.frame("Jobs that did not succeed", Room::Settings), done, jobs })
}

/// Begins one anew.
pub(crate) async fn retry(state: State, visitor: Visitor, Id(id): Id<JobId>) -> Answer {
    jobs::retry(&state.app, visitor.actor(), id).await?;
    go("/settings/jobs?done=again")
}

/// Leaves one undone.
pub(crate) async fn forget(state: State, visitor: Visitor, Id(id): Id<JobId>) -> Answer {
    jobs::forget(&state.app, visitor.actor(), id).await?;
    go("/settings/jobs?done=left")
}
