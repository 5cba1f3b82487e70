//! Places that nobody reads by their role, not even administrators (PER-02, LAN-07): passages that left a
//! document, accounts in somebody's own words.
//!
//! How to use it:
//!
//! - [`seal`] keeps words and answers an id; [`seal_in`] does so within the transaction of another act.
//! - [`list`] answers the places that somebody may know of, with the words of those that are open to them: the
//!   author, whoever the author let in. A place with [`Door::Recorded`] shows an administrator that something is
//!   there, and nothing of it. [`open`] answers one.
//! - [`open_with_reason`] opens one for an administrator: the opening is on record before the words are out, and
//!   the author is told, on their page and by mail.
//! - [`change`] and [`forget`] are the author's alone.
//!
//! Who may do what is decided in [`domain::sealed`]. Words are sealed with their terms by [`crate::secrets`], so
//! `debrief secrets rotate` and `debrief check` see to them, a backup holds what does not open without the key,
//! and a row that was changed in the database opens nothing. There is deliberately no address of the API that
//! answers them, and they are in no search, export, list, log or audit entry: [`Words`] has no other way out
//! than [`Words::text`].

use crate::{
    App, Error, Result, jobs, mail,
    reach::{self, Held},
    secrets,
};
pub use domain::sealed::{Audience, Door, Kind, Surface, Terms};
use domain::{
    Instant, PersonId, SealedId,
    access::{Action, Actor},
    incident::IncidentNumber,
    person::NotAccepted,
    reach::Reason,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;
pub use store::sealed::Opening;
use store::{Tx, audit, people, sealed as table};

/// How many places one author can have with one incident.
const MOST: usize = 100;

/// Words out of their seal. Printing them for a log shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// The words.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Words {
    fn from(words: T) -> Self {
        Self(words.into())
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(…)")
    }
}

/// Something to be sealed.
#[derive(Debug, Clone)]
pub struct New {
    /// Its sort.
    pub kind: Kind,
    /// What is kept, 1 to 20,000 characters.
    pub words: Words,
    /// Whom the author lets in; for a passage nobody.
    pub audience: Audience,
    /// Whom they let in by name, at most 50.
    pub named: Vec<PersonId>,
}

/// What its author changes about a place.
#[derive(Debug, Clone)]
pub struct Change {
    /// New words; `None` leaves them.
    pub words: Option<Words>,
    /// Whom the author lets in from now on.
    pub audience: Audience,
    /// Whom they let in by name from now on; `None` leaves them.
    pub named: Option<Vec<PersonId>>,
}

/// A place as somebody finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which one.
    pub id: SealedId,
    /// Who opens it.
    pub terms: Terms,
    /// The author's name.
    pub author: String,
    /// Since when it is there.
    pub created_at: Instant,
    /// When its author changed it last.
    pub changed_at: Instant,
    /// When its author had the words forgotten. Nobody else knows of it since.
    pub forgotten_at: Option<Instant>,
    /// Where a passage stood before.
    pub surface: Surface,
    /// Whether whoever leads the debrief moved it here.
    pub moved: bool,
    /// Whether it is open to whoever asked, or by a recorded act; never [`Door::Absent`].
    pub door: Door,
    /// Whether whoever asked is its author.
    pub own: bool,
    /// What it says, where the door is open and it was not forgotten.
    pub words: Option<Words>,
    /// Who opened it by a recorded act, the latest first. For its author only.
    pub openings: Vec<Opening>,
}

/// What lies under the seal. The terms come with the words: a row that was changed in the database does not fit.
#[derive(Serialize, Deserialize)]
struct Content {
    terms: Terms,
    incident: domain::IncidentId,
    words: String,
}

