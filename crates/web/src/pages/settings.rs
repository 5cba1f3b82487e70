//! Settings: oneself and the workspace.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    zone::Zone,
};
use app::{Error, workspace::Workspace};
use askama::Template;
use axum::http::StatusCode;
use domain::{
    follow_up::{SOAK_MAX, SOAK_MIN},
    vocabulary::{TERM_MAX, Term},
};

#[derive(Template)]
#[template(path = "settings/show.html")]
struct SettingsPage {
    frame: Frame,
    /// What just happened.
    done: Option<&'static str>,
    me: Kept,
    workspace: Kept,
    /// What somebody else saved meanwhile, by the names of the fields.
    theirs: Vec<(&'static str, String)>,
    zones: Vec<String>,
    email: String,
    role: &'static str,
    soak_min: i64,
    soak_max: i64,
    /// The words in the list.
    usual: [(&'static str, &'static str); 6],
    term_max: usize,
}

/// What differs between the ways to arrive on the page.
#[derive(Default)]
struct Parts {
    status: StatusCode,
    done: Option<&'static str>,
    me: Option<Kept>,
    workspace: Option<Kept>,
    theirs: Vec<(&'static str, String)>,
}

/// Everything there is to set.
pub(crate) async fn show(visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "me" | "workspace" => Some("Saved."),
        _ => None,
    };
    page(&visitor, Parts { done, ..Parts::default() })
}

/// Changes one's own name and zone.
pub(crate) async fn update_me(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let act = async {
        let zone = sent.filled("zone");
        if zone.is_some_and(|name| !Zone::of(Some(name)).chosen()) {
            return Err(Error::invalid(
                "zone",
                "This zone is not known. Choose one such as Europe/Amsterdam.",
            ));
        }
        app::people::update_me(&state.app, visitor.actor(), sent.text("name"), zone).await
    };
    match act.await {
        Ok(_) => go("/settings?done=me"),
        Err(error) => {
            let (status, kept) = sent.refused(error)?;
            page(&visitor, Parts { status, me: Some(kept), ..Parts::default() })
        }
    }
}

/// Changes what holds for everybody. When somebody else saved first, both texts are shown.
pub(crate) async fn edit_workspace(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let act = async {
        let change = Workspace {
            name: sent.text("name").to_owned(),
            premise: sent.text("premise").to_owned(),
            soak_hours: sent.value("soak_hours", "This is a number of hours, from 24 to 72.")?,
            term: term(&sent, &visitor.surroundings.workspace)?,
            revision: sent.value("revision", "This page is too old. Load it again.")?,
        };
        app::workspace::edit(&state.app, visitor.actor(), change).await
    };
    match act.await {
        Ok(_) => go("/settings?done=workspace"),
        Err(error) => {
            let (status, mut kept) = sent.refused(error)?;
            let mut theirs = Vec::new();
            if status == StatusCode::CONFLICT {
                let now = app::workspace::show(&state.app).await?;
                kept = kept.and("revision", now.revision.to_string());
                theirs = vec![
                    ("What this place is called", now.name),
                    ("The premise shown when people write and meet", now.premise),
                    ("What you call what you write about an incident", now.term.one().to_owned()),
                    ("How long ideas rest, in hours", now.soak_hours.to_string()),
                ];
            }
            let parts = Parts { status, workspace: Some(kept), theirs, ..Parts::default() };
            page(&visitor, parts)
        }
    }
}

/// The word that was chosen from the list, or the place's own. A form without the list changes nothing.
fn term(sent: &Submitted, here: &Workspace) -> Result<Term, Error> {
    let refused = |wrong: domain::person::NotAccepted| Error::invalid("own_term", wrong.to_string());
    let usual = Term::USUAL.iter().find(|(one, _)| *one == sent.text("term"));
    match usual {
        Some((one, many)) => Term::new(one, many).map_err(refused),
        None if sent.has("term") => Term::new(sent.text("own_term"), sent.text("own_terms")).map_err(refused),
        None => Ok(here.term.clone()),
    }
}

/// The page. The forms begin with what is set now unless they came back.
fn page(visitor: &Visitor, parts: Parts) -> Answer {
    let person = &visitor.session.person;
    let here = &visitor.surroundings.workspace;
    let me = || {
        let zone = person.zone.clone().unwrap_or_default();
        Kept::with([("name", person.name.to_string()), ("zone", zone)])
    };
    let workspace = || {
        Kept::with([
            ("name", here.name.clone()),
            ("premise", here.premise.clone()),
            ("soak_hours", here.soak_hours.to_string()),
            ("term", if here.term.is_own() { String::new() } else { here.term.one().to_owned() }),
            ("own_term", if here.term.is_own() { here.term.one().to_owned() } else { String::new() }),
            ("own_terms", if here.term.is_own() { here.term.many().to_owned() } else { String::new() }),
            ("revision", here.revision.to_string()),
        ])
    };
    let template = SettingsPage {
        frame: visitor.frame("Settings", Room::Settings),
        done: parts.done,
        me: parts.me.unwrap_or_else(me),
        workspace: parts.workspace.unwrap_or_else(workspace),
        theirs: parts.theirs,
        zones: Zone::every_name(),
        email: person.email.to_string(),
        role: super::people::role_words(&person.role),
        soak_min: SOAK_MIN.as_minutes() / 60,
        soak_max: SOAK_MAX.as_minutes() / 60,
        usual: Term::USUAL,
        term_max: TERM_MAX,
    };
    html::with(parts.status, &template)
}
