//! Who asks: the cookie of a signed-in browser, or the token of a program.

use crate::{
    error::{Failure, Problem},
    render::{Frame, FramePerson, Room, Theme},
    state::{Settings, State},
    zone::Zone,
};
use app::{
    Error,
    sign_in::{Begun, Device, Session},
    workspace::Workspace,
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header, request::Parts},
};
use domain::{Instant, access::Actor, incident::IncidentNumber};
use std::{convert::Infallible, net::SocketAddr};

/// A signed-in person behind a request to a page. The guard of the route puts it there.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Their session.
    pub(crate) session: Session,
    /// Where they are.
    pub(crate) surroundings: Surroundings,
}

impl Visitor {
    /// What the acts need to know of them.
    pub(crate) fn actor(&self) -> &Actor {
        &self.session.actor
    }

    /// Refuses an act that would outlast a borrowed browser, unless they proved lately who they are.
    pub(crate) fn proved(&self, state: &State) -> Result<(), Error> {
        app::sign_in::proof::recent(&self.session, state.app.now())
    }

    /// The zone in which they read times: the one they chose, else their browser's.
    pub(crate) fn zone(&self) -> Zone {
        let chosen = self.session.person.zone.as_deref();
        Zone::of(chosen.or(self.surroundings.browser_zone.as_deref()))
    }

    /// What the layout shows around a page of theirs.
    pub(crate) fn frame(&self, title: impl Into<String>, room: Room) -> Frame {
        let person = FramePerson::new(&self.session);
        Frame { person: Some(person), room, zone: self.zone(), ..self.surroundings.frame(title) }
    }
}

/// What a page needs to know although nobody is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// The workspace.
    pub(crate) workspace: Workspace,
    /// Light, dark, or as the system says.
    pub(crate) theme: Theme,
    /// What the browser's script said about its zone. Lists, pictures and fields of one page then agree, which
    /// they cannot when a script rewrites only some of the times.
    pub(crate) browser_zone: Option<String>,
    /// The instant it is now.
    pub(crate) now: Instant,
}

impl Surroundings {
    /// What the layout shows around a page that needs no sign-in.
    pub(crate) fn frame(&self, title: impl Into<String>) -> Frame {
        Frame {
            title: title.into(),
            room: Room::Nowhere,
            person: None,
            zone: Zone::of(self.browser_zone.as_deref()),
            theme: self.theme,
            workspace: self.workspace.clone(),
            now: self.now,
        }
    }

    /// Of a request. A workspace that cannot be read leaves its name out; the page itself will say more.
    pub(crate) async fn of(state: &State, headers: &HeaderMap) -> Self {
        let workspace = app::workspace::show(&state.app).await.unwrap_or_else(|_| Workspace {
            name: "Debrief".into(),
            premise: String::new(),
            soak_hours: 48,
            term: domain::vocabulary::Term::default(),
            revision: 0,
        });
        let theme = cookie(headers, Theme::COOKIE).map(Theme::from_key).unwrap_or_default();
        let browser_zone = cookie(headers, Zone::COOKIE).map(str::to_owned);
        Self { workspace, theme, browser_zone, now: state.app.now() }
    }
}

/// Who asks for JSON: a program with a token, or a signed-in browser.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Actor);

macro_rules! from_guard {
    ($type:ident) => {
        impl FromRequestParts<State> for $type {
            type Rejection = Failure;
            async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Failure> {
                let given = parts.extensions.get::<Self>().cloned();
                given.ok_or_else(|| {
                    Failure(Error::internal("this route lets everybody in and yet asks who it is"))
                })
            }
        }
    };
}
from_guard!(Visitor);
from_guard!(Caller);

impl OptionalFromRequestParts<State> for Visitor {
    type Rejection = Infallible;
    /// On routes open to everybody: whoever the cookie names, if it is still good.
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, Infallible> {
        Ok(visitor(state, &parts.headers).await.ok().flatten())
    }
}

impl FromRequestParts<State> for Surroundings {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(Self::of(state, &parts.headers).await)
    }
}

/// The person the session cookie names, if it is still good. One statement.
pub(crate) async fn visitor(state: &State, headers: &HeaderMap) -> Result<Option<Visitor>, Error> {
    visitor_at(state, headers, None).await
}

/// The same for a request about one incident: what they may do there is then known. One statement.
pub(crate) async fn visitor_at(
    state: &State,
    headers: &HeaderMap,
    incident: Option<IncidentNumber>,
) -> Result<Option<Visitor>, Error> {
    let Some(value) = cookie(headers, name(&state.settings)) else { return Ok(None) };
    let Some(session) = app::sign_in::session_at(&state.app, value, incident).await? else { return Ok(None) };
    Ok(Some(Visitor { session, surroundings: Surroundings::of(state, headers).await }))
}

/// Who asks for JSON. A token that is sent counts alone, so a stale one is never covered by a cookie.
pub(crate) async fn caller(state: &State, headers: &HeaderMap) -> Result<Option<Caller>, Failure> {
    match bearer(headers) {
        Bearer::Token(token) => Ok(app::sign_in::bearer(&state.app, token).await?.map(Caller)),
        Bearer::Unreadable => Ok(None),
        Bearer::None => {
            let visitor = visitor(state, headers).await?.filter(|visitor| !visitor.session.must_enrol);
            Ok(visitor.map(|visitor| Caller(visitor.session.actor)))
        }
    }
}

