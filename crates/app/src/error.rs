//! How an act can end other than well: eight kinds, of which only one is our fault.

use domain::{Instant, instant::Span};
use std::future::Future;

/// The outcome of an act.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an act did not happen. The text of each is for people: what happened, what was kept, what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the actor may not know that there is.
    #[error("There is nothing here.")]
    NotFound,
    /// The actor may not do this.
    #[error("Your role does not allow this. Nothing was changed.")]
    Forbidden,
    /// The actor may, but did not prove lately that it is them.
    #[error("Confirm that it is you, then do this again. Nothing was changed.")]
    ProveFirst,
    /// What was given cannot be used.
    #[error("{message}")]
    Invalid {
        /// The name of the form field, if it is one field's matter.
        field: Option<&'static str>,
        /// One sentence for the person who gave it.
        message: String,
    },
    /// The state of things does not allow it now.
    #[error("{message}")]
    Conflict {
        /// One sentence with the reason.
        message: String,
        /// When it will be possible, if time alone helps.
        opens_at: Option<Instant>,
    },
    /// Many tries came in; trying later helps. Says the same whatever was tried.
    #[error("Many tries came in for this address or from this place. Wait {wait} and try again.")]
    Slowed {
        /// For how long, at least a second.
        wait: Span,
    },
    /// Something outside cannot be reached or has no room; trying later may help.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours. The cause goes to the log, never to a page.
    #[error("Something went wrong on our side. {}", if *.kept { LOOK_FIRST } else { "Nothing was changed." })]
    Internal {
        /// What failed.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
        /// Whether something was committed before that, so that the change may be there.
        kept: bool,
    },
}

/// What to do where nobody can say whether a change was made.
const LOOK_FIRST: &str = "Look whether your change is there before you make it again.";

/// Runs what somebody asked for; an error in it that comes after a commit does not say that nothing was changed.
pub async fn carrying_out<F: Future>(work: F) -> F::Output {
    store::remembering(work).await
}

impl Error {
    /// What was given in `field` cannot be used.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field: Some(field), message: message.into() }
    }

    /// The state of things does not allow it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into(), opens_at: None }
    }

    /// Somebody else changed it since it was read.
    pub fn changed_meanwhile() -> Self {
        Self::conflict(
            "Somebody changed this while you were at it. Your text is kept below; look at both and save again.",
        )
    }

    /// A fault of ours with its cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal { cause: cause.into(), kept: store::has_kept() }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(_) if !store::has_kept() => {
                tracing::error!(error = &error as &dyn std::error::Error, "the record cannot be reached");
                Self::Unavailable(
                    "The record cannot be reached just now. Nothing was changed; try again in a minute."
                        .into(),
                )
            }
            // An act whose answer could not be read is as unsure to whoever asked as one whose commit broke.
            store::Error::Unavailable(_) | store::Error::Unsure(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an act may have been made or not");
                Self::Unavailable(format!("The record stopped answering while it kept this. {LOOK_FIRST}"))
            }
            other => Self::internal(other),
        }
    }
}
