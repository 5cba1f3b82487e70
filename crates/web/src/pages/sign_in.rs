//! Signing in and out.

use crate::error::Answer;
use app::Error;

pub(crate) async fn form() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn sign_in() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn sign_out() -> Answer {
    Err(Error::NotFound.into())
}
