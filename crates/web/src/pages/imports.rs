//! Bringing records in.

use crate::error::Answer;
use app::Error;

pub(crate) async fn new() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn upload() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn new_for_incident() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn upload_for_incident() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn show() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn start() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn progress() -> Answer {
    Err(Error::NotFound.into())
}
