//! Post-mortems.

use super::{
    blocks,
    body::{Body, ok},
    views::{All, PostmortemRow, PostmortemView},
};
use crate::{error::Answer, forms::Asking, session::Caller, state::State, urls::Number};
use app::postmortems;
use domain::{PersonId, postmortem::Step};
use serde::{Deserialize, Serialize};

/// The library: `words`.
pub(super) async fn list(state: State, Caller(actor): Caller, Asking(asked): Asking) -> Answer {
    let rows = postmortems::list(&state.app, &actor, asked.filled("words")).await?;
    ok(&All { items: rows.into_iter().map(PostmortemRow::from).collect() })
}

#[derive(Serialize)]
struct Whole {
    number: String,
    #[serde(flatten)]
    postmortem: PostmortemView,
    owner_name: Option<String>,
    writers: Vec<String>,
    misses: Vec<String>,
    blocks: serde_json::Value,
    markdown: String,
}

/// One post-mortem with its document, as blocks and as Markdown.
pub(super) async fn show(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    let shown = postmortems::show(&state.app, &actor, number).await?;
    let markdown = exports::markdown::write(&app::exporting::gather(
        &shown,
        &app::workspace::show(&state.app).await?.term,
        state.app.now(),
    ));
    ok(&Whole {
        number: number.to_string(),
        postmortem: shown.postmortem.into(),
        owner_name: shown.owner,
        writers: shown.writers,
        misses: shown.misses,
        blocks: blocks::document(&shown.document),
        markdown,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOwner {
    person: PersonId,
}

/// Gives it to exactly one person.
pub(super) async fn hand_to(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(new): Body<NewOwner>,
) -> Answer {
    ok(&PostmortemView::from(postmortems::hand_to(&state.app, &actor, number, new.person).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    revision: i64,
    step: Step,
}

/// Asks for review, takes it back, or publishes.
pub(super) async fn step(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(wanted): Body<Wanted>,
) -> Answer {
    let taken = postmortems::step(&state.app, &actor, number, wanted.revision, wanted.step).await?;
    ok(&PostmortemView::from(taken))
}
