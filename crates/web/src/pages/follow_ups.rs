//! Ideas and follow-ups.

use crate::error::Answer;
use app::Error;

pub(crate) async fn list() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn add() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn commit() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn finish() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn drop() -> Answer {
    Err(Error::NotFound.into())
}
