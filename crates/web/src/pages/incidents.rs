//! Incidents.

use crate::error::Answer;
use app::Error;

pub(crate) async fn list() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn new() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn declare() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn show() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn form() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn edit() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn mitigate() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn resolve() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn reopen() -> Answer {
    Err(Error::NotFound.into())
}
