//! Places that nobody reads by their role. What is in them only `app::sealed` can read.

use crate::{
    reach::Reached,
    secrets::Sealed,
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, PersonId, PostmortemId, SealedId,
    incident::IncidentNumber,
    sealed::{Audience, Kind, Surface, Terms},
};
use uuid::Uuid;

/// A place with its seal.
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
    /// When its author had the words forgotten.
    pub forgotten_at: Option<Instant>,
    /// Where it stood before.
    pub surface: Surface,
    /// Whether somebody else moved it here.
    pub moved: bool,
    /// What is in it, unless it was forgotten.
    pub sealed: Option<Sealed>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    author: Uuid,
    author_name: String,
    audience: String,
    named: String,
    secret: String,
    created_at: i64,
    changed_at: i64,
    forgotten_at: Option<i64>,
    surface: String,
    moved: bool,
    key: Option<String>,
    sealed: Option<Vec<u8>>,
}

macro_rules! places {
    ($which:literal) => {
        concat!(
            "SELECT s.id, s.kind, s.author, p.name AS author_name, s.audience, s.named, s.secret, s.created_at,
                 s.changed_at, s.forgotten_at, s.surface, s.moved, x.key, x.sealed
             FROM sealed s JOIN people p ON p.id = s.author LEFT JOIN secrets x ON x.name = s.secret
             WHERE s.incident = $1 AND ",
            $which
        )
    };
}

impl Row {
    fn place(self) -> Result<Place> {
        let kind = Kind::from_key(&self.kind).ok_or_else(|| Error::unknown("a sort of place", &self.kind))?;
        let audience = Audience::from_key(&self.audience)
            .ok_or_else(|| Error::unknown("an audience", &self.audience))?;
        let named: Vec<PersonId> =
            serde_json::from_str(&self.named).map_err(|_| Error::unknown("people let in", &self.named))?;
        let sealed = self.key.zip(self.sealed);
        Ok(Place {
            id: SealedId(self.id),
            terms: Terms { kind, author: PersonId(self.author), audience, named },
            author: self.author_name,
            created_at: Instant::from_micros(self.created_at),
            changed_at: Instant::from_micros(self.changed_at),
            forgotten_at: self.forgotten_at.map(Instant::from_micros),
            surface: Surface::from_key(&self.surface)
                .ok_or_else(|| Error::unknown("where a passage stood", &self.surface))?,
            moved: self.moved,
            sealed: sealed.map(|(key, sealed)| Sealed { name: self.secret, key, sealed }),
        })
    }
}

/// Every place of an incident, the oldest first. One statement.
pub async fn of(tx: &mut Tx, incident: Reached) -> Result<Vec<Place>> {
    let rows = rows!(tx, Row, places!("TRUE ORDER BY s.created_at, s.id"), incident.0.0)?;
    rows.into_iter().map(Row::place).collect()
}

/// A place of an incident.
pub async fn find(tx: &mut Tx, incident: Reached, id: SealedId) -> Result<Option<Place>> {
    row!(tx, Row, places!("s.id = $2"), incident.0.0, id.0)?.map(Row::place).transpose()
}

/// Keeps a new place, whose words lie among the secrets under `secret`.
pub async fn add(
    tx: &mut Tx,
    incident: Reached,
    id: SealedId,
    terms: &Terms,
    secret: &str,
    at: Instant,
) -> Result<()> {
    run!(
        tx,
        "INSERT INTO sealed (id, incident, kind, author, audience, named, secret, created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        id.0,
        incident.0.0,
        terms.kind.key(),
        terms.author.0,
        terms.audience.key(),
        named(terms)?,
        secret,
        at.as_micros()
    )?;
    Ok(())
}

/// Remembers where a passage stood, and whether somebody else than its author moved it out.
pub async fn came_from(tx: &mut Tx, id: SealedId, surface: Surface, moved: bool) -> Result<()> {
    run!(tx, "UPDATE sealed SET surface = $2, moved = $3 WHERE id = $1", id.0, surface.key(), moved).map(drop)
}

/// A passage that left a post-mortem, for its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// Whose words they were.
    pub author: PersonId,
    /// Their name.
    pub name: String,
    /// When it left.
    pub at: Instant,
    /// Whether somebody else moved it out.
    pub moved: bool,
}

