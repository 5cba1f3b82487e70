//! Forgery protection without tokens: a change must come from a page of this installation
//! (docs/decisions/0004-forgery-protection-without-tokens.md).

use crate::state::Settings;
use axum::http::{HeaderMap, Method, header};

/// Whether a request may change something, by where the browser says it comes from.
///
/// `Sec-Fetch-Site` decides where it is sent (every current browser); otherwise `Origin` must name this
/// installation. A request that says neither is refused.
pub(crate) fn may_change(method: &Method, headers: &HeaderMap, settings: &Settings) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    match text(headers, "sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => is_ours(headers, settings),
    }
}

/// Whether a socket may be opened: browsers let any page try, so `Origin` must be there and be ours.
pub(crate) fn may_connect(headers: &HeaderMap, settings: &Settings) -> bool {
    is_ours(headers, settings)
}

fn is_ours(headers: &HeaderMap, settings: &Settings) -> bool {
    let Some(origin) = text(headers, header::ORIGIN.as_str()) else { return false };
    if let Some(public) = settings.public_url.as_deref() {
        if of_address(public).is_some_and(|ours| ours.eq_ignore_ascii_case(origin)) {
            return true;
        }
        // Behind https, a page at http://the-same-host may have been put there by somebody in between.
        if public.starts_with("https://") {
            return false;
        }
    }
    let named = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let host = text(headers, header::HOST.as_str());
    matches!((named, host), (Some(named), Some(host)) if !host.is_empty() && named.eq_ignore_ascii_case(host))
}

/// `https://host:port` of an address.
fn of_address(address: &str) -> Option<&str> {
    let start = address.find("://")? + 3;
    let end = address[start..].find('/').map_or(address.len(), |slash| start + slash);
    (end > start).then(|| &address[..end])
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // A header that is there but cannot be read counts as saying something strange, not as silence.
    headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    fn open() -> Settings {
        Settings::new(None)
    }

    fn public() -> Settings {
        Settings::new(Some("https://debrief.example/".into()))
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:8080");

    #[test]
    fn changes_come_from_our_own_pages() {
        let table: &[(&[(&'static str, &'static str)], bool)] = &[
            (&[HOST, ("sec-fetch-site", "same-origin")], true),
            (&[HOST, ("sec-fetch-site", "none")], true),
            (&[HOST, ("sec-fetch-site", "same-site")], false),
            (&[HOST, ("sec-fetch-site", "cross-site")], false),
            (&[HOST, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")], false),
            (&[HOST, ("origin", "http://127.0.0.1:8080")], true),
            (&[HOST, ("origin", "http://127.0.0.1:8081")], false),
            (&[HOST, ("origin", "null")], false),
            (&[HOST, ("origin", "file://127.0.0.1:8080")], false),
            (&[("host", ""), ("origin", "http://")], false),
            (&[("origin", "http://127.0.0.1:8080")], false),
            (&[HOST], false),
        ];
        for (pairs, allowed) in table {
            assert_eq!(may_change(&Method::POST, &headers(pairs), &open()), *allowed, "{pairs:?}");
        }
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(!may_change(&method, &headers(&[HOST]), &open()), "{method}");
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert!(may_change(&method, &headers(&[("sec-fetch-site", "cross-site")]), &open()), "{method}");
        }
    }

    #[test]
    fn behind_https_only_the_public_address_counts() {
        for (origin, allowed) in [
            ("https://debrief.example", true),
            ("https://DEBRIEF.example", true),
            ("http://debrief.example", false),
            ("https://debrief.example.evil.example", false),
            ("https://debrief.example:8443", false),
        ] {
            let given = headers(&[("host", "debrief.example"), ("origin", origin)]);
            assert_eq!(may_change(&Method::POST, &given, &public()), allowed, "{origin}");
            assert_eq!(may_connect(&given, &public()), allowed, "{origin}");
        }
    }

    #[test]
    fn a_socket_needs_an_origin_whatever_else_it_says() {
        assert!(!may_connect(&headers(&[HOST, ("sec-fetch-site", "same-origin")]), &open()));
        assert!(may_connect(&headers(&[HOST, ("origin", "http://127.0.0.1:8080")]), &open()));
        assert!(!may_connect(&headers(&[HOST, ("origin", "http://evil.example")]), &open()));
    }
}
