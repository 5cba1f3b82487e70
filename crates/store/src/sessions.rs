//! Signed-in browsers, found by the SHA-256 of what their cookie holds.

use crate::{
    people,
    reach::{parts, read_parts},
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, PersonId, SessionId,
    access::Part,
    evidence::Digest32,
    incident::IncidentNumber,
    person::{Person, Role},
};
use uuid::Uuid;

/// By what a session was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A passphrase, with a second factor if there is one.
    Passphrase,
    /// A link for one use.
    Link,
    /// A passkey, which is two factors in one.
    Passkey,
    /// A provider of OpenID Connect, who answers for its own factors.
    Provider,
}

impl How {
    /// Every way in.
    pub const ALL: [Self; 4] = [Self::Passphrase, Self::Link, Self::Passkey, Self::Provider];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Link => "link",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
        }
    }

    fn from_key(key: String) -> Result<Self> {
        Self::ALL.into_iter().find(|how| how.key() == key).ok_or_else(|| Error::unknown("the way in", key))
    }
}

/// The browser of a session, as far as it said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// Its `User-Agent`, shortened.
    pub agent: String,
    /// The network address it came from.
    pub address: String,
}

/// A session as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which one.
    pub id: SessionId,
    /// Where it was begun.
    pub device: Device,
    /// By what.
    pub how: How,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was last used, within a few minutes.
    pub seen_at: Instant,
    /// When it ends, used or not.
    pub ends_at: Instant,
}

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
    /// By what it was begun.
    pub how: How,
    /// When its person last proved who they are.
    pub proved_at: Instant,
    /// Whether its person has a second factor or a passkey.
    pub has_factor: bool,
    /// The weakest role from which on one is asked for.
    pub factor_from: Option<Role>,
    /// What they are to the incident that was asked for.
    pub parts: Vec<Part>,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    id: Uuid,
    agent: String,
    address: String,
    how: String,
    created_at: i64,
    seen_at: i64,
    ends_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    session: Uuid,
    seen_at: i64,
    ends_at: i64,
    how: String,
    proved_at: i64,
    parts: String,
    factors: i64,
    factor_from: Option<String>,
    id: Uuid,
    name: String,
    email: String,
    role: String,
    zone: Option<String>,
    deactivated_at: Option<i64>,
    service: bool,
}

/// Begins a session.
pub async fn begin(tx: &mut Tx, session: &Listed, person: PersonId, secret: Digest32) -> Result<()> {
    run!(
        tx,
        "INSERT INTO sessions
         (id, person, token_hash, created_at, seen_at, ends_at, agent, address, how, proved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $4)",
        session.id.0,
        person.0,
        secret.0.as_slice(),
        session.created_at.as_micros(),
        session.seen_at.as_micros(),
        session.ends_at.as_micros(),
        session.device.agent.as_str(),
        session.device.address.as_str(),
        session.how.key()
    )?;
    Ok(())
}

/// The sessions of a person, last used first.
pub async fn of(tx: &mut Tx, person: PersonId) -> Result<Vec<Listed>> {
    let rows = rows!(
        tx,
        ListedRow,
        "SELECT id, agent, address, how, created_at, seen_at, ends_at FROM sessions WHERE person = $1
         ORDER BY seen_at DESC, id DESC",
        person.0
    )?;
    let listed = |row: ListedRow| {
        Ok(Listed {
            id: SessionId(row.id),
            device: Device { agent: row.agent, address: row.address },
            how: How::from_key(row.how)?,
            created_at: Instant::from_micros(row.created_at),
            seen_at: Instant::from_micros(row.seen_at),
            ends_at: Instant::from_micros(row.ends_at),
        })
    };
    rows.into_iter().map(listed).collect()
}

/// Notes that the person of a session proved again who they are.
pub async fn proved(tx: &mut Tx, id: SessionId, at: Instant) -> Result<()> {
    run!(tx, "UPDATE sessions SET proved_at = $2 WHERE id = $1", id.0, at.as_micros())?;
    Ok(())
}

/// Ends a session of a person; whether there was one.
pub async fn end_of(tx: &mut Tx, id: SessionId, person: PersonId) -> Result<bool> {
    Ok(run!(tx, "DELETE FROM sessions WHERE id = $1 AND person = $2", id.0, person.0)? > 0)
}

/// The session of a cookie, also one that is over.
pub async fn find(tx: &mut Tx, secret: Digest32) -> Result<Option<Session>> {
    find_at(tx, secret, None).await
}

/// The same with what its person is to the incident that the request is about. One statement: every request asks
/// this.
pub async fn find_at(
    tx: &mut Tx,
    secret: Digest32,
    incident: Option<IncidentNumber>,
) -> Result<Option<Session>> {
    let row = row!(
        tx,
        Row,
        concat!(
            "SELECT s.id AS session, s.seen_at, s.ends_at, s.how, s.proved_at,
                COALESCE((SELECT ",
            parts!("p.id"),
            " FROM incidents i WHERE i.number = $2), '') AS parts,
                (SELECT COUNT(*) FROM second_factors f WHERE f.person = p.id AND f.confirmed_at IS NOT NULL)
                + (SELECT COUNT(*) FROM passkeys k WHERE k.person = p.id) AS factors,
                (SELECT r.second_factor_from FROM sign_in_rules r WHERE r.id = 1) AS factor_from,
                p.id, p.name, p.email, p.role, p.zone, p.deactivated_at, p.service
         FROM sessions s JOIN people p ON p.id = s.person WHERE s.token_hash = $1"
        ),
        secret.0.as_slice(),
        // No incident has this number.
        incident.map_or(0, |number| number.0)
    )?;
    row.map(|row| {
        Ok(Session {
            id: SessionId(row.session),
            person: people::person(
                row.id,
                row.name,
                row.email,
                row.role,
                row.zone,
                row.deactivated_at,
                row.service,
            )?,
            seen_at: Instant::from_micros(row.seen_at),
            ends_at: Instant::from_micros(row.ends_at),
            how: How::from_key(row.how)?,
            proved_at: Instant::from_micros(row.proved_at),
            has_factor: row.factors > 0,
            factor_from: row.factor_from.as_deref().and_then(Role::from_key),
            parts: read_parts(&row.parts)?,
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
