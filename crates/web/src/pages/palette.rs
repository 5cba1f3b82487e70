//! What the command palette and mentions find.

use crate::{
    error::Answer,
    forms::Asking,
    render::{Frame, Room, html},
    session::Visitor,
    state::State,
    urls::Number,
};
use app::palette::{self, Hit};
use askama::Template;
use axum::{Json, response::IntoResponse};
use domain::access::{Action, allowed};
use serde::Serialize;

#[derive(Template)]
#[template(path = "palette/options.html")]
struct Options<'a> {
    hits: &'a [Hit],
    rooms: &'a [(&'static str, &'static str)],
    /// What the place calls what is written about an incident.
    term: &'a str,
}

#[derive(Template)]
#[template(path = "palette/page.html")]
struct PalettePage<'a> {
    frame: Frame,
    words: String,
    hits: &'a [Hit],
    rooms: &'a [(&'static str, &'static str)],
}

const ROOMS: [(&str, &str, Action); 7] = [
    ("Incidents", "/incidents", Action::Read),
    ("Library", "/postmortems", Action::Read),
    ("Follow-ups", "/follow-ups", Action::Read),
    ("New incident", "/incidents/new", Action::Write),
    ("Bring in records", "/imports/new", Action::Import),
    ("Settings", "/settings", Action::Read),
    ("People", "/settings/people", Action::Read),
];

/// Incidents by number or words, and rooms by name: options for the palette, or a page without script.
pub(crate) async fn find(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let words = asked.text("q").to_owned();
    let hits = palette::find(&state.app, visitor.actor(), &words).await?;
    let lower = words.to_lowercase();
    let fits = |(name, _, action): &(&str, &str, Action)| {
        name.to_lowercase().contains(&lower) && allowed(visitor.actor(), *action)
    };
    let rooms: Vec<_> = ROOMS.into_iter().filter(fits).map(|(name, url, _)| (name, url)).collect();
    let (hits, rooms) = (hits.as_slice(), rooms.as_slice());
    if asked.has("page") {
        let frame = visitor.frame("Find or do", Room::Nowhere);
        return html::ok(&PalettePage { frame, words, hits, rooms });
    }
    html::ok(&Options { hits, rooms, term: visitor.surroundings.workspace.term.one() })
}

#[derive(Serialize)]
struct Mentions {
    people: Vec<MentionedPerson>,
    events: Vec<MentionedEvent>,
}

#[derive(Serialize)]
struct MentionedPerson {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct MentionedEvent {
    id: String,
    at: String,
    label: String,
}

/// People and events to mention, as JSON for the editor.
pub(crate) async fn mentions(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let found = palette::mentions(&state.app, visitor.actor(), number, asked.text("q")).await?;
    let person = |(id, name): (domain::PersonId, String)| MentionedPerson { id: id.to_string(), name };
    let event = |(id, at, label): (domain::EventId, domain::Instant, String)| MentionedEvent {
        id: id.to_string(),
        at: at.to_string(),
        label,
    };
    let people = found.people.into_iter().map(person).collect();
    let events = found.events.into_iter().map(event).collect();
    Ok(Json(Mentions { people, events }).into_response())
}
