//! The imports at work in this process.

use super::{Order, Progress, run_as, uploads};
use crate::{App, Error};
use domain::{ImportId, Instant, PersonId, access::Actor, instant::Span};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

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

/// Brings an order in, in a task of its own.
pub(super) fn spawn(app: App, actor: Actor, id: ImportId, order: Order) {
    tokio::spawn(async move {
        let (at_work, whose) = (app.clone(), actor);
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
                if let Error::Internal(cause) = &error {
                    tracing::error!(error = &**cause as &dyn std::error::Error, %id, "an import failed");
                }
                Progress::Failed { message: error.to_string() }
            }
        };
        app.imports().tell(id, progress, Some(app.now()));
    });
}
