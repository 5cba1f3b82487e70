//! Reading: the library, one post-mortem without any form, and its files to take away.

use super::blocks;
use crate::{
    error::Answer,
    forms::Asking,
    pages::timeline::{
        look::{self, Looked},
        view::Once,
    },
    picture::overview::Overview,
    render::{Frame, Room, html},
    session::Visitor,
    state::State,
    urls::Number,
    words::{done, standing, text},
};
use app::{
    exporting::{self, Format},
    postmortems::{self, Shown},
};
use askama::Template;
use axum::{http::header, response::IntoResponse};
use domain::{
    document::{Block, Document, Live},
    incident::IncidentNumber,
    postmortem::PostmortemState,
};
use exports::Questions;
use std::collections::HashSet;

#[derive(Template)]
#[template(path = "postmortems/library.html")]
struct LibraryPage {
    frame: Frame,
    words: String,
    published: Vec<Book>,
    writing: Vec<Book>,
    count: String,
}

struct Book {
    number: String,
    title: String,
    opening: String,
    sign: &'static str,
    state: &'static str,
    by: String,
    day: String,
    services: String,
}

/// What is published, then what is being written.
pub(crate) async fn library(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let rows = postmortems::list(&state.app, visitor.actor(), asked.filled("words")).await?;
    let frame = visitor.frame("Library", Room::Library);
    let count = i64::try_from(rows.len()).unwrap_or_default();
    let book = |row: &postmortems::Row| Book {
        number: row.number.to_string(),
        title: row.title.clone(),
        opening: text::opening(&row.opening, 220),
        sign: standing::class(row.state),
        state: row.state.label(),
        by: row.owner.clone().unwrap_or_else(|| "no owner yet".to_owned()),
        day: frame.zone.say(row.published_at.unwrap_or(row.declared_at), "%-d %B %Y"),
        services: row.services.join(", "),
    };
    let (out, going): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.state == PostmortemState::Published);
    html::ok(&LibraryPage {
        words: asked.text("words").to_owned(),
        published: out.into_iter().map(book).collect(),
        writing: going.into_iter().map(book).collect(),
        count: text::count(count, frame.term().one(), frame.term().many()),
        frame,
    })
}

#[derive(Template)]
#[template(path = "postmortems/read.html")]
struct ReadPage {
    frame: Frame,
    done: Option<&'static str>,
    number: String,
    title: String,
    severity: Option<u8>,
    state: PostmortemState,
    byline: String,
    minutes: usize,
    standfirst: String,
    facts: String,
    overview: Option<Overview>,
    contents: Vec<(String, String)>,
    body: String,
    /// The version that was published and the day of the last change since (LIF-08).
    corrected: Option<(String, String)>,
}

/// One post-mortem as a reader gets it: summary first, nothing to fill in.
pub(crate) async fn read(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let shown = postmortems::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(shown.postmortem.title.clone(), Room::Library);
    html::ok(&page(frame, &shown, done::words(asked.text("done")))?)
}

fn page(frame: Frame, shown: &Shown, done: Option<&'static str>) -> Result<ReadPage, askama::Error> {
    let incident = &shown.incident.incident;
    let mut article = exporting::gather(shown, frame.term(), frame.now);
    article.questions = Questions::LeftOut;
    let (summary, rest) = apart(&article.document);
    let facts = blocks::facts_block(shown, &frame.zone).render()?;
    let timeline = blocks::timeline_block(shown, &frame.zone, true).render()?;
    let follow_ups = blocks::follow_ups_block(shown, &frame.zone, frame.now, false).render()?;
    // The facts stand in a strip below the summary, wherever the template put them.
    let mut live = |live| match live {
        Live::Facts => String::new(),
        Live::Timeline => timeline.clone(),
        Live::FollowUps => follow_ups.clone(),
    };
    article.document = summary;
    let standfirst = exports::html::body(&article, &mut live);
    article.document = rest;
    let body = exports::html::body(&article, &mut live);
    let words = standfirst.split_whitespace().count() + body.split_whitespace().count();
    Ok(ReadPage {
        done,
        number: incident.number.to_string(),
        title: shown.postmortem.title.clone(),
        severity: incident.severity.map(|severity| severity.level()),
        state: shown.postmortem.state,
        byline: byline(shown, &frame),
        minutes: text::reading_minutes(words),
        standfirst,
        facts,
        overview: look::overview(
            &Once::of(&shown.incident),
            &frame.zone,
            frame.now,
            &Looked::default(),
            &HashSet::new(),
        ),
        contents: exports::html::contents(&article),
        body,
        corrected: shown
            .written_since
            .map(|(version, at)| (version.to_string(), frame.zone.say(at, "%-d %B %Y"))),
        frame,
    })
}

/// The summary's own words, and everything else. The facts are taken out of both.
fn apart(document: &Document) -> (Document, Document) {
    let is_summary = |block: &Block| matches!(block, Block::Heading { level: 2, section: Some(section), .. } if section == "summary");
    let (mut summary, mut rest) = (Document::default(), Document::default());
    let mut inside = false;
    for block in &document.blocks {
        match block {
            Block::Heading { level: 1 | 2, .. } => {
                inside = is_summary(block);
                if !inside {
                    rest.blocks.push(block.clone());
                }
            }
            Block::Live(Live::Facts) => {}
            other if inside => summary.blocks.push(other.clone()),
            other => rest.blocks.push(other.clone()),
        }
    }
    (summary, rest)
}

fn byline(shown: &Shown, frame: &Frame) -> String {
    let others: Vec<&str> = shown
        .writers
        .iter()
        .map(String::as_str)
        .filter(|name| Some(*name) != shown.owner.as_deref())
        .collect();
    let written = match (shown.owner.as_deref(), others.is_empty()) {
        (Some(owner), true) => format!("Looked after by {owner}."),
        (Some(owner), false) => format!("Written by {owner} with {}.", text::listed(&others)),
        (None, true) => String::new(),
        (None, false) => format!("Written by {}.", text::listed(&others)),
    };
    match shown.postmortem.published_at {
        Some(at) if shown.postmortem.state == PostmortemState::Published => {
            format!("{written} Published {}.", frame.zone.say(at, "%-d %B %Y")).trim().to_owned()
        }
        _ => written,
    }
}

/// The post-mortem as Markdown.
pub(crate) async fn export_markdown(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    export(&state, &visitor, number, Format::Markdown).await
}

/// The post-mortem as one HTML file.
pub(crate) async fn export_html(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    export(&state, &visitor, number, Format::Html).await
}

async fn export(state: &State, visitor: &Visitor, number: IncidentNumber, format: Format) -> Answer {
    let file = exporting::export(&state.app, visitor.actor(), number, format).await?;
    // The file name holds letters, digits, dots and dashes only, so it needs no quoting rules (RFC 6266).
    let name = format!("attachment; filename=\"{}\"", file.file_name.replace(['"', '\\'], "-"));
    let headers = [(header::CONTENT_TYPE, file.media_type.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, file.bytes).into_response())
}
