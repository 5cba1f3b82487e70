//! A post-mortem's headline, its owner, and its way from draft to published.

use super::write::{key, write_page};
use crate::{
    error::Answer,
    forms::{Kept, Submitted},
    pages::choices,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::Number,
};
use app::{Error, postmortems};
use askama::Template;
use domain::{PersonId, access::Action, incident::IncidentNumber, postmortem::Step};

#[derive(Template)]
#[template(path = "postmortems/owner.html")]
struct OwnerPage {
    frame: Frame,
    form: Kept,
    number: String,
    url: String,
    people: Vec<(String, String)>,
}

fn edit_url(number: IncidentNumber, done: &str) -> String {
    format!("/postmortems/{number}/edit?done={done}")
}

/// Begins the post-mortem of an incident that has none.
pub(crate) async fn create(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    postmortems::create(&state.app, visitor.actor(), number, None).await?;
    go(&edit_url(number, "created"))
}

/// Gives it another headline.
pub(crate) async fn rename(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let revision = sent.text("revision").parse().unwrap_or_default();
    match postmortems::rename(&state.app, visitor.actor(), number, revision, sent.text("title")).await {
        Ok(_) => {
            let words = [sent.text("title")];
            let surface = app::language::Surface::Narrative;
            let done = crate::pages::language::notice(&state, &visitor, &words, surface, "renamed").await;
            go(&edit_url(number, &done))
        }
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            write_page(&state, &visitor, number, status, form, None).await
        }
    }
}

/// The form that hands it to somebody.
pub(crate) async fn owner(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    app::sharing::ask(&state.app, visitor.actor(), number, Action::Write).await?;
    let people = choices::people(&state, &visitor).await?;
    let frame = visitor.frame(format!("Owner of {number}"), Room::Incidents);
    let url = format!("/postmortems/{number}");
    html::ok(&OwnerPage { frame, form: Kept::default(), number: number.to_string(), url, people })
}

/// Gives it to one person.
pub(crate) async fn hand_to(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let act = async {
        let owner: PersonId = sent.value("owner", "Choose one person.")?;
        postmortems::hand_to(&state.app, visitor.actor(), number, owner).await
    };
    let error = match act.await {
        Ok(_) => return go(&edit_url(number, "handed")),
        Err(error) => error,
    };
    let (status, form) = sent.refused(error)?;
    let people = choices::people(&state, &visitor).await?;
    let frame = visitor.frame(format!("Owner of {number}"), Room::Incidents);
    let url = format!("/postmortems/{number}");
    html::with(status, &OwnerPage { frame, form, number: number.to_string(), url, people })
}

/// Asks for review, goes back to writing, or publishes.
pub(crate) async fn step(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let revision = sent.text("revision").parse().unwrap_or_default();
    let steps = [Step::AskForReview, Step::BackToDraft, Step::Publish];
    let step = steps.into_iter().find(|step| key(*step) == sent.text("step"));
    let step = step.ok_or_else(|| Error::invalid("step", "This step is not known."))?;
    match postmortems::step(&state.app, visitor.actor(), number, revision, step).await {
        Ok(_) if step == Step::Publish => go(&format!("/postmortems/{number}?done=published")),
        Ok(_) => go(&edit_url(number, if step == Step::AskForReview { "in-review" } else { "draft" })),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            write_page(&state, &visitor, number, status, form, None).await
        }
    }
}
