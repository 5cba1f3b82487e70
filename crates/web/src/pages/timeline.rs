//! Events of a timeline.

use crate::error::Answer;
use app::Error;

pub(crate) async fn new() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn add() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn form() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn edit() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn hide() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn choose_instant() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn take() -> Answer {
    Err(Error::NotFound.into())
}
