//! Bodies of requests and answers.

use crate::error::{Answer, Failure, Problem};
use app::Error;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

/// A JSON body. Members that are not known are refused by the types; no body at all is an empty object.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;
    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let is_json = says_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        if !bytes.is_empty() && !is_json {
            return Err(not_json());
        }
        read(&bytes).map(Self).map_err(|error| Failure(error).into_response())
    }
}

/// Whether a body says that it is JSON (RFC 8259, and what is built on it by RFC 6839).
pub(super) fn says_json(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The refusal of a body that says to be something else.
pub(super) fn not_json() -> Response {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "This takes JSON. Send it with Content-Type: application/json. Nothing was changed.",
    )
    .into_response()
}

/// A JSON body as a type; nothing at all is an empty object.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let text = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(text).map_err(|error| {
        let message = format!("The body cannot be read: {error}. Nothing was changed.");
        Error::Invalid { field: None, message }
    })
}

/// An answer with a body.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    let text = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok((status, [(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// The same with 200.
pub(super) fn ok(body: &impl Serialize) -> Answer {
    json(StatusCode::OK, body)
}

/// The same with 201, for what was made.
pub(super) fn created(body: &impl Serialize) -> Answer {
    json(StatusCode::CREATED, body)
}

/// For members where `null` means none and absence means no change.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A value by its name in the record, or a refusal that says which names there are.
pub(super) fn key<T>(
    field: &'static str,
    text: &str,
    read: fn(&str) -> Option<T>,
    names: &str,
) -> Result<T, Error> {
    read(text).ok_or_else(|| Error::invalid(field, format!("This is one of {names}.")))
}
