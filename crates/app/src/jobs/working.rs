//! Takes jobs as they become due, does a few at once, and lets go of them in order when asked to stop.

use super::{ATTEMPTS, Held, Job, Then, performing::perform, wait};
use crate::{App, Error, Result, backup::Schedule};
use domain::instant::Span;
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use store::jobs::{self, Claimed};
use tokio::sync::{Semaphore, watch};

/// Whoever says nothing for so long has lost a job to others.
const LEASE: Duration = Duration::from_secs(60);
/// How often a job that is being done is held anew.
const RENEWAL: Duration = Duration::from_secs(20);
/// The longest sleep: what nobody woke us for, such as a job whose process died, is found by then.
const LOOK: Duration = Duration::from_secs(15);
/// After the record could not be asked.
const PAUSE: Duration = Duration::from_secs(1);
/// As many are done at once.
const AT_ONCE: usize = 4;

/// Which jobs this node does, and with what.
#[derive(Debug, Clone, Default)]
pub struct Duties {
    /// Backups by schedule; `None`: other nodes may make them.
    pub backups: Option<Schedule>,
    /// How long webhooks are kept as they came; `None`: for good.
    pub deliveries_kept: Option<Span>,
}

impl Duties {
    /// The sorts of jobs that this node does; letters only where a mail server is set.
    fn kinds(&self, app: &App) -> Vec<&'static str> {
        let mail = crate::mail::is_set(app).then_some("mail");
        let snapshots = app.way_out().map(|_| "snapshot");
        self.standing().iter().map(Job::kind).chain(mail).chain(snapshots).collect()
    }

    /// Jobs that always wait for their time, and those for which a restored record can hold something to do.
    fn standing(&self) -> Vec<Job> {
        self.backups.as_ref().map(|_| Job::Backup).into_iter().chain([Job::TidyUp, Job::Deliveries]).collect()
    }
}

/// The jobs of this process while it serves.
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Workers {
    /// Begins to do jobs.
    pub fn start(app: App, duties: Duties) -> Self {
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(work(app, Arc::new(duties), stopping));
        Self { stop, task }
    }

    /// Takes no more jobs and waits for those at work, at most for `patience`. What is not done by then is done by
    /// another process, or by the next one here, when its lease has ended.
    pub async fn stop(self, patience: Duration) {
        let _ = self.stop.send(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(patience, self.task).await.is_err() {
            tracing::warn!("jobs that were at work are left to the next process");
            abort.abort();
        }
    }
}

async fn work(app: App, duties: Arc<Duties>, mut stopping: watch::Receiver<bool>) {
    let kinds = duties.kinds(&app);
    if let Err(error) = begin(&app, &duties).await {
        tracing::error!(error = &error as &dyn std::error::Error, "standing jobs were not begun");
    }
    let places = Arc::new(Semaphore::new(AT_ONCE));
    // Dropping the set aborts what it holds; waiting for every place ends it in order.
    let mut at_work = tokio::task::JoinSet::new();
    while !*stopping.borrow() {
        while at_work.try_join_next().is_some() {}
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            _ = stopping.changed() => break,
        };
        let sleep = match claim(&app, &kinds).await {
            Ok(Some(claimed)) => {
                let (app, duties) = (app.clone(), Arc::clone(&duties));
                at_work.spawn(async move {
                    let _place = place;
                    do_one(&app, &duties, claimed).await;
                });
                continue;
            }
            Ok(None) => until_next(&app, &kinds).await,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "jobs cannot be looked for just now"
                );
                PAUSE
            }
        };
        drop(place);
        tokio::select! {
            () = app.jobs_asked_for().notified() => {}
            () = tokio::time::sleep(sleep) => {}
            _ = stopping.changed() => break,
        }
    }
    while at_work.join_next().await.is_some() {}
}

/// Does everything that is due now, one after the other; how many were begun. For tests and commands.
pub async fn run_due(app: &App, duties: &Duties) -> Result<u64> {
    let kinds = duties.kinds(app);
    let mut begun = 0;
    while let Some(claimed) = claim(app, &kinds).await? {
        do_one(app, duties, claimed).await;
        begun += 1;
    }
    Ok(begun)
}

