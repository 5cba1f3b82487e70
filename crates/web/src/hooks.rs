//! Where products send their webhooks: stored, then answered with 202.

use crate::{error::Answer, state::State};
use app::{
    Error,
    hooks::{self, Received},
};
use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use std::time::Duration;

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes what a product sends. The address is looked up before the body is read.
pub(crate) async fn receive(
    state: State,
    Path((source, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    let address = hooks::address(&state.app, &source, &token, told).await?;
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, hooks::LARGEST)).await;
    let late = |_| Error::Unavailable("This came too slowly. Nothing was stored; send it again.".into());
    let body = read.map_err(late)?.map_err(|_| hooks::too_large())?;
    let headers = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    match hooks::receive(&state.app, address, headers, body.into()).await? {
        Received::Stored => Ok((StatusCode::ACCEPTED, "stored\n").into_response()),
        Received::Challenge(word) => Ok(([(header::CONTENT_TYPE, "text/plain")], word).into_response()),
    }
}
