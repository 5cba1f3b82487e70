//! Graphs, files, links and queries as evidence of an event: kept with the event, never changed.

use super::{
    acts::{self, Changes},
    snapshots, thumbnails,
};
use crate::{App, Error, Result, reach, typed};
use domain::{
    EventId, EvidenceId,
    access::{Action, Actor},
    evidence::{Author, AuthorKind, Digest32, Evidence, Facts, Signal, Source},
    incident::IncidentNumber,
    timeline::{
        TimelineEvent,
        attachment::{FILE_MAX, Media},
    },
};
use serde_json::{Value, json};
pub use store::files::{File, Thumbnail};
use store::{events, evidence, files};

/// What is attached.
#[derive(Debug, Clone)]
pub enum Attached {
    /// A file: picture, PDF or text.
    File {
        /// The name that people gave it.
        name: String,
        /// What is in it, at most [`FILE_MAX`] bytes.
        bytes: Vec<u8>,
    },
    /// A page elsewhere, with what it said when it was looked at.
    Link {
        /// Its address.
        url: String,
        /// Its title; its address stands for one that is left empty where the page is fetched.
        title: String,
        /// What it said, as far as it matters; may be empty.
        text: String,
        /// Whether the page is to be fetched once, to keep its title and text.
        fetch: bool,
    },
    /// A query, so that others can repeat it.
    Query {
        /// Where it was asked, for instance a product and a data source.
        place: String,
        /// The query, word by word.
        text: String,
        /// The address of its result; may be empty.
        url: String,
    },
}

/// The most characters of a snapshot or a query.
pub const TEXT_MAX: usize = 20_000;

/// Keeps something as evidence and lets the event cite it.
pub async fn attach(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    event: EventId,
    attached: Attached,
) -> Result<EvidenceId> {
    // Reading a picture takes a while, so it is done before anybody is kept from writing.
    let (attached, small) = match attached {
        Attached::File { name, bytes } if bytes.len() <= FILE_MAX => {
            crate::sharing::ask(app, actor, number, Action::Write).await?;
            let (bytes, small) = thumbnails::of(bytes).await;
            (Attached::File { name, bytes }, small)
        }
        other => (other, None),
    };
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let before = events::find(&mut tx, held.id(), event).await?.ok_or(Error::NotFound)?;
    if before.evidence.len() >= super::EVIDENCE_MAX {
        return Err(Error::invalid(
            "evidence",
            format!("An event cites at most {} pieces.", super::EVIDENCE_MAX),
        ));
    }
    let id = EvidenceId::new(app.now(), app.random());
    let fetch = matches!(attached, Attached::Link { fetch: true, .. });
    let (sort, place, url, text, raw, file) = told(attached)?;
    let raw = json!({ "attached": sort, "by": actor.name, "at": app.now(), "as": raw }).to_string();
    let piece = Evidence {
        source: Source::Debrief,
        source_id: format!("{sort}:{id}"),
        at: before.at,
        author: Some(Author { name: actor.name.clone(), kind: AuthorKind::Person, source_id: None }),
        signal: Signal::File,
        text,
        place: Some(place),
        url,
        facts: Facts { source_type: sort.to_owned(), ..Facts::default() },
        raw,
    };
    evidence::insert(&mut tx, evidence::Ready::new(held.id(), [(id, piece)])?).await?;
    if let Some((file, bytes)) = file {
        files::insert(&mut tx, id, &file, &bytes).await?;
    }
    if fetch {
        snapshots::ask(app, &mut tx, id).await?;
    }
    if let Some(small) = small {
        files::insert_thumbnail(&mut tx, id, &small).await?;
    }
    let mut cited = before.evidence.clone();
    cited.push(id);
    let changed = TimelineEvent { evidence: cited, touched: true, ..before.clone() };
    let changed = events::update(&mut tx, changed, true).await?.ok_or_else(Error::changed_meanwhile)?;
    let detail = json!({ "event": event, "evidence": id, "attached": sort });
    acts::done(app, tx, actor, &held, "event.attach", detail, Changes::of(before, &changed)).await?;
    Ok(id)
}

/// A file with its bytes. Two statements.
pub async fn file(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    evidence: EvidenceId,
) -> Result<(File, Vec<u8>)> {
    let mut tx = app.read(actor, Action::Read).await?;
    files::find(&mut tx, number, evidence, app.sight(actor)).await?.ok_or(Error::NotFound)
}

/// The small picture of a file. One statement.
pub async fn thumbnail(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    evidence: EvidenceId,
) -> Result<Thumbnail> {
    let mut tx = app.read(actor, Action::Read).await?;
    files::thumbnail(&mut tx, number, evidence, app.sight(actor)).await?.ok_or(Error::NotFound)
}

type Told = (&'static str, String, Option<String>, String, Value, Option<(File, Vec<u8>)>);

fn told(attached: Attached) -> Result<Told> {
    match attached {
        Attached::File { name, bytes } => {
            if bytes.len() > FILE_MAX {
                return Err(Error::invalid("file", format!("A file has at most {} MiB.", FILE_MAX >> 20)));
            }
            let media = Media::of(&bytes).ok_or_else(|| {
                Error::invalid(
                    "file",
                    "Pictures (PNG, JPEG, GIF, WebP), PDF and plain text can be kept. This is none of them.",
                )
            })?;
            let name = typed::line("file", &name, 200)?;
            let digest = Digest32::of(&bytes);
            let file = File {
                name: name.clone(),
                media: media.name().to_owned(),
                bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
                digest,
            };
            let raw = json!({ "name": name, "media": media.name(), "bytes": file.bytes, "sha256": digest.to_string() });
            Ok(("file", name.clone(), None, name, raw, Some((file, bytes))))
        }
        Attached::Link { url, title, text, fetch } => {
            let url = address(&url)?.ok_or_else(|| Error::invalid("url", "A link needs an address."))?;
            let bare =
                || url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).chars().take(200).collect();
            let title = if fetch && title.trim().is_empty() { bare() } else { title };
            let title = typed::line("title", &title, 200)?;
            let text = typed::prose("text", &text, TEXT_MAX)?;
            let raw = json!({ "url": url, "title": title, "text": text });
            let said = if text.is_empty() { title.clone() } else { format!("{title}\n{text}") };
            Ok(("link", title, Some(url), said, raw, None))
        }
        Attached::Query { place, text, url } => {
            let url = address(&url)?;
            let place = typed::line("place", &place, 200)?;
            let text = typed::prose("query", &text, TEXT_MAX)?;
            if text.is_empty() {
                return Err(Error::invalid(
                    "query",
                    "The query itself is needed, so that others can repeat it.",
                ));
            }
            let raw = json!({ "place": place, "query": text, "url": url });
            Ok(("query", format!("Query, {place}"), url, text, raw, None))
        }
    }
}

/// Only addresses that a browser may be sent to.
fn address(url: &str) -> Result<Option<String>> {
    let url = url.trim();
    if url.is_empty() {
        return Ok(None);
    }
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !web || url.len() > 2_000 || url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(Error::invalid("url", "An address begins with https:// and has no blanks."));
    }
    Ok(Some(url.to_owned()))
}