/// Seals words that belong to an incident. Whoever may write there may; they are its author.
pub async fn seal(app: &App, actor: &Actor, number: IncidentNumber, new: New) -> Result<SealedId> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let kind = new.kind;
    let id = seal_in(app, &mut tx, actor, &held, new).await?;
    record(app, &mut tx, actor, number, "sealed.seal", json!({ "place": id, "kind": kind })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Seals words within the transaction of another act, which records and commits.
///
/// # Errors
/// [`Error::Invalid`] for words or terms that cannot be kept, [`Error::Forbidden`] for the installation itself.
pub(crate) async fn seal_in(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    held: &Held,
    new: New,
) -> Result<SealedId> {
    let author = actor.person.filter(|_| held.allows(actor, Action::Write)).ok_or(Error::Forbidden)?;
    seal_for(app, tx, held, author, new).await
}

/// The same for somebody whose words another act moves out: it saw to it that they are theirs.
pub(crate) async fn seal_for(
    app: &App,
    tx: &mut Tx,
    held: &Held,
    author: PersonId,
    new: New,
) -> Result<SealedId> {
    let terms = terms(tx, new.kind, author, new.audience, new.named).await?;
    let own = table::of(tx, held.id()).await?.into_iter().filter(|place| place.terms.author == author);
    if own.count() >= MOST {
        return Err(Error::conflict("You keep a hundred places here already. Forget one first."));
    }
    let (now, id) = (app.now(), SealedId::new(app.now(), app.random()));
    let name = format!("sealed:{id}");
    keep(app, tx, held, &name, &terms, &new.words.0).await?;
    table::add(tx, held.id(), id, &terms, &name, now).await?;
    Ok(id)
}

/// The places with an incident that `actor` may know of, the oldest first, with what is open to them. Three
/// statements.
pub async fn list(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Vec<Place>> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    found_in(app, &mut tx, actor, &held).await
}

/// The same for a page that holds the incident already. Two statements.
pub(crate) async fn found_in(app: &App, tx: &mut Tx, actor: &Actor, held: &Held) -> Result<Vec<Place>> {
    let all = table::of(tx, held.id()).await?;
    let mut openings = match actor.person {
        Some(person) => table::openings(tx, held.id(), person).await?,
        None => Vec::new(),
    };
    let mut found = Vec::new();
    for place in all {
        let id = place.id;
        let Some(mut place) = as_found_by(actor, held, place) else { continue };
        if let (Door::Open, Some(sealed)) = (place.0.door, place.1) {
            place.0.words = Some(unseal(app, held, &place.0.terms, &sealed).await?);
        }
        let (own, others) = openings.into_iter().partition::<Vec<_>, _>(|(of, _)| *of == id);
        openings = others;
        place.0.openings = own.into_iter().map(|(_, opening)| opening).collect();
        found.push(place.0);
    }
    Ok(found)
}

/// The words of a place that is open to `actor`.
///
/// # Errors
/// [`Error::NotFound`] for everybody else, administrators included.
pub async fn open(app: &App, actor: &Actor, number: IncidentNumber, id: SealedId) -> Result<Words> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let place = table::find(&mut tx, held.id(), id).await?;
    match place.and_then(|place| as_found_by(actor, &held, place)) {
        Some((place, Some(sealed))) if place.door == Door::Open => {
            unseal(app, &held, &place.terms, &sealed).await
        }
        _ => Err(Error::NotFound),
    }
}

/// Opens a place for an administrator, who has a reason. That they did is on record and its author will read it,
/// before the words are out; each time anew.
///
/// # Errors
/// [`Error::NotFound`] if they may not know of it, or if its words were forgotten.
pub async fn open_with_reason(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    id: SealedId,
    reason: &str,
) -> Result<Words> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Read).await?;
    let place = table::find(&mut tx, held.id(), id).await?.ok_or(Error::NotFound)?;
    let (place, sealed) = as_found_by(actor, &held, place).ok_or(Error::NotFound)?;
    let sealed = sealed.ok_or(Error::NotFound)?;
    let words = unseal(app, &held, &place.terms, &sealed).await?;
    if place.door == Door::Open {
        return Ok(words);
    }
    let reason: Reason =
        reason.parse().map_err(|wrong: NotAccepted| Error::invalid("reason", wrong.to_string()))?;
    let person = actor.person.ok_or(Error::Forbidden)?;
    // The role may have gone between the request and this transaction.
    let me = people::get(&mut tx, person).await?.ok_or(Error::Forbidden)?;
    if me.deactivated || me.role < Action::LookInto.needs() {
        return Err(Error::Forbidden);
    }
    let now = app.now();
    let opening = domain::TokenId::new(now, app.random()).0;
    table::write_opening(&mut tx, opening, id, person, now, reason.as_str()).await?;
    if mail::is_set(app) {
        jobs::enqueue(app, &mut tx, &jobs::Job::Mail(mail::Letter::Opened { opening })).await?;
    }
    let detail = json!({ "place": id, "kind": place.terms.kind, "reason": reason.as_str() });
    record(app, &mut tx, actor, number, "sealed.open", detail).await?;
    tx.commit().await?;
    Ok(words)
}

