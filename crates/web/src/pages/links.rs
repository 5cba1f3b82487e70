//! One-time links.

use crate::error::Answer;
use app::Error;

pub(crate) async fn show() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn use_link() -> Answer {
    Err(Error::NotFound.into())
}
