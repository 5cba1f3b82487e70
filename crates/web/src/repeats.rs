//! `Idempotency-Key` on changes through the API (draft-ietf-httpapi-idempotency-key-header).

use crate::{
    error::{Failure, Problem},
    state::State,
    table::BODY_LIMIT,
};
use app::repeats::{self, Answer, Known};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{access::Actor, evidence::Digest32};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST: usize = 255;

/// Whether a request asks to be carried out once.
pub(crate) fn asked_for(method: &Method, headers: &HeaderMap) -> bool {
    !method.is_safe() && headers.contains_key(KEY)
}

/// Carries a request out by `run` if it was not yet, and answers as the first time otherwise.
pub(crate) async fn once<F: Future<Output = Response>>(
    state: &State,
    actor: &Actor,
    request: Request,
    run: impl FnOnce(Request) -> F,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(key) = key(&parts.headers) else {
        return Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid",
            "The Idempotency-Key has 1 to 255 printable characters, for instance a UUID. Nothing was changed.",
        )
        .into_response();
    };
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let sum = sum(&parts, &body);
    let once = match repeats::look(&state.app, actor, &key, sum).await {
        Ok(None) => return run(Request::from_parts(parts, Body::from(body))).await,
        Ok(Some(Known::New(once))) => once,
        Ok(Some(Known::Answered(answer))) => return again(answer),
        Ok(Some(Known::AnswerLost(at))) => {
            return Problem::new(
                StatusCode::CONFLICT,
                "answer_lost",
                format!("This was done at {at}, and its answer was lost. Nothing was done again; read what is there."),
            )
            .into_response();
        }
        Ok(Some(Known::Different)) => {
            return Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "key_used",
                "This Idempotency-Key belongs to another request. Nothing was changed; take a new key.",
            )
            .into_response();
        }
        Err(error) => return Failure(error).into_response(),
    };
    let response = once.during(run(Request::from_parts(parts, Body::from(body)))).await;
    // A secret is shown once and kept nowhere, and a failure is no answer; whoever asks again hears whether it was made.
    let is_secret =
        response.headers().get(header::CACHE_CONTROL).is_some_and(|control| control == "no-store");
    if is_secret || response.status().is_server_error() {
        return response;
    }
    let (parts, body) = response.into_parts();
    // Answers of the API are in memory already.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Failure(app::Error::internal("an answer could not be read")).into_response();
    };
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let answer = Answer { status: parts.status.as_u16(), kind: kind.to_owned(), body: body.to_vec() };
    if let Err(error) = once.answered(&state.app, &answer).await {
        // It was carried out all the same; whoever asks again hears that.
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "an answer was not kept for a repeated request"
        );
    }
    Response::from_parts(parts, Body::from(body))
}

fn again(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    if let Ok(kind) = HeaderValue::from_str(&answer.kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// The key: a structured string with its quotes, or bare; `None` if it is neither.
fn key(headers: &HeaderMap) -> Option<String> {
    let mut given = headers.get_all(KEY).iter();
    let text = given.next()?.to_str().ok()?.trim();
    let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let fits =
        !bare.is_empty() && bare.len() <= LONGEST && bare.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    (fits && given.next().is_none()).then(|| bare.to_owned())
}

fn sum(parts: &Parts, body: &[u8]) -> Digest32 {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let head = format!("{} {path}\n", parts.method);
    Digest32::of(&[head.as_bytes(), body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_with_and_without_quotes_and_bounded() {
        let read = |text: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(KEY, HeaderValue::from_bytes(text).unwrap());
            key(&headers)
        };
        assert_eq!(read(b"\"8e03978e-40d5\""), Some("8e03978e-40d5".into()));
        assert_eq!(read(b" 8e03978e-40d5 "), Some("8e03978e-40d5".into()));
        assert_eq!(read(&[b'k'; 255]).map(|key| key.len()), Some(255));
        for wrong in [&b""[..], b"\"\"", b"\xc3\xa9", &[b'k'; 256]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        let mut two = HeaderMap::new();
        two.append(KEY, HeaderValue::from_static("a"));
        two.append(KEY, HeaderValue::from_static("b"));
        assert_eq!(key(&two), None);
    }
}
