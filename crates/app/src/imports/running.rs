//! The imports at work in this process.

use super::{File, Order, Progress, run_as, uploads};
use crate::{App, Error, Result};
use domain::{ImportId, Instant, PersonId, access::Actor, instant::Span};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::imports;

/// How often other nodes are told.
const EVERY: Duration = Duration::from_secs(1);

/// How long an import that has ended is remembered here. What came of it is in the record for good.
const REMEMBERED: Span = Span::hours(1);

/// The imports at work in this process, for [`super::progress`].
#[derive(Debug, Default)]
pub struct Running {
    jobs: Mutex<HashMap<ImportId, Job>>,
}

#[derive(Debug)]
struct Job {
    person: Option<PersonId>,
    progress: Progress,
    ended_at: Option<Instant>,
}

impl Running {
    /// Takes note of an import that begins; `false` if it is at work already.
    pub(super) fn begin(&self, id: ImportId, person: Option<PersonId>, now: Instant) -> bool {
        let mut jobs = self.jobs();
        jobs.retain(|_, job| job.ended_at.is_none_or(|ended| now.since(ended) < REMEMBERED));
        if jobs.get(&id).is_some_and(|job| job.ended_at.is_none()) {
            return false;
        }
        let progress = Progress::Running { doing: "Reading the files".into(), share: 0.0 };
        jobs.insert(id, Job { person, progress, ended_at: None });
        true
    }

    /// Who began it and how far it is.
    pub(super) fn look(&self, id: ImportId) -> Option<(Option<PersonId>, Progress)> {
        self.jobs().get(&id).map(|job| (job.person, job.progress.clone()))
    }

    /// Whether its files are still needed.
    pub(super) fn at_work(&self, id: ImportId) -> bool {
        self.jobs().get(&id).is_some_and(|job| job.ended_at.is_none())
    }

    fn tell(&self, id: ImportId, progress: Progress, ended_at: Option<Instant>) {
        if let Some(job) = self.jobs().get_mut(&id) {
            (job.progress, job.ended_at) = (progress, ended_at);
        }
    }

    /// A panic elsewhere leaves the table of jobs whole, so poison is of no concern.
    fn jobs(&self) -> MutexGuard<'_, HashMap<ImportId, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says on record that an import begins, so that other nodes know of it, and the next process here.
pub(super) async fn put_on_record(app: &App, actor: &Actor, id: ImportId, files: &[File]) -> Result<()> {
    let import = imports::Import {
        id,
        person: actor.person,
        at: app.now(),
        files: files.iter().map(|file| file.name.clone()).collect(),
        outcome: String::new(),
    };
    let begun = async {
        let mut tx = app.db().write().await?;
        imports::begin(&mut tx, &import, "Reading the files").await?;
        tx.commit().await
    };
    if let Err(error) = begun.await {
        let message = "The record cannot be reached just now. Nothing was brought in.".to_owned();
        app.imports().tell(id, Progress::Failed { message }, Some(app.now()));
        return Err(error.into());
    }
    Ok(())
}

/// Says once a second on record how far it is, until it ends. Alone on the record nobody else asks, and the one
/// writer is busy with the import itself.
async fn keep_telling(app: App, id: ImportId) {
    while app.db().has_neighbours() {
        tokio::time::sleep(EVERY).await;
        let Some((_, Progress::Running { doing, share })) = app.imports().look(id) else { return };
        let told = async {
            let mut tx = app.db().write().await?;
            // At most a thousand, so nothing is cut off.
            imports::tell(&mut tx, id, &doing, (share * 1_000.0) as i64).await?;
            tx.commit().await
        };
        if let Err(error) = told.await {
            tracing::warn!(error = &error as &dyn std::error::Error, %id, "other nodes were not told of an import");
        }
    }
}

async fn put_failure_on_record(app: &App, id: ImportId, message: &str) {
    let failed = async {
        let mut tx = app.db().write().await?;
        imports::fail(&mut tx, id, message).await?;
        tx.commit().await
    };
    if let Err(error) = failed.await {
        tracing::warn!(error = &error as &dyn std::error::Error, %id, "why an import failed was not put on record");
    }
}

/// Brings an order in, in a task of its own.
pub(super) fn spawn(app: App, actor: Actor, id: ImportId, order: Order) {
    tokio::spawn(async move {
        let (at_work, whose) = (app.clone(), actor);
        let telling = tokio::spawn(keep_telling(app.clone(), id));
        // A task within the task: even a fault of ours ends in words instead of an import that never ends.
        let work = tokio::spawn(async move {
            let teller = at_work.clone();
            run_as(&at_work, &whose, id, order, &mut |progress| teller.imports().tell(id, progress, None))
                .await
        });
        let outcome = work.await.unwrap_or_else(|fault| Err(Error::internal(fault)));
        let progress = match outcome {
            Ok(outcome) => {
                uploads::remove(&app, id).await;
                Progress::Done(outcome)
            }
            Err(error) => {
                if let Error::Internal { cause, .. } = &error {
                    tracing::error!(error = &**cause as &dyn std::error::Error, %id, "an import failed");
                }
                let message = error.to_string();
                put_failure_on_record(&app, id, &message).await;
                Progress::Failed { message }
            }
        };
        telling.abort();
        app.imports().tell(id, progress, Some(app.now()));
    });
}
