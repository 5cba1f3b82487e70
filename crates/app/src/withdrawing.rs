//! Words that leave for good (PER-02): out of the document or the field they stand in, out of everything that
//! remembers it, and sealed for whoever wrote them.
//!
//! How to use it: [`look`] says whose words they are and how much holds them, for the page on which their author
//! confirms; [`withdraw`] takes them out. Whoever wrote the words decides: the person who wrote most of their
//! characters where they first stood. Others can ask the author or tell whoever leads the debrief
//! ([`crate::reports`]).
//!
//! What is kept: the words themselves under seal ([`crate::sealed`]), and an act that names the sealed place and
//! the sums of what was rewritten. Backups made before hold the words until they are removed, and imported
//! evidence is never changed; the page says both.

mod document;
mod fields;
mod notes;

use crate::{
    App, Error, Result, jobs, mail,
    reach::{self, Held},
    sealed::{self, Audience, Kind, New},
};
use collab::Changed;
use domain::{
    EventId, FollowUpId, PersonId, PostmortemId, SealedId,
    access::{Action, Actor, allowed},
    incident::IncidentNumber,
    person::NotAccepted,
    sealed::Surface,
};
use serde_json::Value;
pub use store::sealed::Withdrawn;
use store::{Tx, audit, people};

/// Where words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In the document of the post-mortem, now or in a version.
    Document,
    /// In an event, now or before somebody changed it.
    Event(EventId),
    /// In an idea or a follow-up, or in the reason for which it was dropped.
    Idea(FollowUpId),
    /// In the title or summary of the incident.
    Incident,
    /// In the headline of the post-mortem.
    Headline,
    /// In a note on a key instant, on impact or on coordination, now or before somebody changed it.
    Notes,
}

impl Where {
    /// The sort of place.
    pub const fn surface(self) -> Surface {
        match self {
            Self::Document => Surface::Document,
            Self::Event(_) => Surface::Event,
            Self::Idea(_) => Surface::Idea,
            Self::Incident => Surface::Incident,
            Self::Headline => Surface::Headline,
            Self::Notes => Surface::Notes,
        }
    }
}

/// What taking words out would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The incident's number.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// The words as they would be sealed.
    pub words: String,
    /// In how many places they stand now.
    pub now: usize,
    /// How many earlier versions hold them.
    pub earlier: usize,
    /// Whether whoever asked wrote them.
    pub own: bool,
    /// Who wrote them; `None` if no person did, or none that is known.
    pub author: Option<String>,
}

/// Words as they were found.
struct Found {
    now: usize,
    earlier: usize,
    /// Who wrote them first.
    first: Option<PersonId>,
    /// Who wrote them somewhere.
    writers: Vec<PersonId>,
}

impl Found {
    fn is_of(&self, actor: &Actor) -> bool {
        actor.person.is_some_and(|person| self.writers.contains(&person) || self.first == Some(person))
    }
}

/// Whose words these are and what holds them.
///
/// # Errors
/// [`Error::Invalid`] for words that cannot leave, or that stand nowhere there.
pub async fn look(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    place: Where,
    words: &str,
) -> Result<Looked> {
    let words = passage(words)?;
    settled(app, actor, number, place, Action::Write).await?;
    let (mut tx, held) = reach::reading(app, actor, number, Action::Write).await?;
    let found = find(&mut tx, &held, place, words).await?;
    let author = match found.first {
        Some(author) => people::get(&mut tx, author).await?.map(|person| person.name.to_string()),
        None => None,
    };
    Ok(Looked {
        number,
        title: held.incident().title.clone(),
        words: words.to_owned(),
        now: found.now,
        earlier: found.earlier,
        own: found.is_of(actor),
        author,
    })
}

