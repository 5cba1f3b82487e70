//! API tokens, found by the SHA-256 of their secret.

use crate::{
    people,
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{Instant, PersonId, TokenId, evidence::Digest32, person::Person, scope::Scopes};
use uuid::Uuid;

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Which one.
    pub id: TokenId,
    /// What it is for, in its owner's words.
    pub label: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used, within a few minutes.
    pub used_at: Option<Instant>,
    /// What it may do at most.
    pub scopes: Scopes,
    /// When it ends by itself.
    pub ends_at: Option<Instant>,
}

/// A token that was shown, with the person it speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The token.
    pub id: TokenId,
    /// When it was last used, within a few minutes.
    pub used_at: Option<Instant>,
    /// When it ends by itself.
    pub ends_at: Option<Instant>,
    /// What it may do at most.
    pub scopes: Scopes,
    /// Whose it is.
    pub person: Person,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    person: Uuid,
    label: String,
    created_at: i64,
    used_at: Option<i64>,
    scopes: Option<String>,
    ends_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Bearer {
    token: Uuid,
    used_at: Option<i64>,
    scopes: Option<String>,
    ends_at: Option<i64>,
    id: Uuid,
    name: String,
    email: String,
    role: String,
    zone: Option<String>,
    deactivated_at: Option<i64>,
    service: bool,
}

/// Adds a token.
pub async fn add(tx: &mut Tx, token: &Token, person: PersonId, secret: Digest32) -> Result<()> {
    run!(
        tx,
        "INSERT INTO tokens (id, person, label, token_hash, created_at, used_at, revoked_at, scopes, ends_at)
         VALUES ($1, $2, $3, $4, $5, NULL, NULL, $6, $7)",
        token.id.0,
        person.0,
        token.label.as_str(),
        secret.0.as_slice(),
        token.created_at.as_micros(),
        token.scopes.to_string(),
        token.ends_at.map(Instant::as_micros)
    )?;
    Ok(())
}

/// The tokens of a person that were not revoked, newest first.
pub async fn of(tx: &mut Tx, person: PersonId) -> Result<Vec<Token>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT id, person, label, created_at, used_at, scopes, ends_at FROM tokens
         WHERE person = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC",
        person.0
    )?;
    rows.into_iter().map(|row| token(row).map(|(_, token)| token)).collect()
}

/// The tokens of every service account that were not revoked, newest first, each with whose it is.
pub async fn of_services(tx: &mut Tx) -> Result<Vec<(PersonId, Token)>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT t.id, t.person, t.label, t.created_at, t.used_at, t.scopes, t.ends_at
         FROM tokens t JOIN people p ON p.id = t.person
         WHERE p.service = TRUE AND t.revoked_at IS NULL ORDER BY t.created_at DESC, t.id DESC"
    )?;
    rows.into_iter().map(token).collect()
}

fn token(row: Row) -> Result<(PersonId, Token)> {
    let token = Token {
        id: TokenId(row.id),
        label: row.label,
        created_at: Instant::from_micros(row.created_at),
        used_at: row.used_at.map(Instant::from_micros),
        scopes: scopes(row.scopes)?,
        ends_at: row.ends_at.map(Instant::from_micros),
    };
    Ok((PersonId(row.person), token))
}

/// Tokens from before there were scopes may do whatever their person may.
fn scopes(text: Option<String>) -> Result<Scopes> {
    let Some(text) = text else { return Ok(Scopes::ALL) };
    Scopes::from_keys(&text).ok_or_else(|| Error::unknown("the scopes", text))
}

/// The token of a secret that was not revoked, also one that is over. One statement.
pub async fn find(tx: &mut Tx, secret: Digest32) -> Result<Option<Shown>> {
    let row = row!(
        tx,
        Bearer,
        "SELECT t.id AS token, t.used_at, t.scopes, t.ends_at,
                p.id, p.name, p.email, p.role, p.zone, p.deactivated_at, p.service
         FROM tokens t JOIN people p ON p.id = t.person
         WHERE t.token_hash = $1 AND t.revoked_at IS NULL",
        secret.0.as_slice()
    )?;
    row.map(|row| {
        Ok(Shown {
            id: TokenId(row.token),
            used_at: row.used_at.map(Instant::from_micros),
            ends_at: row.ends_at.map(Instant::from_micros),
            scopes: scopes(row.scopes)?,
            person: people::person(
                row.id,
                row.name,
                row.email,
                row.role,
                row.zone,
                row.deactivated_at,
                row.service,
            )?,
        })
    })
    .transpose()
}

/// A token that was not revoked, with whose it is.
pub async fn get(tx: &mut Tx, id: TokenId) -> Result<Option<(PersonId, Token)>> {
    let found = row!(
        tx,
        Row,
        "SELECT id, person, label, created_at, used_at, scopes, ends_at FROM tokens
         WHERE id = $1 AND revoked_at IS NULL",
        id.0
    )?;
    found.map(token).transpose()
}

/// Tokens of open accounts that end after `now` and at the latest at `by`, and of whose end nobody was told; those that
/// end first first, at most 500.
pub async fn ending(tx: &mut Tx, now: Instant, by: Instant) -> Result<Vec<(PersonId, Token)>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT t.id, t.person, t.label, t.created_at, t.used_at, t.scopes, t.ends_at
         FROM tokens t JOIN people p ON p.id = t.person
         WHERE t.revoked_at IS NULL AND t.end_told = FALSE AND p.deactivated_at IS NULL
             AND t.ends_at > $1 AND t.ends_at <= $2
         ORDER BY t.ends_at, t.id LIMIT 500",
        now.as_micros(),
        by.as_micros()
    )?;
    rows.into_iter().map(token).collect()
}

/// Notes that somebody was told of the end of a token; whether nobody had been.
pub async fn told(tx: &mut Tx, id: TokenId) -> Result<bool> {
    let told = run!(tx, "UPDATE tokens SET end_told = TRUE WHERE id = $1 AND end_told = FALSE", id.0)?;
    Ok(told == 1)
}

/// Notes that a token was used.
pub async fn used(tx: &mut Tx, id: TokenId, at: Instant) -> Result<()> {
    run!(tx, "UPDATE tokens SET used_at = $2 WHERE id = $1", id.0, at.as_micros())?;
    Ok(())
}

/// Ends a token of a person; whether there was one to end.
pub async fn revoke(tx: &mut Tx, id: TokenId, person: PersonId, at: Instant) -> Result<bool> {
    let revoked = run!(
        tx,
        "UPDATE tokens SET revoked_at = $3 WHERE id = $1 AND person = $2 AND revoked_at IS NULL",
        id.0,
        person.0,
        at.as_micros()
    )?;
    Ok(revoked > 0)
}

/// Ends every token of a person.
pub async fn revoke_all_of(tx: &mut Tx, person: PersonId, at: Instant) -> Result<u64> {
    run!(
        tx,
        "UPDATE tokens SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL",
        person.0,
        at.as_micros()
    )
}
