//! From a page value to an answer: a whole page, or the fragment that a script asked for.
//!
//! Every page template has a field `frame` of type [`Frame`]; `layout.html` reads it.

use crate::{assets, error::Answer, zone::Zone};
use app::{sign_in::Session, workspace::Workspace};
use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use domain::{Instant, access};
use std::convert::Infallible;

/// What the asker can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A program: JSON.
    Json,
    /// A script: a part of a page.
    Fragment,
    /// A browser: a whole page.
    Page,
}

impl Asked {
    /// By address and headers. Restoring history wants whole pages.
    pub(crate) fn of(path: &str, headers: &HeaderMap) -> Self {
        let says = |name: &str| headers.get(name).is_some_and(|value| value == "true");
        if path.starts_with("/api/") || path.starts_with("/hooks/") || path == "/metrics" {
            Self::Json
        } else if says("hx-request") && !says("hx-boosted") && !says("hx-history-restore-request") {
            Self::Fragment
        } else {
            Self::Page
        }
    }

    /// Whether a part of the page is enough.
    pub(crate) fn fragment(self) -> bool {
        self == Self::Fragment
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.path(), &parts.headers))
    }
}

/// A room of the product, marked in the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// No room: sign-in, errors.
    Nowhere,
    /// Incidents, their timelines and evidence, and bringing records in.
    Incidents,
    /// Post-mortems.
    Library,
    /// Ideas and follow-ups.
    FollowUps,
    /// Settings, people, tokens.
    Settings,
}

impl Room {
    /// Its name in templates.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Nowhere => "",
            Self::Incidents => "incidents",
            Self::Library => "library",
            Self::FollowUps => "follow-ups",
            Self::Settings => "settings",
        }
    }
}

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The cookie that a script sets when the button in the bar is pressed.
    pub(crate) const COOKIE: &'static str = "theme";

    /// By the value of the cookie.
    pub(crate) fn from_key(key: &str) -> Self {
        match key {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of `data-theme`; empty follows the system.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What the layout shows around a page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The page's own title; the workspace's name follows it.
    pub(crate) title: String,
    /// The room marked in the bar.
    pub(crate) room: Room,
    /// Who is signed in.
    pub(crate) person: Option<FramePerson>,
    /// The zone in which times are shown.
    pub(crate) zone: Zone,
    /// Light, dark, or as the system says.
    pub(crate) theme: Theme,
    /// The workspace.
    pub(crate) workspace: Workspace,
    /// The instant it is now.
    pub(crate) now: Instant,
}

/// A signed-in person, as the layout needs them.
#[derive(Debug, Clone)]
pub(crate) struct FramePerson {
    /// Their name.
    pub(crate) name: String,
    /// One or two letters.
    pub(crate) initials: String,
    /// Whether buttons that change things are shown.
    pub(crate) may_write: bool,
    /// Whether buttons that publish are shown.
    pub(crate) may_publish: bool,
    /// Whether people and workspace can be changed.
    pub(crate) may_administer: bool,
}

impl FramePerson {
    /// From the session: what they may do by their role, and by what they are to the incident that the page is about.
    pub(crate) fn new(session: &Session) -> Self {
        let may = |action| access::may(&session.actor, &session.parts, action);
        Self {
            name: session.person.name.to_string(),
            initials: session.person.name.initials(),
            may_write: may(access::Action::Write),
            may_publish: may(access::Action::Publish),
            may_administer: may(access::Action::Administer),
        }
    }
}

impl Frame {
    /// Whether the bar marks this room (`incidents`, `library`, `follow-ups`, `settings`).
    pub(crate) fn at(&self, room: &str) -> bool {
        self.room.key() == room
    }

    /// The address of a file that the browser loads, by its plain name: `app.css`, `pages.js`, `editor.js`.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// The drawings that `<use href="#i-name">` refers to, as one hidden `<svg>`; safe to put in unescaped.
    pub(crate) fn icons(&self) -> &'static str {
        assets::icons()
    }

    /// Whether style sheet and scripts were built into this binary.
    pub(crate) fn has_assets(&self) -> bool {
        assets::built()
    }

    /// What the place calls what is written about an incident.
    pub(crate) fn term(&self) -> &domain::vocabulary::Term {
        &self.workspace.term
    }

    /// Whether buttons that change things are shown.
    pub(crate) fn may_write(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.may_write)
    }

    /// Whether buttons that publish are shown.
    pub(crate) fn may_publish(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.may_publish)
    }

    /// Whether people and workspace can be changed.
    pub(crate) fn may_administer(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.may_administer)
    }
}

/// Answers made of templates.
pub(crate) mod html {
    use super::{Answer, HeaderName, HeaderValue, IntoResponse, StatusCode, Template, header};

    /// The media type of pages.
    pub(crate) const MEDIA: &str = "text/html; charset=utf-8";

    /// A whole page or a fragment, whatever `template` is.
    pub(crate) fn ok(template: &impl Template) -> Answer {
        with(StatusCode::OK, template)
    }

    /// The same with another status, for forms that come back (422) and conflicts (409).
    pub(crate) fn with(status: StatusCode, template: &impl Template) -> Answer {
        let headers: [(HeaderName, HeaderValue); 2] = [
            (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA)),
            (header::VARY, HeaderValue::from_static("HX-Request")),
        ];
        Ok((status, headers, template.render()?).into_response())
    }
}

/// Goes to another page after a change (303), also when a script asked.
pub(crate) fn go(to: &str) -> Answer {
    Ok(axum::response::Redirect::to(to).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(path: &str, pairs: &[(&'static str, &'static str)]) -> Asked {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Asked::of(path, &headers)
    }

    #[test]
    fn scripts_get_fragments_and_browsers_get_pages() {
        assert_eq!(asked("/incidents", &[]), Asked::Page);
        assert_eq!(asked("/incidents", &[("hx-request", "true")]), Asked::Fragment);
        assert_eq!(asked("/incidents", &[("hx-request", "true"), ("hx-boosted", "true")]), Asked::Page);
        let restoring = [("hx-request", "true"), ("hx-history-restore-request", "true")];
        assert_eq!(asked("/incidents", &restoring), Asked::Page);
        assert_eq!(asked("/api/v1/incidents", &[("hx-request", "true")]), Asked::Json);
    }
}
