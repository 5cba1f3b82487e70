//! Why a command ended: one sentence for whoever typed it.

use std::fmt;

/// What a command says before it ends with status 1.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A sentence of one's own.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// What went wrong elsewhere, in its own words.
    pub fn typed(error: impl fmt::Display) -> Self {
        Self(format!("{error}."))
    }

    /// What the system said.
    pub fn system(error: std::io::Error) -> Self {
        Self(format!("{error}."))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        match &error {
            // On the command line the cause helps whoever looks after the installation.
            app::Error::Internal { cause, .. } => Self(format!("{error} The cause: {cause}.")),
            other => Self(other.to_string()),
        }
    }
}

impl From<app::StartError> for Failure {
    fn from(error: app::StartError) -> Self {
        Self(error.to_string())
    }
}

impl From<importers::ImportError> for Failure {
    fn from(error: importers::ImportError) -> Self {
        Self(error.to_string())
    }
}
