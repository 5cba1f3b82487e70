//! Where somebody is signed in, and ending what they do not know or need any more.

use crate::{
    error::Answer,
    forms::Asking,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::Id,
    words::device,
};
use app::sign_in::{self, How, sessions};
use askama::Template;
use domain::{Instant, SessionId};

#[derive(Template)]
#[template(path = "settings/sessions.html")]
struct SessionsPage {
    frame: Frame,
    done: Option<&'static str>,
    rows: Vec<Row>,
    idle_days: i64,
    longest_days: i64,
}

struct Row {
    id: SessionId,
    device: String,
    address: String,
    how: &'static str,
    created_at: Instant,
    seen_at: Instant,
    this_one: bool,
}

/// One's sessions.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "ended" => Some("The session has ended. Whoever had it open is signed out."),
        "others" => Some("All other sessions have ended."),
        _ => None,
    };
    let listed = sessions::list(&state.app, &visitor.session).await?;
    let row = |one: sessions::Listed| Row {
        id: one.id,
        device: device::words(&one.device.agent),
        address: if one.device.address.is_empty() { "address unknown".into() } else { one.device.address },
        how: how(one.how),
        created_at: one.created_at,
        seen_at: one.seen_at,
        this_one: one.id == visitor.session.id,
    };
    html::ok(&SessionsPage {
        frame: visitor.frame("Sessions", Room::Settings),
        done,
        rows: listed.into_iter().map(row).collect(),
        idle_days: sign_in::IDLE.as_minutes() / (24 * 60),
        longest_days: sign_in::LONGEST.as_minutes() / (24 * 60),
    })
}

/// Ends one.
pub(crate) async fn end(state: State, visitor: Visitor, Id(id): Id<SessionId>) -> Answer {
    sessions::end(&state.app, &visitor.session, id).await?;
    // Ending the one that asks is signing out, as far as the browser is concerned.
    if id == visitor.session.id { go("/sign-in") } else { go("/settings/sessions?done=ended") }
}

/// Ends all but the one that asks.
pub(crate) async fn end_others(state: State, visitor: Visitor) -> Answer {
    sessions::end_others(&state.app, &visitor.session).await?;
    go("/settings/sessions?done=others")
}

const fn how(how: How) -> &'static str {
    match how {
        How::Passphrase => "with a passphrase",
        How::Link => "by a link",
        How::Passkey => "with a passkey",
        How::Provider => "by single sign-on",
    }
}
