//! The reframing aid for programs.

use super::body::{Body, key, ok};
use crate::{error::Answer, session::Caller, state::State};
use app::language::{self, Surface};
use serde::{Deserialize, Serialize};

/// A text to read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    text: String,
    surface: Option<String>,
    markdown: Option<bool>,
}

#[derive(Serialize)]
struct Found {
    items: serde_json::Value,
}

/// Reads the text with this workspace's rules, people and services. Nothing is kept.
pub(super) async fn read(state: State, Caller(actor): Caller, Body(sent): Body<Text>) -> Answer {
    let names = "any, timeline, narrative, cause, mitigators, follow-up, idea, account, comment and public";
    let read = |text: &str| text.parse::<Surface>().ok();
    let surface = sent.surface.as_deref().map(|name| key("surface", name, read, names)).transpose()?;
    let items =
        language::lint(&state.app, &actor, &sent.text, surface, sent.markdown.unwrap_or(true)).await?;
    ok(&Found { items })
}
