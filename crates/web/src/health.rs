//! Whether the process is there, and whether it can work.

use crate::{error::Answer, state::State};
use axum::response::{IntoResponse, Response};

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can work: its database can be read and written.
pub(crate) async fn ready(state: State) -> Answer<Response> {
    app::checking::ready(&state.app).await?;
    Ok("ready\n".into_response())
}
