//! What is to be done after an act: rows that nodes claim for a while, run and remove.
//!
//! A claim has a number. Whoever holds an older one has lost the job to somebody else, and every statement of
//! theirs about it touches nothing; done in the transaction of the job's own changes, it undoes them too. How
//! long a claim holds is read from the clock of the database, so nodes whose clocks differ agree about it.

use crate::{
    dialect::{self, postgres, sqlite},
    notices,
    sql::{row, rows, run},
    statement::Statement,
    tx::{Result, Tx},
};
use domain::Instant;
use uuid::Uuid;

/// What is said to other processes when there is something to do.
pub const WORD: &str = "jobs";

/// A job to be added.
#[derive(Debug)]
pub struct New<'a> {
    /// Which one.
    pub id: Uuid,
    /// What sort, for nodes that only do some.
    pub kind: &'a str,
    /// The job as JSON.
    pub payload: &'a str,
    /// Of jobs with one name only one waits.
    pub name: Option<&'a str>,
    /// When it is asked for.
    pub made_at: Instant,
    /// Not before.
    pub run_at: Instant,
}

/// A job in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Claimed {
    /// Which one.
    pub id: Uuid,
    /// The job as JSON.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
    /// The number of this claim.
    pub claim: i64,
}

/// A job that was begun too often without an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Which one.
    pub id: Uuid,
    /// The job as JSON.
    pub payload: String,
    /// How often it was begun.
    pub attempts: i64,
    /// Why it failed the last time.
    pub last_error: String,
    /// When it was given up.
    pub at: Instant,
}

/// How many jobs there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// Waiting or at work.
    pub open: i64,
    /// Given up.
    pub given_up: i64,
}

/// Adds a job, and wakes whoever does jobs when the transaction commits. One of the same name that waits is
/// this one from now on, also if it was given up; one that is at work runs once more after.
pub async fn add(tx: &mut Tx, job: &New<'_>) -> Result<()> {
    run!(
        tx,
        "INSERT INTO jobs (id, kind, payload, name, made_at, run_at, attempts, claim, again)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, FALSE)
         ON CONFLICT (name) DO UPDATE SET
             payload = excluded.payload,
             run_at = CASE WHEN jobs.claimed_until IS NOT NULL OR jobs.given_up_at IS NOT NULL
                 OR excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END,
             attempts = CASE WHEN jobs.given_up_at IS NULL THEN jobs.attempts ELSE 0 END,
             again = jobs.claimed_until IS NOT NULL,
             given_up_at = NULL",
        job.id,
        job.kind,
        job.payload,
        job.name,
        job.made_at.as_micros(),
        job.run_at.as_micros()
    )?;
    notices::say(tx, WORD).await
}

/// Takes the job that waits longest, of the given sorts, for `lease` microseconds.
pub async fn claim(tx: &mut Tx, kinds: &[&str], now: Instant, lease: i64) -> Result<Option<Claimed>> {
    let clock = clock(tx);
    let skip_locked = dialect::choose(tx, sqlite::SKIP_LOCKED, postgres::SKIP_LOCKED);
    let mut statement =
        Statement::new("UPDATE jobs SET claim = claim + 1, attempts = attempts + 1, again = FALSE, ");
    statement.text("claimed_until = ").text(clock).text(" + ").bind(lease);
    statement
        .text(" WHERE id = (SELECT id FROM jobs WHERE given_up_at IS NULL AND run_at <= ")
        .bind(now.as_micros());
    statement.text(" AND (claimed_until IS NULL OR claimed_until < ").text(clock).text(") AND kind IN ");
    statement.list(kinds.iter().copied()).text(" ORDER BY run_at, id LIMIT 1").text(skip_locked);
    statement.text(") RETURNING id, payload, attempts, claim");
    Ok(statement.rows::<Claimed>(tx).await?.pop())
}

/// When the next job of these sorts may be taken, also if it is overdue.
pub async fn next_at(tx: &mut Tx, kinds: &[&str]) -> Result<Option<Instant>> {
    let mut statement = Statement::new(
        "SELECT MIN(run_at) FROM jobs WHERE given_up_at IS NULL AND claimed_until IS NULL AND kind IN ",
    );
    statement.list(kinds.iter().copied());
    let found = statement.rows::<(Option<i64>,)>(tx).await?;
    Ok(found.first().and_then(|(at,)| *at).map(Instant::from_micros))
}

/// Holds a job for `lease` microseconds from now on; whether it is still held.
pub async fn renew(tx: &mut Tx, id: Uuid, claim: i64, lease: i64) -> Result<bool> {
    let mut statement = Statement::new("UPDATE jobs SET claimed_until = ");
    statement
        .text(clock(tx))
        .text(" + ")
        .bind(lease)
        .text(" WHERE id = ")
        .bind(id)
        .text(" AND claim = ")
        .bind(claim);
    Ok(statement.run(tx).await? > 0)
}

