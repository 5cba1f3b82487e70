//! What every answer tells the browser about its own safety, and one line in the log about each request.

use crate::{session, state::State};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use domain::access::Actor;
use std::time::Instant as Stopwatch;

/// Adds the headers that an answer does not set itself.
pub(crate) async fn protect(state: State, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let (policies, by_program) = (script_policies(path), path.starts_with("/api/"));
    let policy = policy(request.headers(), state.settings.secure_cookies, policies);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.settings.secure_cookies {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
    if by_program && headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        // A browser that is led to an answer for programs keeps it as a file with our name (ASVS 14.4.2, 12.3.4).
        let file = HeaderValue::from_static("attachment; filename=\"api.json\"");
        headers.entry(header::CONTENT_DISPOSITION).or_insert(file);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}

/// The policies by which scripts make markup of text (Trusted Types); the browser refuses every other way. Ours
/// read answers of this installation (`editor/src/markup.ts`); the editor's own reads what was pasted, into a
/// document that runs nothing, and exists where there is an editor.
fn script_policies(path: &str) -> &'static str {
    if path.starts_with("/postmortems/") && path.ends_with("/edit") {
        "debrief-pages debrief-editor ProseMirrorClipboard"
    } else {
        "debrief-pages"
    }
}

/// The content security policy. `'self'` does not cover sockets in every browser, so our own is named.
fn policy(headers: &HeaderMap, secure: bool, policies: &str) -> HeaderValue {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let socket = if host.is_empty() || !plain {
        String::new()
    } else if secure {
        format!(" wss://{host}")
    } else {
        format!(" ws://{host}")
    };
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'{socket}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types {policies}"
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// One line per request, without anything secret: no query, no one-time links, no headers. Refusals are said at the
/// level that is written by default, with who asked and from where, so that somebody can look into them (ASVS 7.1.3, 7.2.2).
pub(crate) async fn log(state: State, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = loggable(request.uri().path());
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("").to_owned();
    let from = session::address(&state.settings, request.headers(), request.extensions());
    let began = Stopwatch::now();
    let span = tracing::info_span!("request", %method, %path, %id, from, who = tracing::field::Empty);
    let response = tracing::Instrument::instrument(next.run(request), span.clone()).await;
    let (status, took) = (response.status(), began.elapsed());
    span.in_scope(|| {
        let (status, micros) = (status.as_u16(), took.as_micros());
        if is_refusal(status) {
            tracing::info!(status, micros, "refused");
        } else {
            tracing::debug!(status, micros, "answered");
        }
    });
    response
}

/// Notes in the line of a request who it is that asks.
pub(crate) fn note_who(who: Option<&Actor>) {
    if let Some(person) = who.and_then(|who| who.person) {
        tracing::Span::current().record("who", tracing::field::display(person));
    }
}

/// Whether somebody was not let in, or sent what is not taken. Pages that are not there are mostly mistyped, and what is
/// hidden is absent in the log as well.
const fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 403 | 405 | 413 | 415 | 422 | 429)
}

fn loggable(path: &str) -> String {
    if path.starts_with("/links/") {
        return "/links/…".to_owned();
    }
    // Whatever follows the product: a wrong address may be a right one that was mistyped.
    match path.strip_prefix("/hooks/").map(|rest| rest.split_once('/')) {
        Some(Some((source, _))) => format!("/hooks/{source}/…"),
        Some(None) => "/hooks/…".to_owned(),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_links_stay_out_of_the_log() {
        assert_eq!(loggable("/links/abcdef"), "/links/…");
        assert_eq!(loggable("/hooks/github/abcdef"), "/hooks/github/…");
        assert_eq!(loggable("/hooks/github/abcdef/more"), "/hooks/github/…");
        assert_eq!(loggable("/hooks/abcdef"), "/hooks/…");
        assert_eq!(loggable("/incidents/INC-12"), "/incidents/INC-12");
    }

    #[test]
    fn text_becomes_markup_only_by_policies_with_a_name() {
        let given = |path| {
            let policy = policy(&HeaderMap::new(), true, script_policies(path));
            let text = policy.to_str().unwrap().to_owned();
            assert!(text.contains("; require-trusted-types-for 'script'; "), "{text}");
            text.split_once("trusted-types debrief").map(|(_, names)| format!("debrief{names}"))
        };
        for path in ["/", "/incidents/INC-1", "/incidents/INC-1/edit", "/postmortems/INC-1", "/imports/1"] {
            assert_eq!(given(path).as_deref(), Some("debrief-pages"), "{path}");
        }
        let writing = given("/postmortems/INC-1/edit");
        assert_eq!(writing.as_deref(), Some("debrief-pages debrief-editor ProseMirrorClipboard"));
    }

    #[test]
    fn the_policy_names_our_own_socket_and_nothing_that_was_smuggled_in() {
        let with = |host: &'static str, secure| {
            let headers = [(header::HOST, HeaderValue::from_static(host))].into_iter().collect();
            policy(&headers, secure, "debrief-pages").to_str().unwrap().to_owned()
        };
        assert!(with("127.0.0.1:8080", false).contains("connect-src 'self' ws://127.0.0.1:8080;"));
        assert!(with("debrief.example", true).contains("connect-src 'self' wss://debrief.example;"));
        assert!(with("x; script-src *", false).contains("connect-src 'self';"));
        assert!(!with("x; script-src *", false).contains('*'));
    }
}
