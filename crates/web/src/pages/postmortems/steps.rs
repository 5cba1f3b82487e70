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
use axum::http::StatusCode;
use domain::{PersonId, incident::IncidentNumber, postmortem::Step};

#[derive(Template)]
#[template(path = "postmortems/owner.html")]
struct OwnerPage {
    frame: Frame,
    form: Kept,
    number: String,
    url: String,
    people: Vec<(String, String)>,
    /// Whom to think of: id, name, why.
    candidates: Vec<(String, String, String)>,
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
            let done =
                crate::pages::language::notice(&state, &visitor, Some(number), &words, surface, "renamed")
                    .await;
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
    owner_page(&state, &visitor, number, StatusCode::OK, Kept::default()).await
}

async fn owner_page(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    status: StatusCode,
    form: Kept,
) -> Answer {
    let candidates = app::on_call::candidates(&state.app, visitor.actor(), number).await?;
    let people = choices::people(state, visitor).await?;
    let candidates = candidates.iter().filter_map(|it| Some((it.then.duty.person?.to_string(), reason(it))));
    let candidates = candidates.filter_map(|(id, why)| {
        let name = people.iter().find(|(it, _)| *it == id).map(|(_, name)| name.clone())?;
        Some((id, name, why))
    });
    let page = OwnerPage {
        candidates: candidates.collect(),
        frame: visitor.frame(format!("Owner of {number}"), Room::Incidents),
        form,
        number: number.to_string(),
        url: format!("/postmortems/{number}"),
        people,
    };
    html::with(status, &page)
}

/// Why to think of somebody (OWN-05): on call then, for a service that was affected.
fn reason(candidate: &app::on_call::Candidate) -> String {
    let place = match candidate.then.duty.level {
        1 => "asked first".to_owned(),
        level => format!("asked as number {level}"),
    };
    let affected = match candidate.affected.as_minutes() {
        0 => String::new(),
        minutes if candidate.most => format!("; it was affected longest, {minutes} min"),
        minutes => format!("; it was affected for {minutes} min"),
    };
    format!("was on call for {} then, {place}{affected}", candidate.then.service)
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
    owner_page(&state, &visitor, number, status, form).await
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
