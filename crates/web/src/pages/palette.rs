//! What the command palette and mentions find.

use crate::error::Answer;
use app::Error;

pub(crate) async fn find() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn mentions() -> Answer {
    Err(Error::NotFound.into())
}
