//! Bringing records in: files come, a choice is made, the work is done in the background.

mod choice;
mod upload;

pub(crate) use upload::receive;

use crate::{
    error::{Answer, Failure},
    forms::{Asking, Kept, Submitted},
    render::{Asked, Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
};
use app::{
    Error,
    imports::{self, Outcome, Preview, Progress, Staged},
    incidents,
};
use askama::Template;
use axum::{extract::Multipart, http::StatusCode};
use choice::{Channel, Offer};
use domain::{
    ImportId,
    incident::{Incident, IncidentNumber},
};

#[derive(Template)]
#[template(path = "imports/new.html")]
struct NewPage {
    frame: Frame,
    form: Kept,
    action: String,
    incident: Option<IncidentNumber>,
}

#[derive(Template)]
#[template(path = "imports/choose.html")]
struct ChoosePage {
    frame: Frame,
    form: Kept,
    action: String,
    files: Vec<String>,
    offer: Offer,
}

#[derive(Template)]
#[template(path = "imports/progress.html", blocks = ["state"])]
struct ProgressPage {
    frame: Frame,
    id: ImportId,
    at_work: Option<(String, u32)>,
    outcome: Option<Outcome>,
    failed: Option<String>,
}

/// The form that takes files.
pub(crate) async fn new(visitor: Visitor) -> Answer {
    new_page(&visitor, StatusCode::OK, Kept::default(), None)
}

/// The same, for one incident.
pub(crate) async fn new_for_incident(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    app::sharing::ask(&state.app, visitor.actor(), number, domain::access::Action::Write).await?;
    new_page(&visitor, StatusCode::OK, Kept::default(), Some(number))
}

/// Takes files and looks at them.
pub(crate) async fn upload(state: State, visitor: Visitor, files: Multipart) -> Answer {
    take(&state, &visitor, files, None).await
}

/// The same, for one incident.
pub(crate) async fn upload_for_incident(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    files: Multipart,
) -> Answer {
    take(&state, &visitor, files, Some(number)).await
}

async fn take(state: &State, visitor: &Visitor, files: Multipart, into: Option<IncidentNumber>) -> Answer {
    let act = async {
        let (id, files) = receive(state, visitor.actor(), files).await?;
        imports::stage(&state.app, visitor.actor(), id, files).await
    };
    match act.await {
        Ok(staged) => {
            let into = into.map_or_else(String::new, |number| format!("?incident={number}"));
            go(&format!("{}{into}", urls::import(staged.id)))
        }
        Err(error) => {
            let (status, kept) = Submitted::default().refused(error)?;
            new_page(visitor, status, kept, into)
        }
    }
}

/// What was found and what to choose; how far it is, once the choice is made.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    Asking(asked): Asking,
) -> Answer {
    match imports::progress(&state.app, visitor.actor(), id).await {
        Ok(progress) => html::ok(&progress_page(&visitor, id, progress)),
        Err(Error::NotFound) => {
            let staged = imports::staged(&state.app, visitor.actor(), id).await?;
            let into = asked.text("incident").parse().ok();
            choose_page(&state, &visitor, StatusCode::OK, staged, into, None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the choice and begins.
pub(crate) async fn start(state: State, visitor: Visitor, Id(id): Id<ImportId>, sent: Submitted) -> Answer {
    let act = async {
        let into = choice::incident(&sent)?;
        let selection = choice::selection(&sent, &visitor.zone())?;
        imports::start(&state.app, visitor.actor(), id, selection, into).await
    };
    match act.await {
        Ok(()) => go(&urls::import(id)),
        Err(error) => {
            let (status, kept) = sent.refused(error)?;
            let staged = imports::staged(&state.app, visitor.actor(), id).await?;
            let into = kept.value("incident").parse().ok();
            choose_page(&state, &visitor, status, staged, into, Some(kept)).await
        }
    }
}

/// How far it is: the part that the page asks for twice a second, or the whole page without script.
pub(crate) async fn progress(state: State, visitor: Visitor, asked: Asked, Id(id): Id<ImportId>) -> Answer {
    let progress = imports::progress(&state.app, visitor.actor(), id).await.map_err(Failure)?;
    let page = progress_page(&visitor, id, progress);
    if asked.fragment() { html::ok(&page.as_state()) } else { html::ok(&page) }
}

fn new_page(visitor: &Visitor, status: StatusCode, form: Kept, incident: Option<IncidentNumber>) -> Answer {
    let frame = visitor.frame("Bring in records", Room::Incidents);
    let action = incident.map_or_else(|| "/imports".to_owned(), urls::import_into);
    html::with(status, &NewPage { frame, form, action, incident })
}

fn progress_page(visitor: &Visitor, id: ImportId, progress: Progress) -> ProgressPage {
    let frame = visitor.frame("Bringing in records", Room::Incidents);
    let empty = ProgressPage { frame, id, at_work: None, outcome: None, failed: None };
    match progress {
        Progress::Running { doing, share } => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0–100")]
            let percent = (share.clamp(0.0, 1.0) * 100.0) as u32;
            ProgressPage { at_work: Some((doing, percent)), ..empty }
        }
        Progress::Done(outcome) => ProgressPage { outcome: Some(outcome), ..empty },
        Progress::Failed { message } => ProgressPage { failed: Some(message), ..empty },
    }
}

async fn choose_page(
    state: &State,
    visitor: &Visitor,
    status: StatusCode,
    staged: Staged,
    into: Option<IncidentNumber>,
    kept: Option<Kept>,
) -> Answer {
    let incident = match into {
        Some(number) => find(state, visitor, number).await?,
        None => None,
    };
    let offer = match staged.preview {
        Preview::Pagerduty { incidents, not_understood } => Offer::Pagerduty { incidents, not_understood },
        Preview::Records { found, incidents, not_understood, table } => Offer::Records {
            found,
            incidents,
            not_understood,
            table: table.map(|head| Box::new((*head).into())),
        },
        Preview::Slack { channels } => Offer::Slack { channels: Channel::all(channels, incident.as_ref()) },
    };
    let form = kept.unwrap_or_else(|| choice::beginning(&offer, incident.as_ref(), into, &visitor.zone()));
    let page = ChoosePage {
        frame: visitor.frame("Choose what to bring in", Room::Incidents),
        form,
        action: urls::import(staged.id),
        files: staged.files.into_iter().map(|file| file.name).collect(),
        offer,
    };
    html::with(status, &page)
}

/// The incident that records are brought into, for the window around it.
async fn find(state: &State, visitor: &Visitor, number: IncidentNumber) -> Answer<Option<Incident>> {
    let filter = incidents::Filter { words: Some(number.to_string()), ..incidents::Filter::default() };
    let listing = incidents::list(&state.app, visitor.actor(), &filter).await?;
    Ok(listing.rows.into_iter().map(|row| row.incident).find(|incident| incident.number == number))
}
