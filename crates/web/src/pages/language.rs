//! The reframing aid beside what is being written, and in the settings.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::Number,
    words::done,
};
use app::{
    Error,
    language::{self, Beside, Marked, Outcome, Piece, Rules, Surface},
};
use askama::Template;
use axum::{Json, http::StatusCode, response::IntoResponse};
use domain::incident::IncidentNumber;
use serde::{Deserialize, Serialize};

/// Paragraphs that changed while somebody wrote.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    pieces: Vec<WrittenPiece>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPiece {
    text: String,
    #[serde(default)]
    heading: String,
}

#[derive(Serialize)]
struct Marks {
    marks: Vec<Mark>,
    /// How many are shown in the whole document; none: as many as there are.
    most: Option<usize>,
    /// Where matters about a person go.
    channel: String,
    /// Whether a step can be asked for.
    asks: bool,
}

#[derive(Serialize)]
struct Mark {
    piece: usize,
    start: usize,
    end: usize,
    rule: String,
    strength: language::Strength,
    question: String,
    why: String,
    source: String,
    steps: Vec<language::Step>,
    sentence: String,
    once: bool,
    beside: bool,
}

/// What somebody who writes for the first time sees at most.
const FIRST_TIME: usize = 5;

/// What is asked about the paragraphs, as JSON for the editor of whoever wrote them. Nothing is kept.
pub(crate) async fn read(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Json(written): Json<Written>,
) -> Answer {
    let pieces: Vec<Piece> = written
        .pieces
        .into_iter()
        .map(|piece| Piece { text: piece.text, heading: piece.heading, surface: None })
        .collect();
    let found = language::read(&state.app, visitor.actor(), number, &pieces).await?;
    Ok(Json(Marks::from(found)).into_response())
}

impl From<Marked> for Marks {
    fn from(found: Marked) -> Self {
        let marks = found
            .marks
            .into_iter()
            .map(|mark| Mark {
                piece: mark.piece,
                start: mark.start,
                end: mark.end,
                rule: mark.rule,
                strength: mark.strength,
                question: mark.question,
                why: mark.why,
                source: mark.source,
                steps: mark.steps,
                sentence: mark.sentence,
                once: mark.once,
                beside: mark.beside,
            })
            .collect();
        let most = found.first_time.then_some(FIRST_TIME);
        Self { marks, most, channel: found.channel, asks: found.asks }
    }
}

/// Fields of a form that changed while somebody wrote.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    /// The number of the incident that they are about, if there is one yet.
    incident: Option<String>,
    fields: Vec<TypedField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedField {
    text: String,
    surface: String,
}

/// What is asked about fields of a form, as JSON for the page of whoever writes in them. Nothing is kept.
pub(crate) async fn read_fields(state: State, visitor: Visitor, Json(typed): Json<Typed>) -> Answer {
    let about: Option<IncidentNumber> = typed
        .incident
        .map(|number| number.parse())
        .transpose()
        .map_err(|_| Error::invalid("incident", "This is no number of an incident."))?;
    let fields: Vec<Piece> = typed
        .fields
        .into_iter()
        .map(|field| {
            let surface = field.surface.parse::<Surface>();
            let surface = surface.map_err(|_| Error::invalid("surface", "There is no such surface."))?;
            Ok(Piece { text: field.text, heading: String::new(), surface: Some(surface) })
        })
        .collect::<Result<_, Error>>()?;
    let found = language::read_fields(&state.app, visitor.actor(), about, &fields).await?;
    Ok(Json(Marks::from(found)).into_response())
}

/// Remembers what became of a finding in the document: `seen`, `not_here` or `does_not_help`.
pub(crate) async fn remember(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    remembered(&state, &visitor, number, Beside::Document, &sent).await
}

/// The same for a finding in a field of a page of the incident.
pub(crate) async fn remember_in_field(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    remembered(&state, &visitor, number, Beside::Field, &sent).await
}

async fn remembered(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    beside: Beside,
    sent: &Submitted,
) -> Answer {
    let outcome = Outcome::from_key(sent.text("outcome"))
        .ok_or_else(|| Error::invalid("outcome", "This is one of seen, not_here and does_not_help."))?;
    let finding = (sent.text("sentence"), sent.text("rule"));
    language::remember(&state.app, visitor.actor(), number, beside, finding, outcome).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks for a debrief or an account beside the document (DEC-16), or writes into it what else contributed.
pub(crate) async fn ask(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    if sent.text("kind") == "contributor" {
        language::contribute(&state.app, visitor.actor(), number, sent.text("words")).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    language::ask(&state.app, visitor.actor(), number, sent.text("kind")).await?;
    go(&format!("/postmortems/{number}/edit?done=asked"))
}

/// Somebody has seen to what was asked for.
pub(crate) async fn settle(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    language::settle(&state.app, visitor.actor(), number, sent.text("kind")).await?;
    go(&format!("/postmortems/{number}/edit?done=seen-to"))
}

/// The key of the notice after a form was saved: a question about its words where there is one, or else `done`. The words
/// are saved in any case. `about` is the incident, whose record decides whether some rules speak and what was dismissed.
pub(crate) async fn notice(
    state: &State,
    visitor: &Visitor,
    about: Option<IncidentNumber>,
    words: &[&str],
    surface: Surface,
    done: &'static str,
) -> String {
    let found = language::look(&state.app, visitor.actor(), &words.join("\n\n"), surface, about).await;
    match found {
        Ok(Some(mark)) if done::words(&format!("look-{}", mark.rule)).is_some() => {
            format!("look-{}", mark.rule)
        }
        _ => done.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "settings/language.html")]
struct LanguagePage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    rules: Rules,
}

/// Every rule with its question, why and source; administrators switch them.
pub(crate) async fn settings(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = done::words(asked.text("done"));
    settings_page(&state, &visitor, StatusCode::OK, None, done).await
}

/// Switches a rule off or on.
pub(crate) async fn switch(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let silent = sent.text("speak") != "on";
    language::switch(&state.app, visitor.actor(), sent.text("rule"), silent).await?;
    go("/settings/language?done=saved")
}

/// Says where matters about a person go (PER-01).
pub(crate) async fn set_channel(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    match language::set_channel(&state.app, visitor.actor(), sent.text("contact")).await {
        Ok(()) => go("/settings/language?done=saved"),
        Err(error) => {
            let (status, kept) = sent.refused(error)?;
            settings_page(&state, &visitor, status, Some(kept), None).await
        }
    }
}

async fn settings_page(
    state: &State,
    visitor: &Visitor,
    status: StatusCode,
    form: Option<Kept>,
    done: Option<&'static str>,
) -> Answer {
    let rules = language::rules(&state.app, visitor.actor()).await?;
    let form = form.unwrap_or_else(|| Kept::with([("contact", rules.channel.clone())]));
    let frame = visitor.frame("Language", Room::Settings);
    html::with(status, &LanguagePage { frame, done, form, rules })
}
