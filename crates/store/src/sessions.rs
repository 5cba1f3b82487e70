//! Signed-in browsers, found by the SHA-256 of what their cookie holds.

use crate::{
    people,
    sql::{row, run},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, SessionId, evidence::Digest32, person::Person};
use uuid::Uuid;

/// A session with the person it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which one.
    pub id: SessionId,
    /// Whose.
    pub person: Person,
    /// When it was last used, within a few minutes.
    pub seen_at: Instant,
    /// When it ends, used or not.
    pub ends_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    session: Uuid,
    seen_at: i64,
    ends_at: i64,
    id: Uuid,
    name: String,
    email: String,
    role: String,
    zone: Option<String>,
    deactivated_at: Option<i64>,
}

/// Begins a session.
pub async fn begin(
    tx: &mut Tx,
    id: SessionId,
    person: PersonId,
    secret: Digest32,
    at: Instant,
    ends_at: Instant,
) -> Result<()> {
    run!(
        tx,
        "INSERT INTO sessions (id, person, token_hash, created_at, seen_at, ends_at)
         VALUES ($1, $2, $3, $4, $4, $5)",
        id.0,
        person.0,
        secret.0.as_slice(),
        at.as_micros(),
        ends_at.as_micros()
    )?;
    Ok(())
}

/// The session of a cookie, also one that is over. One statement: every request asks this.
pub async fn find(tx: &mut Tx, secret: Digest32) -> Result<Option<Session>> {
    let row = row!(
        tx,
        Row,
        "SELECT s.id AS session, s.seen_at, s.ends_at, p.id, p.name, p.email, p.role, p.zone, p.deactivated_at
         FROM sessions s JOIN people p ON p.id = s.person WHERE s.token_hash = $1",
        secret.0.as_slice()
    )?;
    row.map(|row| {
        Ok(Session {
            id: SessionId(row.session),
            person: people::person(row.id, row.name, row.email, row.role, row.zone, row.deactivated_at)?,
            seen_at: Instant::from_micros(row.seen_at),
            ends_at: Instant::from_micros(row.ends_at),
        })
    })
    .transpose()
}

/// Notes that a session was used.
pub async fn seen(tx: &mut Tx, id: SessionId, at: Instant) -> Result<()> {
    run!(tx, "UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2", id.0, at.as_micros())?;
    Ok(())
}

/// Ends a session; whether there was one.
pub async fn end(tx: &mut Tx, id: SessionId) -> Result<bool> {
    Ok(run!(tx, "DELETE FROM sessions WHERE id = $1", id.0)? > 0)
}

/// Ends every session of a person.
pub async fn end_all_of(tx: &mut Tx, person: PersonId) -> Result<u64> {
    run!(tx, "DELETE FROM sessions WHERE person = $1", person.0)
}

/// Ends every session of a person but one.
pub async fn end_others_of(tx: &mut Tx, person: PersonId, kept: SessionId) -> Result<u64> {
    run!(tx, "DELETE FROM sessions WHERE person = $1 AND id <> $2", person.0, kept.0)
}

/// Removes sessions that are over at `now`, or were last used before `idle_since`.
pub async fn sweep(tx: &mut Tx, now: Instant, idle_since: Instant) -> Result<u64> {
    run!(
        tx,
        "DELETE FROM sessions WHERE ends_at <= $1 OR seen_at <= $2",
        now.as_micros(),
        idle_since.as_micros()
    )
}
