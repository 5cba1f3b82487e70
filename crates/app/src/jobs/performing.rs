//! Each job, done.

use super::{Duties, Held, Job};
use crate::{App, Result};
use domain::{Instant, instant::Span};

/// What came of a job that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Done; it is to be ended.
    Done,
    /// Done and ended already, by [`Held::finish`].
    Ended,
    /// Done for now; the same job again at this instant.
    Again(Instant),
    /// It cannot succeed, however often it is tried; one sentence why.
    Never(String),
}

/// Does a job. An error is tried again later.
pub(super) async fn perform(app: &App, duties: &Duties, job: &Job, held: Held) -> Result<Then> {
    match job {
        Job::Backup => {
            let Some(schedule) = &duties.backups else {
                return Ok(Then::Never("No backups are scheduled here any more.".into()));
            };
            crate::backup::make_if_due(app, schedule).await?;
            Ok(Then::Again(app.now().plus(Span::minutes(1))))
        }
        // What is done is marked one by one, so whoever takes over goes on where this one stopped.
        Job::Deliveries => {
            crate::hooks::process(app).await?;
            Ok(Then::Done)
        }
        Job::TidyUp => {
            crate::repeats::tidy(app).await?;
            crate::tokens::tell_of_ends(app).await?;
            if let Some(kept) = duties.deliveries_kept {
                crate::hooks::forget_old(app, kept).await?;
            }
            Ok(Then::Again(app.now().plus(Span::hours(1))))
        }
        Job::Mail(letter) => crate::mail::deliver(app, letter).await,
        Job::Snapshot { evidence } => crate::timeline::snapshots::take(app, *evidence, held).await,
    }
}
