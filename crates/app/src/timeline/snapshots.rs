//! What a linked page said when it was looked at: fetched by a job through the one way out, and only where the
//! settings of the installation allow it. Why there is none is kept as well, for whoever added the link.

use super::{attaching::TEXT_MAX, page_words};
use crate::{
    App, Error, Result,
    jobs::{self, Held, Job, Then},
    outbound::{Answered, Asked, Outbound, Refused},
    reach,
};
use domain::{
    EvidenceId,
    access::{Action, Actor},
    incident::IncidentNumber,
    instant::Span,
};
use serde_json::json;
pub use store::snapshots::{Snapshot, State};
use store::{Tx, audit, snapshots};

/// The snapshot of a link, if one was asked for. One statement.
pub async fn find(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    evidence: EvidenceId,
) -> Result<Option<Snapshot>> {
    let mut tx = app.read(actor, Action::Read).await?;
    Ok(snapshots::find(&mut tx, number, evidence, app.sight(actor)).await?)
}

/// Asks for the page of a link in the transaction that keeps the link, or says why it is not asked for.
pub(super) async fn ask(app: &App, tx: &mut Tx, evidence: EvidenceId) -> Result<()> {
    let allowed = app.way_out().is_some();
    let reason = "The settings of this installation do not let it fetch pages (`snapshot_links`).";
    let snapshot = Snapshot {
        state: if allowed { State::Waiting } else { State::Refused },
        at: app.now(),
        title: String::new(),
        text: String::new(),
        reason: if allowed { String::new() } else { reason.to_owned() },
    };
    snapshots::put(tx, evidence, &snapshot).await?;
    if allowed {
        jobs::enqueue(app, tx, &Job::Snapshot { evidence }).await?;
    }
    Ok(())
}

/// Asks once more for the page of a link that could not be had, or that nobody fetched for [`GIVEN_UP`].
pub async fn ask_again(app: &App, actor: &Actor, number: IncidentNumber, evidence: EvidenceId) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let found = snapshots::find(&mut tx, number, evidence, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    if !may_ask_again(app, &found) {
        return Err(Error::conflict(match found.state {
            State::Kept => "The page is here already, as it was. Nothing was changed.",
            _ => "The page is being fetched. Look again in a moment.",
        }));
    }
    ask(app, &mut tx, evidence).await?;
    let detail = json!({ "evidence": evidence }).to_string();
    audit::record(&mut tx, app.now(), actor, "evidence.fetch_again", &held.number().to_string(), &detail)
        .await?;
    tx.commit().await.map_err(Error::from)
}

/// Whether [`ask_again`] would ask.
pub fn may_ask_again(app: &App, snapshot: &Snapshot) -> bool {
    match snapshot.state {
        State::Refused => true,
        State::Waiting => app.now().since(snapshot.at) >= GIVEN_UP,
        State::Kept => false,
    }
}

/// A page that is not here after so long was given up by its job, or no node may fetch it any more.
pub const GIVEN_UP: Span = Span::hours(6);

/// Fetches the page of a link that waits for it, and keeps what it says or why nothing can be kept.
pub(crate) async fn take(app: &App, evidence: EvidenceId, held: Held) -> Result<Then> {
    let Some(way_out) = app.way_out() else {
        return Ok(Then::Never("The settings of this node do not let it fetch pages any more.".into()));
    };
    let url = snapshots::waiting(&mut app.db().read().await?, evidence).await?;
    let Some(url) = url else { return Ok(Then::Done) };
    let (state, title, text, reason) = match fetch(way_out, url).await {
        Ok((title, text)) => (State::Kept, title, text, String::new()),
        Err(reason) => (State::Refused, String::new(), String::new(), reason),
    };
    let mut tx = app.db().write().await?;
    snapshots::put(&mut tx, evidence, &Snapshot { state, at: app.now(), title, text, reason }).await?;
    held.finish(&mut tx).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(Then::Ended)
}

/// Title and text of a page, or why not, in one sentence for whoever added the link.
async fn fetch(way_out: &Outbound, url: String) -> std::result::Result<(String, String), String> {
    let answered = way_out.ask(Asked::get(url)).await.map_err(|refused| match refused {
        Refused::Inside(host) => {
            format!("{host} is inside the network of this installation, which asks nobody there unless its settings name them.")
        }
        Refused::Address(_) => "Only addresses that begin with https:// are fetched.".to_owned(),
        other => format!("{other}."),
    })?;
    read(&answered)
}

fn read(answered: &Answered) -> std::result::Result<(String, String), String> {
    if !answered.status.is_success() {
        return Err(format!("The page answered with {}.", answered.status.as_u16()));
    }
    let sort = answered.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    let body = String::from_utf8_lossy(&answered.body);
    let words = match sort.split(';').next().unwrap_or("").trim() {
        "text/html" | "application/xhtml+xml" => page_words::of_html(&body, TEXT_MAX),
        "text/plain" => page_words::Words {
            text: body.chars().filter(|c| !c.is_control() || *c == '\n').take(TEXT_MAX).collect(),
            ..Default::default()
        },
        "" => return Err("The page does not say what it is.".to_owned()),
        other => {
            let other: String = other.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(format!("There are no words to keep in {other}."));
        }
    };
    if words.title.is_empty() && words.text.is_empty() {
        return Err("The page says nothing without a script.".to_owned());
    }
    Ok((words.title, words.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap, HeaderValue},
    };

    #[test]
    fn only_pages_with_words_are_kept() {
        let told = |status: u16, sort: &'static str, body: &str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(sort))]);
            let status = StatusCode::from_u16(status).unwrap();
            read(&Answered { status, headers, body: body.as_bytes().to_vec() })
        };
        let page = told(200, "text/html; charset=utf-8", "<title>Status</title><p>Gates slow");
        assert_eq!(page, Ok(("Status".to_owned(), "Gates slow".to_owned())));
        assert_eq!(told(200, "text/plain", "a\u{1b}[31m\nb"), Ok((String::new(), "a[31m\nb".to_owned())));
        assert_eq!(told(404, "text/html", "x"), Err("The page answered with 404.".to_owned()));
        assert_eq!(told(200, "image/png", "x"), Err("There are no words to keep in image/png.".to_owned()));
        assert!(told(200, "text/html", "<script>draw()</script>").is_err());
    }
}