/// Changes what a place of one's own says, or whom one lets in. It holds for whoever asks next.
pub async fn change(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    id: SealedId,
    change: Change,
) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Read).await?;
    let place = own(&mut tx, actor, &held, id).await?;
    let sealed = place.sealed.ok_or(Error::NotFound)?;
    let words = match change.words {
        Some(words) => words,
        None => unseal(app, &held, &place.terms, &sealed).await?,
    };
    let named = change.named.unwrap_or_else(|| place.terms.named.clone());
    let terms = terms(&mut tx, place.terms.kind, place.terms.author, change.audience, named).await?;
    keep(app, &mut tx, &held, &sealed.name, &terms, &words.0).await?;
    table::set_terms(&mut tx, id, &terms, app.now()).await?;
    let detail = json!({ "place": id, "kind": terms.kind, "audience": terms.audience });
    record(app, &mut tx, actor, number, "sealed.change", detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets the words of a place of one's own, for good. That there was one, and who opened it, its author reads
/// on. Backups made before hold what was sealed until they are removed.
pub async fn forget(app: &App, actor: &Actor, number: IncidentNumber, id: SealedId) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Read).await?;
    let place = own(&mut tx, actor, &held, id).await?;
    let sealed = place.sealed.ok_or(Error::NotFound)?;
    secrets::forget(&mut tx, &sealed.name).await?;
    table::forget(&mut tx, id, app.now()).await?;
    let detail = json!({ "place": id, "kind": place.terms.kind });
    record(app, &mut tx, actor, number, "sealed.forget", detail).await?;
    tx.commit().await?;
    Ok(())
}

async fn own(tx: &mut Tx, actor: &Actor, held: &Held, id: SealedId) -> Result<table::Place> {
    let place = table::find(tx, held.id(), id).await?;
    place.filter(|place| place.terms.is_of(actor)).ok_or(Error::NotFound)
}

/// The place as `actor` finds it, still closed, and its seal; `None` if there is none for them.
fn as_found_by(
    actor: &Actor,
    held: &Held,
    place: table::Place,
) -> Option<(Place, Option<store::secrets::Sealed>)> {
    let own = place.terms.is_of(actor);
    let door = place.terms.door(actor, held.parts());
    if door == Door::Absent || (place.forgotten_at.is_some() && !own) {
        return None;
    }
    let found = Place {
        id: place.id,
        terms: place.terms,
        author: place.author,
        created_at: place.created_at,
        changed_at: place.changed_at,
        forgotten_at: place.forgotten_at,
        surface: place.surface,
        moved: place.moved,
        door,
        own,
        words: None,
        openings: Vec::new(),
    };
    Some((found, place.sealed))
}

async fn terms(
    tx: &mut Tx,
    kind: Kind,
    author: PersonId,
    audience: Audience,
    named: Vec<PersonId>,
) -> Result<Terms> {
    let terms = Terms::new(kind, author, audience, named)
        .map_err(|wrong| Error::invalid("named", wrong.to_string()))?;
    if !terms.named.is_empty() {
        let here = store::palette::people(tx).await?;
        if !terms.named.iter().all(|id| here.iter().any(|(it, _)| it == id)) {
            return Err(Error::invalid("named", "Choose people with an account here."));
        }
    }
    Ok(terms)
}

async fn keep(app: &App, tx: &mut Tx, held: &Held, name: &str, terms: &Terms, words: &str) -> Result<()> {
    let words = domain::sealed::words(words).map_err(|wrong| Error::invalid("words", wrong.to_string()))?;
    let content = Content { terms: terms.clone(), incident: held.id().incident(), words: words.to_owned() };
    secrets::keep(app, tx, name, &serde_json::to_vec(&content).map_err(Error::internal)?).await
}

async fn unseal(app: &App, held: &Held, terms: &Terms, sealed: &store::secrets::Sealed) -> Result<Words> {
    let opened = secrets::open_seal(app, sealed).await?;
    let content: Content = serde_json::from_slice(opened.bytes())
        .map_err(|_| Error::internal("a sealed place holds something else"))?;
    if content.terms != *terms || content.incident != held.id().incident() {
        return Err(Error::internal("a sealed place stands under other terms than its seal"));
    }
    Ok(Words(content.words))
}

/// The act about what is sealed in an incident, in the transaction that does it.
pub(crate) async fn record(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    number: IncidentNumber,
    act: &str,
    detail: serde_json::Value,
) -> Result<()> {
    audit::record(tx, app.now(), actor, act, &number.to_string(), &detail.to_string()).await?;
    Ok(())
}
