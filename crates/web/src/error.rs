//! A refusal on its way out: status, words, and the form the asker can use. Nothing else knows status codes.

use crate::{
    render::{Asked, Frame, html},
    urls,
};
use app::Error;
use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Instant;
use serde::Serialize;

/// The kind of a refusal that a page answers by asking who it is.
const PROVE_FIRST: &str = "prove_first";

/// What a handler answers when its act did not happen.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

/// The outcome of a handler.
pub(crate) type Answer<T = Response> = Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self(Error::internal(error))
    }
}

/// What is told of a refusal; the cause of an internal fault is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    /// One word for programs.
    pub(crate) kind: &'static str,
    /// One or two sentences for people.
    pub(crate) message: String,
    /// The form field or JSON member it is about.
    pub(crate) field: Option<&'static str>,
    /// When it will be possible (RFC 3339).
    pub(crate) opens_at: Option<Instant>,
    /// After how many seconds trying again helps (RFC 9110, section 10.2.3).
    #[serde(skip)]
    pub(crate) retry_after: Option<i64>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), field: None, opens_at: None, retry_after: None }
    }

    fn of(error: &Error) -> Self {
        let (status, kind, field, opens_at) = match error {
            Error::NotFound => (StatusCode::NOT_FOUND, "not_found", None, None),
            Error::ProveFirst => (StatusCode::FORBIDDEN, PROVE_FIRST, None, None),
            Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden", None, None),
            Error::Invalid { field, .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", *field, None),
            Error::Conflict { opens_at, .. } => (StatusCode::CONFLICT, "conflict", None, *opens_at),
            Error::Slowed { .. } => (StatusCode::TOO_MANY_REQUESTS, "slowed", None, None),
            Error::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", None, None),
            Error::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal", None, None),
        };
        let retry_after = match error {
            Error::Slowed { wait } => Some(wait.as_seconds()),
            _ => None,
        };
        Self { status, kind, message: error.to_string(), field, opens_at, retry_after }
    }

    /// For answers that a layer below gave by status alone (unknown address, wrong method, too large).
    fn by_status(status: StatusCode) -> Self {
        let (kind, message) = match status {
            StatusCode::NOT_FOUND => ("not_found", "There is nothing here."),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "This address does not take that method.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("too_large", "This is more than can be taken at once. Nothing was changed.")
            }
            StatusCode::UNAUTHORIZED => ("unauthorized", "Sign in, or send a token that is still good."),
            StatusCode::SERVICE_UNAVAILABLE => {
                ("unavailable", "This cannot be answered right now. Try again in a moment.")
            }
            status if status.is_server_error() => {
                // A panic: how far the request came is not known.
                (
                    "internal",
                    "Something went wrong on our side. Look whether your change is there before you make it again.",
                )
            }
            _ => ("invalid", "This request cannot be read. Nothing was changed."),
        };
        Self::new(status, kind, message)
    }

    /// Two or three words above the message.
    fn headline(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "Nothing here",
            StatusCode::FORBIDDEN => "Not for this role",
            StatusCode::CONFLICT => "Not now",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => "Not right now",
            status if status.is_server_error() => "Something broke",
            _ => "This could not be read",
        }
    }
}

impl IntoResponse for Problem {
    /// Plain words; [`dress`] replaces them by what the asker can use.
    fn into_response(self) -> Response {
        let mut response = (self.status, self.message.clone()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Error::Internal { cause, .. } = &self.0 {
            let mut chain = cause.to_string();
            let mut next = cause.source();
            while let Some(error) = next {
                chain.push_str(": ");
                chain.push_str(&error.to_string());
                next = error.source();
            }
            tracing::error!(cause = %chain, "a request failed");
        }
        Problem::of(&self.0).into_response()
    }
}

#[derive(Template)]
#[template(path = "errors/page.html")]
struct ErrorPage<'a> {
    frame: Frame,
    problem: &'a Problem,
    home: &'static str,
}

#[derive(Template)]
#[template(path = "errors/fragment.html")]
struct ErrorFragment<'a> {
    problem: &'a Problem,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a Problem,
}

/// Marks a refusal that says to a program what it has to say, so that it is not made into a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsItIs;

/// Gives a refusal the form the asker can use. Answers that are no refusal, or were dressed before, pass.
pub(crate) fn dress(asked: Asked, frame: impl FnOnce() -> Frame, mut response: Response) -> Response {
    if response.extensions_mut().remove::<AsItIs>().is_some() {
        return response;
    }
    let status = response.status();
    let bare = (status.is_client_error() || status.is_server_error()) && is_plain(&response);
    let problem = response.extensions_mut().remove::<Problem>();
    let Some(problem) = problem.or_else(|| bare.then(|| Problem::by_status(status))) else { return response };
    if problem.kind == PROVE_FIRST && asked == Asked::Page {
        return axum::response::Redirect::to(urls::PROOF).into_response();
    }
    let (body, media) = match asked {
        Asked::Json => (serde_json::to_string(&ErrorBody { error: &problem }).ok(), "application/json"),
        Asked::Fragment => (ErrorFragment { problem: &problem }.render().ok(), html::MEDIA),
        Asked::Page => {
            let frame = Frame { title: problem.headline().to_owned(), ..frame() };
            (ErrorPage { frame, problem: &problem, home: urls::HOME }.render().ok(), html::MEDIA)
        }
    };
    let Some(body) = body else { return response };
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    *response.body_mut() = Body::from(body);
    response
}

fn is_plain(response: &Response) -> bool {
    let media = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    media.is_none_or(|media| media.starts_with(b"text/plain"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_refusal_has_its_status() {
        let opens_at = Some(Instant::from_seconds(1_800_000_000));
        let table = [
            (Error::NotFound, 404, "not_found"),
            (Error::Forbidden, 403, "forbidden"),
            (Error::invalid("title", "A title is needed."), 422, "invalid"),
            (Error::Conflict { message: "It rests.".into(), opens_at }, 409, "conflict"),
            (Error::Unavailable("The disk is full.".into()), 503, "unavailable"),
            (Error::Slowed { wait: domain::instant::Span::seconds(3) }, 429, "slowed"),
            (Error::internal("secret cause"), 500, "internal"),
        ];
        for (error, status, kind) in table {
            let problem = Problem::of(&error);
            assert_eq!((problem.status.as_u16(), problem.kind), (status, kind));
            assert!(!problem.message.contains("secret"));
        }
    }

    #[test]
    fn programs_get_the_refusal_as_json() {
        let problem = Problem::of(&Error::Conflict {
            message: "It rests.".into(),
            opens_at: Some(Instant::from_seconds(1_800_000_000)),
        });
        assert_eq!(
            serde_json::to_string(&ErrorBody { error: &problem }).unwrap(),
            r#"{"error":{"kind":"conflict","message":"It rests.","field":null,"opens_at":"2027-01-15T08:00:00Z"}}"#
        );
    }

    #[test]
    fn words_of_users_are_escaped_on_error_pages() {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "<script>");
        let fragment = ErrorFragment { problem: &problem }.render().unwrap();
        assert!(!fragment.contains("<script>"), "{fragment}");
    }
}