/// The passages that left a document, the newest first: those of `person`, or everybody's. One statement.
pub async fn withdrawn(
    tx: &mut Tx,
    document: PostmortemId,
    person: PersonId,
    everybodys: bool,
) -> Result<Vec<Withdrawn>> {
    let rows = rows!(
        tx,
        (Uuid, String, i64, bool),
        "SELECT s.author, p.name, s.created_at, s.moved FROM sealed s JOIN people p ON p.id = s.author
         JOIN postmortems d ON d.incident = s.incident
         WHERE d.id = $1 AND s.kind = 'passage' AND s.surface = 'document'
            AND ($2 OR s.author = $3) ORDER BY s.created_at DESC, s.id DESC",
        document.0,
        everybodys,
        person.0
    )?;
    let withdrawn = |(author, name, at, moved)| Withdrawn {
        author: PersonId(author),
        name,
        at: Instant::from_micros(at),
        moved,
    };
    Ok(rows.into_iter().map(withdrawn).collect())
}

/// Changes whom its author lets in.
pub async fn set_terms(tx: &mut Tx, id: SealedId, terms: &Terms, at: Instant) -> Result<()> {
    run!(
        tx,
        "UPDATE sealed SET audience = $2, named = $3, changed_at = $4 WHERE id = $1",
        id.0,
        terms.audience.key(),
        named(terms)?,
        at.as_micros()
    )?;
    Ok(())
}

fn named(terms: &Terms) -> Result<String> {
    serde_json::to_string(&terms.named).map_err(|_| Error::unknown("people let in", ""))
}

/// Remembers that its words were forgotten.
pub async fn forget(tx: &mut Tx, id: SealedId, at: Instant) -> Result<()> {
    run!(tx, "UPDATE sealed SET forgotten_at = $2 WHERE id = $1", id.0, at.as_micros())?;
    Ok(())
}

/// Somebody who opened a place by a recorded act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Their name.
    pub name: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// Writes an opening down.
pub async fn write_opening(
    tx: &mut Tx,
    id: Uuid,
    place: SealedId,
    person: PersonId,
    at: Instant,
    reason: &str,
) -> Result<()> {
    run!(
        tx,
        "INSERT INTO sealed_openings (id, sealed, person, at, reason) VALUES ($1, $2, $3, $4, $5)",
        id,
        place.0,
        person.0,
        at.as_micros(),
        reason
    )?;
    Ok(())
}

/// Who opened the places that `author` has with an incident, the latest first. One statement.
pub async fn openings(tx: &mut Tx, incident: Reached, author: PersonId) -> Result<Vec<(SealedId, Opening)>> {
    let rows = rows!(
        tx,
        (Uuid, String, i64, String),
        "SELECT o.sealed, p.name, o.at, o.reason FROM sealed_openings o JOIN sealed s ON s.id = o.sealed
         JOIN people p ON p.id = o.person WHERE s.incident = $1 AND s.author = $2 ORDER BY o.at DESC, o.id DESC",
        incident.0.0,
        author.0
    )?;
    let opening =
        |(id, name, at, reason)| (SealedId(id), Opening { name, at: Instant::from_micros(at), reason });
    Ok(rows.into_iter().map(opening).collect())
}

/// Whose a place is and with which incident; `None` if the author's account is closed or the words were forgotten.
pub async fn author_of(tx: &mut Tx, id: SealedId) -> Result<Option<(PersonId, IncidentNumber)>> {
    let found = row!(
        tx,
        (Uuid, i64),
        "SELECT a.id, i.number FROM sealed s JOIN incidents i ON i.id = s.incident
         JOIN people a ON a.id = s.author
         WHERE s.id = $1 AND a.deactivated_at IS NULL AND s.forgotten_at IS NULL",
        id.0
    )?;
    Ok(found.map(|(author, number)| (PersonId(author), IncidentNumber(number))))
}

/// What a letter about an opening says: to whom, about which incident, and the opening. `None` if the author's
/// account is closed.
pub async fn told_of(tx: &mut Tx, opening: Uuid) -> Result<Option<(PersonId, IncidentNumber, Opening)>> {
    let found = row!(
        tx,
        (Uuid, i64, String, i64, String),
        "SELECT a.id, i.number, p.name, o.at, o.reason FROM sealed_openings o JOIN sealed s ON s.id = o.sealed
         JOIN incidents i ON i.id = s.incident JOIN people p ON p.id = o.person JOIN people a ON a.id = s.author
         WHERE o.id = $1 AND a.deactivated_at IS NULL",
        opening
    )?;
    Ok(found.map(|(author, number, name, at, reason)| {
        let opening = Opening { name, at: Instant::from_micros(at), reason };
        (PersonId(author), IncidentNumber(number), opening)
    }))
}
