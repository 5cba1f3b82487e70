//! Passkeys: what an authenticator promised, found by what it calls itself.

use crate::{
    sql::{row, rows, run},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, TokenId};
use uuid::Uuid;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Which one.
    pub id: TokenId,
    /// Whose.
    pub person: PersonId,
    /// What the authenticator calls it.
    pub credential: Vec<u8>,
    /// The COSE algorithm of its key.
    pub algorithm: i64,
    /// Its public key.
    pub public_key: Vec<u8>,
    /// How often it has signed, as far as the authenticator counts.
    pub counter: i64,
    /// What its owner calls it.
    pub label: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it last signed somebody in.
    pub used_at: Option<Instant>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    person: Uuid,
    credential: Vec<u8>,
    algorithm: i64,
    public_key: Vec<u8>,
    counter: i64,
    label: String,
    created_at: i64,
    used_at: Option<i64>,
}

impl From<Row> for Passkey {
    fn from(row: Row) -> Self {
        Self {
            id: TokenId(row.id),
            person: PersonId(row.person),
            credential: row.credential,
            algorithm: row.algorithm,
            public_key: row.public_key,
            counter: row.counter,
            label: row.label,
            created_at: Instant::from_micros(row.created_at),
            used_at: row.used_at.map(Instant::from_micros),
        }
    }
}

/// Adds a passkey; [`crate::Error::Taken`] if the credential is there already.
pub async fn add(tx: &mut Tx, passkey: &Passkey) -> Result<()> {
    run!(
        tx,
        "INSERT INTO passkeys (id, person, credential, algorithm, public_key, counter, label, created_at, used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)",
        passkey.id.0,
        passkey.person.0,
        passkey.credential.as_slice(),
        passkey.algorithm,
        passkey.public_key.as_slice(),
        passkey.counter,
        passkey.label.as_str(),
        passkey.created_at.as_micros()
    )?;
    Ok(())
}

/// The passkeys of a person, newest first.
pub async fn of(tx: &mut Tx, person: PersonId) -> Result<Vec<Passkey>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT id, person, credential, algorithm, public_key, counter, label, created_at, used_at
         FROM passkeys WHERE person = $1 ORDER BY created_at DESC, id DESC",
        person.0
    )?;
    Ok(rows.into_iter().map(Passkey::from).collect())
}

/// The passkey of a credential.
pub async fn find(tx: &mut Tx, credential: &[u8]) -> Result<Option<Passkey>> {
    let row = row!(
        tx,
        Row,
        "SELECT id, person, credential, algorithm, public_key, counter, label, created_at, used_at
         FROM passkeys WHERE credential = $1",
        credential
    )?;
    Ok(row.map(Passkey::from))
}

/// Notes that a passkey signed; `false` if its counter is another than `before` by now.
pub async fn used(tx: &mut Tx, id: TokenId, before: i64, counter: i64, at: Instant) -> Result<bool> {
    let noted = run!(
        tx,
        "UPDATE passkeys SET counter = $3, used_at = $4 WHERE id = $1 AND counter = $2",
        id.0,
        before,
        counter,
        at.as_micros()
    )?;
    Ok(noted > 0)
}

/// Removes a passkey of a person; whether there was one.
pub async fn remove(tx: &mut Tx, id: TokenId, person: PersonId) -> Result<bool> {
    Ok(run!(tx, "DELETE FROM passkeys WHERE id = $1 AND person = $2", id.0, person.0)? > 0)
}

/// Removes every passkey of a person.
pub async fn remove_all_of(tx: &mut Tx, person: PersonId) -> Result<u64> {
    run!(tx, "DELETE FROM passkeys WHERE person = $1", person.0)
}
