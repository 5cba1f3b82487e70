//! The record of acts, for administrators: looked through by what, who, about what and when, and taken along as a file.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, html},
    session::Visitor,
    state::State,
    words::acts::{ACTS, words},
    zone::Zone,
};
use app::{
    Error,
    acts::{self, Entry, Form, Wanted},
};
use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use domain::{Instant, instant::Span};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "settings/acts.html")]
struct ActsPage {
    frame: Frame,
    form: Kept,
    acts: Vec<Line>,
    kinds: &'static [(&'static str, &'static str)],
    /// The same question for the files.
    query: String,
    /// The address of the page after this one.
    older: Option<String>,
}

/// An act as the page shows it.
struct Line {
    entry: Entry,
    words: String,
    /// What the act is about, where that has a name.
    name: Option<String>,
}

/// A page of acts.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let (status, form, listing) = match wanted(&asked, &visitor.zone()) {
        Ok(wanted) => {
            let listing = acts::list(&state.app, visitor.actor(), &wanted).await?;
            (StatusCode::OK, asked.kept(), listing)
        }
        Err(error) => {
            let (status, form) = asked.refused(error)?;
            (status, form, acts::Listing { acts: Vec::new(), next: None, names: BTreeMap::new() })
        }
    };
    let query = query(&asked);
    let page = ActsPage {
        frame: visitor.frame("What was done", Room::Settings),
        older: listing.next.map(|before| format!("/settings/audit?{query}before={before}")),
        acts: listing.acts.into_iter().map(|entry| line(entry, &listing.names)).collect(),
        kinds: ACTS,
        form,
        query,
    };
    html::with(status, &page)
}

fn line(entry: Entry, names: &BTreeMap<String, String>) -> Line {
    Line { words: words(&entry.act), name: names.get(&entry.subject).cloned(), entry }
}

/// The acts as a table.
pub(crate) async fn csv(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    file(&state, &visitor, &asked, Form::Csv, "text/csv; charset=utf-8", "acts.csv").await
}

/// The acts as JSON lines.
pub(crate) async fn json_lines(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    file(&state, &visitor, &asked, Form::JsonLines, "application/jsonl", "acts.jsonl").await
}

async fn file(
    state: &State,
    visitor: &Visitor,
    asked: &Submitted,
    form: Form,
    kind: &'static str,
    name: &'static str,
) -> Answer {
    let wanted = wanted(asked, &visitor.zone())?;
    let text = acts::export(&state.app, visitor.actor(), &wanted, form).await?;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response())
}

/// What the question in the address asks for. Days are the person's own.
fn wanted(asked: &Submitted, zone: &Zone) -> Result<Wanted, Error> {
    let day = |field: &'static str| -> Result<Option<Instant>, Error> {
        let Some(text) = asked.filled(field) else { return Ok(None) };
        let start = zone.read_field(&format!("{text}T00:00"));
        Ok(Some(start.ok_or_else(|| Error::invalid(field, "This is a day such as 2026-11-14."))?))
    };
    Ok(Wanted {
        act: asked.filled("act").map(str::to_owned),
        who: asked.filled("who").map(str::to_owned),
        subject: asked.filled("subject").map(str::to_owned),
        from: day("from")?,
        until: day("until")?.map(|start| start.plus(Span::days(1))),
        before: asked.filled("before").and_then(|before| before.parse().ok()),
    })
}

/// The question again for another address, ready for one more member.
fn query(asked: &Submitted) -> String {
    ["act", "who", "subject", "from", "until"]
        .iter()
        .filter_map(|name| asked.filled(name).map(|value| (name, value)))
        .map(|(name, value)| format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect()
}
