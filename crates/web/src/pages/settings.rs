//! Settings.

use crate::error::Answer;
use app::Error;

pub(crate) async fn show() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn update_me() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn edit_workspace() -> Answer {
    Err(Error::NotFound.into())
}
