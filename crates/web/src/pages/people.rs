//! People of the workspace.

use crate::error::Answer;
use app::Error;

pub(crate) async fn list() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn invite() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn set_role() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn deactivate() -> Answer {
    Err(Error::NotFound.into())
}