/// Takes words of one's own out for good, and seals them for oneself.
///
/// # Errors
/// [`Error::Forbidden`] if somebody else wrote them, or nobody who is known.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    place: Where,
    words: &str,
) -> Result<SealedId> {
    let words = passage(words)?;
    settled(app, actor, number, place, Action::Write).await?;
    let (tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let author = actor.person.ok_or(Error::Forbidden)?;
    take_out(app, tx, actor, &held, place, words, Taking { author, moved: false }).await
}

/// Seals words of one's own that leave a field before anything was saved: no record ever held them, so there is nothing to
/// take them out of.
///
/// # Errors
/// [`Error::Invalid`] for words that cannot leave, and for the document and accounts, which are saved as they are written.
pub async fn set_aside(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    surface: Surface,
    words: &str,
) -> Result<SealedId> {
    let words = passage(words)?;
    if matches!(surface, Surface::Document | Surface::Account) {
        return Err(Error::invalid("surface", "What is written there is saved already."));
    }
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let new = New { kind: Kind::Passage, words: words.into(), audience: Audience::Author, named: Vec::new() };
    let id = sealed::seal_in(app, &mut tx, actor, &held, new).await?;
    store::sealed::came_from(&mut tx, id, surface, false).await?;
    let detail = serde_json::json!({ "place": id, "surface": surface });
    sealed::record(app, &mut tx, actor, number, "passage.set_aside", detail).await?;
    tx.commit().await?;
    Ok(id)
}

/// On whose behalf words leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taking {
    /// Whose words they are: sealed for them.
    pub(crate) author: PersonId,
    /// Whether somebody else moves them out.
    pub(crate) moved: bool,
}

pub(crate) async fn take_out(
    app: &App,
    mut tx: Tx,
    actor: &Actor,
    held: &Held,
    place: Where,
    words: &str,
    taking: Taking,
) -> Result<SealedId> {
    let mut detail = match place {
        Where::Document => document::take_out(app, &mut tx, actor, held, words, taking).await?,
        _ => fields::take_out(&mut tx, actor, held, place, words, taking).await?,
    };
    let new = New { kind: Kind::Passage, words: words.into(), audience: Audience::Author, named: Vec::new() };
    let id = sealed::seal_for(app, &mut tx, held, taking.author, new).await?;
    store::sealed::came_from(&mut tx, id, place.surface(), taking.moved).await?;
    if let Value::Object(detail) = &mut detail {
        detail.insert("place".into(), serde_json::json!(id));
        detail.insert("surface".into(), serde_json::json!(place.surface()));
    }
    if taking.moved && mail::is_set(app) {
        jobs::enqueue(app, &mut tx, &jobs::Job::Mail(mail::Letter::MovedOut { place: id.0 })).await?;
    }
    let act = if taking.moved { "passage.move_out" } else { "passage.withdraw" };
    let subject = held.number().to_string();
    audit::record(&mut tx, app.now(), actor, act, &subject, &detail.to_string()).await?;
    tx.commit().await?;
    if let Some(document) = held.postmortem() {
        match place {
            Where::Document => document::tell(app, document),
            Where::Event(_) | Where::Notes => app.tell(Some(document), Changed::Timeline),
            Where::Idea(_) => app.tell(Some(document), Changed::FollowUps),
            Where::Incident | Where::Headline => app.tell(Some(document), Changed::Facts),
        }
    }
    // What the act deleted must not be read in the log of changes either.
    if let Err(error) = app.db().empty_log().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the database keeps its log of changes for now"
        );
    }
    Ok(id)
}

/// What people typed so far is in the log before anything is looked for.
pub(crate) async fn settled(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    place: Where,
    action: Action,
) -> Result<()> {
    match place {
        Where::Document => crate::versions::settle(app, actor, number, action).await,
        _ => Ok(()),
    }
}

/// Who wrote these words first, as far as a person is known to have.
pub(crate) async fn author_of(
    tx: &mut Tx,
    held: &Held,
    place: Where,
    words: &str,
) -> Result<Option<PersonId>> {
    Ok(find(tx, held, place, words).await?.first)
}

async fn find(tx: &mut Tx, held: &Held, place: Where, words: &str) -> Result<Found> {
    let found = match place {
        Where::Document => document::find(tx, held, words).await?.found,
        _ => fields::find(tx, held, place, words).await?,
    };
    if found.now + found.earlier == 0 { Err(nowhere()) } else { Ok(found) }
}

/// Passages that left a document, as its history shows them to `actor`: their own, and to administrators that of
/// others too. One statement.
pub async fn of_history(app: &App, actor: &Actor, document: PostmortemId) -> Result<Vec<Withdrawn>> {
    let Some(person) = actor.person else { return Ok(Vec::new()) };
    let mut tx = app.read(actor, Action::Read).await?;
    let everybodys = allowed(actor, Action::LookInto);
    Ok(store::sealed::withdrawn(&mut tx, document, person, everybodys).await?)
}

fn passage(words: &str) -> Result<&str> {
    domain::passage::passage(words).map_err(|wrong: NotAccepted| Error::invalid("words", wrong.to_string()))
}

fn nowhere() -> Error {
    Error::invalid(
        "words",
        "These words stand nowhere there. Copy them as they stand, from their first to their last.",
    )
}