/// Ends a job, or sets it free if it was asked for again meanwhile; whether it was still held.
pub async fn finish(tx: &mut Tx, id: Uuid, claim: i64) -> Result<bool> {
    let ended = run!(tx, "DELETE FROM jobs WHERE id = $1 AND claim = $2 AND NOT again", id, claim)?;
    if ended > 0 {
        return Ok(true);
    }
    let again = run!(
        tx,
        "UPDATE jobs SET claimed_until = NULL, attempts = 0, again = FALSE, last_error = NULL
         WHERE id = $1 AND claim = $2",
        id,
        claim
    )?;
    Ok(again > 0)
}

/// Sets a job that did what it should free until `run_at`, or until it is asked for; whether it was still held.
pub async fn rest(tx: &mut Tx, id: Uuid, claim: i64, run_at: Instant) -> Result<bool> {
    let rests = run!(
        tx,
        "UPDATE jobs SET claimed_until = NULL, attempts = 0, last_error = NULL, again = FALSE,
             run_at = CASE WHEN again THEN run_at ELSE $3 END
         WHERE id = $1 AND claim = $2",
        id,
        claim,
        run_at.as_micros()
    )?;
    Ok(rests > 0)
}

/// Sets a job that failed free until `run_at`; whether it was still held.
pub async fn fail(tx: &mut Tx, id: Uuid, claim: i64, why: &str, run_at: Instant) -> Result<bool> {
    let failed = run!(
        tx,
        "UPDATE jobs SET claimed_until = NULL, last_error = $3, run_at = $4 WHERE id = $1 AND claim = $2",
        id,
        claim,
        why,
        run_at.as_micros()
    )?;
    Ok(failed > 0)
}

/// Gives a job up; whether it was still held.
pub async fn give_up(tx: &mut Tx, id: Uuid, claim: i64, why: &str, at: Instant) -> Result<bool> {
    let given_up = run!(
        tx,
        "UPDATE jobs SET claimed_until = NULL, last_error = $3, given_up_at = $4 WHERE id = $1 AND claim = $2",
        id,
        claim,
        why,
        at.as_micros()
    )?;
    Ok(given_up > 0)
}

/// The jobs that were given up, newest first, at most `limit`.
pub async fn given_up(tx: &mut Tx, limit: i64) -> Result<Vec<GivenUp>> {
    let found = rows!(
        tx,
        (Uuid, String, i64, Option<String>, i64),
        "SELECT id, payload, attempts, last_error, given_up_at FROM jobs
         WHERE given_up_at IS NOT NULL ORDER BY given_up_at DESC, id LIMIT $1",
        limit
    )?;
    Ok(found
        .into_iter()
        .map(|(id, payload, attempts, last_error, at)| GivenUp {
            id,
            payload,
            attempts,
            last_error: last_error.unwrap_or_default(),
            at: Instant::from_micros(at),
        })
        .collect())
}

/// Lets a job that was given up begin anew; its JSON, if there is such a job.
pub async fn retry(tx: &mut Tx, id: Uuid, now: Instant) -> Result<Option<String>> {
    let found: Option<(String,)> = row!(
        tx,
        (String,),
        "UPDATE jobs SET given_up_at = NULL, attempts = 0, run_at = $2
         WHERE id = $1 AND given_up_at IS NOT NULL RETURNING payload",
        id,
        now.as_micros()
    )?;
    notices::say(tx, WORD).await?;
    Ok(found.map(|(payload,)| payload))
}

/// Removes a job that was given up; its JSON, if there was such a job.
pub async fn forget(tx: &mut Tx, id: Uuid) -> Result<Option<String>> {
    let found: Option<(String,)> = row!(
        tx,
        (String,),
        "DELETE FROM jobs WHERE id = $1 AND given_up_at IS NOT NULL RETURNING payload",
        id
    )?;
    Ok(found.map(|(payload,)| payload))
}

/// How many jobs there are.
pub async fn counts(tx: &mut Tx) -> Result<Counts> {
    let found: Option<Counts> = row!(
        tx,
        Counts,
        "SELECT COUNT(*) - COUNT(given_up_at) AS open, COUNT(given_up_at) AS given_up FROM jobs"
    )?;
    Ok(found.unwrap_or(Counts { open: 0, given_up: 0 }))
}

fn clock(tx: &Tx) -> &'static str {
    dialect::choose(tx, sqlite::CLOCK, postgres::CLOCK)
}
