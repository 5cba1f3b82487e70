//! Whether the process is there, and whether it can work. Read by programs, so in plain text.

use crate::{error::AsItIs, state::State};
use axum::{
    Extension,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can work: its database can be read and written, and nobody asked it to stop. If not, 503 and why.
pub(crate) async fn ready(state: State) -> Response {
    match app::checking::ready(&state.app).await {
        Ok(()) => "ready\n".into_response(),
        Err(app::Error::Unavailable(why)) => not_ready(&why),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the record cannot be used");
            not_ready("The record cannot be written. The log and `debrief check` say more.")
        }
    }
}

fn not_ready(why: &str) -> Response {
    let words = format!("not ready: {why}\n");
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], Extension(AsItIs), words).into_response()
}
