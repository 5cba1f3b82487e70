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
use app::sign_in::{How, sessions};
use askama::Template;
use domain::{Instant, SessionId, instant::Span};

#[derive(Template)]
#[template(path = "settings/sessions.html")]
struct SessionsPage {
    frame: Frame,
    done: Option<&'static str>,
    rows: Vec<Row>,
    idle: String,
    longest: String,
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
        idle: long(state.app.lasting().idle),
        longest: long(state.app.lasting().longest),
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

/// A length in the largest unit in which it is whole.
fn long(span: Span) -> String {
    let minutes = span.as_minutes();
    let (number, unit) = match minutes {
        whole if whole % (24 * 60) == 0 => (whole / (24 * 60), "day"),
        whole if whole % 60 == 0 => (whole / 60, "hour"),
        other => (other, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

const fn how(how: How) -> &'static str {
    match how {
        How::Passphrase => "with a passphrase",
        How::Link => "by a link",
        How::Passkey => "with a passkey",
        How::Provider => "by single sign-on",
    }
}
