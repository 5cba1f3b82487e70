//! The provider of OpenID Connect, who people are to it, and the sessions that it can end.

use crate::{
    sql::{row, rows, run},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, evidence::Digest32};
use uuid::Uuid;

/// How people sign in with a provider. Its client secret is kept sealed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Provider {
    /// What people call it.
    pub label: String,
    /// Its address, exactly as it names itself.
    pub issuer: String,
    /// What it calls this installation.
    pub client: String,
    /// Scopes that are asked for beside `openid`, with blanks between.
    pub scopes: String,
    /// The claim that lists groups.
    pub groups_claim: String,
    /// Groups by role, as JSON text.
    pub roles: String,
    /// Whether people who are unknown get an account when they come in.
    pub newcomers: bool,
    /// Whether passphrases, passkeys and mailed links open anything beside it.
    pub other_ways: bool,
    /// Counts changes, from 1.
    pub revision: i64,
}

/// The provider, if one is set.
pub async fn load(tx: &mut Tx) -> Result<Option<Provider>> {
    row!(
        tx,
        Provider,
        "SELECT label, issuer, client, scopes, groups_claim, roles, newcomers, other_ways, revision
         FROM providers WHERE id = 1"
    )
}

/// Keeps the provider if the record still has the revision before `provider.revision` (or has none, and that is 1);
/// whether it was kept.
pub async fn save(tx: &mut Tx, provider: &Provider) -> Result<bool> {
    let kept = run!(
        tx,
        "INSERT INTO providers
         (id, label, issuer, client, scopes, groups_claim, roles, newcomers, other_ways, revision)
         VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET label = excluded.label, issuer = excluded.issuer, client = excluded.client,
         scopes = excluded.scopes, groups_claim = excluded.groups_claim, roles = excluded.roles,
         newcomers = excluded.newcomers, other_ways = excluded.other_ways, revision = excluded.revision
         WHERE providers.revision = excluded.revision - 1",
        provider.label.as_str(),
        provider.issuer.as_str(),
        provider.client.as_str(),
        provider.scopes.as_str(),
        provider.groups_claim.as_str(),
        provider.roles.as_str(),
        provider.newcomers,
        provider.other_ways,
        provider.revision
    )?;
    Ok(kept > 0)
}

/// Removes the provider; whether there was one. Who people are to it stays.
pub async fn remove(tx: &mut Tx) -> Result<bool> {
    Ok(run!(tx, "DELETE FROM providers WHERE id = 1")? > 0)
}

/// Whom a provider means by `subject`.
pub async fn person(tx: &mut Tx, issuer: &str, subject: &str) -> Result<Option<PersonId>> {
    let found: Option<(Uuid,)> = row!(
        tx,
        (Uuid,),
        "SELECT person FROM identities WHERE issuer = $1 AND subject = $2",
        issuer,
        subject
    )?;
    Ok(found.map(|(person,)| PersonId(person)))
}

/// Whether a provider knows somebody under any name.
pub async fn knows(tx: &mut Tx, issuer: &str, person: PersonId) -> Result<bool> {
    let found: Option<(String,)> = row!(
        tx,
        (String,),
        "SELECT subject FROM identities WHERE issuer = $1 AND person = $2 LIMIT 1",
        issuer,
        person.0
    )?;
    Ok(found.is_some())
}

/// How many people a provider knows.
pub async fn known(tx: &mut Tx, issuer: &str) -> Result<i64> {
    let count: Option<(i64,)> =
        row!(tx, (i64,), "SELECT COUNT(*) FROM identities WHERE issuer = $1", issuer)?;
    Ok(count.map_or(0, |(count,)| count))
}

/// Notes whom a provider means by `subject`.
pub async fn link(tx: &mut Tx, issuer: &str, subject: &str, person: PersonId, at: Instant) -> Result<()> {
    run!(
        tx,
        "INSERT INTO identities (issuer, subject, person, created_at) VALUES ($1, $2, $3, $4)",
        issuer,
        subject,
        person.0,
        at.as_micros()
    )?;
    Ok(())
}

/// Forgets whom a provider means by anybody; how many they were.
pub async fn unlink_all(tx: &mut Tx, issuer: &str) -> Result<u64> {
    run!(tx, "DELETE FROM identities WHERE issuer = $1", issuer)
}

/// Forgets who somebody is to any provider.
pub async fn unlink(tx: &mut Tx, person: PersonId) -> Result<u64> {
    run!(tx, "DELETE FROM identities WHERE person = $1", person.0)
}

/// Notes what the provider calls the session of the cookie with this sum.
pub async fn name_session(tx: &mut Tx, secret: Digest32, provider_session: &str) -> Result<()> {
    run!(
        tx,
        "UPDATE sessions SET provider_session = $2 WHERE token_hash = $1",
        secret.0.as_slice(),
        provider_session
    )?;
    Ok(())
}

/// Ends sessions that were begun by a provider: those of `person` if given, and of these, or of all, the one that
/// the provider calls `session` if given. Whose sessions ended, each as often as one did. Without either, none ends.
pub async fn end_sessions(
    tx: &mut Tx,
    person: Option<PersonId>,
    session: Option<&str>,
) -> Result<Vec<PersonId>> {
    let ended: Vec<(Uuid,)> = match (person, session) {
        (Some(person), Some(session)) => rows!(
            tx,
            (Uuid,),
            "DELETE FROM sessions WHERE how = 'provider' AND person = $1 AND provider_session = $2 RETURNING person",
            person.0,
            session
        )?,
        (Some(person), None) => rows!(
            tx,
            (Uuid,),
            "DELETE FROM sessions WHERE how = 'provider' AND person = $1 RETURNING person",
            person.0
        )?,
        (None, Some(session)) => rows!(
            tx,
            (Uuid,),
            "DELETE FROM sessions WHERE how = 'provider' AND provider_session = $1 RETURNING person",
            session
        )?,
        (None, None) => Vec::new(),
    };
    Ok(ended.into_iter().map(|(person,)| PersonId(person)).collect())
}
