//! Passages that somebody asks to be looked at, quietly (PER-04): by their author, who may take them out, or by
//! whoever leads the debrief, who may move them out.
//!
//! Who asked is kept nowhere but in the record of acts, which administrators read; nothing is counted by person.
//! The words are sealed like everything that may leave, so a passage that left is not found here either.

use crate::{
    App, Error, Result,
    reach::{self, Held},
    sealed::{self, Surface, Words},
    secrets,
    withdrawing::{self, Where},
};
use domain::{
    EventId, FollowUpId, Instant, SealedId,
    access::{Action, Actor, Part, allowed},
    incident::IncidentNumber,
    person::NotAccepted,
};
use serde_json::json;
use store::{Tx, reports as table};
use uuid::Uuid;

/// How many can wait with one incident.
const MOST: i64 = 200;

/// Who is asked to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Whoever wrote the words: they may take them out.
    Author,
    /// Whoever leads the debrief; the owner where nobody does, administrators where there is neither.
    Lead,
}

/// Something to be looked at.
#[derive(Debug, Clone)]
pub struct Report {
    /// Which one.
    pub id: Uuid,
    /// Where the words stand.
    pub surface: Surface,
    /// Which event, idea or account.
    pub subject: Option<Uuid>,
    /// Whether the reader is asked as the author, and not as who leads the debrief.
    pub as_author: bool,
    /// When it was asked for.
    pub at: Instant,
    /// The words.
    pub words: Words,
}

impl Report {
    /// Where [`withdrawing`] looks for the words; `None` for an account, which nobody but its author changes.
    pub fn place(&self) -> Option<Where> {
        place(self.surface, self.subject)
    }
}

/// Where words stand, by the sort of place and its id.
pub fn place(surface: Surface, subject: Option<Uuid>) -> Option<Where> {
    Some(match surface {
        Surface::Document => Where::Document,
        Surface::Event => Where::Event(EventId(subject?)),
        Surface::Idea => Where::Idea(FollowUpId(subject?)),
        Surface::Incident => Where::Incident,
        Surface::Headline => Where::Headline,
        Surface::Notes => Where::Notes,
        Surface::Account => return None,
    })
}

/// Asks for a passage to be looked at. Whoever sees the incident may.
pub async fn make(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    (surface, subject): (Surface, Option<Uuid>),
    words: &str,
    to: To,
) -> Result<()> {
    let words = domain::sealed::words(words)
        .map_err(|wrong: NotAccepted| Error::invalid("words", wrong.to_string()))?;
    let by = actor.person.ok_or(Error::Forbidden)?;
    let (mut tx, held) = reach::writing(app, actor, number, Action::Read).await?;
    let addressee = match (to, place(surface, subject)) {
        (To::Author, Some(place)) => {
            let author = withdrawing::author_of(&mut tx, &held, place, words).await?;
            Some(author.filter(|author| *author != by).ok_or_else(|| {
                Error::conflict("Nobody else is known to have written these words. Whoever leads the debrief can look at them.")
            })?)
        }
        _ => None,
    };
    if table::count(&mut tx, held.id()).await? >= MOST {
        return Err(Error::conflict("Much waits to be looked at here already. Nothing was added."));
    }
    let id = SealedId::new(app.now(), app.random()).0;
    let secret = format!("report:{id}");
    secrets::keep(app, &mut tx, &secret, words.as_bytes()).await?;
    let report = table::Report { id, surface, subject, addressee, at: app.now(), sealed: None };
    table::add(&mut tx, held.id(), &report, &secret).await?;
    let detail = json!({ "surface": surface, "to": if addressee.is_some() { "author" } else { "lead" } });
    sealed::record(app, &mut tx, actor, number, "report.make", detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether `actor` sees the incident, and so may ask for something to be looked at.
///
/// # Errors
/// [`Error::NotFound`] if they do not.
pub async fn may_ask(app: &App, actor: &Actor, number: IncidentNumber) -> Result<()> {
    reach::reading(app, actor, number, Action::Read).await.map(drop)
}

/// What waits for `actor` to look at. Two statements.
pub async fn waiting(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Vec<Report>> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    found_in(app, &mut tx, actor, &held).await
}

/// The same for a page that holds the incident. One statement.
pub(crate) async fn found_in(app: &App, tx: &mut Tx, actor: &Actor, held: &Held) -> Result<Vec<Report>> {
    let Some(person) = actor.person else { return Ok(Vec::new()) };
    let asks = table::Asks {
        facilitator: held.parts().contains(&Part::Facilitator),
        owner: held.parts().contains(&Part::Owner),
        administrator: allowed(actor, Action::LookInto),
    };
    let mut found = Vec::new();
    for report in table::waiting(tx, held.id(), person, asks).await? {
        let Some(sealed) = &report.sealed else { continue };
        let opened = secrets::open_seal(app, sealed).await?;
        let words = String::from_utf8(opened.bytes().to_vec()).map_err(Error::internal)?;
        found.push(Report {
            id: report.id,
            surface: report.surface,
            subject: report.subject,
            as_author: report.addressee.is_some(),
            at: report.at,
            words: words.into(),
        });
    }
    Ok(found)
}

/// Leaves the passage where it stands.
pub async fn leave(app: &App, actor: &Actor, number: IncidentNumber, id: Uuid) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Read).await?;
    waits(app, &mut tx, actor, &held, id).await?;
    settle(app, &mut tx, actor, &held, id, "leave").await?;
    tx.commit().await?;
    Ok(())
}

/// Moves the passage out quietly, or takes it out if it is one's own; its author keeps it, sealed, and is told by a
/// letter that does not hold it.
pub async fn move_out(app: &App, actor: &Actor, number: IncidentNumber, id: Uuid) -> Result<SealedId> {
    let place = {
        let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
        waits(app, &mut tx, actor, &held, id).await?.place()
    };
    let place = place.ok_or_else(|| {
        Error::conflict("An account is its author’s alone. Speak with them; nothing was changed.")
    })?;
    withdrawing::settled(app, actor, number, place, Action::Read).await?;
    let (mut tx, held) = reach::writing(app, actor, number, Action::Read).await?;
    let report = waits(app, &mut tx, actor, &held, id).await?;
    settle(app, &mut tx, actor, &held, id, "move_out").await?;
    let author = withdrawing::author_of(&mut tx, &held, place, report.words.text()).await?;
    let author = author.or(actor.person).ok_or(Error::Forbidden)?;
    let taking = withdrawing::Taking { author, moved: actor.person != Some(author) };
    withdrawing::take_out(app, tx, actor, &held, place, report.words.text(), taking).await
}

async fn waits(app: &App, tx: &mut Tx, actor: &Actor, held: &Held, id: Uuid) -> Result<Report> {
    let all = found_in(app, tx, actor, held).await?;
    all.into_iter().find(|report| report.id == id).ok_or(Error::NotFound)
}

async fn settle(app: &App, tx: &mut Tx, actor: &Actor, held: &Held, id: Uuid, what: &str) -> Result<()> {
    if !table::settle(tx, held.id(), id, app.now()).await? {
        return Err(Error::NotFound);
    }
    secrets::forget(tx, &format!("report:{id}")).await?;
    sealed::record(app, tx, actor, held.number(), "report.settle", json!({ "outcome": what })).await
}
