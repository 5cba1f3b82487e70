//! Evidence that people attach to an event by hand: files, links, queries.

use crate::{
    error::Answer,
    forms::Submitted,
    render::go,
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
};
use app::{
    Error,
    timeline::attaching::{self, Attached},
};
use axum::{
    extract::{Multipart, multipart::MultipartError},
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use domain::{EventId, EvidenceId, timeline::attachment::FILE_MAX};

/// A link or a query.
pub(crate) async fn add(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(event): Id<EventId>,
    sent: Submitted,
) -> Answer {
    let text = |name: &str| sent.text(name).to_owned();
    let attached = if sent.has("query") {
        Attached::Query { place: text("place"), text: text("query"), url: text("url") }
    } else {
        Attached::Link {
            url: text("url"),
            title: text("title"),
            text: text("text"),
            fetch: sent.has("fetch"),
        }
    };
    attaching::attach(&state.app, visitor.actor(), number, event, attached).await?;
    go(&format!("{}?done=attached#e-{event}", urls::incident(number)))
}

/// A file.
pub(crate) async fn upload(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(event): Id<EventId>,
    mut form: Multipart,
) -> Answer {
    let broken = |error: MultipartError| {
        tracing::debug!(%error, "an upload broke off");
        Error::invalid("file", "The file did not arrive whole. Nothing was kept; it can be sent again.")
    };
    let mut file = None;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned).filter(|name| !name.is_empty()) else {
            continue;
        };
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            if bytes.len() + piece.len() > FILE_MAX {
                return Err(
                    Error::invalid("file", format!("A file has at most {} MiB.", FILE_MAX >> 20)).into()
                );
            }
            bytes.extend_from_slice(&piece);
        }
        file = Some(Attached::File {
            name: name.rsplit(['/', '\\']).next().unwrap_or("file").to_owned(),
            bytes,
        });
        break;
    }
    let file = file.ok_or_else(|| Error::invalid("file", "No file was chosen."))?;
    attaching::attach(&state.app, visitor.actor(), number, event, file).await?;
    go(&format!("{}?done=attached#e-{event}", urls::incident(number)))
}

/// The bytes of a file: never opened by the browser as a page of ours.
pub(crate) async fn file(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(evidence): Id<EvidenceId>,
) -> Answer {
    let (file, bytes) = attaching::file(&state.app, visitor.actor(), number, evidence).await?;
    let media =
        HeaderValue::from_str(&file.media).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    // RFC 6266: the name in UTF-8, percent-encoded.
    let disposition = format!("attachment; filename*=UTF-8''{}", urls::part(&file.name));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, bytes).into_response())
}

/// The small picture of a file.
pub(crate) async fn thumbnail(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(evidence): Id<EvidenceId>,
) -> Answer {
    let small = attaching::thumbnail(&state.app, visitor.actor(), number, evidence).await?;
    let media =
        HeaderValue::from_str(&small.media).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, small.body).into_response())
}
