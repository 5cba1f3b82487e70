//! What is to be done after an act: asked for in the act's own transaction, done by one node, tried again when
//! it fails, shown to administrators when it never succeeds.
//!
//! A job may be begun more than once: its process may die, or be paused so long that another takes over. So each
//! is written to be run twice. What it changes in the record it changes together with [`Held::finish`], in one
//! transaction; then it happens once. What it does outside (a mail) can happen twice if the machine fails at the
//! wrong moment, and never not at all.
//!
//! To add one: a variant of [`Job`] with its [`Job::kind`], an arm in `performing::perform`, and
//! [`enqueue`] before the commit of the act that asks for it.

mod performing;
mod working;

pub use performing::Then;
pub use working::{Duties, Workers, run_due};

use crate::{App, Error, Result, mail::Letter};
use domain::{
    EvidenceId, Instant, JobId,
    access::{Action, Actor},
    instant::Span,
};
use serde::{Deserialize, Serialize};
use store::{Tx, audit, jobs};
use uuid::Uuid;

/// So many attempts are made, over about five hours, before a job is given up.
pub const ATTEMPTS: i64 = 15;
/// The wait after the first failure; it doubles with each.
const FIRST_WAIT: Span = Span::seconds(2);
/// No wait is longer.
const LONGEST_WAIT: Span = Span::hours(1);
/// As many jobs that were given up are shown.
const SHOWN: i64 = 200;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Makes a backup if one is due by the schedule of the node that does it; waits for the next.
    Backup,
    /// Makes evidence of the webhooks that wait.
    Deliveries,
    /// Forgets, every hour, what is only kept for a while, and tells of tokens that end soon.
    TidyUp,
    /// Writes and sends a letter.
    Mail(Letter),
    /// Fetches the page of a link, to keep what it says.
    Snapshot {
        /// The link.
        evidence: EvidenceId,
    },
}

impl Job {
    /// Its sort, as the record names it; nodes that do not know a sort leave it to others.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Deliveries => "deliveries",
            Self::TidyUp => "tidy_up",
            Self::Mail(_) => "mail",
            Self::Snapshot { .. } => "snapshot",
        }
    }

    /// The name under which only one of it waits; `None`: each is its own.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Backup | Self::TidyUp | Self::Deliveries => Some(self.kind().into()),
            Self::Mail(_) | Self::Snapshot { .. } => None,
        }
    }

    /// What it is, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Backup => "Make a backup".into(),
            Self::Deliveries => "Make evidence of webhooks".into(),
            Self::TidyUp => "Forget what is only kept for a while".into(),
            Self::Mail(_) => "Send a letter".into(),
            Self::Snapshot { .. } => "Keep what a linked page says".into(),
        }
    }
}

/// Asks for a job, to be done as soon as this transaction commits.
pub async fn enqueue(app: &App, tx: &mut Tx, job: &Job) -> Result<()> {
    enqueue_at(app, tx, job, app.now()).await
}

/// Asks for a job, to be done at `run_at` or soon after.
pub async fn enqueue_at(app: &App, tx: &mut Tx, job: &Job, run_at: Instant) -> Result<()> {
    let payload = serde_json::to_string(job).map_err(Error::internal)?;
    let (now, name) = (app.now(), job.name());
    let new = jobs::New {
        id: JobId::new(now, app.random()).0,
        kind: job.kind(),
        payload: &payload,
        name: name.as_deref(),
        made_at: now,
        run_at,
    };
    jobs::add(tx, &new).await?;
    // On PostgreSQL the commit wakes every node. On SQLite whoever wakes now waits in line behind this very
    // transaction.
    app.jobs_asked_for().notify_one();
    Ok(())
}

/// A job in this process's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    id: Uuid,
    claim: i64,
}

impl Held {
    /// Ends the job in the transaction that holds its changes. If somebody else has it by now, this fails, and
    /// with the transaction dropped nothing was changed.
    pub async fn finish(self, tx: &mut Tx) -> Result<()> {
        if jobs::finish(tx, self.id, self.claim).await? {
            Ok(())
        } else {
            Err(Error::Unavailable("Another process does this job by now. Nothing was changed.".into()))
        }
    }
}

/// A job that was given up, for administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Which one.
    pub id: JobId,
    /// What it is.
    pub what: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed the last time.
    pub why: String,
    /// When it was given up.
    pub at: Instant,
}

/// The jobs that did not succeed, newest first.
pub async fn given_up(app: &App, actor: &Actor) -> Result<Vec<GivenUp>> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let found = jobs::given_up(&mut tx, SHOWN).await?;
    Ok(found
        .into_iter()
        .map(|job| GivenUp {
            id: JobId(job.id),
            what: words(&job.payload),
            attempts: job.attempts,
            why: job.last_error,
            at: job.at,
        })
        .collect())
}

/// Lets a job that was given up begin anew.
pub async fn retry(app: &App, actor: &Actor, id: JobId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let payload = jobs::retry(&mut tx, id.0, app.now()).await?.ok_or(Error::NotFound)?;
    audit::record(&mut tx, app.now(), actor, "job.retry", &words(&payload), "{}").await?;
    tx.commit().await?;
    app.jobs_asked_for().notify_one();
    Ok(())
}

/// Leaves a job that was given up undone for good.
pub async fn forget(app: &App, actor: &Actor, id: JobId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let payload = jobs::forget(&mut tx, id.0).await?.ok_or(Error::NotFound)?;
    audit::record(&mut tx, app.now(), actor, "job.forget", &words(&payload), "{}").await?;
    tx.commit().await?;
    Ok(())
}

fn words(payload: &str) -> String {
    serde_json::from_str::<Job>(payload).map_or_else(|_| "A job of a later version".into(), |job| job.words())
}

/// How long to wait after so many attempts: twice as long each time, and by chance up to half of it less, so
/// that what failed together does not come back together. `chance` is any number.
fn wait(attempts: i64, chance: u64) -> Span {
    let doublings = attempts.clamp(1, 40) - 1;
    let whole = FIRST_WAIT.as_micros().saturating_mul(1 << doublings).min(LONGEST_WAIT.as_micros());
    let half = whole / 2;
    let by_chance = i64::try_from(chance % u64::try_from(half).unwrap_or(1).max(1)).unwrap_or(0);
    Span::micros(whole - by_chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_an_hour_and_vary_by_half() {
        for (attempts, longest) in [(0, 2), (1, 2), (2, 4), (5, 32), (11, 2_048), (12, 3_600), (99, 3_600)] {
            let whole = Span::seconds(longest).as_micros();
            for chance in [0, 1, 12_345_678_901, u64::MAX] {
                let wait = wait(attempts, chance).as_micros();
                assert!(wait > whole / 2 && wait <= whole, "{attempts} {chance}: {wait}");
            }
            assert_eq!(wait(attempts, 0).as_micros(), whole);
        }
    }

    #[test]
    fn a_job_reads_back_and_its_kind_is_the_one_in_its_payload() {
        for job in [Job::Backup, Job::TidyUp, Job::Deliveries] {
            let payload = serde_json::to_value(&job).unwrap();
            assert_eq!(payload["kind"], job.kind());
            assert_eq!(serde_json::from_value::<Job>(payload).unwrap(), job);
        }
    }
}
