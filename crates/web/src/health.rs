//! Whether the process is there, and whether it can work.

use crate::{error::Answer, state::State};
use axum::response::{IntoResponse, Response};

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can work: its database answers. An unknown session costs exactly one statement.
pub(crate) async fn ready(state: State) -> Answer<Response> {
    app::sign_in::session(&state.app, "readiness").await?;
    Ok("ready\n".into_response())
}
