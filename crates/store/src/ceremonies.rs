//! What stands between two steps of a sign-in: found by the SHA-256 of what the browser holds, used once.

use crate::{
    sql::{row, run},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, TokenId, evidence::Digest32};
use uuid::Uuid;

/// Something that was begun and waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// Which one.
    pub id: TokenId,
    /// What sort of step is waited for; only the same sort takes it up.
    pub kind: &'static str,
    /// Whom it is about, if that is known.
    pub person: Option<PersonId>,
    /// What the answer is held against, as JSON text.
    pub detail: String,
    /// When it is over.
    pub ends_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    person: Option<Uuid>,
    detail: String,
    ends_at: i64,
}

/// Begins one, and removes those that are over at `now`.
pub async fn begin(tx: &mut Tx, ceremony: &Ceremony, secret: Digest32, now: Instant) -> Result<()> {
    run!(tx, "DELETE FROM ceremonies WHERE ends_at <= $1", now.as_micros())?;
    run!(
        tx,
        "INSERT INTO ceremonies (id, kind, token_hash, person, detail, ends_at) VALUES ($1, $2, $3, $4, $5, $6)",
        ceremony.id.0,
        ceremony.kind,
        secret.0.as_slice(),
        ceremony.person.map(|person| person.0),
        ceremony.detail.as_str(),
        ceremony.ends_at.as_micros()
    )?;
    Ok(())
}

/// The one of a secret and sort that is not over, left where it is.
pub async fn look(
    tx: &mut Tx,
    kind: &'static str,
    secret: Digest32,
    now: Instant,
) -> Result<Option<Ceremony>> {
    let row = row!(
        tx,
        Row,
        "SELECT id, person, detail, ends_at FROM ceremonies
         WHERE token_hash = $1 AND kind = $2 AND ends_at > $3",
        secret.0.as_slice(),
        kind,
        now.as_micros()
    )?;
    Ok(row.map(|row| ceremony(kind, row)))
}

/// Takes the one of a secret and sort away, if it is not over. Of two at once only one gets it.
pub async fn take(
    tx: &mut Tx,
    kind: &'static str,
    secret: Digest32,
    now: Instant,
) -> Result<Option<Ceremony>> {
    let row = row!(
        tx,
        Row,
        "DELETE FROM ceremonies WHERE token_hash = $1 AND kind = $2 AND ends_at > $3
         RETURNING id, person, detail, ends_at",
        secret.0.as_slice(),
        kind,
        now.as_micros()
    )?;
    Ok(row.map(|row| ceremony(kind, row)))
}

/// Ends everything that waits for a person.
pub async fn end_all_of(tx: &mut Tx, person: PersonId) -> Result<u64> {
    run!(tx, "DELETE FROM ceremonies WHERE person = $1", person.0)
}

fn ceremony(kind: &'static str, row: Row) -> Ceremony {
    Ceremony {
        id: TokenId(row.id),
        kind,
        person: row.person.map(PersonId),
        detail: row.detail,
        ends_at: Instant::from_micros(row.ends_at),
    }
}
