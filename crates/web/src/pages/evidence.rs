//! Evidence of an incident.

use crate::error::Answer;
use app::Error;

pub(crate) async fn list() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn show() -> Answer {
    Err(Error::NotFound.into())
}
