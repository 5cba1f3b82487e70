//! Every address that a template or handler builds, and how the parts of an address are read.

use app::{Error, versions::Moment};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use domain::{
    incident::IncidentNumber,
    version::{NotAVersion, VersionNumber},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{fmt::Display, str::FromStr};

use crate::error::Failure;

/// What stays as it is within one part of an address (RFC 3986, section 2.3).
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` as one part of a path or one value of a query.
pub(crate) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// Where a signed-in person begins.
pub(crate) const HOME: &str = "/incidents";

/// Passphrase, second factor and passkeys of one's own; everything below it leads to them.
pub(crate) const HOW_ONE_SIGNS_IN: &str = "/settings/sign-in";

/// Where somebody proves again who they are.
pub(crate) const PROOF: &str = "/settings/proof";

/// An incident and its timeline.
pub(crate) fn incident(number: IncidentNumber) -> String {
    format!("/incidents/{number}")
}

/// The incident that an address of a page is about.
pub(crate) fn number_in(path: &str) -> Option<IncidentNumber> {
    let mut parts = path.split('/').skip(1);
    let of_one = matches!(parts.next(), Some("incidents" | "postmortems" | "collab"));
    parts.next().filter(|_| of_one)?.parse().ok()
}

/// Bringing records into an incident.
pub(crate) fn import_into(number: IncidentNumber) -> String {
    format!("/incidents/{number}/import")
}

/// An upload that waits for a choice, is at work, or is done.
pub(crate) fn import(id: impl Display) -> String {
    format!("/imports/{id}")
}

/// A one-time link.
pub(crate) fn link(token: &str) -> String {
    format!("/links/{}", part(token))
}

/// Signing in, and going on to `next` from there.
pub(crate) fn sign_in(next: &str) -> String {
    match local(next) {
        Some(next) if next != HOME && next != "/" => format!("/sign-in?next={}", part(next)),
        _ => "/sign-in".to_owned(),
    }
}

/// Where single sign-on begins, to go on to `next` from there.
pub(crate) fn enter_by_provider(next: &str) -> String {
    match local(next) {
        Some(next) if next != HOME => format!("/sign-in/provider?next={}", part(next)),
        _ => "/sign-in/provider".to_owned(),
    }
}

/// The address if it leads to a page of this installation and nowhere else; anything that a browser could
/// read as another host gives `None`.
pub(crate) fn local(address: &str) -> Option<&str> {
    let inside = address.starts_with('/') && !address[1..].starts_with(['/', '\\']);
    let plain =
        address.len() <= 1000 && !address.chars().any(|c| c == '\\' || c.is_control() || c.is_whitespace());
    let loops = ["/sign-in", "/sign-out", "/signed-out", "/links/", "/api/", "/collab/"]
        .iter()
        .any(|no| address.starts_with(no));
    (inside && plain && !loops).then_some(address)
}

/// The incident number in a path: `{number}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub(crate) IncidentNumber);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        named(parts, state, "number").await.map(Self)
    }
}

/// The id in a path: `{id}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        named(parts, state, "id").await.map(Self)
    }
}

/// The version in a path: `{version}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version(pub(crate) VersionNumber);

impl<S: Send + Sync> FromRequestParts<S> for Version {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        named(parts, state, "version").await.map(Self)
    }
}

/// A version in a path, or two with what lies between them: `3`, `3..5`, `3..now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Which(pub(crate) VersionNumber, pub(crate) Option<Moment>);

impl FromStr for Which {
    type Err = NotAVersion;
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        match text.split_once("..") {
            None => Ok(Self(text.parse()?, None)),
            Some((one, "now")) => Ok(Self(one.parse()?, Some(Moment::Now))),
            Some((one, other)) => Ok(Self(one.parse()?, Some(Moment::Version(other.parse()?)))),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Which {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        named(parts, state, "version").await
    }
}

/// A part that cannot be read names nothing, so it is answered like a thing that is not there.
async fn named<T: FromStr, S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<T, Failure> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
    let text = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    text.and_then(|text| text.parse().ok()).ok_or(Failure(Error::NotFound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_inside_lead_on_after_sign_in() {
        for good in ["/incidents/INC-12", "/follow-ups?team=gates", "/", "/postmortems/INC-1#risks"] {
            assert_eq!(local(good), Some(good));
        }
        for bad in [
            "",
            "incidents",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\\b",
            "javascript:alert(1)",
            "/sign-in?next=/",
            "/links/abc",
            "/a\nb",
            " /a",
        ] {
            assert_eq!(local(bad), None, "{bad:?}");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(1001))), None);
    }

    #[test]
    fn versions_are_named_alone_or_in_pairs() {
        let (one, two) = (VersionNumber(1), VersionNumber(2));
        assert_eq!("1".parse(), Ok(Which(one, None)));
        assert_eq!("1..2".parse(), Ok(Which(one, Some(Moment::Version(two)))));
        assert_eq!("2..now".parse(), Ok(Which(two, Some(Moment::Now))));
        for bad in ["", "now", "now..1", "1..", "..2", "1...2", "1..2..3", "-1", "1..0"] {
            assert_eq!(bad.parse::<Which>(), Err(NotAVersion), "{bad}");
        }
    }

    #[test]
    fn the_way_back_survives_sign_in() {
        assert_eq!(sign_in("/incidents?words=a&b"), "/sign-in?next=%2Fincidents%3Fwords%3Da%26b");
        assert_eq!(sign_in("//evil.example"), "/sign-in");
        assert_eq!(sign_in("/"), "/sign-in");
    }
}
