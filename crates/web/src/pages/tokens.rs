//! API tokens.

use crate::error::Answer;
use app::Error;

pub(crate) async fn create() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn revoke() -> Answer {
    Err(Error::NotFound.into())
}
