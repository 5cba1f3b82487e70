//! Bringing records into an incident in one request, for scripts: files in the body, the choice in the query.

use super::body::ok;
use crate::{
    error::Answer,
    forms::{Asking, Submitted},
    pages::imports::receive,
    session::Caller,
    state::State,
    urls::Number,
};
use app::{
    Error,
    imports::{self, Order, Selection},
};
use axum::extract::Multipart;
use domain::{Instant, access::Actor, evidence::Source, incident::IncidentNumber};

/// Brings files in and waits. Everything is brought in, or nothing.
pub(super) async fn run(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Asking(asked): Asking,
    files: Multipart,
) -> Answer {
    bring_in(&state, &actor, Some(number), &asked, files).await
}

/// Brings files in and waits: each incident in them becomes one here, or grows where it is known already.
pub(super) async fn declare(
    state: State,
    Caller(actor): Caller,
    Asking(asked): Asking,
    files: Multipart,
) -> Answer {
    bring_in(&state, &actor, None, &asked, files).await
}

async fn bring_in(
    state: &State,
    actor: &Actor,
    incident: Option<IncidentNumber>,
    asked: &Submitted,
    files: Multipart,
) -> Answer {
    let selection = selection(asked)?;
    let (_, files) = receive(state, actor, files).await?;
    let folder = files.first().and_then(|file| file.path.parent()).map(std::path::Path::to_owned);
    let order = Order { files, selection, incident };
    let outcome = imports::run(&state.app, actor, order, &mut |_| {}).await;
    if let Some(folder) = folder {
        // What stays behind is removed within a day.
        let _ = tokio::fs::remove_dir_all(folder).await;
    }
    ok(&outcome?)
}

/// `channel` (with `from` and `to`) for a Slack archive; else the files tell what they are, unless `source` does, and
/// `pick` names the incidents that are wanted, all without it.
fn selection(asked: &Submitted) -> Result<Selection, Error> {
    let Some(channel) = asked.filled("channel") else {
        let wrong = || Error::invalid("source", "There is no source of that name.");
        let named =
            asked.filled("source").map(|name| Source::from_key(name).ok_or_else(wrong)).transpose()?;
        let options = imports::Options { source: named, ..imports::Options::default() };
        return Ok(Selection::Records { incidents: asked.all("pick").map(str::to_owned).collect(), options });
    };
    let wrong = "This is a time such as 2026-11-14T05:47:00Z.";
    let time = |name| asked.filled(name).map(|_| asked.value::<Instant>(name, wrong)).transpose();
    Ok(Selection::Slack {
        channel: channel.trim_start_matches('#').to_owned(),
        from: time("from")?,
        to: time("to")?,
    })
}