/// What the `Authorization` header holds (RFC 6750, section 2.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bearer<'a> {
    /// A token.
    Token(&'a str),
    /// Something else.
    Unreadable,
    /// There is none.
    None,
}

/// Reads the `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Bearer<'_> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Bearer::None };
    let split = value.to_str().ok().and_then(|text| text.split_once(' '));
    match split {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Bearer::Token(token.trim()),
        _ => Bearer::Unreadable,
    }
}

/// What is known of the browser that sends a request: slows down whoever tries many passphrases, and tells
/// sessions apart in the list of one's own.
#[derive(Debug, Clone)]
pub(crate) struct Whence(pub(crate) Device);

/// Where a request comes from. A proxy adds the address it saw at the end; what stands before it was written by the client.
pub(crate) fn address(settings: &Settings, headers: &HeaderMap, extensions: &Extensions) -> String {
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|line| line.to_str().ok()?.rsplit(',').next());
    let proxied = last.filter(|_| settings.behind_proxy).map(|text| text.trim().to_owned());
    let direct = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    proxied.or(direct).unwrap_or_else(|| "unknown".to_owned())
}

impl FromRequestParts<State> for Whence {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let address = address(&state.settings, &parts.headers, &parts.extensions);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("");
        Ok(Self(Device { agent: agent.to_owned(), address }))
    }
}

/// The refusal for somebody unknown.
pub(crate) fn unknown() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in, or send a token that is still good.")
}

/// The cookie's name. With `__Host-` browsers refuse it from other hosts, other paths and without TLS
/// (RFC 6265bis, section 4.1.3.2).
pub(crate) fn name(settings: &Settings) -> &'static str {
    if settings.secure_cookies { "__Host-debrief_session" } else { "debrief_session" }
}

/// The header that begins a session in the browser.
pub(crate) fn begin(settings: &Settings, begun: &Begun, now: Instant) -> HeaderValue {
    set_cookie(settings, &begun.cookie, begun.ends_at.since(now).as_seconds().max(0))
}

/// The header that ends a session in the browser.
pub(crate) fn end(settings: &Settings) -> HeaderValue {
    set_cookie(settings, "", 0)
}

fn set_cookie(settings: &Settings, value: &str, seconds: i64) -> HeaderValue {
    let (name, secure) = (name(settings), if settings.secure_cookies { "; Secure" } else { "" });
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("debrief_session=; Path=/; Max-Age=0"))
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        [(name, HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn the_session_cookie_stays_with_us() {
        let open = set_cookie(&Settings::new(Some("http://127.0.0.1:8080".into())), "abc", 60);
        assert_eq!(open, "debrief_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        let secure = set_cookie(&Settings::new(Some("https://debrief.example".into())), "abc", 60);
        assert_eq!(secure, "__Host-debrief_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
        assert!(end(&Settings::new(None)).to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let given = headers(header::COOKIE, "a=1; debrief_session=x=y; xdebrief_session=no;broken");
        assert_eq!(cookie(&given, "debrief_session"), Some("x=y"));
        assert_eq!(cookie(&given, "session"), None);
        assert_eq!(cookie(&given, "broken"), None);
    }

    #[test]
    fn what_a_proxy_says_counts_only_behind_one() {
        let mut said = headers(header::HeaderName::from_static("x-forwarded-for"), "10.0.0.1, 192.0.2.9");
        let mut known = Extensions::new();
        known.insert(ConnectInfo(SocketAddr::from(([198, 51, 100, 7], 4_711))));
        let alone = Settings::new(None);
        let behind = Settings { behind_proxy: true, ..Settings::new(None) };
        assert_eq!(address(&alone, &said, &known), "198.51.100.7");
        assert_eq!(
            address(&behind, &said, &known),
            "192.0.2.9",
            "what stands before was written by the client"
        );
        said.append("x-forwarded-for", HeaderValue::from_static("203.0.113.5"));
        assert_eq!(address(&behind, &said, &known), "203.0.113.5", "the proxy's own line is the last");
        assert_eq!(address(&behind, &HeaderMap::new(), &known), "198.51.100.7");
        assert_eq!(address(&alone, &said, &Extensions::new()), "unknown");
    }

    #[test]
    fn only_bearer_tokens_count() {
        assert_eq!(bearer(&headers(header::AUTHORIZATION, "Bearer abc")), Bearer::Token("abc"));
        assert_eq!(bearer(&headers(header::AUTHORIZATION, "bearer abc")), Bearer::Token("abc"));
        assert_eq!(bearer(&headers(header::AUTHORIZATION, "Basic abc")), Bearer::Unreadable);
        assert_eq!(bearer(&headers(header::AUTHORIZATION, "abc")), Bearer::Unreadable);
        assert_eq!(bearer(&HeaderMap::new()), Bearer::None);
    }
}
