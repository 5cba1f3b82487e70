//! The socket of a shared document.

use crate::error::Answer;
use app::Error;

pub(crate) async fn join() -> Answer {
    Err(Error::NotFound.into())
}