async fn begin(app: &App, duties: &Duties) -> Result<()> {
    for job in duties.standing() {
        let mut tx = app.db().write().await?;
        super::enqueue(app, &mut tx, &job).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn claim(app: &App, kinds: &[&str]) -> Result<Option<Claimed>> {
    if kinds.is_empty() {
        return Ok(None);
    }
    let mut tx = app.db().write().await?;
    let claimed = jobs::claim(&mut tx, kinds, app.now(), micros(LEASE)).await?;
    if claimed.is_some() {
        tx.commit().await?;
    }
    Ok(claimed)
}

async fn until_next(app: &App, kinds: &[&str]) -> Duration {
    let next = async {
        if kinds.is_empty() {
            return Ok(None);
        }
        jobs::next_at(&mut app.db().read().await?, kinds).await
    };
    match next.await {
        Ok(Some(at)) => {
            let micros = u64::try_from(at.since(app.now()).as_micros()).unwrap_or(0);
            Duration::from_micros(micros).min(LOOK)
        }
        _ => LOOK,
    }
}

/// Does one job and says what came of it; whatever happens to it, this returns.
async fn do_one(app: &App, duties: &Duties, claimed: Claimed) {
    let held = Held { id: claimed.id, claim: claimed.claim };
    let outcome = tokio::select! {
        outcome = attempt(app, duties, &claimed, held) => outcome,
        () = hold(app, held) => {
            tracing::warn!(job = %claimed.id, "a job was lost to another process");
            return;
        }
    };
    if let Err(error) = settle(app, &claimed, held, outcome).await {
        tracing::warn!(job = %claimed.id, error = &error as &dyn std::error::Error, "what came of a job was not kept; it is done again");
    }
}

async fn attempt(app: &App, duties: &Duties, claimed: &Claimed, held: Held) -> Result<Then> {
    if claimed.attempts > ATTEMPTS {
        return Ok(Then::Never(format!("It was begun {} times and never ended.", claimed.attempts - 1)));
    }
    let job: Job = match serde_json::from_str(&claimed.payload) {
        Ok(job) => job,
        Err(error) => return Ok(Then::Never(format!("It cannot be read: {error}."))),
    };
    // A job that panics fails like any other.
    let (app, duties) = (app.clone(), duties.clone());
    let doing = tokio::spawn(async move { perform(&app, &duties, &job, held).await });
    let aborted = AbortOnDrop(doing.abort_handle());
    let done = doing.await;
    drop(aborted);
    done.map_err(Error::internal)?
}

/// Whoever gives a job up gives up what was begun for it.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Holds a job anew again and again; returns when it is lost.
async fn hold(app: &App, held: Held) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let renewed = async {
            let mut tx = app.db().write().await?;
            let renewed = jobs::renew(&mut tx, held.id, held.claim, micros(LEASE)).await?;
            tx.commit().await?;
            Ok::<_, store::Error>(renewed)
        };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a job cannot be held anew just now"
                );
            }
        }
    }
}

async fn settle(app: &App, claimed: &Claimed, held: Held, outcome: Result<Then>) -> Result<()> {
    let counted = app.counted();
    let now = app.now();
    let mut tx = app.db().write().await?;
    let kept = match outcome {
        Ok(Then::Ended) => {
            counted.jobs_done.fetch_add(1, Relaxed);
            return Ok(());
        }
        Ok(Then::Done) => {
            counted.jobs_done.fetch_add(1, Relaxed);
            jobs::finish(&mut tx, held.id, held.claim).await?
        }
        Ok(Then::Again(at)) => {
            counted.jobs_done.fetch_add(1, Relaxed);
            jobs::rest(&mut tx, held.id, held.claim, at).await?
        }
        Ok(Then::Never(why)) => {
            counted.jobs_given_up.fetch_add(1, Relaxed);
            tracing::error!(job = %claimed.payload, why, "a job was given up");
            jobs::give_up(&mut tx, held.id, held.claim, &why, now).await?
        }
        Err(error) => {
            counted.jobs_failed.fetch_add(1, Relaxed);
            let why = sentence(&error);
            if claimed.attempts >= ATTEMPTS {
                counted.jobs_given_up.fetch_add(1, Relaxed);
                tracing::error!(job = %claimed.id, why, "a job was given up");
                jobs::give_up(&mut tx, held.id, held.claim, &why, now).await?
            } else {
                let chance = u64::from_le_bytes(app.random());
                let again = now.plus(wait(claimed.attempts, chance));
                tracing::warn!(job = %claimed.id, why, attempts = claimed.attempts, "a job failed and is tried again");
                jobs::fail(&mut tx, held.id, held.claim, &why, again).await?
            }
        }
    };
    tx.commit().await?;
    if !kept {
        tracing::warn!(job = %claimed.id, "a job that was done here was taken over by another process");
    }
    Ok(())
}

/// The error with its causes; administrators see it, and so it is short.
fn sentence(error: &Error) -> String {
    let mut text = match error {
        Error::Internal { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    if text.chars().count() > 500 {
        text = text.chars().take(499).chain(['…']).collect();
    }
    text
}

fn micros(duration: Duration) -> i64 {
    Span::seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 1_000_000)).as_micros()
}
