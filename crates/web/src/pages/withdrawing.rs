//! Taking a passage out for good: what would go is shown first, and whoever wrote it confirms (PER-02). For the
//! words of others: asking them, or telling whoever leads the debrief (PER-04).

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
};
use app::{
    Error,
    reports::{self, To},
    sealed::Surface,
    withdrawing::{self, Looked, Where},
};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use domain::{SealedId, incident::IncidentNumber};

#[derive(Template)]
#[template(path = "incidents/withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    form: Kept,
    number: String,
    /// Where one came from.
    back: String,
    surface: &'static str,
    subject: String,
    /// “the document”, “this event”.
    place: &'static str,
    /// What was found, once there are words to look for.
    looked: Option<Shown>,
}

struct Shown {
    words: String,
    /// Where it stands, in words.
    stands: String,
    own: bool,
    author: Option<String>,
}

/// Where the words stand, as a form says it: the sort of place, and the id of an event, an idea or an account.
fn place_of(sent: &Submitted) -> Result<(Surface, Option<SealedId>), Error> {
    let surface = match sent.text("surface") {
        "" => Surface::Document,
        key => Surface::from_key(key).ok_or(Error::NotFound)?,
    };
    let subject = match sent.filled("subject") {
        Some(id) => Some(id.parse().map_err(|_| Error::NotFound)?),
        None => None,
    };
    Ok((surface, subject))
}

fn where_of(surface: Surface, subject: Option<SealedId>) -> Result<Where, Error> {
    reports::place(surface, subject.map(|id| id.0)).ok_or(Error::NotFound)
}

/// The form for words that are not chosen yet. Words are never in an address, which logs and histories keep.
pub(crate) async fn form(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let (surface, subject) = place_of(&asked)?;
    page(&state, &visitor, number, (surface, subject), StatusCode::OK, Kept::default(), None).await
}

/// Shows what would go, and takes it out once that was seen. Words that nobody saved yet are sealed at once.
pub(crate) async fn withdraw(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let at = place_of(&sent)?;
    if sent.text("sure") == "unsaved" {
        withdrawing::set_aside(&state.app, visitor.actor(), number, at.0, sent.raw("words")).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let place = where_of(at.0, at.1)?;
    let (app, actor, words) = (&state.app, visitor.actor(), sent.raw("words"));
    let act = async {
        if sent.text("sure") == "yes" {
            withdrawing::withdraw(app, actor, number, place, words).await.map(|_| None)
        } else {
            withdrawing::look(app, actor, number, place, words).await.map(Some)
        }
    };
    match act.await {
        Ok(None) => go(&format!("{}/accounts?done=withdrawn", urls::incident(number))),
        Ok(looked) => page(&state, &visitor, number, at, StatusCode::OK, sent.kept(), looked).await,
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(&state, &visitor, number, at, status, form, None).await
        }
    }
}

/// Asks the author, or tells whoever leads the debrief.
pub(crate) async fn report(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let at = place_of(&sent)?;
    let to = if sent.text("to") == "author" { To::Author } else { To::Lead };
    match reports::make(
        &state.app,
        visitor.actor(),
        number,
        (at.0, at.1.map(|id| id.0)),
        sent.raw("words"),
        to,
    )
    .await
    {
        Ok(()) => go(&format!("{}?done=reported", back_to(at.0, number))),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(&state, &visitor, number, at, status, form, None).await
        }
    }
}

/// What was asked for is left as it stands, or moved out.
pub(crate) async fn settle(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<SealedId>,
    sent: Submitted,
) -> Answer {
    let done = if sent.text("outcome") == "move_out" {
        reports::move_out(&state.app, visitor.actor(), number, id.0).await?;
        "moved-out"
    } else {
        reports::leave(&state.app, visitor.actor(), number, id.0).await?;
        "left"
    };
    go(&format!("{}/accounts?done={done}", urls::incident(number)))
}

fn back_to(surface: Surface, number: IncidentNumber) -> String {
    match surface {
        Surface::Document | Surface::Headline => format!("/postmortems/{number}"),
        Surface::Account => format!("{}/accounts", urls::incident(number)),
        Surface::Event | Surface::Incident => urls::incident(number),
        Surface::Idea => "/follow-ups".to_owned(),
        Surface::Notes => format!("{}/measures", urls::incident(number)),
    }
}

async fn page(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    (surface, subject): (Surface, Option<SealedId>),
    status: StatusCode,
    form: Kept,
    looked: Option<Looked>,
) -> Answer {
    // Whoever sees the incident may come here; what they may do is decided where they do it.
    let looked = match looked {
        Some(looked) => Some(looked),
        None => {
            reports::may_ask(&state.app, visitor.actor(), number).await?;
            None
        }
    };
    let frame = visitor.frame(format!("Take a passage out of {number}"), Room::Incidents);
    let page = WithdrawPage {
        form,
        number: number.to_string(),
        back: back_to(surface, number),
        surface: surface.key(),
        subject: subject.map(|id| id.to_string()).unwrap_or_default(),
        place: place_words(surface),
        looked: looked.map(|looked| Shown {
            stands: stands(&looked, surface),
            words: looked.words,
            own: looked.own,
            author: looked.author,
        }),
        frame,
    };
    let mut response = html::with(status, &page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

const fn place_words(surface: Surface) -> &'static str {
    match surface {
        Surface::Document => "the document",
        Surface::Event => "this event",
        Surface::Idea => "this idea and why it was dropped",
        Surface::Incident => "the title and summary",
        Surface::Headline => "the headline",
        Surface::Notes => "the notes on key instants, impact and coordination",
        Surface::Account => "this account",
    }
}

fn stands(looked: &Looked, surface: Surface) -> String {
    let many = |many: usize, one: &str, more: &str| match many {
        1 => format!("one {one}"),
        many => format!("{many} {more}"),
    };
    let now = match (surface, looked.now) {
        (_, 0) => "nowhere now".to_owned(),
        (Surface::Document, now) => format!("in {} of the document", many(now, "place", "places")),
        _ => format!("in {}", place_words(surface)),
    };
    match looked.earlier {
        0 => format!("They stand {now}."),
        earlier => {
            format!("They stand {now}, and in {}.", many(earlier, "earlier version", "earlier versions"))
        }
    }
}
