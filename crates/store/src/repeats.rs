//! Requests that carry a key, so that asking again does nothing twice.

use crate::{
    sql::{row, rows, run},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, evidence::Digest32};

/// Whose request under which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Who asks.
    pub person: PersonId,
    /// The key they gave.
    pub name: String,
    /// SHA-256 over method, path and body.
    pub request: Digest32,
    /// Drawn for each time it is asked.
    pub attempt: [u8; 16],
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A request that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// SHA-256 over method, path and body.
    pub request: Digest32,
    /// When.
    pub at: Instant,
    /// What was answered; `None` if it was never known.
    pub answer: Option<Answer>,
}

#[derive(sqlx::FromRow)]
struct Row {
    request: Vec<u8>,
    at: i64,
    status: Option<i64>,
    kind: Option<String>,
    body: Option<Vec<u8>>,
}

/// The request of `person` under the key `name`, if one was carried out since `from`.
pub async fn find(tx: &mut Tx, person: PersonId, name: &str, from: Instant) -> Result<Option<Done>> {
    let found = row!(
        tx,
        Row,
        "SELECT request, at, status, kind, body FROM repeats WHERE person = $1 AND name = $2 AND at >= $3",
        person.0,
        name,
        from.as_micros()
    )?;
    Ok(found.map(|row| Done {
        request: Digest32(row.request.try_into().unwrap_or([0; 32])),
        at: Instant::from_micros(row.at),
        answer: row.status.map(|status| Answer {
            status: u16::try_from(status).unwrap_or(500),
            kind: row.kind.unwrap_or_default(),
            body: row.body.unwrap_or_default(),
        }),
    }))
}

/// Notes that the request is carried out by this transaction; `false` if it was by another one since `from`. Waits for
/// a transaction that just does.
pub async fn begin(tx: &mut Tx, key: &Key, at: Instant, from: Instant) -> Result<bool> {
    let noted = run!(
        tx,
        "INSERT INTO repeats (person, name, request, attempt, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person, name) DO UPDATE SET
             request = excluded.request, attempt = excluded.attempt, at = excluded.at,
             status = NULL, kind = NULL, body = NULL
         WHERE repeats.attempt = excluded.attempt OR repeats.at < $6",
        key.person.0,
        key.name.as_str(),
        key.request.0.as_slice(),
        key.attempt.as_slice(),
        at.as_micros(),
        from.as_micros()
    )?;
    Ok(noted > 0)
}

/// Keeps what was answered, if this request was carried out at all.
pub async fn answer(tx: &mut Tx, key: &Key, answer: &Answer) -> Result<()> {
    run!(
        tx,
        "UPDATE repeats SET status = $1, kind = $2, body = $3 WHERE person = $4 AND name = $5 AND attempt = $6",
        i64::from(answer.status),
        answer.kind.as_str(),
        answer.body.as_slice(),
        key.person.0,
        key.name.as_str(),
        key.attempt.as_slice()
    )?;
    Ok(())
}

/// Forgets answers that hold something which was withdrawn; how many. They are kept for a day only, so few are read.
pub async fn remove_holding(tx: &mut Tx, holds: impl Fn(&str) -> bool) -> Result<u64> {
    let answers = rows!(
        tx,
        (uuid::Uuid, String, Vec<u8>),
        "SELECT person, name, body FROM repeats WHERE body IS NOT NULL"
    )?;
    let mut removed = 0;
    for (person, name, body) in answers {
        let text = String::from_utf8_lossy(&body);
        // As it stands, and as it reads once JSON is read.
        let plain = text.replace("\\n", "\n").replace("\\\"", "\"");
        if holds(&text) || holds(&plain) {
            removed +=
                run!(tx, "DELETE FROM repeats WHERE person = $1 AND name = $2", person, name.as_str())?;
        }
    }
    Ok(removed)
}

/// Forgets what was asked before `from`; how many.
pub async fn remove_before(tx: &mut Tx, from: Instant) -> Result<u64> {
    run!(tx, "DELETE FROM repeats WHERE at < $1", from.as_micros())
}
