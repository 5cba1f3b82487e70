//! Second factors: one-time passwords by time, and codes for the day the device is gone.

use crate::{
    sql::{row, run},
    tx::{Error, Result, Tx},
};
use domain::{Instant, PersonId, TokenId, evidence::Digest32, person::Role};

/// What is known of somebody's second factor; its secret is kept sealed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    /// When a first code proved that the device has the secret; before that, nothing is asked for.
    pub confirmed_at: Option<Instant>,
    /// The newest step whose code was accepted.
    pub last_step: i64,
    /// How many recovery codes are left.
    pub codes_left: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    confirmed_at: Option<i64>,
    last_step: i64,
    codes_left: i64,
}

/// The second factor of a person, confirmed or not.
pub async fn of(tx: &mut Tx, person: PersonId) -> Result<Option<Factor>> {
    let row = row!(
        tx,
        Row,
        "SELECT f.confirmed_at, f.last_step,
                (SELECT COUNT(*) FROM recovery_codes c WHERE c.person = f.person AND c.used_at IS NULL) AS codes_left
         FROM second_factors f WHERE f.person = $1",
        person.0
    )?;
    Ok(row.map(|row| Factor {
        confirmed_at: row.confirmed_at.map(Instant::from_micros),
        last_step: row.last_step,
        codes_left: row.codes_left,
    }))
}

/// Begins one in place of one that was not confirmed; `false` if there is one that was.
pub async fn begin(tx: &mut Tx, person: PersonId, at: Instant) -> Result<bool> {
    let begun = run!(
        tx,
        "INSERT INTO second_factors (person, created_at, confirmed_at, last_step) VALUES ($1, $2, NULL, 0)
         ON CONFLICT (person) DO UPDATE SET created_at = excluded.created_at
         WHERE second_factors.confirmed_at IS NULL",
        person.0,
        at.as_micros()
    )?;
    Ok(begun > 0)
}

/// Confirms one that was begun, by the step of its first code; `false` if there is none to confirm.
pub async fn confirm(tx: &mut Tx, person: PersonId, step: i64, at: Instant) -> Result<bool> {
    let confirmed = run!(
        tx,
        "UPDATE second_factors SET confirmed_at = $2, last_step = $3
         WHERE person = $1 AND confirmed_at IS NULL",
        person.0,
        at.as_micros(),
        step
    )?;
    Ok(confirmed > 0)
}

/// Uses a step up; `false` if it or a later one was used before. Of two at once only one gets `true`.
pub async fn use_step(tx: &mut Tx, person: PersonId, step: i64) -> Result<bool> {
    let used = run!(
        tx,
        "UPDATE second_factors SET last_step = $2
         WHERE person = $1 AND last_step < $2 AND confirmed_at IS NOT NULL",
        person.0,
        step
    )?;
    Ok(used > 0)
}

/// Removes a person's second factor and its recovery codes; whether there was one.
pub async fn remove(tx: &mut Tx, person: PersonId) -> Result<bool> {
    run!(tx, "DELETE FROM recovery_codes WHERE person = $1", person.0)?;
    Ok(run!(tx, "DELETE FROM second_factors WHERE person = $1", person.0)? > 0)
}

/// Puts new recovery codes in place of all there were.
pub async fn renew_codes(tx: &mut Tx, person: PersonId, codes: &[(TokenId, Digest32)]) -> Result<()> {
    run!(tx, "DELETE FROM recovery_codes WHERE person = $1", person.0)?;
    for (id, code) in codes {
        run!(
            tx,
            "INSERT INTO recovery_codes (id, person, code_hash, used_at) VALUES ($1, $2, $3, NULL)",
            id.0,
            person.0,
            code.0.as_slice()
        )?;
    }
    Ok(())
}

/// Uses a recovery code up; `false` if it is none or was used before.
pub async fn use_code(tx: &mut Tx, person: PersonId, code: Digest32, at: Instant) -> Result<bool> {
    let used = run!(
        tx,
        "UPDATE recovery_codes SET used_at = $3 WHERE person = $1 AND code_hash = $2 AND used_at IS NULL",
        person.0,
        code.0.as_slice(),
        at.as_micros()
    )?;
    Ok(used > 0)
}

/// The weakest role from which on a second factor is asked for, if it is.
pub async fn asked_from(tx: &mut Tx) -> Result<Option<Role>> {
    let found: Option<(Option<String>,)> =
        row!(tx, (Option<String>,), "SELECT second_factor_from FROM sign_in_rules WHERE id = 1")?;
    let Some(key) = found.and_then(|(key,)| key) else { return Ok(None) };
    Role::from_key(&key).map(Some).ok_or_else(|| Error::unknown("the role", key))
}

/// Asks for a second factor from a role on, or of nobody.
pub async fn ask_from(tx: &mut Tx, role: Option<Role>) -> Result<()> {
    run!(
        tx,
        "INSERT INTO sign_in_rules (id, second_factor_from, revision) VALUES (1, $1, 1)
         ON CONFLICT (id) DO UPDATE
         SET second_factor_from = excluded.second_factor_from, revision = sign_in_rules.revision + 1",
        role.map(Role::key)
    )?;
    Ok(())
}
